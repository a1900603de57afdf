//! What floats are made of: sign, mantissa, exponent, neighbours.

use taipan_macros::function;
use taipan_runtime::core::{R, Value};
use taipan_runtime::native::Nullable;
use taipan_runtime::types::{int, tuple};
use taipan_runtime::vm::Vm;

use super::range_error;

/// A float with the size of x and the sign of y.
#[function(sig = "(x, y, /)")]
pub fn copysign(_vm: &Vm, x: f64, y: f64) -> f64 {
    x.copysign(y)
}

/// The absolute value of x as a float.
#[function(sig = "(x, /)")]
pub fn fabs(_vm: &Vm, x: f64) -> f64 {
    x.abs()
}

/// x * y + z, rounded only once.
#[function(sig = "(x, y, z, /)")]
pub fn fma(vm: &Vm, x: f64, y: f64, z: f64) -> R<f64> {
    let r = x.mul_add(y, z);
    if r.is_nan() && !x.is_nan() && !y.is_nan() && !z.is_nan() {
        return Err(vm.value_error("invalid operation in fma"));
    }
    if r.is_infinite() && x.is_finite() && y.is_finite() && z.is_finite() {
        return Err(vm.overflow_error("overflow in fma"));
    }
    Ok(r)
}

/// A finite number that is not zero as m * 2^e with m at least 0.5 and below 1.
pub(super) fn split(x: f64) -> (f64, i64) {
    let bits = x.to_bits();
    match bits >> 52 & 0x7ff {
        // Subnormal: made normal first.
        0 => {
            let (m, e) = split(x * 2f64.powi(64));
            (m, e - 64)
        }
        biased => (
            f64::from_bits(bits & !(0x7ff << 52) | 0x3fe << 52),
            biased as i64 - 1022,
        ),
    }
}

/// x as a pair (m, e) with x == m * 2**e, where m is at least 0.5 and below 1, or both are 0.
#[function(sig = "(x, /)")]
pub fn frexp(_vm: &Vm, x: f64) -> Value {
    let (m, e) = if x == 0.0 || !x.is_finite() {
        (x, 0)
    } else {
        split(x)
    };
    tuple::from_array([Value::from(m), Value::from(e)]).into_value()
}

/// `x * 2^e`, rounded once.
fn scaled(x: f64, e: i64) -> f64 {
    let (m, own) = split(x);
    let sign = 1.0f64.copysign(m);
    // The mantissa's 53 bits as an integer.
    sign * int::compose(
        (m.abs() * 2f64.powi(53)) as u64,
        false,
        own.saturating_add(e) - 53,
    )
}

/// x * 2**i.
#[function(sig = "(x, i, /)")]
pub fn ldexp(vm: &Vm, x: f64, i: &Value) -> R<f64> {
    let Some(n) = int::get(i) else {
        return Err(vm.type_error("Expected an int as second argument to ldexp."));
    };
    if x == 0.0 || !x.is_finite() {
        return Ok(x);
    }
    let e = n
        .to_i64()
        .unwrap_or(if n.is_negative() { i64::MIN } else { i64::MAX });
    let r = scaled(x, e.clamp(-10_000, 10_000));
    if r.is_infinite() {
        Err(range_error(vm))
    } else {
        Ok(r)
    }
}

/// The fraction of x and its whole part, both floats with the sign of x.
#[function(sig = "(x, /)")]
pub fn modf(_vm: &Vm, x: f64) -> Value {
    let (fraction, whole) = if x.is_infinite() {
        (0.0f64.copysign(x), x)
    } else {
        let whole = x.trunc();
        ((x - whole).copysign(x), whole)
    };
    tuple::from_array([Value::from(fraction), Value::from(whole)]).into_value()
}

/// The float that comes so many steps after x on the way to y; one step if steps is not given.
///
/// Raises ValueError for a negative number of steps.
#[function(sig = "(x, y, /, *, steps=None)")]
pub fn nextafter(vm: &Vm, x: f64, y: f64, steps: Nullable<&Value>) -> R<f64> {
    let steps = match steps.0 {
        None => return Ok(step(x, y)),
        Some(v) => {
            let n = int::index(vm, v)?;
            match int::get(&n) {
                Some(n) if n.is_negative() => {
                    return Err(vm.value_error("steps must be a non-negative integer"));
                }
                // There are fewer than 2^64 floats.
                Some(n) => u64::try_from(n.to_big()).unwrap_or(u64::MAX),
                None => 0,
            }
        }
    };
    Ok(walk(x, y, steps))
}

