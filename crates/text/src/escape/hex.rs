//! `bytes.fromhex` and `bytes.hex`.

use crate::CodeUnit;
use crate::search::is_ascii_space;

/// `ValueError` of `bytes.fromhex`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HexBytesError {
    /// No hexadecimal digit at this position.
    Digit(usize),
    /// The text ends after the first digit of a pair.
    Odd,
}

impl std::fmt::Display for HexBytesError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Digit(at) => {
                write!(
                    f,
                    "non-hexadecimal number found in fromhex() arg at position {at}"
                )
            }
            Self::Odd => {
                f.write_str("fromhex() arg must contain an even number of hexadecimal digits")
            }
        }
    }
}

/// Pairs of hexadecimal digits, whitespace allowed between the pairs.
pub fn from_hex<C: CodeUnit>(text: &[C]) -> Result<Vec<u8>, HexBytesError> {
    let digit = |at: usize| match text.get(at) {
        None => Err(HexBytesError::Odd),
        Some(c) => char::from_u32(c.code())
            .and_then(|c| c.to_digit(16))
            .map(|d| d as u8)
            .ok_or(HexBytesError::Digit(at)),
    };
    let mut out = Vec::with_capacity(text.len() / 2);
    let mut at = 0;
    while at < text.len() {
        if is_ascii_space(text[at].code()) {
            at += 1;
            continue;
        }
        out.push(digit(at)? << 4 | digit(at + 1)?);
        at += 2;
    }
    Ok(out)
}

/// Two hexadecimal digits a byte, with a separator (a byte) between groups: of `group` bytes
/// counted from the right where positive, of `-group` bytes counted from the left where negative.
pub fn to_hex(bytes: &[u8], separator: Option<u8>, group: isize) -> Vec<u8> {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let size = group.unsigned_abs();
    let separator = separator.filter(|_| size > 0);
    let mut out = Vec::with_capacity(bytes.len() * if separator.is_some() { 3 } else { 2 });
    for (i, b) in bytes.iter().enumerate() {
        if let Some(s) = separator {
            let place = if group > 0 { bytes.len() - i } else { i };
            if i > 0 && place.is_multiple_of(size) {
                out.push(s);
            }
        }
        out.push(HEX[(b >> 4) as usize]);
        out.push(HEX[(b & 15) as usize]);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways() {
        assert_eq!(from_hex(b" 0a FF\n"), Ok(vec![10, 255]));
        assert_eq!(from_hex(b"0a f"), Err(HexBytesError::Odd));
        assert_eq!(from_hex(b"0 a"), Err(HexBytesError::Digit(1)));
        assert_eq!(from_hex(b"zz"), Err(HexBytesError::Digit(0)));
        assert_eq!(to_hex(b"\x01\x02\x03", Some(b':'), 2), b"01:0203");
        assert_eq!(to_hex(b"\x01\x02\x03", Some(b':'), -2), b"0102:03");
        assert_eq!(to_hex(b"\x01\x02", None, 1), b"0102");
        assert_eq!(to_hex(b"", Some(b':'), isize::MIN), b"");
    }
}
