//! UTF-8.

use super::{CodecError, is_surrogate};
use crate::CodeUnit;
use crate::format::Sink;

/// One character: its code and length; or why there is none, with the length of the wrong part and
/// whether more input could complete it.
fn character(input: &[u8]) -> Result<(u32, usize), (usize, &'static str, bool)> {
    const START: &str = "invalid start byte";
    const CONTINUATION: &str = "invalid continuation byte";
    const END: &str = "unexpected end of data";
    let first = input[0];
    // Length, and what the second byte may be: it excludes overlong forms, surrogates and what is
    // beyond U+10FFFF.
    let (length, low, high) = match first {
        0..=0x7F => return Ok((u32::from(first), 1)),
        0xC2..=0xDF => (2, 0x80, 0xBF),
        0xE0 => (3, 0xA0, 0xBF),
        0xED => (3, 0x80, 0x9F),
        0xE1..=0xEF => (3, 0x80, 0xBF),
        0xF0 => (4, 0x90, 0xBF),
        0xF1..=0xF3 => (4, 0x80, 0xBF),
        0xF4 => (4, 0x80, 0x8F),
        _ => return Err((1, START, false)),
    };
    let mut code = u32::from(first) & (0x7F >> length);
    for i in 1..length {
        let (low, high) = if i == 1 { (low, high) } else { (0x80, 0xBF) };
        match input.get(i) {
            None => return Err((i, END, true)),
            Some(b) if (low..=high).contains(b) => code = code << 6 | u32::from(b & 0x3F),
            Some(_) => return Err((i, CONTINUATION, false)),
        }
    }
    Ok((code, length))
}

/// Decodes UTF-8.
pub fn decode_utf8<S: Sink>(
    input: &[u8],
    from: usize,
    last: bool,
    out: &mut S,
) -> Result<usize, CodecError> {
    let mut at = from;
    while at < input.len() {
        // Runs of ASCII are most of what is decoded.
        let rest = &input[at..];
        let ascii = rest
            .iter()
            .position(|b| !b.is_ascii())
            .unwrap_or(rest.len());
        if let Ok(text) = std::str::from_utf8(&rest[..ascii]) {
            out.push_ascii(text);
        }
        at += ascii;
        while at < input.len() && !input[at].is_ascii() {
            match character(&input[at..]) {
                Ok((code, length)) => {
                    out.push(code);
                    at += length;
                }
                Err((_, _, true)) if !last => return Ok(at),
                // A surrogate cut in two: it is for the error handler to say what that is, when all of it is there.
                Err(_) if !last && matches!(input[at..], [0xED, 0xA0..=0xBF]) => return Ok(at),
                Err((length, reason, _)) => return Err(CodecError::new(at, at + length, reason)),
            }
        }
    }
    Ok(at)
}

/// The number of characters and the greatest code point of valid UTF-8, to size the string before
/// it is filled.
pub fn scan_utf8(input: &[u8]) -> Result<(usize, u32), CodecError> {
    match std::str::from_utf8(input) {
        Ok(text) if text.is_ascii() => Ok((text.len(), if text.is_empty() { 0 } else { 0x7F })),
        Ok(text) => Ok((
            text.chars().count(),
            text.chars().max().map_or(0, u32::from),
        )),
        Err(error) => {
            let at = error.valid_up_to();
            let (length, reason) = match character(&input[at..]) {
                Err((length, reason, _)) => (length, reason),
                Ok(_) => (1, "invalid start byte"),
            };
            Err(CodecError::new(at, at + length, reason))
        }
    }
}

/// Encodes as UTF-8; surrogates are an error.
pub fn encode_utf8<C: CodeUnit>(
    text: &[C],
    from: usize,
    out: &mut Vec<u8>,
) -> Result<(), CodecError> {
    // Characters are written to a buffer that always has room for one more, and copied out of it many at a time:
    // the room in `out` is then not asked for each.
    const ROOM: usize = 256;
    let mut buffer = [0u8; ROOM + 4];
    let mut used = 0;
    for (at, c) in text.iter().enumerate().skip(from) {
        let code = c.code();
        if used >= ROOM {
            out.extend_from_slice(&buffer[..used]);
            used = 0;
        }
        let Some(place) = buffer.get_mut(used..).and_then(|b| b.first_chunk_mut::<4>()) else { break };
        let tail = |shift: u32| 0x80 | (code >> shift & 0x3F) as u8;
        used += match code {
            0..0x80 => {
                place[0] = code as u8;
                1
            }
            0x80..0x800 => {
                *place = [0xC0 | (code >> 6) as u8, tail(0), 0, 0];
                2
            }
            0xD800..0xE000 => {
                out.extend_from_slice(&buffer[..used]);
                let run = text[at..].iter().take_while(|c| is_surrogate(c.code())).count().max(1);
                return Err(CodecError::new(at, at + run, "surrogates not allowed"));
            }
            0x800..0x10000 => {
                *place = [0xE0 | (code >> 12) as u8, tail(6), tail(0), 0];
                3
            }
            _ => {
                *place = [0xF0 | (code >> 18 & 7) as u8, tail(12), tail(6), tail(0)];
                4
            }
        };
    }
    out.extend_from_slice(&buffer[..used]);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors() {
        for (input, start, end, reason) in [
            (b"a\x80".as_slice(), 1, 2, "invalid start byte"),
            (b"\xc0\x80", 0, 1, "invalid start byte"),
            (b"\xf5\x80", 0, 1, "invalid start byte"),
            (b"\xe2\x82A", 0, 2, "invalid continuation byte"),
            (b"\xed\xa0\x80", 0, 1, "invalid continuation byte"),
            (b"\xe2\x82", 0, 2, "unexpected end of data"),
            (b"\xf0\x9f\x98", 0, 3, "unexpected end of data"),
            (b"\xe0\x80", 0, 1, "invalid continuation byte"),
        ] {
            let expected = CodecError::new(start, end, reason);
            assert_eq!(
                decode_utf8(input, 0, true, &mut String::new()),
                Err(expected)
            );
            assert_eq!(scan_utf8(input), Err(expected));
        }
        let mut out = String::new();
        assert_eq!(decode_utf8(b"a\xe2\x82", 0, false, &mut out), Ok(1));
    }

    #[test]
    fn both_ways() {
        let text = "aé€😀z";
        let mut out = String::new();
        assert_eq!(
            decode_utf8(text.as_bytes(), 0, true, &mut out),
            Ok(text.len())
        );
        assert_eq!(out, text);
        assert_eq!(scan_utf8(text.as_bytes()), Ok((5, 0x1F600)));
        let mut out = Vec::new();
        let error = encode_utf8(&[0x41u16, 0xD800, 0xDC00, 0x42], 0, &mut out).unwrap_err();
        assert_eq!((error.start, error.end), (1, 3));
    }
}
