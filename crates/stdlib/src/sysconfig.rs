//! `_sysconfig`: what sysconfig can't read from a file.

use taipan_macros::{function, module};
use taipan_runtime::core::{Ref, Value};
use taipan_runtime::types::dict::Dict;
use taipan_runtime::vm::Vm;

module! {
    /// A helper for the sysconfig module.
    name = "_sysconfig",
    functions(config_vars),
}

/// Returns a dictionary containing build variables intended to be exposed by sysconfig.
#[function(sig = "()")]
fn config_vars(_vm: &Vm) -> Ref<Dict> {
    let vars = Ref::new(Dict::new());
    vars.set_str("Py_GIL_DISABLED", Value::from(0));
    vars
}
