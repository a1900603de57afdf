//! The functions on pairs of floats.

use std::f64::consts::{FRAC_PI_2, LN_2, LN_10};

use super::special::{self, Symmetry, mirrored};
use super::{Parts, Trouble};
use crate::math::asinh as real_asinh;

type Outcome = Result<Parts, Trouble>;

/// Sums of squares of parts below this do not overflow, nor do their quarters' sums.
const LARGE: f64 = f64::MAX / 4.0;
/// Digits of a float's mantissa.
const DIGITS: i32 = 53;

fn large_root() -> f64 {
    LARGE.sqrt()
}

/// Above this, `exp` comes close to overflow.
fn large_log() -> f64 {
    LARGE.ln()
}

fn finite((x, y): Parts) -> bool {
    x.is_finite() && y.is_finite()
}

/// z multiplied by i.
fn turned((x, y): Parts) -> Parts {
    (-y, x)
}

/// z divided by i.
fn turned_back((x, y): Parts) -> Parts {
    (y, -x)
}

/// log |z| for a z that is large.
fn log_of_large(x: f64, y: f64) -> f64 {
    (x / 2.0).hypot(y / 2.0).ln() + LN_2
}

/// log |2z| for a z that is large.
fn log_of_twice(x: f64, y: f64) -> f64 {
    log_of_large(x, y) + LN_2
}

fn is_large(x: f64, y: f64) -> bool {
    x.abs() > LARGE || y.abs() > LARGE
}

pub fn acos(z: Parts) -> Outcome {
    if !finite(z) {
        return Ok(mirrored(z, Symmetry::Conjugate, special::acos));
    }
    let (x, y) = z;
    if is_large(x, y) {
        return Ok((y.abs().atan2(x), -log_of_twice(x, y).copysign(y)));
    }
    let (a, b) = (root((1.0 - x, -y)), root((1.0 + x, y)));
    Ok((2.0 * a.0.atan2(b.0), real_asinh(b.0 * a.1 - b.1 * a.0)))
}

pub fn acosh(z: Parts) -> Outcome {
    if !finite(z) {
        return Ok(mirrored(z, Symmetry::Conjugate, special::acosh));
    }
    let (x, y) = z;
    if is_large(x, y) {
        return Ok((log_of_twice(x, y), y.atan2(x)));
    }
    let (a, b) = (root((x - 1.0, y)), root((x + 1.0, y)));
    Ok((real_asinh(a.0 * b.0 + a.1 * b.1), 2.0 * a.1.atan2(b.0)))
}

pub fn asin(z: Parts) -> Outcome {
    asinh(turned(z)).map(turned_back)
}

pub fn asinh(z: Parts) -> Outcome {
    if !finite(z) {
        return Ok(mirrored(z, Symmetry::Odd, special::asinh));
    }
    let (x, y) = z;
    if is_large(x, y) {
        return Ok((log_of_twice(x, y).copysign(x), y.atan2(x.abs())));
    }
    let (a, b) = (root((1.0 + y, -x)), root((1.0 - y, x)));
    Ok((
        real_asinh(a.0 * b.1 - b.0 * a.1),
        y.atan2(a.0 * b.0 - a.1 * b.1),
    ))
}

pub fn atan(z: Parts) -> Outcome {
    atanh(turned(z)).map(turned_back)
}

