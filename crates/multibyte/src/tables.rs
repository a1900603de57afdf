//! The tables of the multibyte encodings, made when one is first used: those of `encoding_rs` with Python's
//! differences (`patches.bin`, which examples/generate.py describes) applied.

use std::sync::OnceLock;

use crate::base;

static PATCHES: &[u8] = include_bytes!("patches.bin");
/// Values of a table from here on are pairs of characters, by their number.
pub const PAIR: u32 = 0x11_0000;
/// A single byte that leads a pair.
pub const LEAD: u32 = 1;
/// A single byte that leads three.
pub const LEAD_OF_THREE: u32 = 2;
/// What is added to the character that a single byte means.
pub const SINGLE: u32 = 3;
/// Set in the code of a character that makes a pair with some other.
pub const STARTS_PAIR: u32 = 1 << 31;

/// The encodings that tables describe, in the order of `patches.bin`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Table {
    ShiftJis,
    Cp932,
    EucJp,
    EucJis2004,
    EucJisX0213,
    ShiftJis2004,
    ShiftJisX0213,
    EucKr,
    Cp949,
    Johab,
    Gb2312,
    Gbk,
    Gb18030,
    Big5,
    Cp950,
    Big5Hkscs,
}

/// What a plane's differences count from.
#[derive(Clone, Copy)]
enum Base {
    Web(usize),
    Plane(Table, usize),
    /// The two planes of EUC, as Shift JIS arranges them.
    Shifted(Table),
}

impl Table {
    const COUNT: usize = 16;

    fn bases(self) -> &'static [Base] {
        use Base::*;
        match self {
            Self::ShiftJis | Self::Cp932 => &[Web(1)],
            Self::EucJp => &[Web(2), Web(3)],
            Self::EucJis2004 => &[Plane(Self::EucJp, 0), Web(0)],
            Self::EucJisX0213 => &[Plane(Self::EucJis2004, 0), Plane(Self::EucJis2004, 1)],
            Self::ShiftJis2004 => &[Shifted(Self::EucJis2004)],
            Self::ShiftJisX0213 => &[Plane(Self::ShiftJis2004, 0)],
            Self::EucKr | Self::Cp949 => &[Web(4)],
            Self::Johab => &[Web(0)],
            Self::Gb2312 | Self::Gbk => &[Web(5)],
            Self::Gb18030 => &[Web(6)],
            Self::Big5 | Self::Cp950 | Self::Big5Hkscs => &[Web(7)],
        }
    }

    /// The tables, ready for use.
    pub fn get(self) -> &'static Tables {
        static BUILT: [OnceLock<Tables>; Table::COUNT] = [const { OnceLock::new() }; Table::COUNT];
        BUILT[self as usize].get_or_init(|| Tables::build(self))
    }
}

/// What an encoding says in both directions.
pub struct Tables {
    planes: Vec<Vec<u32>>,
    /// What each single byte is.
    pub singles: [u32; 256],
    /// Whether the lower half of the single bytes is ASCII.
    pub ascii: bool,
    pairs: Vec<(u32, u32, u32)>,
    index: Vec<u16>,
    codes: Vec<[u32; 256]>,
}

/// The place of a pair of bytes in a plane.
fn place(lead: u8, trail: u8) -> Option<usize> {
    let row = usize::from(lead.checked_sub(base::LEADS.0)?);
    let column = usize::from(trail.checked_sub(base::TRAILS.0)?);
    (column < base::WIDTH).then_some(row * base::WIDTH + column)
}

