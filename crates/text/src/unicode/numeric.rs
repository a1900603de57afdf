//! Decimal, digit and numeric values.

use super::generated::numeric as table;
use super::properties::flags;

fn run(code: u32) -> Option<(u8, bool)> {
    let at = table::DIGITS
        .partition_point(|d| d.0 <= code)
        .checked_sub(1)?;
    let (first, last, value, decimal) = table::DIGITS[at];
    (code <= last).then(|| (value + (code - first) as u8, decimal))
}

/// The decimal value, 0 to 9, of a character that can stand in a number in positional notation.
/// `int` and `float` read the digits of every script through it.
#[inline]
pub fn decimal(code: u32) -> Option<u8> {
    if code < 0x80 {
        let value = code.wrapping_sub(0x30);
        return (value < 10).then_some(value as u8);
    }
    if !flags(code).decimal() {
        return None;
    }
    run(code).and_then(|(value, decimal)| decimal.then_some(value))
}

/// The value of a digit, superscripts and the like included.
pub fn digit(code: u32) -> Option<u8> {
    flags(code)
        .digit()
        .then(|| run(code))
        .flatten()
        .map(|(value, _)| value)
}

/// The numeric value as numerator and denominator.
pub fn fraction(code: u32) -> Option<(i64, i64)> {
    let f = flags(code);
    if f.digit() {
        return run(code).map(|(value, _)| (i64::from(value), 1));
    }
    if !f.numeric() {
        return None;
    }
    let at = table::NUMERICS.binary_search_by_key(&code, |n| n.0).ok()?;
    Some((table::NUMERICS[at].1, table::NUMERICS[at].2))
}

/// The numeric value as `unicodedata.numeric` gives it.
pub fn numeric(code: u32) -> Option<f64> {
    fraction(code).map(|(a, b)| a as f64 / b as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values() {
        assert_eq!(
            (decimal('7' as u32), decimal(0x667), decimal('²' as u32)),
            (Some(7), Some(7), None)
        );
        assert_eq!((digit('²' as u32), digit('½' as u32)), (Some(2), None));
        assert_eq!(numeric('½' as u32), Some(0.5));
        assert_eq!(numeric(0x4E07), Some(10000.0));
        assert_eq!(numeric(0x0F33), Some(-0.5));
        assert_eq!(numeric('a' as u32), None);
    }
}
