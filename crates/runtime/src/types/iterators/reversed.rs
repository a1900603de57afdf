//! reversed

use std::cell::Cell;

use super::{is_sequence, state_index};
use super::sequence::item_at;
use crate::core::{PyCell, R, Ref, Value};
use crate::types::tuple::from_array;
use crate::types::type_::{TypeObject, lookup};
use crate::vm::{Vm, empty_tuple, names};

/// The payload of reversed.
#[derive(taipan_macros::Trace)]
pub struct Reversed {
    /// `None` when exhausted.
    sequence: PyCell<Option<Value>>,
    /// The next item's index; -1 behind the last one.
    index: Cell<isize>,
}

/// Return a reverse iterator over the values of the given sequence.
#[taipan_macros::class(name = "reversed", flags(BASETYPE, GC), sig = "(sequence, /)")]
impl Reversed {
    #[slot]
    fn new(vm: &Vm, cls: &TypeObject, object: &Value) -> R {
        let special = lookup(object.ty(), &names().__reversed__);
        let barred = special.is_some_and(|f| f.is_none());
        if !barred && let Some(r) = vm.call_special(object, &names().__reversed__, &[])? {
            return Ok(r);
        }
        if barred || !is_sequence(object) {
            return Err(vm.type_error(format!("'{}' object is not reversible", object.ty().tp_name())));
        }
        let n = vm.len(object)? as isize;
        let made = Reversed { sequence: PyCell::new(Some(object.clone())), index: Cell::new(n - 1) };
        Ok(Ref::new_of(cls, made).into_value())
    }

    #[slot]
    fn iter(_vm: &Vm, this: &Value) -> R {
        Ok(this.clone())
    }

    #[slot]
    fn next(vm: &Vm, this: &Ref<Reversed>) -> R<Option<Value>> {
        let i = this.index.get();
        let Some(v) = this.sequence.get() else { return Ok(None) };
        let item = if i < 0 { None } else { item_at(vm, &v, i)? };
        if item.is_some() {
            this.index.set(i - 1);
        } else {
            this.index.set(-1);
            this.sequence.set(None);
        }
        Ok(item)
    }

    /// Private method returning an estimate of len(list(it)).
    #[method(sig = "()")]
    fn __length_hint__(vm: &Vm, this: &Ref<Reversed>) -> R<isize> {
        let Some(v) = this.sequence.get() else { return Ok(0) };
        let left = this.index.get() + 1;
        Ok(if (vm.len(&v)? as isize) < left { 0 } else { left })
    }

    /// Return state information for pickling.
    #[method(sig = "()")]
    fn __reduce__(_vm: &Vm, this: &Ref<Reversed>) -> R {
        let ty = this.ty().to_value();
        Ok(match this.sequence.get() {
            Some(v) => from_array([ty, from_array([v]).into_value(), this.index.get().into()]),
            None => from_array([ty, from_array([empty_tuple().into_value()]).into_value()]),
        }
        .into_value())
    }

    /// Set state information for unpickling.
    #[method(sig = "(object, /)")]
    fn __setstate__(vm: &Vm, this: &Ref<Reversed>, state: &Value) -> R<()> {
        let i = state_index(vm, state)?;
        if let Some(v) = this.sequence.get() {
            let n = vm.len(&v)? as isize;
            this.index.set(i.clamp(-1, n.saturating_sub(1).max(-1)));
        }
        Ok(())
    }
}