impl Tables {
    fn build(table: Table) -> Self {
        let mut input = Reader::at(table as usize);
        let planes: Vec<Vec<u32>> = table
            .bases()
            .iter()
            .map(|from| {
                let mut plane = match *from {
                    Base::Web(n) => base::table(n).unwrap_or_default(),
                    Base::Plane(other, n) => other.get().planes.get(n).cloned().unwrap_or_default(),
                    Base::Shifted(other) => shifted(other.get()),
                };
                plane.resize(base::SIZE, 0);
                input.apply(&mut plane);
                plane
            })
            .collect();
        let mut singles = [0; 256];
        input.apply(&mut singles);
        let pairs = (0..input.number())
            .map(|_| (input.number(), input.number(), 0))
            .collect();
        let ascii = (0..128).all(|b| singles[b] == b as u32 + SINGLE);
        let mut tables = Self {
            planes,
            singles,
            ascii,
            pairs,
            index: vec![0; 0x300],
            codes: vec![[0; 256]],
        };
        tables.reverse(&mut input);
        tables
    }

    /// Makes the way from characters to bytes: the first place counts.
    fn reverse(&mut self, input: &mut Reader) {
        for (n, plane) in std::mem::take(&mut self.planes).into_iter().enumerate().rev() {
            let prefix = if n == 0 { 0 } else { 0x8F_0000 };
            for (at, &value) in plane.iter().enumerate().rev() {
                if value == 0 {
                    continue;
                }
                let lead = usize::from(base::LEADS.0) + at / base::WIDTH;
                let trail = usize::from(base::TRAILS.0) + at % base::WIDTH;
                let code = prefix | (lead << 8 | trail) as u32;
                match value.checked_sub(PAIR) {
                    Some(n) => {
                        if let Some(pair) = self.pairs.get_mut(n as usize) {
                            pair.2 = code;
                        }
                    }
                    None => *self.slot(value) = code,
                }
            }
            self.planes.insert(0, plane);
        }
        // Single bytes come before all.
        for byte in (0..256).rev() {
            if let Some(code) = self.singles[byte].checked_sub(SINGLE) {
                *self.slot(code) = byte as u32;
            }
        }
        let mut code = 0;
        for _ in 0..input.number() {
            code += input.number();
            *self.slot(code) = input.number();
        }
        for i in 0..self.pairs.len() {
            let first = self.pairs[i].0;
            *self.slot(first) |= STARTS_PAIR;
        }
    }

    /// Where the code of a character stands.
    fn slot(&mut self, code: u32) -> &mut u32 {
        let page = (code >> 8) as usize;
        if page >= self.index.len() {
            self.index.resize(page + 1, 0);
        }
        if self.index[page] == 0 {
            self.index[page] = self.codes.len() as u16;
            self.codes.push([0; 256]);
        }
        &mut self.codes[usize::from(self.index[page])][(code & 0xFF) as usize]
    }

    /// The bytes of a character as a number, perhaps with [`STARTS_PAIR`]; 0 where it has none.
    #[inline]
    pub fn code(&self, c: u32) -> u32 {
        match self.index.get((c >> 8) as usize) {
            Some(&page) => self.codes[usize::from(page)][(c & 0xFF) as usize],
            None => 0,
        }
    }

    /// The bytes of two characters together.
    pub fn pair_code(&self, first: u32, second: u32) -> Option<u32> {
        self.pairs.iter().find(|p| (p.0, p.1) == (first, second)).map(|p| p.2)
    }

    /// The character of a pair of bytes; 0 where there is none, from [`PAIR`] on two characters.
    #[inline]
    pub fn char_at(&self, plane: usize, lead: u8, trail: u8) -> u32 {
        let at = place(lead, trail).and_then(|at| self.planes.get(plane)?.get(at));
        at.copied().unwrap_or(0)
    }

    /// Two characters, by what [`Tables::char_at`] said.
    pub fn pair(&self, value: u32) -> Option<(u32, u32)> {
        let pair = self.pairs.get(value.checked_sub(PAIR)? as usize)?;
        Some((pair.0, pair.1))
    }
}

