//! The codecs `unicode_escape` and `raw_unicode_escape`.

use super::repr::{push_escape, push_hex};
use crate::CodeUnit;
use crate::codec::CodecError;
use crate::format::Sink;
use crate::unicode::names;

/// A backslash sequence that has no meaning and stays as it is (`DeprecationWarning` or
/// `SyntaxWarning`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct EscapeWarning {
    /// Position of the backslash.
    pub start: usize,
    /// The character behind it; for an octal escape beyond `\377` its first digit.
    pub code: u8,
    /// The value of an octal escape beyond `\377`.
    pub octal: Option<u32>,
}

/// Reads up to `count` hexadecimal digits; returns the value, how many there were, and whether the
/// input ended before all were read.
fn hex(input: &[u8], count: usize) -> (u32, usize, bool) {
    let mut value = 0u32;
    for i in 0..count {
        match input.get(i) {
            None => return (value, i, true),
            Some(b) => match (*b as char).to_digit(16) {
                Some(d) => value = value << 4 | d,
                None => return (value, i, false),
            },
        }
    }
    (value, count, false)
}

/// Decodes from `from` on, as [`crate::codec`] describes it; bytes stand for latin-1. What is
/// invalid but harmless goes to `warnings`.
pub fn decode_unicode_escape<S: Sink>(
    input: &[u8],
    from: usize,
    last: bool,
    warnings: &mut Vec<EscapeWarning>,
    out: &mut S,
) -> Result<usize, CodecError> {
    let mut at = from;
    while let Some(&b) = input.get(at) {
        let start = at;
        at += 1;
        if b != b'\\' {
            out.push(u32::from(b));
            continue;
        }
        // Reports the end of the input within an escape, unless more is to come.
        let cut = |end: usize, reason: &'static str| {
            if last {
                Err(CodecError::new(start, end, reason))
            } else {
                Ok(start)
            }
        };
        let Some(&c) = input.get(at) else {
            return cut(at, "\\ at end of string");
        };
        at += 1;
        let code = match c {
            b'\n' => continue,
            b'\\' | b'\'' | b'"' => u32::from(c),
            b'b' => 0x08,
            b'f' => 0x0C,
            b't' => 0x09,
            b'n' => 0x0A,
            b'r' => 0x0D,
            b'v' => 0x0B,
            b'a' => 0x07,
            b'0'..=b'7' => {
                let mut value = u32::from(c - b'0');
                for _ in 0..2 {
                    match input.get(at) {
                        Some(d @ b'0'..=b'7') => value = value * 8 + u32::from(d - b'0'),
                        _ => break,
                    }
                    at += 1;
                }
                if value > 0o377 {
                    warnings.push(EscapeWarning {
                        start,
                        code: c,
                        octal: Some(value),
                    });
                }
                value
            }
            b'x' | b'u' | b'U' => {
                let (count, reason) = match c {
                    b'x' => (2, "truncated \\xXX escape"),
                    b'u' => (4, "truncated \\uXXXX escape"),
                    _ => (8, "truncated \\UXXXXXXXX escape"),
                };
                let (value, read, ended) = hex(&input[at..], count);
                at += read;
                if ended {
                    return cut(at, reason);
                }
                if read < count {
                    return Err(CodecError::new(start, at, reason));
                }
                if value > 0x10FFFF {
                    return Err(CodecError::new(start, at, "illegal Unicode character"));
                }
                value
            }
            b'N' => {
                const MALFORMED: &str = "malformed \\N character escape";
                match input.get(at) {
                    None => return cut(at, MALFORMED),
                    Some(b'{') => at += 1,
                    Some(_) => return Err(CodecError::new(start, at, MALFORMED)),
                }
                let Some(length) = memchr::memchr(b'}', &input[at..]) else {
                    return cut(input.len(), MALFORMED);
                };
                let name = &input[at..at + length];
                at += length;
                if name.is_empty() {
                    return Err(CodecError::new(start, at, MALFORMED));
                }
                at += 1;
                match std::str::from_utf8(name).ok().and_then(names::character) {
                    Some(code) => code,
                    None => {
                        let reason = "unknown Unicode character name";
                        return Err(CodecError::new(start, at, reason));
                    }
                }
            }
            _ => {
                warnings.push(EscapeWarning {
                    start,
                    code: c,
                    octal: None,
                });
                out.push(u32::from(b'\\'));
                u32::from(c)
            }
        };
        out.push(code);
    }
    Ok(at)
}

