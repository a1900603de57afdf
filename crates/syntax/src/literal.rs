//! The values of number and string literals.

use crate::aliases;
use crate::ast::{Constant, UBig};

/// The value of a `NUMBER` token, or the number of digits that are too many.
pub(crate) fn number(text: &str, max_digits: usize) -> Result<Constant, usize> {
    let clean;
    let text = if text.contains('_') {
        clean = text.replace('_', "");
        &clean
    } else {
        text
    };
    let bytes = text.as_bytes();
    if bytes.len() > 2 && bytes[0] == b'0' {
        let radix = match bytes[1] | 0x20 {
            b'x' => 16,
            b'o' => 8,
            b'b' => 2,
            _ => 0,
        };
        if radix != 0 {
            return Ok(integer(&text[2..], radix));
        }
    }
    if let Some(imaginary) = text.strip_suffix(['j', 'J']) {
        return Ok(Constant::Complex(imaginary.parse().unwrap_or(0.0)));
    }
    if bytes.iter().any(|b| matches!(b, b'.' | b'e' | b'E')) {
        return Ok(Constant::Float(text.parse().unwrap_or(0.0)));
    }
    // CPython's limit looks at the digits as written, leading zeros included.
    if max_digits != 0 && text.len() > max_digits {
        return Err(text.len());
    }
    Ok(integer(text, 10))
}

fn integer(digits: &str, radix: u32) -> Constant {
    if let Ok(small) = i64::from_str_radix(digits, radix) {
        return Constant::Int(small);
    }
    match UBig::from_str_radix(digits, radix) {
        Ok(big) => Constant::BigInt(big),
        Err(_) => Constant::Int(0),
    }
}

/// A bad escape that is let through with a warning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BadEscape {
    /// `\d`
    Char(char),
    /// `\400`
    Octal(u32),
}

/// The first bad escape of a literal, and its place there: how many lines down,
/// and how many bytes from the start of that line or of the literal, characters
/// beyond ASCII counting 10.
pub(crate) type FirstBad = Option<(BadEscape, u32, usize)>;

/// Notes a bad escape before which `before` stands, if it is the first.
fn note(bad: &mut FirstBad, escape: BadEscape, before: &str) {
    if bad.is_some() {
        return;
    }
    let lines = memchr::memchr_iter(b'\n', before.as_bytes()).count() as u32;
    let line = &before[before.rfind('\n').map_or(0, |at| at + 1)..];
    let width = line
        .chars()
        .map(|c| if c.is_ascii() { 1 } else { 10 })
        .sum();
    *bad = Some((escape, lines, width));
}

/// Decodes the body of a bytes literal; the error is CPython's message.
pub(crate) fn bytes(text: &str, raw: bool, bad: &mut FirstBad) -> Result<Vec<u8>, String> {
    let body = text.as_bytes();
    let mut out = Vec::with_capacity(body.len());
    let mut at = 0;
    while at < body.len() {
        let c = body[at];
        if c != b'\\' || raw {
            out.push(c);
            at += 1;
            continue;
        }
        let escape = at;
        at += 2;
        let Some(&c) = body.get(escape + 1) else {
            return Err("(value error) Trailing \\ in string".to_owned());
        };
        if let Some(simple) = simple_escape(c) {
            out.extend(simple);
        } else if matches!(c, b'0'..=b'7') {
            let value = octal(body, &mut at);
            if value > 0o377 {
                note(bad, BadEscape::Octal(value), &text[..escape]);
            }
            out.push(value as u8);
        } else if c == b'x' {
            match hex(body, at, 2) {
                Some((value, 2)) => {
                    out.push(value as u8);
                    at += 2;
                }
                _ => {
                    return Err(format!(
                        "(value error) invalid \\x escape at position {escape}"
                    ));
                }
            }
        } else {
            note(bad, BadEscape::Char(c as char), &text[..escape]);
            out.extend([b'\\', c]);
        }
    }
    Ok(out)
}

/// The value of an escape of one character; empty for an escaped newline.
fn simple_escape(c: u8) -> Option<Option<u8>> {
    Some(Some(match c {
        b'\n' => return Some(None),
        b'\\' | b'\'' | b'"' => c,
        b'a' => 7,
        b'b' => 8,
        b'f' => 12,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'v' => 11,
        _ => return None,
    }))
}

