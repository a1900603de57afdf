//! Decimal digits of finite doubles.
//!
//! Digits are the significant ones in ASCII without leading zeros, and `point` says where the
//! decimal point stands: the value is `0.DIGITS * 10^point`. Zero is the single digit `0` with
//! point 1.

use std::fmt::Write as _;

use super::round::integer_ratio;

/// A number's decimal digits and the place of its decimal point.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Digits {
    /// ASCII digits, at least one where the number is zero; trailing zeros may be there.
    pub digits: Vec<u8>,
    /// The value is `0.DIGITS * 10^point`.
    pub point: i32,
}

/// Where the expansion of every double has ended: 1074 digits behind the point, 309 before it.
/// Rust's formatting takes no precision above 65,535, so longer requests are cut here and the
/// zeros that follow are the caller's.
pub const ENOUGH: usize = 1100;

impl Digits {
    fn zero() -> Self {
        Self {
            digits: vec![b'0'],
            point: 1,
        }
    }

    /// Reads what Rust or `zmij` wrote: digits, an optional point, an optional exponent.
    fn read(text: &str) -> Self {
        let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
        let exponent: i32 = exponent.parse().unwrap_or(0);
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all = whole.bytes().chain(fraction.bytes());
        let leading = all.clone().take_while(|d| *d == b'0').count();
        let digits: Vec<u8> = all.skip(leading).collect();
        if digits.is_empty() {
            return Self::zero();
        }
        Self {
            digits,
            point: whole.len() as i32 - leading as i32 + exponent,
        }
    }

    /// Removes trailing zeros, but not the last digit.
    pub(super) fn trim(mut self) -> Self {
        while self.digits.len() > 1 && self.digits.last() == Some(&b'0') {
            self.digits.pop();
        }
        self
    }
}

const TENS: [u64; 20] = {
    let mut tens = [1; 20];
    let mut i = 1;
    while i < 20 {
        tens[i] = tens[i - 1] * 10;
        i += 1;
    }
    tens
};

/// Writes a finite double with so many places behind the point, correctly rounded, half to even, if the number of units
/// in the last place stays in the range of 64 bits. False, and nothing is written, if it does not.
pub(super) fn push_fixed(out: &mut String, value: f64, places: usize) -> bool {
    let Some((negative, mantissa, exponent)) = integer_ratio(value) else { return false };
    let Some(&ten) = TENS.get(places) else { return false };
    // Below 2^117.
    let scaled = u128::from(mantissa) * u128::from(ten);
    let units = if exponent >= 0 {
        if exponent as u32 >= scaled.leading_zeros() {
            return false;
        }
        scaled << exponent
    } else if exponent <= -128 {
        // Less than half a unit.
        0
    } else {
        let shift = exponent.unsigned_abs();
        let (floor, rest, half) = (scaled >> shift, scaled & ((1 << shift) - 1), 1u128 << (shift - 1));
        floor + u128::from(rest > half || rest == half && floor & 1 == 1)
    };
    let Ok(units) = u64::try_from(units) else { return false };
    let mut buffer = [b'0'; 24];
    let (mut at, mut left, mut digits) = (buffer.len(), units, 0);
    while left > 0 || digits <= places {
        if digits == places && places > 0 {
            at -= 1;
            buffer[at] = b'.';
        }
        at -= 1;
        buffer[at] = b'0' + (left % 10) as u8;
        left /= 10;
        digits += 1;
    }
    if negative {
        at -= 1;
        buffer[at] = b'-';
    }
    out.push_str(std::str::from_utf8(&buffer[at..]).unwrap_or_default());
    true
}

/// The shortest digits that read back as the same double. The sign is ignored.
pub fn shortest(value: f64) -> Digits {
    let mut buffer = zmij::Buffer::new();
    Digits::read(buffer.format_finite(value.abs())).trim()
}

/// `count` significant digits (at least 1), correctly rounded, half to even; past the end of the
/// exact expansion the zeros may be missing. The sign is ignored.
pub fn significant(value: f64, count: usize) -> Digits {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = write!(text, "{:.*e}", count.clamp(1, ENOUGH) - 1, value.abs());
    Digits::read(&text)
}

/// Digits down to `places` behind the decimal point, correctly rounded, half to even. The sign is
/// ignored.
pub fn fixed(value: f64, places: usize) -> Digits {
    let mut text = String::new();
    if !push_fixed(&mut text, value.abs(), places) {
        let _ = write!(text, "{:.*}", places.min(ENOUGH), value.abs());
    }
    Digits::read(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(d: Digits) -> (String, i32) {
        (String::from_utf8(d.digits).unwrap(), d.point)
    }

    #[test]
    fn fixed_places_agree_with_the_long_way() {
        let mut seed = 1u64;
        for i in 0..400_000 {
            seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            let value = match i % 4 {
                0 => f64::from_bits(seed),
                1 => (seed >> 40) as f64 / 1024.0,
                2 => (seed >> 11) as f64 * 1e-9,
                _ => (seed >> 50) as f64 * 0.125 - 1000.0,
            };
            let places = (seed >> 5) as usize % 21;
            let mut text = String::new();
            if value.is_finite() && push_fixed(&mut text, value, places) {
                assert_eq!(text, format!("{value:.places$}"));
            }
        }
        for (value, places, text) in [(0.0, 0, "0"), (-0.0, 2, "-0.00"), (0.5, 0, "0"), (1.5, 0, "2"), (1e-300, 3, "0.000")] {
            let mut out = String::new();
            assert!(push_fixed(&mut out, value, places));
            assert_eq!(out, text);
        }
    }

    #[test]
    fn digits() {
        assert_eq!(show(shortest(0.1)), ("1".into(), 0));
        assert_eq!(show(shortest(1e22)), ("1".into(), 23));
        assert_eq!(show(shortest(5e-324)), ("5".into(), -323));
        assert_eq!(show(shortest(0.0)), ("0".into(), 1));
        assert_eq!(show(significant(0.125, 2)), ("12".into(), 0));
        assert_eq!(show(significant(9.96, 2)), ("10".into(), 2));
        assert_eq!(show(fixed(2.5, 0)), ("2".into(), 1));
        assert_eq!(show(fixed(0.05, 1)), ("1".into(), 0));
        assert_eq!(show(fixed(0.04, 1)), ("0".into(), 1));
    }
}
