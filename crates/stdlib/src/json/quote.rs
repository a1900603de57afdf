//! Writing JSON strings.

use taipan_runtime::core::R;
use taipan_runtime::types::str::{Chars, StrBuilder};
use taipan_runtime::vm::Vm;
use taipan_text::CodeUnit;

/// Which characters are escaped.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Quoting {
    /// What JSON demands.
    Plain,
    /// All that is not printable ASCII.
    Ascii,
}

const HEX: &[u8; 16] = b"0123456789abcdef";

/// Which bytes are written as they are.
const fn plain_bytes(quoting: Quoting) -> [bool; 256] {
    let mut table = [false; 256];
    let mut i = 0;
    while i < 256 {
        let fits = match quoting {
            Quoting::Plain => i >= 0x20,
            Quoting::Ascii => i >= 0x20 && i < 0x7f,
        };
        table[i] = fits && i != b'"' as usize && i != b'\\' as usize;
        i += 1;
    }
    table
}

static PLAIN: [bool; 256] = plain_bytes(Quoting::Plain);
static ASCII: [bool; 256] = plain_bytes(Quoting::Ascii);

/// How many bytes from `at` on are written as they are, eight at a time.
#[inline]
fn plain_run(text: &[u8], at: usize, quoting: Quoting) -> usize {
    const ONES: u64 = u64::MAX / 255;
    const HIGH: u64 = ONES << 7;
    let table = if quoting == Quoting::Ascii {
        &ASCII
    } else {
        &PLAIN
    };
    let rest = text.get(at..).unwrap_or_default();
    let mut n = 0;
    for chunk in rest.chunks_exact(8) {
        let Ok(bytes) = <[u8; 8]>::try_from(chunk) else {
            break;
        };
        let w = u64::from_le_bytes(bytes);
        // A byte's high bit is set where it is below 0x20, is a quote or a backslash; exact for bytes below 0x80.
        let zero = |x: u64| x.wrapping_sub(ONES) & !x;
        let mut special = w.wrapping_sub(ONES * 0x20) & !w
            | zero(w ^ (ONES * b'"' as u64))
            | zero(w ^ (ONES * b'\\' as u64));
        if quoting == Quoting::Ascii {
            special |= w | zero(w ^ (ONES * 0x7f));
        }
        if special & HIGH != 0 {
            break;
        }
        n += 8;
    }
    n + rest[n..]
        .iter()
        .take_while(|b| table[usize::from(**b)])
        .count()
}

fn push_unit(out: &mut Vec<u8>, unit: u32) {
    let hex = |shift: u32| HEX[(unit >> shift & 15) as usize];
    out.extend([b'\\', b'u', hex(12), hex(8), hex(4), hex(0)]);
}

/// The escape of a character.
fn push_escape(out: &mut Vec<u8>, ch: u32) {
    let short = match ch {
        0x22 => b'"',
        0x5c => b'\\',
        8 => b'b',
        9 => b't',
        10 => b'n',
        12 => b'f',
        13 => b'r',
        0x1_0000.. => {
            let v = ch - 0x1_0000;
            push_unit(out, 0xd800 | v >> 10 & 0x3ff);
            push_unit(out, 0xdc00 | v & 0x3ff);
            return;
        }
        _ => {
            push_unit(out, ch);
            return;
        }
    };
    out.extend([b'\\', short]);
}

fn push_narrow(out: &mut Vec<u8>, text: &[u8], quoting: Quoting) {
    let mut at = 0;
    loop {
        let run = plain_run(text, at, quoting);
        out.extend_from_slice(&text[at..at + run]);
        at += run;
        match text.get(at) {
            Some(b) => push_escape(out, u32::from(*b)),
            None => return,
        }
        at += 1;
    }
}

/// Wide characters as ASCII.
fn push_wide_ascii<C: CodeUnit>(out: &mut Vec<u8>, text: &[C]) {
    for c in text {
        let c = c.code();
        if c < 0x7f && ASCII[c as usize] {
            out.push(c as u8)
        } else {
            push_escape(out, c)
        }
    }
}

/// Wide characters as they are.
fn push_wide<C: CodeUnit>(out: &mut StrBuilder, text: &[C]) {
    let mut escape = Vec::new();
    for c in text {
        let c = c.code();
        if c >= 0x80 || PLAIN[c as usize] {
            out.push(c);
        } else {
            escape.clear();
            push_escape(&mut escape, c);
            out.push_latin1(&escape);
        }
    }
}

/// Appends a JSON string.
///
/// Raises MemoryError.
#[inline]
pub fn push_quoted(vm: &Vm, out: &mut StrBuilder, text: Chars<'_>, quoting: Quoting) -> R<()> {
    if text.len() >= 1 << 16 {
        out.check_room(vm, text.len())?;
    }
    if let Some(buffer) = out.narrow() {
        let done = match (text, quoting) {
            (Chars::Ascii(t), _) => {
                buffer.push(b'"');
                push_narrow(buffer, t.as_bytes(), quoting);
                true
            }
            (Chars::Latin1(t), _) => {
                buffer.push(b'"');
                push_narrow(buffer, t, quoting);
                true
            }
            (Chars::Ucs2(t), Quoting::Ascii) => {
                buffer.push(b'"');
                push_wide_ascii(buffer, t);
                true
            }
            (Chars::Ucs4(t), Quoting::Ascii) => {
                buffer.push(b'"');
                push_wide_ascii(buffer, t);
                true
            }
            _ => false,
        };
        if done {
            buffer.push(b'"');
            return Ok(());
        }
    }
    out.push_latin1(b"\"");
    match (text, quoting) {
        (_, Quoting::Ascii) | (Chars::Ascii(_) | Chars::Latin1(_), _) => {
            let mut piece = Vec::new();
            match text {
                Chars::Ascii(t) => push_narrow(&mut piece, t.as_bytes(), quoting),
                Chars::Latin1(t) => push_narrow(&mut piece, t, quoting),
                Chars::Ucs2(t) => push_wide_ascii(&mut piece, t),
                Chars::Ucs4(t) => push_wide_ascii(&mut piece, t),
            }
            out.push_latin1(&piece);
        }
        (Chars::Ucs2(t), _) => push_wide(out, t),
        (Chars::Ucs4(t), _) => push_wide(out, t),
    }
    out.push_latin1(b"\"");
    Ok(())
}
