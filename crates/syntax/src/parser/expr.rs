//! Expressions from the loosest binding down to the operators.

use super::{Fail, PResult, Parser};
use crate::ast::*;
use crate::token::TokenKind;

/// How tightly a binary operator binds.
fn binary_operator(kind: TokenKind) -> Option<(Operator, u8)> {
    use Operator::*;
    Some(match kind {
        TokenKind::VBar => (BitOr, 1),
        TokenKind::Circumflex => (BitXor, 2),
        TokenKind::Amper => (BitAnd, 3),
        TokenKind::LeftShift => (LShift, 4),
        TokenKind::RightShift => (RShift, 4),
        TokenKind::Plus => (Add, 5),
        TokenKind::Minus => (Sub, 5),
        TokenKind::Star => (Mult, 6),
        TokenKind::Slash => (Div, 6),
        TokenKind::DoubleSlash => (FloorDiv, 6),
        TokenKind::Percent => (Mod, 6),
        TokenKind::At => (MatMult, 6),
        _ => return None,
    })
}

impl Parser<'_> {
    /// `a, b` without stars: what `eval` takes.
    pub(super) fn expressions(&mut self) -> PResult<Expr> {
        self.comma_list(Self::expression)
    }

    /// `a, *b`.
    pub(super) fn star_expressions(&mut self) -> PResult<Expr> {
        self.comma_list(Self::star_expression)
    }

    /// A single item, or a tuple of several separated by commas.
    fn comma_list(&mut self, item: fn(&mut Self) -> PResult<Expr>) -> PResult<Expr> {
        let start = self.start();
        let first = item(self)?;
        if self.kind() != TokenKind::Comma {
            return Ok(first);
        }
        let mut elts = vec![first];
        while self.eat(TokenKind::Comma) && self.starts_expression() {
            elts.push(item(self)?);
        }
        let ctx = ExprContext::Load;
        Ok(self.expr(start, ExprKind::Tuple { elts, ctx }))
    }

    /// Whether an expression can start here; so a comma before is no trailing
    /// one.
    fn starts_expression(&self) -> bool {
        use TokenKind::*;
        matches!(
            self.kind(),
            Name | Number
                | String
                | FStringStart
                | TStringStart
                | LPar
                | LSqb
                | LBrace
                | Minus
                | Plus
                | Tilde
                | Star
                | Ellipsis
                | KwNot
                | KwLambda
                | KwAwait
                | KwNone
                | KwTrue
                | KwFalse
        )
    }

    /// A yield expression or `star_expressions`.
    pub(super) fn annotated_rhs(&mut self) -> PResult<Expr> {
        if self.kind() == TokenKind::KwYield {
            self.yield_expr()
        } else {
            self.star_expressions()
        }
    }

    pub(super) fn yield_expr(&mut self) -> PResult<Expr> {
        let start = self.start();
        self.expect(TokenKind::KwYield)?;
        let kind = if self.eat(TokenKind::KwFrom) {
            let value = Box::new(self.expression()?);
            ExprKind::YieldFrom { value }
        } else if self.starts_expression() {
            let value = Some(Box::new(self.star_expressions()?));
            ExprKind::Yield { value }
        } else {
            ExprKind::Yield { value: None }
        };
        Ok(self.expr(start, kind))
    }

    /// `*bitwise_or`, or what `other` parses.
    pub(super) fn star_or(
        &mut self,
        other: impl FnOnce(&mut Self) -> PResult<Expr>,
    ) -> PResult<Expr> {
        if self.kind() != TokenKind::Star {
            return other(self);
        }
        let start = self.start();
        self.advance();
        let value = Box::new(self.bitwise_or()?);
        let ctx = ExprContext::Load;
        Ok(self.expr(start, ExprKind::Starred { value, ctx }))
    }

    pub(super) fn star_expression(&mut self) -> PResult<Expr> {
        self.star_or(Self::expression)
    }

    pub(super) fn star_named_expression(&mut self) -> PResult<Expr> {
        self.star_or(Self::named_expression)
    }

    /// `name := expression`, or an expression with no `:=` behind it.
    pub(super) fn named_expression(&mut self) -> PResult<Expr> {
        if self.kind() == TokenKind::Name && self.kind_at(1) == TokenKind::ColonEqual {
            return self.assignment_expression();
        }
        let expr = self.expression()?;
        if self.kind() == TokenKind::ColonEqual {
            return Err(Fail);
        }
        Ok(expr)
    }

    fn assignment_expression(&mut self) -> PResult<Expr> {
        let start = self.start();
        let id = self.name()?;
        let ctx = ExprContext::Store;
        let target = Box::new(self.expr(start, ExprKind::Name { id, ctx }));
        self.expect(TokenKind::ColonEqual)?;
        let value = Box::new(self.deeper(Self::expression)?);
        self.require(8, "Assignment expressions are", self.pos)?;
        Ok(self.expr(start, ExprKind::NamedExpr { target, value }))
    }

    /// `a if b else c`, a lambda, or less.
    pub(super) fn expression(&mut self) -> PResult<Expr> {
        if self.kind() == TokenKind::KwLambda {
            return self.deeper(Self::lambda);
        }
        let start = self.start();
        let body = self.disjunction()?;
        if self.kind() != TokenKind::KwIf {
            return Ok(body);
        }
        self.advance();
        let test = self.disjunction()?;
        self.expect(TokenKind::KwElse)?;
        let orelse = self.deeper(Self::expression)?;
        let kind = ExprKind::IfExp {
            test: Box::new(test),
            body: Box::new(body),
            orelse: Box::new(orelse),
        };
        Ok(self.expr(start, kind))
    }

    fn lambda(&mut self) -> PResult<Expr> {
        let start = self.start();
        self.expect(TokenKind::KwLambda)?;
        let args = Box::new(self.lambda_params()?);
        self.expect(TokenKind::Colon)?;
        let body = Box::new(self.expression()?);
        Ok(self.expr(start, ExprKind::Lambda { args, body }))
    }

    /// `a or b`, or less.
    pub(super) fn disjunction(&mut self) -> PResult<Expr> {
        let start = self.start();
        let first = self.conjunction()?;
        if self.kind() != TokenKind::KwOr {
            return Ok(first);
        }
        let mut values = vec![first];
        while self.eat(TokenKind::KwOr) {
            values.push(self.conjunction()?);
        }
        let op = BoolOp::Or;
        Ok(self.expr(start, ExprKind::BoolOp { op, values }))
    }

    fn conjunction(&mut self) -> PResult<Expr> {
        let start = self.start();
        let first = self.inversion()?;
        if self.kind() != TokenKind::KwAnd {
            return Ok(first);
        }
        let mut values = vec![first];
        while self.eat(TokenKind::KwAnd) {
            values.push(self.inversion()?);
        }
        let op = BoolOp::And;
        Ok(self.expr(start, ExprKind::BoolOp { op, values }))
    }

    fn inversion(&mut self) -> PResult<Expr> {
        if self.kind() != TokenKind::KwNot {
            return self.comparison();
        }
        let start = self.start();
        self.advance();
        let operand = Box::new(self.deeper(Self::inversion)?);
        let op = UnaryOp::Not;
        Ok(self.expr(start, ExprKind::UnaryOp { op, operand }))
    }

    fn comparison(&mut self) -> PResult<Expr> {
        let start = self.start();
        let left = self.bitwise_or()?;
        let Some(op) = self.comparison_operator()? else {
            return Ok(left);
        };
        let mut ops = vec![op];
        let mut comparators = vec![self.bitwise_or()?];
        while let Some(op) = self.comparison_operator()? {
            ops.push(op);
            comparators.push(self.bitwise_or()?);
        }
        let kind = ExprKind::Compare {
            left: Box::new(left),
            ops,
            comparators,
        };
        Ok(self.expr(start, kind))
    }

    fn comparison_operator(&mut self) -> PResult<Option<CmpOp>> {
        use TokenKind::*;
        let op = match self.kind() {
            EqEqual => CmpOp::Eq,
            NotEqual => {
                let wanted = if self.barry_as_flufl { "<>" } else { "!=" };
                if self.text(self.token()) != wanted {
                    return Err(Fail);
                }
                CmpOp::NotEq
            }
            Less => CmpOp::Lt,
            LessEqual => CmpOp::LtE,
            Greater => CmpOp::Gt,
            GreaterEqual => CmpOp::GtE,
            KwIn => CmpOp::In,
            KwIs if self.kind_at(1) == KwNot => {
                self.advance();
                CmpOp::IsNot
            }
            KwIs => CmpOp::Is,
            KwNot if self.kind_at(1) == KwIn => {
                self.advance();
                CmpOp::NotIn
            }
            _ => return Ok(None),
        };
        self.advance();
        Ok(Some(op))
    }

    /// The binary operators, all levels of them.
    pub(super) fn bitwise_or(&mut self) -> PResult<Expr> {
        self.binary(1)
    }

    /// Binary operators that bind at least as tightly as `min`.
    fn binary(&mut self, min: u8) -> PResult<Expr> {
        let start = self.start();
        let outer = std::mem::take(&mut self.chain);
        let mut left = self.factor()?;
        while let Some((op, strength)) = binary_operator(self.kind()) {
            if strength < min {
                break;
            }
            self.advance();
            let links = std::mem::take(&mut self.chain);
            let right = self.binary(strength + 1)?;
            self.link(links)?;
            if op == Operator::MatMult {
                self.require(5, "The '@' operator is", self.pos)?;
            }
            let kind = ExprKind::BinOp {
                left: Box::new(left),
                op,
                right: Box::new(right),
            };
            left = self.expr(start, kind);
        }
        self.chain = self.chain.max(outer);
        Ok(left)
    }

    /// Unary operators and `**`.
    fn factor(&mut self) -> PResult<Expr> {
        let op = match self.kind() {
            TokenKind::Plus => UnaryOp::UAdd,
            TokenKind::Minus => UnaryOp::USub,
            TokenKind::Tilde => UnaryOp::Invert,
            _ => return self.power(),
        };
        let start = self.start();
        self.advance();
        let operand = Box::new(self.deeper(Self::factor)?);
        Ok(self.expr(start, ExprKind::UnaryOp { op, operand }))
    }

    fn power(&mut self) -> PResult<Expr> {
        let start = self.start();
        let left = if self.kind() == TokenKind::KwAwait {
            self.advance();
            let value = Box::new(self.primary()?);
            self.require(5, "Await expressions are", self.pos)?;
            self.expr(start, ExprKind::Await { value })
        } else {
            self.primary()?
        };
        if self.kind() != TokenKind::DoubleStar {
            return Ok(left);
        }
        self.advance();
        let right = self.deeper(Self::factor)?;
        let kind = ExprKind::BinOp {
            left: Box::new(left),
            op: Operator::Pow,
            right: Box::new(right),
        };
        Ok(self.expr(start, kind))
    }
}
