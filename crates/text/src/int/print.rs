//! Integers to text.

use super::parse::IntError;
use dashu_base::{BitTest as _, Sign};
use dashu_int::IBig;
use std::fmt::Write as _;

/// An integer by reference, small or big.
#[derive(Clone, Copy, Debug)]
pub enum IntRef<'a> {
    /// A machine integer.
    Small(i64),
    /// Any integer.
    Big(&'a IBig),
}

impl IntRef<'_> {
    /// Whether it is below zero.
    pub fn is_negative(self) -> bool {
        match self {
            Self::Small(v) => v < 0,
            Self::Big(v) => v.sign() == Sign::Negative,
        }
    }
}

/// A base other than ten in which integers are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Radix {
    /// Base 2.
    Binary,
    /// Base 8.
    Octal,
    /// Base 16, small letters.
    Hex,
}

impl Radix {
    /// `0b`, `0o` or `0x`.
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Binary => "0b",
            Self::Octal => "0o",
            Self::Hex => "0x",
        }
    }
}

/// The digits in the radix, with a minus sign where negative, without prefix.
pub fn to_radix(value: IntRef<'_>, radix: Radix) -> String {
    let mut out = String::new();
    if value.is_negative() {
        out.push('-');
    }
    // Writing to a string cannot fail.
    let _ = match value {
        IntRef::Small(v) => {
            let v = v.unsigned_abs();
            match radix {
                Radix::Binary => write!(out, "{v:b}"),
                Radix::Octal => write!(out, "{v:o}"),
                Radix::Hex => write!(out, "{v:x}"),
            }
        }
        IntRef::Big(v) => {
            let base = match radix {
                Radix::Binary => 2,
                Radix::Octal => 8,
                Radix::Hex => 16,
            };
            let v = dashu_int::UBig::from_words(v.as_sign_words().1);
            write!(out, "{}", v.in_radix(base))
        }
    };
    out
}

/// Appends the decimal digits, with a minus sign where negative.
pub fn push_decimal(out: &mut Vec<u8>, value: i64) {
    const PAIRS: &[u8; 200] = &{
        let mut pairs = [0; 200];
        let mut i = 0;
        while i < 100 {
            pairs[2 * i] = b'0' + (i / 10) as u8;
            pairs[2 * i + 1] = b'0' + (i % 10) as u8;
            i += 1;
        }
        pairs
    };
    let mut buffer = [0u8; 20];
    let mut at = buffer.len();
    let mut left = value.unsigned_abs();
    while left >= 100 {
        let pair = (left % 100) as usize * 2;
        left /= 100;
        at -= 2;
        buffer[at..at + 2].copy_from_slice(&PAIRS[pair..pair + 2]);
    }
    if left >= 10 {
        let pair = left as usize * 2;
        at -= 2;
        buffer[at..at + 2].copy_from_slice(&PAIRS[pair..pair + 2]);
    } else {
        at -= 1;
        buffer[at] = b'0' + left as u8;
    }
    if value < 0 {
        at -= 1;
        buffer[at] = b'-';
    }
    out.extend_from_slice(&buffer[at..]);
}

/// The decimal digits, with a minus sign where negative. `limit` is
/// `sys.get_int_max_str_digits()`, 0 for none.
pub fn to_decimal(value: IntRef<'_>, limit: usize) -> Result<String, IntError> {
    match value {
        IntRef::Small(v) => Ok(v.to_string()),
        IntRef::Big(v) => {
            let limit = if limit == 0 { usize::MAX } else { limit };
            let capped = limit.max(super::ALWAYS_ALLOWED_DIGITS);
            // A lower bound of the digits, so that a huge number is refused before the work.
            let at_least = (v.bit_len() as f64 - 1.0) * std::f64::consts::LOG10_2;
            if at_least > capped as f64 {
                return Err(IntError::TooLong { limit });
            }
            let out = v.to_string();
            if out.len() - usize::from(value.is_negative()) > capped {
                return Err(IntError::TooLong { limit });
            }
            Ok(out)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals() {
        for n in [0, 7, 10, 99, 100, 101, 12345, -1, -10, -12345, i64::MAX, i64::MIN] {
            let mut out = Vec::new();
            push_decimal(&mut out, n);
            assert_eq!(String::from_utf8(out).unwrap(), n.to_string());
        }
    }

    #[test]
    fn texts() {
        let big = IBig::from(-2) * IBig::from(u64::MAX);
        assert_eq!(
            to_radix(IntRef::Small(i64::MIN), Radix::Hex),
            "-8000000000000000"
        );
        assert_eq!(
            to_radix(IntRef::Big(&big), Radix::Hex),
            "-1fffffffffffffffe"
        );
        assert_eq!(to_radix(IntRef::Small(5), Radix::Binary), "101");
        assert_eq!(to_radix(IntRef::Small(0), Radix::Octal), "0");
        assert_eq!(
            to_decimal(IntRef::Big(&big), 4300).unwrap(),
            "-36893488147419103230"
        );
        let huge = IBig::from(10).pow(5000);
        assert_eq!(
            to_decimal(IntRef::Big(&huge), 4300),
            Err(IntError::TooLong { limit: 4300 })
        );
        assert_eq!(to_decimal(IntRef::Big(&huge), 0).unwrap().len(), 5001);
        let edge = IBig::from(10).pow(4300);
        assert!(to_decimal(IntRef::Big(&edge), 4300).is_err());
        assert!(to_decimal(IntRef::Big(&(edge - IBig::from(1))), 4300).is_ok());
    }
}