/// Decodes from `from` on, as [`crate::codec`] describes it: only `\uXXXX` and `\UXXXXXXXX` count.
pub fn decode_raw_unicode_escape<S: Sink>(
    input: &[u8],
    from: usize,
    last: bool,
    out: &mut S,
) -> Result<usize, CodecError> {
    let mut at = from;
    while let Some(&b) = input.get(at) {
        let start = at;
        at += 1;
        if b != b'\\' {
            out.push(u32::from(b));
            continue;
        }
        let Some(&c) = input.get(at) else {
            if !last {
                return Ok(start);
            }
            out.push(u32::from(b));
            continue;
        };
        at += 1;
        let (count, reason) = match c {
            b'u' => (4, "truncated \\uXXXX escape"),
            b'U' => (8, "truncated \\UXXXXXXXX escape"),
            _ => {
                out.push(u32::from(b));
                out.push(u32::from(c));
                continue;
            }
        };
        let (value, read, ended) = hex(&input[at..], count);
        at += read;
        if ended && !last {
            return Ok(start);
        }
        if read < count {
            return Err(CodecError::new(start, at, reason));
        }
        if value > 0x10FFFF {
            return Err(CodecError::new(start, at, "\\Uxxxxxxxx out of range"));
        }
        out.push(value);
    }
    Ok(at)
}

/// Encodes as ASCII with escapes; it cannot fail.
pub fn encode_unicode_escape<C: CodeUnit>(text: &[C]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for c in text {
        match c.code() {
            0x5C => out.extend_from_slice(b"\\\\"),
            0x09 => out.extend_from_slice(b"\\t"),
            0x0A => out.extend_from_slice(b"\\n"),
            0x0D => out.extend_from_slice(b"\\r"),
            code @ 0x20..0x7F => out.push(code as u8),
            code => push_escape(&mut out, code),
        }
    }
    out
}

/// Encodes latin-1 as it is, the rest with escapes; it cannot fail.
pub fn encode_raw_unicode_escape<C: CodeUnit>(text: &[C]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for c in text {
        match c.code() {
            code @ 0..0x100 => out.push(code as u8),
            code @ 0x100..0x10000 => push_hex(&mut out, b'u', code, 4),
            code => push_hex(&mut out, b'U', code, 8),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(input: &[u8]) -> Result<(String, Vec<EscapeWarning>), CodecError> {
        let (mut out, mut warnings) = (String::new(), Vec::new());
        let end = decode_unicode_escape(input, 0, true, &mut warnings, &mut out)?;
        assert_eq!(end, input.len());
        Ok((out, warnings))
    }

    #[test]
    fn escapes() {
        let (text, warnings) =
            decode(b"a\\n\\x41\\u00e9\\U0001F600\\101\\N{BULLET}\\d\\\n\xe9").unwrap();
        assert_eq!(text, "a\nAé😀A•\\dé");
        assert_eq!(warnings.len(), 1);
        for (input, start, end, reason) in [
            (b"a\\".as_slice(), 1, 2, "\\ at end of string"),
            (b"\\x4", 0, 3, "truncated \\xXX escape"),
            (b"\\u00g", 0, 4, "truncated \\uXXXX escape"),
            (b"\\U00110000", 0, 10, "illegal Unicode character"),
            (b"\\N{NO SUCH}", 0, 11, "unknown Unicode character name"),
            (b"\\Nx", 0, 2, "malformed \\N character escape"),
            (b"\\N{", 0, 3, "malformed \\N character escape"),
        ] {
            assert_eq!(decode(input), Err(CodecError::new(start, end, reason)));
        }
        let mut out = String::new();
        assert_eq!(
            decode_unicode_escape(b"ab\\u00", 0, false, &mut Vec::new(), &mut out),
            Ok(2)
        );
    }

    #[test]
    fn raw() {
        let mut out = String::new();
        assert_eq!(
            decode_raw_unicode_escape(b"\\n\\u0041\\\\u0041\\", 0, true, &mut out),
            Ok(16)
        );
        assert_eq!(out, "\\nA\\\\u0041\\");
        assert_eq!(
            encode_raw_unicode_escape(&[0xE9u32, 0x20AC, 0x1F600]),
            b"\xe9\\u20ac\\U0001f600"
        );
        assert_eq!(
            encode_unicode_escape(&[0xE9u32, 0x0A, 0x20AC, 0x27]),
            b"\\xe9\\n\\u20ac'"
        );
    }
}
