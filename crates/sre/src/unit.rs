//! The three widths of a subject's characters, and the tight loops over them.

use crate::program::{Program, Single};

/// A character of a subject.
pub(crate) trait Unit: Copy + Eq {
    fn code(self) -> u32;
    /// The character, if it has this width.
    fn narrow(c: u32) -> Option<Self>;
    /// The subject as bytes, if its characters are that wide.
    fn as_bytes(_hay: &[Self]) -> Option<&[u8]> {
        None
    }
    /// Where the character is first.
    fn find(hay: &[Self], c: u32) -> Option<usize> {
        let c = Self::narrow(c)?;
        hay.iter().position(|&unit| unit == c)
    }
    /// Where the character is last.
    fn rfind(hay: &[Self], c: u32) -> Option<usize> {
        let c = Self::narrow(c)?;
        hay.iter().rposition(|&unit| unit == c)
    }
    /// The index of the first character outside the table, or beyond it and
    /// refused by `high`.
    fn span(hay: &[Self], table: &[bool; 256], high: impl Fn(u32) -> bool) -> usize {
        let outside = |&unit: &Self| {
            let c = unit.code();
            match table.get(c as usize) {
                Some(&inside) => !inside,
                None => !high(c),
            }
        };
        hay.iter().position(outside).unwrap_or(hay.len())
    }
    /// Does the subject go on with these characters? `bytes` are the same,
    /// with 0 for what is not a byte.
    fn starts_with(hay: &[Self], literal: &[u32], bytes: &[u8]) -> bool {
        let _ = bytes;
        hay.len() >= literal.len() && hay.iter().zip(literal).all(|(unit, &c)| unit.code() == c)
    }
}

impl Unit for u8 {
    #[inline(always)]
    fn code(self) -> u32 {
        u32::from(self)
    }
    #[inline(always)]
    fn narrow(c: u32) -> Option<u8> {
        u8::try_from(c).ok()
    }
    #[inline(always)]
    fn as_bytes(hay: &[u8]) -> Option<&[u8]> {
        Some(hay)
    }
    #[inline]
    fn find(hay: &[u8], c: u32) -> Option<usize> {
        // Most runs are short, and then the call costs more than it saves.
        const SHORT: usize = 12;
        let c = Self::narrow(c)?;
        match hay.split_at_checked(SHORT) {
            Some((near, far)) => near
                .iter()
                .position(|&unit| unit == c)
                .or_else(|| memchr::memchr(c, far).map(|at| at + SHORT)),
            None => hay.iter().position(|&unit| unit == c),
        }
    }
    #[inline]
    fn rfind(hay: &[u8], c: u32) -> Option<usize> {
        memchr::memrchr(Self::narrow(c)?, hay)
    }
    #[inline]
    fn span(hay: &[u8], table: &[bool; 256], _high: impl Fn(u32) -> bool) -> usize {
        hay.iter()
            .position(|&unit| !table[usize::from(unit)])
            .unwrap_or(hay.len())
    }
    #[inline]
    fn starts_with(hay: &[u8], literal: &[u32], bytes: &[u8]) -> bool {
        // A character that is not a byte became 0 in `bytes`: look again.
        hay.starts_with(bytes) && (!bytes.contains(&0) || literal.iter().all(|&c| c < 256))
    }
}

impl Unit for u16 {
    #[inline(always)]
    fn code(self) -> u32 {
        u32::from(self)
    }
    #[inline(always)]
    fn narrow(c: u32) -> Option<u16> {
        u16::try_from(c).ok()
    }
}

impl Unit for u32 {
    #[inline(always)]
    fn code(self) -> u32 {
        self
    }
    #[inline(always)]
    fn narrow(c: u32) -> Option<u32> {
        Some(c)
    }
}

/// How many characters from the start of `hay` satisfy the test.
#[inline]
pub(crate) fn run_length<U: Unit>(program: &Program, single: Single, hay: &[U]) -> usize {
    match single {
        Single::AnyAll => hay.len(),
        Single::Any => U::find(hay, 10).unwrap_or(hay.len()),
        Single::NotChar(c) => U::find(hay, c).unwrap_or(hay.len()),
        Single::Char(c) => hay
            .iter()
            .position(|unit| unit.code() != c)
            .unwrap_or(hay.len()),
        Single::Set(id) => {
            let Some(set) = program.sets.get(id as usize) else {
                return 0;
            };
            match set.all_but {
                Some(byte) => U::find(hay, u32::from(byte)).unwrap_or(hay.len()),
                None => U::span(hay, &set.table, |c| set.test_high(c, program.chars)),
            }
        }
        Single::Dynamic(_) => hay
            .iter()
            .position(|unit| !program.single(single, unit.code()))
            .unwrap_or(hay.len()),
    }
}
