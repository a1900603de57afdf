//! ISO 2022: character sets that escape sequences choose.
//!
//! The state: which sets G0, G1 and G2 are, and at place 4 the flags.

use taipan_text::CodeUnit;
use taipan_text::codec::CodecError;
use taipan_text::format::Sink;

use crate::flat::{lookup, push};
use crate::tables::{PAIR, Table};
use crate::{ILLEGAL, State, incomplete};

const ESC: u8 = 0x1B;
const SHIFT_OUT: u8 = 0x0E;
const SHIFT_IN: u8 = 0x0F;
const SHIFTED: u8 = 1;
/// An unknown escape sequence is copied.
const COPYING: u8 = 2;
const FLAGS: usize = 4;
/// Marks sets of two bytes.
const WIDE: u8 = 0x80;
pub const ASCII: u8 = b'B';
const LATIN_1: u8 = b'A';
const GREEK: u8 = b'F';
const JIS_X_0208: u8 = b'B' | WIDE;
/// The longest escape sequence that is looked for.
const LONGEST: usize = 16;

/// Where the characters of a set come from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Source {
    /// A plane of a table in EUC form.
    Euc(Table, usize),
    /// What two characters of JIS X 0213 make together.
    Pairs(Table),
    /// The second plane of JIS X 0213.
    Second(Table),
    Roman,
    Kana,
    /// Only by single shifts.
    Shifted,
}

/// A set that an encoding can choose.
#[derive(Clone, Copy, Debug)]
struct Charset {
    mark: u8,
    /// G0, G1 or G2.
    plane: u8,
    source: Source,
}

const fn set(mark: u8, plane: u8, source: Source) -> Charset {
    Charset { mark, plane, source }
}

/// One of the encodings.
#[derive(Debug)]
pub struct Iso2022 {
    sets: &'static [Charset],
    /// Shift in and shift out are characters like others.
    no_shift: bool,
    single_shift: bool,
    /// The prefix that announces JIS X 0208 of 1990.
    announced: bool,
}

const fn japanese(sets: &'static [Charset]) -> Iso2022 {
    Iso2022 { sets, no_shift: true, single_shift: false, announced: true }
}

const JIS: Charset = set(JIS_X_0208, 0, Source::Euc(Table::EucJp, 0));
const OLD_JIS: Charset = set(b'@' | WIDE, 0, Source::Euc(Table::EucJp, 0));
const JIS_X_0212: Charset = set(b'D' | WIDE, 0, Source::Euc(Table::EucJp, 1));
const ROMAN: Charset = set(b'J', 0, Source::Roman);
const KANA: Charset = set(b'I', 0, Source::Kana);
const GB: Charset = set(b'A' | WIDE, 0, Source::Euc(Table::Gb2312, 0));
const SECOND_2000: Charset = set(b'P' | WIDE, 0, Source::Second(Table::EucJisX0213));
const SECOND_2004: Charset = set(b'P' | WIDE, 0, Source::Second(Table::EucJis2004));

pub static KR: Iso2022 = Iso2022 {
    sets: &[set(b'C' | WIDE, 1, Source::Euc(Table::EucKr, 0))],
    no_shift: false,
    single_shift: false,
    announced: false,
};
pub static JP: Iso2022 = japanese(&[JIS, ROMAN, OLD_JIS]);
pub static JP_1: Iso2022 = japanese(&[JIS, JIS_X_0212, ROMAN, OLD_JIS]);
pub static JP_2: Iso2022 = Iso2022 {
    sets: &[
        JIS,
        JIS_X_0212,
        set(b'C' | WIDE, 0, Source::Euc(Table::EucKr, 0)),
        GB,
        ROMAN,
        OLD_JIS,
        set(LATIN_1, 2, Source::Shifted),
        set(GREEK, 2, Source::Shifted),
    ],
    no_shift: true,
    single_shift: true,
    announced: true,
};
pub static JP_3: Iso2022 = japanese(&[
    set(b'O' | WIDE, 0, Source::Pairs(Table::EucJisX0213)),
    JIS,
    set(b'O' | WIDE, 0, Source::Euc(Table::EucJisX0213, 0)),
    SECOND_2000,
]);
pub static JP_2004: Iso2022 = japanese(&[
    set(b'Q' | WIDE, 0, Source::Pairs(Table::EucJis2004)),
    JIS,
    set(b'Q' | WIDE, 0, Source::Euc(Table::EucJis2004, 0)),
    SECOND_2004,
]);
pub static JP_EXT: Iso2022 = japanese(&[JIS, JIS_X_0212, ROMAN, KANA, OLD_JIS]);

/// Whether JIS X 0213 uses a row of the second plane (JIS X 0212 has the others).
fn second_row(row: u8) -> bool {
    matches!(row - 0x20, 1 | 3..=5 | 8 | 12..=15 | 78..=94)
}