/// C's `nextafter`: as one step of [`walk`], but zero has the sign of where it was come from.
fn step(x: f64, y: f64) -> f64 {
    let next = walk(x, y, 1);
    if next == 0.0 && x != 0.0 {
        next.copysign(x)
    } else {
        next
    }
}

fn walk(x: f64, y: f64, steps: u64) -> f64 {
    if steps == 0 || x.is_nan() {
        return x;
    }
    if y.is_nan() || x == y {
        return y;
    }
    // The floats in order, as integers.
    let place = |x: f64| {
        let size = i128::from(x.abs().to_bits());
        if x.is_sign_negative() { -size } else { size }
    };
    let (from, to, steps) = (place(x), place(y), i128::from(steps));
    if (to - from).abs() <= steps {
        return y;
    }
    let at = if to > from {
        from + steps
    } else {
        from - steps
    };
    let size = f64::from_bits(at.unsigned_abs() as u64);
    // On the way to zero from below, zero is a negative one.
    if at < 0 || at == 0 && from < 0 {
        -size
    } else {
        size
    }
}

/// The distance from the absolute value of x to the next float.
#[function(sig = "(x, /)")]
pub fn ulp(_vm: &Vm, x: f64) -> f64 {
    let x = x.abs();
    if !x.is_finite() {
        return x;
    }
    let next = x.next_up();
    if next.is_infinite() {
        x - x.next_down()
    } else {
        next - x
    }
}

/// Whether x is neither infinite nor NaN.
#[function(sig = "(x, /)")]
pub fn isfinite(_vm: &Vm, x: f64) -> bool {
    x.is_finite()
}

/// Whether x is infinite.
#[function(sig = "(x, /)")]
pub fn isinf(_vm: &Vm, x: f64) -> bool {
    x.is_infinite()
}

/// Whether x is NaN.
#[function(sig = "(x, /)")]
pub fn isnan(_vm: &Vm, x: f64) -> bool {
    x.is_nan()
}

/// Whether two numbers are close to each other.
///
/// rel_tol: the difference that is allowed, as a share of the larger one.
/// abs_tol: the difference that is always allowed; for numbers close to zero.
#[function(sig = "(a, b, *, rel_tol=1e-09, abs_tol=0.0)")]
pub fn isclose(vm: &Vm, a: f64, b: f64, rel_tol: f64, abs_tol: f64) -> R<bool> {
    if rel_tol < 0.0 || abs_tol < 0.0 {
        return Err(vm.value_error("tolerances must be non-negative"));
    }
    if a == b {
        return Ok(true);
    }
    if a.is_infinite() || b.is_infinite() {
        return Ok(false);
    }
    let gap = (b - a).abs();
    Ok(gap <= (rel_tol * b).abs() || gap <= (rel_tol * a).abs() || gap <= abs_tol)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps() {
        assert_eq!(walk(1.0, 2.0, 1), 1.0f64.next_up());
        assert_eq!(walk(1.0, 1.0f64.next_up(), 5), 1.0f64.next_up());
        assert_eq!(walk(-5e-324, 1.0, 2), 5e-324);
        let zero = walk(-5e-324, 1.0, 1);
        assert!(zero == 0.0 && zero.is_sign_negative());
        assert!(walk(0.0, -0.0, 1).is_sign_negative());
        assert!(step(-5e-324, 0.0).is_sign_negative() && step(5e-324, -0.0).is_sign_positive());
        assert!(walk(-5e-324, 0.0, 1).is_sign_positive() && step(0.0, -0.0).is_sign_negative());
        assert_eq!(
            walk(f64::NEG_INFINITY, f64::INFINITY, u64::MAX),
            f64::INFINITY
        );
        assert_eq!(walk(f64::MAX, f64::INFINITY, 1), f64::INFINITY);
    }

    #[test]
    fn exponents() {
        assert_eq!(split(5e-324), (0.5, -1073));
        assert_eq!(split(-8.0), (-0.5, 4));
        assert_eq!(scaled(1.0, -1074), 5e-324);
        assert_eq!(scaled(1.0, -1075), 0.0);
        assert_eq!(scaled(-1.5, -1074), -1e-323);
        assert_eq!(scaled(1.0, 1023), 2f64.powi(1023));
        assert_eq!(scaled(1.0, 1024), f64::INFINITY);
        assert_eq!(scaled(5e-324, 2097), 2f64.powi(1023));
    }
}
