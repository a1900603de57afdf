//! Trees of `taipan_syntax` as objects of the module `ast`, and back.

use taipan_runtime::compile::Request;
use taipan_runtime::core::{R, Value};
use taipan_runtime::vm::Vm;
use taipan_syntax::Mode;
use taipan_syntax::ast::Mod;

/// The tree in an `ast` object; `None` for what is no such object.
pub fn as_tree(_vm: &Vm, _source: &Value, _mode: Mode) -> R<Option<Mod>> {
    Ok(None)
}

/// A tree as an `ast` object.
pub fn to_object(vm: &Vm, _tree: &Mod, _optimized: bool, _request: &Request) -> R {
    Err(vm.not_implemented_error("the module ast is not there yet"))
}
