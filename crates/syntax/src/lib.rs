//! Text to tokens to syntax tree for Python 3.14, hand-written, with CPython's
//! own wording and positions for every error.
//!
//! [`parse_module`] (or [`parse`] for the other modes) gives a tree or the error
//! that CPython would raise. It works in two steps: `parser` is a fast
//! recursive-descent parser that knows only whether the source is right; when it
//! is not, `diagnose` reads the tokens again with a slower, more talkative
//! grammar to find out what to say.

#![forbid(unsafe_code)]

mod aliases;
pub mod ast;
mod diagnose;
mod error;
mod ident;
mod lexer;
mod literal;
mod options;
mod parser;
mod repr;
pub mod source;
mod token;
pub mod tokenize;
mod unparse;

pub use error::{ErrorKind, SyntaxError, SyntaxWarning};
pub use options::{Mode, ParseOptions, Parsed};
pub use parser::{parse, parse_module, parse_noting};
pub use repr::{bytes_repr, float_repr, repr, str_repr};
pub use source::{DecodeError, DecodedSource, decode_source};
pub use token::{NO_COLUMN, Token, TokenKind};
pub use unparse::unparse_expr;
