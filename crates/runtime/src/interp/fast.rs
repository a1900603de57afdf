//! Operators on what fits the word. Each returns 0 where the general way must be gone.

use crate::core::tag;

/// `a + b`
#[inline(always)]
pub fn add(a: u64, b: u64) -> u64 {
    if tag::both_int(a, b) {
        // One tag is taken off, so the sum has exactly one.
        return match (a as i64).checked_add(b as i64 - 1) {
            Some(w) => w as u64,
            None => 0,
        };
    }
    float2(a, b, |x, y| x + y)
}

/// `a - b`
#[inline(always)]
pub fn sub(a: u64, b: u64) -> u64 {
    if tag::both_int(a, b) {
        return match (a as i64).checked_sub(b as i64 - 1) {
            Some(w) => w as u64,
            None => 0,
        };
    }
    float2(a, b, |x, y| x - y)
}

/// `a * b`
#[inline(always)]
pub fn mul(a: u64, b: u64) -> u64 {
    if tag::both_int(a, b) {
        return match (a as i64 - 1).checked_mul(b as i64 >> 1) {
            Some(w) => w as u64 | 1,
            None => 0,
        };
    }
    float2(a, b, |x, y| x * y)
}

/// `a / b`
#[inline(always)]
pub fn truediv(a: u64, b: u64) -> u64 {
    match (number(a), number(b)) {
        (Some(x), Some(y)) if y != 0.0 => tag::from_float(x / y).unwrap_or(0),
        _ => 0,
    }
}

/// `a // b` for ints.
#[inline(always)]
pub fn floordiv(a: u64, b: u64) -> u64 {
    if tag::both_int(a, b) {
        let (x, y) = (tag::to_int(a), tag::to_int(b));
        if y > 0 {
            return tag::from_int(x.div_euclid(y));
        }
    }
    0
}

/// `a % b` for ints.
#[inline(always)]
pub fn modulo(a: u64, b: u64) -> u64 {
    if tag::both_int(a, b) {
        let (x, y) = (tag::to_int(a), tag::to_int(b));
        if y > 0 {
            return tag::from_int(if (x | y) as u64 >> 32 == 0 { i64::from(x as u32 % y as u32) } else { x.rem_euclid(y) });
        }
    }
    0
}

/// `a << b` for ints.
#[inline(always)]
pub fn lshift(a: u64, b: u64) -> u64 {
    if tag::both_int(a, b) {
        let (x, n) = (tag::to_int(a), tag::to_int(b));
        if (0..62).contains(&n) {
            let r = x << n;
            if r >> n == x && (r << 1) >> 1 == r {
                return tag::from_int(r);
            }
        }
    }
    0
}

/// `a >> b` for ints.
#[inline(always)]
pub fn rshift(a: u64, b: u64) -> u64 {
    if tag::both_int(a, b) {
        let n = tag::to_int(b);
        if n >= 0 {
            return tag::from_int(tag::to_int(a) >> n.min(63));
        }
    }
    0
}

/// `a & b` for ints.
#[inline(always)]
pub fn and(a: u64, b: u64) -> u64 {
    if tag::both_int(a, b) { a & b } else { 0 }
}

/// `a | b` for ints.
#[inline(always)]
pub fn or(a: u64, b: u64) -> u64 {
    if tag::both_int(a, b) { a | b } else { 0 }
}

/// `a ^ b` for ints.
#[inline(always)]
pub fn xor(a: u64, b: u64) -> u64 {
    if tag::both_int(a, b) { a ^ b | 1 } else { 0 }
}

/// `-a`
#[inline(always)]
pub fn neg(a: u64) -> u64 {
    if tag::is_int(a) {
        let n = tag::to_int(a);
        // -(-2^62) does not fit.
        return if n == i64::MIN >> 1 { 0 } else { tag::from_int(-n) };
    }
    if tag::is_float(a) {
        return tag::from_float(-tag::to_float(a)).unwrap_or(0);
    }
    0
}

#[inline(always)]
fn float2(a: u64, b: u64, f: impl Fn(f64, f64) -> f64) -> u64 {
    if tag::is_float(a) && tag::is_float(b) {
        return tag::from_float(f(tag::to_float(a), tag::to_float(b))).unwrap_or(0);
    }
    mixed(a, b, f)
}

/// Floats with zeros and ints; at least one side is a float.
#[inline(always)]
fn mixed(a: u64, b: u64, f: impl Fn(f64, f64) -> f64) -> u64 {
    if tag::both_int(a, b) {
        return 0;
    }
    match (number(a), number(b)) {
        (Some(x), Some(y)) => tag::from_float(f(x, y)).unwrap_or(0),
        _ => 0,
    }
}

/// The value of a word as a float, where that is exact.
#[inline(always)]
pub fn number(w: u64) -> Option<f64> {
    if tag::is_float(w) {
        return Some(tag::to_float(w));
    }
    if tag::is_int(w) {
        let n = tag::to_int(w);
        // Beyond 2^53 the conversion rounds, which the general way does as well for arithmetic.
        return if n.unsigned_abs() <= 1 << 53 { Some(n as f64) } else { None };
    }
    if tag::is_zero(w) { Some(if w == tag::ZERO { 0.0 } else { -0.0 }) } else { None }
}

/// A comparison of two words, if both are small ints or floats.
#[inline(always)]
pub fn compare(a: u64, b: u64, ints: impl Fn(i64, i64) -> bool, floats: impl Fn(f64, f64) -> bool) -> Option<bool> {
    if tag::both_int(a, b) {
        return Some(ints(a as i64, b as i64));
    }
    if (a | b) & 1 == 0 || tag::is_float(a) || tag::is_float(b) {
        return match (number(a), number(b)) {
            (Some(x), Some(y)) => Some(floats(x, y)),
            _ => None,
        };
    }
    None
}
