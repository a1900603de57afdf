//! ASCII and latin-1.

use super::CodecError;
use crate::CodeUnit;
use crate::format::Sink;

/// Decodes ASCII.
pub fn decode_ascii<S: Sink>(input: &[u8], from: usize, out: &mut S) -> Result<usize, CodecError> {
    for (at, b) in input.iter().enumerate().skip(from) {
        if !b.is_ascii() {
            return Err(CodecError::new(at, at + 1, "ordinal not in range(128)"));
        }
        out.push(u32::from(*b));
    }
    Ok(input.len())
}

/// Decodes latin-1, which takes every byte.
pub fn decode_latin_1<S: Sink>(input: &[u8], from: usize, out: &mut S) -> usize {
    input
        .iter()
        .skip(from)
        .for_each(|b| out.push(u32::from(*b)));
    input.len()
}

fn encode<C: CodeUnit>(
    text: &[C],
    from: usize,
    limit: u32,
    reason: &'static str,
    out: &mut Vec<u8>,
) -> Result<(), CodecError> {
    for (at, c) in text.iter().enumerate().skip(from) {
        if c.code() >= limit {
            // The error covers the whole run of what does not fit.
            let run = text[at..].iter().take_while(|c| c.code() >= limit).count();
            return Err(CodecError::new(at, at + run, reason));
        }
        out.push(c.code() as u8);
    }
    Ok(())
}

/// Encodes as ASCII.
pub fn encode_ascii<C: CodeUnit>(
    text: &[C],
    from: usize,
    out: &mut Vec<u8>,
) -> Result<(), CodecError> {
    encode(text, from, 0x80, "ordinal not in range(128)", out)
}

/// Encodes as latin-1.
pub fn encode_latin_1<C: CodeUnit>(
    text: &[C],
    from: usize,
    out: &mut Vec<u8>,
) -> Result<(), CodecError> {
    encode(text, from, 0x100, "ordinal not in range(256)", out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_and_resumption() {
        let mut out = String::new();
        let error = decode_ascii(b"ab\xffc", 0, &mut out).unwrap_err();
        assert_eq!((error.start, error.end, out.as_str()), (2, 3, "ab"));
        assert_eq!(decode_ascii(b"ab\xffc", 3, &mut out), Ok(4));
        assert_eq!(out, "abc");
        let mut out = Vec::new();
        let error = encode_latin_1(&[0xE9u16, 0x100, 0x200, 0x41], 0, &mut out).unwrap_err();
        assert_eq!(
            (error.start, error.end, out.as_slice()),
            (1, 3, [0xE9].as_slice())
        );
    }
}