impl Charset {
    fn width(&self) -> usize {
        if self.mark & WIDE == 0 { 1 } else { 2 }
    }

    fn decode(&self, a: u8, b: u8) -> u32 {
        let wide = (0x21..=0x7E).contains(&a) && (0x21..=0x7E).contains(&b);
        match self.source {
            Source::Euc(table, plane) if wide => table.get().char_at(plane, a | 0x80, b | 0x80),
            Source::Pairs(table) if wide => table.get().char_at(0, a | 0x80, b | 0x80),
            Source::Second(table) if wide && second_row(a) => table.get().char_at(1, a | 0x80, b | 0x80),
            Source::Roman => match a {
                0x5C => 0xA5,
                0x7E => 0x203E,
                _ => u32::from(a),
            },
            Source::Kana if (0x21..=0x5F).contains(&a) => 0xFF40 + u32::from(a),
            _ => 0,
        }
    }

    /// The code of a character, and how many it takes: 0 where it is none of this set, `None` where the next
    /// character must be known.
    fn encode<C: CodeUnit>(&self, text: &[C], at: usize, flush: bool) -> Option<(u16, usize)> {
        let none = Some((0, 1));
        let c = text.get(at)?.code();
        let (code, used) = match self.source {
            Source::Euc(table, _) | Source::Pairs(table) | Source::Second(table) => {
                lookup(table.get(), text, at, flush)?
            }
            Source::Roman => (match c {
                0xA5 => 0x5C,
                0x203E => 0x7E,
                _ => 0,
            }, 1),
            Source::Kana if (0xFF61..=0xFF9F).contains(&c) => (c - 0xFF40, 1),
            _ => return none,
        };
        let [_, prefix, a, _] = code.to_be_bytes();
        let plane = usize::from(prefix != 0);
        let fits = match self.source {
            Source::Euc(_, n) => n == plane && a >= 0xA1,
            Source::Pairs(_) => used == 2 && a >= 0xA1,
            Source::Second(_) => plane == 1 && a >= 0xA1 && second_row(a & 0x7F),
            _ => code != 0,
        };
        if fits { Some(((code & 0x7F7F) as u16, used)) } else { none }
    }
}

fn is_end(c: u8) -> bool {
    c.is_ascii_uppercase() || c == b'@'
}

