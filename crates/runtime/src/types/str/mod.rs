//! str: 1, 2 or 4 bytes a character, ASCII known, hash cached, lone surrogates allowed.
//!
//! Invariants of [`Str`]: `data` points to `len` units of the kind's width that never change while
//! anybody but the sole owner can see them; the kind is the narrowest that fits (an ASCII kind holds
//! no unit above 127, Latin-1 at least one, and so on), so equal texts have equal representations.

mod build;
mod case;
pub mod codec;
mod construct;
pub mod format;
pub mod iter;
mod layout;
mod make;
mod methods;
pub mod printf;
mod search;
mod split;
mod translate;

use std::borrow::Cow;
use std::cell::Cell;

pub use self::build::StrBuilder;
pub use self::make::{
    concat, from_char, from_latin1, from_ref, from_str, from_ucs2, from_ucs4, from_wtf8, new_with, payload_copy, write_units,
};
pub(crate) use self::construct::index;
pub use self::search::{clamp, slice_bound};
use crate::core::{R, Ref, Trace, Value};
use crate::native::TypeDef;
use crate::vm::Vm;

/// The types of this room.
pub const TYPES: &[&TypeDef] =
    &[Str::DEF, iter::StrIter::DEF, iter::AsciiIter::DEF, format::FormatterIter::DEF, format::FieldNameIter::DEF];

/// How wide a character is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, PartialOrd, Ord)]
#[repr(u8)]
pub enum Kind {
    /// One byte, all below 128.
    Ascii = 0,
    /// One byte, some above 127.
    Latin1 = 1,
    /// Two bytes.
    Ucs2 = 2,
    /// Four bytes.
    Ucs4 = 3,
}

impl Kind {
    /// Bytes per character.
    #[inline(always)]
    pub const fn width(self) -> usize {
        match self {
            Self::Ascii | Self::Latin1 => 1,
            Self::Ucs2 => 2,
            Self::Ucs4 => 4,
        }
    }

    /// The narrowest kind for a character.
    #[inline(always)]
    pub const fn of(ch: u32) -> Self {
        match ch {
            0..0x80 => Self::Ascii,
            0x80..0x100 => Self::Latin1,
            0x100..0x1_0000 => Self::Ucs2,
            _ => Self::Ucs4,
        }
    }
}

