//! The runtime: values and objects, every builtin type, exceptions, frames, the loop.
//!
//! `core` is what everything is made of, `types` has a room for each builtin type, `vm` is the state of
//! threads and interpreters and the abstract operations, `interp` runs code, `native` is how native code
//! is declared.

extern crate self as taipan_runtime;

pub mod compile;
pub mod core;
pub mod interp;
pub mod native;
pub mod types;
pub mod vm;

/// The version of Python that this is.
pub const VERSION: &str = "3.14.0";