pub fn atanh(z: Parts) -> Outcome {
    if !finite(z) {
        return Ok(mirrored(z, Symmetry::Odd, special::atanh));
    }
    if z.0.is_sign_negative() {
        return atanh((-z.0, -z.1)).map(|(re, im)| (-re, -im));
    }
    let (x, y) = z;
    let height = y.abs();
    if x > large_root() || height > large_root() {
        // 1/z, nearly; the squares would overflow.
        let h = (x / 2.0).hypot(y / 2.0);
        return Ok((x / 4.0 / h / h, FRAC_PI_2.copysign(y)));
    }
    if x == 1.0 && height < f64::MIN_POSITIVE.sqrt() {
        if height == 0.0 {
            return Err(Trouble::Domain);
        }
        return Ok((
            -(height.sqrt() / height.hypot(2.0).sqrt()).ln(),
            (2f64.atan2(-height) / 2.0).copysign(y),
        ));
    }
    let near = (1.0 - x) * (1.0 - x) + height * height;
    let re = (4.0 * x / near).ln_1p() / 4.0;
    Ok((
        re,
        -(-2.0 * y).atan2((1.0 - x) * (1.0 + x) - height * height) / 2.0,
    ))
}

/// The result unless it is beyond all floats.
fn in_range((re, im): Parts) -> Outcome {
    if re.is_infinite() || im.is_infinite() {
        Err(Trouble::Range)
    } else {
        Ok((re, im))
    }
}

/// An infinity (or zero) in the direction of an angle.
fn towards(size: f64, angle: f64) -> Parts {
    (size.copysign(angle.cos()), size.copysign(angle.sin()))
}

pub fn cos(z: Parts) -> Outcome {
    cosh(turned(z))
}

pub fn cosh(z: Parts) -> Outcome {
    let (x, y) = z;
    if !finite(z) {
        if x.is_infinite() && y.is_finite() && y != 0.0 {
            let (re, im) = towards(f64::INFINITY, y);
            return Ok((re, if x > 0.0 { im } else { -im }));
        }
        if y.is_infinite() && !x.is_nan() {
            return Err(Trouble::Domain);
        }
        return Ok(mirrored(z, Symmetry::Even, special::cosh));
    }
    if x.abs() > large_log() {
        let less = x - 1f64.copysign(x);
        let e = std::f64::consts::E;
        return in_range((y.cos() * less.cosh() * e, y.sin() * less.sinh() * e));
    }
    in_range((y.cos() * x.cosh(), y.sin() * x.sinh()))
}

pub fn exp(z: Parts) -> Outcome {
    let (x, y) = z;
    if !finite(z) {
        if x.is_infinite() && y.is_finite() && y != 0.0 {
            return Ok(towards(if x > 0.0 { f64::INFINITY } else { 0.0 }, y));
        }
        if y.is_infinite() && (x.is_finite() || x == f64::INFINITY) {
            return Err(Trouble::Domain);
        }
        return Ok(mirrored(z, Symmetry::Conjugate, special::exp));
    }
    if x > large_log() {
        let (l, e) = ((x - 1.0).exp(), std::f64::consts::E);
        return in_range((l * y.cos() * e, l * y.sin() * e));
    }
    let l = x.exp();
    in_range((l * y.cos(), l * y.sin()))
}

pub fn log(z: Parts) -> Outcome {
    if !finite(z) {
        return Ok(mirrored(z, Symmetry::Conjugate, special::log));
    }
    let (x, y) = z;
    let (ax, ay) = (x.abs(), y.abs());
    let re = if is_large(x, y) {
        log_of_large(x, y)
    } else if ax < f64::MIN_POSITIVE && ay < f64::MIN_POSITIVE {
        if ax == 0.0 && ay == 0.0 {
            return Err(Trouble::Domain);
        }
        let up = 2f64.powi(DIGITS);
        (ax * up).hypot(ay * up).ln() - f64::from(DIGITS) * LN_2
    } else {
        let h = ax.hypot(ay);
        if (0.71..=1.73).contains(&h) {
            // Close to 1 the logarithm is small: 1 is subtracted before anything is lost.
            let (more, less) = (ax.max(ay), ax.min(ay));
            ((more - 1.0) * (more + 1.0) + less * less).ln_1p() / 2.0
        } else {
            h.ln()
        }
    };
    Ok((re, y.atan2(x)))
}

pub fn log10(z: Parts) -> Outcome {
    log(z).map(|(re, im)| (re / LN_10, im / LN_10))
}

