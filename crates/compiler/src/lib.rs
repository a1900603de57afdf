//! Syntax tree to scopes to register code.
//!
//! [`compile_module`] turns a tree of `taipan-syntax` into a code object of `taipan-bytecode`:
//! first the symbol table ([`build_symtable`]), then code, unit by unit.
//!
//! # Conventions that the runtime must know
//!
//! - Comprehension variables of inlined comprehensions live in temporaries. One that is read
//!   before it is bound is an empty temporary operand: `UnboundLocalError` without a known name.
//! - The extra words of `CALL_GLOBAL` and `CALL_ATTR` have the position of the looked-up name
//!   or attribute; the instruction itself that of the call.
//! - `UNPACK_SEQUENCE` may write locals: it must check the length before it writes anything.

mod annotations;
pub mod check;
mod class;
mod compiler;
mod comprehension;
mod emit;
mod errors;
mod expr;
mod fold;
mod function;
mod pattern;
pub mod scope;
mod stmt;
mod type_params;
mod unparse;
mod warn;

use std::rc::Rc;

use taipan_bytecode::Code;
use taipan_syntax::ast::Mod;

pub use errors::{CompileError, ErrorKind, Warning, WarningKind};
pub use scope::{FutureFeatures, SymbolTable, build_symtable};
pub use unparse::unparse;

/// How to compile.
#[derive(Clone, Debug)]
pub struct Options {
    /// `co_filename`.
    pub filename: Rc<str>,
    /// 0; 1 for `-O` (no asserts, `__debug__` is false); 2 for `-OO` (no docstrings either).
    pub optimize: u8,
    /// Future features that are on from the start, as `compile()` inherits them.
    pub future: FutureFeatures,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            filename: "<string>".into(),
            optimize: 0,
            future: FutureFeatures::default(),
        }
    }
}

/// Compiles a tree; the mode is the tree's own. Returns the code and the warnings in order.
pub fn compile_module(
    tree: &Mod,
    options: &Options,
) -> std::result::Result<(Code, Vec<Warning>), CompileError> {
    let table = scope::build_symtable(tree, options)?;
    compiler::compile(tree, &table, options)
}

/// Runs `f` with room on the native stack, however deep the tree.
#[inline]
pub(crate) fn deep<R>(f: impl FnOnce() -> R) -> R {
    stacker::maybe_grow(96 * 1024, 2 * 1024 * 1024, f)
}