/// Two planes of 94 rows with 94 characters in the order of Shift JIS.
fn shifted(from: &Tables) -> Vec<u32> {
    const SECOND_ROWS: [u8; 9] = [1, 8, 3, 4, 5, 12, 13, 14, 15];
    let mut out = vec![0; base::SIZE];
    for (index, lead) in (0x81..0xA0).chain(0xE0..0xFD_u8).enumerate() {
        for (cell, trail) in (0x40..0x7F).chain(0x80..0xFD_u8).enumerate() {
            let row = index * 2 + cell / 94;
            let (plane, row) = match row.checked_sub(94) {
                None => (0, row as u8 + 1),
                Some(n) => (1, SECOND_ROWS.get(n).copied().unwrap_or(n as u8 + 69)),
            };
            if let Some(at) = place(lead, trail) {
                out[at] = from.char_at(plane, 0xA0 + row, 0xA1 + (cell % 94) as u8);
            }
        }
    }
    out
}

/// Reads `patches.bin`.
struct Reader {
    rest: &'static [u8],
}

impl Reader {
    /// At the start of a section.
    fn at(section: usize) -> Self {
        let at = PATCHES.get(section * 4..).and_then(|b| b.first_chunk::<4>());
        let at = at.map_or(0, |b| u32::from_le_bytes(*b) as usize);
        Self {
            rest: PATCHES.get(at..).unwrap_or_default(),
        }
    }

    fn number(&mut self) -> u32 {
        let (mut n, mut shift) = (0, 0);
        while let Some((&b, rest)) = self.rest.split_first() {
            self.rest = rest;
            n |= u32::from(b & 0x7F) << shift;
            shift += 7;
            if b < 0x80 || shift > 28 {
                break;
            }
        }
        n
    }

    fn signed(&mut self) -> i32 {
        let n = self.number();
        if n & 1 == 1 { -((n >> 1) as i32) - 1 } else { (n >> 1) as i32 }
    }

    /// Applies runs of differences.
    fn apply(&mut self, to: &mut [u32]) {
        let (mut at, mut previous) = (0, 0_i32);
        for _ in 0..self.number() {
            at += self.number() as usize;
            let head = self.number();
            let (length, kind) = (head as usize / 4, head % 4);
            if kind == 2 {
                previous = previous.wrapping_add(self.signed()).wrapping_sub(1);
            }
            for slot in to.iter_mut().skip(at).take(length) {
                match kind {
                    0 => previous = previous.wrapping_add(self.signed()),
                    1 => {}
                    _ => previous = previous.wrapping_add(1),
                }
                *slot = if kind == 1 { 0 } else { previous as u32 };
            }
            at += length;
        }
    }
}

/// A range of the characters that four bytes of gb18030 mean.
#[derive(Clone, Copy)]
pub struct Range {
    first: u32,
    linear: u32,
    length: u32,
}

/// The ranges, by their codes and by their characters.
fn ranges() -> &'static (Vec<Range>, Vec<Range>) {
    static RANGES: OnceLock<(Vec<Range>, Vec<Range>)> = OnceLock::new();
    RANGES.get_or_init(|| {
        let mut input = Reader::at(Table::COUNT);
        let (mut code, mut linear) = (0_u32, 0);
        let by_code: Vec<Range> = (0..input.number())
            .map(|_| {
                let first = code.wrapping_add_signed(input.signed());
                let range = Range {
                    first,
                    linear: linear + input.number(),
                    length: input.number(),
                };
                code = first + range.length;
                linear = range.linear + range.length;
                range
            })
            .collect();
        let mut by_char = by_code.clone();
        by_char.sort_by_key(|r| r.first);
        (by_code, by_char)
    })
}

/// The character of the plane that four bytes of gb18030 count to.
pub fn four_byte_char(linear: u32) -> Option<u32> {
    let ranges = &ranges().0;
    let r = ranges.get(ranges.partition_point(|r| r.linear <= linear).checked_sub(1)?)?;
    (linear - r.linear < r.length).then(|| r.first + (linear - r.linear))
}

/// What four bytes of gb18030 count to for a character of the basic plane.
pub fn four_byte_code(c: u32) -> Option<u32> {
    let ranges = &ranges().1;
    let r = ranges.get(ranges.partition_point(|r| r.first <= c).checked_sub(1)?)?;
    (c - r.first < r.length).then(|| r.linear + (c - r.first))
}
