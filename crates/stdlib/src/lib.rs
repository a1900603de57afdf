//! The native modules, one file or folder each, named as Python names them.

pub mod ast;
pub mod builtins;
pub mod cmath;
pub mod imp;
pub mod import;
pub mod math;
pub mod lifecycle;
pub mod repl;
pub mod stdio_min;
pub mod sys;

use taipan_runtime::native::{ModuleDef, TypeDef};

/// Every native module.
pub static MODULES: &[&ModuleDef] = &[
    &builtins::MODULE,
    &cmath::MODULE,
    &imp::MODULE,
    &math::MODULE,
    &sys::MODULE,
];

/// Classes of native modules, which are part of the shared image.
pub static TYPES: &[&TypeDef] = &[stdio_min::MinimalStream::DEF,];
