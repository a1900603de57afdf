//! `math`: functions of real numbers.

mod clib;
mod elementary;
mod integers;
mod logs;
mod parts;
mod rounding;
mod sums;
mod vector;

use std::f64::consts;

use taipan_macros::module;
use taipan_runtime::core::{R, Raised, Ref};
use taipan_runtime::types::module::Module;
use taipan_runtime::vm::Vm;

pub use self::clib::asinh;

module! {
    /// Functions of real numbers, those of the C standard and some more.
    name = "math",
    functions(
        elementary::acos, elementary::acosh, elementary::asin, elementary::asinh, elementary::atan, elementary::atan2,
        elementary::atanh, elementary::cbrt, elementary::cos, elementary::cosh, elementary::degrees, elementary::erf,
        elementary::erfc, elementary::exp, elementary::exp2, elementary::expm1, elementary::fmod, elementary::gamma,
        elementary::lgamma, elementary::pow, elementary::radians, elementary::remainder, elementary::sin,
        elementary::sinh, elementary::sqrt, elementary::tan, elementary::tanh,
        integers::comb, integers::factorial, integers::gcd, integers::isqrt, integers::lcm, integers::perm,
        logs::log, logs::log10, logs::log1p, logs::log2,
        parts::copysign, parts::fabs, parts::fma, parts::frexp, parts::isclose, parts::isfinite, parts::isinf,
        parts::isnan, parts::ldexp, parts::modf, parts::nextafter, parts::ulp,
        rounding::ceil, rounding::floor, rounding::trunc,
        sums::fsum, sums::prod, sums::sumprod,
        vector::dist, vector::hypot,
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
    Ok(())
}

/// The error for an argument outside of the domain.
#[cold]
pub(crate) fn domain_error(vm: &Vm) -> Raised {
    vm.value_error("math domain error")
}

/// The error for a result that no float can hold.
#[cold]
pub(crate) fn range_error(vm: &Vm) -> Raised {
    vm.overflow_error("math range error")
}
