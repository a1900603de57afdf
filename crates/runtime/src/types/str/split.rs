//! split, splitlines, strip, join.

use std::ops::Range;

use taipan_text::search as text;
use taipan_text::unicode::is_space;

use super::{Chars, Kind, Str, new_with, part, units, write_units};
use crate::core::{R, Ref, Value};
use crate::types::list::{self, List};
use crate::types::tuple::Tuple;
use crate::vm::Vm;

/// The parts of `s` as a list; one that is all of `s` is `s` itself.
fn list_of(s: &Ref<Str>, parts: Vec<Range<usize>>) -> R {
    Ok(list::from_vec(parts.into_iter().map(|r| part(s, r.start, r.end)).collect()).into_value())
}

#[inline(always)]
fn ascii_space(c: u32) -> bool {
    c <= 0x20 && 0x1_f000_3e00_u64 >> c & 1 != 0
}

/// The units from `start` to `end` of a narrow text, as [`part`] has it.
#[inline(always)]
fn piece(s: &Ref<Str>, t: &[u8], start: usize, end: usize) -> Value {
    match &t[start..end] {
        [] => super::from_str(""),
        [b] => crate::vm::single_char_value(*b),
        t if s.kind() == Kind::Ascii && (start > 0 || end < s.len()) => super::make::from_ascii_units(t).into_value(),
        _ => part(s, start, end),
    }
}

/// The words of an ASCII text.
fn words(s: &Ref<Str>, t: &[u8], max: usize) -> Vec<Value> {
    let mut parts = Vec::with_capacity(8);
    let space = |at: usize| t.get(at).map(|b| ascii_space(u32::from(*b)));
    let mut at = 0;
    loop {
        while space(at) == Some(true) {
            at += 1;
        }
        if at == t.len() {
            return parts;
        }
        if parts.len() == max {
            parts.push(piece(s, t, at, t.len()));
            return parts;
        }
        let start = at;
        while space(at) == Some(false) {
            at += 1;
        }
        parts.push(piece(s, t, start, at));
    }
}

/// The parts of a narrow text between one character.
fn fields(s: &Ref<Str>, t: &[u8], sep: u8, max: usize) -> Vec<Value> {
    let n = if t.len() <= 1 << 10 { t.iter().map(|b| u16::from(*b == sep)).sum::<u16>().into() } else { t.len() >> 6 };
    let mut parts = Vec::with_capacity(n.min(max) + 1);
    let mut start = 0;
    if t.len() < n.saturating_mul(16) {
        for (at, b) in t.iter().enumerate() {
            if *b == sep && parts.len() < max {
                parts.push(piece(s, t, start, at));
                start = at + 1;
            }
        }
    } else {
        for at in memchr::memchr_iter(sep, t).take(max) {
            parts.push(piece(s, t, start, at));
            start = at + 1;
        }
    }
    parts.push(piece(s, t, start, t.len()));
    parts
}

/// `str.split` or `str.rsplit`; `maxsplit` below zero for all.
///
/// Raises TypeError for a separator that is no str, ValueError for an empty one.
pub(super) fn split(vm: &Vm, s: &Ref<Str>, sep: &Value, maxsplit: isize, from_right: bool) -> R {
    let max = usize::try_from(maxsplit).unwrap_or(usize::MAX);
    if let (Chars::Ascii(t), true, false) = (s.chars(), sep.is_none(), from_right) {
        return Ok(list::from_vec(words(s, t.as_bytes(), max)).into_value());
    }
    if sep.is_none() {
        return list_of(
            s,
            match (s.chars(), from_right) {
                (Chars::Ascii(t), true) => text::rsplit_whitespace(t.as_bytes(), max, ascii_space),
                (chars, false) => units!(chars, t => text::split_whitespace(t, max, is_space)),
                (chars, true) => units!(chars, t => text::rsplit_whitespace(t, max, is_space)),
            },
        );
    }
    let Some(sep) = sep.downcast::<Str>() else {
        return Err(vm.type_error(format!("must be str or None, not {}", sep.ty().tp_name())));
    };
    if sep.is_empty() {
        return Err(vm.value_error("empty separator"));
    }
    if let (Some(t), Some([one]), false) = (s.chars().narrow(), sep.chars().narrow(), from_right) {
        return Ok(list::from_vec(fields(s, t, *one, max)).into_value());
    }
    let parts = units!(s.chars(), t => units!(sep.chars(), n => {
        if from_right { text::rsplit(t, n, max) } else { text::split(t, n, max) }
    }));
    list_of(s, parts)
}

