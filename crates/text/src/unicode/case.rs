//! Case mappings: the full ones of `str`, the simple ones of `re`.

use super::generated::case as table;
use super::properties::{flags, is_case_ignorable, is_cased};

/// The mappings to lower, upper, title and folded case, in this order, of the code points that
/// share them.
#[doc(hidden)]
pub struct CaseRecord {
    /// Where `length` is 0: what to add to the code point. Else the first code point.
    pub first: [i32; 4],
    /// Where `length` is not 0: the start of the mapping in the table of long mappings.
    pub start: [u16; 4],
    /// Number of code points of a mapping longer than one, else 0.
    pub length: [u8; 4],
}

const LOWER: usize = 0;
const UPPER: usize = 1;
const TITLE: usize = 2;
const FOLD: usize = 3;

/// What a code point maps to: one to three code points.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Mapped {
    points: [u32; 3],
    length: u8,
}

impl Mapped {
    fn one(code: u32) -> Self {
        Self {
            points: [code, 0, 0],
            length: 1,
        }
    }

    /// The code points, never empty.
    #[inline]
    pub fn as_slice(&self) -> &[u32] {
        &self.points[..self.length as usize]
    }
}

impl std::ops::Deref for Mapped {
    type Target = [u32];

    fn deref(&self) -> &[u32] {
        self.as_slice()
    }
}

fn record(code: u32) -> Option<&'static CaseRecord> {
    const SHIFT: u32 = table::CASE_SHIFT;
    if !flags(code).case_changes() {
        return None;
    }
    let block = *table::CASE_INDEX.get((code >> SHIFT) as usize)? as usize;
    let at = (block << SHIFT) | (code as usize & ((1 << SHIFT) - 1));
    Some(&table::RECORDS[table::CASE_BLOCKS[at] as usize])
}

fn full(code: u32, which: usize) -> Mapped {
    let Some(r) = record(code) else {
        return Mapped::one(code);
    };
    let length = r.length[which] as usize;
    if length == 0 {
        return Mapped::one(code.wrapping_add_signed(r.first[which]));
    }
    let start = r.start[which] as usize;
    let mut points = [0; 3];
    points[..length].copy_from_slice(&table::SPECIAL[start..start + length]);
    Mapped {
        points,
        length: length as u8,
    }
}

fn simple(code: u32, which: usize) -> u32 {
    let Some(r) = record(code) else { return code };
    if r.length[which] == 0 {
        code.wrapping_add_signed(r.first[which])
    } else {
        r.first[which] as u32
    }
}

/// The full lower case of one character, without context: a capital sigma gives U+03C3.
#[inline]
pub fn lower(code: u32) -> Mapped {
    if code < 0x80 {
        let upper = code.wrapping_sub(0x41) < 26;
        return Mapped::one(code + if upper { 32 } else { 0 });
    }
    full(code, LOWER)
}

/// The full upper case of one character.
#[inline]
pub fn upper(code: u32) -> Mapped {
    if code < 0x80 {
        let lower = code.wrapping_sub(0x61) < 26;
        return Mapped::one(code - if lower { 32 } else { 0 });
    }
    full(code, UPPER)
}

/// The full title case of one character.
pub fn title(code: u32) -> Mapped {
    if code < 0x80 {
        upper(code)
    } else {
        full(code, TITLE)
    }
}

/// The full case folding of one character.
pub fn casefold(code: u32) -> Mapped {
    if code < 0x80 {
        lower(code)
    } else {
        full(code, FOLD)
    }
}

/// The lower case of one character as `re` uses it: one code point.
#[inline]
pub fn simple_lower(code: u32) -> u32 {
    if code < 0x80 {
        lower(code).points[0]
    } else {
        simple(code, LOWER)
    }
}

/// The upper case as `re` uses it: one code point, the first one where the full mapping has more.
#[inline]
pub fn simple_upper(code: u32) -> u32 {
    if code < 0x80 {
        upper(code).points[0]
    } else {
        simple(code, UPPER)
    }
}

/// The title case in one code point, the first one where the full mapping has more.
pub fn simple_title(code: u32) -> u32 {
    simple(code, TITLE)
}

/// The lower case of the capital sigma that stands between `before` (read from right to left) and
/// `after`: the final form when a cased character stands before it and none after it, whatever is
/// case-ignorable left out.
pub fn lower_sigma(
    before: impl IntoIterator<Item = u32>,
    after: impl IntoIterator<Item = u32>,
) -> u32 {
    fn next_cased(points: impl IntoIterator<Item = u32>) -> bool {
        points
            .into_iter()
            .find(|c| !is_case_ignorable(*c))
            .is_some_and(is_cased)
    }
    let last = next_cased(before) && !next_cased(after);
    if last { 0x3C2 } else { 0x3C3 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_mappings() {
        assert_eq!(*upper('ß' as u32), ['S' as u32, 'S' as u32]);
        assert_eq!(*title('ǆ' as u32), ['ǅ' as u32]);
        assert_eq!(*title('ﬃ' as u32), ['F' as u32, 'f' as u32, 'i' as u32]);
        assert_eq!(*lower('İ' as u32), ['i' as u32, 0x307]);
        assert_eq!(*casefold('ß' as u32), ['s' as u32, 's' as u32]);
        assert_eq!(*casefold(0xAB70), [0x13A0]);
        assert_eq!(*lower(0x1C89), [0x1C8A]);
        assert_eq!(*lower(u32::MAX), [u32::MAX]);
        assert_eq!(*lower('Z' as u32), ['z' as u32]);
        assert_eq!(*upper('z' as u32), ['Z' as u32]);
    }

    #[test]
    fn simple_mappings() {
        assert_eq!(simple_upper('ß' as u32), 'S' as u32);
        assert_eq!(simple_lower('İ' as u32), 'i' as u32);
        assert_eq!(simple_upper('ÿ' as u32), 'Ÿ' as u32);
    }

    #[test]
    fn sigma() {
        let points = |s: &str| s.chars().map(u32::from).collect::<Vec<_>>();
        assert_eq!(lower_sigma(points("a"), []), 0x3C2);
        assert_eq!(lower_sigma(points(".a"), points(".b")), 0x3C3);
        assert_eq!(lower_sigma([], []), 0x3C3);
    }
}
