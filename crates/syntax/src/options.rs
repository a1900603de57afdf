//! What to parse, and what comes of it.

use crate::ast::Mod;
use crate::error::SyntaxWarning;

/// What kind of input the source is, as in `compile()`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Mode {
    /// A module.
    #[default]
    Exec,
    /// An expression.
    Eval,
    /// One interactive statement.
    Single,
    /// A function type comment's signature.
    FuncType,
}

/// How to parse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseOptions {
    /// What kind of input the source is.
    pub mode: Mode,
    /// Keep `# type:` comments (`PyCF_TYPE_COMMENTS`).
    pub type_comments: bool,
    /// `PyCF_ALLOW_INCOMPLETE_INPUT`: source that ends too early gives
    /// [`crate::ErrorKind::IncompleteInput`].
    pub allow_incomplete_input: bool,
    /// `PyCF_DONT_IMPLY_DEDENT`: in single mode, the end of the source does not
    /// end a block.
    pub dont_imply_dedent: bool,
    /// `from __future__ import barry_as_FLUFL`: `<>` instead of `!=`.
    pub barry_as_flufl: bool,
    /// The minor version of Python 3 whose syntax is allowed
    /// (`feature_version`).
    pub feature_version: u8,
    /// `sys.get_int_max_str_digits()`; 0 for no limit.
    pub int_max_str_digits: usize,
}

impl Default for ParseOptions {
    fn default() -> ParseOptions {
        ParseOptions {
            mode: Mode::Exec,
            type_comments: false,
            allow_incomplete_input: false,
            dont_imply_dedent: false,
            barry_as_flufl: false,
            feature_version: 14,
            int_max_str_digits: 4300,
        }
    }
}

/// A successful parse.
#[derive(Debug)]
pub struct Parsed {
    /// The tree.
    pub module: Mod,
    /// Warnings, in the order in which CPython gives them.
    pub warnings: Vec<SyntaxWarning>,
}
