//! The iterator of `iter(callable, sentinel)`.

use super::builtin;
use crate::core::{PyCell, R, Ref, Value};
use crate::types::exceptions as exc;
use crate::types::tuple::from_array;
use crate::vm::{Vm, empty_tuple};

/// The payload of callable_iterator.
#[derive(taipan_macros::Trace)]
pub struct CallableIter {
    /// The callable and the sentinel; `None` when exhausted.
    call: PyCell<Option<(Value, Value)>>,
}

/// An iterator over the results of calls, until one equals the sentinel.
pub fn callable(f: Value, sentinel: Value) -> Value {
    Ref::new(CallableIter { call: PyCell::new(Some((f, sentinel))) }).into_value()
}

#[taipan_macros::class(name = "callable_iterator", flags(GC, NO_NEW))]
impl CallableIter {
    #[slot]
    fn iter(_vm: &Vm, this: &Value) -> R {
        Ok(this.clone())
    }

    #[slot]
    fn next(vm: &Vm, this: &Ref<CallableIter>) -> R<Option<Value>> {
        let Some((f, _)) = this.call.get() else { return Ok(None) };
        let result = vm.call(&f, &[]);
        let Some(v) = vm.ignore(result, &exc::STOP_ITERATION)? else {
            this.call.set(None);
            return Ok(None);
        };
        // The call may have exhausted this very iterator.
        let Some((_, sentinel)) = this.call.get() else { return Ok(None) };
        if vm.eq(&sentinel, &v)? {
            this.call.set(None);
            return Ok(None);
        }
        Ok(Some(v))
    }

    /// Return state information for pickling.
    #[method(sig = "()")]
    fn __reduce__(vm: &Vm, this: &Ref<CallableIter>) -> R {
        let iter = builtin(vm, "iter")?;
        Ok(match this.call.get() {
            Some((f, sentinel)) => from_array([iter, from_array([f, sentinel]).into_value()]),
            None => from_array([iter, from_array([empty_tuple().into_value()]).into_value()]),
        }
        .into_value())
    }
}
