//! Logarithms; those of ints work for ints beyond all floats.

use taipan_macros::function;
use taipan_runtime::core::{R, Value};
use taipan_runtime::types::float;
use taipan_runtime::types::int::{self, IntRef};
use taipan_runtime::vm::Vm;

use super::elementary::expected;

/// `f` of a number that must be positive.
///
/// Raises ValueError if it is not.
fn positive(vm: &Vm, v: &Value, f: fn(f64) -> f64) -> R<f64> {
    if let Some(n) = int::get(v) {
        if n.is_negative() || n.is_zero() {
            return Err(vm.value_error("expected a positive input"));
        }
        return Ok(of_int(n, f));
    }
    let x = float::to_f64(vm, v)?;
    if x <= 0.0 {
        Err(expected(vm, "a positive input", x))
    } else {
        Ok(f(x))
    }
}

fn of_int(n: IntRef<'_>, f: fn(f64) -> f64) -> f64 {
    match n {
        IntRef::Small(n) => f(n as f64),
        IntRef::Big(b) => {
            let x = int::nearest(b);
            if x.is_finite() {
                return f(x);
            }
            // log(m * 2^e) is log(m) + log(2) * e; m is at least 0.5 and at most 1.
            let e = int::bits(b);
            let m = int::nearest(&(b >> (e - 64))) / 2f64.powi(64);
            f(m) + f(2.0) * e as f64
        }
    }
}

/// The logarithm of x in the given base, or the natural one.
#[function]
pub fn log(vm: &Vm, x: &Value, base: Option<&Value>) -> R {
    let top = positive(vm, x, f64::ln)?;
    let Some(base) = base else {
        return Ok(Value::from(top));
    };
    let bottom = positive(vm, base, f64::ln)?;
    if bottom == 0.0 {
        return Err(vm.zero_division_error("division by zero"));
    }
    Ok(Value::from(top / bottom))
}

/// The logarithm of x in base 2.
#[function(sig = "(x, /)")]
pub fn log2(vm: &Vm, x: &Value) -> R<f64> {
    positive(vm, x, f64::log2)
}

/// The logarithm of x in base 10.
#[function(sig = "(x, /)")]
pub fn log10(vm: &Vm, x: &Value) -> R<f64> {
    positive(vm, x, f64::log10)
}

/// The natural logarithm of 1 + x, exact also for a small x.
#[function(sig = "(x, /)")]
pub fn log1p(vm: &Vm, x: f64) -> R<f64> {
    if x <= -1.0 {
        return Err(expected(vm, "argument value > -1", x));
    }
    // Some libraries lose the sign of zero.
    Ok(if x == 0.0 { x } else { x.ln_1p() })
}
