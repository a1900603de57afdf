//! `<<` and `>>`.

use dashu_int::IBig;

use super::arith::both;
use super::{IntRef, from_big};
use crate::core::{R, Raised, Value};
use crate::vm::Vm;

/// Numbers of more bits than this are refused even where the system would give the memory.
const MAX_BITS: u64 = 1 << 36;

#[cold]
fn negative_count(vm: &Vm) -> Raised {
    vm.value_error("negative shift count")
}

/// `a << b`
///
/// Raises ValueError for a negative count, OverflowError or MemoryError for one that is too large.
#[inline]
pub fn lshift(vm: &Vm, a: &Value, b: &Value) -> R {
    let Some((x, y)) = both(a, b) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    if y.is_negative() {
        return Err(negative_count(vm));
    }
    if x.is_zero() {
        return Ok(Value::small(0));
    }
    let Some(n) = y.to_i64() else {
        return Err(vm.overflow_error("too many digits in integer"));
    };
    if let IntRef::Small(x) = x
        && n < 63
        && (x << n) >> n == x
    {
        return Ok(Value::from(x << n));
    }
    shifted(vm, x, n as u64).map(from_big)
}

/// `x << n` as a big number.
///
/// Raises MemoryError.
#[inline(never)]
pub(super) fn shifted(vm: &Vm, x: IntRef<'_>, n: u64) -> R<IBig> {
    let total = n.saturating_add(x.bits() as u64);
    if total > MAX_BITS {
        return Err(vm.memory_error());
    }
    vm.check_room(total as usize / 8)?;
    Ok(match x {
        IntRef::Small(x) => IBig::from(x) << n as usize,
        IntRef::Big(x) => x << n as usize,
    })
}

/// `a >> b`
///
/// Raises ValueError for a negative count.
#[inline]
pub fn rshift(vm: &Vm, a: &Value, b: &Value) -> R {
    let Some((x, y)) = both(a, b) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    if y.is_negative() {
        return Err(negative_count(vm));
    }
    let all = Value::small(if x.is_negative() { -1 } else { 0 });
    let Some(n) = y.to_i64() else { return Ok(all) };
    Ok(match x {
        IntRef::Small(x) => Value::from(x >> n.min(63)),
        IntRef::Big(_) if n as u64 >= x.bits() as u64 => all,
        IntRef::Big(b) => from_big(b >> n as usize),
    })
}
