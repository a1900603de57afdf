//! String literals: decoding, and the concatenation of neighbours.

use super::{Fail, PResult, Parser, token_span};
use crate::ast::*;
use crate::error::{SyntaxWarning, char_offset};
use crate::literal::{self, BadEscape, FirstBad};
use crate::token::{Token, TokenKind};

/// One of several literals side by side.
pub(super) enum Piece {
    /// Text, with its span and whether its prefix is `u`.
    Text(Vec<u8>, Span, bool),
    /// A replacement field.
    Field(Expr),
}

/// The parts of a `STRING` token.
pub(crate) struct Literal<'a> {
    pub(crate) body: &'a str,
    pub(crate) raw: bool,
    pub(crate) bytes: bool,
    pub(crate) unicode: bool,
}

/// A `STRING` token without prefix and quotes.
pub(crate) fn take_apart(text: &str) -> Literal<'_> {
    let quote_at = text.find(['"', '\'']).unwrap_or(0);
    let (prefix, quoted) = text.split_at(quote_at);
    let has = |c: char| prefix.chars().any(|p| p.eq_ignore_ascii_case(&c));
    let triple = quoted.len() >= 6 && {
        let bytes = quoted.as_bytes();
        bytes[0] == bytes[1] && bytes[0] == bytes[2]
    };
    let size = if triple { 3 } else { 1 };
    Literal {
        body: &quoted[size..quoted.len() - size],
        raw: has('r'),
        bytes: has('b'),
        unicode: prefix.starts_with('u'),
    }
}

fn constant(value: Constant, unicode: bool) -> ExprKind {
    ExprKind::Constant {
        value,
        kind: unicode.then_some('u'),
    }
}

