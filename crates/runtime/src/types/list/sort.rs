//! Sorting values: what `sorted` and `list.sort` do.
//!
//! Keys that are all ints, floats or strings are compared without Python code, by sorts of the Rust library
//! (they are total orders then, and a stable sort has but one result). All others go through [`merge_sort`].

use std::cmp::Ordering;

use super::merge::merge_sort;
use crate::core::{R, Value};
use crate::types::float::{self, FLOAT};
use crate::types::str::{Chars, Str};
use crate::types::tuple::Tuple;
use crate::types::type_::CmpOp;
use crate::vm::Vm;

/// Sorts the values stably, by what `key` gives for each of them if it is given and not None.
///
/// Raises what `key` and comparing raise; the order is then the old one.
pub fn sort_values(vm: &Vm, values: &mut Vec<Value>, key: Option<&Value>, reverse: bool) -> R<()> {
    match key.filter(|k| !k.is_none()) {
        None => {
            if values.len() > 1 {
                sort(vm, values, Itself, reverse)?;
            }
        }
        Some(key) => {
            let mut keyed = Vec::with_capacity(values.len());
            for v in values.iter() {
                keyed.push((vm.call(key, std::slice::from_ref(v))?, v.clone()));
            }
            sort(vm, &mut keyed, First, reverse)?;
            for (to, (_, v)) in values.iter_mut().zip(keyed) {
                *to = v;
            }
        }
    }
    Ok(())
}

/// Where the key of an element is.
trait Key<T>: Copy {
    fn of(self, element: &T) -> &Value;
    /// Takes the element out and leaves something behind.
    fn take(self, element: &mut T) -> T;
}

/// Sorts the values themselves.
#[derive(Clone, Copy)]
struct Itself;

/// Sorts pairs of a key and a value.
#[derive(Clone, Copy)]
struct First;

impl Key<Value> for Itself {
    #[inline(always)]
    fn of(self, element: &Value) -> &Value {
        element
    }
    fn take(self, element: &mut Value) -> Value {
        std::mem::replace(element, Value::NONE)
    }
}

impl Key<(Value, Value)> for First {
    #[inline(always)]
    fn of(self, element: &(Value, Value)) -> &Value {
        &element.0
    }
    fn take(self, element: &mut (Value, Value)) -> (Value, Value) {
        std::mem::replace(element, (Value::NONE, Value::NONE))
    }
}

/// What all keys are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Ints in the word.
    Ints,
    /// Exact floats, none of them NaN.
    Floats,
    /// Exact strings of one byte a character.
    Narrow,
    /// Exact strings.
    Strs,
    /// Anything.
    Mixed,
}

impl Kind {
    fn of(v: &Value) -> Self {
        if v.as_small().is_some() {
            return Self::Ints;
        }
        if let Some(x) = exact_float(v) {
            return if x.is_nan() { Self::Mixed } else { Self::Floats };
        }
        match v.downcast_exact::<Str>() {
            Some(s) if s.kind().width() == 1 => Self::Narrow,
            Some(_) => Self::Strs,
            None => Self::Mixed,
        }
    }

    fn of_all<'a>(mut keys: impl Iterator<Item = &'a Value>) -> Self {
        let Some(first) = keys.next() else { return Self::Mixed };
        let mut kind = Self::of(first);
        for v in keys {
            kind = match (kind, Self::of(v)) {
                (Self::Mixed, _) => return Self::Mixed,
                (a, b) if a == b => a,
                (Self::Narrow | Self::Strs, Self::Narrow | Self::Strs) => Self::Strs,
                _ => return Self::Mixed,
            };
        }
        kind
    }
}

#[inline(always)]
fn exact_float(v: &Value) -> Option<f64> {
    match v.as_inline_float() {
        Some(x) => Some(x),
        None if v.is_object() && v.ty().is(FLOAT.get()) => float::get(v),
        None => None,
    }
}

