//! What to say about source that the parser refused.

use crate::error::{ErrorKind, RawError, SyntaxError};
use crate::options::ParseOptions;
use crate::parser::Tokens;

/// The error that CPython would raise.
pub(crate) fn explain(
    _text: &str,
    _tokens: &Tokens,
    _options: &ParseOptions,
    error: Option<RawError>,
) -> SyntaxError {
    let error = error.unwrap_or(RawError { kind: ErrorKind::Syntax, msg: "invalid syntax".into(), line: 1, col: 0, end_line: 1, end_col: 0, last_token: 0 });
    SyntaxError { kind: error.kind, msg: error.msg, line: error.line, col: error.col, end_line: error.end_line, end_col: error.end_col, text: None, last_statement: (0,0) }
}