/// `str.splitlines`.
pub(super) fn split_lines(s: &Ref<Str>, keep_ends: bool) -> R {
    list_of(s, units!(s.chars(), t => text::split_lines(t, keep_ends, false)))
}

/// `str.strip` and its kin: takes characters of `chars`, or whitespace, off the ends asked for.
///
/// Raises TypeError if `chars` is neither None nor a str.
pub(super) fn strip(vm: &Vm, s: &Ref<Str>, chars: &Value, left: bool, right: bool) -> R {
    let range = if chars.is_none() {
        match s.chars() {
            Chars::Ascii(t) => text::strip(t.as_bytes(), left, right, ascii_space),
            wide => units!(wide, t => text::strip(t, left, right, is_space)),
        }
    } else {
        let Some(set) = chars.downcast::<Str>() else {
            let name = match (left, right) {
                (true, true) => "strip",
                (true, false) => "lstrip",
                _ => "rstrip",
            };
            return Err(vm.type_error(format!("{name} arg must be None or str")));
        };
        if set.len() == 1 {
            let one = set.char_at(0);
            units!(s.chars(), t => text::strip(t, left, right, |c| c == one))
        } else {
            let set = text::CharSet::new(set.iter());
            units!(s.chars(), t => text::strip(t, left, right, |c| set.contains(c)))
        }
    };
    Ok(part(s, range.start, range.end))
}

/// What `sep.join(items)` needs: the kind and the length (`None` beyond the range), or the index of an item that is
/// no str.
fn measure(sep: &Str, items: &[Value]) -> Result<(Kind, Option<usize>), usize> {
    let mut kind = if items.len() > 1 { sep.kind() } else { Kind::Ascii };
    let mut len = sep.len().checked_mul(items.len().saturating_sub(1));
    for (i, v) in items.iter().enumerate() {
        let Some(s) = v.downcast::<Str>() else { return Err(i) };
        kind = kind.max(s.kind());
        len = len.and_then(|n| n.checked_add(s.len()));
    }
    Ok((kind, len))
}

/// `sep.join(items)`, or the index of an item that is no str. Runs no Python code.
///
/// Raises OverflowError, MemoryError.
fn join_items(vm: &Vm, sep: &Ref<Str>, items: &[Value]) -> Result<R, usize> {
    if let [only] = items
        && only.downcast_exact::<Str>().is_some()
    {
        return Ok(Ok(only.clone()));
    }
    let (kind, len) = measure(sep, items)?;
    let Some(len) = len else { return Ok(Err(vm.overflow_error("join() result is too long for a Python string"))) };
    let width = kind.width();
    let gap = sep.len() * width;
    // SAFETY: the lengths add up to `len`, every character fits the widest kind, and a text that is as wide as
    // that is among them; all items are str objects, as `measure` has seen.
    let made = unsafe {
        new_with(len, kind, |mut p| {
            let single = if gap == 1 { sep.chars().narrow().and_then(|s| s.first().copied()) } else { None };
            for (i, v) in items.iter().enumerate() {
                if i > 0 {
                    match single {
                        Some(b) => p.write(b),
                        None => write_units(p, width, sep),
                    }
                    p = p.add(gap);
                }
                let s = v.downcast_unchecked::<Str>();
                write_units(p, width, s);
                p = p.add(s.len() * width);
            }
        })
    };
    Ok(made.map(Ref::into_value).ok_or_else(|| vm.memory_error()))
}

#[cold]
fn bad_item(vm: &Vm, v: &Value, i: usize) -> R {
    Err(vm.type_error(format!("sequence item {i}: expected str instance, {} found", v.ty().tp_name())))
}

/// `str.join`.
///
/// Raises TypeError for what can't be iterated over and for an item that is no str, MemoryError.
pub(super) fn join(vm: &Vm, sep: &Ref<Str>, iterable: &Value) -> R {
    if let Some(l) = iterable.downcast_exact::<List>() {
        let joined = join_items(vm, sep, &l.items().borrow());
        return joined.unwrap_or_else(|i| bad_item(vm, &l.get(i).unwrap_or(Value::NONE), i));
    }
    if let Some(t) = iterable.downcast_exact::<Tuple>() {
        return join_items(vm, sep, t.as_slice()).unwrap_or_else(|i| bad_item(vm, &t.as_slice()[i], i));
    }
    if iterable.ty().slots().iter.is_none() && iterable.ty().slots().item.is_none() && iterable.ty().slots().getitem.is_none() {
        return Err(vm.type_error("can only join an iterable"));
    }
    let items = vm.collect(iterable)?;
    join_items(vm, sep, &items).unwrap_or_else(|i| bad_item(vm, &items[i], i))
}

