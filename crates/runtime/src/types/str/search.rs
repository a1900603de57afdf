//! find, count, replace, startswith, partition and their kin.

use taipan_text::search as text;

use super::{Chars, Kind, Str, exact, new_with, part, units};
use crate::core::{R, Ref, Value};
use crate::types::int;
use crate::types::tuple::{self, Tuple};
use crate::vm::Vm;

/// The first position of `needle` in `hay`.
#[inline]
pub fn find(hay: Chars<'_>, needle: Chars<'_>) -> Option<usize> {
    if let (Some(h), Some(n)) = (hay.narrow(), needle.narrow()) {
        return text::find_bytes(h, n);
    }
    units!(hay, h => units!(needle, n => text::find(h, n)))
}

/// The last position of `needle` in `hay`.
pub fn rfind(hay: Chars<'_>, needle: Chars<'_>) -> Option<usize> {
    if let (Some(h), Some(n)) = (hay.narrow(), needle.narrow()) {
        return match n {
            [one] => memchr::memrchr(*one, h),
            _ => memchr::memmem::rfind(h, n),
        };
    }
    units!(hay, h => units!(needle, n => text::rfind(h, n)))
}

/// A start or end that a method of a sequence takes: an index, or None for `default`; clamped to isize.
///
/// Raises TypeError for what is neither.
pub fn slice_bound(vm: &Vm, v: Option<&Value>, default: isize) -> R<isize> {
    let Some(v) = v.filter(|v| !v.is_none()) else { return Ok(default) };
    if let Some(n) = v.as_small() {
        return Ok(n as isize);
    }
    if int::get(v).is_none() && v.ty().slots().index.is_none() {
        return Err(vm.type_error("slice indices must be integers or None or have an __index__ method"));
    }
    int::to_isize_clamped(vm, v)
}

/// The range that a start and an end mean in a sequence of a length; `None` if the start lies behind the end of it
/// (where not even an empty needle is found).
pub fn clamp(len: usize, start: isize, end: isize) -> Option<(usize, usize)> {
    let place = |i: isize| if i < 0 { len.saturating_sub(i.unsigned_abs()) } else { i as usize };
    let (start, end) = (place(start), place(end).min(len));
    (start <= end).then_some((start, end))
}

/// The range that optional `start` and `end` arguments mean.
#[inline]
pub fn range(vm: &Vm, len: usize, start: Option<&Value>, end: Option<&Value>) -> R<Option<(usize, usize)>> {
    if start.is_none() && end.is_none() {
        return Ok(Some((0, len)));
    }
    let start = slice_bound(vm, start, 0)?;
    let end = slice_bound(vm, end, isize::MAX)?;
    Ok(clamp(len, start, end))
}

/// `str.find` or `str.rfind`.
pub(super) fn find_in(vm: &Vm, s: &Str, sub: &Str, start: Option<&Value>, end: Option<&Value>, last: bool) -> R<Option<usize>> {
    let Some((start, end)) = range(vm, s.len(), start, end)? else { return Ok(None) };
    let hay = s.chars().slice(start, end);
    let at = if last { rfind(hay, sub.chars()) } else { find(hay, sub.chars()) };
    Ok(at.map(|at| at + start))
}

/// `str.count`.
pub(super) fn count(vm: &Vm, s: &Str, sub: &Str, start: Option<&Value>, end: Option<&Value>) -> R<usize> {
    let Some((start, end)) = range(vm, s.len(), start, end)? else { return Ok(0) };
    let hay = s.chars().slice(start, end);
    if let (Some(h), Some([one])) = (hay.narrow(), sub.chars().narrow()) {
        return Ok(memchr::memchr_iter(*one, h).count());
    }
    Ok(units!(hay, h => units!(sub.chars(), n => text::count(h, n, usize::MAX))))
}

/// `sub in s`.
#[inline]
pub fn contains(s: &Str, sub: &Str) -> bool {
    sub.len() <= s.len() && find(s.chars(), sub.chars()).is_some()
}

