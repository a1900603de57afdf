//! What to say about source that the parser refused.
//!
//! CPython parses such source again with rules that match what is wrong, and
//! which error it tells depends on the order in which its grammar tries things.
//! So here a grammar much like CPython's ([`grammar`]) is run by a small engine
//! ([`engine`]): once to find the furthest token, once with the rules for errors.

mod engine;
mod first;
mod grammar;
mod nodes;
mod report;
mod strings;

use crate::error::{ErrorKind, RawError, SyntaxError};
use crate::lexer::LexError;
use crate::options::{Mode, ParseOptions};
use crate::parser::Tokens;
use crate::token::TokenKind;
use engine::Engine;
use grammar::Grammar;
use report::{finish, unclosed};

/// Where to start looking.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Start {
    /// The token from which on the parser is not sure that all is well.
    pub(crate) token: usize,
    /// The last compound statement before.
    pub(crate) last_statement: (u32, u32),
}

/// The error that CPython would raise; `found` is one that the parser has found
/// itself.
pub(crate) fn explain(
    text: &str,
    tokens: &Tokens,
    options: &ParseOptions,
    start: Start,
    found: Option<RawError>,
) -> SyntaxError {
    let mut last_statement = start.last_statement;
    let mut error = judge(text, tokens, options, start, found, &mut last_statement);
    error.last_statement = last_statement;
    error
}

fn judge(
    text: &str,
    tokens: &Tokens,
    options: &ParseOptions,
    start: Start,
    found: Option<RawError>,
    last_statement: &mut (u32, u32),
) -> SyntaxError {
    if text.is_empty() {
        return nothing_at_all(options.allow_incomplete_input);
    }
    if let Some(found) = found {
        if found.kind != ErrorKind::Syntax {
            return finish(text, tokens, found);
        }
        let fill = found.last_token + 1;
        return conclude(text, tokens, found, fill);
    }
    let from = start.token;
    let grammar = Grammar::get();
    let mut engine = Engine::new(&grammar, text, tokens, options, from);
    engine.last_statement = start.last_statement;
    let right = engine.run(options.mode, from, false);
    *last_statement = engine.last_statement;
    if right {
        return more_than_one(text, tokens, options, &engine);
    }
    if options.allow_incomplete_input && at_end(text, tokens, engine.fill) {
        let place = engine.last_place();
        let error = RawError {
            kind: ErrorKind::IncompleteInput,
            msg: "incomplete input".to_owned(),
            line: place.line,
            col: place.col,
            end_line: place.end_line,
            end_col: place.end_col,
            last_token: engine.fill - 1,
        };
        return finish(text, tokens, error);
    }
    let last = engine.fill - 1;
    if engine.error.is_none() {
        engine.run(options.mode, from, true);
        *last_statement = engine.last_statement;
    }
    if let Some(error) = engine.error.take() {
        return if engine.from_tokenizer {
            *last_statement = (0, 0);
            tokenizer_result(text, tokens, error)
        } else if error.kind != ErrorKind::Syntax && error.kind != ErrorKind::Indentation
            || at_end(text, tokens, engine.fill)
        {
            finish(text, tokens, error)
        } else {
            conclude(text, tokens, error, engine.fill)
        };
    }
    let token = engine.token(last);
    let (kind, msg) = match token.kind {
        TokenKind::Indent => (ErrorKind::Indentation, "unexpected indent"),
        TokenKind::Dedent => (ErrorKind::Indentation, "unexpected unindent"),
        _ => (ErrorKind::Syntax, "invalid syntax"),
    };
    let place = if kind == ErrorKind::Indentation {
        engine.last_place()
    } else {
        report::Where::range(token, token)
    };
    let error = RawError {
        kind,
        msg: msg.to_owned(),
        line: place.line,
        col: place.col,
        end_line: place.end_line,
        end_col: place.end_col,
        last_token: engine.fill - 1,
    };
    if kind == ErrorKind::Indentation {
        return finish(text, tokens, error);
    }
    conclude(text, tokens, error, engine.fill)
}

/// An error of the tokenizer, whose columns are in characters already if it was
/// complete.
fn tokenizer_result(text: &str, tokens: &Tokens, error: RawError) -> SyntaxError {
    match tokens.error.as_ref().and_then(LexError::raised) {
        Some(raised) => raised.clone(),
        None => finish(text, tokens, error),
    }
}

/// Before an error is told, CPython reads the rest of the source, for what the
/// tokenizer has to say counts more (but not what it says of an f-string).
fn conclude(text: &str, tokens: &Tokens, error: RawError, fill: usize) -> SyntaxError {
    if fill < tokens.list.len() && !tokens.stopped_in_fstring {
        if let Some(raised) = tokens.error.as_ref().and_then(LexError::raised) {
            return raised.clone();
        }
        if tokens.error.is_some()
            && let Some(bracket) = unclosed(tokens)
            && tokens.list[fill - 1].line > bracket.line
        {
            return finish(text, tokens, bracket);
        }
    }
    finish(text, tokens, error)
}

/// Whether the tokenizer has come to the end of the source.
fn at_end(text: &str, tokens: &Tokens, fill: usize) -> bool {
    let last = &tokens.list[fill - 1];
    match last.kind {
        TokenKind::EndMarker => true,
        TokenKind::ErrorToken => {
            matches!(tokens.error, Some(LexError::Eof | LexError::CutOff(_)))
        }
        // What the end brings with it.
        TokenKind::Newline | TokenKind::Dedent if last.start as usize >= text.len() => true,
        _ if text.ends_with('\n') => false,
        // Nothing is read ahead behind a string or the longest operators.
        TokenKind::String | TokenKind::FStringEnd | TokenKind::TStringEnd => false,
        TokenKind::Dot => matches!(&text[last.end as usize..], "" | "."),
        TokenKind::Ellipsis => false,
        kind if kind.text().len() == 3 && kind.text().ends_with('=') => false,
        _ => last.end as usize >= text.len(),
    }
}

/// The grammar is content, the parser was not: in single mode something follows
/// the statement.
fn more_than_one(
    text: &str,
    tokens: &Tokens,
    options: &ParseOptions,
    engine: &Engine,
) -> SyntaxError {
    let place = engine.last_place();
    let msg = if options.mode == Mode::Single {
        "multiple statements found while compiling a single statement"
    } else {
        "invalid syntax"
    };
    let error = RawError {
        kind: ErrorKind::Syntax,
        msg: msg.to_owned(),
        line: place.line,
        col: place.col,
        end_line: place.end_line,
        end_col: place.end_col,
        last_token: engine.fill - 1,
    };
    finish(text, tokens, error)
}

/// The error of an empty source that must not be empty.
fn nothing_at_all(incomplete: bool) -> SyntaxError {
    let (kind, msg) = if incomplete {
        (ErrorKind::IncompleteInput, "incomplete input")
    } else {
        (ErrorKind::Syntax, "invalid syntax")
    };
    SyntaxError {
        kind,
        msg: msg.to_owned(),
        line: 0,
        col: 0,
        end_line: 0,
        end_col: -(incomplete as i32),
        text: Some(String::new()),
        last_statement: (0, 0),
    }
}