pub fn sin(z: Parts) -> Outcome {
    sinh(turned(z)).map(turned_back)
}

pub fn sinh(z: Parts) -> Outcome {
    let (x, y) = z;
    if !finite(z) {
        if x.is_infinite() && y.is_finite() && y != 0.0 {
            let (re, im) = towards(f64::INFINITY, y);
            return Ok((if x > 0.0 { re } else { -re }, im));
        }
        if y.is_infinite() && !x.is_nan() {
            return Err(Trouble::Domain);
        }
        return Ok(mirrored(z, Symmetry::Odd, special::sinh));
    }
    if x.abs() > large_log() {
        let less = x - 1f64.copysign(x);
        let e = std::f64::consts::E;
        return in_range((y.cos() * less.sinh() * e, y.sin() * less.cosh() * e));
    }
    in_range((y.cos() * x.sinh(), y.sin() * x.cosh()))
}

pub fn sqrt(z: Parts) -> Outcome {
    Ok(root(z))
}

fn root(z: Parts) -> Parts {
    if !finite(z) {
        return mirrored(z, Symmetry::Conjugate, special::sqrt);
    }
    let (x, y) = z;
    if x == 0.0 && y == 0.0 {
        return (0.0, y);
    }
    let (ax, ay) = (x.abs(), y.abs());
    let s = if ax < f64::MIN_POSITIVE && ay < f64::MIN_POSITIVE {
        // Scaled up by an even power of two, and half of it back down, with the half that follows from the sum.
        let up = 2f64.powi(DIGITS);
        let ax = ax * up;
        (ax + ax.hypot(ay * up)).sqrt() * 2f64.powi(-(DIGITS + 1) / 2)
    } else {
        let ax = ax / 8.0;
        2.0 * (ax + ax.hypot(ay / 8.0)).sqrt()
    };
    let d = ay / (2.0 * s);
    if x >= 0.0 {
        (s, d.copysign(y))
    } else {
        (d, s.copysign(y))
    }
}

pub fn tan(z: Parts) -> Outcome {
    tanh(turned(z)).map(turned_back)
}

pub fn tanh(z: Parts) -> Outcome {
    let (x, y) = z;
    if !finite(z) {
        if x.is_infinite() && y.is_finite() && y != 0.0 {
            return Ok((1f64.copysign(x), 0f64.copysign(2.0 * y.sin() * y.cos())));
        }
        if y.is_infinite() && x.is_finite() {
            return Err(Trouble::Domain);
        }
        return Ok(mirrored(z, Symmetry::Odd, special::tanh));
    }
    if x.abs() > large_log() {
        return Ok((
            1f64.copysign(x),
            4.0 * y.sin() * y.cos() * (-2.0 * x.abs()).exp(),
        ));
    }
    let (tx, ty, cx) = (x.tanh(), y.tan(), 1.0 / x.cosh());
    let both = tx * ty;
    let scale = 1.0 + both * both;
    Ok((tx * (1.0 + ty * ty) / scale, ((ty / scale) * cx) * cx))
}

pub fn rect(r: f64, phi: f64) -> Outcome {
    if !finite((r, phi)) {
        if r.is_infinite() && phi.is_finite() && phi != 0.0 {
            let (re, im) = towards(f64::INFINITY, phi);
            return Ok(if r > 0.0 { (re, im) } else { (-re, -im) });
        }
        if r != 0.0 && !r.is_nan() && phi.is_infinite() {
            return Err(Trouble::Domain);
        }
        let (re, im) = special::rect(r.abs(), phi.abs());
        let flip = |v: f64, by: f64| if by.is_sign_negative() { -v } else { v };
        return Ok((flip(re, r), flip(flip(im, r), phi)));
    }
    // So that the sign of a zero angle stays.
    if phi == 0.0 {
        Ok((r, r * phi))
    } else {
        Ok((r * phi.cos(), r * phi.sin()))
    }
}
