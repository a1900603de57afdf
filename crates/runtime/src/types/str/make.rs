//! How string objects get their memory: in their own block while they are small, else in a block that can
//! grow and is counted against the interpreter's limit.

use std::alloc::Layout as MemLayout;
use std::cell::Cell;

use taipan_memory::cache::refusing;

use super::{Kind, OWN, INTERNED, Str, StrBuilder, units};
use crate::core::{Ref, Value};

/// Before the data of a block of its own: the capacity in bytes.
const PREFIX: usize = 8;

/// Data up to this size lies in the object's own block.
const INLINE_MAX: usize = 400;

fn block_layout(bytes: usize) -> Option<MemLayout> {
    MemLayout::from_size_align(bytes.checked_add(PREFIX)?, 8).ok()
}

/// A block for `bytes` bytes of character data; `None` when the system refuses, or the limit (unless `beyond`).
fn own_block(bytes: usize, beyond: bool) -> Option<*mut u8> {
    let layout = block_layout(bytes)?;
    // SAFETY: the layout has a size.
    unsafe {
        let block = if beyond { std::alloc::alloc(layout) } else { refusing(|| std::alloc::alloc(layout)) };
        if block.is_null() {
            return None;
        }
        block.cast::<usize>().write(bytes);
        Some(block.add(PREFIX))
    }
}

/// Gives a block back.
///
/// # Safety
/// `data` came from [`own_block`] and is not used any more.
pub(super) unsafe fn free_block(data: *const u8) {
    // SAFETY: the caller; the prefix holds the capacity.
    unsafe {
        let block = data.cast_mut().sub(PREFIX);
        let size = block.cast::<usize>().read() + PREFIX;
        std::alloc::dealloc(block, MemLayout::from_size_align_unchecked(size, 8));
    }
}

fn payload(len: usize, kind: Kind, flags: u64, data: *const u8) -> Str {
    Str { hash: Cell::new(0), meta: Cell::new((len as u64) << 8 | flags | kind as u64), data: Cell::new(data) }
}

/// As [`new_with`], beyond the limit if asked.
///
/// # Safety
/// As [`new_with`].
#[inline]
unsafe fn new_in(len: usize, kind: Kind, beyond: bool, fill: impl FnOnce(*mut u8)) -> Option<Ref<Str>> {
    let bytes = len.checked_mul(kind.width())?;
    if bytes == 0
        && let Some(s) = crate::vm::empty_str()
    {
        return Some(s);
    }
    if bytes <= INLINE_MAX {
        let r = Ref::new_sized(payload(len, kind, 0, std::ptr::null()), bytes + 1);
        // The object has `bytes` bytes behind its payload.
        let data = r.tail().cast_mut();
        fill(data);
        r.data.set(data);
        return Some(r);
    }
    let data = own_block(bytes, beyond)?;
    fill(data);
    Some(Ref::new(payload(len, kind, OWN, data)))
}

/// A new string object whose `len` units of `kind` are written by `fill`; `None` if memory is refused.
///
/// # Safety
/// `fill` writes all of the `len * kind.width()` bytes it is given, with units that make `kind` the narrowest
/// kind, and does not panic.
#[inline]
pub unsafe fn new_with(len: usize, kind: Kind, fill: impl FnOnce(*mut u8)) -> Option<Ref<Str>> {
    // SAFETY: the caller.
    unsafe { new_in(len, kind, false, fill) }
}

/// As [`new_with`] for what is no larger than something that exists: a limit crossed is told later.
///
/// # Safety
/// As [`new_with`].
#[inline]
unsafe fn new_surely(len: usize, kind: Kind, fill: impl FnOnce(*mut u8)) -> Ref<Str> {
    // SAFETY: the caller.
    match unsafe { new_in(len, kind, true, fill) } {
        Some(s) => s,
        None => std::alloc::handle_alloc_error(MemLayout::new::<u8>()),
    }
}

