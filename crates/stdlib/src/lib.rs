//! The native modules, one file or folder each, named as Python names them.

pub mod builtins;
pub mod imp;
pub mod import;
pub mod lifecycle;
pub mod repl;
pub mod sys;

use taipan_runtime::native::{ModuleDef, TypeDef};

/// Every native module.
pub static MODULES: &[&ModuleDef] = &[
    &builtins::MODULE,
    &imp::MODULE,
    &sys::MODULE,
];

/// Classes of native modules, which are part of the shared image.
pub static TYPES: &[&TypeDef] = &[];
