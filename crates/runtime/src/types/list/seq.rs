//! What list and tuple have in common: index arguments, comparison, repr.

use crate::core::{R, Value, tag};
use crate::types::int;
use crate::types::str::{self, Str, StrBuilder};
use crate::types::tuple::Tuple;
use crate::vm::Vm;

/// An index argument; `None` for what has no `__index__`.
///
/// Raises IndexError when it is too large, and what `__index__` raises.
#[inline]
pub fn index(vm: &Vm, v: &Value) -> R<Option<isize>> {
    if let Some(n) = v.as_small() {
        return Ok(Some(n as isize));
    }
    if int::get(v).is_none() && v.ty().slots().index.is_none() {
        return Ok(None);
    }
    let n = int::index(vm, v)?;
    match int::get(&n).and_then(int::IntRef::to_i64) {
        Some(n) => Ok(Some(n as isize)),
        None => Err(vm.index_error(format!("cannot fit '{}' into an index-sized integer", v.ty().tp_name()))),
    }
}

/// The index with its negative values counted from the end; `None` when it is out of range.
#[inline(always)]
pub fn place(i: isize, len: usize) -> Option<usize> {
    let i = if i < 0 { i.checked_add_unsigned(len)? } else { i };
    usize::try_from(i).ok().filter(|&i| i < len)
}

/// A bound of `index(value, start, stop)`, clamped to the length.
///
/// Raises TypeError for what has no `__index__`.
pub fn bound(vm: &Vm, v: Option<&Value>, default: usize, len: usize) -> R<usize> {
    let Some(v) = v else { return Ok(default) };
    if int::get(v).is_none() && v.ty().slots().index.is_none() {
        return Err(vm.type_error("slice indices must be integers or have an __index__ method"));
    }
    let n = int::to_isize_clamped(vm, v)?;
    Ok(if n < 0 { usize::try_from(n.saturating_add_unsigned(len)).unwrap_or(0) } else { n as usize })
}

/// Whether two values are equal, where that can be told at once: the same object, ints, floats and strings.
#[inline(always)]
pub fn quick_eq(a: &Value, b: &Value) -> Option<bool> {
    let (x, y) = (a.raw(), b.raw());
    if x == y {
        return Some(true);
    }
    // Equal numbers of one kind have equal words (zeros, which come in two, are no floats to `is_float`).
    if tag::both_int(x, y) || tag::is_float(x) && tag::is_float(y) {
        return Some(false);
    }
    match (a.downcast_exact::<Str>(), b.downcast_exact::<Str>()) {
        (Some(a), Some(b)) => Some(a.same_text(b)),
        _ => None,
    }
}

/// Whether `a < b`, where that can be told at once: ints, floats, strings and tuples of these.
#[inline(always)]
pub fn quick_lt(a: &Value, b: &Value) -> Option<bool> {
    let (x, y) = (a.raw(), b.raw());
    if tag::both_int(x, y) {
        return Some((x as i64) < (y as i64));
    }
    if let (Some(x), Some(y)) = (a.as_inline_float(), b.as_inline_float()) {
        return Some(x < y);
    }
    quick_object_lt(a, b)
}

fn quick_object_lt(a: &Value, b: &Value) -> Option<bool> {
    if let (Some(a), Some(b)) = (a.downcast_exact::<Str>(), b.downcast_exact::<Str>()) {
        return Some(a.compare(b).is_lt());
    }
    let (a, b) = (a.downcast_exact::<Tuple>()?.as_slice(), b.downcast_exact::<Tuple>()?.as_slice());
    for (x, y) in a.iter().zip(b) {
        match quick_eq(x, y) {
            Some(true) => {}
            // Tuples in tuples are left to the general way, which looks after the native stack.
            Some(false) if x.downcast_exact::<Tuple>().is_none() => return quick_lt(x, y),
            _ => return None,
        }
    }
    Some(a.len() < b.len())
}

/// How many items from `from` on are certainly equal in both.
#[inline]
pub fn equal_run(a: &[Value], b: &[Value], from: usize) -> usize {
    let (a, b) = (a.get(from..).unwrap_or(&[]), b.get(from..).unwrap_or(&[]));
    a.iter().zip(b).take_while(|(x, y)| quick_eq(x, y) == Some(true)).count()
}

/// The first index from `from` on whose item equals `value`, or may equal it (`false`: Python must say).
#[inline]
pub fn scan(items: &[Value], from: usize, value: &Value) -> Option<(usize, bool)> {
    let rest = items.get(from..)?.iter();
    let found = rest.enumerate().find_map(|(i, v)| match quick_eq(v, value) {
        Some(false) => None,
        sure => Some((i, sure.is_some())),
    });
    found.map(|(i, sure)| (from + i, sure))
}

/// The reprs of the items between brackets, or `recursive` when the repr of this object is running already.
pub fn repr(
    vm: &Vm,
    this: &Value,
    (open, close, recursive): (&str, &str, &str),
    item: impl Fn(usize) -> Option<Value>,
) -> R {
    let text = vm.repr_guard(this, || {
        let mut out = StrBuilder::new();
        out.push_str(open);
        let mut i = 0;
        while let Some(v) = item(i) {
            if i > 0 {
                out.push_str(", ");
            }
            let text = vm.repr(&v)?;
            if let Some(s) = text.downcast::<Str>() {
                out.push_obj(s);
            }
            i += 1;
        }
        out.push_str(close);
        Ok(out.finish())
    })?;
    Ok(text.unwrap_or_else(|| str::from_str(recursive)))
}

/// An empty vector with room for `n` values, if there is memory for it.
pub fn with_capacity(n: usize) -> Option<Vec<Value>> {
    let mut out = Vec::new();
    reserve(&mut out, n).then_some(out)
}

/// Makes room for `n` more values. False if there is no memory for it.
#[must_use]
pub fn reserve(items: &mut Vec<Value>, n: usize) -> bool {
    if n <= items.capacity() - items.len() {
        return true;
    }
    taipan_memory::cache::refusing(|| items.try_reserve(n)).is_ok()
}

/// `n` times the items, if there is memory for it.
pub fn repeated(items: &[Value], n: usize) -> Option<Vec<Value>> {
    let total = items.len().checked_mul(n)?;
    let mut out = with_capacity(total)?;
    if let [only] = items {
        out.resize(total, only.clone());
    } else {
        for _ in 0..n {
            out.extend_from_slice(items);
        }
    }
    Some(out)
}

/// Both one after the other, if there is memory for it.
pub fn joined(a: &[Value], b: &[Value]) -> Option<Vec<Value>> {
    let mut out = with_capacity(a.len().checked_add(b.len())?)?;
    out.extend_from_slice(a);
    out.extend_from_slice(b);
    Some(out)
}

/// The items of a slice, if there is memory for them: `count` from `start` in steps of `step`, all in range.
pub fn stepped(items: &[Value], start: isize, count: usize, step: isize) -> Option<Vec<Value>> {
    let mut out = with_capacity(count)?;
    if step == 1 {
        let part = usize::try_from(start).ok().and_then(|s| items.get(s..s.checked_add(count)?));
        out.extend_from_slice(part.unwrap_or(&[]));
        return Some(out);
    }
    let mut at = start;
    for _ in 0..count {
        if let Some(v) = usize::try_from(at).ok().and_then(|i| items.get(i)) {
            out.push(v.clone());
        }
        at = at.wrapping_add(step);
    }
    Some(out)
}
