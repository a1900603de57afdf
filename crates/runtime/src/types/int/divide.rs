//! True division and conversion to float, correctly rounded.

use dashu_int::ops::DivRem;
use dashu_int::{IBig, UBig};

use super::IntRef;
use super::arith::{both, zero_division};
use crate::core::{R, Value};
use crate::vm::Vm;

/// `a / b`
///
/// Raises ZeroDivisionError, or OverflowError where no float is large enough.
#[inline]
pub fn truediv(vm: &Vm, a: &Value, b: &Value) -> R {
    match both(a, b) {
        Some((_, y)) if y.is_zero() => Err(zero_division(vm)),
        Some((IntRef::Small(x), IntRef::Small(y)))
            if x.unsigned_abs() <= 1 << 53 && y.unsigned_abs() <= 1 << 53 =>
        {
            Ok(Value::from(x as f64 / y as f64))
        }
        Some((x, y)) => match quotient(&x.to_big(), &y.to_big()) {
            Some(q) => Ok(Value::from(q)),
            None => Err(vm.overflow_error("integer division result too large for a float")),
        },
        None => Ok(Value::NOT_IMPLEMENTED),
    }
}

/// The float nearest to `x / y`, ties to even; `None` beyond the range. `y` is not zero.
pub fn quotient(x: &IBig, y: &IBig) -> Option<f64> {
    let negative = (*x < IBig::ZERO) != (*y < IBig::ZERO);
    let magnitude = if x.is_zero() {
        0.0
    } else {
        positive(x.as_sign_words().1, y.as_sign_words().1)?
    };
    Some(if negative { -magnitude } else { magnitude })
}

fn size(words: &[u64]) -> i64 {
    words.len() as i64 * 64 - words.last().map_or(0, |w| i64::from(w.leading_zeros()))
}

/// Neither is zero.
fn positive(x: &[u64], y: &[u64]) -> Option<f64> {
    // The quotient lies between 2^(d-1) and 2^(d+1).
    let d = size(x) - size(y);
    if d > 1025 {
        return None;
    }
    if d < -1077 {
        return Some(0.0);
    }
    // Scaled so that the integer quotient has 62 or 63 bits.
    let shift = 62 - d;
    let (x, y) = (UBig::from_words(x), UBig::from_words(y));
    let (q, r) = if shift >= 0 {
        (x << shift as usize).div_rem(&y)
    } else {
        x.div_rem(y << shift.unsigned_abs() as usize)
    };
    let q = u64::try_from(q).ok()?;
    let result = compose(q, !r.is_zero(), -shift);
    result.is_finite().then_some(result)
}

/// The float nearest to `(mantissa + s) * 2^exponent`, ties to even, where `s` is some fraction below one if
/// `sticky` is set, else zero. A sticky mantissa must have at least 55 bits. Infinite beyond the range.
pub fn compose(mantissa: u64, sticky: bool, exponent: i64) -> f64 {
    if mantissa == 0 {
        return 0.0;
    }
    let top = 64 - i64::from(mantissa.leading_zeros()) + exponent;
    if top > 1024 {
        return f64::INFINITY;
    }
    // The exponent of the result's last bit: 53 bits are kept, fewer below the normal range.
    let last = (top - 53).max(-1074);
    let drop = last - exponent;
    if drop <= 0 {
        // Exact: at most 53 bits, which are moved to where they belong.
        return scale(mantissa << (-drop).min(63), last);
    }
    if drop > 64 {
        return 0.0;
    }
    let wide = u128::from(mantissa) << 1 | u128::from(sticky);
    let cut = drop as u32 + 1;
    let (kept, rest, half) = (
        (wide >> cut) as u64,
        wide & ((1 << cut) - 1),
        1u128 << (cut - 1),
    );
    let up = rest > half || rest == half && kept & 1 == 1;
    scale(kept + u64::from(up), last)
}

/// `kept * 2^last`, exact; `kept` has at most 54 bits and `last` is at least -1074.
fn scale(kept: u64, last: i64) -> f64 {
    let power = |e: i64| f64::from_bits(((e + 1023).clamp(0, 2047) as u64) << 52);
    // In two steps, since neither 2^-1074 nor 2^971 * 2^53 can be a factor by itself.
    let x = kept as f64;
    if last < -1000 {
        x * power(-1000) * power(last + 1000)
    } else {
        x * power(last)
    }
}

/// An int as the nearest float, infinite beyond the range.
pub fn nearest(n: &IBig) -> f64 {
    let (sign, words) = n.as_sign_words();
    let bits = size(words);
    let magnitude = match words {
        [] => 0.0,
        [one] => *one as f64,
        [low, high] => (u128::from(*high) << 64 | u128::from(*low)) as f64,
        _ if bits > 1024 => f64::INFINITY,
        [rest @ .., low, high] => {
            // The top 64 bits and whether anything is set below them.
            let lead = high.leading_zeros();
            let (top, left) = match lead {
                0 => (*high, *low),
                _ => (high << lead | low >> (64 - lead), low << lead),
            };
            let sticky = left != 0 || rest.iter().any(|w| *w != 0);
            compose(top, sticky, bits - 64)
        }
    };
    if sign == dashu_int::Sign::Negative {
        -magnitude
    } else {
        magnitude
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn div(x: &str, y: &str) -> Option<f64> {
        quotient(&x.parse().expect("a number"), &y.parse().expect("a number"))
    }

    #[test]
    fn quotients() {
        assert_eq!(
            div(
                "10000000000000000000000000000000000000000",
                "100000000000000000000"
            ),
            Some(1e20)
        );
        assert_eq!(div("1", "3"), Some(1.0 / 3.0));
        assert_eq!(div("-7", "2"), Some(-3.5));
        let two = |n: usize| IBig::ONE << n;
        assert_eq!(quotient(&two(1024), &two(1023)), Some(2.0));
        assert_eq!(quotient(&two(1024), &IBig::ONE), None);
        assert_eq!(quotient(&(two(1024) - two(970)), &IBig::ONE), None);
        assert_eq!(
            quotient(&(two(1024) - two(970) - IBig::ONE), &IBig::ONE),
            Some(f64::MAX)
        );
        assert_eq!(quotient(&IBig::ONE, &two(1074)), Some(5e-324));
        assert_eq!(quotient(&IBig::ONE, &two(1075)), Some(0.0));
        assert_eq!(quotient(&IBig::from(3), &two(1075)), Some(1e-323));
        assert_eq!(quotient(&IBig::from(3), &two(1076)), Some(5e-324));
        assert_eq!(
            quotient(&(two(53) + IBig::ONE), &two(1)),
            Some(4503599627370496.0)
        );
        assert_eq!(
            quotient(&(two(2000) + IBig::ONE), &(two(1947) * IBig::from(2))),
            Some(4503599627370496.0)
        );
    }

    #[test]
    fn nearest_floats() {
        let two = |n: usize| IBig::ONE << n;
        assert_eq!(nearest(&(two(54) + IBig::from(2))), 18014398509481984.0);
        assert_eq!(nearest(&(two(54) + IBig::from(3))), 18014398509481988.0);
        assert_eq!(nearest(&(two(200) + two(147))), two(200).to_f64().value());
        assert_eq!(
            nearest(&(two(200) + two(147) + IBig::ONE)),
            2f64.powi(200) + 2f64.powi(148)
        );
        assert_eq!(nearest(&-(two(1024) - two(970))), f64::NEG_INFINITY);
        assert_eq!(nearest(&(two(1024) - two(970) - IBig::ONE)), f64::MAX);
    }
}