fn sort<T>(vm: &Vm, elements: &mut Vec<T>, key: impl Key<T>, reverse: bool) -> R<()> {
    let in_order = |o: Ordering| if reverse { o.reverse() } else { o };
    match Kind::of_all(elements.iter().map(|e| key.of(e))) {
        Kind::Ints => {
            // The tag is the same in all words, so the words have the order of the numbers.
            elements.sort_by(|a, b| in_order((key.of(a).raw() as i64).cmp(&(key.of(b).raw() as i64))));
        }
        Kind::Floats => elements.sort_by(|a, b| {
            let (x, y) = (exact_float(key.of(a)), exact_float(key.of(b)));
            in_order(x.partial_cmp(&y).unwrap_or(Ordering::Equal))
        }),
        Kind::Narrow => {
            // Most comparisons are decided by the first eight characters.
            let mut prefixed: Vec<(u64, T)> = elements.drain(..).map(|e| (prefix(key.of(&e)), e)).collect();
            prefixed.sort_by(|(p, a), (q, b)| {
                in_order(p.cmp(q).then_with(|| compare_texts(key.of(a), key.of(b))))
            });
            elements.extend(prefixed.into_iter().map(|(_, e)| e));
        }
        Kind::Strs => elements.sort_by(|a, b| in_order(compare_texts(key.of(a), key.of(b)))),
        Kind::Mixed => return sort_mixed(vm, elements, key, reverse),
    }
    Ok(())
}

/// The first characters of a string of one byte a character, as a number of the same order.
fn prefix(v: &Value) -> u64 {
    let mut first = [0; 8];
    if let Some(s) = v.downcast_exact::<Str>()
        && let Chars::Ascii(_) | Chars::Latin1(_) = s.chars()
    {
        let bytes = s.as_bytes();
        let n = bytes.len().min(8);
        first[..n].copy_from_slice(&bytes[..n]);
    }
    u64::from_be_bytes(first)
}

fn compare_texts(a: &Value, b: &Value) -> Ordering {
    match (a.downcast_exact::<Str>(), b.downcast_exact::<Str>()) {
        (Some(a), Some(b)) => a.compare(b),
        _ => Ordering::Equal,
    }
}

/// Sorts references with the index of their element, so that an error leaves everything as it was.
fn sort_mixed<T>(vm: &Vm, elements: &mut Vec<T>, key: impl Key<T>, reverse: bool) -> R<()> {
    let mut order: Vec<(&Value, usize)> = elements.iter().map(|e| key.of(e)).zip(0..).collect();
    let tuples = order.iter().all(|(v, _)| v.downcast_exact::<Tuple>().is_some());
    if reverse {
        // Twice reversed, equal elements keep their order.
        order.reverse();
    }
    if tuples {
        merge_sort(&mut order, |a, b| tuple_less(vm, a.0, b.0))?;
    } else {
        merge_sort(&mut order, |a, b| less(vm, a.0, b.0))?;
    }
    if reverse {
        order.reverse();
    }
    let order: Vec<usize> = order.into_iter().map(|(_, i)| i).collect();
    let sorted: Vec<T> = order.into_iter().map(|i| key.take(&mut elements[i])).collect();
    *elements = sorted;
    Ok(())
}

/// `a < b`
#[inline]
fn less(vm: &Vm, a: &Value, b: &Value) -> R<bool> {
    if let (Some(x), Some(y)) = (a.as_small(), b.as_small()) {
        return Ok(x < y);
    }
    if let (Some(x), Some(y)) = (a.downcast_exact::<Str>(), b.downcast_exact::<Str>()) {
        return Ok(x.compare(y).is_lt());
    }
    if let (Some(x), Some(y)) = (a.as_inline_float(), b.as_inline_float()) {
        return Ok(x < y);
    }
    let r = vm.compare(a, b, CmpOp::Lt)?;
    vm.truth(&r)
}

/// `a < b` for exact tuples, without a look at their type for every pair.
fn tuple_less(vm: &Vm, a: &Value, b: &Value) -> R<bool> {
    let (Some(a), Some(b)) = (a.downcast_exact::<Tuple>(), b.downcast_exact::<Tuple>()) else {
        return less(vm, a, b);
    };
    let (a, b) = (a.as_slice(), b.as_slice());
    for (x, y) in a.iter().zip(b) {
        if x.is(y) {
            continue;
        }
        if let (Some(x), Some(y)) = (x.as_small(), y.as_small()) {
            return Ok(x < y);
        }
        if let (Some(x), Some(y)) = (x.downcast_exact::<Str>(), y.downcast_exact::<Str>()) {
            match x.compare(y) {
                Ordering::Equal => continue,
                o => return Ok(o.is_lt()),
            }
        }
        if !vm.eq(x, y)? {
            return less(vm, x, y);
        }
    }
    Ok(a.len() < b.len())
}
