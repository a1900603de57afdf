//! `float.hex` and `float.fromhex`.

/// Why `float.fromhex` refuses a text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HexError {
    /// `ValueError: invalid hexadecimal floating-point string`
    Invalid,
    /// `OverflowError: hexadecimal value too large to represent as a float`
    TooLarge,
}

impl HexError {
    /// CPython's text for the error.
    pub fn message(self) -> &'static str {
        match self {
            Self::Invalid => "invalid hexadecimal floating-point string",
            Self::TooLarge => "hexadecimal value too large to represent as a float",
        }
    }
}

/// `float.hex`: such as `-0x1.8000000000000p+1`.
pub fn to_hex(value: f64) -> String {
    if !value.is_finite() {
        return super::repr(value);
    }
    let sign = if value.is_sign_negative() { "-" } else { "" };
    if value == 0.0 {
        return format!("{sign}0x0.0p+0");
    }
    let bits = value.to_bits();
    let fraction = bits & ((1 << 52) - 1);
    let (lead, exponent) = match (bits >> 52 & 0x7FF) as i32 {
        0 => (0, -1022),
        biased => (1, biased - 1023),
    };
    format!("{sign}0x{lead}.{fraction:013x}p{exponent:+}")
}

/// `float.fromhex` of a text without surrounding whitespace: an optional sign, an optional `0x`,
/// hexadecimal digits with an optional point, an optional decimal exponent after `p`; or `inf`,
/// `infinity`, `nan`. Rounded half to even.
pub fn from_hex(text: &[u8]) -> Result<f64, HexError> {
    let (negative, body) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    let magnitude = if body.eq_ignore_ascii_case(b"inf") || body.eq_ignore_ascii_case(b"infinity") {
        f64::INFINITY
    } else if body.eq_ignore_ascii_case(b"nan") {
        f64::NAN
    } else {
        finite(body)?
    };
    Ok(if negative { -magnitude } else { magnitude })
}

fn finite(body: &[u8]) -> Result<f64, HexError> {
    let body = match body {
        [b'0', b'x' | b'X', rest @ ..] => rest,
        _ => body,
    };
    // The first 64 significant bits, whether any bit behind them is set, and the exponent of the
    // last of the 64.
    let (mut mantissa, mut sticky, mut exponent) = (0u64, false, 0i64);
    let (mut at, mut seen, mut point) = (0, false, false);
    while let Some(&b) = body.get(at) {
        let digit = match b {
            b'0'..=b'9' => b - b'0',
            b'a'..=b'f' => b - b'a' + 10,
            b'A'..=b'F' => b - b'A' + 10,
            b'.' if !point => {
                point = true;
                at += 1;
                continue;
            }
            _ => break,
        };
        seen = true;
        at += 1;
        if mantissa >> 60 == 0 {
            mantissa = mantissa << 4 | u64::from(digit);
            exponent -= if point { 4 } else { 0 };
        } else {
            sticky |= digit != 0;
            exponent += if point { 0 } else { 4 };
        }
    }
    if !seen {
        return Err(HexError::Invalid);
    }
    if let Some(b'p' | b'P') = body.get(at) {
        let (negative, digits) = match &body[at + 1..] {
            [b'-', rest @ ..] => (true, rest),
            [b'+', rest @ ..] => (false, rest),
            rest => (false, rest),
        };
        if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
            return Err(HexError::Invalid);
        }
        // Far outside of any exponent, saturation changes nothing.
        let power = digits.iter().fold(0i64, |v, d| {
            v.saturating_mul(10)
                .saturating_add(i64::from(d - b'0'))
                .min(1 << 60)
        });
        exponent = exponent.saturating_add(if negative { -power } else { power });
    } else if at != body.len() {
        return Err(HexError::Invalid);
    }
    if mantissa == 0 {
        return Ok(0.0);
    }
    // Left-justify: the value is now mantissa * 2^exponent with the top bit of 64 set.
    let shift = mantissa.leading_zeros();
    mantissa <<= shift;
    exponent -= i64::from(shift);
    let top = exponent.saturating_add(63);
    if top > 1023 {
        return Err(HexError::TooLarge);
    }
    // Bits to drop so that 53 remain, or fewer for a subnormal.
    let drop = if top >= -1022 { 11 } else { 11 + (-1022 - top) };
    if drop > 64 {
        return Ok(0.0);
    }
    let wide = u128::from(mantissa) << 64 | u128::from(sticky);
    let cut = drop as u32 + 64;
    let (mut kept, rest, half) = (
        wide.checked_shr(cut).unwrap_or(0) as u64,
        if cut == 128 {
            wide
        } else {
            wide & ((1 << cut) - 1)
        },
        1u128 << (cut - 1),
    );
    if rest > half || rest == half && kept & 1 == 1 {
        kept += 1;
    }
    // A carry moves into the exponent by itself: the fields are adjacent.
    let bits = if top >= -1022 {
        (((top + 1023) as u64) << 52) + (kept - (1 << 52))
    } else {
        kept
    };
    let value = f64::from_bits(bits);
    if value.is_finite() {
        Ok(value)
    } else {
        Err(HexError::TooLarge)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways() {
        for v in [
            1.5,
            -3.0,
            0.1,
            5e-324,
            2.2250738585072014e-308,
            f64::MAX,
            f64::MIN_POSITIVE,
        ] {
            assert_eq!(from_hex(to_hex(v).as_bytes()), Ok(v));
        }
        assert_eq!(to_hex(-3.0), "-0x1.8000000000000p+1");
        assert_eq!(to_hex(5e-324), "0x0.0000000000001p-1022");
        assert_eq!(to_hex(0.0), "0x0.0p+0");
        assert_eq!(from_hex(b"0x.8p1"), Ok(1.0));
        assert_eq!(from_hex(b"ff"), Ok(255.0));
        assert_eq!(
            from_hex(b"0x1.fffffffffffff8p+1023"),
            Err(HexError::TooLarge)
        );
        assert_eq!(from_hex(b"0x1p-1075"), Ok(0.0));
        assert_eq!(from_hex(b"0x1.8p-1075"), Ok(5e-324));
        assert_eq!(from_hex(b"0x1p-99999999999999999999"), Ok(0.0));
        assert_eq!(from_hex(b"0x1.00000000000008p0"), Ok(1.0));
        assert_eq!(
            from_hex(b"0x1.000000000000080000000000000001p0"),
            Ok(1.0 + f64::EPSILON)
        );
        for bad in ["", "0x", "0x.", "1p", "0x1pg", "1..2", "0x1 "] {
            assert_eq!(from_hex(bad.as_bytes()), Err(HexError::Invalid), "{bad}");
        }
    }
}
