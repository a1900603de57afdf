//! Text to tokens to syntax tree for Python 3.14, hand-written, with CPython's
//! own wording and positions for every error.

pub mod ast;
