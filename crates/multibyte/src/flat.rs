//! Encodings of single bytes, pairs and (in EUC) triples of bytes, without state.

use taipan_text::CodeUnit;
use taipan_text::codec::CodecError;
use taipan_text::format::Sink;

use crate::tables::{self, LEAD, LEAD_OF_THREE, PAIR, SINGLE, STARTS_PAIR, Table, Tables};
use crate::{ILLEGAL, hangul, incomplete};

/// What an encoding has beyond its tables.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Extra {
    /// Nothing.
    None,
    /// Syllables that are written as four pairs of bytes (KS X 1001, annex 3).
    MadeUp,
    /// Four bytes for all other characters (GB 18030).
    FourBytes,
}

/// Appends a character of a table, or two.
pub fn push<S: Sink>(tables: &Tables, value: u32, out: &mut S) {
    match tables.pair(value) {
        Some((a, b)) => {
            out.push(a);
            out.push(b);
        }
        None => out.push(value),
    }
}

pub fn decode<S: Sink>(
    table: Table,
    extra: Extra,
    input: &[u8],
    from: usize,
    last: bool,
    out: &mut S,
) -> Result<usize, CodecError> {
    let tables = table.get();
    let mut at = from;
    while let Some(&lead) = input.get(at) {
        let rest = &input[at..];
        if lead < 0x80 && tables.ascii {
            let run = rest.iter().take_while(|b| b.is_ascii()).count();
            match std::str::from_utf8(&rest[..run]) {
                Ok(text) if run > 1 => out.push_ascii(text),
                _ => out.push(u32::from(lead)),
            }
            at += run.max(1);
            continue;
        }
        let kind = tables.singles[usize::from(lead)];
        if kind >= SINGLE {
            out.push(kind - SINGLE);
            at += 1;
            continue;
        }
        let illegal = Err(CodecError::new(at, at + 1, ILLEGAL));
        let (value, length) = match (kind, rest) {
            (LEAD_OF_THREE, [_, a, b, ..]) => (tables.char_at(1, *a, *b), 3),
            (LEAD, [0xA4, 0xD4, ..]) if extra == Extra::MadeUp => match rest.first_chunk::<8>() {
                Some(made) => (hangul::made_up(made).unwrap_or(0), 8),
                None => return incomplete(input, at, last),
            },
            (LEAD, [_, b'0'..=b'9', ..]) if extra == Extra::FourBytes => match rest.first_chunk::<4>() {
                Some(four) => (four_bytes(four).unwrap_or(0), 4),
                None => return incomplete(input, at, last),
            },
            (LEAD, [_, trail, ..]) => (tables.char_at(0, lead, *trail), 2),
            (LEAD | LEAD_OF_THREE, _) => return incomplete(input, at, last),
            _ => return illegal,
        };
        match value {
            0 => {
                // What only JIS X 0213 of 2004 has is wrong as a whole.
                let newer = match table {
                    Table::EucJisX0213 => Some(Table::EucJis2004),
                    Table::ShiftJisX0213 => Some(Table::ShiftJis2004),
                    _ => None,
                };
                let whole = newer.is_some_and(|t| length == 2 && t.get().char_at(0, lead, rest[1]) != 0);
                return if whole { Err(CodecError::new(at, at + length, ILLEGAL)) } else { illegal };
            }
            1..PAIR => out.push(value),
            _ => push(tables, value, out),
        }
        at += length;
    }
    Ok(at)
}

/// The character of four bytes of GB 18030.
fn four_bytes(&[a, b, c, d]: &[u8; 4]) -> Option<u32> {
    if !(0x81..=0xFE).contains(&a) || !(0x81..=0xFE).contains(&c) || !d.is_ascii_digit() {
        return None;
    }
    let (first, tail) = (u32::from(a - 0x81), [u32::from(b - b'0'), u32::from(c - 0x81), u32::from(d - b'0')]);
    let linear = |first| ((first * 10 + tail[0]) * 126 + tail[1]) * 10 + tail[2];
    match first {
        0..4 => tables::four_byte_char(linear(first)),
        15.. => Some(0x1_0000 + linear(first - 15)).filter(|c| *c <= 0x10_FFFF),
        _ => None,
    }
}

fn push_four_bytes(c: u32, out: &mut Vec<u8>) -> bool {
    let linear = match c.checked_sub(0x1_0000) {
        Some(n) => Some((n, 0x90)),
        None => tables::four_byte_code(c).map(|n| (n, 0x81)),
    };
    let Some((n, first)) = linear else { return false };
    out.extend([
        first + (n / 12600) as u8,
        b'0' + (n / 1260 % 10) as u8,
        0x81 + (n / 10 % 126) as u8,
        b'0' + (n % 10) as u8,
    ]);
    true
}

/// Looks up a character that may make a pair with the next: the code, and how many characters it takes. `None` where
/// that can't be said yet.
pub fn lookup<C: CodeUnit>(tables: &Tables, text: &[C], at: usize, flush: bool) -> Option<(u32, usize)> {
    let c = text.get(at)?.code();
    let code = tables.code(c);
    if code & STARTS_PAIR == 0 {
        return Some((code, 1));
    }
    let alone = (code & !STARTS_PAIR, 1);
    match text.get(at + 1) {
        Some(next) => Some(tables.pair_code(c, next.code()).map_or(alone, |code| (code, 2))),
        None if flush => Some(alone),
        None => None,
    }
}

pub fn encode<C: CodeUnit>(
    table: Table,
    extra: Extra,
    text: &[C],
    from: usize,
    flush: bool,
    out: &mut Vec<u8>,
) -> Result<usize, CodecError> {
    let tables = table.get();
    let mut at = from;
    while let Some(c) = text.get(at) {
        let c = c.code();
        if c < 0x80 && tables.ascii {
            out.push(c as u8);
            at += 1;
            continue;
        }
        let mut code = tables.code(c);
        let mut used = 1;
        if code & STARTS_PAIR != 0 {
            match lookup(tables, text, at, flush) {
                Some(found) => (code, used) = found,
                None => return Ok(at),
            }
        }
        let bytes = code.to_be_bytes();
        match code {
            0 => {
                let helped = match extra {
                    _ if c == 0 => {
                        out.push(0);
                        true
                    }
                    Extra::None => false,
                    Extra::MadeUp => hangul::make_up(c, out),
                    Extra::FourBytes => push_four_bytes(c, out),
                };
                if !helped {
                    return Err(CodecError::new(at, at + 1, ILLEGAL));
                }
            }
            1..0x100 => out.push(bytes[3]),
            0x100..0x1_0000 => out.extend_from_slice(&bytes[2..]),
            _ => out.extend_from_slice(&bytes[1..]),
        }
        at += used;
    }
    Ok(at)
}
