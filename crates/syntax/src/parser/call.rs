//! The arguments of calls and class definitions.

use super::{Fail, PResult, Parser};
use crate::ast::*;
use crate::token::TokenKind;

impl Parser<'_> {
    /// `(arguments)`, at the opening parenthesis.
    pub(super) fn call(&mut self) -> PResult<(Vec<Expr>, Vec<Keyword>)> {
        let open = self.start();
        self.advance();
        let (mut args, mut keywords) = (Vec::new(), Vec::new());
        // Whether `**mapping` was seen: then neither `*x` nor `x` may follow.
        let mut unpacked = false;
        while self.kind() != TokenKind::RPar {
            let start = self.start();
            match self.kind() {
                TokenKind::Star if !unpacked => {
                    self.advance();
                    let value = Box::new(self.expression()?);
                    let ctx = ExprContext::Load;
                    args.push(self.expr(start, ExprKind::Starred { value, ctx }));
                }
                TokenKind::DoubleStar => {
                    self.advance();
                    let value = self.expression()?;
                    unpacked = true;
                    let span = self.span(start);
                    keywords.push(Keyword {
                        arg: None,
                        value,
                        span,
                    });
                }
                TokenKind::Name if self.kind_at(1) == TokenKind::Equal => {
                    let arg = Some(self.name()?);
                    self.advance();
                    let value = self.expression()?;
                    let span = self.span(start);
                    keywords.push(Keyword { arg, value, span });
                }
                _ if !keywords.is_empty() => return Err(Fail),
                _ => {
                    let value = self.named_expression()?;
                    if matches!(self.kind(), TokenKind::KwFor | TokenKind::KwAsync) {
                        if !args.is_empty() {
                            return Err(Fail);
                        }
                        // A generator expression that is the only argument
                        // needs no parentheses of its own.
                        let generators = self.comprehensions()?;
                        self.expect(TokenKind::RPar)?;
                        let elt = Box::new(value);
                        let kind = ExprKind::GeneratorExp { elt, generators };
                        return Ok((vec![self.expr(open, kind)], keywords));
                    }
                    args.push(value);
                }
            }
            if !self.eat(TokenKind::Comma) {
                break;
            }
        }
        self.expect(TokenKind::RPar)?;
        Ok((args, keywords))
    }
}