fn same(a: Chars<'_>, b: Chars<'_>) -> bool {
    if let (Some(a), Some(b)) = (a.narrow(), b.narrow()) {
        return a == b;
    }
    units!(a, a => units!(b, b => {
        a.len() == b.len() && a.iter().zip(b).all(|(&x, &y)| u32::from(x) == u32::from(y))
    }))
}

/// Whether `s` has `affix` at its start or its end.
#[inline]
pub(super) fn has_affix(s: Chars<'_>, affix: Chars<'_>, at_end: bool) -> bool {
    let (len, n) = (s.len(), affix.len());
    if n > len {
        return false;
    }
    let start = if at_end { len - n } else { 0 };
    same(s.slice(start, start + n), affix)
}

/// `str.startswith` or `str.endswith`.
pub(super) fn affix(vm: &Vm, s: &Str, what: &Value, start: Option<&Value>, end: Option<&Value>, at_end: bool) -> R<bool> {
    let name = if at_end { "endswith" } else { "startswith" };
    let range = range(vm, s.len(), start, end)?;
    let hay = |(start, end)| s.chars().slice(start, end);
    if let Some(what) = what.downcast::<Str>() {
        return Ok(range.is_some_and(|r| has_affix(hay(r), what.chars(), at_end)));
    }
    let Some(all) = what.downcast::<Tuple>() else {
        let ty = what.ty().tp_name();
        return Err(vm.type_error(format!("{name} first arg must be str or a tuple of str, not {ty}")));
    };
    for v in all.as_slice() {
        let Some(one) = v.downcast::<Str>() else {
            return Err(vm.type_error(format!("tuple for {name} must only contain str, not {}", v.ty().tp_name())));
        };
        if range.is_some_and(|r| has_affix(hay(r), one.chars(), at_end)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// `str.removeprefix` or `str.removesuffix`.
pub(super) fn remove_affix(s: &Ref<Str>, affix: &Str, at_end: bool) -> Value {
    if !has_affix(s.chars(), affix.chars(), at_end) {
        return exact(s);
    }
    let (len, n) = (s.len(), affix.len());
    if at_end { part(s, 0, len - n) } else { part(s, n, len) }
}

/// `str.partition` or `str.rpartition`.
///
/// Raises ValueError for an empty separator.
pub(super) fn partition(vm: &Vm, s: &Ref<Str>, sep: &Ref<Str>, last: bool) -> R {
    if sep.is_empty() {
        return Err(vm.value_error("empty separator"));
    }
    let at = if last { rfind(s.chars(), sep.chars()) } else { find(s.chars(), sep.chars()) };
    let empty = || super::from_str("");
    let parts = match at {
        Some(at) => [part(s, 0, at), sep.value().clone(), part(s, at + sep.len(), s.len())],
        None if last => [empty(), empty(), exact(s)],
        None => [exact(s), empty(), empty()],
    };
    Ok(tuple::from_array(parts).into_value())
}

/// `str.replace`, with `count` below zero for all.
///
/// Raises MemoryError.
pub(super) fn replace(vm: &Vm, s: &Ref<Str>, old: &Str, new: &Str, count: isize) -> R {
    let max = usize::try_from(count).unwrap_or(usize::MAX);
    if max == 0 || old.len() > s.len() || (old.is_empty() && new.is_empty()) || old.same_text(new) {
        return Ok(exact(s));
    }
    if let (Some(h), Some([from]), Some([to])) = (s.chars().narrow(), old.chars().narrow(), new.chars().narrow()) {
        return replace_char(vm, s, h, *from, *to, max);
    }
    if let (Some(h), Some(o), Some(n)) = (s.chars().narrow(), old.chars().narrow(), new.chars().narrow())
        && !o.is_empty()
        && (s.kind() == Kind::Ascii || old.kind() == Kind::Ascii)
    {
        return replace_narrow(vm, s, (h, o, n), s.kind().max(new.kind()), max);
    }
    let found = units!(s.chars(), h => units!(old.chars(), n => text::count(h, n, max)));
    if found == 0 {
        return Ok(exact(s));
    }
    let width = s.kind().max(new.kind()).width();
    let size = (s.len() - found.saturating_mul(old.len()).min(s.len())).checked_add(found.saturating_mul(new.len()));
    let Some(bytes) = size.and_then(|n| n.checked_mul(width)) else { return Err(vm.memory_error()) };
    vm.check_room(bytes.saturating_mul(2))?;
    if let (Some(h), Some(o), Some(n)) = (s.chars().narrow(), old.chars().narrow(), new.chars().narrow()) {
        return Ok(text::replace(h, o, n, max).map_or_else(|| exact(s), |v| super::from_latin1(&v).into_value()));
    }
    Ok(match width {
        1 | 2 => {
            let (h, o, n) = (two(s), two(old), two(new));
            text::replace(&h, &o, &n, max).map_or_else(|| exact(s), |v| super::from_ucs2(&v).into_value())
        }
        _ => {
            let wide = |s: &Str| s.iter().collect::<Vec<u32>>();
            let (h, o, n) = (wide(s), wide(old), wide(new));
            text::replace(&h, &o, &n, max).map_or_else(|| exact(s), |v| super::from_ucs4(&v).into_value())
        }
    })
}

/// The text in two-byte units; the caller knows that it fits, or that what does not is not in the other text.
fn two(s: &Str) -> Vec<u16> {
    s.iter().map(|c| c as u16).collect()
}

/// Narrow text for narrow text; what is found is made into text of a kind, which is as narrow as can be.
fn replace_narrow(vm: &Vm, s: &Ref<Str>, (h, o, n): (&[u8], &[u8], &[u8]), kind: Kind, max: usize) -> R {
    let searcher = text::Searcher::new(o);
    let mut places = searcher.matches(h).take(max);
    let Some(first) = places.next() else { return Ok(exact(s)) };
    // Where the text is found again; most often it is not.
    let more: Vec<usize> = places.collect();
    let found = more.len() + 1;
    let size = found.checked_mul(n.len()).and_then(|new| new.checked_add(h.len() - found * o.len()));
    let Some(size) = size else { return Err(vm.memory_error()) };
    if size > h.len() {
        vm.check_room(size)?;
    }
    let mut end = 0;
    if size == 1 {
        let mut out = Vec::with_capacity(1);
        for at in std::iter::once(first).chain(more) {
            out.extend_from_slice(&h[end..at]);
            out.extend_from_slice(n);
            end = at + o.len();
        }
        out.extend_from_slice(&h[end..]);
        return Ok(super::from_latin1(&out).into_value());
    }
    // SAFETY: `size` is the length of the text with what was found replaced. The kind is that of the new text if that is
    // the wider one, for it is in the result; else the text's own, whose characters that are not ASCII all stay.
    let made = unsafe {
        new_with(size, kind, |mut p| {
            let mut put = |t: &[u8]| {
                std::ptr::copy_nonoverlapping(t.as_ptr(), p, t.len());
                p = p.add(t.len());
            };
            for at in std::iter::once(first).chain(more) {
                put(&h[end..at]);
                put(n);
                end = at + o.len();
            }
            put(&h[end..]);
        })
    };
    made.map(Ref::into_value).ok_or_else(|| vm.memory_error())
}

/// One narrow character for another.
fn replace_char(vm: &Vm, s: &Ref<Str>, text: &[u8], from: u8, to: u8, max: usize) -> R {
    let Some(first) = memchr::memchr(from, text) else { return Ok(exact(s)) };
    let places = || memchr::memchr_iter(from, &text[first..]).take(max).map(|at| at + first);
    if s.kind() != Kind::Ascii || to >= 0x80 {
        let mut out = text.to_vec();
        places().for_each(|at| out[at] = to);
        return Ok(super::from_latin1(&out).into_value());
    }
    // SAFETY: ASCII for ASCII; positions are below the length.
    let made = unsafe {
        new_with(text.len(), Kind::Ascii, |p| {
            if max == usize::MAX {
                text.iter().enumerate().for_each(|(i, &b)| p.add(i).write(if b == from { to } else { b }));
            } else {
                std::ptr::copy_nonoverlapping(text.as_ptr(), p, text.len());
                places().for_each(|at| p.add(at).write(to));
            }
        })
    };
    made.map(Ref::into_value).ok_or_else(|| vm.memory_error())
}
