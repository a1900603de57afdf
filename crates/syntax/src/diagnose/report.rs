//! From an error in the parser's terms to one in those of Python: which line is
//! shown, and columns in characters.

use crate::error::{ErrorKind, RawError, SyntaxError, char_offset};
use crate::lexer::LexError;
use crate::parser::Tokens;
use crate::token::{NO_COLUMN, Token, TokenKind};

/// A place: lines from 1, columns in bytes from 0, -1 for none.
#[derive(Clone, Copy, Debug)]
pub(super) struct Where {
    pub(super) line: u32,
    pub(super) col: i32,
    pub(super) end_line: u32,
    pub(super) end_col: i32,
}

impl Where {
    /// From the start of a token to the end of another.
    pub(super) fn range(first: &Token, last: &Token) -> Where {
        let column = |token: &Token, col: u32| {
            if token.col == NO_COLUMN {
                -1
            } else {
                col as i32
            }
        };
        Where {
            line: first.line,
            col: column(first, first.col),
            end_line: last.end_line,
            end_col: column(last, last.end_col),
        }
    }
}

/// The error that ended the tokens.
pub(super) fn tokenizer_error(text: &str, tokens: &Tokens) -> RawError {
    let (pos, line, line_start) = tokens.stopped;
    let last_token = tokens.list.len() - 1;
    let error = |kind, msg: &str, col: i32, end_col: i32| RawError {
        kind,
        msg: msg.to_owned(),
        line,
        col,
        end_line: line,
        end_col,
        last_token,
    };
    let column = (pos - line_start) as i32;
    match &tokens.error {
        Some(LexError::Raised(raised) | LexError::CutOff(raised)) => RawError {
            kind: raised.kind,
            msg: raised.msg.clone(),
            line: raised.line,
            col: raised.col,
            end_line: raised.end_line,
            end_col: raised.end_col,
            last_token,
        },
        Some(LexError::Eof) | None => match unclosed(tokens) {
            Some(error) => error,
            None => error(
                ErrorKind::Syntax,
                "unexpected EOF while parsing",
                column - 1,
                -2,
            ),
        },
        Some(LexError::Dedent) => error(
            ErrorKind::Indentation,
            "unindent does not match any outer indentation level",
            column - 1,
            -2,
        ),
        Some(LexError::TabSpace) => error(
            ErrorKind::Tab,
            "inconsistent use of tabs and spaces in indentation",
            0,
            -1,
        ),
        Some(LexError::TooDeep) => error(
            ErrorKind::Indentation,
            "too many levels of indentation",
            0,
            -1,
        ),
        Some(LexError::LineContinuation) => error(
            ErrorKind::Syntax,
            "unexpected character after line continuation character",
            (pos - buffer_start(text, tokens)) as i32 - 1,
            -1,
        ),
    }
}

/// The innermost bracket that is open at the end of the tokens.
pub(super) fn unclosed(tokens: &Tokens) -> Option<RawError> {
    let bracket = tokens.brackets.last()?;
    Some(RawError {
        kind: ErrorKind::Syntax,
        msg: format!("'{}' was never closed", bracket.ch as char),
        line: bracket.line,
        col: bracket.col as i32,
        end_line: bracket.line,
        end_col: -1,
        last_token: tokens.list.len() - 1,
    })
}

/// The error as Python shows it.
pub(super) fn finish(text: &str, tokens: &Tokens, error: RawError) -> SyntaxError {
    let line_text = if matches!(error.kind, ErrorKind::Memory | ErrorKind::Recursion) {
        None
    } else {
        Some(shown_text(text, tokens, error.line, error.last_token))
    };
    let bytes = line_text.as_deref().unwrap_or_default().as_bytes();
    let col = error.col + 1;
    let end_col = error.end_col + 1;
    SyntaxError {
        kind: error.kind,
        msg: error.msg,
        line: error.line,
        col: if col > 0 {
            char_offset(bytes, col as usize)
        } else {
            col
        },
        end_line: error.end_line,
        end_col: if end_col > 0 {
            char_offset(bytes, end_col as usize)
        } else {
            end_col
        },
        text: line_text,
        last_statement: (0, 0),
    }
}

/// The line of an error as CPython shows it: with its newline if the tokenizer
/// has not gone on to the next.
fn shown_text(text: &str, tokens: &Tokens, line: u32, last_token: usize) -> String {
    let reached = &tokens.list[last_token.min(tokens.list.len() - 1)];
    let current = if reached.kind == TokenKind::ErrorToken {
        tokens.stopped.1
    } else {
        reached.end_line
    };
    let rest = &text[line_start(text, line)..];
    if reached.kind == TokenKind::ErrorToken && matches!(tokens.error, Some(LexError::CutOff(_))) {
        // The whole of a string without end.
        return rest.to_owned();
    }
    let len = rest.find('\n').unwrap_or(rest.len());
    let newline = current <= line && len < rest.len();
    rest[..len + newline as usize].to_owned()
}

fn line_start(text: &str, line: u32) -> usize {
    if line <= 1 {
        return 0;
    }
    memchr::memchr_iter(b'\n', text.as_bytes())
        .nth(line as usize - 2)
        .map_or(text.len(), |at| at + 1)
}

/// Where the tokenizer's buffer starts when it stops: at the line's start,
/// unless a token or a backslash reached over from lines before.
fn buffer_start(text: &str, tokens: &Tokens) -> usize {
    let mut line = tokens.stopped.1;
    loop {
        let reaches = |t: &&Token| t.end_line == line && t.line < line;
        if let Some(token) = tokens.list.iter().rev().find(reaches) {
            line = token.line;
        } else if continues(text, line) {
            line -= 1;
        } else {
            return line_start(text, line);
        }
    }
}

/// Whether a backslash joins a line to the one before, which is more than
/// indentation.
fn continues(text: &str, line: u32) -> bool {
    let Some(before) = text[..line_start(text, line)].strip_suffix("\\\n") else {
        return false;
    };
    let before = &before[before.rfind('\n').map_or(0, |at| at + 1)..];
    !before.trim().is_empty() && !before.contains('#')
}
