//! `__class__` assignment, and the `__dict__` and `__weakref__` of instances.

use crate::core::{Payload, R, Value};
use crate::native::GetSetDef;
use crate::types::dict::Dict;
use crate::types::module::Module;
use crate::types::type_::{check_assignable, modified, tflag};
use crate::types::{native_fn, weakref};
use crate::vm::{Vm, instance_dict, names, set_instance_dict};

/// `v.__class__ = value`
///
/// Raises TypeError if the instance's layout is not the new class's.
pub(super) fn set_class(vm: &Vm, v: &Value, value: Option<&Value>) -> R<()> {
    let Some(value) = value else { return Err(vm.type_error("can't delete __class__ attribute")) };
    let Some(new) = value.as_type() else {
        let given = value.ty().tp_name();
        return Err(vm.type_error(format!("__class__ must be set to a class, not '{given}' object")));
    };
    let old_value = v.ty().to_value();
    let (Some(old), Some(h)) = (old_value.as_type(), v.header()) else { return Err(immutable(vm)) };
    let module = Module::TYPE.get();
    let modules = new.is_subtype_of(module) && old.is_subtype_of(module);
    if !modules && (new.has(tflag::IMMUTABLE) || old.has(tflag::IMMUTABLE)) {
        return Err(immutable(vm));
    }
    check_assignable(vm, old, new, "__class__")?;
    if new.is(old) {
        return Ok(());
    }
    if old.dict_offset.get() != 0 {
        // The classes have keys of their own: the values go where they need none.
        drop(instance_dict(v));
        if (new.size.get() > old.size.get() || old.has(tflag::MIXED_SIZES)) && !new.has(tflag::MIXED_SIZES) {
            new.flags.set(new.flags.get() | tflag::MIXED_SIZES);
            modified(new);
        }
    }
    if new.has(tflag::HEAP) {
        new.header().retain();
    }
    // SAFETY: the layouts were found to be the same; the instance owns a count of the new type, and gives up that of
    // the old one.
    unsafe {
        h.set_ty(std::ptr::from_ref(new).cast());
        if old.has(tflag::HEAP) {
            drop(Value::from_raw(old_value.raw()));
        }
    }
    Ok(())
}

#[cold]
fn immutable(vm: &Vm) -> crate::core::Raised {
    vm.type_error("__class__ assignment only supported for mutable types or ModuleType subclasses")
}

/// `__dict__` of instances.
pub static DICT_GETSET: GetSetDef =
    GetSetDef { name: "__dict__", doc: "dictionary for instance variables", get: get_dict, set: Some(set_dict), member: false };

/// `__weakref__` of instances.
pub static WEAKREF_GETSET: GetSetDef =
    GetSetDef { name: "__weakref__", doc: "list of weak references to the object", get: get_weakref, set: None, member: false };

/// `__dict__` of the native base, which knows better: classes of metaclasses that derive from an ordinary class.
fn native_descriptor(v: &Value) -> Option<Value> {
    let mut at = v.ty();
    while at.has(tflag::HEAP) {
        at = at.base_type()?;
    }
    let own = if at.has(tflag::HAS_DICT) { at.dict.get_name(&names().__dict__) } else { None };
    own.filter(|d| !native_fn::is_getset(d, &DICT_GETSET))
}

fn get_dict(vm: &Vm, v: &Value) -> R {
    if let Some(d) = instance_dict(v) {
        return Ok(d.into_value());
    }
    match native_descriptor(v).and_then(|d| Some((d.ty().slots().descr_get?, d))) {
        Some((get, d)) => get(vm, &d, Some(v), Some(&v.ty().to_value())),
        None => Err(vm.attribute_error(v, &names().__dict__, "This object has no __dict__")),
    }
}

fn set_dict(vm: &Vm, v: &Value, value: Option<&Value>) -> R<()> {
    let dict = match value {
        None => None,
        Some(d) => match d.downcast::<Dict>() {
            Some(d) => Some(d.clone()),
            None => {
                let given = d.ty().tp_name();
                return Err(vm.type_error(format!("__dict__ must be set to a dictionary, not a '{given}'")));
            }
        },
    };
    if let Some(d) = native_descriptor(v) {
        return match d.ty().slots().descr_set {
            Some(set) => set(vm, &d, v, value),
            None => Err(vm.attribute_error(v, &names().__dict__, "This object has no __dict__")),
        };
    }
    if dict.is_none() && v.ty().dict_offset.get() == 0 {
        return Err(vm.type_error("cannot delete __dict__"));
    }
    if set_instance_dict(v, dict) {
        Ok(())
    } else {
        Err(vm.attribute_error(v, &names().__dict__, "This object has no __dict__"))
    }
}

fn get_weakref(vm: &Vm, v: &Value) -> R {
    Ok(weakref::list(vm, v).into_iter().next().unwrap_or(Value::NONE))
}
