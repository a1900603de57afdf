//! Any mapping in the place of a dict: `__builtins__` need not be one.

use super::Dict;
use crate::core::{R, Ref, Value};
use crate::types::exceptions as exc;
use crate::vm::Vm;

/// A dict, always empty, whose items are those of another object. No program sees it: see [`shown`].
#[derive(taipan_macros::Trace)]
#[repr(C)]
pub struct Foreign {
    dict: Dict,
    mapping: Value,
}

#[taipan_macros::class(name = "mapping", module = "builtins", base = Dict, flags(GC, NO_NEW))]
impl Foreign {
    #[slot]
    fn getitem(vm: &Vm, this: &Ref<Foreign>, key: &Value) -> R {
        vm.getitem(&this.mapping, key)
    }
}

/// A dict in the place of a mapping.
pub fn of(mapping: Value) -> Ref<Dict> {
    let v = Ref::new(Foreign { dict: Dict::new(), mapping }).into_value();
    v.into_ref::<Dict>().unwrap_or_else(|_| Ref::new(Dict::new()))
}

/// The mapping for which a dict stands, or the dict itself.
pub fn shown(dict: &Ref<Dict>) -> Value {
    match dict.value().downcast_exact::<Foreign>() {
        Some(f) => f.mapping.clone(),
        None => dict.value().clone(),
    }
}

/// The value of a name in a namespace that may be of a class of its own.
///
/// Raises what its `__getitem__` raises, besides KeyError.
pub fn get(vm: &Vm, dict: &Ref<Dict>, name: &Value) -> R<Option<Value>> {
    if dict.is_exact() {
        return Ok(dict.get_name(name));
    }
    let r = vm.getitem(dict.value(), name);
    vm.ignore(r, &exc::KEY_ERROR)
}
