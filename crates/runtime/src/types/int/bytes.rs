//! `to_bytes` and `from_bytes`.

use dashu_int::{IBig, UBig};

use super::{IntRef, from_big};
use crate::core::{R, Value};
use crate::types::bytes::{self, construct};
use crate::vm::{Vm, names};

/// The order of bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Little,
    Big,
}

/// The order by its name.
///
/// Raises ValueError.
pub(super) fn order(vm: &Vm, name: &str) -> R<Order> {
    match name {
        "little" => Ok(Order::Little),
        "big" => Ok(Order::Big),
        _ => Err(vm.value_error("byteorder must be either 'little' or 'big'")),
    }
}

/// The number as `length` bytes, in two's complement where negative.
///
/// Raises OverflowError if it does not fit or is negative and not `signed`; MemoryError.
pub(super) fn to_bytes(
    vm: &Vm,
    n: IntRef<'_>,
    length: usize,
    order: Order,
    signed: bool,
) -> R<Vec<u8>> {
    let negative = n.is_negative();
    if negative && !signed {
        return Err(vm.overflow_error("can't convert negative int to unsigned"));
    }
    // For -2^k the complement's bits are k, one fewer than the magnitude's.
    let bits = match n {
        IntRef::Small(n) if n < 0 => 64 - (!n).leading_zeros() as usize,
        IntRef::Big(b) if negative => super::bits(&!b),
        n => n.bits(),
    };
    let needed = bits + usize::from(signed);
    if needed > length.saturating_mul(8) && !(n.is_zero()) {
        return Err(vm.overflow_error("int too big to convert"));
    }
    vm.check_room(length)?;
    let fill = if negative { 0xff } else { 0 };
    let mut out = vec![fill; length];
    let mut put = |bytes: &mut dyn Iterator<Item = u8>| {
        for (to, b) in out.iter_mut().zip(bytes) {
            *to = b;
        }
    };
    match n {
        IntRef::Small(n) => put(&mut n.to_le_bytes().into_iter()),
        IntRef::Big(b) if negative => put(&mut (!b)
            .as_sign_words()
            .1
            .iter()
            .flat_map(|w| (!w).to_le_bytes())),
        IntRef::Big(b) => put(&mut b.as_sign_words().1.iter().flat_map(|w| w.to_le_bytes())),
    }
    if order == Order::Big {
        out.reverse();
    }
    Ok(out)
}

/// The bytes that an object is or gives: by `__bytes__`, a buffer, or iteration over ints.
///
/// Raises TypeError for other objects.
pub(super) fn of_object(vm: &Vm, v: &Value) -> R<Vec<u8>> {
    if v.downcast_exact::<bytes::Bytes>().is_none()
        && let Some(r) = vm.call_special(v, &names().__bytes__, &[])?
    {
        return match bytes::get(&r) {
            Some(data) => Ok(data.to_vec()),
            None => Err(vm.type_error(format!(
                "__bytes__ returned non-bytes (type {})",
                r.ty().tp_name()
            ))),
        };
    }
    construct::from_object(vm, v, "bytes", "bytes")
}

/// The number that bytes stand for.
pub(super) fn from_bytes(bytes: &[u8], order: Order, signed: bool) -> Value {
    let top = match order {
        Order::Little => bytes.last(),
        Order::Big => bytes.first(),
    };
    let negative = signed && top.is_some_and(|b| b & 0x80 != 0);
    let fill = if negative { 0xff } else { 0 };
    if bytes.len() <= 8 {
        let mut word = [fill; 8];
        for (i, b) in bytes.iter().enumerate() {
            let to = if order == Order::Little {
                i
            } else {
                bytes.len() - 1 - i
            };
            word[to] = *b;
        }
        return if signed || word[7] < 0x80 {
            Value::from(i64::from_le_bytes(word))
        } else {
            Value::from(u64::from_le_bytes(word))
        };
    }
    let magnitude = match order {
        Order::Little => UBig::from_le_bytes(bytes),
        Order::Big => UBig::from_be_bytes(bytes),
    };
    let n = IBig::from(magnitude);
    from_big(if negative {
        n - (IBig::ONE << (bytes.len() * 8))
    } else {
        n
    })
}
