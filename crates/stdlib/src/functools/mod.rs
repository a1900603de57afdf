//! `_functools`: functions about functions.

mod key;
mod lru;
mod partial;

use taipan_macros::{function, module};
use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::native::TypeDef;
use taipan_runtime::types::exceptions as exc;
use taipan_runtime::types::module::Module;
use taipan_runtime::vm::Vm;

/// The classes of this module.
pub const TYPES: &[&TypeDef] =
    &[partial::Placeholder::DEF, partial::Partial::DEF, key::KeyWrapper::DEF, lru::LruWrapper::DEF];

module! {
    /// Tools that operate on functions.
    name = "_functools",
    functions(key::cmp_to_key, reduce),
    types(partial::Placeholder, partial::Partial, lru::LruWrapper),
    exec = exec,
}

fn exec(vm: &Vm, module: &Ref<Module>) -> R<()> {
    module.set("Placeholder", partial::placeholder(vm)?);
    Ok(())
}

/// Apply a function of two arguments cumulatively to the items of an iterable, from left to right.
///
/// This effectively reduces the iterable to a single value. If initial is present, it is placed before the items of
/// the iterable in the calculation, and serves as a default when the iterable is empty.
///
/// For example, reduce(lambda x, y: x+y, [1, 2, 3, 4, 5]) calculates ((((1 + 2) + 3) + 4) + 5).
#[function(sig = "(function, iterable, /, initial=<unrepresentable>)")]
fn reduce(vm: &Vm, function: &Value, iterable: &Value, initial: Option<&Value>) -> R {
    let it = vm.iter(iterable).map_err(|r| {
        if !vm.raised_is(&exc::TYPE_ERROR) {
            return r;
        }
        drop(vm.catch(r));
        vm.type_error("reduce() arg 2 must support iteration")
    })?;
    let mut result = initial.cloned();
    while let Some(v) = vm.next(&it)? {
        result = Some(match result {
            None => v,
            Some(r) => vm.call(function, &[r, v])?,
        });
    }
    vm.forget_stop_value();
    result.ok_or_else(|| vm.type_error("reduce() of empty iterable with no initial value"))
}
