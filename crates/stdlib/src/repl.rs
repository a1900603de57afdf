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
    let code = import::import_module(vm, "code")?;
    let f = vm.get_attr_str(&code, "interact")?;
    let quiet = after_program || vm.interp().config.quiet;
    let banner = if quiet {
        String::new()
    } else {
        format!("Python {} on linux\nType \"help\", \"copyright\", \"credits\" or \"license\" for more information.", crate::sys::version_text())
    };
    vm.call_kw(&f, &[], &[
        ("banner", str::from_str(&banner)),
        ("local", main.dict.clone().into_value()),
        ("exitmsg", str::from_str("")),
        ("local_exit", Value::FALSE),
    ])?;
    Ok(())
}
