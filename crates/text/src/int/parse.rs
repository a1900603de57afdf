//! `int("...", base)`.

use crate::unicode::{is_space, numeric};
use crate::{CodeUnit, code_points};
use dashu_int::{IBig, UBig};

/// An integer that was read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ParsedInt {
    /// Fits an `i64`.
    Small(i64),
    /// Does not fit.
    Big(IBig),
}

/// Why a conversion is refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum IntError {
    /// The base is neither 0 nor 2 to 36.
    Base,
    /// No number in that base; the caller's message quotes the text.
    Literal,
    /// More decimal digits than the limit; `digits` is how many there were.
    TooManyDigits {
        /// The limit in force.
        limit: usize,
        /// The digits in the text.
        digits: usize,
    },
    /// The number would have more decimal digits than the limit.
    TooLong {
        /// The limit in force.
        limit: usize,
    },
}

impl std::fmt::Display for IntError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Base => f.write_str("int() base must be >= 2 and <= 36, or 0"),
            Self::Literal => f.write_str("invalid literal for int()"),
            Self::TooManyDigits { limit, digits } => write!(
                f,
                "Exceeds the limit ({limit} digits) for integer string conversion: value has \
                 {digits} digits; use sys.set_int_max_str_digits() to increase the limit"
            ),
            Self::TooLong { limit } => write!(
                f,
                "Exceeds the limit ({limit} digits) for integer string conversion; use \
                 sys.set_int_max_str_digits() to increase the limit"
            ),
        }
    }
}

/// The text as `int`, `float` and `complex` read it: whitespace around it gone, decimal digits of
/// all scripts as ASCII, inner whitespace as spaces, and `?` for whatever else is not ASCII.
pub fn to_ascii<C: CodeUnit>(text: &[C]) -> Vec<u8> {
    let mut text = text;
    while let [first, rest @ ..] = text
        && is_space(first.code())
    {
        text = rest;
    }
    while let [rest @ .., last] = text
        && is_space(last.code())
    {
        text = rest;
    }
    code_points(text)
        .map(|c| match c {
            0..0x80 if !is_space(c) => c as u8,
            _ if is_space(c) => b' ',
            _ => numeric::decimal(c).map_or(b'?', |d| d + b'0'),
        })
        .collect()
}

fn value(byte: u8) -> u32 {
    match byte {
        b'0'..=b'9' => u32::from(byte - b'0'),
        b'a'..=b'z' => u32::from(byte - b'a') + 10,
        b'A'..=b'Z' => u32::from(byte - b'A') + 10,
        _ => 99,
    }
}

/// Reads an integer in `base` (0 to go by the prefix, else 2 to 36) from ASCII text without
/// surrounding whitespace: a sign, a prefix that fits the base, digits with single underscores
/// between them.
///
/// `limit` is `sys.get_int_max_str_digits()`, 0 for none; it counts only in bases that are no power
/// of two.
pub fn parse(text: &[u8], base: u32, limit: usize) -> Result<ParsedInt, IntError> {
    if base == 1 || base > 36 {
        return Err(IntError::Base);
    }
    let (negative, mut body) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    let prefix = match body {
        [b'0', b'x' | b'X', ..] => 16,
        [b'0', b'o' | b'O', ..] => 8,
        [b'0', b'b' | b'B', ..] => 2,
        _ => 0,
    };
    let mut base = base;
    let mut only_zero = false;
    if base == 0 {
        base = if prefix == 0 { 10 } else { prefix };
        // "012" has no meaning in base 0, "000" has.
        only_zero = prefix == 0 && body.first() == Some(&b'0');
    }
    if prefix == base {
        body = &body[2..];
        // One underscore may follow the prefix.
        if let [b'_', rest @ ..] = body {
            body = rest;
        }
    }
    let mut digits = 0;
    let mut after_digit = false;
    let mut small: Option<u64> = Some(0);
    for &b in body {
        if b == b'_' {
            if !after_digit {
                return Err(IntError::Literal);
            }
            after_digit = false;
            continue;
        }
        let v = value(b);
        if v >= base {
            return Err(IntError::Literal);
        }
        digits += 1;
        after_digit = true;
        small = small
            .and_then(|s| s.checked_mul(u64::from(base)))
            .and_then(|s| s.checked_add(u64::from(v)));
    }
    if !after_digit || only_zero && small != Some(0) {
        return Err(IntError::Literal);
    }
    if !base.is_power_of_two()
        && limit > 0
        && digits > super::ALWAYS_ALLOWED_DIGITS
        && digits > limit
    {
        return Err(IntError::TooManyDigits { limit, digits });
    }
    if let Some(s) = small
        && let Some(s) = if negative {
            0i64.checked_sub_unsigned(s)
        } else {
            i64::try_from(s).ok()
        }
    {
        return Ok(ParsedInt::Small(s));
    }
    let clean: Vec<u8> = body.iter().copied().filter(|b| *b != b'_').collect();
    let magnitude = std::str::from_utf8(&clean)
        .ok()
        .and_then(|s| UBig::from_str_radix(s, base).ok())
        .ok_or(IntError::Literal)?;
    let whole = IBig::from(magnitude);
    Ok(ParsedInt::Big(if negative { -whole } else { whole }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn small(text: &str, base: u32) -> Result<i64, IntError> {
        match parse(text.as_bytes(), base, 4300)? {
            ParsedInt::Small(v) => Ok(v),
            ParsedInt::Big(_) => Err(IntError::Base),
        }
    }

    #[test]
    fn literals() {
        assert_eq!(small("-1_000", 10), Ok(-1000));
        assert_eq!(small("0x_ff", 0), Ok(255));
        assert_eq!(small("0xff", 16), Ok(255));
        assert_eq!(small("0b1", 16), Ok(0xb1));
        assert_eq!(small("zz", 36), Ok(1295));
        assert_eq!(small("00_0", 0), Ok(0));
        assert_eq!(small("-9223372036854775808", 10), Ok(i64::MIN));
        for (bad, base) in [
            ("", 10),
            ("_1", 10),
            ("1_", 10),
            ("1__1", 10),
            ("012", 0),
            ("0x", 0),
            ("0x", 16),
            ("2", 2),
            ("+-1", 10),
        ] {
            assert_eq!(small(bad, base), Err(IntError::Literal), "{bad}");
        }
        assert_eq!(small("1", 1), Err(IntError::Base));
        assert!(matches!(
            parse(b"9223372036854775808", 10, 0),
            Ok(ParsedInt::Big(_))
        ));
        assert!(matches!(
            parse(&[b'1'; 5000], 10, 4300),
            Err(IntError::TooManyDigits {
                limit: 4300,
                digits: 5000
            })
        ));
        assert!(parse(&[b'1'; 5000], 16, 4300).is_ok());
    }

    #[test]
    fn scripts() {
        let text: Vec<u16> = "\u{2003}-\u{661}\u{662} \u{E9}\n".encode_utf16().collect();
        assert_eq!(to_ascii(&text), b"-12 ?");
    }
}
