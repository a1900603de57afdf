//! `_ast`: the syntax tree as Python objects.
//!
//! Everything follows from the table in `grammar`: the classes, and the conversion of trees of `taipan_syntax` to
//! objects and back.

mod classes;
mod decode;
mod encode;
mod grammar;
mod node;
mod optimize;
mod repr;
mod validate;

use taipan_macros::module;
use taipan_runtime::compile::Request;
use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::native::TypeDef;
use taipan_runtime::types::module::Module;
use taipan_runtime::vm::Vm;
use taipan_syntax::Mode;
use taipan_syntax::ast::Mod;

use self::grammar::{NODES, SUMS};

/// The types of this room.
pub const TYPES: &[&TypeDef] = &[classes::Classes::DEF, node::Node::DEF];

module! {
    name = "_ast",
    exec = exec,
}

fn exec(vm: &Vm, m: &Ref<Module>) -> R<()> {
    let classes = classes::classes(vm)?;
    m.set("AST", classes.ast.clone());
    for (spec, cls) in SUMS.iter().zip(&classes.sums).chain(NODES.iter().zip(&classes.nodes)) {
        m.set(spec.name, cls.clone());
    }
    m.set("PyCF_ALLOW_TOP_LEVEL_AWAIT", Value::small(0x2000));
    m.set("PyCF_ONLY_AST", Value::small(0x400));
    m.set("PyCF_TYPE_COMMENTS", Value::small(0x1000));
    m.set("PyCF_OPTIMIZED_AST", Value::small(0x8400));
    Ok(())
}

/// The tree in an `ast` object; `None` for what is no such object.
///
/// Raises TypeError, ValueError and RecursionError for trees that can't be.
pub fn as_tree(vm: &Vm, source: &Value, mode: Mode) -> R<Option<Mod>> {
    if !vm.interp().statics.borrow().contains_key("_ast") {
        return Ok(None);
    }
    decode::tree(vm, source, mode)
}

/// A tree as an `ast` object.
///
/// Raises RecursionError for trees that are too deep.
pub fn to_object(vm: &Vm, mut tree: Mod, optimized: bool, request: &Request) -> R {
    if optimized {
        let options = optimize::Options { level: request.optimize, future_annotations: request.future.annotations };
        optimize::tree(&mut tree, options);
    }
    encode::tree(vm, &tree)
}
