//! Simple statements.

use super::{Fail, PResult, Parser, Start};
use crate::ast::*;
use crate::token::TokenKind;
use std::rc::Rc;

fn augmented_operator(kind: TokenKind) -> Option<Operator> {
    Some(match kind {
        TokenKind::PlusEqual => Operator::Add,
        TokenKind::MinEqual => Operator::Sub,
        TokenKind::StarEqual => Operator::Mult,
        TokenKind::AtEqual => Operator::MatMult,
        TokenKind::SlashEqual => Operator::Div,
        TokenKind::PercentEqual => Operator::Mod,
        TokenKind::AmperEqual => Operator::BitAnd,
        TokenKind::VBarEqual => Operator::BitOr,
        TokenKind::CircumflexEqual => Operator::BitXor,
        TokenKind::LeftShiftEqual => Operator::LShift,
        TokenKind::RightShiftEqual => Operator::RShift,
        TokenKind::DoubleStarEqual => Operator::Pow,
        TokenKind::DoubleSlashEqual => Operator::FloorDiv,
        _ => return None,
    })
}

impl Parser<'_> {
    /// A line of simple statements.
    pub(super) fn simple_statements(&mut self, body: &mut Vec<Stmt>) -> PResult<()> {
        loop {
            body.push(self.simple_statement()?);
            if self.eat(TokenKind::Semi) {
                if self.eat(TokenKind::Newline) {
                    return Ok(());
                }
                continue;
            }
            return self.expect(TokenKind::Newline);
        }
    }

    fn simple_statement(&mut self) -> PResult<Stmt> {
        let start = self.start();
        self.chain = 0;
        let kind = match self.kind() {
            TokenKind::KwReturn => {
                self.advance();
                let value = match self.kind() {
                    TokenKind::Newline | TokenKind::Semi => None,
                    _ => Some(Box::new(self.star_expressions()?)),
                };
                StmtKind::Return { value }
            }
            TokenKind::KwImport => self.import()?,
            TokenKind::KwFrom => self.import_from()?,
            TokenKind::KwRaise => self.raise_statement()?,
            TokenKind::KwPass => {
                self.advance();
                StmtKind::Pass
            }
            TokenKind::KwDel => self.del()?,
            TokenKind::KwYield => return self.yield_statement(),
            TokenKind::KwAssert => {
                self.advance();
                let test = Box::new(self.expression()?);
                let msg = if self.eat(TokenKind::Comma) {
                    Some(Box::new(self.expression()?))
                } else {
                    None
                };
                StmtKind::Assert { test, msg }
            }
            TokenKind::KwBreak => {
                self.advance();
                StmtKind::Break
            }
            TokenKind::KwContinue => {
                self.advance();
                StmtKind::Continue
            }
            TokenKind::KwGlobal => {
                self.advance();
                let names = self.names()?;
                StmtKind::Global { names }
            }
            TokenKind::KwNonlocal => {
                self.advance();
                let names = self.names()?;
                StmtKind::Nonlocal { names }
            }
            TokenKind::Name if self.kind_at(1) == TokenKind::Name && self.at_word("type") => {
                self.type_alias()?
            }
            _ => return self.expression_statement(),
        };
        Ok(self.stmt(start, kind))
    }

    fn names(&mut self) -> PResult<Vec<Name>> {
        let mut names = vec![self.name()?];
        while self.eat(TokenKind::Comma) {
            names.push(self.name()?);
        }
        Ok(names)
    }

    /// `yield ...` as a statement, which nothing but an end may follow.
    fn yield_statement(&mut self) -> PResult<Stmt> {
        let start = self.start();
        let value = Box::new(self.yield_expr()?);
        Ok(self.stmt(start, StmtKind::Expr { value }))
    }

    /// An expression, or an assignment of any kind.
    fn expression_statement(&mut self) -> PResult<Stmt> {
        let start = self.start();
        let mut expr = self.star_expressions()?;
        let kind = match self.kind() {
            TokenKind::Equal => self.assignment(expr)?,
            TokenKind::Colon => {
                if !Self::is_single_target(&expr) {
                    return Err(Fail);
                }
                let parenthesized = self.tokens[start.0].kind == TokenKind::LPar;
                let simple = matches!(expr.kind, ExprKind::Name { .. }) && !parenthesized;
                self.advance();
                self.store_into(&mut expr)?;
                let annotation = Box::new(self.expression()?);
                let value = if self.eat(TokenKind::Equal) {
                    Some(Box::new(self.annotated_rhs()?))
                } else {
                    None
                };
                let what = if simple {
                    "Variable annotation syntax is"
                } else {
                    "Variable annotations syntax is"
                };
                self.require(6, what, self.pos)?;
                StmtKind::AnnAssign {
                    target: Box::new(expr),
                    annotation,
                    value,
                    simple,
                }
            }
            kind => match augmented_operator(kind) {
                None => StmtKind::Expr {
                    value: Box::new(expr),
                },
                Some(op) => {
                    if !Self::is_single_target(&expr) {
                        return Err(Fail);
                    }
                    self.advance();
                    if op == Operator::MatMult {
                        self.require(5, "The '@' operator is", self.pos - 1)?;
                    }
                    self.store_into(&mut expr)?;
                    StmtKind::AugAssign {
                        target: Box::new(expr),
                        op,
                        value: Box::new(self.annotated_rhs()?),
                    }
                }
            },
        };
        Ok(self.stmt(start, kind))
    }

    /// At the first `=` of an assignment.
    fn assignment(&mut self, first: Expr) -> PResult<StmtKind> {
        let mut targets = Vec::new();
        let mut value = first;
        while self.eat(TokenKind::Equal) {
            self.store_into(&mut value)?;
            targets.push(value);
            value = self.annotated_rhs()?;
        }
        let type_comment = self.type_comment();
        Ok(StmtKind::Assign {
            targets,
            value: Box::new(value),
            type_comment,
        })
    }

    /// The type comment that is next, if one is.
    pub(super) fn type_comment(&mut self) -> Option<Rc<str>> {
        if self.kind() != TokenKind::TypeComment {
            return None;
        }
        let text = self.text(self.token());
        self.advance();
        Some(Rc::from(text))
    }

    fn raise_statement(&mut self) -> PResult<StmtKind> {
        self.advance();
        if matches!(self.kind(), TokenKind::Newline | TokenKind::Semi) {
            return Ok(StmtKind::Raise {
                exc: None,
                cause: None,
            });
        }
        let exc = Some(Box::new(self.expression()?));
        let cause = if self.eat(TokenKind::KwFrom) {
            Some(Box::new(self.expression()?))
        } else {
            None
        };
        Ok(StmtKind::Raise { exc, cause })
    }

    fn del(&mut self) -> PResult<StmtKind> {
        self.advance();
        let mut targets = Vec::new();
        loop {
            let mut target = self.bitwise_or()?;
            self.delete(&mut target)?;
            targets.push(target);
            if !self.eat(TokenKind::Comma)
                || matches!(self.kind(), TokenKind::Newline | TokenKind::Semi)
            {
                break;
            }
        }
        match self.kind() {
            TokenKind::Newline | TokenKind::Semi => Ok(StmtKind::Delete { targets }),
            _ => Err(Fail),
        }
    }

    fn dotted_name(&mut self) -> PResult<Name> {
        let name = self.name()?;
        if self.kind() != TokenKind::Dot {
            return Ok(name);
        }
        let mut dotted = name.to_string();
        while self.eat(TokenKind::Dot) {
            dotted.push('.');
            dotted.push_str(&self.name()?);
        }
        Ok(self.names.intern(&dotted))
    }

    fn as_name(&mut self) -> PResult<Option<Name>> {
        if self.eat(TokenKind::KwAs) {
            return self.name().map(Some);
        }
        Ok(None)
    }

    fn import(&mut self) -> PResult<StmtKind> {
        self.advance();
        let mut names = Vec::new();
        loop {
            let start = self.start();
            let name = self.dotted_name()?;
            let asname = self.as_name()?;
            names.push(self.alias(start, name, asname));
            if !self.eat(TokenKind::Comma) {
                return Ok(StmtKind::Import { names });
            }
        }
    }

    fn alias(&self, start: Start, name: Name, asname: Option<Name>) -> Alias {
        let span = self.span(start);
        Alias { name, asname, span }
    }

    fn import_from(&mut self) -> PResult<StmtKind> {
        self.advance();
        let mut level = 0;
        loop {
            match self.kind() {
                TokenKind::Dot => level += 1,
                TokenKind::Ellipsis => level += 3,
                _ => break,
            }
            self.advance();
        }
        let module = if self.kind() == TokenKind::KwImport && level > 0 {
            None
        } else {
            Some(self.dotted_name()?)
        };
        self.expect(TokenKind::KwImport)?;
        let mut names = Vec::new();
        let start = self.start();
        if self.eat(TokenKind::Star) {
            let star = self.names.intern("*");
            names.push(self.alias(start, star, None));
        } else if self.eat(TokenKind::LPar) {
            loop {
                names.push(self.imported_name()?);
                if !self.eat(TokenKind::Comma) || self.kind() == TokenKind::RPar {
                    break;
                }
            }
            self.expect(TokenKind::RPar)?;
        } else {
            loop {
                names.push(self.imported_name()?);
                if !self.eat(TokenKind::Comma) {
                    break;
                }
            }
        }
        self.note_future(module.as_deref(), level, &names);
        Ok(StmtKind::ImportFrom {
            module,
            names,
            level,
        })
    }

    fn imported_name(&mut self) -> PResult<Alias> {
        let start = self.start();
        let name = self.name()?;
        let asname = self.as_name()?;
        Ok(self.alias(start, name, asname))
    }

    /// The one future that changes the grammar.
    fn note_future(&mut self, module: Option<&str>, level: u32, names: &[Alias]) {
        if module == Some("__future__") && level == 0 {
            self.barry_as_flufl |= names.iter().any(|n| &*n.name == "barry_as_FLUFL");
        }
    }
}
