//! The iterator over an OrderedDict, for keys, values and items, forwards and backwards.

use std::cell::Cell;

use super::OrderedDict;
use crate::core::{PyCell, R, Ref, Value};
use crate::types::tuple::{self, Recycled};
use crate::types::{iterators, list};
use crate::vm::Vm;

/// What an iterator gives.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Keys,
    Values,
    Items,
}

/// The payload of odict_iterator.
#[derive(taipan_macros::Trace)]
pub struct OrderedIter {
    /// `None` when exhausted.
    od: PyCell<Option<Ref<OrderedDict>>>,
    #[no_trace]
    kind: Kind,
    reversed: bool,
    /// Index of the next entry (forwards), or the index behind it (backwards).
    at: Cell<usize>,
    /// Items left.
    left: Cell<usize>,
    state: u64,
    size: usize,
    recycled: Recycled,
}

impl OrderedIter {
    /// A new iterator.
    pub(super) fn over(od: &Ref<OrderedDict>, kind: Kind, reversed: bool) -> Ref<OrderedIter> {
        let mut table = od.dict.table.borrow_mut();
        let at = if reversed { table.entries.len() } else { table.first().unwrap_or(0) };
        let size = table.used;
        drop(table);
        Ref::new(OrderedIter {
            od: PyCell::new(Some(od.clone())),
            kind,
            reversed,
            at: Cell::new(at),
            left: Cell::new(size),
            state: od.state.get(),
            size,
            recycled: Recycled::default(),
        })
    }

    /// The next pair, or the error of an OrderedDict that has changed.
    #[inline(always)]
    fn step(&self, vm: &Vm) -> R<Option<(Value, Value)>> {
        match self.look() {
            Ok(Some(pair)) => {
                self.left.set(self.left.get() - 1);
                Ok(Some(pair))
            }
            Ok(None) => {
                self.od.set(None);
                Ok(None)
            }
            Err(text) => Err(vm.runtime_error(text)),
        }
    }

    /// The pair that comes next; moves behind it.
    #[inline(always)]
    fn look(&self) -> Result<Option<(Value, Value)>, &'static str> {
        let od = self.od.borrow();
        let Some(od) = &*od else { return Ok(None) };
        // Behind the last item nobody minds changes.
        if self.left.get() == 0 {
            return Ok(None);
        }
        if od.state.get() != self.state {
            return Err("OrderedDict mutated during iteration");
        }
        let table = od.dict.table.borrow();
        if table.used != self.size {
            return Err("OrderedDict changed size during iteration");
        }
        let mut at = self.at.get();
        loop {
            if self.reversed {
                at = at.wrapping_sub(1);
            }
            let Some(e) = table.entries.get(at) else { return Ok(None) };
            if !self.reversed {
                at += 1;
            }
            if let (Some(k), Some(v)) = (&e.key, &e.value) {
                self.at.set(at);
                return Ok(Some((k.clone(), v.clone())));
            }
        }
    }

    /// The next item.
    #[inline]
    fn advance(&self, vm: &Vm, recycled: &Recycled) -> R<Option<Value>> {
        let Some((k, v)) = self.step(vm)? else { return Ok(None) };
        if self.kind == Kind::Keys {
            return Ok(Some(k));
        }
        let Some(od) = self.od.get() else { return Ok(None) };
        let v = od.value_of(vm, &k, v)?;
        Ok(Some(if self.kind == Kind::Values { v } else { recycled.tuple([k, v]) }))
    }
}

#[taipan_macros::class(name = "odict_iterator", flags(GC, NO_NEW))]
impl OrderedIter {
    #[slot]
    fn iter(_vm: &Vm, this: &Value) -> R {
        Ok(this.clone())
    }

    #[slot]
    fn next(vm: &Vm, this: &Ref<OrderedIter>) -> R<Option<Value>> {
        this.advance(vm, &this.recycled)
    }

    /// Return what pickle and copy need.
    #[method(sig = "()")]
    fn __reduce__(vm: &Vm, this: &Ref<OrderedIter>) -> R {
        let copy = OrderedIter {
            od: PyCell::new(this.od.get()),
            kind: this.kind,
            reversed: this.reversed,
            at: this.at.clone(),
            left: this.left.clone(),
            state: this.state,
            size: this.size,
            recycled: Recycled::default(),
        };
        let iter = iterators::builtin(vm, "iter")?;
        let mut left = Vec::new();
        // Every item a tuple of its own: nothing is recycled while the list grows.
        while let Some(v) = copy.advance(vm, &Recycled::default())? {
            left.push(v);
        }
        let args = tuple::from_array([list::from_vec(left).into_value()]);
        Ok(tuple::from_array([iter, args.into_value()]).into_value())
    }
}
