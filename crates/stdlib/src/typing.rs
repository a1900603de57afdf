//! `_typing`: the classes behind `typing` that the interpreter itself needs.

use taipan_macros::{function, module};
use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::types::module::Module;
use taipan_runtime::types::typevar;
use taipan_runtime::vm::Vm;

module! {
    /// Primitives and accelerators for the typing module.
    name = "_typing",
    functions(_idfunc),
    exec = exec,
}

fn exec(vm: &Vm, m: &Ref<Module>) -> R<()> {
    for (name, value) in typevar::exports(vm)? {
        m.set(name, value);
    }
    Ok(())
}

#[function(sig = "(x, /)")]
fn _idfunc(_vm: &Vm, x: &Value) -> Value {
    x.clone()
}
