//! Operators on floats; the other side may be an int.

use crate::core::{R, Raised, Value};
use crate::types::exceptions as exc;
use crate::types::{complex, int, str};
use crate::vm::Vm;

/// A float or an int as f64; `None` for anything else.
///
/// Raises OverflowError for an int beyond the range.
#[inline(always)]
pub(crate) fn operand(vm: &Vm, v: &Value) -> R<Option<f64>> {
    if let Some(x) = v.as_inline_float() {
        return Ok(Some(x));
    }
    if let Some(n) = v.as_small() {
        return Ok(Some(n as f64));
    }
    operand_slow(vm, v)
}

#[cold]
fn operand_slow(vm: &Vm, v: &Value) -> R<Option<f64>> {
    if let Some(x) = super::get(v) {
        return Ok(Some(x));
    }
    match int::get(v) {
        Some(n) => super::from_int(vm, n).map(Some),
        None => Ok(None),
    }
}

/// An operator on two numbers; `NotImplemented` if one is none.
#[inline(always)]
pub(super) fn binary(vm: &Vm, a: &Value, b: &Value, f: impl FnOnce(f64, f64) -> R) -> R {
    let Some(x) = operand(vm, a)? else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    let Some(y) = operand(vm, b)? else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    f(x, y)
}

#[cold]
pub(super) fn zero_division(vm: &Vm) -> Raised {
    vm.zero_division_error("division by zero")
}

/// `x % y`, with the sign of `y`, which is not zero.
#[inline]
pub fn modulo(x: f64, y: f64) -> f64 {
    let r = x % y;
    if r == 0.0 {
        // The sign of zero is the divisor's too.
        return 0.0f64.copysign(y);
    }
    if (y < 0.0) != (r < 0.0) { r + y } else { r }
}

/// `(x // y, x % y)`; `y` is not zero.
pub fn divmod(x: f64, y: f64) -> (f64, f64) {
    let r = x % y;
    // Close to a whole number; the division is exact but for rounding.
    let mut q = (x - r) / y;
    let r = if r == 0.0 {
        0.0f64.copysign(y)
    } else if (y < 0.0) != (r < 0.0) {
        q -= 1.0;
        r + y
    } else {
        r
    };
    if q == 0.0 {
        return (0.0f64.copysign(x / y), r);
    }
    let whole = q.floor();
    (if q - whole > 0.5 { whole + 1.0 } else { whole }, r)
}

fn is_odd(x: f64) -> bool {
    (x % 2.0).abs() == 1.0
}

/// OverflowError as the C library's error number tells it.
#[cold]
fn out_of_range(vm: &Vm) -> Raised {
    let args = vec![
        Value::small(34),
        str::from_str("Numerical result out of range"),
    ];
    vm.raise_new(exc::OVERFLOW_ERROR.get(), args)
}

/// `x ** y`; a fraction of a negative number is complex.
///
/// Raises ZeroDivisionError for zero to a negative power, OverflowError beyond the range.
pub fn power(vm: &Vm, x: f64, y: f64) -> R {
    if x < 0.0 && x.is_finite() && y.is_finite() && y != y.floor() {
        return complex::power(vm, (x, 0.0), (y, 0.0));
    }
    real_power(vm, x, y).map(Value::from)
}

fn real_power(vm: &Vm, x: f64, y: f64) -> R<f64> {
    // What C libraries disagree on (or did) is decided here.
    if y == 0.0 || x == 1.0 {
        return Ok(1.0);
    }
    if x.is_nan() || y.is_nan() {
        return Ok(if x.is_nan() { x } else { y });
    }
    if y.is_infinite() {
        let size = x.abs();
        return Ok(if size == 1.0 {
            1.0
        } else if (y > 0.0) == (size > 1.0) {
            f64::INFINITY
        } else {
            0.0
        });
    }
    let odd = is_odd(y);
    if x.is_infinite() {
        let size = if y > 0.0 { f64::INFINITY } else { 0.0 };
        return Ok(if odd { size.copysign(x) } else { size });
    }
    if x == 0.0 {
        if y < 0.0 {
            return Err(vm.zero_division_error("zero to a negative power"));
        }
        return Ok(if odd { x } else { 0.0 });
    }
    let size = x.abs().powf(y);
    if size.is_infinite() {
        return Err(out_of_range(vm));
    }
    Ok(if odd && x < 0.0 { -size } else { size })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding() {
        assert_eq!(divmod(5.5, -3.0), (-2.0, -0.5));
        assert_eq!(divmod(-5.0, f64::INFINITY), (-1.0, f64::INFINITY));
        let (q, r) = divmod(-0.0, 3.0);
        assert!(q == 0.0 && q.is_sign_negative() && r == 0.0 && r.is_sign_positive());
        assert!(modulo(f64::INFINITY, 3.0).is_nan());
        assert_eq!(modulo(5.0, f64::NEG_INFINITY), f64::NEG_INFINITY);
        assert!(modulo(6.0, -3.0).is_sign_negative());
    }
}
