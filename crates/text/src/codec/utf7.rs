//! UTF-7 (RFC 2152).

use super::CodecError;
use crate::CodeUnit;
use crate::format::Sink;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn sextet(byte: u8) -> Option<u32> {
    Some(u32::from(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    }))
}

/// A base64 section that is being read.
#[derive(Default)]
struct Section {
    start: usize,
    bits: u32,
    buffer: u32,
    /// A high surrogate that waits for its partner.
    high: Option<u32>,
    /// What the section gave, held back until it is complete.
    text: Vec<u32>,
}

impl Section {
    fn add(&mut self, value: u32) {
        self.buffer = self.buffer << 6 | value;
        self.bits += 6;
        if self.bits < 16 {
            return;
        }
        self.bits -= 16;
        let unit = self.buffer >> self.bits & 0xFFFF;
        self.buffer &= (1 << self.bits) - 1;
        if let Some(high) = self.high.take() {
            if (0xDC00..0xE000).contains(&unit) {
                self.text
                    .push(0x10000 + ((high & 0x3FF) << 10 | unit & 0x3FF));
                return;
            }
            self.text.push(high);
        }
        if (0xD800..0xDC00).contains(&unit) {
            self.high = Some(unit);
        } else {
            self.text.push(unit);
        }
    }

    fn flush<S: Sink>(&self, out: &mut S) {
        self.text.iter().for_each(|c| out.push(*c));
    }
}

/// Decodes UTF-7. With `last` false an open base64 section is left for the next call.
pub fn decode_utf7<S: Sink>(
    input: &[u8],
    from: usize,
    last: bool,
    out: &mut S,
) -> Result<usize, CodecError> {
    let mut section: Option<Section> = None;
    let mut at = from;
    while let Some(&b) = input.get(at) {
        if let Some(open) = &mut section {
            if let Some(value) = sextet(b) {
                open.add(value);
                at += 1;
                continue;
            }
            let wrong = if open.bits >= 6 {
                Some("partial character in shift sequence")
            } else if open.bits > 0 && open.buffer != 0 {
                Some("non-zero padding bits in shift sequence")
            } else {
                None
            };
            open.flush(out);
            if let Some(reason) = wrong {
                return Err(CodecError::new(open.start, at + 1, reason));
            }
            if let Some(high) = open.high
                && b.is_ascii()
            {
                out.push(high);
            }
            section = None;
            // A hyphen ends the section and is no text; any other character is.
            at += usize::from(b == b'-');
        } else if b == b'+' {
            let start = at;
            at += 1;
            match input.get(at) {
                Some(b'-') => {
                    at += 1;
                    out.push(u32::from(b'+'));
                }
                Some(c) if sextet(*c).is_none() => {
                    return Err(CodecError::new(start, at + 1, "ill-formed sequence"));
                }
                _ => {
                    section = Some(Section {
                        start,
                        ..Section::default()
                    })
                }
            }
        } else if b.is_ascii() {
            out.push(u32::from(b));
            at += 1;
        } else {
            return Err(CodecError::new(at, at + 1, "unexpected special character"));
        }
    }
    if let Some(open) = section {
        if !last {
            return Ok(open.start);
        }
        open.flush(out);
        if open.high.is_some() || open.bits >= 6 || open.bits > 0 && open.buffer != 0 {
            let reason = "unterminated shift sequence";
            return Err(CodecError::new(open.start, input.len(), reason));
        }
    }
    Ok(at)
}

/// Whether the character stands for itself.
fn direct(code: u32) -> bool {
    match u8::try_from(code) {
        Ok(b' ' | b'\t' | b'\n' | b'\r') => true,
        Ok(b'+' | b'\\' | b'~') => false,
        Ok(b) => b.is_ascii_graphic(),
        Err(_) => false,
    }
}

/// Encodes as UTF-7; it cannot fail.
pub fn encode_utf7<C: CodeUnit>(text: &[C]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let (mut open, mut bits, mut buffer) = (false, 0u32, 0u32);
    let digit = |value: u32| ALPHABET[(value & 63) as usize];
    for c in text {
        let code = c.code();
        if direct(code) {
            if open {
                if bits > 0 {
                    out.push(digit(buffer << (6 - bits)));
                    (bits, buffer) = (0, 0);
                }
                open = false;
                if sextet(code as u8).is_some() || code == u32::from(b'-') {
                    out.push(b'-');
                }
            }
            out.push(code as u8);
            continue;
        }
        if !open {
            if code == u32::from(b'+') {
                out.extend_from_slice(b"+-");
                continue;
            }
            out.push(b'+');
            open = true;
        }
        let units = match code {
            0..0x10000 => [Some(code), None],
            _ => {
                let rest = code - 0x10000;
                [Some(0xD800 | rest >> 10), Some(0xDC00 | rest & 0x3FF)]
            }
        };
        for unit in units.into_iter().flatten() {
            buffer = buffer << 16 | unit;
            bits += 16;
            while bits >= 6 {
                bits -= 6;
                out.push(digit(buffer >> bits));
                buffer &= (1 << bits) - 1;
            }
        }
    }
    if bits > 0 {
        out.push(digit(buffer << (6 - bits)));
    }
    if open {
        out.push(b'-');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways() {
        for (text, bytes) in [
            ("A\u{2262}\u{391}.", "A+ImIDkQ."),
            ("Hi Mom -\u{263A}-!", "Hi Mom -+Jjo--!"),
            ("\u{65E5}\u{672C}\u{8A9E}", "+ZeVnLIqe-"),
            ("a+b", "a+-b"),
            ("\u{1F600}x", "+2D3eAA-x"),
            ("~\\", "+AH4AXA-"),
        ] {
            let points: Vec<u32> = text.chars().map(u32::from).collect();
            assert_eq!(String::from_utf8(encode_utf7(&points)).unwrap(), bytes);
            let mut out = String::new();
            assert_eq!(
                decode_utf7(bytes.as_bytes(), 0, true, &mut out),
                Ok(bytes.len())
            );
            assert_eq!(out, text);
        }
    }

    #[test]
    fn errors() {
        for (input, start, end, reason) in [
            (b"+A".as_slice(), 0, 2, "unterminated shift sequence"),
            (b"a+@", 1, 3, "ill-formed sequence"),
            (b"\xff", 0, 1, "unexpected special character"),
            (b"+AG-", 0, 4, "partial character in shift sequence"),
            (b"+AGF-", 0, 5, "non-zero padding bits in shift sequence"),
        ] {
            let got = decode_utf7(input, 0, true, &mut String::new());
            assert_eq!(got, Err(CodecError::new(start, end, reason)));
        }
        let mut out = String::new();
        assert_eq!(decode_utf7(b"a+Im", 0, false, &mut out), Ok(1));
        assert_eq!(out, "a");
    }
}
