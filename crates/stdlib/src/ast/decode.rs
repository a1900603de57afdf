//! From objects to a tree.

use super::classes::classes;
use taipan_runtime::core::{R, Value};
use taipan_runtime::vm::Vm;
use taipan_syntax::Mode;
use taipan_syntax::ast::Mod;

/// The tree in an object; `None` if it is none of `ast`.
pub fn tree(vm: &Vm, source: &Value, _mode: Mode) -> R<Option<Mod>> {
    let classes = classes(vm)?;
    let ast = classes.ast.as_type();
    if !ast.is_some_and(|t| source.ty().is_subtype_of(t)) {
        return Ok(None);
    }
    Err(vm.not_implemented_error("compiling trees is not there yet"))
}
