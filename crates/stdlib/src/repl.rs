//! The interactive interpreter.

use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::types::module::Module;
use taipan_runtime::types::str;
use taipan_runtime::vm::Vm;

use crate::import;

/// Reads, runs and shows statements until the end of input.
///
/// `after_program`: the banner is left out, as behind `-i`.
pub fn run(vm: &Vm, main: &Ref<Module>, after_program: bool) -> R<()> {
    let repl = import::import_module(vm, "_taipan_repl")?;
    let f = vm.get_attr_str(&repl, "run")?;
    let quiet = after_program || vm.interp().config.quiet;
    let banner = if quiet {
        String::new()
    } else {
        format!("Python {} on linux\nType \"help\", \"copyright\", \"credits\" or \"license\" for more information.", crate::sys::version_text())
    };
    vm.call(&f, &[main.dict.clone().into_value(), str::from_str(&banner), Value::bool(!after_program)])?;
    Ok(())
}
