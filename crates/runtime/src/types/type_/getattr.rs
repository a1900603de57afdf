//! Attributes of classes.

use super::{TypeObject, lookup, modified, slotdefs, tflag};
use crate::core::{R, Value};
use crate::vm::Vm;

/// `type.__getattribute__`: data descriptors of the metatype, attributes along the class's own order (bound to the
/// class), other attributes of the metatype.
pub fn type_getattr(vm: &Vm, cls: &Value, name: &Value) -> R {
    // SAFETY: this is the slot of `type`, called for its instances.
    let t = unsafe { cls.as_type_unchecked() };
    let meta = cls.ty();
    let on_meta = lookup(meta, name);
    if let Some(d) = &on_meta {
        let slots = d.ty().slots();
        if slots.descr_set.is_some()
            && let Some(get) = slots.descr_get
        {
            return get(vm, d, Some(cls), Some(&meta.to_value()));
        }
    }
    if let Some(v) = lookup(t, name) {
        return match v.ty().slots().descr_get {
            Some(get) => get(vm, &v, None, Some(cls)),
            None => Ok(v),
        };
    }
    match on_meta {
        Some(d) => match d.ty().slots().descr_get {
            Some(get) => get(vm, &d, Some(cls), Some(&meta.to_value())),
            None => Ok(d),
        },
        None => Err(vm.no_attribute(cls, name)),
    }
}

/// `type.__setattr__` and, for `None`, `__delattr__`.
///
/// Raises TypeError for builtin classes.
pub fn type_setattr(vm: &Vm, cls: &Value, name: &Value, value: Option<&Value>) -> R<()> {
    // SAFETY: as in `type_getattr`.
    let t = unsafe { cls.as_type_unchecked() };
    let name = &vm.attr_name(name)?;
    check_mutable(vm, t, name)?;
    if let Some(d) = lookup(cls.ty(), name)
        && let Some(set) = d.ty().slots().descr_set
    {
        return set(vm, &d, cls, value);
    }
    if change(t, name, value) { Ok(()) } else { Err(vm.no_attribute(cls, name)) }
}

/// Raises TypeError if the class's attributes can't be set.
pub(super) fn check_mutable(vm: &Vm, t: &TypeObject, name: &Value) -> R<()> {
    if t.has(tflag::IMMUTABLE) {
        let shown = vm.str_lossy(name);
        return Err(vm.type_error(format!("cannot set '{shown}' attribute of immutable type '{}'", t.tp_name())));
    }
    Ok(())
}

/// Changes the class's dictionary and all that is computed from it. False if there was nothing to delete.
pub(super) fn change(t: &TypeObject, name: &Value, value: Option<&Value>) -> bool {
    // The old value dies only when the caches have forgotten it.
    let old = t.dict.get_name(name);
    match value {
        Some(v) => t.dict.set_name(name, v.clone()),
        None => {
            if t.dict.remove_name(name).is_none() {
                return false;
            }
        }
    }
    modified(t);
    slotdefs::update_after_change(t, name);
    drop(old);
    true
}
