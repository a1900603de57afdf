//! `repr` and `ascii` of text, `repr` of bytes.

use crate::CodeUnit;
use crate::format::Sink;
use crate::unicode::is_printable;

const HEX: &[u8; 16] = b"0123456789abcdef";

/// Writes `\` + letter + the lowest `digits` hexadecimal digits of the code.
pub(super) fn push_hex<S: Sink>(out: &mut S, letter: u8, code: u32, digits: u32) {
    out.push(u32::from(b'\\'));
    out.push(u32::from(letter));
    for i in (0..digits).rev() {
        out.push(u32::from(HEX[(code >> (4 * i) & 15) as usize]));
    }
}

/// The shortest of `\xhh`, `\uhhhh` and `\Uhhhhhhhh`.
pub(super) fn push_escape<S: Sink>(out: &mut S, code: u32) {
    match code {
        0..0x100 => push_hex(out, b'x', code, 2),
        0x100..0x10000 => push_hex(out, b'u', code, 4),
        _ => push_hex(out, b'U', code, 8),
    }
}

/// Single quotes unless the text has such and no double ones.
fn quote(codes: impl Iterator<Item = u32>) -> u32 {
    let (mut single, mut double) = (false, false);
    for c in codes {
        single |= c == 0x27;
        double |= c == 0x22;
    }
    if single && !double { 0x22 } else { 0x27 }
}

/// Writes one character of a literal; what is not ASCII is left to `wide`.
fn push_char<S: Sink>(out: &mut S, code: u32, quote: u32, wide: impl Fn(u32) -> bool) {
    let letter = match code {
        0x5C => b'\\',
        0x09 => b't',
        0x0A => b'n',
        0x0D => b'r',
        c if c == quote => c as u8,
        0x20..0x7F => return out.push(code),
        c if c >= 0x80 && wide(c) => return out.push(code),
        _ => return push_escape(out, code),
    };
    out.push(u32::from(b'\\'));
    out.push(u32::from(letter));
}

/// `repr` of a string.
pub fn repr_text<C: CodeUnit, S: Sink>(text: &[C], out: &mut S) {
    let quote = quote(text.iter().map(|c| c.code()));
    out.push(quote);
    text.iter()
        .for_each(|c| push_char(out, c.code(), quote, is_printable));
    out.push(quote);
}

/// `ascii` of a string.
pub fn ascii_text<C: CodeUnit, S: Sink>(text: &[C], out: &mut S) {
    let quote = quote(text.iter().map(|c| c.code()));
    out.push(quote);
    text.iter()
        .for_each(|c| push_char(out, c.code(), quote, |_| false));
    out.push(quote);
}

/// `repr` of bytes, such as `b'\x00'`.
pub fn repr_bytes<S: Sink>(bytes: &[u8], out: &mut S) {
    out.push(u32::from(b'b'));
    ascii_text(bytes, out);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reprs() {
        let r = |s: &str| {
            let units: Vec<u32> = s.chars().map(u32::from).collect();
            let mut out = String::new();
            repr_text(&units, &mut out);
            out
        };
        assert_eq!(r("a'b"), r#""a'b""#);
        assert_eq!(r("a'\"b"), r#"'a\'"b'"#);
        assert_eq!(
            r("\t\n\r\\\0\x7f\u{a0}é\u{2028}😀\u{e0001}"),
            r"'\t\n\r\\\x00\x7f\xa0é\u2028😀\U000e0001'"
        );
        let mut out = String::new();
        ascii_text(&[0xE9u16, 0xD800, 0x41], &mut out);
        assert_eq!(out, r"'\xe9\ud800A'");
        let mut out = String::new();
        repr_bytes(b"\xff'\"", &mut out);
        assert_eq!(out, r#"b'\xff\'"'"#);
    }
}
