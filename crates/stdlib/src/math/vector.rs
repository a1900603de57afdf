//! Lengths and distances.

use taipan_macros::function;
use taipan_runtime::core::{R, Value};
use taipan_runtime::types::float;
use taipan_runtime::vm::Vm;

use super::parts::split;

/// The length of a vector, exact but for the last rounding in nearly all cases.
fn length(vector: &mut [f64]) -> f64 {
    for x in vector.iter_mut() {
        *x = x.abs();
    }
    if vector.contains(&f64::INFINITY) {
        return f64::INFINITY;
    }
    if vector.iter().any(|x| x.is_nan()) {
        return f64::NAN;
    }
    let max = vector.iter().fold(0.0, |m: f64, x| m.max(*x));
    if max == 0.0 || vector.len() == 1 {
        return max;
    }
    // Scaled by a power of two so that the largest is at least 0.5 and below 1. In two steps, since the scale
    // for subnormal numbers is no float itself.
    let (_, e) = split(max);
    let (first, second) = (power(-e / 2), power(-e - -e / 2));
    // The sum of squares, with what rounding loses beside it.
    let (mut sum, mut lost) = (0.0f64, 0.0f64);
    for x in vector {
        let x = *x * first * second;
        let square = x * x;
        let error = x.mul_add(x, -square);
        let next = sum + square;
        // What the addition lost; it does not matter which of the two is larger.
        let back = next - sum;
        lost += (sum - (next - back)) + (square - back) + error;
        sum = next;
    }
    let root = (sum + lost).sqrt();
    // One step of Newton's method, with the exact difference.
    let gap = (-root).mul_add(root, sum) + lost;
    let root = root + gap / (2.0 * root);
    let (first, second) = (power(e / 2), power(e - e / 2));
    root * first * second
}

/// 2^e for an exponent within the range.
fn power(e: i64) -> f64 {
    f64::from_bits(((e + 1023) as u64) << 52)
}

/// The length of a vector with the given coordinates: the square root of the sum of their squares.
#[function(sig = "(*coordinates)")]
pub fn hypot(vm: &Vm, coordinates: &[Value]) -> R<f64> {
    let mut vector = coordinates
        .iter()
        .map(|v| float::to_f64(vm, v))
        .collect::<R<Vec<f64>>>()?;
    Ok(length(&mut vector))
}

/// The distance between two points, which are given by sequences of coordinates.
#[function(sig = "(p, q, /)")]
pub fn dist(vm: &Vm, p: &Value, q: &Value) -> R<f64> {
    let (p, q) = (vm.collect(p)?, vm.collect(q)?);
    if p.len() != q.len() {
        return Err(vm.value_error("both points must have the same number of dimensions"));
    }
    let mut vector = Vec::with_capacity(p.len());
    for (a, b) in p.iter().zip(&q) {
        vector.push(float::to_f64(vm, a)? - float::to_f64(vm, b)?);
    }
    Ok(length(&mut vector))
}

#[cfg(test)]
mod tests {
    use super::length;

    #[test]
    fn lengths() {
        assert_eq!(length(&mut [3.0, 4.0]), 5.0);
        assert_eq!(length(&mut [3e300, 4e300]), 5e300);
        assert_eq!(length(&mut [3.0 * 5e-324, 4.0 * 5e-324]), 5.0 * 5e-324);
        assert_eq!(length(&mut []), 0.0);
        assert_eq!(length(&mut [f64::NAN, f64::NEG_INFINITY]), f64::INFINITY);
        assert_eq!(length(&mut [f64::MAX, f64::MAX]), f64::INFINITY);
        assert_eq!(
            length(&mut [f64::MAX * 0.5, f64::MAX * 0.5]),
            f64::MAX * 0.5f64.sqrt()
        );
        assert_eq!(length(&mut [1.0; 4]), 2.0);
    }
}
