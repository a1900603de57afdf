//! `_weakref`: the functions and classes behind `weakref`.

use taipan_macros::{function, module};
use taipan_runtime::core::{Payload, R, Ref, Value};
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::list;
use taipan_runtime::types::module::Module;
use taipan_runtime::types::weakref::{self, CallableProxy, Proxy, WeakRef};
use taipan_runtime::vm::Vm;

module! {
    /// Weak-reference support module.
    name = "_weakref",
    functions(getweakrefcount, getweakrefs, proxy, _remove_dead_weakref),
    types(WeakRef, Proxy, CallableProxy),
    exec = exec,
}

fn exec(_vm: &Vm, m: &Ref<Module>) -> R<()> {
    m.set("ref", WeakRef::TYPE.value());
    Ok(())
}

/// Return the number of weak references to 'object'.
#[function(sig = "(object, /)")]
fn getweakrefcount(vm: &Vm, object: &Value) -> usize {
    weakref::count(vm, object)
}

/// Return a list of all weak reference objects pointing to 'object'.
#[function(sig = "(object, /)")]
fn getweakrefs(vm: &Vm, object: &Value) -> Value {
    list::from_vec(weakref::list(vm, object)).into_value()
}

/// Create a proxy object that weakly references 'object'.
///
/// 'callback', if given, is called with a reference to the proxy when 'object' is about to be finalized.
#[function(sig = "(object, callback=None, /)")]
fn proxy(vm: &Vm, object: &Value, callback: &Value) -> R {
    weakref::new_proxy(vm, object, Some(callback.clone()))
}

/// Atomically remove key from dict if it points to a dead weakref.
#[function(sig = "(dct, key, /)")]
fn _remove_dead_weakref(vm: &Vm, dct: &Ref<Dict>, key: &Value) -> R<()> {
    match dct.get(vm, key)? {
        Some(v) if weakref::core(&v).is_none() => Err(vm.type_error("not a weakref")),
        Some(v) if weakref::is_dead(&v) => dct.remove(vm, key).map(drop),
        _ => Ok(()),
    }
}
