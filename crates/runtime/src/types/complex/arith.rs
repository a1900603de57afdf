//! Complex arithmetic: overflow and infinities as annex G of the C standard wants them.

use crate::core::{R, Value};
use crate::vm::Vm;

/// Real and imaginary part.
type Parts = (f64, f64);

/// An infinite part counts as 1, a finite one as 0, with its sign.
fn unit(x: f64) -> f64 {
    (if x.is_infinite() { 1.0f64 } else { 0.0 }).copysign(x)
}

/// NaN counts as 0, with its sign.
fn settled(x: f64) -> f64 {
    if x.is_nan() { 0.0f64.copysign(x) } else { x }
}

fn infinite((re, im): Parts) -> bool {
    re.is_infinite() || im.is_infinite()
}

fn finite((re, im): Parts) -> bool {
    re.is_finite() && im.is_finite()
}

/// `x * y`; an infinite factor makes the product infinite even where the parts alone say NaN.
#[inline]
pub fn product(x: Parts, y: Parts) -> Parts {
    let ((a, b), (c, d)) = (x, y);
    let (re, im) = (a * c - b * d, a * d + b * c);
    if re.is_nan() && im.is_nan() {
        recovered_product(x, y)
    } else {
        (re, im)
    }
}

#[cold]
fn recovered_product(x: Parts, y: Parts) -> Parts {
    let ((mut a, mut b), (mut c, mut d)) = (x, y);
    let overflow = (a * c).is_infinite()
        || (b * d).is_infinite()
        || (a * d).is_infinite()
        || (b * c).is_infinite();
    let mut again = false;
    if infinite((a, b)) {
        (a, b, c, d) = (unit(a), unit(b), settled(c), settled(d));
        again = true;
    }
    if infinite((c, d)) {
        (c, d, a, b) = (unit(c), unit(d), settled(a), settled(b));
        again = true;
    }
    if !again && overflow {
        (a, b, c, d) = (settled(a), settled(b), settled(c), settled(d));
        again = true;
    }
    if again {
        (
            f64::INFINITY * (a * c - b * d),
            f64::INFINITY * (a * d + b * c),
        )
    } else {
        (f64::NAN, f64::NAN)
    }
}

/// `x / y` by Smith's method; `None` if `y` is zero.
pub fn quotient(x: Parts, y: Parts) -> Option<Parts> {
    let ((a, b), (c, d)) = (x, y);
    let (re, im) = if c.abs() >= d.abs() {
        if c == 0.0 {
            return None;
        }
        let ratio = d / c;
        let scale = c + d * ratio;
        ((a + b * ratio) / scale, (b - a * ratio) / scale)
    } else if d.abs() >= c.abs() {
        let ratio = c / d;
        let scale = c * ratio + d;
        ((a * ratio + b) / scale, (b * ratio - a) / scale)
    } else {
        // At least one is NaN.
        (f64::NAN, f64::NAN)
    };
    if re.is_nan() && im.is_nan() {
        if infinite(x) && finite(y) {
            let (a, b) = (unit(a), unit(b));
            return Some((
                f64::INFINITY * (a * c + b * d),
                f64::INFINITY * (b * c - a * d),
            ));
        }
        if infinite(y) && finite(x) {
            let (c, d) = (unit(c), unit(d));
            return Some((0.0 * (a * c + b * d), 0.0 * (b * c - a * d)));
        }
    }
    Some((re, im))
}

/// `x / y` for a real `x`; `None` if `y` is zero.
pub fn real_quotient(x: f64, y: Parts) -> Option<Parts> {
    let (c, d) = y;
    let (re, im) = if c.abs() >= d.abs() {
        if c == 0.0 {
            return None;
        }
        let ratio = d / c;
        let scale = c + d * ratio;
        (x / scale, (-x * ratio) / scale)
    } else if d.abs() >= c.abs() {
        let ratio = c / d;
        let scale = c * ratio + d;
        ((x * ratio) / scale, -x / scale)
    } else {
        (f64::NAN, f64::NAN)
    };
    if re.is_nan() && im.is_nan() && x.is_finite() && infinite(y) {
        let (c, d) = (unit(c), unit(d));
        return Some((0.0 * (x * c), 0.0 * (-x * d)));
    }
    Some((re, im))
}

