//! What the compiler reports: errors that stop it and warnings that do not.

use std::fmt;

use taipan_syntax::ast::Span;

/// Which exception the error becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// `SyntaxError`
    Syntax,
    /// `RecursionError`, for trees that are too deep.
    Recursion,
    /// `OverflowError`, for code that does not fit its format.
    Overflow,
    /// `SystemError` or `ValueError`-like trouble: a tree that no parser makes.
    Value,
}

/// Why a tree could not be compiled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompileError {
    /// The exception's class.
    pub kind: ErrorKind,
    /// CPython's message.
    pub msg: String,
    /// Where.
    pub span: Span,
}

impl CompileError {
    /// A `SyntaxError`.
    #[cold]
    pub fn syntax(msg: impl Into<String>, span: Span) -> Self {
        Self {
            kind: ErrorKind::Syntax,
            msg: msg.into(),
            span,
        }
    }

    /// An `OverflowError`.
    #[cold]
    pub fn overflow(msg: impl Into<String>, span: Span) -> Self {
        Self {
            kind: ErrorKind::Overflow,
            msg: msg.into(),
            span,
        }
    }

    /// A `ValueError` for a tree that no parser makes.
    #[cold]
    pub fn value(msg: impl Into<String>, span: Span) -> Self {
        Self {
            kind: ErrorKind::Value,
            msg: msg.into(),
            span,
        }
    }
}

impl fmt::Display for CompileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (line {})", self.msg, self.span.line)
    }
}

impl std::error::Error for CompileError {}

/// The category of a warning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WarningKind {
    /// `SyntaxWarning`
    Syntax,
    /// `DeprecationWarning`
    Deprecation,
}

/// A warning, in the order in which CPython would issue it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// Its category.
    pub kind: WarningKind,
    /// CPython's message.
    pub msg: String,
    /// Where.
    pub span: Span,
}

/// The result of one step of the compiler.
pub type Result<T> = std::result::Result<T, CompileError>;
