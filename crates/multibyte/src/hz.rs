//! HZ: GB 2312 in seven bits, between `~{` and `~}`.

use taipan_text::CodeUnit;
use taipan_text::codec::CodecError;
use taipan_text::format::Sink;

use crate::tables::Table;
use crate::{ILLEGAL, State, incomplete};

pub fn decode<S: Sink>(
    input: &[u8],
    from: usize,
    last: bool,
    state: &mut State,
    out: &mut S,
) -> Result<usize, CodecError> {
    let table = Table::Gb2312.get();
    let mut at = from;
    while let Some(&c) = input.get(at) {
        let illegal = Err(CodecError::new(at, at + 1, ILLEGAL));
        let next = input.get(at + 1).copied();
        let shifted = state[0] != 0;
        if c == b'~' {
            let Some(next) = next else { return incomplete(input, at, last) };
            match (next, shifted) {
                (b'~', false) => out.push(u32::from(b'~')),
                (b'{', false) => state[0] = 1,
                (b'\n', false) => {}
                (b'}', true) => state[0] = 0,
                _ => return illegal,
            }
            at += 2;
        } else if c >= 0x80 {
            return illegal;
        } else if !shifted {
            out.push(u32::from(c));
            at += 1;
        } else {
            let Some(next) = next else { return incomplete(input, at, last) };
            let value = if next < 0x80 { table.char_at(0, c | 0x80, next | 0x80) } else { 0 };
            if value == 0 {
                return illegal;
            }
            out.push(value);
            at += 2;
        }
    }
    Ok(at)
}

pub fn encode<C: CodeUnit>(
    text: &[C],
    from: usize,
    state: &mut State,
    out: &mut Vec<u8>,
) -> Result<usize, CodecError> {
    let table = Table::Gb2312.get();
    for (at, c) in text.iter().enumerate().skip(from) {
        let c = c.code();
        if c < 0x80 {
            reset(state, out);
            out.push(c as u8);
            if c == u32::from(b'~') {
                out.push(b'~');
            }
            continue;
        }
        let code = table.code(c);
        if code < 0x8080 {
            return Err(CodecError::new(at, at + 1, ILLEGAL));
        }
        if state[0] == 0 {
            out.extend(b"~{");
            state[0] = 1;
        }
        let code = (code & 0x7F7F) as u16;
        out.extend(code.to_be_bytes());
    }
    Ok(text.len())
}

/// Back to ASCII.
pub fn reset(state: &mut State, out: &mut Vec<u8>) {
    if state[0] != 0 {
        out.extend(b"~}");
        state[0] = 0;
    }
}