/// Small whole exponents are reached by multiplication, which is exact more often.
const BY_PRODUCTS: f64 = 100.0;

fn product_power(x: Parts, n: u32) -> Parts {
    let mut result = (1.0, 0.0);
    let mut square = x;
    let mut left = n;
    while left > 0 {
        if left & 1 == 1 {
            result = product(result, square);
        }
        left >>= 1;
        square = product(square, square);
    }
    result
}

/// `x ** y`
///
/// Raises ZeroDivisionError for zero to a negative or complex power, OverflowError.
pub fn power(vm: &Vm, x: Parts, y: Parts) -> R {
    let zero = || vm.zero_division_error("zero to a negative or complex power");
    let (re, im) = if y.1 == 0.0 && y.0 == y.0.floor() && y.0.abs() <= BY_PRODUCTS {
        let raised = product_power(x, y.0.abs() as u32);
        if y.0 < 0.0 {
            quotient((1.0, 0.0), raised).ok_or_else(zero)?
        } else {
            raised
        }
    } else if x == (0.0, 0.0) {
        if y.1 != 0.0 || y.0 < 0.0 {
            return Err(zero());
        }
        (0.0, 0.0)
    } else {
        // An infinite angle is an error of the same kind in CPython.
        polar_power(x, y).ok_or_else(zero)?
    };
    if re.is_infinite() || im.is_infinite() {
        return Err(vm.overflow_error("complex exponentiation"));
    }
    Ok(super::from_parts(re, im))
}

/// By absolute value and angle; `None` if the angle becomes infinite.
fn polar_power(x: Parts, y: Parts) -> Option<Parts> {
    let size = x.0.hypot(x.1);
    let angle = x.1.atan2(x.0);
    let mut length = size.powf(y.0);
    let mut phase = angle * y.0;
    if y.1 != 0.0 {
        length *= (-angle * y.1).exp();
        phase += y.1 * size.ln();
    }
    (!phase.is_infinite()).then(|| (length * phase.cos(), length * phase.sin()))
}

/// `abs(z)`; `None` where it overflows.
pub(super) fn magnitude((re, im): Parts) -> Option<f64> {
    if infinite((re, im)) {
        return Some(f64::INFINITY);
    }
    let size = re.hypot(im);
    // NaN passes, an infinite size of finite parts does not.
    (!size.is_infinite()).then_some(size)
}

/// One operand of an operator.
#[derive(Clone, Copy)]
pub(super) enum Operand {
    Complex(f64, f64),
    Real(f64),
}

/// A complex number, float or int; `None` for anything else.
///
/// Raises OverflowError for an int beyond the floats.
#[inline]
pub(super) fn operand(vm: &Vm, v: &Value) -> R<Option<Operand>> {
    if let Some((re, im)) = super::get(v) {
        return Ok(Some(Operand::Complex(re, im)));
    }
    Ok(crate::types::float::operand(vm, v)?.map(Operand::Real))
}

#[cfg(test)]
mod tests {
    use super::*;

    const INF: f64 = f64::INFINITY;
    const NAN: f64 = f64::NAN;

    #[test]
    fn infinities() {
        assert_eq!(quotient((1.0, 0.0), (INF, INF)), Some((0.0, 0.0)));
        assert_eq!(real_quotient(1.0, (INF, INF)), Some((0.0, -0.0)));
        assert_eq!(quotient((1.0, 1.0), (0.0, 0.0)), None);
        assert_eq!(quotient((INF, 1.0), (1.0, 1.0)).map(|q| q.0), Some(INF));
        let (re, im) = product((1e300, 1.0), (NAN, INF));
        assert!(re == -INF && im == INF, "{re} {im}");
        assert!(product((NAN, 1.0), (1.0, 1.0)).0.is_nan());
    }

    #[test]
    fn powers() {
        assert_eq!(product_power((1.0, 2.0), 3), (-11.0, -2.0));
        assert_eq!(product_power((1.0, 2.0), 0), (1.0, 0.0));
        assert_eq!(magnitude((3.0, 4.0)), Some(5.0));
        assert_eq!(magnitude((NAN, -INF)), Some(INF));
        assert_eq!(magnitude((1.5e308, 1.5e308)), None);
    }
}