impl Iso2022 {
    fn find(&self, mark: u8) -> Option<&'static Charset> {
        self.sets.iter().find(|s| s.mark == mark)
    }

    /// Decodes; see the crate's head.
    pub fn decode<S: Sink>(
        &self,
        input: &[u8],
        from: usize,
        last: bool,
        state: &mut State,
        out: &mut S,
    ) -> Result<usize, CodecError> {
        let mut at = from;
        while let Some(&c) = input.get(at) {
            let rest = &input[at..];
            let illegal = |n: usize| Err(CodecError::new(at, at + n, ILLEGAL));
            if state[FLAGS] & COPYING != 0 {
                out.push(u32::from(c));
                at += 1;
                if is_end(c) {
                    state[FLAGS] &= !COPYING;
                }
                continue;
            }
            match c {
                ESC => match rest.get(1) {
                    None => return incomplete(input, at, last),
                    Some(b'(' | b')' | b'$' | b'.' | b'&') => match self.escape(rest, state) {
                        Ok(0) => return incomplete(input, at, last),
                        Ok(n) => at += n,
                        Err(n) => return illegal(n),
                    },
                    Some(b'N') if self.single_shift => {
                        let Some(&shifted) = rest.get(2) else { return incomplete(input, at, last) };
                        match single_shift(state[2], shifted) {
                            Some(c) => out.push(c),
                            None => return illegal(3),
                        }
                        at += 3;
                    }
                    Some(_) => {
                        out.push(u32::from(ESC));
                        state[FLAGS] |= COPYING;
                        at += 1;
                    }
                },
                SHIFT_IN if !self.no_shift => {
                    state[FLAGS] &= !SHIFTED;
                    at += 1;
                }
                SHIFT_OUT if !self.no_shift => {
                    state[FLAGS] |= SHIFTED;
                    at += 1;
                }
                b'\n' => {
                    state[FLAGS] &= !SHIFTED;
                    out.push(u32::from(c));
                    at += 1;
                }
                0x80.. => return illegal(1),
                _ => {
                    let mark = state[usize::from(state[FLAGS] & SHIFTED)];
                    if c < 0x20 || mark == ASCII {
                        out.push(u32::from(c));
                        at += 1;
                        continue;
                    }
                    let Some(set) = self.find(mark) else { return illegal(1) };
                    let Some(code) = rest.get(..set.width()) else { return incomplete(input, at, last) };
                    match set.decode(c, code.get(1).copied().unwrap_or(0)) {
                        0 => return illegal(set.width()),
                        value @ 1..PAIR => out.push(value),
                        value => {
                            if let Source::Euc(table, _) | Source::Pairs(table) | Source::Second(table) = set.source {
                                push(table.get(), value, out);
                            }
                        }
                    }
                    at += set.width();
                }
            }
        }
        Ok(at)
    }

    /// Obeys an escape sequence: its length, 0 where it is cut off, or how much of it is wrong.
    fn escape(&self, rest: &[u8], state: &mut State) -> Result<usize, usize> {
        let mut length = 0;
        let mut i = 1;
        while i < LONGEST {
            let Some(&c) = rest.get(i) else { return Ok(0) };
            if is_end(c) {
                length = i + 1;
                break;
            }
            if self.announced && c == b'&' && rest.get(i + 1) == Some(&b'@') {
                i += 2;
            }
            i += 1;
        }
        let plane = |c: u8| match c {
            b'(' => Some(0),
            b')' => Some(1),
            b'.' if self.single_shift => Some(2),
            _ => None,
        };
        let chosen = match rest.get(1..length).unwrap_or_default() {
            [] => return Err(1),
            [b'$', mark] => Some((0, mark | WIDE)),
            [kind, mark] => plane(*kind).map(|p| (p, *mark)),
            [b'$', kind @ (b'(' | b')'), mark] => plane(*kind).map(|p| (p, mark | WIDE)),
            [_, _, ESC, b'$', b'B'] if self.announced => Some((0, JIS_X_0208)),
            _ => None,
        };
        match chosen {
            Some((plane, mark)) if mark == ASCII || self.find(mark).is_some() => {
                state[plane] = mark;
                Ok(length)
            }
            _ => Err(length),
        }
    }

    /// Encodes; see the crate's head.
    pub fn encode<C: CodeUnit>(
        &self,
        text: &[C],
        from: usize,
        flush: bool,
        state: &mut State,
        out: &mut Vec<u8>,
    ) -> Result<usize, CodecError> {
        let mut at = from;
        'text: while let Some(c) = text.get(at) {
            let c = c.code();
            if c < 0x80 {
                to_ascii(state, out);
                shift_in(state, out);
                out.push(c as u8);
                at += 1;
                continue;
            }
            for set in self.sets {
                let Some((code, used)) = set.encode(text, at, flush) else { return Ok(at) };
                if code == 0 {
                    continue;
                }
                if set.plane == 0 {
                    shift_in(state, out);
                }
                let plane = usize::from(set.plane);
                if state[plane] != set.mark {
                    let kind = if plane == 0 { b'(' } else { b')' };
                    match set.mark {
                        JIS_X_0208 => out.extend([ESC, b'$', b'B']),
                        mark if mark & WIDE == 0 => out.extend([ESC, kind, mark]),
                        mark => out.extend([ESC, b'$', kind, mark & !WIDE]),
                    }
                    state[plane] = set.mark;
                }
                if plane == 1 && state[FLAGS] & SHIFTED == 0 {
                    out.push(SHIFT_OUT);
                    state[FLAGS] |= SHIFTED;
                }
                out.extend_from_slice(&code.to_be_bytes()[2 - set.width()..]);
                at += used;
                continue 'text;
            }
            return Err(CodecError::new(at, at + 1, ILLEGAL));
        }
        Ok(at)
    }

    /// Back to ASCII.
    pub fn reset(&self, state: &mut State, out: &mut Vec<u8>) {
        shift_in(state, out);
        to_ascii(state, out);
    }

    /// What a decoder forgets.
    pub fn forget(state: &mut State) {
        state[0] = ASCII;
        state[FLAGS] &= !SHIFTED;
    }
}

fn shift_in(state: &mut State, out: &mut Vec<u8>) {
    if state[FLAGS] & SHIFTED != 0 {
        out.push(SHIFT_IN);
        state[FLAGS] &= !SHIFTED;
    }
}

fn to_ascii(state: &mut State, out: &mut Vec<u8>) {
    if state[0] != ASCII {
        out.extend([ESC, b'(', ASCII]);
        state[0] = ASCII;
    }
}

/// A character of G2.
fn single_shift(set: u8, c: u8) -> Option<u32> {
    let high = u32::from(c ^ 0x80);
    match set {
        LATIN_1 if c < 0x80 => Some(high),
        ASCII if c < 0x80 => Some(u32::from(c)),
        GREEK => match high {
            0..=0xA0 | 0xA3 | 0xA6..=0xA9 | 0xAB..=0xAD | 0xB0..=0xB3 | 0xB7 | 0xBB | 0xBD => Some(high),
            0xA1 => Some(0x2018),
            0xA2 => Some(0x2019),
            0xAF => Some(0x2015),
            0xB4..=0xD1 | 0xD3..=0xFE => Some(0x2D0 + high),
            _ => None,
        },
        _ => None,
    }
}
