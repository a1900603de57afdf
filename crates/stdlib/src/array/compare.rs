//! Comparison of arrays.

use std::cmp::Ordering;

use taipan_runtime::core::{R, Value};
use taipan_runtime::types::type_::CmpOp;
use taipan_runtime::vm::Vm;

use super::store::Array;

/// The order of two arrays of the same type code whose items are no floats.
fn order(a: &Array, b: &Array) -> Ordering {
    let (x, y) = (a.data().borrow(), b.data().borrow());
    macro_rules! by {
        ($t:ty, $n:literal) => {{
            let (x, y) = (x.as_chunks::<$n>().0, y.as_chunks::<$n>().0);
            x.iter().map(|c| <$t>::from_ne_bytes(*c)).cmp(y.iter().map(|c| <$t>::from_ne_bytes(*c)))
        }};
    }
    match (a.code().is_signed(), a.code().size()) {
        (false, 1) => x.as_slice().cmp(&y),
        (true, 1) => by!(i8, 1),
        (false, 2) => by!(u16, 2),
        (true, 2) => by!(i16, 2),
        (false, 4) => by!(u32, 4),
        (true, 4) => by!(i32, 4),
        (false, _) => by!(u64, 8),
        (true, _) => by!(i64, 8),
    }
}

/// A comparison of two arrays.
///
/// Raises what comparing items raises.
pub fn compare(vm: &Vm, a: &Array, b: &Array, op: CmpOp) -> R {
    if matches!(op, CmpOp::Eq | CmpOp::Ne) && a.len() != b.len() {
        return Ok(Value::bool(op == CmpOp::Ne));
    }
    if a.code() == b.code() && !a.code().is_float() {
        if matches!(op, CmpOp::Eq | CmpOp::Ne) {
            let same = *a.data().borrow() == *b.data().borrow();
            return Ok(Value::bool(same == (op == CmpOp::Eq)));
        }
        return Ok(Value::bool(op.matches(order(a, b))));
    }
    let mut i = 0;
    while let (Some(x), Some(y)) = (a.get(vm, i)?, b.get(vm, i)?) {
        if !vm.eq(&x, &y)? {
            return match op {
                CmpOp::Eq => Ok(Value::FALSE),
                CmpOp::Ne => Ok(Value::TRUE),
                _ => vm.compare(&x, &y, op),
            };
        }
        i += 1;
    }
    Ok(Value::bool(op.matches(a.len().cmp(&b.len()))))
}
