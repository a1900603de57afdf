//! The patterns of `case`.

use super::{Fail, PResult, Parser, Start};
use crate::ast::*;
use crate::error::ErrorKind;
use crate::token::TokenKind;

impl Parser<'_> {
    /// A pattern, or an open sequence of them: `case a, *b`.
    pub(super) fn patterns(&mut self) -> PResult<Pattern> {
        let start = self.start();
        let first = self.maybe_star_pattern()?;
        if self.kind() != TokenKind::Comma {
            return match first.kind {
                PatternKind::MatchStar { .. } => Err(Fail),
                _ => Ok(first),
            };
        }
        let mut patterns = vec![first];
        while self.eat(TokenKind::Comma)
            && !matches!(self.kind(), TokenKind::Colon | TokenKind::KwIf)
        {
            patterns.push(self.maybe_star_pattern()?);
        }
        Ok(self.pattern_node(start, PatternKind::MatchSequence { patterns }))
    }

    fn pattern_node(&self, start: Start, kind: PatternKind) -> Pattern {
        let span = self.span(start);
        Pattern { kind, span }
    }

    fn maybe_star_pattern(&mut self) -> PResult<Pattern> {
        if self.kind() != TokenKind::Star {
            return self.pattern();
        }
        let start = self.start();
        self.advance();
        let name = if self.at_word("_") {
            self.advance();
            None
        } else {
            Some(self.capture_target()?)
        };
        Ok(self.pattern_node(start, PatternKind::MatchStar { name }))
    }

    /// A name to bind; `_` is none, and neither is the start of something else.
    fn capture_target(&mut self) -> PResult<Name> {
        if self.at_word("_") {
            return Err(Fail);
        }
        let name = self.name()?;
        match self.kind() {
            TokenKind::Dot | TokenKind::LPar | TokenKind::Equal => Err(Fail),
            _ => Ok(name),
        }
    }

    /// An or-pattern, perhaps with `as name`.
    fn pattern(&mut self) -> PResult<Pattern> {
        let start = self.start();
        let pattern = self.or_pattern()?;
        if !self.eat(TokenKind::KwAs) {
            return Ok(pattern);
        }
        let kind = PatternKind::MatchAs {
            name: Some(self.capture_target()?),
            pattern: Some(Box::new(pattern)),
        };
        Ok(self.pattern_node(start, kind))
    }

    fn or_pattern(&mut self) -> PResult<Pattern> {
        let start = self.start();
        let first = self.deeper(Self::closed_pattern)?;
        if self.kind() != TokenKind::VBar {
            return Ok(first);
        }
        let mut patterns = vec![first];
        while self.eat(TokenKind::VBar) {
            patterns.push(self.deeper(Self::closed_pattern)?);
        }
        Ok(self.pattern_node(start, PatternKind::MatchOr { patterns }))
    }

    fn closed_pattern(&mut self) -> PResult<Pattern> {
        let start = self.start();
        let kind = match self.kind() {
            TokenKind::Number
            | TokenKind::Minus
            | TokenKind::String
            | TokenKind::FStringStart
            | TokenKind::TStringStart => PatternKind::MatchValue {
                value: Box::new(self.literal()?),
            },
            TokenKind::KwNone => self.singleton(Constant::None),
            TokenKind::KwTrue => self.singleton(Constant::True),
            TokenKind::KwFalse => self.singleton(Constant::False),
            TokenKind::LPar => return self.group_pattern(start),
            TokenKind::LSqb => {
                self.advance();
                let patterns = self.sequence(TokenKind::RSqb)?.0;
                PatternKind::MatchSequence { patterns }
            }
            TokenKind::LBrace => self.mapping_pattern()?,
            TokenKind::Name => return self.name_pattern(start),
            _ => return Err(Fail),
        };
        Ok(self.pattern_node(start, kind))
    }

    fn singleton(&mut self, value: Constant) -> PatternKind {
        self.advance();
        PatternKind::MatchSingleton { value }
    }

    /// A string, or a number with sign and imaginary part.
    fn literal(&mut self) -> PResult<Expr> {
        if matches!(
            self.kind(),
            TokenKind::String | TokenKind::FStringStart | TokenKind::TStringStart
        ) {
            return self.strings();
        }
        let start = self.start();
        let left = self.signed_number()?;
        let op = match self.kind() {
            TokenKind::Plus => Operator::Add,
            TokenKind::Minus => Operator::Sub,
            _ => return Ok(left),
        };
        self.advance();
        let imaginary = self.start();
        if self.kind() != TokenKind::Number {
            return Err(Fail);
        }
        let value = self.number()?;
        let right = self.expr(imaginary, ExprKind::Constant { value, kind: None });
        let real = match &left.kind {
            ExprKind::UnaryOp { operand, .. } => operand,
            _ => &left,
        };
        if is_imaginary(real) {
            let place = real.span;
            return self.complex_error(place, "real number required in complex literal");
        }
        if !is_imaginary(&right) {
            return self.complex_error(right.span, "imaginary number required in complex literal");
        }
        let kind = ExprKind::BinOp {
            left: Box::new(left),
            op,
            right: Box::new(right),
        };
        Ok(self.expr(start, kind))
    }

    fn complex_error(&mut self, span: Span, msg: &str) -> PResult<Expr> {
        self.raise(ErrorKind::Syntax, msg.to_owned(), span)
    }

    fn signed_number(&mut self) -> PResult<Expr> {
        let start = self.start();
        let negative = self.eat(TokenKind::Minus);
        let digits = self.start();
        if self.kind() != TokenKind::Number {
            return Err(Fail);
        }
        let value = self.number()?;
        let number = self.expr(digits, ExprKind::Constant { value, kind: None });
        if !negative {
            return Ok(number);
        }
        let kind = ExprKind::UnaryOp {
            op: UnaryOp::USub,
            operand: Box::new(number),
        };
        Ok(self.expr(start, kind))
    }

    /// `(pattern)`, or a sequence.
    fn group_pattern(&mut self, start: Start) -> PResult<Pattern> {
        self.advance();
        let (mut patterns, comma) = self.sequence(TokenKind::RPar)?;
        if patterns.len() == 1 && !comma {
            return match patterns.pop() {
                Some(pattern) if !matches!(pattern.kind, PatternKind::MatchStar { .. }) => {
                    Ok(pattern)
                }
                _ => Err(Fail),
            };
        }
        Ok(self.pattern_node(start, PatternKind::MatchSequence { patterns }))
    }

    /// Patterns up to the closing bracket; whether there was a comma.
    fn sequence(&mut self, close: TokenKind) -> PResult<(Vec<Pattern>, bool)> {
        let mut patterns = Vec::new();
        let mut comma = false;
        while self.kind() != close {
            patterns.push(self.maybe_star_pattern()?);
            if !self.eat(TokenKind::Comma) {
                break;
            }
            comma = true;
        }
        self.expect(close)?;
        Ok((patterns, comma))
    }

    fn mapping_pattern(&mut self) -> PResult<PatternKind> {
        self.advance();
        let (mut keys, mut patterns, mut rest) = (Vec::new(), Vec::new(), None);
        while self.kind() != TokenKind::RBrace {
            if self.eat(TokenKind::DoubleStar) {
                rest = Some(self.capture_target()?);
                self.eat(TokenKind::Comma);
                break;
            }
            keys.push(self.mapping_key()?);
            self.expect(TokenKind::Colon)?;
            patterns.push(self.pattern()?);
            if !self.eat(TokenKind::Comma) {
                break;
            }
        }
        self.expect(TokenKind::RBrace)?;
        Ok(PatternKind::MatchMapping {
            keys,
            patterns,
            rest,
        })
    }

    fn mapping_key(&mut self) -> PResult<Expr> {
        let start = self.start();
        let value = match self.kind() {
            TokenKind::KwNone => Constant::None,
            TokenKind::KwTrue => Constant::True,
            TokenKind::KwFalse => Constant::False,
            TokenKind::Name => {
                let name = self.dotted()?;
                return match name.kind {
                    ExprKind::Attribute { .. } => Ok(name),
                    _ => Err(Fail),
                };
            }
            _ => return self.literal(),
        };
        self.advance();
        Ok(self.expr(start, ExprKind::Constant { value, kind: None }))
    }

    /// `a.b.c` as an expression.
    fn dotted(&mut self) -> PResult<Expr> {
        let start = self.start();
        let ctx = ExprContext::Load;
        let id = self.name()?;
        let mut value = self.expr(start, ExprKind::Name { id, ctx });
        let mut links = 0;
        while self.eat(TokenKind::Dot) {
            self.chain = 0;
            self.link(links)?;
            links = self.chain;
            let kind = ExprKind::Attribute {
                value: Box::new(value),
                attr: self.name()?,
                ctx,
            };
            value = self.expr(start, kind);
        }
        Ok(value)
    }

    /// A capture, `_`, a dotted name or a class.
    fn name_pattern(&mut self, start: Start) -> PResult<Pattern> {
        let kind = match self.kind_at(1) {
            // `_` is the wildcard, whatever follows.
            _ if self.at_word("_") => {
                self.advance();
                PatternKind::MatchAs {
                    pattern: None,
                    name: None,
                }
            }
            TokenKind::Dot | TokenKind::LPar => {
                let value = Box::new(self.dotted()?);
                match self.kind() {
                    TokenKind::LPar => self.class_pattern(value)?,
                    TokenKind::Equal => return Err(Fail),
                    _ => PatternKind::MatchValue { value },
                }
            }
            TokenKind::Equal => return Err(Fail),
            _ => {
                let name = self.name()?;
                PatternKind::MatchAs {
                    pattern: None,
                    name: Some(name),
                }
            }
        };
        Ok(self.pattern_node(start, kind))
    }

    fn class_pattern(&mut self, cls: Box<Expr>) -> PResult<PatternKind> {
        self.advance();
        let (mut patterns, mut kwd_attrs, mut kwd_patterns) = (Vec::new(), Vec::new(), Vec::new());
        while self.kind() != TokenKind::RPar {
            if self.kind() == TokenKind::Name && self.kind_at(1) == TokenKind::Equal {
                kwd_attrs.push(self.name()?);
                self.advance();
                kwd_patterns.push(self.pattern()?);
            } else if kwd_attrs.is_empty() {
                patterns.push(self.pattern()?);
            } else {
                return Err(Fail);
            }
            if !self.eat(TokenKind::Comma) {
                break;
            }
        }
        self.expect(TokenKind::RPar)?;
        Ok(PatternKind::MatchClass {
            cls,
            patterns,
            kwd_attrs,
            kwd_patterns,
        })
    }
}

fn is_imaginary(number: &Expr) -> bool {
    matches!(
        number.kind,
        ExprKind::Constant {
            value: Constant::Complex(_),
            ..
        }
    )
}
