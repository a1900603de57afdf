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

/// What stands in [`DIGITS`] for a byte that is no digit.
const NONE: u8 = 0xff;

/// The value of each hexadecimal digit.
static DIGITS: [u8; 256] = {
    let mut table = [NONE; 256];
    let mut i = 0;
    while i < 16 {
        table[HEX[i] as usize] = i as u8;
        table[HEX[i].to_ascii_uppercase() as usize] = i as u8;
        i += 1;
    }
    table
};

const HEX: &[u8; 16] = b"0123456789abcdef";

/// The two digits of each byte.
static PAIRS: [[u8; 2]; 256] = {
    let mut table = [[0; 2]; 256];
    let mut i = 0;
    while i < 256 {
        table[i] = [HEX[i >> 4], HEX[i & 15]];
        i += 1;
    }
    table
};

/// The bytes of pairs of hexadecimal digits, nothing between them; `None` where something else stands.
pub fn hex_pairs(text: &[u8]) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) {
        return None;
    }
    let mut wrong = 0;
    let mut out = Vec::with_capacity(text.len() / 2);
    out.extend(text.chunks_exact(2).map(|pair| {
        let (high, low) = (DIGITS[usize::from(pair[0])], DIGITS[usize::from(pair[1])]);
        wrong |= high | low;
        high << 4 | low
    }));
    (wrong & 0x80 == 0).then_some(out)
}

/// Two hexadecimal digits a byte, with a separator (a byte) between groups: of `group` bytes
/// counted from the right where positive, of `-group` bytes counted from the left where negative.
pub fn to_hex(bytes: &[u8], separator: Option<u8>, group: isize) -> Vec<u8> {
    let push = |out: &mut Vec<u8>, group: &[u8]| group.iter().for_each(|b| out.extend_from_slice(&PAIRS[usize::from(*b)]));
    let size = group.unsigned_abs();
    let mut out = Vec::with_capacity(bytes.len() * if separator.is_some() { 3 } else { 2 });
    let Some(separator) = separator.filter(|_| size > 0 && size < bytes.len()) else {
        push(&mut out, bytes);
        return out;
    };
    // Counted from the right, the first group may be shorter.
    let first = if group > 0 { (bytes.len() - 1) % size + 1 } else { size };
    let (first, rest) = bytes.split_at(first);
    push(&mut out, first);
    for group in rest.chunks(size) {
        out.push(separator);
        push(&mut out, group);
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
        assert_eq!(to_hex(b"\x01\x02\x03\x04", Some(b':'), 2), b"0102:0304");
        assert_eq!(to_hex(b"\x01\x02", Some(b':'), -2), b"0102");
        assert_eq!(hex_pairs(b"0aFf"), Some(vec![10, 255]));
        assert_eq!((hex_pairs(b"0"), hex_pairs(b"0g")), (None, None));
    }
}
