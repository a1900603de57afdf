//! `round(n, digits)`.

use dashu_int::IBig;

use super::arith::{divmod_big, with_big};
use super::{IntRef, exact, from_big, get};
use crate::core::{R, Value};
use crate::vm::Vm;

/// The multiple of `10 ** -digits` nearest to the number, ties to even.
///
/// Raises what `__index__` of `digits` raises.
pub(super) fn round(vm: &Vm, this: &Value, n: IntRef<'_>, digits: &Value) -> R {
    let digits = super::index(vm, digits)?;
    let whole = || Ok(exact(this).unwrap_or(Value::NONE));
    let Some(places) = get(&digits).filter(|d| d.is_negative()) else {
        return whole();
    };
    let Some(places) = places.to_i64().map(i64::unsigned_abs) else {
        return Ok(Value::small(0));
    };
    // 10 ** places is more than twice the number: nothing is left. 3.32 bits are a digit.
    if places.saturating_mul(3) > n.bits() as u64 + 2 {
        return Ok(Value::small(0));
    }
    let unit = super::pow::power(vm, IntRef::Small(10), IntRef::Small(places as i64))?;
    with_big(n, IntRef::Big(&unit), |n, unit| {
        nearest_multiple(vm, n, unit)
    })
    .map(from_big)
}

/// The multiple of `unit` (which is positive) nearest to `n`, an even one on a tie.
fn nearest_multiple(vm: &Vm, n: &IBig, unit: &IBig) -> R<IBig> {
    let (q, r) = divmod_big(vm, n, unit)?;
    let twice = &r << 1usize;
    let odd = q.as_sign_words().1.first().is_some_and(|w| w & 1 == 1);
    Ok(if twice > *unit || twice == *unit && odd {
        n - r + unit
    } else {
        n - r
    })
}

/// Set bits of the magnitude.
pub(super) fn bit_count(n: IntRef<'_>) -> usize {
    match n {
        IntRef::Small(n) => n.unsigned_abs().count_ones() as usize,
        IntRef::Big(b) => super::arith::ones(b),
    }
}
