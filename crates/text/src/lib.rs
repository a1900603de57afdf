//! Taipan: `text`. The algorithms behind `str`, `bytes`, `int`, `float` and `complex` that need no
//! knowledge of Python objects.
//!
//! Everything works on plain data. A Python string holds 1, 2 or 4 bytes a character, lone
//! surrogates allowed, so functions over text take `&[C]` with [`CodeUnit`] or iterators of `u32`
//! code points. Nothing here panics, whatever the input; what can fail says how in its type.

pub mod codec;
pub mod escape;
pub mod float;
pub mod format;
pub mod hash;
pub mod int;
pub mod search;
pub mod unicode;
mod units;

pub use units::{CodeUnit, code_points, string_from_code_points, widest};
