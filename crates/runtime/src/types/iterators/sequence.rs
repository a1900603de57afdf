//! The iterator over what has `__getitem__` and no `__iter__`.

use std::cell::Cell;

use super::{builtin, state_index};
use crate::core::{PyCell, R, Ref, Value};
use crate::types::tuple::from_array;
use crate::types::exceptions as exc;
use crate::vm::{Vm, empty_tuple};

/// The payload of iterator.
#[derive(taipan_macros::Trace)]
pub struct SequenceIter {
    /// `None` when exhausted.
    sequence: PyCell<Option<Value>>,
    index: Cell<isize>,
}

/// An iterator over the items at 0, 1, ... of a sequence.
pub fn sequence(v: Value) -> Value {
    Ref::new(SequenceIter { sequence: PyCell::new(Some(v)), index: Cell::new(0) }).into_value()
}

/// The item at an index, or `None` when that raises IndexError or StopIteration.
pub(super) fn item_at(vm: &Vm, v: &Value, i: isize) -> R<Option<Value>> {
    let item = match v.ty().slots().item {
        Some(f) if i >= 0 => f(vm, v, i),
        _ => vm.getitem(v, &Value::from(i)),
    };
    match item {
        Ok(v) => Ok(Some(v)),
        Err(raised) if vm.raised_is(&exc::INDEX_ERROR) || vm.raised_is(&exc::STOP_ITERATION) => {
            drop(vm.catch(raised));
            Ok(None)
        }
        Err(raised) => Err(raised),
    }
}

#[taipan_macros::class(name = "iterator", flags(GC, NO_NEW))]
impl SequenceIter {
    #[slot]
    fn iter(_vm: &Vm, this: &Value) -> R {
        Ok(this.clone())
    }

    #[slot]
    fn next(vm: &Vm, this: &Ref<SequenceIter>) -> R<Option<Value>> {
        let Some(v) = this.sequence.get() else { return Ok(None) };
        let i = this.index.get();
        if i == isize::MAX {
            return Err(vm.overflow_error("iter index too large"));
        }
        let item = item_at(vm, &v, i)?;
        if item.is_some() {
            this.index.set(i + 1);
        } else {
            this.sequence.set(None);
        }
        Ok(item)
    }

    /// Private method returning an estimate of len(list(it)).
    #[method(sig = "()")]
    fn __length_hint__(vm: &Vm, this: &Ref<SequenceIter>) -> R {
        let Some(v) = this.sequence.get() else { return Ok(Value::small(0)) };
        if v.ty().slots().len.is_none() {
            return Ok(Value::NOT_IMPLEMENTED);
        }
        let left = (vm.len(&v)? as isize).saturating_sub(this.index.get());
        Ok(Value::from(left.max(0)))
    }

    /// Return state information for pickling.
    #[method(sig = "()")]
    fn __reduce__(vm: &Vm, this: &Ref<SequenceIter>) -> R {
        let iter = builtin(vm, "iter")?;
        Ok(match this.sequence.get() {
            Some(v) => from_array([iter, from_array([v]).into_value(), this.index.get().into()]),
            None => from_array([iter, from_array([empty_tuple().into_value()]).into_value()]),
        }
        .into_value())
    }

    /// Set state information for unpickling.
    #[method(sig = "(object, /)")]
    fn __setstate__(vm: &Vm, this: &Ref<SequenceIter>, state: &Value) -> R<()> {
        let i = state_index(vm, state)?;
        if this.sequence.borrow().is_some() {
            this.index.set(i.max(0));
        }
        Ok(())
    }
}
