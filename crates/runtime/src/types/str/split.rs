//! split, splitlines, strip, join.

use std::ops::Range;

use taipan_text::search as text;
use taipan_text::unicode::is_space;

use super::{Chars, Str, new_with, part, units, write_units};
use crate::core::{R, Ref, Value};
use crate::types::list::{self, List};
use crate::types::tuple::Tuple;
use crate::vm::Vm;

/// The parts of `s` as a list; one that is all of `s` is `s` itself.
fn list_of(s: &Ref<Str>, parts: Vec<Range<usize>>) -> R {
    Ok(list::from_vec(parts.into_iter().map(|r| part(s, r.start, r.end)).collect()).into_value())
}

#[inline]
fn ascii_space(c: u32) -> bool {
    matches!(c, 0x09..=0x0d | 0x1c..=0x20)
}

/// `str.split` or `str.rsplit`; `maxsplit` below zero for all.
///
/// Raises TypeError for a separator that is no str, ValueError for an empty one.
pub(super) fn split(vm: &Vm, s: &Ref<Str>, sep: &Value, maxsplit: isize, from_right: bool) -> R {
    let max = usize::try_from(maxsplit).unwrap_or(usize::MAX);
    if sep.is_none() {
        return list_of(
            s,
            match (s.chars(), from_right) {
                (Chars::Ascii(t), false) => text::split_whitespace(t.as_bytes(), max, ascii_space),
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
        let mut parts = Vec::new();
        let mut start = 0;
        for at in memchr::memchr_iter(*one, t).take(max) {
            parts.push(part(s, start, at));
            start = at + 1;
        }
        parts.push(part(s, start, t.len()));
        return Ok(list::from_vec(parts).into_value());
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

/// `sep.join(items)`.
///
/// Raises TypeError for an item that is no str, MemoryError.
fn join_items(vm: &Vm, sep: &Ref<Str>, items: &[Value]) -> R {
    if let [only] = items
        && only.downcast_exact::<Str>().is_some()
    {
        return Ok(only.clone());
    }
    let mut kind = if items.len() > 1 { sep.kind() } else { super::Kind::Ascii };
    let mut len = sep.len().checked_mul(items.len().saturating_sub(1));
    for (i, v) in items.iter().enumerate() {
        let Some(s) = v.downcast::<Str>() else {
            let ty = v.ty().tp_name();
            return Err(vm.type_error(format!("sequence item {i}: expected str instance, {ty} found")));
        };
        kind = kind.max(s.kind());
        len = len.and_then(|n| n.checked_add(s.len()));
    }
    let Some(len) = len else { return Err(vm.overflow_error("join() result is too long for a Python string")) };
    let width = kind.width();
    // SAFETY: the lengths add up to `len`, every character fits the widest kind, and a text that is as wide as
    // that is among them. No Python code runs between the two passes.
    let made = unsafe {
        new_with(len, kind, |mut p| {
            for (i, v) in items.iter().enumerate() {
                if i > 0 {
                    write_units(p, width, sep);
                    p = p.add(sep.len() * width);
                }
                let s = v.downcast_unchecked::<Str>();
                write_units(p, width, s);
                p = p.add(s.len() * width);
            }
        })
    };
    made.map(Ref::into_value).ok_or_else(|| vm.memory_error())
}

/// `str.join`.
///
/// Raises TypeError for what can't be iterated, and what [`join_items`] raises.
pub(super) fn join(vm: &Vm, sep: &Ref<Str>, iterable: &Value) -> R {
    if let Some(l) = iterable.downcast_exact::<List>() {
        // The error's message needs the names of types only, so that the borrow holds no Python code up.
        let bad = l.items().borrow().iter().any(|v| v.downcast::<Str>().is_none());
        if !bad {
            return join_items(vm, sep, &l.items().borrow());
        }
    }
    if let Some(t) = iterable.downcast_exact::<Tuple>() {
        return join_items(vm, sep, t.as_slice());
    }
    if iterable.ty().slots().iter.is_none() && iterable.ty().slots().item.is_none() && iterable.ty().slots().getitem.is_none() {
        return Err(vm.type_error("can only join an iterable"));
    }
    let items = vm.collect(iterable)?;
    join_items(vm, sep, &items)
}