/// The characters of a string, borrowed.
#[derive(Clone, Copy, Debug)]
pub enum Chars<'a> {
    /// ASCII text.
    Ascii(&'a str),
    /// Latin-1 units.
    Latin1(&'a [u8]),
    /// Two-byte units (no surrogate pairs: a surrogate stands for itself).
    Ucs2(&'a [u16]),
    /// Code points.
    Ucs4(&'a [u32]),
}

/// Evaluates an expression with the characters as a slice of their width: `units!(s.chars(), t => t.len())`.
macro_rules! units {
    ($chars:expr, $t:ident => $e:expr) => {
        match $chars {
            $crate::types::str::Chars::Ascii(text) => {
                let $t: &[u8] = text.as_bytes();
                $e
            }
            $crate::types::str::Chars::Latin1($t) => $e,
            $crate::types::str::Chars::Ucs2($t) => $e,
            $crate::types::str::Chars::Ucs4($t) => $e,
        }
    };
}
pub(crate) use units;

impl<'a> Chars<'a> {
    /// The number of characters.
    #[inline]
    pub fn len(self) -> usize {
        units!(self, t => t.len())
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The character at an index that is in range.
    #[inline(always)]
    pub fn at(self, i: usize) -> u32 {
        units!(self, t => u32::from(t[i]))
    }

    /// The units, if they have one byte.
    #[inline(always)]
    pub fn narrow(self) -> Option<&'a [u8]> {
        match self {
            Self::Ascii(s) => Some(s.as_bytes()),
            Self::Latin1(s) => Some(s),
            _ => None,
        }
    }

    /// The characters of a range, which must be in bounds.
    #[inline]
    pub fn slice(self, start: usize, end: usize) -> Chars<'a> {
        match self {
            Self::Ascii(s) => Self::Ascii(&s[start..end]),
            Self::Latin1(s) => Self::Latin1(&s[start..end]),
            Self::Ucs2(s) => Self::Ucs2(&s[start..end]),
            Self::Ucs4(s) => Self::Ucs4(&s[start..end]),
        }
    }
}

/// The payload of str.
pub struct Str {
    /// 0 until it is asked for.
    hash: Cell<i64>,
    /// Length in characters << 8 | own << 3 | interned << 2 | kind.
    meta: Cell<u64>,
    data: Cell<*const u8>,
}

const INTERNED: u64 = 4;
/// The data is a block of its own, whose first 8 bytes hold its capacity in bytes.
const OWN: u64 = 8;
/// The name of a special method that has a part in a slot of types.
const SPECIAL: u64 = 16;
/// What does not say anything about the text.
const MARKS: u64 = INTERNED | OWN | SPECIAL;

impl Trace for Str {
    const LEAF: bool = true;

    fn trace(&self, _: &mut taipan_memory::Tracer<'_>) {}
}

impl Drop for Str {
    fn drop(&mut self) {
        if self.meta.get() & OWN != 0 {
            // SAFETY: the data is a block of its own, dropped once.
            unsafe { make::free_block(self.data.get()) };
        }
    }
}

/// Whether two texts of one length are the same; the short ones, which names and keys mostly are, without a call.
#[inline(always)]
fn same_bytes(a: &[u8], b: &[u8]) -> bool {
    let n = a.len().min(b.len());
    let eight = |t: &[u8], at: usize| t.get(at..at + 8).and_then(|t| t.try_into().ok()).map(u64::from_ne_bytes);
    let four = |t: &[u8], at: usize| t.get(at..at + 4).and_then(|t| t.try_into().ok()).map(u32::from_ne_bytes);
    match n {
        // Two reads that overlap cover the rest.
        8..=16 => eight(a, 0) == eight(b, 0) && eight(a, n - 8) == eight(b, n - 8),
        4..=7 => four(a, 0) == four(b, 0) && four(a, n - 4) == four(b, n - 4),
        0..=3 => a.iter().zip(b).all(|(x, y)| x == y),
        _ => a == b,
    }
}

/// The text of a str object as UTF-8.
///
/// Raises TypeError for what is no str, UnicodeEncodeError for lone surrogates.
pub fn expect_utf8<'a>(vm: &Vm, v: &'a Value) -> R<Cow<'a, str>> {
    match v.downcast::<Str>() {
        Some(s) => s.to_utf8(vm),
        None => Err(vm.type_error(format!("expected str, got {}", v.ty().tp_name()))),
    }
}

/// The object itself if its type is exactly str, else a str object with the same text.
pub(crate) fn exact(s: &Ref<Str>) -> Value {
    if s.is_exact() { s.value().clone() } else { s.substring(0, s.len()).into_value() }
}

/// The characters from `start` to `end`: the object itself if that is all of it.
pub(crate) fn part(s: &Ref<Str>, start: usize, end: usize) -> Value {
    if start == 0 && end == s.len() { exact(s) } else { s.substring(start, end).into_value() }
}

impl Str {
    /// Length in characters.
    #[inline(always)]
    pub fn len(&self) -> usize {
        (self.meta.get() >> 8) as usize
    }

    /// Whether there is no character.
    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The width.
    #[inline(always)]
    pub fn kind(&self) -> Kind {
        [Kind::Ascii, Kind::Latin1, Kind::Ucs2, Kind::Ucs4][(self.meta.get() & 3) as usize]
    }

    /// Whether this is the interned object for its text.
    #[inline(always)]
    pub fn is_interned(&self) -> bool {
        self.meta.get() & INTERNED != 0
    }

    /// Marks the interned name of a special method that has a part in a slot of types.
    pub(crate) fn set_special(&self) {
        self.meta.set(self.meta.get() | SPECIAL);
    }

    /// Whether this is the interned name of such a special method.
    #[inline(always)]
    pub(crate) fn is_special(&self) -> bool {
        self.meta.get() & SPECIAL != 0
    }

    /// Puts a hash in that was computed from the same text.
    pub(crate) fn set_hash(&self, hash: i64) {
        self.hash.set(hash);
    }

    pub(crate) fn set_interned(&self, on: bool) {
        self.meta.set(self.meta.get() & !INTERNED | if on { INTERNED } else { 0 });
    }

    /// The characters.
    #[inline(always)]
    pub fn chars(&self) -> Chars<'_> {
        let (p, n) = (self.data.get(), self.len());
        // SAFETY: the invariants of `Str`; wider data is aligned because blocks and tails are 8-aligned.
        unsafe {
            match self.kind() {
                Kind::Ascii => Chars::Ascii(std::str::from_utf8_unchecked(std::slice::from_raw_parts(p, n))),
                Kind::Latin1 => Chars::Latin1(std::slice::from_raw_parts(p, n)),
                Kind::Ucs2 => Chars::Ucs2(std::slice::from_raw_parts(p.cast(), n)),
                Kind::Ucs4 => Chars::Ucs4(std::slice::from_raw_parts(p.cast(), n)),
            }
        }
    }

    /// The raw character data.
    #[inline(always)]
    pub fn as_bytes(&self) -> &[u8] {
        // SAFETY: the invariants of `Str`.
        unsafe { std::slice::from_raw_parts(self.data.get(), self.len() * self.kind().width()) }
    }

    /// Bytes of memory that the text takes.
    pub fn memory(&self) -> usize {
        self.as_bytes().len()
    }

    /// Bytes of the block that holds the text, if that is not the object's own.
    pub fn outside(&self) -> usize {
        if self.meta.get() & OWN != 0 { self.memory() } else { 0 }
    }

    /// The text, if it is ASCII.
    #[inline(always)]
    pub fn as_ascii(&self) -> Option<&str> {
        match self.chars() {
            Chars::Ascii(s) => Some(s),
            _ => None,
        }
    }

    /// The character at an index that is in range.
    #[inline(always)]
    pub fn char_at(&self, i: usize) -> u32 {
        self.chars().at(i)
    }

    /// The code points.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        let chars = self.chars();
        (0..chars.len()).map(move |i| chars.at(i))
    }

    /// The characters from `start` to `end` as a new string.
    pub fn substring(&self, start: usize, end: usize) -> Ref<Str> {
        match self.chars() {
            Chars::Ascii(s) => make::from_ascii(&s[start..end]),
            Chars::Latin1(s) => from_latin1(&s[start..end]),
            Chars::Ucs2(s) => from_ucs2(&s[start..end]),
            Chars::Ucs4(s) => from_ucs4(&s[start..end]),
        }
    }

    /// Whether it takes no look at the text to see that another object's is not the same: they differ in length or
    /// width, or both are the interned ones for their texts.
    #[inline(always)]
    pub fn differs(&self, other: &Str) -> bool {
        let (a, b) = (self.meta.get(), other.meta.get());
        (a ^ b) & !MARKS != 0 || a & b & INTERNED != 0
    }

    /// Whether both have the same text.
    #[inline(always)]
    pub fn same_text(&self, other: &Str) -> bool {
        (self.meta.get() ^ other.meta.get()) & !MARKS == 0
            && (std::ptr::eq(self, other) || same_bytes(self.as_bytes(), other.as_bytes()))
    }

    /// Whether this is the text.
    pub fn is(&self, text: &str) -> bool {
        match self.chars() {
            Chars::Ascii(s) => s == text,
            _ => self.len() <= text.len() && self.iter().eq(text.chars().map(u32::from)),
        }
    }

    /// The hash, cached.
    #[inline(always)]
    pub fn hash(&self) -> i64 {
        match self.hash.get() {
            0 => self.compute_hash(),
            h => h,
        }
    }

    #[cold]
    fn compute_hash(&self) -> i64 {
        let h = if self.is_empty() { 0 } else { crate::vm::hash_bytes(self.as_bytes()) };
        self.hash.set(h);
        h
    }

    /// The text as UTF-8, with lone surrogates as their generalised UTF-8 bytes.
    pub fn to_wtf8(&self) -> Vec<u8> {
        if let Chars::Ascii(s) = self.chars() {
            return s.as_bytes().to_vec();
        }
        let mut out = Vec::with_capacity(self.len() * 2);
        units!(self.chars(), t => t.iter().for_each(|&c| push_wtf8(&mut out, u32::from(c))));
        out
    }

    /// The text as UTF-8; lone surrogates become U+FFFD.
    pub fn to_string_lossy(&self) -> String {
        match self.chars() {
            Chars::Ascii(s) => s.to_owned(),
            _ => self.iter().map(|c| char::from_u32(c).unwrap_or('\u{fffd}')).collect(),
        }
    }

    /// The text as UTF-8, if there is no lone surrogate.
    pub fn to_utf8_opt(&self) -> Option<Cow<'_, str>> {
        match self.chars() {
            Chars::Ascii(s) => Some(Cow::Borrowed(s)),
            Chars::Latin1(s) => Some(Cow::Owned(s.iter().map(|&b| char::from(b)).collect())),
            _ => self.iter().map(char::from_u32).collect::<Option<String>>().map(Cow::Owned),
        }
    }

    /// The text as UTF-8.
    ///
    /// Raises UnicodeEncodeError for a lone surrogate.
    pub fn to_utf8(&self, vm: &Vm) -> R<Cow<'_, str>> {
        match self.to_utf8_opt() {
            Some(s) => Ok(s),
            None => {
                let lone = |c: u32| (0xd800..0xe000).contains(&c);
                let at = self.iter().position(lone).unwrap_or(0);
                let run = self.iter().skip(at).take_while(|&c| lone(c)).count();
                Err(vm.unicode_encode_error("utf-8", self, at, at + run, "surrogates not allowed"))
            }
        }
    }

    /// Compares code point by code point.
    pub fn compare(&self, other: &Str) -> std::cmp::Ordering {
        match (self.chars().narrow(), other.chars().narrow()) {
            (Some(a), Some(b)) => a.cmp(b),
            _ => units!(self.chars(), a => units!(other.chars(), b => {
                a.iter().map(|&c| u32::from(c)).cmp(b.iter().map(|&c| u32::from(c)))
            })),
        }
    }
}

/// Appends a code point as generalised UTF-8.
pub fn push_wtf8(out: &mut Vec<u8>, ch: u32) {
    match ch {
        0..0x80 => out.push(ch as u8),
        0x80..0x800 => out.extend([0xc0 | (ch >> 6) as u8, 0x80 | (ch & 0x3f) as u8]),
        0x800..0x1_0000 => out.extend([0xe0 | (ch >> 12) as u8, 0x80 | (ch >> 6 & 0x3f) as u8, 0x80 | (ch & 0x3f) as u8]),
        _ => out.extend([
            0xf0 | (ch >> 18) as u8,
            0x80 | (ch >> 12 & 0x3f) as u8,
            0x80 | (ch >> 6 & 0x3f) as u8,
            0x80 | (ch & 0x3f) as u8,
        ]),
    }
}
