//! The iterators over a list: forwards and backwards. Both see what happens to the list meanwhile.

use std::cell::Cell;

use super::{List, from_vec};
use crate::core::{PyCell, R, Ref, Value};
use crate::types::tuple::from_array;
use crate::types::iterators;
use crate::vm::Vm;

/// The payload of list_iterator.
#[derive(taipan_macros::Trace)]
pub struct ListIter {
    /// `None` when exhausted.
    list: PyCell<Option<Ref<List>>>,
    index: Cell<usize>,
}

/// The payload of list_reverseiterator.
#[derive(taipan_macros::Trace)]
pub struct ReverseListIter {
    /// `None` when exhausted.
    list: PyCell<Option<Ref<List>>>,
    /// The next item's index; -1 behind the last one.
    index: Cell<isize>,
}

/// What pickle makes an exhausted iterator of.
fn exhausted(builtin: Value) -> Value {
    let args = from_array([from_vec(Vec::new()).into_value()]);
    from_array([builtin, args.into_value()]).into_value()
}

impl ListIter {
    /// A new iterator.
    #[inline]
    pub fn make(list: &Ref<List>) -> Ref<ListIter> {
        Ref::new(ListIter { list: PyCell::new(Some(list.clone())), index: Cell::new(0) })
    }

    /// The next item, for the loop: at the end nothing happens yet (no drop, so no call).
    #[inline(always)]
    pub fn next_fast(&self) -> Option<Value> {
        let i = self.index.get();
        let item = self.list.borrow().as_ref()?.get(i)?;
        self.index.set(i + 1);
        Some(item)
    }

    /// The next item.
    #[inline(always)]
    pub fn advance(&self) -> Option<Value> {
        let item = self.next_fast();
        if item.is_none() {
            self.list.set(None);
        }
        item
    }
}

#[taipan_macros::class(name = "list_iterator", flags(GC, NO_NEW))]
impl ListIter {
    #[slot]
    fn iter(_vm: &Vm, this: &Value) -> R {
        Ok(this.clone())
    }

    #[slot]
    fn next(_vm: &Vm, this: &Ref<ListIter>) -> Option<Value> {
        this.advance()
    }

    /// Private method returning an estimate of len(list(it)).
    #[method(sig = "()")]
    fn __length_hint__(_vm: &Vm, this: &Ref<ListIter>) -> usize {
        this.list.borrow().as_ref().map_or(0, |l| l.len().saturating_sub(this.index.get()))
    }

    /// Return state information for pickling.
    #[method(sig = "()")]
    fn __reduce__(vm: &Vm, this: &Ref<ListIter>) -> R {
        let iter = iterators::builtin(vm, "iter")?;
        let Some(l) = this.list.get() else { return Ok(exhausted(iter)) };
        let args = from_array([l.into_value()]).into_value();
        Ok(from_array([iter, args, this.index.get().into()]).into_value())
    }

    /// Set state information for unpickling.
    #[method(sig = "(object, /)")]
    fn __setstate__(vm: &Vm, this: &Ref<ListIter>, state: &Value) -> R<()> {
        let i = usize::try_from(iterators::state_index(vm, state)?).unwrap_or(0);
        if let Some(l) = &*this.list.borrow() {
            this.index.set(i.min(l.len()));
        }
        Ok(())
    }
}

impl ReverseListIter {
    /// A new iterator.
    pub fn make(list: &Ref<List>) -> Ref<ReverseListIter> {
        let last = list.len() as isize - 1;
        Ref::new(ReverseListIter { list: PyCell::new(Some(list.clone())), index: Cell::new(last) })
    }
}

#[taipan_macros::class(name = "list_reverseiterator", flags(GC, NO_NEW))]
impl ReverseListIter {
    #[slot]
    fn iter(_vm: &Vm, this: &Value) -> R {
        Ok(this.clone())
    }

    #[slot]
    fn next(_vm: &Vm, this: &Ref<ReverseListIter>) -> Option<Value> {
        // At the natural end the list is kept: `__setstate__` can set the iterator back.
        let i = this.index.get();
        let place = usize::try_from(i).ok()?;
        let item = this.list.borrow().as_ref().and_then(|l| l.get(place));
        if item.is_some() {
            this.index.set(i - 1);
        } else {
            this.index.set(-1);
            this.list.set(None);
        }
        item
    }

    /// Private method returning an estimate of len(list(it)).
    #[method(sig = "()")]
    fn __length_hint__(_vm: &Vm, this: &Ref<ReverseListIter>) -> usize {
        let left = usize::try_from(this.index.get() + 1).unwrap_or(0);
        this.list.borrow().as_ref().map_or(0, |l| if l.len() < left { 0 } else { left })
    }

    /// Return state information for pickling.
    #[method(sig = "()")]
    fn __reduce__(vm: &Vm, this: &Ref<ReverseListIter>) -> R {
        let reversed = iterators::builtin(vm, "reversed")?;
        // Looking the builtin up may have run the iterator to its end.
        let (Some(l), 0..) = (this.list.get(), this.index.get()) else { return Ok(exhausted(reversed)) };
        let args = from_array([l.into_value()]).into_value();
        Ok(from_array([reversed, args, this.index.get().into()]).into_value())
    }

    /// Set state information for unpickling.
    #[method(sig = "(object, /)")]
    fn __setstate__(vm: &Vm, this: &Ref<ReverseListIter>, state: &Value) -> R<()> {
        let i = iterators::state_index(vm, state)?;
        if let Some(l) = &*this.list.borrow() {
            this.index.set(i.clamp(-1, l.len() as isize - 1));
        }
        Ok(())
    }
}
