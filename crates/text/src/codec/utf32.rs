//! UTF-32.

use super::{ByteOrder, CodecError, is_surrogate};
use crate::CodeUnit;
use crate::format::Sink;

/// Decodes UTF-32; `order` as in [`decode_utf16`](super::decode_utf16).
pub fn decode_utf32<S: Sink>(
    input: &[u8],
    from: usize,
    last: bool,
    order: &mut Option<ByteOrder>,
    out: &mut S,
) -> Result<usize, CodecError> {
    let mut at = from;
    if order.is_none() {
        match input.get(at..at + 4) {
            Some([0xFF, 0xFE, 0, 0]) if from == 0 => {
                *order = Some(ByteOrder::Little);
                at += 4;
            }
            Some([0, 0, 0xFE, 0xFF]) if from == 0 => {
                *order = Some(ByteOrder::Big);
                at += 4;
            }
            None if !last => return Ok(at),
            _ => *order = Some(ByteOrder::NATIVE),
        }
    }
    while let Some(bytes) = input
        .get(at..at + 4)
        .and_then(|b| <[u8; 4]>::try_from(b).ok())
    {
        let code = match order {
            Some(ByteOrder::Big) => u32::from_be_bytes(bytes),
            _ => u32::from_le_bytes(bytes),
        };
        if is_surrogate(code) {
            let reason = "code point in surrogate code point range(0xd800, 0xe000)";
            return Err(CodecError::new(at, at + 4, reason));
        }
        if code > 0x10FFFF {
            return Err(CodecError::new(
                at,
                at + 4,
                "code point not in range(0x110000)",
            ));
        }
        out.push(code);
        at += 4;
    }
    if last && at < input.len() {
        return Err(CodecError::new(at, input.len(), "truncated data"));
    }
    Ok(at)
}

/// Encodes as UTF-32 in the order given, without a byte order mark; surrogates are an error.
pub fn encode_utf32<C: CodeUnit>(
    text: &[C],
    from: usize,
    order: ByteOrder,
    out: &mut Vec<u8>,
) -> Result<(), CodecError> {
    for (at, c) in text.iter().enumerate().skip(from) {
        let code = c.code();
        if is_surrogate(code) {
            return Err(CodecError::new(at, at + 1, "surrogates not allowed"));
        }
        out.extend_from_slice(&match order {
            ByteOrder::Little => code.to_le_bytes(),
            ByteOrder::Big => code.to_be_bytes(),
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways() {
        let mut bytes = Vec::new();
        encode_utf32(&[0x1F600u32, 0x41], 0, ByteOrder::Big, &mut bytes).unwrap();
        let mut out = String::new();
        let mut order = Some(ByteOrder::Big);
        assert_eq!(decode_utf32(&bytes, 0, true, &mut order, &mut out), Ok(8));
        assert_eq!(out, "😀A");
        let error = decode_utf32(b"abc", 0, true, &mut None, &mut out).unwrap_err();
        assert_eq!(error, CodecError::new(0, 3, "truncated data"));
        let error = decode_utf32(b"\0\xd8\0\0", 0, true, &mut None, &mut out).unwrap_err();
        assert_eq!(
            error.reason,
            "code point in surrogate code point range(0xd800, 0xe000)"
        );
        assert_eq!(
            decode_utf32(b"\xff\xfe\0", 0, false, &mut None, &mut out),
            Ok(0)
        );
    }
}
