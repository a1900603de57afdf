//! `round(x, n)` and the exact ratio of a double.

use super::digits::{ENOUGH, fixed, significant};

/// `round(value, places)`: to the nearest decimal with so many places behind the point (before it
/// where negative), exact ties to even. `None` where the result is too large for a double
/// (`OverflowError: rounded value too large to represent`).
pub fn round_to(value: f64, places: i64) -> Option<f64> {
    // Past 323 places nothing changes, and 309 before the point leave nothing.
    if !value.is_finite() || value == 0.0 || places > 323 {
        return Some(value);
    }
    if places < -308 {
        return Some(0.0 * value);
    }
    let text = if places >= 0 {
        let d = fixed(value, places as usize);
        let exponent = d.point - d.digits.len() as i32;
        format!("{}e{exponent}", String::from_utf8_lossy(&d.digits))
    } else {
        let exact = significant(value, ENOUGH);
        let keep = i64::from(exact.point) + places;
        format!("{}e{}", half_even(&exact.digits, keep), -places)
    };
    let rounded: f64 = text.parse().ok()?;
    rounded.is_finite().then_some(rounded.copysign(value))
}

/// The first `keep` digits of an exact expansion, rounded half to even, as an integer.
fn half_even(digits: &[u8], keep: i64) -> String {
    let Ok(keep) = usize::try_from(keep) else {
        return "0".into();
    };
    let keep = keep.min(digits.len());
    let (head, tail) = digits.split_at(keep);
    let up = match tail.split_first() {
        None => false,
        Some((first, rest)) => {
            let exact_half = *first == b'5' && rest.iter().all(|d| *d == b'0');
            let odd = head.last().is_some_and(|d| d & 1 == 1);
            if exact_half { odd } else { *first >= b'5' }
        }
    };
    let mut out = head.to_vec();
    if up {
        let nines = out.iter().rev().take_while(|d| **d == b'9').count();
        let stop = out.len() - nines;
        out[stop..].fill(b'0');
        match stop.checked_sub(1) {
            Some(at) => out[at] += 1,
            None => out.insert(0, b'1'),
        }
    }
    if out.is_empty() {
        "0".into()
    } else {
        String::from_utf8_lossy(&out).into_owned()
    }
}

/// A finite double as `mantissa * 2^exponent`, the mantissa odd or 0, the sign apart: the parts of
/// `as_integer_ratio` and of the conversion to int. `None` for infinities and NaN.
pub fn integer_ratio(value: f64) -> Option<(bool, u64, i32)> {
    if !value.is_finite() {
        return None;
    }
    let bits = value.to_bits();
    let fraction = bits & ((1 << 52) - 1);
    let (mantissa, exponent) = match (bits >> 52 & 0x7FF) as i32 {
        0 => (fraction, -1074),
        biased => (fraction | 1 << 52, biased - 1075),
    };
    if mantissa == 0 {
        return Some((value.is_sign_negative(), 0, 0));
    }
    let zeros = mantissa.trailing_zeros();
    Some((
        value.is_sign_negative(),
        mantissa >> zeros,
        exponent + zeros as i32,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding() {
        assert_eq!(round_to(2.675, 2), Some(2.67));
        assert_eq!(round_to(0.125, 2), Some(0.12));
        assert_eq!(round_to(2.5, 0), Some(2.0));
        assert_eq!(round_to(1234.0, -2), Some(1200.0));
        assert_eq!(round_to(1250.0, -2), Some(1200.0));
        assert_eq!(round_to(1350.0, -2), Some(1400.0));
        assert_eq!(round_to(50.0, -2), Some(0.0));
        assert_eq!(round_to(50.5, -2), Some(100.0));
        assert_eq!(round_to(999.0, -2), Some(1000.0));
        assert_eq!(
            round_to(-5.0, -2).map(f64::to_bits),
            Some((-0.0f64).to_bits())
        );
        assert_eq!(round_to(1.7e308, -308), None);
        assert_eq!(round_to(1e300, 400), Some(1e300));
        assert_eq!(round_to(1e23, -22), Some(1e23));
    }

    #[test]
    fn ratios() {
        assert_eq!(integer_ratio(0.5), Some((false, 1, -1)));
        assert_eq!(integer_ratio(-6.0), Some((true, 3, 1)));
        assert_eq!(integer_ratio(0.0), Some((false, 0, 0)));
        assert_eq!(integer_ratio(f64::NAN), None);
    }
}
