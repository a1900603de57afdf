//! floor, ceil and trunc.

use taipan_macros::function;
use taipan_runtime::core::{R, Value};
use taipan_runtime::types::{float, int};
use taipan_runtime::vm::{Vm, names};

/// The special method of what is no plain number, else the rounded float.
fn rounded(vm: &Vm, x: &Value, method: &Value, f: fn(f64) -> f64) -> R {
    if x.as_small().is_some() {
        return Ok(x.clone());
    }
    if let Some(x) = x.as_inline_float() {
        return int::from_f64(vm, f(x));
    }
    if !x.ty().is(float::FLOAT.get())
        && let Some(r) = vm.call_special(x, method, &[])?
    {
        return Ok(r);
    }
    int::from_f64(vm, f(float::to_f64(vm, x)?))
}

/// The greatest int that is not above x.
#[function(sig = "(x, /)")]
pub fn floor(vm: &Vm, x: &Value) -> R {
    rounded(vm, x, &names().__floor__, f64::floor)
}

/// The least int that is not below x.
#[function(sig = "(x, /)")]
pub fn ceil(vm: &Vm, x: &Value) -> R {
    rounded(vm, x, &names().__ceil__, f64::ceil)
}

/// x without its fraction, by its method __trunc__.
#[function(sig = "(x, /)")]
pub fn trunc(vm: &Vm, x: &Value) -> R {
    if x.ty().is(float::FLOAT.get()) {
        return int::from_f64(vm, float::to_f64(vm, x)?);
    }
    match vm.call_special(x, &names().__trunc__, &[])? {
        Some(r) => Ok(r),
        None => Err(vm.type_error(format!(
            "type {} doesn't define __trunc__ method",
            x.ty().tp_name()
        ))),
    }
}
