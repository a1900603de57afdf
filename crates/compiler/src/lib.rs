//! Syntax tree to scopes to register code.
//!
//! [`compile_module`] turns a tree of `taipan-syntax` into a code object of `taipan-bytecode`:
//! first the symbol table ([`build_symtable`]), then code, unit by unit.
//!
//! # Conventions that the runtime must know
//!
//! - A cell's register is read like any other: `MOVE` of it copies the cell itself (for a closure
//!   tuple), `STORE_NAME` of it stores the cell (`__classcell__`).
//! - The variables of inlined comprehensions are temporaries that are read without being taken.
//!   Nothing that is certain to be bound later is read before; a comprehension that may read a
//!   variable too early is a function of its own, so that the error has a name.
//! - The extra words of `CALL_GLOBAL` and `CALL_ATTR` have the position of the looked-up name
//!   or attribute in the line table; the instruction word itself has that of the call.
//! - `UNPACK_SEQUENCE` may write locals that follow one another: it must know that the length is
//!   right before it writes anything.
//! - `INPLACE` is set on the `_INT` forms of arithmetic too.
//! - An instruction may write a register that it also reads (`ADD r, r!, x`; `CALL r.., n =r`):
//!   operands are taken out before the result is written.
//! - Writing over a temporary that holds a value happens only by `MOVE` (the result of an await
//!   replaces its receiver) and by `FOR_ITER`, and drops the old value.
//! - `CLEAR` is also used where a register may be empty.
//! - Fused jumps and `FOR_ITER` go backward at the bottom of loops, so they are eval-breaker points
//!   when their target is behind them.
//! - Handler entries do not overlap: what happens in a handler has the entry of its own clean-up.
//! - The default of an evaluator of a type parameter or alias is the tuple `(1,)`: the format.

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
pub mod optimize;
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
