//! str: 1, 2 or 4 bytes a character, ASCII known, hash cached, lone surrogates allowed.
//!
//! Invariants of [`Str`]: `data` points to `len` units of the kind's width that never change while
//! anybody but the sole owner can see them; the kind is the narrowest that fits (an ASCII kind holds
//! no unit above 127, Latin-1 at least one, and so on), so equal texts have equal representations.

mod build;

use std::alloc::Layout as MemLayout;
use std::borrow::Cow;
use std::cell::Cell;

pub use self::build::StrBuilder;
use crate::core::{R, Ref, Trace, Value};
use crate::vm::Vm;

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
const PREFIX: usize = 8;

impl Trace for Str {
    fn trace(&self, _: &mut taipan_memory::Tracer<'_>) {}
}

impl Drop for Str {
    fn drop(&mut self) {
        if self.meta.get() & OWN != 0 {
            // SAFETY: the block was made by `own_block` with the capacity that its prefix tells.
            unsafe {
                let block = self.data.get().cast_mut().sub(PREFIX);
                let capacity = block.cast::<usize>().read();
                std::alloc::dealloc(block, MemLayout::from_size_align_unchecked(capacity + PREFIX, 8));
            }
        }
    }
}

/// A block for `bytes` bytes of character data; `None` when the system refuses.
fn own_block(bytes: usize) -> Option<*mut u8> {
    let layout = MemLayout::from_size_align(bytes.checked_add(PREFIX)?, 8).ok()?;
    // SAFETY: the layout has a size.
    unsafe {
        let block = std::alloc::alloc(layout);
        if block.is_null() {
            return None;
        }
        block.cast::<usize>().write(bytes);
        Some(block.add(PREFIX))
    }
}

/// Data up to this size lies in the object's own block.
const INLINE_MAX: usize = 400;

/// A new string object whose `len` units of `kind` are written by `fill`.
///
/// # Safety
/// `fill` writes all of the `len * kind.width()` bytes it is given, with units that make `kind` the narrowest kind.
pub unsafe fn new_with(len: usize, kind: Kind, fill: impl FnOnce(*mut u8)) -> Option<Ref<Str>> {
    let bytes = len.checked_mul(kind.width())?;
    if bytes <= INLINE_MAX {
        let r = Ref::new_sized(Str { hash: Cell::new(0), meta: Cell::new((len as u64) << 8 | kind as u64), data: Cell::new(std::ptr::null()) }, bytes + 1);
        // SAFETY: the object has `bytes` bytes behind its payload.
        unsafe {
            let data = r.tail().cast_mut();
            fill(data);
            r.data.set(data);
        }
        return Some(r);
    }
    let data = own_block(bytes)?;
    fill(data);
    Some(Ref::new(Str { hash: Cell::new(0), meta: Cell::new((len as u64) << 8 | OWN | kind as u64), data: Cell::new(data) }))
}

/// A payload for an instance of a subclass, with the text of `s`; shares nothing with it.
pub fn payload_copy(s: &Str) -> Option<Str> {
    let bytes = s.len() * s.kind().width();
    let data = own_block(bytes)?;
    // SAFETY: both blocks hold `bytes` bytes.
    unsafe { std::ptr::copy_nonoverlapping(s.data.get(), data, bytes) };
    Some(Str { hash: Cell::new(s.hash.get()), meta: Cell::new((s.len() as u64) << 8 | OWN | s.kind() as u64), data: Cell::new(data) })
}

/// A string from Rust text.
pub fn from_str(s: &str) -> Value {
    from_ref(s).into_value()
}

/// A string object from Rust text.
pub fn from_ref(s: &str) -> Ref<Str> {
    if s.is_ascii() {
        if let [b] = s.as_bytes() {
            return crate::vm::single_char(*b);
        }
        // SAFETY: ASCII text.
        let made = unsafe { new_with(s.len(), Kind::Ascii, |p| std::ptr::copy_nonoverlapping(s.as_ptr(), p, s.len())) };
        return made.unwrap_or_else(|| std::alloc::handle_alloc_error(MemLayout::new::<u8>()));
    }
    let mut b = StrBuilder::new();
    for ch in s.chars() {
        b.push(ch as u32);
    }
    b.finish_ref()
}

/// A string from generalised UTF-8 (lone surrogates allowed); malformed bytes are replaced.
pub fn from_wtf8(bytes: &[u8]) -> Ref<Str> {
    match std::str::from_utf8(bytes) {
        Ok(s) => from_ref(s),
        Err(_) => {
            let mut b = StrBuilder::new();
            let mut i = 0;
            while i < bytes.len() {
                let first = u32::from(bytes[i]);
                let more = |n: usize| u32::from(bytes.get(i + n).copied().unwrap_or(0)) & 0x3f;
                let (ch, n) = match first {
                    0..0x80 => (first, 1),
                    0x80..0xe0 => ((first & 0x1f) << 6 | more(1), 2),
                    0xe0..0xf0 => ((first & 0xf) << 12 | more(1) << 6 | more(2), 3),
                    _ => ((first & 7) << 18 | more(1) << 12 | more(2) << 6 | more(3), 4),
                };
                b.push(ch.min(0x10_ffff));
                i += n;
            }
            b.finish_ref()
        }
    }
}

/// A string of one character.
pub fn from_char(ch: u32) -> Ref<Str> {
    if ch < 0x100 {
        return crate::vm::single_char(ch as u8);
    }
    let mut b = StrBuilder::new();
    b.push(ch);
    b.finish_ref()
}

/// A string of Latin-1 units.
pub fn from_latin1(units: &[u8]) -> Ref<Str> {
    if let [b] = units {
        return crate::vm::single_char(*b);
    }
    let kind = if units.is_ascii() { Kind::Ascii } else { Kind::Latin1 };
    // SAFETY: the kind was just determined.
    unsafe { new_with(units.len(), kind, |p| std::ptr::copy_nonoverlapping(units.as_ptr(), p, units.len())) }
        .unwrap_or_else(|| std::alloc::handle_alloc_error(MemLayout::new::<u8>()))
}

/// A string of two-byte units, narrowed if possible.
pub fn from_ucs2(units: &[u16]) -> Ref<Str> {
    let max = units.iter().fold(0, |m, &u| m | u);
    if max < 0x100 {
        let narrow: Vec<u8> = units.iter().map(|&u| u as u8).collect();
        return from_latin1(&narrow);
    }
    // SAFETY: a unit is above 255.
    unsafe { new_with(units.len(), Kind::Ucs2, |p| std::ptr::copy_nonoverlapping(units.as_ptr().cast::<u8>(), p, units.len() * 2)) }
        .unwrap_or_else(|| std::alloc::handle_alloc_error(MemLayout::new::<u8>()))
}

/// A string of code points, narrowed if possible.
pub fn from_ucs4(units: &[u32]) -> Ref<Str> {
    let max = units.iter().fold(0, |m, &u| m.max(u));
    if max < 0x1_0000 {
        let narrow: Vec<u16> = units.iter().map(|&u| u as u16).collect();
        return from_ucs2(&narrow);
    }
    // SAFETY: a unit is above 65535.
    unsafe { new_with(units.len(), Kind::Ucs4, |p| std::ptr::copy_nonoverlapping(units.as_ptr().cast::<u8>(), p, units.len() * 4)) }
        .unwrap_or_else(|| std::alloc::handle_alloc_error(MemLayout::new::<u8>()))
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
        match self.chars() {
            Chars::Ascii(s) => u32::from(s.as_bytes()[i]),
            Chars::Latin1(s) => u32::from(s[i]),
            Chars::Ucs2(s) => u32::from(s[i]),
            Chars::Ucs4(s) => s[i],
        }
    }

