//! Assignment targets: expressions that are parsed as such and then judged.

use super::{Fail, PResult, Parser};
use crate::ast::*;
use crate::token::TokenKind;

impl Parser<'_> {
    /// Makes an expression the target of an assignment, a loop or a `with`.
    pub(super) fn store_into(&mut self, expr: &mut Expr) -> PResult<()> {
        match &mut expr.kind {
            ExprKind::Starred { value, ctx } => {
                *ctx = ExprContext::Store;
                if matches!(value.kind, ExprKind::Starred { .. }) {
                    return Err(Fail);
                }
                self.store_into(value)
            }
            _ => self.set_context(expr, ExprContext::Store),
        }
    }

    /// Makes an expression the target of `del`.
    pub(super) fn delete(&mut self, expr: &mut Expr) -> PResult<()> {
        self.set_context(expr, ExprContext::Del)
    }

    fn set_context(&mut self, expr: &mut Expr, context: ExprContext) -> PResult<()> {
        match &mut expr.kind {
            ExprKind::Name { ctx, .. }
            | ExprKind::Attribute { ctx, .. }
            | ExprKind::Subscript { ctx, .. } => {
                *ctx = context;
                Ok(())
            }
            ExprKind::Tuple { elts, ctx } | ExprKind::List { elts, ctx } => {
                *ctx = context;
                for elt in elts {
                    if context == ExprContext::Store {
                        self.store_into(elt)?;
                    } else {
                        self.delete(elt)?;
                    }
                }
                Ok(())
            }
            _ => Err(Fail),
        }
    }

    /// Whether an expression may stand before `:` or an augmented assignment.
    pub(super) fn is_single_target(expr: &Expr) -> bool {
        matches!(
            expr.kind,
            ExprKind::Name { .. } | ExprKind::Attribute { .. } | ExprKind::Subscript { .. }
        )
    }

    /// The targets between `for` and `in`.
    pub(super) fn for_targets(&mut self) -> PResult<Expr> {
        let start = self.start();
        let mut first = self.star_or(|p| p.bitwise_or())?;
        if self.kind() == TokenKind::Comma {
            let mut elts = vec![first];
            while self.eat(TokenKind::Comma) {
                if self.kind() == TokenKind::KwIn {
                    break;
                }
                elts.push(self.star_or(|p| p.bitwise_or())?);
            }
            let kind = ExprKind::Tuple {
                elts,
                ctx: ExprContext::Store,
            };
            first = self.expr(start, kind);
        }
        self.store_into(&mut first)?;
        Ok(first)
    }

    /// The target behind `as` of a `with` item.
    pub(super) fn star_target(&mut self) -> PResult<Expr> {
        let mut target = self.star_or(|p| p.bitwise_or())?;
        self.store_into(&mut target)?;
        Ok(target)
    }
}
