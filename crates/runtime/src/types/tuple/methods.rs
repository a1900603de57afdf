//! The slots and methods of tuple.

use super::{Tuple, TupleIter, from_slice, from_vec};
use crate::core::{Payload, R, Ref, Value};
use crate::types::list::seq;
use crate::types::str;
use crate::types::type_::{CmpOp, TypeObject};
use crate::types::{generic_alias, slice};
use crate::vm::Vm;

/// Built-in immutable sequence.
///
/// Without an argument the tuple is empty; with an iterable it holds the iterable's items.
/// A tuple given as the argument is returned as it is.
#[taipan_macros::class(name = "tuple", flags(BASETYPE, GC, SEQUENCE, TUPLE_SUB, MATCH_SELF), sig = "(iterable=(), /)")]
impl Tuple {
    #[slot]
    fn new(vm: &Vm, cls: &TypeObject, iterable: Option<&Value>) -> R {
        let exact = cls.is(Tuple::TYPE.get());
        let items = match iterable {
            None => Vec::new(),
            Some(v) if exact && v.downcast_exact::<Tuple>().is_some() => return Ok(v.clone()),
            Some(v) => vm.collect(v)?,
        };
        if exact {
            return Ok(from_vec(items).into_value());
        }
        Ok(Ref::new_of(cls, Tuple::boxed(items)).into_value())
    }

    #[slot]
    fn repr(vm: &Vm, this: &Ref<Tuple>) -> R {
        if this.is_empty() {
            return Ok(str::from_str("()"));
        }
        let close = if this.len() == 1 { ",)" } else { ")" };
        seq::repr(vm, this.value(), ("(", close, "(...)"), |i| this.as_slice().get(i).cloned())
    }

    #[slot]
    fn hash(vm: &Vm, this: &Ref<Tuple>) -> R<i64> {
        if let Some(hash) = this.known_hash() {
            return Ok(hash);
        }
        vm.check_native_stack()?;
        let mut hasher = taipan_text::hash::TupleHasher::default();
        for v in this.as_slice() {
            hasher.add(vm.hash(v)?);
        }
        let hash = hasher.finish();
        if !this.header().is_immortal() {
            this.remember_hash(hash);
        }
        Ok(hash)
    }

    #[slot]
    fn richcompare(vm: &Vm, this: &Ref<Tuple>, other: &Value, op: CmpOp) -> R {
        let Some(other) = other.downcast::<Tuple>() else { return Ok(Value::NOT_IMPLEMENTED) };
        let (a, b) = (this.as_slice(), other.as_slice());
        for (x, y) in a.iter().zip(b) {
            let equal = match seq::quick_eq(x, y) {
                Some(equal) => equal,
                None => vm.eq(x, y)?,
            };
            if !equal {
                return match op {
                    CmpOp::Eq => Ok(Value::FALSE),
                    CmpOp::Ne => Ok(Value::TRUE),
                    _ => vm.compare(x, y, op),
                };
            }
        }
        Ok(Value::bool(op.matches(a.len().cmp(&b.len()))))
    }

    #[slot]
    fn iter(_vm: &Vm, this: &Ref<Tuple>) -> Ref<TupleIter> {
        TupleIter::make(this)
    }

    #[slot(len)]
    fn py_len(_vm: &Vm, this: &Ref<Tuple>) -> usize {
        this.len()
    }

    #[slot]
    fn contains(vm: &Vm, this: &Ref<Tuple>, value: &Value) -> R<bool> {
        for v in this.as_slice() {
            if vm.eq(v, value)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    #[slot]
    fn item(vm: &Vm, this: &Ref<Tuple>, i: isize) -> R {
        let found = usize::try_from(i).ok().and_then(|i| this.as_slice().get(i));
        found.cloned().ok_or_else(|| vm.index_error("tuple index out of range"))
    }

    #[slot]
    fn getitem(vm: &Vm, this: &Ref<Tuple>, key: &Value) -> R {
        if let Some(i) = seq::index(vm, key)? {
            let found = seq::place(i, this.len()).and_then(|i| this.as_slice().get(i));
            return found.cloned().ok_or_else(|| vm.index_error("tuple index out of range"));
        }
        if !slice::is_slice(key) {
            return Err(vm.type_error(format!(
                "tuple indices must be integers or slices, not {}",
                key.ty().tp_name()
            )));
        }
        let (start, stop, step) = slice::unpack(vm, key)?;
        let (start, _, count) = slice::adjust(this.len(), start, stop, step);
        if count == this.len() && step == 1 && this.is_exact() {
            return Ok(this.value().clone());
        }
        made(vm, seq::stepped(this.as_slice(), start, count, step))
    }

    #[slot]
    fn concat(vm: &Vm, this: &Ref<Tuple>, other: &Value) -> R {
        let Some(t) = other.downcast::<Tuple>() else {
            return Err(vm.type_error(format!(
                "can only concatenate tuple (not \"{}\") to tuple",
                other.ty().tp_name()
            )));
        };
        if this.is_empty() && t.is_exact() {
            return Ok(other.clone());
        }
        if t.is_empty() && this.is_exact() {
            return Ok(this.value().clone());
        }
        made(vm, seq::joined(this.as_slice(), t.as_slice()))
    }

    #[slot]
    fn repeat(vm: &Vm, this: &Ref<Tuple>, n: isize) -> R {
        if (n == 1 || this.is_empty()) && this.is_exact() {
            return Ok(this.value().clone());
        }
        let n = usize::try_from(n).unwrap_or(0);
        made(vm, seq::repeated(this.as_slice(), n))
    }

    /// Return first index of value.
    ///
    /// Raises ValueError if the value is not present.
    #[method(sig = "(value, start=0, stop=9223372036854775807, /)")]
    fn index(vm: &Vm, this: &Ref<Tuple>, value: &Value, start: Option<&Value>, stop: Option<&Value>) -> R<usize> {
        let n = this.len();
        let (start, stop) = (seq::bound(vm, start, 0, n)?, seq::bound(vm, stop, n, n)?);
        for (i, v) in this.as_slice().iter().enumerate().take(stop).skip(start) {
            if vm.eq(v, value)? {
                return Ok(i);
            }
        }
        Err(vm.value_error("tuple.index(x): x not in tuple"))
    }

    /// Return number of occurrences of value.
    #[method(sig = "(value, /)")]
    fn count(vm: &Vm, this: &Ref<Tuple>, value: &Value) -> R<usize> {
        let mut n = 0;
        for v in this.as_slice() {
            n += usize::from(vm.eq(v, value)?);
        }
        Ok(n)
    }

    #[method(sig = "()")]
    fn __getnewargs__(_vm: &Vm, this: &Ref<Tuple>) -> Ref<Tuple> {
        super::from_array([from_slice(this.as_slice()).into_value()])
    }

    /// See PEP 585
    #[classmethod(sig = "(object, /)")]
    fn __class_getitem__(vm: &Vm, cls: &TypeObject, object: &Value) -> R {
        generic_alias::new(vm, cls.to_value(), object.clone())
    }
}

/// A tuple of the items, or MemoryError without them.
fn made(vm: &Vm, items: Option<Vec<Value>>) -> R {
    match items {
        Some(items) => Ok(from_vec(items).into_value()),
        None => Err(vm.memory_error()),
    }
}