    /// The code points.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        (0..self.len()).map(|i| self.char_at(i))
    }

    /// The characters from `start` to `end` as a new string.
    pub fn substring(&self, start: usize, end: usize) -> Ref<Str> {
        match self.chars() {
            Chars::Ascii(s) => from_latin1(&s.as_bytes()[start..end]),
            Chars::Latin1(s) => from_latin1(&s[start..end]),
            Chars::Ucs2(s) => from_ucs2(&s[start..end]),
            Chars::Ucs4(s) => from_ucs4(&s[start..end]),
        }
    }

    /// Whether both have the same text.
    #[inline(always)]
    pub fn same_text(&self, other: &Str) -> bool {
        (self.meta.get() ^ other.meta.get()) & !(INTERNED | OWN) == 0
            && (std::ptr::eq(self, other) || self.as_bytes() == other.as_bytes())
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
        for ch in self.iter() {
            push_wtf8(&mut out, ch);
        }
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
                let at = self.iter().position(|c| (0xd800..0xe000).contains(&c)).unwrap_or(0);
                Err(vm.unicode_encode_error("utf-8", self, at, at + 1, "surrogates not allowed"))
            }
        }
    }

    /// Compares code point by code point.
    pub fn compare(&self, other: &Str) -> std::cmp::Ordering {
        match (self.chars(), other.chars()) {
            (Chars::Ascii(a), Chars::Ascii(b)) => a.as_bytes().cmp(b.as_bytes()),
            _ if self.kind().width() == 1 && other.kind().width() == 1 => self.as_bytes().cmp(other.as_bytes()),
            _ => self.iter().cmp(other.iter()),
        }
    }

    /// Appends `other` in place if this string's block is its own and has room or can grow.
    ///
    /// # Safety
    /// The caller is the only owner of this string.
    pub(crate) unsafe fn append_in_place(&self, other: &Str) -> bool {
        let meta = self.meta.get();
        if meta & (OWN | INTERNED) != OWN || self.kind() < other.kind() || (self.kind() != other.kind() && other.kind() > Kind::Latin1) {
            return false;
        }
        let width = self.kind().width();
        let (old, extra) = (self.len() * width, other.len() * width);
        let Some(total) = old.checked_add(extra) else { return false };
        // SAFETY: the block is ours; see `own_block`.
        unsafe {
            let mut block = self.data.get().cast_mut().sub(PREFIX);
            let capacity = block.cast::<usize>().read();
            if total > capacity {
                let want = total.saturating_add(total / 2).max(64);
                let Ok(new) = MemLayout::from_size_align(want.saturating_add(PREFIX), 8) else { return false };
                let layout = MemLayout::from_size_align_unchecked(capacity + PREFIX, 8);
                let grown = std::alloc::realloc(block, layout, new.size());
                if grown.is_null() {
                    return false;
                }
                block = grown;
                block.cast::<usize>().write(want);
                self.data.set(block.add(PREFIX));
            }
            let to = block.add(PREFIX + old);
            if other.kind().width() == width {
                std::ptr::copy_nonoverlapping(other.data.get(), to, extra);
            } else {
                for (i, ch) in other.iter().enumerate() {
                    match width {
                        2 => to.cast::<u16>().add(i).write(ch as u16),
                        _ => to.cast::<u32>().add(i).write(ch),
                    }
                }
            }
        }
        let len = self.len() + other.len();
        self.meta.set((len as u64) << 8 | meta & 0xff);
        self.hash.set(0);
        true
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

/// `a + b`; `None` when memory is refused.
pub fn concat(a: &Str, b: &Str) -> Option<Ref<Str>> {
    let kind = a.kind().max(b.kind());
    let len = a.len().checked_add(b.len())?;
    let width = kind.width();
    // SAFETY: every unit is written, and the wider of two narrowest kinds is the narrowest of the whole.
    unsafe {
        let grow = len * width > INLINE_MAX;
        let fill = |p: *mut u8| {
            let mut at = 0;
            for s in [a, b] {
                write_units(p.add(at * width), width, s);
                at += s.len();
            }
        };
        if grow {
            // Room to grow, since appending in a loop is common.
            let bytes = len.checked_mul(width)?;
            let data = own_block(bytes)?;
            fill(data);
            return Some(Ref::new(Str { hash: Cell::new(0), meta: Cell::new((len as u64) << 8 | OWN | kind as u64), data: Cell::new(data) }));
        }
        new_with(len, kind, fill)
    }
}

/// Writes the characters of `s` as units of `width` bytes.
///
/// # Safety
/// There is room at `to`, and every character fits the width.
pub unsafe fn write_units(to: *mut u8, width: usize, s: &Str) {
    // SAFETY: the caller.
    unsafe {
        if s.kind().width() == width {
            std::ptr::copy_nonoverlapping(s.data.get(), to, s.len() * width);
            return;
        }
        for (i, ch) in s.iter().enumerate() {
            match width {
                2 => to.cast::<u16>().add(i).write(ch as u16),
                _ => to.cast::<u32>().add(i).write(ch),
            }
        }
    }
}
