//! What `copy` and `pickle` ask of every object.

use super::OBJECT;
use crate::core::{R, Ref, Value};
use crate::types::dict::Dict;
use crate::types::list::List;
use crate::types::native_fn::BuiltinFunction;
use crate::types::tuple::{self, Tuple};
use crate::types::type_::{TypeObject, lookup, tflag};
use crate::vm::{Vm, dict_snapshot, names};

/// `object.__reduce_ex__`: the class's own `__reduce__`, if it has one.
pub(super) fn reduce_ex(vm: &Vm, v: &Value, protocol: i32) -> R {
    let name = &names().__reduce__;
    if let Some(reduce) = vm.get_attr_opt(v, name)? {
        let own = vm.get_attr_opt(&v.ty().to_value(), name)?;
        if own.is_none_or(|f| Some(f) != OBJECT.get().dict.get_name(name)) {
            return vm.call(&reduce, &[]);
        }
    }
    common(vm, v, protocol)
}

/// The default reduction for a protocol.
pub(super) fn common(vm: &Vm, v: &Value, protocol: i32) -> R {
    if protocol >= 2 {
        return new_object(vm, v);
    }
    let f = vm.import_attr("copyreg", "_reduce_ex")?;
    vm.call(&f, &[v.clone(), Value::from(protocol)])
}

/// `copyreg.__newobj__` with the class, its constructor's arguments, and the state.
fn new_object(vm: &Vm, v: &Value) -> R {
    let ty = v.ty();
    if ty.slots().new.is_none() {
        return Err(vm.type_error(format!("cannot pickle '{}' object", ty.tp_name())));
    }
    let (args, kwargs) = new_arguments(vm, v)?;
    let cls = ty.to_value();
    let (function, new_args) = match (&args, kwargs) {
        (Some(args), Some(kw)) if kw.downcast::<Dict>().is_some_and(|d| !d.is_empty()) => {
            let new_args = tuple::from_array([cls, args.value().clone(), kw]);
            (vm.import_attr("copyreg", "__newobj_ex__")?, new_args)
        }
        _ => {
            let given = args.as_ref().map_or(&[][..], |a| a.as_slice());
            let all = std::iter::once(cls).chain(given.iter().cloned()).collect();
            (vm.import_attr("copyreg", "__newobj__")?, tuple::from_vec(all))
        }
    };
    let required = args.is_none() && v.downcast::<List>().is_none() && v.downcast::<Dict>().is_none();
    let state = state(vm, v, required)?;
    let list_items = if v.downcast::<List>().is_some() { vm.iter(v)? } else { Value::NONE };
    let dict_items = if v.downcast::<Dict>().is_some() {
        let items = vm.call_method(v, "items", &[])?;
        vm.iter(&items)?
    } else {
        Value::NONE
    };
    Ok(tuple::from_array([function, new_args.into_value(), state, list_items, dict_items]).into_value())
}

/// What `__getnewargs_ex__` or `__getnewargs__` gives.
fn new_arguments(vm: &Vm, v: &Value) -> R<(Option<Ref<Tuple>>, Option<Value>)> {
    let n = names();
    if let Some(f) = vm.lookup_special(v, &n.__getnewargs_ex__)? {
        let r = vm.call(&f, &[])?;
        let Some(pair) = r.downcast::<Tuple>() else {
            let given = r.ty().tp_name();
            return Err(vm.type_error(format!("__getnewargs_ex__ should return a tuple, not '{given}'")));
        };
        let [args, kwargs] = pair.as_slice() else {
            let given = pair.len();
            return Err(vm.value_error(format!("__getnewargs_ex__ should return a tuple of length 2, not {given}")));
        };
        let Some(args) = args.downcast::<Tuple>() else {
            return Err(vm.type_error(format!(
                "first item of the tuple returned by __getnewargs_ex__ must be a tuple, not '{}'",
                args.ty().tp_name()
            )));
        };
        if kwargs.downcast::<Dict>().is_none() {
            return Err(vm.type_error(format!(
                "second item of the tuple returned by __getnewargs_ex__ must be a dict, not '{}'",
                kwargs.ty().tp_name()
            )));
        }
        return Ok((Some(args.clone()), Some(kwargs.clone())));
    }
    let Some(f) = vm.lookup_special(v, &n.__getnewargs__)? else { return Ok((None, None)) };
    let r = vm.call(&f, &[])?;
    match r.downcast::<Tuple>() {
        Some(t) => Ok((Some(t.clone()), None)),
        None => {
            let given = r.ty().tp_name();
            Err(vm.type_error(format!("__getnewargs__ should return a tuple, not '{given}'")))
        }
    }
}

/// `v.__getstate__()`
fn state(vm: &Vm, v: &Value, required: bool) -> R {
    let name = &names().__getstate__;
    let f = vm.get_attr(v, name)?;
    // Object's own would not know whether the state is required.
    match f.downcast_exact::<BuiltinFunction>() {
        Some(b) if b.this.is(v) && lookup(v.ty(), name) == OBJECT.get().dict.get_name(name) => {
            default_state(vm, v, required)
        }
        _ => vm.call(&f, &[]),
    }
}

/// Names of the members of `__slots__`, as `copyreg._slotnames` finds them and the class remembers them.
fn slot_names(vm: &Vm, ty: &TypeObject) -> R<Option<Ref<List>>> {
    let found = match ty.dict.get_name(&names().__slotnames__) {
        Some(v) => {
            if !v.is_none() && v.downcast::<List>().is_none() {
                let (name, given) = (ty.name(), v.ty().tp_name());
                return Err(vm.type_error(format!("{name}.__slotnames__ should be a list or None, not {given}")));
            }
            v
        }
        None => {
            let f = vm.import_attr("copyreg", "_slotnames")?;
            let v = vm.call(&f, &[ty.to_value()])?;
            if !v.is_none() && v.downcast::<List>().is_none() {
                return Err(vm.type_error("copyreg._slotnames didn't return a list or None"));
            }
            v
        }
    };
    Ok(found.downcast::<List>().cloned())
}

/// `object.__getstate__`: the dictionary, and the members of `__slots__` if there are any.
///
/// Raises TypeError if the state is `required` and there is more to the object.
pub(super) fn default_state(vm: &Vm, v: &Value, required: bool) -> R {
    let ty = v.ty();
    if required && !std::ptr::eq(ty.solid.get(), OBJECT.ptr()) && hides_state(ty) {
        return Err(vm.type_error(format!("cannot pickle '{}' object", ty.tp_name())));
    }
    let dict = if ty.has(tflag::HAS_DICT) { dict_snapshot(v) } else { None };
    let mut state = dict.filter(|d| !d.is_empty()).map_or(Value::NONE, Ref::into_value);
    let Some(slots) = slot_names(vm, ty)? else { return Ok(state) };
    let names = slots.to_vec();
    if required && ty.members.borrow().len() > names.len() {
        return Err(vm.type_error(format!("cannot pickle '{}' object", ty.tp_name())));
    }
    let values = Ref::new(Dict::new());
    for name in names {
        let key = vm.attr_name(&name)?;
        if let Some(x) = vm.get_attr_opt(v, &key)? {
            values.set(vm, name, x)?;
        }
    }
    if !values.is_empty() {
        state = tuple::from_array([state, values.into_value()]).into_value();
    }
    Ok(state)
}

/// Whether instances hold native data that no attribute shows.
fn hides_state(ty: &TypeObject) -> bool {
    // SAFETY: solid types are native and immortal.
    let solid = unsafe { &*ty.solid.get() };
    solid.layout.size > OBJECT.get().layout.size
}
