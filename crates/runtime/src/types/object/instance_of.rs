//! isinstance and issubclass.

use super::OBJECT;
use crate::core::{R, Ref, Value};
use crate::types::tuple::Tuple;
use crate::types::type_::{BinaryFn, TYPE_PLACE, lookup_value, tflag};
use crate::types::union::Union;
use crate::vm::{Vm, generic_getattr, names};

const ISINSTANCE_ARG2: &str = "isinstance() arg 2 must be a type, a tuple of types, or a union";
const ISSUBCLASS_ARG2: &str = "issubclass() arg 2 must be a class, a tuple of classes, or a union";

/// `isinstance(v, cls)`
///
/// Raises TypeError if `cls` is neither a class nor something like one, nor a tuple or union of such.
#[inline]
pub fn isinstance(vm: &Vm, v: &Value, cls: &Value) -> R<bool> {
    instance(vm, v, cls, 0)
}

/// `issubclass(v, cls)`
///
/// Raises TypeError for what is no class or nothing like one.
#[inline]
pub fn issubclass(vm: &Vm, v: &Value, cls: &Value) -> R<bool> {
    subclass(vm, v, cls, 0)
}

fn instance(vm: &Vm, v: &Value, cls: &Value, depth: usize) -> R<bool> {
    if let Some(t) = cls.as_type() {
        if v.ty().is(t) {
            return Ok(true);
        }
        if cls.ty().is(TYPE_PLACE().get()) {
            return plain_isinstance(vm, v, cls);
        }
    }
    if let Some(items) = alternatives(cls) {
        return any(vm, &items, depth, "__instancecheck__", |c, depth| instance(vm, v, c, depth));
    }
    match vm.call_special(cls, &names().__instancecheck__, std::slice::from_ref(v))? {
        Some(r) => vm.truth(&r),
        None => plain_isinstance(vm, v, cls),
    }
}

fn subclass(vm: &Vm, v: &Value, cls: &Value, depth: usize) -> R<bool> {
    if cls.as_type().is_some() && cls.ty().is(TYPE_PLACE().get()) {
        return if v.is(cls) { Ok(true) } else { plain_issubclass(vm, v, cls) };
    }
    if let Some(items) = alternatives(cls) {
        return any(vm, &items, depth, "__subclasscheck__", |c, depth| subclass(vm, v, c, depth));
    }
    match vm.call_special(cls, &names().__subclasscheck__, std::slice::from_ref(v))? {
        Some(r) => vm.truth(&r),
        None => plain_issubclass(vm, v, cls),
    }
}

/// The classes in a tuple or union.
fn alternatives(cls: &Value) -> Option<Ref<Tuple>> {
    match cls.downcast_exact::<Union>() {
        Some(u) => Some(u.args.clone()),
        None => cls.downcast::<Tuple>().cloned(),
    }
}

/// Most tuples in one another: not even the stack of a small thread is used up by then.
const MAX_DEPTH: usize = 10_000;

fn any(vm: &Vm, items: &Tuple, depth: usize, what: &str, ask: impl Fn(&Value, usize) -> R<bool>) -> R<bool> {
    vm.native_step()?;
    if depth > MAX_DEPTH {
        return Err(vm.recursion_error(format!("maximum recursion depth exceeded in {what}")));
    }
    for c in items.as_slice() {
        if ask(c, depth + 1)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether `__class__` of instances can only be their type.
fn class_is_type(v: &Value) -> bool {
    let ty = v.ty();
    let generic = ty.slots().getattro.is_some_and(|f| std::ptr::fn_addr_eq(f, generic_getattr as BinaryFn));
    let name = &names().__class__;
    // No builtin type has a `__class__` of its own beside object's but those that answer for another object.
    generic && (!ty.has(tflag::HEAP) || lookup_value(ty, name) == lookup_value(OBJECT.get(), name))
}

/// `isinstance(v, cls)` where it takes no Python code to tell, and `cls` is a class or a tuple of classes.
pub fn quick_isinstance(v: &Value, cls: &Value) -> Option<bool> {
    let plain = |c: &Value| {
        let t = c.as_type()?;
        if v.ty().is(t) {
            return Some(true);
        }
        if !c.ty().is(TYPE_PLACE().get()) {
            return None;
        }
        Some(v.ty().is_subtype_of(t) || !class_is_type(v) && return None)
    };
    let Some(classes) = cls.downcast_exact::<Tuple>() else { return plain(cls) };
    for c in classes.as_slice() {
        if plain(c)? {
            return Some(true);
        }
    }
    Some(false)
}

/// `type.__instancecheck__`: without the metaclass's say.
pub fn plain_isinstance(vm: &Vm, v: &Value, cls: &Value) -> R<bool> {
    let n = names();
    if let Some(t) = cls.as_type() {
        if v.ty().is_subtype_of(t) {
            return Ok(true);
        }
        if class_is_type(v) {
            return Ok(false);
        }
        return Ok(match vm.get_attr_opt(v, &n.__class__)? {
            Some(c) => !c.is(&v.ty().to_value()) && c.as_type().is_some_and(|c| c.is_subtype_of(t)),
            None => false,
        });
    }
    check_class(vm, cls, ISINSTANCE_ARG2)?;
    match vm.get_attr_opt(v, &n.__class__)? {
        Some(c) => abstract_issubclass(vm, c, cls),
        None => Ok(false),
    }
}

/// `type.__subclasscheck__`: without the metaclass's say.
pub fn plain_issubclass(vm: &Vm, v: &Value, cls: &Value) -> R<bool> {
    if let (Some(a), Some(b)) = (v.as_type(), cls.as_type()) {
        return Ok(a.is_subtype_of(b));
    }
    check_class(vm, v, "issubclass() arg 1 must be a class")?;
    if cls.downcast_exact::<Union>().is_none() {
        check_class(vm, cls, ISSUBCLASS_ARG2)?;
    }
    abstract_issubclass(vm, v.clone(), cls)
}

/// `__bases__` if it is a tuple.
fn abstract_bases(vm: &Vm, v: &Value) -> R<Option<Value>> {
    Ok(vm.get_attr_opt(v, &names().__bases__)?.filter(|b| b.downcast::<Tuple>().is_some()))
}

fn check_class(vm: &Vm, v: &Value, message: &str) -> R<()> {
    match abstract_bases(vm, v)? {
        Some(_) => Ok(()),
        None => Err(vm.type_error(message)),
    }
}

fn abstract_issubclass(vm: &Vm, derived: Value, cls: &Value) -> R<bool> {
    vm.native_step()?;
    let mut derived = derived;
    loop {
        if derived.is(cls) {
            return Ok(true);
        }
        let Some(bases) = abstract_bases(vm, &derived)? else { return Ok(false) };
        let Some(bases) = bases.downcast::<Tuple>() else { return Ok(false) };
        match bases.as_slice() {
            [] => return Ok(false),
            // A chain needs no native stack.
            [only] => derived = only.clone(),
            more => {
                for b in more {
                    if abstract_issubclass(vm, b.clone(), cls)? {
                        return Ok(true);
                    }
                }
                return Ok(false);
            }
        }
        vm.poll()?;
    }
}
