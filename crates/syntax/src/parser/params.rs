//! The parameters of functions and lambdas.

use super::{Fail, PResult, Parser};
use crate::ast::*;
use crate::token::TokenKind;

impl Parser<'_> {
    /// Between the parentheses of a `def`.
    pub(super) fn params(&mut self) -> PResult<Arguments> {
        self.parameter_list(TokenKind::RPar, true)
    }

    /// Between `lambda` and its colon.
    pub(super) fn lambda_params(&mut self) -> PResult<Arguments> {
        self.parameter_list(TokenKind::Colon, false)
    }

    fn parameter_list(&mut self, close: TokenKind, annotated: bool) -> PResult<Arguments> {
        let mut list = Arguments::default();
        let (mut slash, mut star) = (false, false);
        while self.kind() != close {
            match self.kind() {
                TokenKind::Slash => {
                    if slash || star || list.args.is_empty() {
                        return Err(Fail);
                    }
                    self.advance();
                    slash = true;
                    list.posonlyargs = std::mem::take(&mut list.args);
                    if !self.eat(TokenKind::Comma) {
                        self.at_close(close)?;
                    }
                    continue;
                }
                TokenKind::Star => {
                    if star {
                        return Err(Fail);
                    }
                    self.advance();
                    star = true;
                    if self.eat(TokenKind::Comma) {
                        // A bare star needs a parameter behind it.
                        if self.kind() != TokenKind::Name {
                            return Err(Fail);
                        }
                        continue;
                    }
                    let mut arg = self.parameter(annotated, true)?;
                    if self.kind() == TokenKind::Equal {
                        return Err(Fail);
                    }
                    self.end_parameter(&mut arg, close)?;
                    list.vararg = Some(Box::new(arg));
                }
                TokenKind::DoubleStar => {
                    self.advance();
                    let mut arg = self.parameter(annotated, false)?;
                    if self.kind() == TokenKind::Equal {
                        return Err(Fail);
                    }
                    self.end_parameter(&mut arg, close)?;
                    list.kwarg = Some(Box::new(arg));
                    self.at_close(close)?;
                    break;
                }
                _ => {
                    let mut arg = self.parameter(annotated, false)?;
                    let default = if self.eat(TokenKind::Equal) {
                        Some(self.expression()?)
                    } else {
                        None
                    };
                    self.end_parameter(&mut arg, close)?;
                    if star {
                        list.kwonlyargs.push(arg);
                        list.kw_defaults.push(default);
                    } else {
                        match default {
                            Some(default) => list.defaults.push(default),
                            None if !list.defaults.is_empty() => return Err(Fail),
                            None => {}
                        }
                        list.args.push(arg);
                    }
                }
            }
        }
        if slash {
            self.require(8, "Positional-only parameters are", self.pos)?;
        }
        Ok(list)
    }

    fn at_close(&self, close: TokenKind) -> PResult<()> {
        if self.kind() == close {
            Ok(())
        } else {
            Err(Fail)
        }
    }

    /// A name and its annotation; that of `*args` may have a star.
    fn parameter(&mut self, annotated: bool, vararg: bool) -> PResult<Arg> {
        let start = self.start();
        let arg = self.name()?;
        let annotation = if annotated && self.eat(TokenKind::Colon) {
            Some(Box::new(if vararg {
                self.star_expression()?
            } else {
                self.expression()?
            }))
        } else {
            None
        };
        Ok(Arg {
            arg,
            annotation,
            type_comment: None,
            span: self.span(start),
        })
    }

    /// The comma behind a parameter, or the end; and its type comment.
    fn end_parameter(&mut self, arg: &mut Arg, close: TokenKind) -> PResult<()> {
        if self.eat(TokenKind::Comma) {
            arg.type_comment = self.type_comment();
            return Ok(());
        }
        arg.type_comment = self.type_comment();
        self.at_close(close)
    }
}
