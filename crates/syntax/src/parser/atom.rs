//! Primaries and atoms: names, literals, displays, comprehensions, subscripts.

use super::{Fail, PResult, Parser, Start, token_span};
use crate::ast::*;
use crate::error::ErrorKind;
use crate::literal;
use crate::token::TokenKind;

const LOAD: ExprContext = ExprContext::Load;

impl Parser<'_> {
    /// An atom with attributes, calls and subscripts behind it.
    pub(super) fn primary(&mut self) -> PResult<Expr> {
        let start = self.start();
        let mut value = self.atom()?;
        if !matches!(
            self.kind(),
            TokenKind::Dot | TokenKind::LPar | TokenKind::LSqb
        ) {
            return Ok(value);
        }
        let outer = std::mem::take(&mut self.chain);
        loop {
            let links = std::mem::take(&mut self.chain);
            let kind = match self.kind() {
                TokenKind::Dot => {
                    self.advance();
                    ExprKind::Attribute {
                        value: Box::new(value),
                        attr: self.name()?,
                        ctx: LOAD,
                    }
                }
                TokenKind::LPar => {
                    let (args, keywords) = self.deeper(Self::call)?;
                    ExprKind::Call {
                        func: Box::new(value),
                        args,
                        keywords,
                    }
                }
                TokenKind::LSqb => {
                    self.advance();
                    let slice = Box::new(self.deeper(Self::slices)?);
                    self.expect(TokenKind::RSqb)?;
                    ExprKind::Subscript {
                        value: Box::new(value),
                        slice,
                        ctx: LOAD,
                    }
                }
                _ => {
                    self.chain = links.max(outer);
                    return Ok(value);
                }
            };
            self.link(links)?;
            value = self.expr(start, kind);
        }
    }

    fn atom(&mut self) -> PResult<Expr> {
        let start = self.start();
        let kind = match self.kind() {
            TokenKind::Name => ExprKind::Name {
                id: self.name()?,
                ctx: LOAD,
            },
            TokenKind::Number => {
                let value = self.number()?;
                ExprKind::Constant { value, kind: None }
            }
            TokenKind::String | TokenKind::FStringStart | TokenKind::TStringStart => {
                return self.strings();
            }
            TokenKind::KwNone => self.constant(Constant::None),
            TokenKind::KwTrue => self.constant(Constant::True),
            TokenKind::KwFalse => self.constant(Constant::False),
            TokenKind::Ellipsis => self.constant(Constant::Ellipsis),
            TokenKind::LPar => return self.deeper(Self::parenthesized),
            TokenKind::LSqb => return self.deeper(Self::list),
            TokenKind::LBrace => return self.deeper(Self::braces),
            _ => return Err(Fail),
        };
        // One token: its span is at hand.
        let span = token_span(&self.tokens[start.0]);
        Ok(Expr { kind, span })
    }

    fn constant(&mut self, value: Constant) -> ExprKind {
        self.advance();
        ExprKind::Constant { value, kind: None }
    }

    /// A `NUMBER` token's value.
    pub(super) fn number(&mut self) -> PResult<Constant> {
        let token = *self.token();
        self.advance();
        if self.text(&token).contains('_') {
            let what = "Underscores in numeric literals are";
            self.require(6, what, self.pos - 1)?;
        }
        match literal::number(self.text(&token), self.options.int_max_str_digits) {
            Ok(value) => Ok(value),
            Err(digits) => {
                let limit = self.options.int_max_str_digits;
                self.raise(
                    ErrorKind::Syntax,
                    format!(
                        "Exceeds the limit ({limit} digits) for integer string conversion: \
                         value has {digits} digits; use sys.set_int_max_str_digits() to \
                         increase the limit - Consider hexadecimal for huge integer literals \
                         to avoid decimal conversion limits."
                    ),
                    token_span(&token),
                )
            }
        }
    }

    /// A group, a tuple or a generator expression.
    fn parenthesized(&mut self) -> PResult<Expr> {
        let start = self.start();
        self.advance();
        let ctx = LOAD;
        if self.eat(TokenKind::RPar) {
            let elts = Vec::new();
            return Ok(self.expr(start, ExprKind::Tuple { elts, ctx }));
        }
        if self.kind() == TokenKind::KwYield {
            let value = self.yield_expr()?;
            self.expect(TokenKind::RPar)?;
            return Ok(value);
        }
        let first = self.star_named_expression()?;
        let starred = matches!(first.kind, ExprKind::Starred { .. });
        match self.kind() {
            TokenKind::RPar if !starred => {
                self.advance();
                Ok(first)
            }
            TokenKind::Comma => {
                let mut elts = vec![first];
                self.more_elements(&mut elts, TokenKind::RPar)?;
                Ok(self.expr(start, ExprKind::Tuple { elts, ctx }))
            }
            TokenKind::KwFor | TokenKind::KwAsync if !starred => {
                let generators = self.comprehensions()?;
                self.expect(TokenKind::RPar)?;
                let elt = Box::new(first);
                Ok(self.expr(start, ExprKind::GeneratorExp { elt, generators }))
            }
            _ => Err(Fail),
        }
    }

    /// Behind the first element: the others and the closing bracket.
    fn more_elements(&mut self, elts: &mut Vec<Expr>, close: TokenKind) -> PResult<()> {
        while self.eat(TokenKind::Comma) {
            if self.kind() == close {
                break;
            }
            elts.push(self.star_named_expression()?);
        }
        self.expect(close)
    }

    fn list(&mut self) -> PResult<Expr> {
        let start = self.start();
        self.advance();
        let ctx = LOAD;
        let mut elts = Vec::new();
        if self.eat(TokenKind::RSqb) {
            return Ok(self.expr(start, ExprKind::List { elts, ctx }));
        }
        let first = self.star_named_expression()?;
        if self.at_comprehension(&first) {
            let generators = self.comprehensions()?;
            self.expect(TokenKind::RSqb)?;
            let elt = Box::new(first);
            return Ok(self.expr(start, ExprKind::ListComp { elt, generators }));
        }
        elts.push(first);
        self.more_elements(&mut elts, TokenKind::RSqb)?;
        Ok(self.expr(start, ExprKind::List { elts, ctx }))
    }

    fn at_comprehension(&self, first: &Expr) -> bool {
        matches!(self.kind(), TokenKind::KwFor | TokenKind::KwAsync)
            && !matches!(first.kind, ExprKind::Starred { .. })
    }

    /// A dict, a set, or a comprehension of either.
    fn braces(&mut self) -> PResult<Expr> {
        let start = self.start();
        self.advance();
        if matches!(self.kind(), TokenKind::RBrace | TokenKind::DoubleStar) {
            return self.dict(start, None);
        }
        let first = self.star_named_expression()?;
        if self.kind() == TokenKind::Colon {
            if matches!(
                first.kind,
                ExprKind::Starred { .. } | ExprKind::NamedExpr { .. }
            ) && !self.closes_group(&first)
            {
                return Err(Fail);
            }
            return self.dict(start, Some(first));
        }
        if self.at_comprehension(&first) {
            let generators = self.comprehensions()?;
            self.expect(TokenKind::RBrace)?;
            let elt = Box::new(first);
            return Ok(self.expr(start, ExprKind::SetComp { elt, generators }));
        }
        let mut elts = vec![first];
        self.more_elements(&mut elts, TokenKind::RBrace)?;
        Ok(self.expr(start, ExprKind::Set { elts }))
    }

    /// Whether an expression just read was in parentheses: then it ends before
    /// the last token does.
    fn closes_group(&self, expr: &Expr) -> bool {
        let last = &self.tokens[self.pos - 1];
        (last.end_line, last.end_col) != (expr.span.end_line, expr.span.end_col)
    }

    /// The items of a dict, `first` being the first key if that was read.
    fn dict(&mut self, start: Start, first: Option<Expr>) -> PResult<Expr> {
        let (mut keys, mut values) = (Vec::new(), Vec::new());
        let mut next_key = first;
        loop {
            if next_key.is_none() {
                if self.kind() == TokenKind::RBrace {
                    break;
                }
                if self.eat(TokenKind::DoubleStar) {
                    keys.push(None);
                    values.push(self.bitwise_or()?);
                    if !self.eat(TokenKind::Comma) {
                        break;
                    }
                    continue;
                }
            }
            let key = match next_key.take() {
                Some(key) => key,
                None => self.expression()?,
            };
            self.expect(TokenKind::Colon)?;
            let value = self.expression()?;
            if keys.is_empty() && matches!(self.kind(), TokenKind::KwFor | TokenKind::KwAsync) {
                let generators = self.comprehensions()?;
                self.expect(TokenKind::RBrace)?;
                let kind = ExprKind::DictComp {
                    key: Box::new(key),
                    value: Box::new(value),
                    generators,
                };
                return Ok(self.expr(start, kind));
            }
            keys.push(Some(key));
            values.push(value);
            if !self.eat(TokenKind::Comma) {
                break;
            }
        }
        self.expect(TokenKind::RBrace)?;
        Ok(self.expr(start, ExprKind::Dict { keys, values }))
    }

    /// `for ... in ... if ...`, one or more.
    pub(super) fn comprehensions(&mut self) -> PResult<Vec<Comprehension>> {
        let mut generators = Vec::new();
        loop {
            let is_async = self.eat(TokenKind::KwAsync);
            self.expect(TokenKind::KwFor)?;
            let target = self.for_targets()?;
            self.expect(TokenKind::KwIn)?;
            let iter = self.disjunction()?;
            let mut ifs = Vec::new();
            while self.eat(TokenKind::KwIf) {
                ifs.push(self.disjunction()?);
            }
            if is_async {
                self.require(6, "Async comprehensions are", self.pos)?;
            }
            generators.push(Comprehension {
                target,
                iter,
                ifs,
                is_async,
            });
            if !matches!(self.kind(), TokenKind::KwFor | TokenKind::KwAsync) {
                return Ok(generators);
            }
        }
    }

    /// What stands in the brackets of a subscript.
    fn slices(&mut self) -> PResult<Expr> {
        let start = self.start();
        let first = self.slice()?;
        if self.kind() != TokenKind::Comma && !matches!(first.kind, ExprKind::Starred { .. }) {
            return Ok(first);
        }
        let mut elts = vec![first];
        while self.eat(TokenKind::Comma) && self.kind() != TokenKind::RSqb {
            elts.push(self.slice()?);
        }
        Ok(self.expr(start, ExprKind::Tuple { elts, ctx: LOAD }))
    }

    fn slice(&mut self) -> PResult<Expr> {
        let start = self.start();
        if self.kind() == TokenKind::Star {
            self.advance();
            let value = Box::new(self.expression()?);
            return Ok(self.expr(start, ExprKind::Starred { value, ctx: LOAD }));
        }
        let lower = if self.kind() == TokenKind::Colon {
            None
        } else {
            let value = self.named_expression()?;
            if self.kind() != TokenKind::Colon {
                return Ok(value);
            }
            if matches!(value.kind, ExprKind::NamedExpr { .. }) && !self.closes_group(&value) {
                return Err(Fail);
            }
            Some(Box::new(value))
        };
        self.advance();
        let upper = self.slice_part()?;
        let step = if self.eat(TokenKind::Colon) {
            self.slice_part()?
        } else {
            None
        };
        Ok(self.expr(start, ExprKind::Slice { lower, upper, step }))
    }

    fn slice_part(&mut self) -> PResult<Option<Box<Expr>>> {
        match self.kind() {
            TokenKind::Colon | TokenKind::Comma | TokenKind::RSqb => Ok(None),
            _ => Ok(Some(Box::new(self.expression()?))),
        }
    }
}
