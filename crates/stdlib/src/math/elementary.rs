//! The functions of one number or two that the C standard has.

use taipan_macros::function;
use taipan_runtime::core::{R, Raised};
use taipan_runtime::vm::Vm;

use super::{clib, domain_error, range_error};

/// What can go wrong with a function of a finite number.
#[derive(Clone, Copy)]
enum Trouble {
    /// Nothing.
    Never,
    /// The result is too large.
    Overflow,
    /// The argument is outside of the domain, which this describes.
    Domain(&'static str),
}

/// The error for an argument that is not what was expected.
#[cold]
pub(super) fn expected(vm: &Vm, what: &str, x: f64) -> Raised {
    vm.value_error(format!(
        "expected {what}, got {}",
        taipan_text::float::repr(x)
    ))
}

/// The result of a function, or the error that it stands for.
#[inline(always)]
fn checked(vm: &Vm, x: f64, r: f64, trouble: Trouble) -> R<f64> {
    if r.is_finite() || x.is_nan() {
        Ok(r)
    } else {
        unusual(vm, x, r, trouble)
    }
}

#[cold]
fn unusual(vm: &Vm, x: f64, r: f64, trouble: Trouble) -> R<f64> {
    match trouble {
        _ if r.is_infinite() && x.is_infinite() => Ok(r),
        Trouble::Overflow if r.is_infinite() => Err(range_error(vm)),
        Trouble::Domain(what) => Err(expected(vm, what, x)),
        _ => Err(domain_error(vm)),
    }
}

macro_rules! functions {
    ($($(#[$doc:meta])* $name:ident = $f:expr, $trouble:expr;)*) => {$(
        $(#[$doc])*
        #[function(sig = "(x, /)")]
        pub fn $name(vm: &Vm, x: f64) -> R<f64> {
            let f: fn(f64) -> f64 = $f;
            checked(vm, x, f(x), $trouble)
        }
    )*};
}

functions! {
    /// The arc cosine of x in radians, between 0 and pi.
    acos = f64::acos, Trouble::Domain("a number in range from -1 up to 1");
    /// The inverse hyperbolic cosine of x.
    acosh = clib::acosh, Trouble::Domain("argument value not less than 1");
    /// The arc sine of x in radians, between -pi/2 and pi/2.
    asin = f64::asin, Trouble::Domain("a number in range from -1 up to 1");
    /// The inverse hyperbolic sine of x.
    asinh = clib::asinh, Trouble::Never;
    /// The arc tangent of x in radians, between -pi/2 and pi/2.
    atan = f64::atan, Trouble::Never;
    /// The inverse hyperbolic tangent of x.
    atanh = clib::atanh, Trouble::Domain("a number between -1 and 1");
    /// The cube root of x.
    cbrt = f64::cbrt, Trouble::Never;
    /// The cosine of x, which is in radians.
    cos = f64::cos, Trouble::Domain("a finite input");
    /// The hyperbolic cosine of x.
    cosh = f64::cosh, Trouble::Overflow;
    /// The error function at x.
    erf = clib::erf, Trouble::Never;
    /// 1 minus the error function at x, exact also where that is close to 1.
    erfc = clib::erfc, Trouble::Never;
    /// e raised to the power of x.
    exp = f64::exp, Trouble::Overflow;
    /// 2 raised to the power of x.
    exp2 = f64::exp2, Trouble::Overflow;
    /// exp(x) minus 1, exact also for a small x.
    expm1 = f64::exp_m1, Trouble::Overflow;
    /// The sine of x, which is in radians.
    sin = f64::sin, Trouble::Domain("a finite input");
    /// The hyperbolic sine of x.
    sinh = f64::sinh, Trouble::Overflow;
    /// The square root of x.
    sqrt = f64::sqrt, Trouble::Domain("a nonnegative input");
    /// The tangent of x, which is in radians.
    tan = f64::tan, Trouble::Domain("a finite input");
    /// The hyperbolic tangent of x.
    tanh = f64::tanh, Trouble::Never;
    /// x, which is in radians, in degrees.
    degrees = |x| x * (180.0 / std::f64::consts::PI), Trouble::Never;
    /// x, which is in degrees, in radians.
    radians = |x| x * (std::f64::consts::PI / 180.0), Trouble::Never;
}

const POLES: &str = "a noninteger or positive integer";

/// The gamma function at x.
#[function(sig = "(x, /)")]
pub fn gamma(vm: &Vm, x: f64) -> R<f64> {
    if x.is_nan() || x == f64::INFINITY {
        return Ok(x);
    }
    if x <= 0.0 && x == x.floor() {
        return Err(expected(vm, POLES, x));
    }
    // Close to zero gamma is 1/x, and libraries lose digits.
    let r = if x.abs() < 1e-20 {
        1.0 / x
    } else {
        clib::tgamma(x)
    };
    if r.is_finite() {
        Ok(r)
    } else {
        Err(range_error(vm))
    }
}

/// The natural logarithm of the absolute value of the gamma function at x.
#[function(sig = "(x, /)")]
pub fn lgamma(vm: &Vm, x: f64) -> R<f64> {
    if !x.is_finite() {
        return Ok(x.abs());
    }
    if x <= 0.0 && x == x.floor() {
        return Err(expected(vm, POLES, x));
    }
    let r = clib::lgamma(x);
    if r.is_finite() {
        Ok(r)
    } else {
        Err(range_error(vm))
    }
}

/// The arc tangent of y/x in radians, in the quadrant that both signs tell.
#[function(sig = "(y, x, /)")]
pub fn atan2(_vm: &Vm, y: f64, x: f64) -> f64 {
    y.atan2(x)
}

/// The remainder of x/y with the sign of x, as C's fmod has it.
#[function(sig = "(x, y, /)")]
pub fn fmod(vm: &Vm, x: f64, y: f64) -> R<f64> {
    let r = x % y;
    if r.is_nan() && !x.is_nan() && !y.is_nan() {
        Err(domain_error(vm))
    } else {
        Ok(r)
    }
}

/// The difference between x and the multiple of y that is closest to it, an even multiple on a tie.
#[function(sig = "(x, y, /)")]
pub fn remainder(vm: &Vm, x: f64, y: f64) -> R<f64> {
    let r = clib::remainder(x, y);
    if r.is_nan() && !x.is_nan() && !y.is_nan() {
        Err(domain_error(vm))
    } else {
        Ok(r)
    }
}

/// x raised to the power of y, as a float.
#[function(sig = "(x, y, /)")]
pub fn pow(vm: &Vm, x: f64, y: f64) -> R<f64> {
    // Decided here, as C libraries do not all agree.
    if y == 0.0 || x == 1.0 {
        return Ok(1.0);
    }
    if x.is_nan() || y.is_nan() {
        return Ok(if x.is_nan() { x } else { y });
    }
    if x == -1.0 && y.is_infinite() {
        return Ok(1.0);
    }
    let r = x.powf(y);
    if r.is_finite() || !x.is_finite() || !y.is_finite() {
        return Ok(r);
    }
    Err(if r.is_nan() || x == 0.0 {
        domain_error(vm)
    } else {
        range_error(vm)
    })
}
