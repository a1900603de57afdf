//! Weak references: kept beside the objects, in a table by address, so that objects pay nothing for them.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use taipan_memory::{Header, flags};

use super::Vm;
use crate::core::{PyCell, Value};
use crate::types::function::Function;

/// Spreads addresses, of which nobody outside can choose many.
#[derive(Default)]
pub struct AddressHasher(u64);

impl Hasher for AddressHasher {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for &b in bytes {
            self.write_usize(b.into());
        }
    }
    fn write_usize(&mut self, n: usize) {
        self.0 = (self.0 ^ n as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(26);
    }
}

/// Live weak references by the address of their referent, newest last.
#[derive(Default)]
pub struct WeakTable {
    by_referent: PyCell<HashMap<usize, Vec<*const Header>, BuildHasherDefault<AddressHasher>>>,
}

impl WeakTable {
    /// Enters a weak reference object for a referent.
    pub fn add(&self, referent: &Header, weak: &Header) {
        // What never dies is shared by all interpreters: it is not marked, and needs no mark.
        if !referent.is_immortal() {
            referent.set(flags::WEAKREFS);
        }
        self.by_referent.borrow_mut().entry(std::ptr::from_ref(referent).addr()).or_default().push(weak);
    }

    /// A weak reference object dies.
    pub fn remove(&self, referent: &Header, weak: &Header) {
        let mut map = self.by_referent.borrow_mut();
        let key = std::ptr::from_ref(referent).addr();
        if let Some(list) = map.get_mut(&key) {
            list.retain(|&w| !std::ptr::eq(w, weak));
            if list.is_empty() {
                map.remove(&key);
                if !referent.is_immortal() {
                    referent.unset(flags::WEAKREFS);
                }
            }
        }
    }

    /// The weak references to an object, oldest first, as new owned values.
    pub fn of(&self, referent: &Header) -> Vec<Value> {
        let map = self.by_referent.borrow();
        let Some(list) = map.get(&std::ptr::from_ref(referent).addr()) else { return Vec::new() };
        list.iter()
            .filter_map(|&w| {
                // SAFETY: weak reference objects leave the table before they die; one whose count is zero is
                // about to, and must not come to life again.
                unsafe {
                    if (*w).count() == 0 {
                        return None;
                    }
                    (*w).retain();
                    Some(Value::from_raw(w.expose_provenance() as u64))
                }
            })
            .collect()
    }

    /// The first weak reference to an object that `fits`, as a new owned value. `fits` runs no Python code.
    pub fn find(&self, referent: &Header, fits: impl Fn(&Value) -> bool) -> Option<Value> {
        let map = self.by_referent.borrow();
        let list = map.get(&std::ptr::from_ref(referent).addr())?;
        list.iter().find_map(|&w| {
            // SAFETY: as in `of`; the value borrows the table's pointer and is not dropped.
            unsafe {
                if (*w).count() == 0 {
                    return None;
                }
                let v = std::mem::ManuallyDrop::new(Value::from_raw(w.expose_provenance() as u64));
                fits(&v).then(|| Value::clone(&v))
            }
        })
    }

    /// Whether any weak reference to an object has a callback that is no function of the library.
    pub(super) fn has_visible_callback(&self, referent: &Header) -> bool {
        let map = self.by_referent.borrow();
        let Some(list) = map.get(&std::ptr::from_ref(referent).addr()) else { return false };
        list.iter().any(|&w| {
            // SAFETY: as in `find`.
            let v = unsafe { std::mem::ManuallyDrop::new(Value::from_raw(w.expose_provenance() as u64)) };
            let callback = crate::types::weakref::core(&v).and_then(crate::types::weakref::WeakCore::callback);
            callback.is_some_and(|f| f.downcast_exact::<Function>().is_none_or(|f| !f.code.borrow().is_of_library()))
        })
    }

    /// Takes all weak references of an object out, as new owned values. Those that are dying themselves forget it.
    pub fn take(&self, referent: &Header) -> Vec<Value> {
        let out = self.of(referent);
        let list = self.by_referent.borrow_mut().remove(&std::ptr::from_ref(referent).addr());
        for w in list.unwrap_or_default() {
            // SAFETY: as in `of`.
            unsafe {
                if (*w).count() == 0 {
                    crate::types::weakref::detach_dying(w);
                }
            }
        }
        if !referent.is_immortal() {
            referent.unset(flags::WEAKREFS);
        }
        out
    }
}

/// Clears the weak references of a dying object, then calls their callbacks, newest first.
pub(super) fn clear_for_dealloc(vm: &Vm, h: &Header) {
    let refs = vm.interp().weakrefs.take(h);
    clear(vm, &refs);
}

/// Clears weak references that left the table, then calls their callbacks, newest first.
pub fn clear(vm: &Vm, refs: &[Value]) {
    call(vm, clear_silently(refs));
}

/// Clears weak references that left the table; gives those with callbacks, newest first.
pub fn clear_silently(refs: &[Value]) -> Vec<(Value, Value)> {
    let cleared = refs.iter().rev().map(|r| Some((r.clone(), crate::types::weakref::core(r)?.clear()?)));
    // All are cleared before anything runs.
    cleared.collect::<Vec<_>>().into_iter().flatten().collect()
}

/// Calls the callbacks of cleared weak references.
pub fn call(vm: &Vm, callbacks: Vec<(Value, Value)>) {
    for (r, f) in callbacks {
        vm.preserving_raised(|| {
            if let Err(e) = vm.call(&f, std::slice::from_ref(&r)) {
                vm.unraisable(e, Some("Exception ignored while calling weakref callback"), &f);
            }
        });
    }
}
