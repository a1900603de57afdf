//! filter

use crate::core::{R, Ref, Value};
use crate::types::bool::BOOL;
use crate::types::tuple::from_array;
use crate::types::type_::TypeObject;
use crate::vm::Vm;

/// The payload of filter.
#[derive(taipan_macros::Trace)]
pub struct Filter {
    function: Value,
    iterator: Value,
}

/// Return an iterator yielding those items of iterable for which function(item) is true.
///
/// If function is None, return the items that are true.
#[taipan_macros::class(name = "filter", flags(BASETYPE, GC), sig = "(function, iterable, /)")]
impl Filter {
    #[slot]
    fn new(vm: &Vm, cls: &TypeObject, function: &Value, iterable: &Value) -> R {
        let iterator = vm.iter(iterable)?;
        Ok(Ref::new_of(cls, Filter { function: function.clone(), iterator }).into_value())
    }

    #[slot]
    fn iter(_vm: &Vm, this: &Value) -> R {
        Ok(this.clone())
    }

    #[slot]
    fn next(vm: &Vm, this: &Ref<Filter>) -> R<Option<Value>> {
        let plain = this.function.is_none() || this.function.raw() == BOOL.value().raw();
        while let Some(item) = vm.next(&this.iterator)? {
            let good = if plain {
                vm.truth(&item)?
            } else {
                let r = vm.call(&this.function, std::slice::from_ref(&item))?;
                vm.truth(&r)?
            };
            if good {
                return Ok(Some(item));
            }
        }
        Ok(None)
    }

    /// Return state information for pickling.
    #[method(sig = "()")]
    fn __reduce__(_vm: &Vm, this: &Ref<Filter>) -> R {
        let args = from_array([this.function.clone(), this.iterator.clone()]);
        Ok(from_array([this.ty().to_value(), args.into_value()]).into_value())
    }
}
