//! Errors and warnings as data; the runtime makes exceptions of them.

/// Which exception an error becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// `SyntaxError`
    Syntax,
    /// `IndentationError`
    Indentation,
    /// `TabError`
    Tab,
    /// `_IncompleteInputError`, which `codeop` waits for.
    IncompleteInput,
    /// `MemoryError`: nested deeper than the parser goes.
    Memory,
    /// `RecursionError`: a tree deeper than anyone can walk.
    Recursion,
    /// `ValueError`, where CPython raises that.
    Value,
    /// `OverflowError`, likewise.
    Overflow,
}

/// An error of the source text, in the terms of Python's `SyntaxError`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// The exception's type.
    pub kind: ErrorKind,
    /// `msg`
    pub msg: String,
    /// `lineno`
    pub line: u32,
    /// `offset`: in characters, from 1; 0 and -1 occur as in CPython.
    pub col: i32,
    /// `end_lineno`
    pub end_line: u32,
    /// `end_offset`
    pub end_col: i32,
    /// `text`: the line of the error, if there is one.
    pub text: Option<String>,
    /// `_metadata` without the source: line and column of the last statement
    /// that was parsed, from which `traceback` looks for misspelt keywords.
    pub last_statement: (u32, u32),
}

/// A `SyntaxWarning` (or `DeprecationWarning`) of the tokenizer or parser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxWarning {
    /// The message.
    pub msg: String,
    /// The line, from 1.
    pub line: u32,
    /// The column in characters from 1, of use when the warning is made an
    /// error; 0 if unknown.
    pub col: i32,
    /// Line of the end.
    pub end_line: u32,
    /// Column of the end.
    pub end_col: i32,
    /// The message of the `SyntaxError` that CPython raises instead when the
    /// warning filter says "error".
    pub error_msg: String,
}

/// The number of characters in the first `len` bytes of `line`, a cut-off
/// character counting as one. Past the end, one is counted for the newline.
pub(crate) fn char_offset(line: &[u8], len: usize) -> i32 {
    let len = len.min(line.len() + 1);
    let whole = &line[..len.min(line.len())];
    let chars = whole.iter().filter(|&&b| b & 0xC0 != 0x80).count();
    (chars + (len - whole.len())) as i32
}

/// An error whose place is still in the parser's terms; `diagnose` makes a
/// [`SyntaxError`] of it.
#[derive(Clone, Debug)]
pub(crate) struct RawError {
    pub(crate) kind: ErrorKind,
    pub(crate) msg: String,
    pub(crate) line: u32,
    /// In bytes, from 0; -1 for none.
    pub(crate) col: i32,
    pub(crate) end_line: u32,
    pub(crate) end_col: i32,
    /// The furthest token that was looked at.
    pub(crate) last_token: usize,
}
