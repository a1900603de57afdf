//! `cmath`: functions of complex numbers.
//!
//! Branch cuts and signs of zeros as C's annex G has them; results stay accurate near overflow, underflow and
//! the branch points (methods of W. Kahan).

mod functions;
mod special;

use std::f64::consts;

use taipan_macros::{function, module};
use taipan_runtime::core::{R, Raised, Ref, Value};
use taipan_runtime::types::module::Module;
use taipan_runtime::types::{complex, tuple};
use taipan_runtime::vm::Vm;

use crate::math::{domain_error, range_error};

/// Real and imaginary part.
type Parts = (f64, f64);

/// Why there is no result.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Trouble {
    /// No limit exists, or a pole.
    Domain,
    /// Beyond all floats.
    Range,
}

module! {
    /// Functions of complex numbers.
    name = "cmath",
    functions(
        acos, acosh, asin, asinh, atan, atanh, cos, cosh, exp, isclose, isfinite, isinf, isnan, log, log10, phase, polar,
        rect, sin, sinh, sqrt, tan, tanh,
    ),
    exec = exec,
}

fn exec(_vm: &Vm, module: &Ref<Module>) -> R<()> {
    for (name, x) in [
        ("e", consts::E),
        ("inf", f64::INFINITY),
        ("nan", f64::NAN),
        ("pi", consts::PI),
        ("tau", consts::TAU),
    ] {
        module.set(name, x);
    }
    for (name, im) in [("infj", f64::INFINITY), ("nanj", f64::NAN)] {
        module.set(name, complex::from_parts(0.0, im));
    }
    Ok(())
}

#[cold]
fn error(vm: &Vm, trouble: Trouble) -> Raised {
    match trouble {
        Trouble::Domain => domain_error(vm),
        Trouble::Range => range_error(vm),
    }
}

macro_rules! functions {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[function(sig = "(z, /)")]
        fn $name(vm: &Vm, z: &Value) -> R {
            let (re, im) = functions::$name(complex::to_parts(vm, z)?).map_err(|t| error(vm, t))?;
            Ok(complex::from_parts(re, im))
        }
    )*};
}

functions! {
    /// The arc cosine of z.
    acos;
    /// The inverse hyperbolic cosine of z.
    acosh;
    /// The arc sine of z.
    asin;
    /// The inverse hyperbolic sine of z.
    asinh;
    /// The arc tangent of z.
    atan;
    /// The inverse hyperbolic tangent of z.
    atanh;
    /// The cosine of z.
    cos;
    /// The hyperbolic cosine of z.
    cosh;
    /// e raised to the power of z.
    exp;
    /// The logarithm of z in base 10.
    log10;
    /// The sine of z.
    sin;
    /// The hyperbolic sine of z.
    sinh;
    /// The square root of z.
    sqrt;
    /// The tangent of z.
    tan;
    /// The hyperbolic tangent of z.
    tanh;
}

/// The logarithm of z in the given base, or the natural one.
#[function(sig = "(z, base=<unrepresentable>, /)")]
fn log(vm: &Vm, z: &Value, base: Option<&Value>) -> R {
    let natural = |v: &Value| functions::log(complex::to_parts(vm, v)?).map_err(|t| error(vm, t));
    let top = natural(z)?;
    let (re, im) = match base {
        None => top,
        Some(base) => complex::quotient(top, natural(base)?).ok_or_else(|| domain_error(vm))?,
    };
    Ok(complex::from_parts(re, im))
}

/// The angle of z, between -pi and pi.
#[function(sig = "(z, /)")]
fn phase(vm: &Vm, z: &Value) -> R<f64> {
    let (re, im) = complex::to_parts(vm, z)?;
    Ok(im.atan2(re))
}

/// The absolute value of z and its angle.
#[function(sig = "(z, /)")]
fn polar(vm: &Vm, z: &Value) -> R {
    let (re, im) = complex::to_parts(vm, z)?;
    let size = re.hypot(im);
    if size.is_infinite() && re.is_finite() && im.is_finite() {
        return Err(range_error(vm));
    }
    Ok(tuple::from_array([Value::from(size), Value::from(im.atan2(re))]).into_value())
}

/// The complex number with the absolute value r and the angle phi.
#[function(sig = "(r, phi, /)")]
fn rect(vm: &Vm, r: f64, phi: f64) -> R {
    let (re, im) = functions::rect(r, phi).map_err(|t| error(vm, t))?;
    Ok(complex::from_parts(re, im))
}

/// Whether both parts of z are finite.
#[function(sig = "(z, /)")]
fn isfinite(vm: &Vm, z: &Value) -> R<bool> {
    let (re, im) = complex::to_parts(vm, z)?;
    Ok(re.is_finite() && im.is_finite())
}

/// Whether a part of z is infinite.
#[function(sig = "(z, /)")]
fn isinf(vm: &Vm, z: &Value) -> R<bool> {
    let (re, im) = complex::to_parts(vm, z)?;
    Ok(re.is_infinite() || im.is_infinite())
}

/// Whether a part of z is NaN.
#[function(sig = "(z, /)")]
fn isnan(vm: &Vm, z: &Value) -> R<bool> {
    let (re, im) = complex::to_parts(vm, z)?;
    Ok(re.is_nan() || im.is_nan())
}

/// Whether two complex numbers are close to each other.
///
/// rel_tol: the distance that is allowed, as a share of the larger absolute value.
/// abs_tol: the distance that is always allowed; for numbers close to zero.
#[function(sig = "(a, b, *, rel_tol=1e-09, abs_tol=0.0)")]
fn isclose(vm: &Vm, a: &Value, b: &Value, rel_tol: f64, abs_tol: f64) -> R<bool> {
    let (a, b) = (complex::to_parts(vm, a)?, complex::to_parts(vm, b)?);
    if rel_tol < 0.0 || abs_tol < 0.0 {
        return Err(vm.value_error("tolerances must be non-negative"));
    }
    if a == b {
        return Ok(true);
    }
    let infinite = |z: Parts| z.0.is_infinite() || z.1.is_infinite();
    if infinite(a) || infinite(b) {
        return Ok(false);
    }
    let gap = (a.0 - b.0).hypot(a.1 - b.1);
    Ok(gap <= rel_tol * b.0.hypot(b.1) || gap <= rel_tol * a.0.hypot(a.1) || gap <= abs_tol)
}
