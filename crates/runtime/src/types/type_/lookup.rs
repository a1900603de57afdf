//! Looking names up along the method resolution order, and the versions that keep caches honest.

use std::cell::Cell;

use super::TypeObject;
use crate::core::Value;
use crate::types::str::Str;
use crate::vm::{next_version, try_current};

/// The attribute `name` along the MRO, unbound.
#[inline]
pub fn lookup(ty: &TypeObject, name: &Value) -> Option<Value> {
    let word = lookup_value(ty, name)?;
    // SAFETY: the type's dictionary owns the word; the clone takes a count of its own.
    Some(unsafe { std::mem::ManuallyDrop::new(Value::from_raw(word)).as_ref_value().clone() })
}

/// As [`lookup`], past the cache: for looks at many names that nobody will ask for again soon.
pub(super) fn lookup_uncached(ty: &TypeObject, name: &Value) -> Option<Value> {
    let word = lookup_slow(ty, name)?;
    // SAFETY: as in `lookup`.
    Some(unsafe { std::mem::ManuallyDrop::new(Value::from_raw(word)).as_ref_value().clone() })
}

trait AsRefValue {
    fn as_ref_value(&self) -> &Value;
}

impl AsRefValue for std::mem::ManuallyDrop<Value> {
    fn as_ref_value(&self) -> &Value {
        self
    }
}

/// As [`lookup`], as a borrowed word: valid until Python code runs.
#[inline]
pub fn lookup_value(ty: &TypeObject, name: &Value) -> Option<u64> {
    let Some(vm) = try_current() else { return lookup_slow(ty, name) };
    let cache = &vm.interp().method_cache;
    let version = ty.version.get();
    if version != 0
        && let Some(w) = cache.get(version, name.raw())
    {
        return if w == 0 { None } else { Some(w) };
    }
    let found = lookup_slow(ty, name);
    // Only interned names may stand in the cache: others can die and their address be used again.
    if !ty.has(super::tflag::CUSTOM_MRO) && name.downcast_exact::<Str>().is_some_and(|s| s.is_interned()) {
        let version = assign_version(ty);
        cache.put(version, name.raw(), found.unwrap_or(0));
    }
    found
}

fn lookup_slow(ty: &TypeObject, name: &Value) -> Option<u64> {
    // SAFETY: no Python code runs during the walk: names are str objects.
    for base in unsafe { ty.mro_slice() } {
        let t = base.as_type()?;
        if let Some(n) = t.dict.find_name(name) {
            let table = t.dict.table().borrow();
            return table.entries[n].value.as_ref().map(Value::raw);
        }
    }
    None
}

/// The type's version, made if there is none. A class whose order a metaclass made gets one that is never true
/// again, since a change of a class in its order need not reach it.
pub fn assign_version(ty: &TypeObject) -> u32 {
    if ty.has(super::tflag::CUSTOM_MRO) {
        return next_version();
    }
    if ty.version.get() == 0 {
        // A class that has a version has it only as long as all classes in its order have theirs: so a change need
        // not be told to the subclasses of one that has none.
        // SAFETY: no Python code runs here.
        for base in unsafe { ty.mro_slice() }.iter().rev().filter_map(Value::as_type) {
            if base.version.get() == 0 {
                base.version.set(next_version());
            }
        }
        if ty.version.get() == 0 {
            ty.version.set(next_version());
        }
    }
    ty.version.get()
}

/// The type's dictionary or bases changed: it and all its subclasses lose their versions.
pub fn modified(ty: &TypeObject) {
    if ty.version.get() == 0 {
        return;
    }
    reset(&ty.version);
    let mut work: Vec<*const TypeObject> = ty.subclasses.borrow().clone();
    while let Some(t) = work.pop() {
        // SAFETY: subclasses leave their bases' lists before they die.
        let t = unsafe { &*t };
        if t.version.get() != 0 {
            reset(&t.version);
            work.extend(t.subclasses.borrow().iter().copied());
        }
    }
}

fn reset(version: &Cell<u32>) {
    version.set(0);
}

/// The direct subclasses of a type in this interpreter, as new values, oldest first.
pub fn subclasses(ty: &TypeObject) -> Vec<Value> {
    let mut out: Vec<Value> = Vec::new();
    if ty.has(super::tflag::HEAP) {
        // SAFETY: as in `modified`.
        out.extend(ty.subclasses.borrow().iter().map(|&t| unsafe { (*t).to_value() }));
    } else if let Some(vm) = try_current() {
        out.extend(super::build::static_subclasses(ty));
        let shared = vm.interp().shared_subclasses.borrow();
        if let Some(list) = shared.get(&std::ptr::from_ref(ty).addr()) {
            // SAFETY: as above; shared types are immortal.
            out.extend(list.iter().map(|&t| unsafe { (*std::ptr::with_exposed_provenance::<TypeObject>(t)).to_value() }));
        }
    }
    out
}

/// Enters or removes `ty` among the subclasses of `base`.
pub(super) fn link_subclass(base: &TypeObject, ty: &TypeObject, on: bool) {
    let p = std::ptr::from_ref(ty);
    if base.has(super::tflag::HEAP) {
        let mut list = base.subclasses.borrow_mut();
        list.retain(|&t| !std::ptr::eq(t, p));
        if on {
            list.push(p);
        }
    } else if let Some(vm) = try_current() {
        let mut shared = vm.interp().shared_subclasses.borrow_mut();
        let list = shared.entry(std::ptr::from_ref(base).addr()).or_default();
        let word = p.expose_provenance();
        list.retain(|&t| t != word);
        if on {
            list.push(word);
        }
    }
}
