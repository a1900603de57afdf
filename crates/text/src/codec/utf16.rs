//! UTF-16.

use super::{ByteOrder, CodecError, is_surrogate};
use crate::CodeUnit;
use crate::format::Sink;

/// Decodes UTF-16. With `order` `None` a byte order mark at `from` 0 decides and is consumed, else
/// the machine's order holds; `order` then says which one it was, for what follows.
pub fn decode_utf16<S: Sink>(
    input: &[u8],
    from: usize,
    last: bool,
    order: &mut Option<ByteOrder>,
    out: &mut S,
) -> Result<usize, CodecError> {
    let mut at = from;
    if order.is_none() {
        match input.get(at..at + 2) {
            Some([0xFF, 0xFE]) if from == 0 => {
                *order = Some(ByteOrder::Little);
                at += 2;
            }
            Some([0xFE, 0xFF]) if from == 0 => {
                *order = Some(ByteOrder::Big);
                at += 2;
            }
            // Until two bytes are there, nothing is decided.
            None if !last => return Ok(at),
            _ => *order = Some(ByteOrder::NATIVE),
        }
    }
    let unit = |at: usize| -> Option<u32> {
        let pair: [u8; 2] = input.get(at..at + 2)?.try_into().ok()?;
        Some(u32::from(match order {
            Some(ByteOrder::Big) => u16::from_be_bytes(pair),
            _ => u16::from_le_bytes(pair),
        }))
    };
    while let Some(first) = unit(at) {
        if !is_surrogate(first) {
            out.push(first);
            at += 2;
            continue;
        }
        if first >= 0xDC00 {
            return Err(CodecError::new(at, at + 2, "illegal encoding"));
        }
        match unit(at + 2) {
            Some(second @ 0xDC00..0xE000) => {
                out.push(0x10000 + ((first & 0x3FF) << 10 | second & 0x3FF));
                at += 4;
            }
            Some(_) => return Err(CodecError::new(at, at + 2, "illegal UTF-16 surrogate")),
            None if !last => return Ok(at),
            None => return Err(CodecError::new(at, input.len(), "unexpected end of data")),
        }
    }
    if last && at < input.len() {
        return Err(CodecError::new(at, input.len(), "truncated data"));
    }
    Ok(at)
}

/// Encodes as UTF-16 in the order given, without a byte order mark; surrogates are an error.
pub fn encode_utf16<C: CodeUnit>(
    text: &[C],
    from: usize,
    order: ByteOrder,
    out: &mut Vec<u8>,
) -> Result<(), CodecError> {
    let mut push = |unit: u32| {
        let unit = unit as u16;
        out.extend_from_slice(&match order {
            ByteOrder::Little => unit.to_le_bytes(),
            ByteOrder::Big => unit.to_be_bytes(),
        });
    };
    for (at, c) in text.iter().enumerate().skip(from) {
        match c.code() {
            code if is_surrogate(code) => {
                return Err(CodecError::new(at, at + 1, "surrogates not allowed"));
            }
            code @ 0..0x10000 => push(code),
            code => {
                let rest = code - 0x10000;
                push(0xD800 | rest >> 10);
                push(0xDC00 | rest & 0x3FF);
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(input: &[u8], order: Option<ByteOrder>) -> Result<String, CodecError> {
        let mut order = order;
        let mut out = String::new();
        decode_utf16(input, 0, true, &mut order, &mut out).map(|_| out)
    }

    #[test]
    fn both_ways() {
        assert_eq!(decode(b"\xff\xfea\0", None).as_deref(), Ok("a"));
        assert_eq!(decode(b"\xfe\xff\0a", None).as_deref(), Ok("a"));
        assert_eq!(
            decode(b"\xff\xfea\0", Some(ByteOrder::Little)).as_deref(),
            Ok("\u{FEFF}a")
        );
        let mut out = Vec::new();
        encode_utf16(&[0x1F600u32, 0x41], 0, ByteOrder::Big, &mut out).unwrap();
        assert_eq!(decode(&out, Some(ByteOrder::Big)).as_deref(), Ok("😀A"));
        for (input, start, end, reason) in [
            (b"a\0b".as_slice(), 2, 3, "truncated data"),
            (b"\0\xd8", 0, 2, "unexpected end of data"),
            (b"\0\xd8a\0", 0, 2, "illegal UTF-16 surrogate"),
            (b"\0\xdc", 0, 2, "illegal encoding"),
        ] {
            assert_eq!(
                decode(input, Some(ByteOrder::Little)),
                Err(CodecError::new(start, end, reason))
            );
        }
    }
}
