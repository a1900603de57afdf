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

pub use c::{acosh, asinh, atanh, erf, erfc, remainder, tgamma};

/// The logarithm of the absolute value of gamma.
pub fn lgamma(x: f64) -> f64 {
    let mut sign = 0;
    c::lgamma_r(x, &mut sign)
}