/// Up to three octal digits, the first of which stands before `at`.
fn octal(body: &[u8], at: &mut usize) -> u32 {
    let mut value = (body[*at - 1] - b'0') as u32;
    for _ in 0..2 {
        match body.get(*at) {
            Some(&c @ b'0'..=b'7') => value = value * 8 + (c - b'0') as u32,
            _ => break,
        }
        *at += 1;
    }
    value
}

/// Up to `count` hexadecimal digits at `at`: their value and number.
fn hex(body: &[u8], at: usize, count: usize) -> Option<(u32, usize)> {
    let digits = body[at.min(body.len())..]
        .iter()
        .take(count)
        .map_while(|&c| (c as char).to_digit(16));
    digits.fold(None, |sum, digit| {
        let (value, count) = sum.unwrap_or((0, 0));
        Some((value * 16 + digit, count + 1))
    })
}

/// Decodes the body of a string literal with escapes to WTF-8; the error is
/// CPython's message.
pub(crate) fn string(body: &str, bad: &mut FirstBad) -> Result<Vec<u8>, String> {
    let text = body.as_bytes();
    let mut out: Vec<u8> = Vec::with_capacity(text.len());
    let mut at = 0;
    // CPython's codec sees every character beyond ASCII as `\UXXXXXXXX`, and
    // counts positions so.
    let mut skew = 0;
    while at < text.len() {
        let c = text[at];
        if c != b'\\' {
            let run = text[at..].iter().position(|&c| c == b'\\');
            let end = run.map_or(text.len(), |run| at + run);
            for c in body[at..end].chars().filter(|c| !c.is_ascii()) {
                skew += 10 - c.len_utf8();
            }
            out.extend(&text[at..end]);
            at = end;
            continue;
        }
        let escape = at;
        at += 2;
        let Some(&c) = text.get(escape + 1) else {
            // Only the literal part of an f-string can end so.
            out.push(b'\\');
            break;
        };
        let error = |end: usize, what: &str| {
            let (start, end) = (escape + skew, end.max(escape + 1) + skew - 1);
            Err(if start == end {
                format!(
                    "(unicode error) 'unicodeescape' codec can't decode byte 0x5c in \
                     position {start}: {what}"
                )
            } else {
                format!(
                    "(unicode error) 'unicodeescape' codec can't decode bytes in \
                     position {start}-{end}: {what}"
                )
            })
        };
        if let Some(simple) = simple_escape(c) {
            out.extend(simple);
            continue;
        }
        match c {
            b'0'..=b'7' => {
                let value = octal(text, &mut at);
                if value > 0o377 {
                    note(bad, BadEscape::Octal(value), &body[..escape]);
                }
                push_code_point(&mut out, value);
            }
            b'x' | b'u' | b'U' => {
                let (count, what) = match c {
                    b'x' => (2, "truncated \\xXX escape"),
                    b'u' => (4, "truncated \\uXXXX escape"),
                    _ => (8, "truncated \\UXXXXXXXX escape"),
                };
                let (value, found) = hex(text, at, count).unwrap_or((0, 0));
                at += found;
                if found < count {
                    return error(at, what);
                }
                if value > 0x10FFFF {
                    return error(at, "illegal Unicode character");
                }
                push_code_point(&mut out, value);
            }
            b'N' => {
                let rest = &text[at..];
                let close = memchr::memchr(b'}', rest);
                match (rest.first(), close) {
                    (Some(b'{'), Some(close)) if close > 1 => {
                        at += close + 1;
                        let Some(c) = named_character(&body[at - close..at - 1]) else {
                            return error(at, "unknown Unicode character name");
                        };
                        push_code_point(&mut out, c as u32);
                    }
                    (Some(b'{'), None) => {
                        return error(text.len(), "malformed \\N character escape");
                    }
                    (Some(b'{'), Some(close)) => {
                        return error(at + close + 1, "malformed \\N character escape");
                    }
                    _ => return error(at, "malformed \\N character escape"),
                }
            }
            _ => {
                let c = body[escape + 1..].chars().next().unwrap_or('\\');
                out.push(b'\\');
                if c.is_ascii() {
                    note(bad, BadEscape::Char(c), &body[..escape]);
                    out.push(c as u8);
                } else {
                    // The backslash became `\u005c`; the character comes next.
                    skew += 5;
                    at -= 1;
                }
            }
        }
    }
    Ok(out)
}

