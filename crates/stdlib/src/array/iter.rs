//! The iterator over an array.

use std::cell::Cell;

use taipan_macros::{Trace, class};
use taipan_runtime::core::{PyCell, R, Ref, Value};
use taipan_runtime::types::{iterators, tuple};
use taipan_runtime::vm::{Vm, empty_tuple};

use super::store::Array;

/// The payload of the iterator.
#[derive(Trace)]
pub struct ArrayIter {
    /// Given up at the end.
    array: PyCell<Option<Ref<Array>>>,
    at: Cell<usize>,
}

impl ArrayIter {
    /// Over all items.
    pub fn make(array: &Ref<Array>) -> Value {
        Ref::new(ArrayIter { array: PyCell::new(Some(array.clone())), at: Cell::new(0) }).into_value()
    }
}

#[class(name = "arrayiterator", module = "array", flags(GC, NO_NEW))]
impl ArrayIter {
    #[slot]
    fn iter(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.value().clone()
    }

    #[slot]
    fn next(vm: &Vm, this: &Ref<Self>) -> R<Option<Value>> {
        let i = this.at.get();
        let item = match this.array.borrow().as_ref() {
            Some(a) => a.get(vm, i)?,
            None => return Ok(None),
        };
        match item {
            Some(v) => {
                this.at.set(i + 1);
                Ok(Some(v))
            }
            None => {
                let done = this.array.take();
                drop(done);
                Ok(None)
            }
        }
    }

    /// Return state information for pickling.
    #[method(sig = "()")]
    fn __reduce__(vm: &Vm, this: &Ref<Self>) -> R {
        let iter = iterators::builtin(vm, "iter")?;
        Ok(match this.array.get() {
            Some(a) => {
                let args = tuple::from_array([a.into_value()]).into_value();
                tuple::from_array([iter, args, Value::from(this.at.get())]).into_value()
            }
            None => {
                let args = tuple::from_array([empty_tuple().into_value()]).into_value();
                tuple::from_array([iter, args]).into_value()
            }
        })
    }

    /// Set state information for unpickling.
    #[method(sig = "(state, /)")]
    fn __setstate__(vm: &Vm, this: &Ref<Self>, state: &Value) -> R<()> {
        let n = iterators::state_index(vm, state)?;
        if let Some(a) = this.array.borrow().as_ref() {
            this.at.set((n.max(0) as usize).min(a.len()));
        }
        Ok(())
    }
}
