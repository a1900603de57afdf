//! The iterator over a tuple.

use std::cell::Cell;

use super::{Tuple, from_array};
use crate::core::{PyCell, R, Ref, Value};
use crate::types::iterators;
use crate::vm::{Vm, empty_tuple};

/// The payload of tuple_iterator.
#[derive(taipan_macros::Trace)]
pub struct TupleIter {
    /// `None` when exhausted.
    tuple: PyCell<Option<Ref<Tuple>>>,
    index: Cell<usize>,
}

impl TupleIter {
    /// A new iterator.
    #[inline]
    pub fn make(tuple: &Ref<Tuple>) -> Ref<TupleIter> {
        Ref::new(TupleIter { tuple: PyCell::new(Some(tuple.clone())), index: Cell::new(0) })
    }

    /// The next item, for the loop: at the end nothing happens yet (no drop, so no call).
    #[inline(always)]
    pub fn next_fast(&self) -> Option<Value> {
        let i = self.index.get();
        let item = self.tuple.borrow().as_ref()?.as_slice().get(i)?.clone();
        self.index.set(i + 1);
        Some(item)
    }

    /// The next item.
    #[inline(always)]
    pub fn advance(&self) -> Option<Value> {
        let item = self.next_fast();
        if item.is_none() {
            self.tuple.set(None);
        }
        item
    }
}

#[taipan_macros::class(name = "tuple_iterator", flags(GC, NO_NEW))]
impl TupleIter {
    #[slot]
    fn iter(_vm: &Vm, this: &Value) -> R {
        Ok(this.clone())
    }

    #[slot]
    fn next(_vm: &Vm, this: &Ref<TupleIter>) -> Option<Value> {
        this.advance()
    }

    /// Private method returning an estimate of len(list(it)).
    #[method(sig = "()")]
    fn __length_hint__(_vm: &Vm, this: &Ref<TupleIter>) -> usize {
        this.tuple.borrow().as_ref().map_or(0, |t| t.len().saturating_sub(this.index.get()))
    }

    /// Return state information for pickling.
    #[method(sig = "()")]
    fn __reduce__(vm: &Vm, this: &Ref<TupleIter>) -> R {
        let iter = iterators::builtin(vm, "iter")?;
        Ok(match this.tuple.get() {
            Some(t) => from_array([iter, from_array([t.into_value()]).into_value(), this.index.get().into()]),
            None => from_array([iter, from_array([empty_tuple().into_value()]).into_value()]),
        }
        .into_value())
    }

    /// Set state information for unpickling.
    #[method(sig = "(object, /)")]
    fn __setstate__(vm: &Vm, this: &Ref<TupleIter>, state: &Value) -> R<()> {
        let i = usize::try_from(iterators::state_index(vm, state)?).unwrap_or(0);
        if let Some(t) = &*this.tuple.borrow() {
            this.index.set(i.min(t.len()));
        }
        Ok(())
    }
}
