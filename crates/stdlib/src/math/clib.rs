//! Functions of the C library that Rust's `f64` has none or less exact ones for.

mod c {
    // SAFETY (of `safe`): plain functions of numbers, as the C standard declares them.
    unsafe extern "C" {
        pub safe fn asinh(x: f64) -> f64;
        pub safe fn acosh(x: f64) -> f64;
        pub safe fn atanh(x: f64) -> f64;
        pub safe fn erf(x: f64) -> f64;
        pub safe fn erfc(x: f64) -> f64;
        pub safe fn tgamma(x: f64) -> f64;
        pub safe fn lgamma_r(x: f64, sign: &mut i32) -> f64;
        pub safe fn remainder(x: f64, y: f64) -> f64;
    }
}

macro_rules! functions {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        pub fn $name(x: f64) -> f64 {
            c::$name(x)
        }
    )*};
}

functions! {
    /// The inverse hyperbolic sine.
    asinh;
    /// The inverse hyperbolic cosine.
    acosh;
    /// The inverse hyperbolic tangent.
    atanh;
    /// The error function.
    erf;
    /// 1 minus the error function.
    erfc;
    /// The gamma function.
    tgamma;
}

/// The logarithm of the absolute value of gamma.
pub fn lgamma(x: f64) -> f64 {
    let mut sign = 0;
    c::lgamma_r(x, &mut sign)
}

/// What is left of x when the nearest multiple of y is taken off, an even one on a tie.
pub fn remainder(x: f64, y: f64) -> f64 {
    c::remainder(x, y)
}