/// The character of that name. Letters may be small, but otherwise the name
/// must be exact; those that are made by rule must be in capitals.
fn named_character(name: &str) -> Option<char> {
    let Some(c) = unicode_names2::character(name) else {
        return aliases::character(&name.to_ascii_uppercase());
    };
    let Some(own) = unicode_names2::name(c).map(|name| name.to_string()) else {
        return aliases::character(&name.to_ascii_uppercase());
    };
    let by_rule = own.starts_with("HANGUL SYLLABLE ") || own.starts_with("CJK UNIFIED IDEOGRAPH-");
    if own == name || !by_rule && own.eq_ignore_ascii_case(name) {
        return Some(c);
    }
    aliases::character(&name.to_ascii_uppercase())
}

/// Appends a code point, surrogates included, as WTF-8. A pair of surrogates
/// stays a pair, as in Python.
fn push_code_point(out: &mut Vec<u8>, code: u32) {
    match char::from_u32(code) {
        Some(c) => out.extend(c.encode_utf8(&mut [0; 4]).as_bytes()),
        None => out.extend([
            0xE0 | (code >> 12) as u8,
            0x80 | (code >> 6 & 0x3F) as u8,
            0x80 | (code & 0x3F) as u8,
        ]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repr;

    #[test]
    fn numbers() {
        let cases = [
            ("0", "0"),
            ("00_0", "0"),
            ("1_000", "1000"),
            ("0x_fF", "255"),
            ("0o17", "15"),
            ("0B101", "5"),
            ("9223372036854775807", "9223372036854775807"),
            ("9223372036854775808", "9223372036854775808"),
            ("0xffffffffffffffffffff", "1208925819614629174706175"),
            ("1.", "1.0"),
            (".5", "0.5"),
            ("1e22", "1e+22"),
            ("1E-7", "1e-07"),
            ("123456789012345680.0", "1.2345678901234568e+17"),
            ("1e400", "inf"),
            ("0777.5", "777.5"),
            ("1j", "1j"),
            ("1.5e3J", "1500j"),
            ("012j", "12j"),
        ];
        for (text, expected) in cases {
            let value = number(text, 0).map(|value| repr::repr(&value));
            assert_eq!(value.as_deref(), Ok(expected), "{text}");
        }
        assert_eq!(number("123456", 5), Err(6));
        assert!(number("0x123456", 5).is_ok());
    }

    #[test]
    fn strings() {
        let cases = [
            (r"a\n\t\\\'\x41\101", "a\n\t\\'AA"),
            ("a\\\nb", "ab"),
            (r"\u20ac\U0001F600", "€😀"),
            (
                r"\N{EURO SIGN}\N{euro sign}\N{NBSP}\N{BOM}",
                "€€\u{a0}\u{feff}",
            ),
            (r"\d\é", r"\d\é"),
            (r"é\x41", "éA"),
        ];
        for (body, expected) in cases {
            let value = string(body, &mut None);
            assert_eq!(value, Ok(expected.as_bytes().to_vec()), "{body}");
        }
        assert_eq!(string(r"\ud800", &mut None), Ok(vec![0xED, 0xA0, 0x80]));
    }

    #[test]
    fn bad_strings() {
        let cases = [
            (r"\x1", "bytes in position 0-2: truncated \\xXX escape"),
            (r"\x", "bytes in position 0-1: truncated \\xXX escape"),
            (
                r"é\u12",
                "bytes in position 10-13: truncated \\uXXXX escape",
            ),
            (
                r"\U00110000",
                "bytes in position 0-9: illegal Unicode character",
            ),
            (
                r"\N",
                "bytes in position 0-1: malformed \\N character escape",
            ),
            (
                r"\N{}",
                "bytes in position 0-3: malformed \\N character escape",
            ),
            (
                r"\N{x}",
                "bytes in position 0-4: unknown Unicode character name",
            ),
            (
                r"\N{SPACE }",
                "bytes in position 0-9: unknown Unicode character name",
            ),
        ];
        for (body, expected) in cases {
            let expected = format!("(unicode error) 'unicodeescape' codec can't decode {expected}");
            assert_eq!(string(body, &mut None), Err(expected), "{body}");
        }
        let error = "(value error) invalid \\x escape at position 1".to_owned();
        assert_eq!(bytes(r"a\x1", false, &mut None), Err(error));
    }

    #[test]
    fn bad_escapes() {
        let cases = [
            (r"a\d\e", Some((BadEscape::Char('d'), 0, 1))),
            ("é\né\\400", Some((BadEscape::Octal(0o400), 1, 10))),
            (r"\é", None),
            (r"\377", None),
        ];
        for (body, expected) in cases {
            let mut bad = None;
            let _ = string(body, &mut bad);
            assert_eq!(bad, expected, "{body}");
        }
    }
}
