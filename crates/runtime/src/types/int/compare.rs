//! Order and hash.

use std::cmp::Ordering;

use dashu_int::UBig;
use taipan_text::float::integer_ratio;
use taipan_text::hash;

use super::arith::with_big;
use super::{IntRef, get};
use crate::core::{R, Value};
use crate::types::type_::CmpOp;
use crate::vm::Vm;

/// Compares two ints.
#[inline]
pub fn cmp(x: IntRef<'_>, y: IntRef<'_>) -> Ordering {
    match (x, y) {
        (IntRef::Small(x), IntRef::Small(y)) => x.cmp(&y),
        (x, y) => with_big(x, y, |x, y| x.cmp(y)),
    }
}

/// The slot: `NotImplemented` for what is no int.
pub(super) fn rich(_vm: &Vm, a: &Value, b: &Value, op: CmpOp) -> R {
    Ok(match (get(a), get(b)) {
        (Some(x), Some(y)) => Value::bool(op.matches(cmp(x, y))),
        _ => Value::NOT_IMPLEMENTED,
    })
}

/// Compares an int with a float, exactly. `None` if the float is NaN.
pub fn cmp_float(n: IntRef<'_>, x: f64) -> Option<Ordering> {
    if n.bits() <= 53 {
        return (n.to_i64()? as f64).partial_cmp(&x);
    }
    let Some((negative, mantissa, exponent)) = integer_ratio(x) else {
        // Infinities lie beyond every int; NaN is nowhere.
        return 0.0.partial_cmp(&x);
    };
    if mantissa == 0 || n.is_negative() != negative {
        return Some(if n.is_negative() {
            Ordering::Less
        } else {
            Ordering::Greater
        });
    }
    // Same sign: by the sizes, then exactly. A float of more than 53 bits has no fraction.
    let size = i64::from(64 - mantissa.leading_zeros()) + i64::from(exponent);
    let order = match (n.bits() as i64).cmp(&size) {
        Ordering::Equal => {
            let whole = UBig::from(mantissa) << exponent.max(0) as usize;
            n.to_big().into_parts().1.cmp(&whole)
        }
        other => other,
    };
    Some(if negative { order.reverse() } else { order })
}

/// The hash of an int in the word.
#[inline(always)]
pub fn hash_small(n: i64) -> i64 {
    if n.unsigned_abs() < hash::MODULUS {
        return if n == -1 { -2 } else { n };
    }
    hash::hash_int(n)
}

/// The hash of an int.
#[inline]
pub fn hash_value(n: IntRef<'_>) -> i64 {
    match n {
        IntRef::Small(n) => hash_small(n),
        IntRef::Big(b) => hash::hash_big(b),
    }
}

#[cfg(test)]
mod tests {
    use dashu_int::IBig;

    use super::*;

    #[test]
    fn with_floats() {
        let big = |s: &str| s.parse::<IBig>().expect("a number");
        let at = |n: &IBig, x| cmp_float(IntRef::Big(n), x);
        let n = big("9007199254740993");
        assert_eq!(at(&n, 9007199254740992.0), Some(Ordering::Greater));
        assert_eq!(at(&n, 9007199254740994.0), Some(Ordering::Less));
        assert_eq!(at(&-&n, -9007199254740992.0), Some(Ordering::Less));
        assert_eq!(at(&n, f64::INFINITY), Some(Ordering::Less));
        assert_eq!(at(&-&n, f64::NEG_INFINITY), Some(Ordering::Greater));
        assert_eq!(at(&n, f64::NAN), None);
        assert_eq!(at(&n, 0.5), Some(Ordering::Greater));
        assert_eq!(at(&n, -0.5), Some(Ordering::Greater));
        assert_eq!(at(&(IBig::ONE << 1023), f64::MAX), Some(Ordering::Less));
        assert_eq!(at(&(IBig::ONE << 1024), f64::MAX), Some(Ordering::Greater));
        assert_eq!(at(&IBig::from(3), 2.5), Some(Ordering::Greater));
        assert_eq!(at(&IBig::from(2), 2.5), Some(Ordering::Less));
        assert_eq!(at(&IBig::from(-2), -2.5), Some(Ordering::Greater));
        assert_eq!(at(&IBig::ZERO, 0.0), Some(Ordering::Equal));
        assert_eq!(at(&IBig::ZERO, -1.0), Some(Ordering::Greater));
    }
}
