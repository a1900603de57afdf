//! The iterator over a set or frozenset.

use std::cell::Cell;

use super::data;
use crate::core::{PyCell, R, Ref, Value};
use crate::types::{iterators, list, tuple};
use crate::vm::Vm;

/// The payload of set_iterator.
#[derive(taipan_macros::Trace)]
pub struct SetIter {
    /// A set or frozenset; `None` when exhausted.
    set: PyCell<Option<Value>>,
    /// The next place of the table.
    at: Cell<usize>,
    /// The set's length at the start, or [`CHANGED`].
    expected: Cell<usize>,
    /// Elements left.
    left: Cell<usize>,
}

/// No set has this length: once its size has changed, every further step fails.
const CHANGED: usize = usize::MAX;

impl SetIter {
    /// A new iterator; `set` is a set or frozenset.
    pub fn make(set: &Value) -> Ref<SetIter> {
        let n = data(set).map_or(0, |d| d.len());
        Ref::new(SetIter {
            set: PyCell::new(Some(set.clone())),
            at: Cell::new(0),
            expected: Cell::new(n),
            left: Cell::new(n),
        })
    }

    /// The next element.
    ///
    /// Raises RuntimeError when the set's size has changed.
    #[inline]
    pub fn advance(&self, vm: &Vm) -> R<Option<Value>> {
        let found = {
            let set = self.set.borrow();
            let Some(d) = set.as_ref().and_then(data) else { return Ok(None) };
            if d.len() == self.expected.get() { Some(d.next_entry(self.at.get())) } else { None }
        };
        match found {
            Some(Some((next, _, v))) => {
                self.at.set(next);
                self.left.set(self.left.get().saturating_sub(1));
                Ok(Some(v))
            }
            Some(None) => {
                self.set.set(None);
                Ok(None)
            }
            None => {
                self.expected.set(CHANGED);
                Err(vm.runtime_error("Set changed size during iteration"))
            }
        }
    }
}

#[taipan_macros::class(name = "set_iterator", flags(GC, NO_NEW))]
impl SetIter {
    #[slot]
    fn iter(_vm: &Vm, this: &Value) -> R {
        Ok(this.clone())
    }

    #[slot]
    fn next(vm: &Vm, this: &Ref<SetIter>) -> R<Option<Value>> {
        this.advance(vm)
    }

    /// Private method returning an estimate of len(list(it)).
    #[method(sig = "()")]
    fn __length_hint__(_vm: &Vm, this: &Ref<SetIter>) -> usize {
        match this.set.borrow().as_ref().and_then(data) {
            Some(d) if d.len() == this.expected.get() => this.left.get(),
            _ => 0,
        }
    }

    /// Return state information for pickling.
    #[method(sig = "()")]
    fn __reduce__(vm: &Vm, this: &Ref<SetIter>) -> R {
        let iter = iterators::builtin(vm, "iter")?;
        let copy = SetIter {
            set: PyCell::new(this.set.get()),
            at: this.at.clone(),
            expected: this.expected.clone(),
            left: this.left.clone(),
        };
        let mut left = Vec::new();
        while let Some(v) = copy.advance(vm)? {
            left.push(v);
        }
        let args = tuple::from_array([list::from_vec(left).into_value()]);
        Ok(tuple::from_array([iter, args.into_value()]).into_value())
    }
}
