//! f-strings and t-strings.

use super::strings::{Piece, merge};
use super::{Fail, PResult, Parser, token_span};
use crate::ast::*;
use crate::token::{Token, TokenKind};

/// What the kind of string decides.
#[derive(Clone, Copy)]
struct Flavour {
    /// Whether this is a t-string.
    template: bool,
    raw: bool,
}

impl Parser<'_> {
    /// From the opening to the closing quote.
    pub(super) fn fstring(&mut self, all: &mut Vec<Piece>) -> PResult<()> {
        let token = *self.token();
        let mut pieces = Vec::new();
        let flavour = Flavour {
            template: token.kind == TokenKind::TStringStart,
            raw: self.text(&token).contains(['r', 'R']),
        };
        self.advance();
        // Texts are decoded at the end, so that errors come in CPython's order.
        let mut texts = Vec::new();
        loop {
            match self.kind() {
                TokenKind::FStringMiddle | TokenKind::TStringMiddle => {
                    texts.push((pieces.len(), *self.token()));
                    pieces.push(Piece::Text(Vec::new(), token_span(self.token()), false));
                    self.advance();
                }
                TokenKind::LBrace => self.replacement_field(flavour, &mut pieces)?,
                TokenKind::FStringEnd | TokenKind::TStringEnd => {
                    self.advance();
                    break;
                }
                _ => return Err(Fail),
            }
        }
        let end = self.tokens[self.pos - 1];
        for (at, token) in texts {
            let value = self.decode(self.text(&token), flavour.raw, &end)?;
            if let Some(Piece::Text(text, ..)) = pieces.get_mut(at) {
                *text = value;
            }
        }
        // An empty part would reach into the span of the text beside it.
        pieces.retain(|piece| !matches!(piece, Piece::Text(text, ..) if text.is_empty()));
        all.append(&mut pieces);
        if flavour.template {
            self.require(14, "t-strings are", self.pos - 1)?;
        }
        Ok(())
    }

    fn fstring_text(&mut self, flavour: Flavour, pieces: &mut Vec<Piece>) -> PResult<()> {
        let token = *self.token();
        self.advance();
        let text = self.text(&token);
        let value = self.decode(text, flavour.raw, &token)?;
        if !value.is_empty() {
            pieces.push(Piece::Text(value, token_span(&token), false));
        }
        Ok(())
    }

    /// `{expression = !r :spec}`.
    fn replacement_field(&mut self, flavour: Flavour, pieces: &mut Vec<Piece>) -> PResult<()> {
        let start = self.start();
        let open = *self.token();
        self.advance();
        let value = self.deeper(Self::annotated_rhs)?;
        let debug = self.eat(TokenKind::Equal);
        // Where the source of the expression ends.
        let stop = *self.token();
        let mut conversion = None;
        if self.eat(TokenKind::Exclamation) {
            conversion = Some(self.conversion(&stop)?);
        }
        let mut format_spec = None;
        if self.kind() == TokenKind::Colon {
            format_spec = Some(Box::new(self.deeper(|p| p.format_spec(flavour))?));
        }
        self.expect(TokenKind::RBrace)?;
        let source = strip_comments(&self.src[open.end as usize..stop.start as usize]);
        let conversion = match conversion {
            Some(letter) => letter as i32,
            None if debug && format_spec.is_none() => 'r' as i32,
            None => -1,
        };
        let value = Box::new(value);
        let kind = if flavour.template {
            let text = source.trim_end_matches(|c: char| c.is_ascii_whitespace() || c == '=');
            ExprKind::Interpolation {
                value,
                str: PyString::from(text),
                conversion,
                format_spec,
            }
        } else {
            ExprKind::FormattedValue {
                value,
                conversion,
                format_spec,
            }
        };
        let field = self.expr(start, kind);
        if debug {
            let mut span = token_span(&open);
            span.col += 1;
            span.end_line = stop.line;
            span.end_col = if stop.kind == TokenKind::RBrace {
                stop.end_col.saturating_sub(1)
            } else {
                stop.col
            };
            pieces.push(Piece::Text(source.into_bytes(), span, false));
        }
        pieces.push(Piece::Field(field));
        Ok(())
    }

    /// `r`, `s` or `a` right behind the exclamation mark.
    fn conversion(&mut self, mark: &Token) -> PResult<char> {
        let token = *self.token();
        if token.kind != TokenKind::Name {
            return Err(Fail);
        }
        if mark.end != token.start {
            return Err(Fail);
        }
        self.advance();
        match self.text(&token) {
            "s" => Ok('s'),
            "r" => Ok('r'),
            "a" => Ok('a'),
            _ => Err(Fail),
        }
    }

    /// From the colon up to the closing brace.
    fn format_spec(&mut self, flavour: Flavour) -> PResult<Expr> {
        let start = self.start();
        self.advance();
        // Fields within a specification are an f-string's, even in a t-string.
        let flavour = Flavour {
            template: false,
            ..flavour
        };
        let mut pieces = Vec::new();
        loop {
            match self.kind() {
                TokenKind::FStringMiddle | TokenKind::TStringMiddle => {
                    self.fstring_text(flavour, &mut pieces)?;
                }
                TokenKind::LBrace => self.replacement_field(flavour, &mut pieces)?,
                _ => break,
            }
        }
        let values = merge(pieces);
        Ok(self.expr(start, ExprKind::JoinedStr { values }))
    }
}

/// The source of an expression as `{x = }` shows it: without comments.
fn strip_comments(source: &str) -> String {
    if !source.contains('#') {
        return source.to_owned();
    }
    let mut out = String::with_capacity(source.len());
    let mut quote = None;
    let mut chars = source.chars();
    while let Some(c) = chars.next() {
        match quote {
            None if c == '#' => {
                for c in chars.by_ref() {
                    if c == '\n' {
                        out.push(c);
                        break;
                    }
                }
                continue;
            }
            None if c == '"' || c == '\'' => quote = Some(c),
            Some(open) if c == open => quote = None,
            _ => {}
        }
        out.push(c);
    }
    out
}
