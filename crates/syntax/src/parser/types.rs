//! Type parameters, type aliases and function type comments.

use super::{Fail, PResult, Parser};
use crate::ast::*;
use crate::token::TokenKind;

impl Parser<'_> {
    /// `[T: bound = default, *Ts, **P]`, or nothing.
    pub(super) fn type_params(&mut self) -> PResult<Vec<TypeParam>> {
        let mut params = Vec::new();
        if !self.eat(TokenKind::LSqb) {
            return Ok(params);
        }
        loop {
            params.push(self.type_param()?);
            if !self.eat(TokenKind::Comma) || self.kind() == TokenKind::RSqb {
                break;
            }
        }
        self.expect(TokenKind::RSqb)?;
        self.require(12, "Type parameter lists are", self.pos - 1)?;
        Ok(params)
    }

    fn type_param(&mut self) -> PResult<TypeParam> {
        let start = self.start();
        let kind = match self.kind() {
            TokenKind::Star => {
                self.advance();
                let name = self.name()?;
                let default_value = if self.eat(TokenKind::Equal) {
                    let value = Box::new(self.star_expression()?);
                    self.require(13, "Type parameter defaults are", self.pos)?;
                    Some(value)
                } else {
                    None
                };
                TypeParamKind::TypeVarTuple {
                    name,
                    default_value,
                }
            }
            TokenKind::DoubleStar => {
                self.advance();
                TypeParamKind::ParamSpec {
                    name: self.name()?,
                    default_value: self.type_default()?,
                }
            }
            _ => {
                let name = self.name()?;
                let bound = if self.eat(TokenKind::Colon) {
                    Some(Box::new(self.expression()?))
                } else {
                    None
                };
                TypeParamKind::TypeVar {
                    name,
                    bound,
                    default_value: self.type_default()?,
                }
            }
        };
        let span = self.span(start);
        Ok(TypeParam { kind, span })
    }

    fn type_default(&mut self) -> PResult<Option<Box<Expr>>> {
        if self.eat(TokenKind::Equal) {
            let value = Box::new(self.expression()?);
            self.require(13, "Type parameter defaults are", self.pos)?;
            return Ok(Some(value));
        }
        Ok(None)
    }

    /// `type X[T] = value`, at `type`.
    pub(super) fn type_alias(&mut self) -> PResult<StmtKind> {
        self.advance();
        let start = self.start();
        let id = self.name()?;
        let ctx = ExprContext::Store;
        let name = Box::new(self.expr(start, ExprKind::Name { id, ctx }));
        let type_params = self.type_params()?;
        self.expect(TokenKind::Equal)?;
        let value = Box::new(self.expression()?);
        self.require(12, "Type statement is", self.pos)?;
        Ok(StmtKind::TypeAlias {
            name,
            type_params,
            value,
        })
    }

    /// `(int, *str, **dict) -> bool`; the stars leave no trace.
    pub(super) fn function_type(&mut self) -> PResult<(Vec<Expr>, Expr)> {
        self.expect(TokenKind::LPar)?;
        let mut types = Vec::new();
        let (mut star, mut double) = (false, false);
        while self.kind() != TokenKind::RPar {
            if double {
                return Err(Fail);
            }
            if self.eat(TokenKind::DoubleStar) {
                double = true;
            } else if star {
                return Err(Fail);
            } else if self.eat(TokenKind::Star) {
                star = true;
            }
            types.push(self.expression()?);
            if self.kind() == TokenKind::RPar {
                break;
            }
            self.expect(TokenKind::Comma)?;
            if self.kind() == TokenKind::RPar {
                return Err(Fail);
            }
        }
        self.expect(TokenKind::RPar)?;
        self.expect(TokenKind::RArrow)?;
        Ok((types, self.expression()?))
    }
}