impl Parser<'_> {
    /// One or more string literals side by side, f-strings and t-strings
    /// included.
    pub(super) fn strings(&mut self) -> PResult<Expr> {
        let start = self.start();
        if self.kind() == TokenKind::String && !self.string_follows() {
            return self.single_string();
        }
        let mut pieces = Vec::new();
        let (mut plain, mut bytes, mut f, mut t) = (0, 0, 0, 0);
        let mut all_bytes = Vec::new();
        let template = self.kind() == TokenKind::TStringStart;
        loop {
            match self.kind() {
                TokenKind::String if !template => {
                    let token = *self.token();
                    self.advance();
                    let literal = take_apart(self.text(&token));
                    if literal.bytes {
                        bytes += 1;
                        all_bytes.extend(self.bytes_value(&literal, &token)?);
                    } else {
                        plain += 1;
                        let text = self.string_value(&literal, &token)?;
                        pieces.push(Piece::Text(text, token_span(&token), literal.unicode));
                    }
                }
                TokenKind::FStringStart if !template => {
                    f += 1;
                    self.deeper(|p| p.fstring(&mut pieces))?;
                }
                TokenKind::TStringStart if template => {
                    t += 1;
                    self.deeper(|p| p.fstring(&mut pieces))?;
                }
                _ => break,
            }
        }
        if bytes > 0 && plain + f > 0 {
            return Err(Fail);
        }
        if matches!(
            self.kind(),
            TokenKind::String | TokenKind::FStringStart | TokenKind::TStringStart
        ) {
            return Err(Fail);
        }
        if bytes > 0 {
            let value = Constant::Bytes(all_bytes.into());
            return Ok(self.expr(start, constant(value, false)));
        }
        if f + t == 0 {
            let Some(Piece::Text(mut text, _, unicode)) = pieces.first_mut().map(take_piece) else {
                return Err(Fail);
            };
            for piece in &pieces[1..] {
                if let Piece::Text(more, ..) = piece {
                    text.extend(more);
                }
            }
            let value = Constant::Str(PyString::from_wtf8(&text));
            return Ok(self.expr(start, constant(value, unicode)));
        }
        let values = merge(pieces);
        let kind = if t > 0 {
            ExprKind::TemplateStr { values }
        } else {
            ExprKind::JoinedStr { values }
        };
        Ok(self.expr(start, kind))
    }

    fn string_follows(&self) -> bool {
        matches!(
            self.kind_at(1),
            TokenKind::String | TokenKind::FStringStart | TokenKind::TStringStart
        )
    }

    /// The common case: one literal without neighbours.
    fn single_string(&mut self) -> PResult<Expr> {
        let token = *self.token();
        self.advance();
        let literal = take_apart(self.text(&token));
        let value = if literal.bytes {
            Constant::Bytes(self.bytes_value(&literal, &token)?.into())
        } else if literal.raw || !literal.body.contains('\\') {
            Constant::Str(PyString::from(literal.body))
        } else {
            Constant::Str(PyString::from_wtf8(&self.string_value(&literal, &token)?))
        };
        Ok(Expr {
            kind: constant(value, literal.unicode),
            span: token_span(&token),
        })
    }

    fn string_value(&mut self, literal: &Literal, token: &Token) -> PResult<Vec<u8>> {
        self.decode(literal.body, literal.raw, token)
    }

    /// Decodes the text of a literal, or of a part of an f-string.
    /// `token` is the literal, the part of a format specification, or the end of
    /// the f-string.
    pub(super) fn decode(&mut self, body: &str, raw: bool, token: &Token) -> PResult<Vec<u8>> {
        if raw || !body.contains('\\') {
            return Ok(body.as_bytes().to_vec());
        }
        let mut bad = None;
        match literal::string(body, &mut bad) {
            Ok(text) => {
                self.warn_escape(bad, token, false);
                Ok(text)
            }
            // `diagnose` tells this when its turn comes.
            Err(_) => Err(Fail),
        }
    }

    fn bytes_value(&mut self, literal: &Literal, token: &Token) -> PResult<Vec<u8>> {
        if !literal.body.is_ascii() {
            return Err(Fail);
        }
        let mut bad = None;
        match literal::bytes(literal.body, literal.raw, &mut bad) {
            Ok(bytes) => {
                self.warn_escape(bad, token, true);
                Ok(bytes)
            }
            Err(_) => Err(Fail),
        }
    }

    /// Warns of the first bad escape of a literal, at the place that CPython
    /// works out for it.
    #[cold]
    fn warn_escape(&mut self, bad: FirstBad, token: &Token, bytes: bool) {
        let Some((bad, lines, width)) = bad else {
            return;
        };
        let (what, escape) = match bad {
            BadEscape::Char(c) => {
                // The lexer has warned of these already.
                if token.kind != TokenKind::String && matches!(c, '{' | '}') {
                    return;
                }
                ("invalid escape sequence", c.to_string())
            }
            BadEscape::Octal(value) => ("invalid octal escape sequence", format!("{value:o}")),
        };
        // What the text of an f-string says is told at its end.
        let text = self.text(token);
        let quote = match text.as_bytes() {
            _ if bytes => 0,
            [b'"', b'"', b'"', ..] | [b'\'', b'\'', b'\'', ..] if text.len() > 2 => 3,
            [b'"' | b'\'', ..] => 1,
            _ => 0,
        };
        let col = if lines > 0 {
            width
        } else {
            token.col as usize + quote + width
        };
        let start = token.start as usize - token.col as usize;
        let shown = self.src[start..].split_inclusive('\n');
        let shown = shown.take(lines as usize + 1).last();
        let shown = shown.unwrap_or_default().as_bytes();
        let line = token.line + lines;
        let warning = SyntaxWarning {
            msg: format!(
                "\"\\{escape}\" is an {what}. Such sequences will not work in the future. \
                 Did you mean \"\\\\{escape}\"? A raw string is also an option."
            ),
            line,
            col: char_offset(shown, col + 1),
            end_line: line,
            end_col: char_offset(shown, col + 3),
            error_msg: format!(
                "\"\\{escape}\" is an {what}. Did you mean \"\\\\{escape}\"? \
                 A raw string is also an option."
            ),
        };
        self.warnings.push((token.end as usize, warning));
    }
}

fn take_piece(piece: &mut Piece) -> Piece {
    std::mem::replace(piece, Piece::Text(Vec::new(), Span::default(), false))
}

/// Joins neighbouring text, and leaves out what is empty.
pub(super) fn merge(pieces: Vec<Piece>) -> Vec<Expr> {
    let mut values = Vec::new();
    let mut pending: Option<(Vec<u8>, Span, bool)> = None;
    let flush = |pending: &mut Option<(Vec<u8>, Span, bool)>, values: &mut Vec<Expr>| {
        if let Some((text, span, unicode)) = pending.take()
            && !text.is_empty()
        {
            let value = Constant::Str(PyString::from_wtf8(&text));
            let kind = constant(value, unicode);
            values.push(Expr { kind, span });
        }
    };
    for piece in pieces {
        match piece {
            Piece::Text(text, span, unicode) => match &mut pending {
                None => pending = Some((text, span, unicode)),
                Some((all, whole, _)) => {
                    all.extend(text);
                    *whole = whole.to(span);
                }
            },
            Piece::Field(field) => {
                flush(&mut pending, &mut values);
                values.push(field);
            }
        }
    }
    flush(&mut pending, &mut values);
    values
}