/// A payload for an instance of a subclass, with the text of `s`; shares nothing with it.
pub fn payload_copy(s: &Str) -> Option<Str> {
    let bytes = s.as_bytes();
    let data = own_block(bytes.len(), false)?;
    // SAFETY: both blocks hold so many bytes.
    unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), data, bytes.len()) };
    let copy = payload(s.len(), s.kind(), OWN, data);
    copy.hash.set(s.hash.get());
    Some(copy)
}

/// A string from Rust text.
pub fn from_str(s: &str) -> Value {
    from_ref(s).into_value()
}

/// A string from ASCII text.
#[inline]
pub(super) fn from_ascii(s: &str) -> Ref<Str> {
    debug_assert!(s.is_ascii());
    if let [b] = s.as_bytes() {
        return crate::vm::single_char(*b);
    }
    // SAFETY: ASCII text.
    unsafe { new_surely(s.len(), Kind::Ascii, |p| std::ptr::copy_nonoverlapping(s.as_ptr(), p, s.len())) }
}

/// A string of units that are known to be ASCII.
#[inline]
pub(super) fn from_ascii_units(units: &[u8]) -> Ref<Str> {
    debug_assert!(units.is_ascii());
    // SAFETY: ASCII text.
    unsafe { new_surely(units.len(), Kind::Ascii, |p| std::ptr::copy_nonoverlapping(units.as_ptr(), p, units.len())) }
}

