//! Assignment to `__bases__`.

use super::layout::{best_base, check_assignable, derives};
use super::lookup::{link_subclass, subclasses};
use super::mro::{call_mro, set_order};
use super::{TypeObject, modified, slotdefs, tflag};
use crate::core::{R, Ref, Value};
use crate::types::tuple::Tuple;
use crate::vm::Vm;

/// Gives a class other bases: its order, its subclasses' orders and all their slots follow.
///
/// Raises TypeError for what can't be the bases of this class; nothing has changed then.
pub(super) fn set_bases(vm: &Vm, t: &TypeObject, value: &Value) -> R<()> {
    let Some(new) = value.downcast::<Tuple>() else {
        let (name, given) = (t.name(), value.ty().tp_name());
        return Err(vm.type_error(format!("can only assign tuple to {name}.__bases__, not {given}")));
    };
    if new.is_empty() {
        let name = t.name();
        return Err(vm.type_error(format!("can only assign non-empty tuple to {name}.__bases__, not ()")));
    }
    for b in new.as_slice() {
        let Some(b) = b.as_type() else {
            let (name, given) = (t.name(), b.ty().tp_name());
            return Err(vm.type_error(format!("{name}.__bases__ must be tuple of classes, not '{given}'")));
        };
        // While an order is being made, the chain of bases tells more than the order does.
        if b.is_subtype_of(t) || derives(b, t) {
            return Err(vm.type_error("a __bases__ item causes an inheritance cycle"));
        }
    }
    let best = best_base(vm, new.as_slice())?;
    let (Some(old_base), Some(new_base)) = (t.base.get(), best.as_type()) else { return Ok(()) };
    if let Some(old_base) = old_base.as_type() {
        check_assignable(vm, old_base, new_base, "__bases__")?;
    }
    let old_bases = t.bases.replace(value.clone());
    t.base.set(Some(best.clone()));
    let mut undo = Vec::new();
    match orders(vm, t, &mut undo) {
        Err(raised) => {
            // Undo unless the metaclass's code has assigned other bases meanwhile.
            for (ty, old, new, custom) in undo.into_iter().rev() {
                if let Some(t) = ty.as_type()
                    && t.mro.get().is(&new)
                {
                    vm.preserving_raised(|| drop(set_order(t, old, custom)));
                }
            }
            if t.bases.get().is(value) {
                t.bases.set(old_bases);
                t.base.set(Some(old_base));
            }
            Err(raised)
        }
        Ok(()) => {
            if t.bases.get().is(value) {
                relink(t, &old_bases, new);
                // What was looked up meanwhile would not have heard of changes of the new bases.
                modified(t);
            }
            slotdefs::refresh(t);
            Ok(())
        }
    }
}

fn relink(t: &TypeObject, old: &Value, new: &Ref<Tuple>) {
    if let Some(old) = old.downcast::<Tuple>() {
        for b in old.as_slice().iter().filter_map(Value::as_type) {
            link_subclass(b, t, false);
        }
    }
    for b in new.as_slice().iter().filter_map(Value::as_type) {
        link_subclass(b, t, true);
    }
}

/// Makes the orders of a type and its subclasses anew; what was changed is in `undo`: type, old order, new order,
/// and whether the metaclass had made the old one.
fn orders(vm: &Vm, t: &TypeObject, undo: &mut Vec<(Value, Value, Value, bool)>) -> R<()> {
    vm.check_native_stack()?;
    let before = t.mro.get();
    let was_custom = t.has(tflag::CUSTOM_MRO);
    let (order, custom) = call_mro(vm, t)?;
    // The metaclass's `mro` may have assigned bases itself, and so made an order already.
    if !t.mro.get().is(&before) {
        return Ok(());
    }
    let old = set_order(t, order.clone(), custom);
    undo.push((t.to_value(), old, order, was_custom));
    for s in subclasses(t) {
        if let Some(s) = s.as_type() {
            orders(vm, s, undo)?;
        }
    }
    Ok(())
}
