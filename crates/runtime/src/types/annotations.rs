//! `__annotations__` of modules and classes, which `__annotate__` makes when somebody asks (PEP 649).

use crate::core::{R, Ref, Value};
use crate::types::dict::Dict;
use crate::types::module::Module;
use crate::types::type_::{TypeObject, tflag};
use crate::vm::{Vm, names};

/// What an `__annotate__` function gives for the format VALUE.
///
/// Raises TypeError for what is no dict.
pub fn evaluate(vm: &Vm, annotate: &Value) -> R {
    let r = vm.call(annotate, &[Value::small(1)])?;
    if r.downcast::<Dict>().is_none() {
        return Err(vm.type_error(format!("__annotate__ returned non-dict of type '{}'", r.ty().tp_name())));
    }
    Ok(r)
}

fn callable(v: &Value) -> bool {
    v.ty().slots().call.is_some()
}

/// Checks a new `__annotate__`: a callable or None.
///
/// Raises TypeError for others, and for a deletion.
pub fn check_annotate<'v>(vm: &Vm, value: Option<&'v Value>) -> R<&'v Value> {
    match value {
        None => Err(vm.type_error("cannot delete __annotate__ attribute")),
        Some(v) if v.is_none() || callable(v) => Ok(v),
        Some(_) => Err(vm.type_error("__annotate__ must be callable or None")),
    }
}

#[cold]
fn nothing_to_delete(vm: &Vm, owner: &Value) -> crate::core::Raised {
    vm.attribute_error(owner, &names().__annotations__, "__annotations__")
}

/// `__annotations__` of a module with this namespace.
pub fn of_namespace(vm: &Vm, owner: &Value, dict: &Ref<Dict>) -> R {
    let n = names();
    if let Some(v) = dict.get_name(&n.__annotations__) {
        return Ok(v);
    }
    let v = match dict.get_name(&n.__annotate__).filter(callable) {
        Some(f) => evaluate(vm, &f)?,
        None => Ref::new(Dict::new()).into_value(),
    };
    // While the module still runs, there may be more annotations to come.
    if !owner.downcast::<Module>().is_some_and(|m| vm.module_is_initializing(m)) {
        dict.set_name(&n.__annotations__, v.clone());
    }
    Ok(v)
}

/// Sets or deletes `__annotations__` of a module; the function that made them is forgotten.
pub fn set_in_namespace(vm: &Vm, dict: &Ref<Dict>, value: Option<&Value>) -> R<()> {
    let n = names();
    match value {
        Some(v) => dict.set_name(&n.__annotations__, v.clone()),
        None => {
            if dict.remove_name(&n.__annotations__).is_none() {
                return Err(nothing_to_delete(vm, &Value::NONE));
            }
        }
    }
    drop(dict.remove_name(&n.__annotate__));
    Ok(())
}

/// Sets `__annotate__` of a module; annotations that another one made are forgotten.
pub fn set_annotate_in_namespace(vm: &Vm, dict: &Ref<Dict>, value: Option<&Value>) -> R<()> {
    let n = names();
    let v = check_annotate(vm, value)?;
    dict.set_name(&n.__annotate__, v.clone());
    if !v.is_none() {
        drop(dict.remove_name(&n.__annotations__));
    }
    Ok(())
}

/// The attribute of a builtin class, which has none.
#[cold]
fn missing(vm: &Vm, t: &TypeObject, name: &str) -> R {
    let cls = t.to_value();
    let text = format!("type object '{}' has no attribute '{name}'", t.tp_name());
    Err(vm.attribute_error(&cls, crate::vm::intern(name).value(), text))
}

fn bound(vm: &Vm, t: &TypeObject, v: Value) -> R {
    match v.ty().slots().descr_get {
        Some(get) => get(vm, &v, None, Some(&t.to_value())),
        None => Ok(v),
    }
}

/// `__annotations__` of a class.
pub fn of_type(vm: &Vm, t: &TypeObject) -> R {
    let n = names();
    if !t.has(tflag::HEAP) {
        return missing(vm, t, "__annotations__");
    }
    if let Some(v) = t.dict.get_name(&n.__annotations__) {
        return bound(vm, t, v);
    }
    if let Some(v) = t.dict.get_name(&n.__annotations_cache__) {
        return bound(vm, t, v);
    }
    let annotate = vm.get_attr(&t.to_value(), &n.__annotate__)?;
    let v = if callable(&annotate) { evaluate(vm, &annotate)? } else { Ref::new(Dict::new()).into_value() };
    change(t, &n.__annotations_cache__, Some(&v));
    Ok(v)
}

/// These names are no special methods, so nothing but the dictionary and the caches hangs on them.
fn change(t: &TypeObject, name: &Value, value: Option<&Value>) -> bool {
    let old = t.dict.get_name(name);
    match value {
        Some(v) => t.dict.set_name(name, v.clone()),
        None => drop(t.dict.remove_name(name)),
    }
    crate::types::type_::modified(t);
    old.is_some()
}

fn check_mutable(vm: &Vm, t: &TypeObject, name: &str) -> R<()> {
    if t.has(tflag::IMMUTABLE) {
        return Err(vm.type_error(format!("cannot set '{name}' attribute of immutable type '{}'", t.tp_name())));
    }
    Ok(())
}

/// Sets or deletes `__annotations__` of a class; the function that made them is forgotten.
pub fn set_of_type(vm: &Vm, t: &TypeObject, value: Option<&Value>) -> R<()> {
    let n = names();
    check_mutable(vm, t, "__annotations__")?;
    let own = t.dict.get_name(&n.__annotations__).is_some();
    let key = if own { &n.__annotations__ } else { &n.__annotations_cache__ };
    if !change(t, key, value) && value.is_none() {
        return Err(nothing_to_delete(vm, &t.to_value()));
    }
    change(t, &n.__annotate_func__, None);
    change(t, &n.__annotate__, None);
    Ok(())
}

/// `__annotate__` of a class.
pub fn annotate_of_type(vm: &Vm, t: &TypeObject) -> R {
    let n = names();
    if !t.has(tflag::HEAP) {
        return missing(vm, t, "__annotate__");
    }
    if let Some(v) = t.dict.get_name(&n.__annotate__).or_else(|| t.dict.get_name(&n.__annotate_func__)) {
        return bound(vm, t, v);
    }
    change(t, &n.__annotate_func__, Some(&Value::NONE));
    Ok(Value::NONE)
}

/// Sets `__annotate__` of a class; annotations that another one made are forgotten.
pub fn set_annotate_of_type(vm: &Vm, t: &TypeObject, value: Option<&Value>) -> R<()> {
    let n = names();
    if value.is_none() {
        return Err(vm.type_error("cannot delete __annotate__ attribute"));
    }
    check_mutable(vm, t, "__annotate__")?;
    let v = check_annotate(vm, value)?;
    change(t, &n.__annotate_func__, Some(v));
    if !v.is_none() {
        change(t, &n.__annotations_cache__, None);
    }
    Ok(())
}