/// A string object from Rust text.
pub fn from_ref(s: &str) -> Ref<Str> {
    if s.is_ascii() {
        return from_ascii(s);
    }
    // The lead byte tells how wide a character is; the continuation bytes are below all of these.
    let (mut len, mut lead) = (0, 0);
    for &b in s.as_bytes() {
        len += usize::from(b & 0xc0 != 0x80);
        lead = lead.max(b);
    }
    let kind = match lead {
        ..0xc4 => Kind::Latin1,
        0xc4..0xf0 => Kind::Ucs2,
        _ => Kind::Ucs4,
    };
    if len == 1 {
        return from_char(s.chars().next().map_or(0, u32::from));
    }
    // SAFETY: as many characters as counted, of the width that the greatest lead byte tells.
    unsafe {
        new_surely(len, kind, |p| match kind {
            Kind::Ascii | Kind::Latin1 => s.chars().enumerate().for_each(|(i, ch)| p.add(i).write(ch as u8)),
            Kind::Ucs2 => s.chars().enumerate().for_each(|(i, ch)| p.cast::<u16>().add(i).write(ch as u16)),
            Kind::Ucs4 => s.chars().enumerate().for_each(|(i, ch)| p.cast::<u32>().add(i).write(ch as u32)),
        })
    }
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
#[inline]
pub fn from_char(ch: u32) -> Ref<Str> {
    if ch < 0x100 {
        return crate::vm::single_char(ch as u8);
    }
    let kind = Kind::of(ch);
    // SAFETY: one unit of the character's own width.
    unsafe {
        new_surely(1, kind, |p| match kind {
            Kind::Ucs4 => p.cast::<u32>().write(ch),
            _ => p.cast::<u16>().write(ch as u16),
        })
    }
}

/// A string of Latin-1 units.
pub fn from_latin1(units: &[u8]) -> Ref<Str> {
    if let [b] = units {
        return crate::vm::single_char(*b);
    }
    let kind = if units.is_ascii() { Kind::Ascii } else { Kind::Latin1 };
    // SAFETY: the kind was just determined.
    unsafe { new_surely(units.len(), kind, |p| std::ptr::copy_nonoverlapping(units.as_ptr(), p, units.len())) }
}

/// The kind of text whose units have these bits.
fn kind_of_bits(bits: u32) -> Kind {
    Kind::of(bits)
}

/// A string of two-byte units, narrowed if possible.
pub fn from_ucs2(units: &[u16]) -> Ref<Str> {
    let bits = units.iter().fold(0, |m, &u| m | u);
    if let [one] = units {
        return from_char(u32::from(*one));
    }
    let kind = kind_of_bits(u32::from(bits));
    // SAFETY: the union of the units' bits tells the kind.
    unsafe {
        new_surely(units.len(), kind, |p| match kind {
            Kind::Ascii | Kind::Latin1 => units.iter().enumerate().for_each(|(i, &u)| p.add(i).write(u as u8)),
            _ => std::ptr::copy_nonoverlapping(units.as_ptr().cast::<u8>(), p, units.len() * 2),
        })
    }
}

/// A string of code points, narrowed if possible.
pub fn from_ucs4(units: &[u32]) -> Ref<Str> {
    let bits = units.iter().fold(0, |m, &u| m | u);
    if let [one] = units {
        return from_char(*one);
    }
    let kind = kind_of_bits(bits);
    // SAFETY: the union of the units' bits tells the kind.
    unsafe {
        new_surely(units.len(), kind, |p| match kind {
            Kind::Ascii | Kind::Latin1 => units.iter().enumerate().for_each(|(i, &u)| p.add(i).write(u as u8)),
            Kind::Ucs2 => units.iter().enumerate().for_each(|(i, &u)| p.cast::<u16>().add(i).write(u as u16)),
            Kind::Ucs4 => std::ptr::copy_nonoverlapping(units.as_ptr().cast::<u8>(), p, units.len() * 4),
        })
    }
}

/// `a + b`; `None` when memory is refused.
pub fn concat(a: &Str, b: &Str) -> Option<Ref<Str>> {
    let kind = a.kind().max(b.kind());
    let len = a.len().checked_add(b.len())?;
    let width = kind.width();
    // SAFETY: every unit is written, and the wider of two narrowest kinds is the narrowest of the whole.
    unsafe {
        new_with(len, kind, |p| {
            write_units(p, width, a);
            write_units(p.add(a.len() * width), width, b);
        })
    }
}

/// Writes the characters of `s` as units of `width` bytes.
///
/// # Safety
/// There is room at `to`, and every character fits the width.
#[inline]
pub unsafe fn write_units(to: *mut u8, width: usize, s: &Str) {
    // SAFETY: the caller.
    unsafe {
        if s.kind().width() == width {
            std::ptr::copy_nonoverlapping(s.as_bytes().as_ptr(), to, s.len() * width);
        } else {
            units!(s.chars(), t => match width {
                2 => t.iter().enumerate().for_each(|(i, &c)| to.cast::<u16>().add(i).write(u32::from(c) as u16)),
                _ => t.iter().enumerate().for_each(|(i, &c)| to.cast::<u32>().add(i).write(u32::from(c))),
            });
        }
    }
}

impl Str {
    /// Appends `other` in place if this string's block is its own and has room or can grow.
    ///
    /// # Safety
    /// The caller is the only owner of this string.
    pub(crate) unsafe fn append_in_place(&self, other: &Str) -> bool {
        let meta = self.meta.get();
        if meta & (OWN | INTERNED) != OWN || self.kind() < other.kind() {
            return false;
        }
        let width = self.kind().width();
        let old = self.len() * width;
        let Some(total) = other.len().checked_mul(width).and_then(|extra| old.checked_add(extra)) else { return false };
        // SAFETY: the block is ours; see `own_block`.
        unsafe {
            let mut block = self.data.get().cast_mut().sub(PREFIX);
            let capacity = block.cast::<usize>().read();
            if total > capacity {
                let want = total.saturating_add(total / 2).max(64);
                let (Some(new), Some(layout)) = (block_layout(want), block_layout(capacity)) else { return false };
                let grown = refusing(|| std::alloc::realloc(block, layout, new.size()));
                if grown.is_null() {
                    return false;
                }
                block = grown;
                block.cast::<usize>().write(want);
                self.data.set(block.add(PREFIX));
            }
            write_units(block.add(PREFIX + old), width, other);
        }
        self.meta.set(((self.len() + other.len()) as u64) << 8 | meta & 0xff);
        self.hash.set(0);
        true
    }
}
