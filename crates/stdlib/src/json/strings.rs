//! Reading JSON strings.

use taipan_runtime::core::Value;
use taipan_runtime::types::str::{Str, StrBuilder};
use taipan_text::CodeUnit;

/// What is wrong with a document, and where.
pub struct Problem {
    /// The message of JSONDecodeError.
    pub message: &'static str,
    /// The index of the character; -1 where `scanstring` is told that the text's first character stands behind the quote.
    pub at: isize,
}

/// The contents of a string.
pub enum Text {
    /// Without escapes: the characters of the document from one index to another.
    Piece(usize, usize),
    /// With its escapes replaced.
    Built(StrBuilder),
}

impl Text {
    /// As a str object.
    #[inline]
    pub fn into_value(self, document: &Str) -> Value {
        match self {
            Self::Piece(start, end) => document.substring(start, end).into_value(),
            Self::Built(b) => b.finish(),
        }
    }
}

fn push<C: CodeUnit>(out: &mut StrBuilder, piece: &[C]) {
    match C::bytes(piece) {
        Some(bytes) => out.push_latin1(bytes),
        None => piece.iter().for_each(|c| out.push(c.code())),
    }
}

const fn end_bytes() -> [bool; 256] {
    let mut table = [false; 256];
    let mut i = 0;
    while i < 0x20 {
        table[i] = true;
        i += 1;
    }
    table[b'"' as usize] = true;
    table[b'\\' as usize] = true;
    table
}

/// Bytes that end a run of plain characters.
static ENDS: [bool; 256] = end_bytes();

/// The first quote, backslash or control character from `at` on, or the end.
#[inline(always)]
fn run_end<C: CodeUnit>(text: &[C], at: usize) -> usize {
    let Some(bytes) = C::bytes(text) else {
        let plain = |c: &C| c.code() >= 0x80 || !ENDS[c.code() as usize];
        return at + text[at..].iter().take_while(|c| plain(c)).count();
    };
    const ONES: u64 = u64::MAX / 255;
    let mut i = at;
    while let Some(chunk) = bytes.get(i..i + 8) {
        let Ok(chunk) = <[u8; 8]>::try_from(chunk) else {
            break;
        };
        let w = u64::from_le_bytes(chunk);
        // The first byte with its high bit set is one below 0x20, a quote or a backslash.
        let zero = |x: u64| x.wrapping_sub(ONES) & !x;
        let special = w.wrapping_sub(ONES * 0x20) & !w
            | zero(w ^ (ONES * b'"' as u64))
            | zero(w ^ (ONES * b'\\' as u64));
        let special = special & (ONES << 7);
        if special != 0 {
            return i + (special.trailing_zeros() / 8) as usize;
        }
        i += 8;
    }
    while i < bytes.len() && !ENDS[usize::from(bytes[i])] {
        i += 1;
    }
    i
}

/// Four hexadecimal digits.
fn hex4<C: CodeUnit>(digits: &[C]) -> Option<u32> {
    digits.iter().try_fold(0, |n, d| {
        Some(n << 4 | char::from_u32(d.code())?.to_digit(16)?)
    })
}

/// Reads the string whose first character stands at `start`, behind the quote. Gives the index behind the closing one.
#[inline]
pub fn read<C: CodeUnit>(text: &[C], start: usize, strict: bool) -> Result<(Text, usize), Problem> {
    let end = run_end(text, start);
    match text.get(end) {
        Some(c) if c.code() == 0x22 => Ok((Text::Piece(start, end), end + 1)),
        _ => read_escaped(text, start, end, strict),
    }
}

#[inline(never)]
fn read_escaped<C: CodeUnit>(
    text: &[C],
    start: usize,
    first: usize,
    strict: bool,
) -> Result<(Text, usize), Problem> {
    let problem = |message, at: usize| {
        Err(Problem {
            message,
            at: at as isize,
        })
    };
    let unterminated = Problem {
        message: "Unterminated string starting at",
        at: start as isize - 1,
    };
    let mut out = StrBuilder::new();
    let (mut from, mut at) = (start, first);
    loop {
        let Some(c) = text.get(at) else {
            return Err(unterminated);
        };
        match c.code() {
            0x22 => {
                push(&mut out, &text[from..at]);
                return Ok((Text::Built(out), at + 1));
            }
            0x5c => {}
            _ if strict => return problem("Invalid control character at", at),
            _ => {
                at = run_end(text, at + 1);
                continue;
            }
        }
        push(&mut out, &text[from..at]);
        let Some(escape) = text.get(at + 1) else {
            return Err(unterminated);
        };
        let ch = match escape.code() {
            0x75 => {
                let (ch, next) = unicode_escape(text, at)?;
                out.push(ch);
                from = next;
                at = run_end(text, from);
                continue;
            }
            0x22 => 0x22,
            0x5c => 0x5c,
            0x2f => 0x2f,
            0x62 => 8,
            0x66 => 12,
            0x6e => 10,
            0x72 => 13,
            0x74 => 9,
            _ => return problem("Invalid \\escape", at),
        };
        out.push(ch);
        from = at + 2;
        at = run_end(text, from);
    }
}

/// The character that an escape `\uXXXX` at `at` means, or two of them, and the index behind.
fn unicode_escape<C: CodeUnit>(text: &[C], at: usize) -> Result<(u32, usize), Problem> {
    // A closing quote must follow, so that an escape right at the end is as wrong as one that is cut off.
    let digits = |at: usize| {
        let wrong = Problem {
            message: "Invalid \\uXXXX escape",
            at: at as isize + 1,
        };
        match text.get(at + 2..at + 6) {
            Some(d) if at + 6 < text.len() => hex4(d).ok_or(wrong),
            _ => Err(wrong),
        }
    };
    let high = digits(at)?;
    let next = at + 6;
    let is = |i: usize, ch: u32| text.get(i).is_some_and(|c| c.code() == ch);
    if (0xd800..0xdc00).contains(&high)
        && next + 6 < text.len()
        && is(next, 0x5c)
        && is(next + 1, 0x75)
    {
        let low = digits(next)?;
        if (0xdc00..0xe000).contains(&low) {
            return Ok((0x1_0000 + ((high - 0xd800) << 10 | low - 0xdc00), next + 6));
        }
    }
    Ok((high, next))
}
