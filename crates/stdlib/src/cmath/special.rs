//! Results for infinities and NaN, by annex G of the C standard.
//!
//! Each function here is called with at least one part infinite or NaN, and gives the result for a number whose
//! imaginary part has no sign (and, for functions that are odd or even, neither has the real part); the signs are
//! put on by [`mirrored`].

use std::f64::consts::{FRAC_PI_2, FRAC_PI_4, PI};

use super::Parts;

const INF: f64 = f64::INFINITY;
const NAN: f64 = f64::NAN;

/// How a function reflects its argument.
#[derive(Clone, Copy)]
pub enum Symmetry {
    /// f(conj z) = conj f(z)
    Conjugate,
    /// also f(-z) = -f(z)
    Odd,
    /// also f(-z) = f(z)
    Even,
}

/// The value of `f`, which takes parts without signs as far as the symmetry allows, at a number with signs.
pub fn mirrored((x, y): Parts, symmetry: Symmetry, f: fn(f64, f64) -> Parts) -> Parts {
    let flip = |v: f64, by: f64| if by.is_sign_negative() { -v } else { v };
    match symmetry {
        Symmetry::Conjugate => {
            let (re, im) = f(x, y.abs());
            (re, flip(im, y))
        }
        Symmetry::Odd => {
            let (re, im) = f(x.abs(), y.abs());
            (flip(re, x), flip(im, y))
        }
        Symmetry::Even => {
            let (re, im) = f(x.abs(), y.abs());
            (re, flip(flip(im, x), y))
        }
    }
}

/// conj-symmetric
pub fn acos(x: f64, y: f64) -> Parts {
    match (x, y) {
        _ if y.is_nan() && x.is_infinite() => (NAN, INF),
        _ if y.is_nan() => (if x == 0.0 { FRAC_PI_2 } else { NAN }, NAN),
        _ if x.is_nan() => (NAN, if y == INF { -INF } else { NAN }),
        (_, INF) => (angle(x), -INF),
        _ => (if x > 0.0 { 0.0 } else { PI }, -INF),
    }
}

/// The angle of a number whose imaginary part is infinite.
fn angle(x: f64) -> f64 {
    match x {
        INF => FRAC_PI_4,
        f64::NEG_INFINITY => 3.0 * FRAC_PI_4,
        _ => FRAC_PI_2,
    }
}

/// conj-symmetric
pub fn acosh(x: f64, y: f64) -> Parts {
    match (x, y) {
        _ if y.is_nan() && x.is_infinite() => (INF, NAN),
        _ if y.is_nan() => (NAN, NAN),
        _ if x.is_nan() => (if y == INF { INF } else { NAN }, NAN),
        (_, INF) => (INF, angle(x)),
        _ => (INF, if x > 0.0 { 0.0 } else { PI }),
    }
}

/// odd
pub fn asinh(x: f64, y: f64) -> Parts {
    match (x, y) {
        _ if x.is_nan() && y == 0.0 => (NAN, 0.0),
        _ if x.is_nan() => (if y == INF { INF } else { NAN }, NAN),
        _ if y.is_nan() => (if x == INF { INF } else { NAN }, NAN),
        (_, INF) => (INF, angle(x)),
        _ => (INF, 0.0),
    }
}

/// odd
pub fn atanh(x: f64, y: f64) -> Parts {
    match (x, y) {
        (_, INF) => (0.0, FRAC_PI_2),
        _ if x.is_nan() => (NAN, NAN),
        _ if y.is_nan() => (if x == INF || x == 0.0 { 0.0 } else { NAN }, NAN),
        _ => (0.0, FRAC_PI_2),
    }
}

/// even
pub fn cosh(x: f64, y: f64) -> Parts {
    match (x, y) {
        _ if x.is_nan() => (NAN, if y == 0.0 { 0.0 } else { NAN }),
        (INF, _) => (INF, if y == 0.0 { 0.0 } else { NAN }),
        _ => (NAN, if x == 0.0 { 0.0 } else { NAN }),
    }
}

/// odd
pub fn sinh(x: f64, y: f64) -> Parts {
    match (x, y) {
        _ if x.is_nan() => (NAN, if y == 0.0 { 0.0 } else { NAN }),
        (INF, _) => (INF, if y == 0.0 { 0.0 } else { NAN }),
        _ => (if x == 0.0 { 0.0 } else { NAN }, NAN),
    }
}

/// odd
pub fn tanh(x: f64, y: f64) -> Parts {
    match x {
        INF => (1.0, 0.0),
        _ => (NAN, if x.is_nan() && y == 0.0 { 0.0 } else { NAN }),
    }
}

/// conj-symmetric
pub fn exp(x: f64, y: f64) -> Parts {
    match x {
        f64::NEG_INFINITY => (0.0, 0.0),
        INF => (INF, if y == 0.0 { 0.0 } else { NAN }),
        _ if x.is_nan() && y == 0.0 => (NAN, 0.0),
        _ => (NAN, NAN),
    }
}

/// conj-symmetric
pub fn log(x: f64, y: f64) -> Parts {
    match (x, y) {
        _ if y.is_nan() => (if x.is_infinite() { INF } else { NAN }, NAN),
        _ if x.is_nan() => (if y == INF { INF } else { NAN }, NAN),
        (_, INF) => (INF, angle(x)),
        _ => (INF, if x > 0.0 { 0.0 } else { PI }),
    }
}

/// conj-symmetric
pub fn sqrt(x: f64, y: f64) -> Parts {
    match (x, y) {
        (_, INF) => (INF, INF),
        (f64::NEG_INFINITY, _) => (if y.is_nan() { NAN } else { 0.0 }, INF),
        (INF, _) => (INF, if y.is_nan() { NAN } else { 0.0 }),
        _ => (NAN, NAN),
    }
}

/// odd in the radius, conj-symmetric in the angle
pub fn rect(r: f64, phi: f64) -> Parts {
    match r {
        _ if r.is_nan() => (NAN, if phi == 0.0 { 0.0 } else { NAN }),
        INF => (INF, if phi == 0.0 { 0.0 } else { NAN }),
        0.0 => (0.0, 0.0),
        _ => (NAN, NAN),
    }
}
