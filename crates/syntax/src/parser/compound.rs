//! Compound statements and blocks.

use super::{Fail, PResult, Parser, Start};
use crate::ast::*;
use crate::token::TokenKind;
use std::rc::Rc;

impl Parser<'_> {
    /// Statements up to a token that ends a block or the file.
    pub(super) fn statements(&mut self, end: TokenKind) -> PResult<Vec<Stmt>> {
        let mut body = Vec::new();
        while self.kind() != end {
            if end == TokenKind::EndMarker {
                self.statement_before = std::mem::replace(&mut self.statement, self.pos);
                self.compounds_before = [self.compounds_before[1], self.compound];
            }
            self.statement(&mut body)?;
        }
        Ok(body)
    }

    /// Whether a compound statement starts here.
    pub(super) fn at_compound(&self) -> bool {
        use TokenKind::*;
        match self.kind() {
            KwDef | At | KwAsync | KwIf | KwClass | KwWith | KwFor | KwTry | KwWhile => true,
            Name => self.at_match(),
            _ => false,
        }
    }

    /// A compound statement, or a line of simple ones.
    pub(super) fn statement(&mut self, body: &mut Vec<Stmt>) -> PResult<()> {
        let start = self.start();
        let stmt = match self.kind() {
            TokenKind::KwDef => self.function(start, Vec::new(), false)?,
            TokenKind::KwClass => self.class(start, Vec::new())?,
            TokenKind::At => self.decorated()?,
            TokenKind::KwIf => self.if_statement(start)?,
            TokenKind::KwFor => self.for_statement(start, false)?,
            TokenKind::KwWhile => self.while_statement(start)?,
            TokenKind::KwTry => self.try_statement(start)?,
            TokenKind::KwWith => self.with_statement(start, false)?,
            TokenKind::KwAsync => {
                self.advance();
                match self.kind() {
                    TokenKind::KwDef => self.function(start, Vec::new(), true)?,
                    TokenKind::KwFor => self.for_statement(start, true)?,
                    TokenKind::KwWith => self.with_statement(start, true)?,
                    _ => return Err(Fail),
                }
            }
            TokenKind::Name if self.at_match() => self.match_statement(start)?,
            _ => return self.simple_statements(body),
        };
        let (line, col) = (stmt.span.line, stmt.span.col);
        if line >= self.compound.0
            && !matches!(
                stmt.kind,
                StmtKind::FunctionDef(_) | StmtKind::AsyncFunctionDef(_)
            )
        {
            self.compound = (line, col);
        }
        body.push(stmt);
        Ok(())
    }

    /// What follows the colon of a compound statement.
    pub(super) fn block(&mut self) -> PResult<Vec<Stmt>> {
        if self.kind() != TokenKind::Newline {
            let mut body = Vec::new();
            self.simple_statements(&mut body)?;
            return Ok(body);
        }
        self.advance();
        self.expect(TokenKind::Indent)?;
        let body = self.deeper(|p| p.statements(TokenKind::Dedent))?;
        self.advance();
        Ok(body)
    }

    fn colon_block(&mut self) -> PResult<Vec<Stmt>> {
        self.expect(TokenKind::Colon)?;
        self.block()
    }

    fn else_block(&mut self) -> PResult<Vec<Stmt>> {
        if self.eat(TokenKind::KwElse) {
            self.colon_block()
        } else {
            Ok(Vec::new())
        }
    }

    fn decorated(&mut self) -> PResult<Stmt> {
        let mut decorators = Vec::new();
        while self.eat(TokenKind::At) {
            self.chain = 0;
            decorators.push(self.named_expression()?);
            self.expect(TokenKind::Newline)?;
        }
        let start = self.start();
        match self.kind() {
            TokenKind::KwDef => self.function(start, decorators, false),
            TokenKind::KwClass => self.class(start, decorators),
            TokenKind::KwAsync if self.kind_at(1) == TokenKind::KwDef => {
                self.advance();
                self.function(start, decorators, true)
            }
            _ => Err(Fail),
        }
    }

    fn function(&mut self, start: Start, decorators: Vec<Expr>, is_async: bool) -> PResult<Stmt> {
        self.advance();
        self.chain = 0;
        let name = self.name()?;
        let type_params = self.type_params()?;
        self.expect(TokenKind::LPar)?;
        let args = self.params()?;
        self.expect(TokenKind::RPar)?;
        let returns = if self.eat(TokenKind::RArrow) {
            Some(Box::new(self.expression()?))
        } else {
            None
        };
        self.expect(TokenKind::Colon)?;
        let type_comment = self.function_type_comment();
        let function = Box::new(FunctionDef {
            name,
            args,
            body: self.block()?,
            decorator_list: decorators,
            returns,
            type_comment,
            type_params,
        });
        let kind = if is_async {
            self.require(5, "Async functions are", self.pos - 1)?;
            StmtKind::AsyncFunctionDef(function)
        } else {
            StmtKind::FunctionDef(function)
        };
        Ok(self.stmt(start, kind))
    }

    /// The type comment behind the colon, or alone on the next line.
    fn function_type_comment(&mut self) -> Option<Rc<str>> {
        if self.kind() == TokenKind::Newline
            && self.kind_at(1) == TokenKind::TypeComment
            && self.kind_at(2) == TokenKind::Newline
            && self.kind_at(3) == TokenKind::Indent
        {
            self.advance();
        }
        self.type_comment()
    }

    fn class(&mut self, start: Start, decorators: Vec<Expr>) -> PResult<Stmt> {
        self.advance();
        self.chain = 0;
        let name = self.name()?;
        let type_params = self.type_params()?;
        let (bases, keywords) = if self.kind() == TokenKind::LPar {
            let open = self.start();
            let (bases, keywords) = self.call()?;
            // `class A(x for x in y)` is refused, though the call is not.
            if let [base] = &bases[..]
                && matches!(base.kind, ExprKind::GeneratorExp { .. })
                && (base.span.line, base.span.col)
                    == (self.tokens[open.0].line, self.tokens[open.0].col)
            {
                return Err(Fail);
            }
            (bases, keywords)
        } else {
            (Vec::new(), Vec::new())
        };
        let class = Box::new(ClassDef {
            name,
            bases,
            keywords,
            body: self.colon_block()?,
            decorator_list: decorators,
            type_params,
        });
        Ok(self.stmt(start, StmtKind::ClassDef(class)))
    }

    /// `if` and all its `elif`s. These nest in the tree, but not on the stack.
    fn if_statement(&mut self, start: Start) -> PResult<Stmt> {
        let mut branches = Vec::new();
        let mut branch = start;
        loop {
            self.advance();
            self.chain = 0;
            let test = self.named_expression()?;
            branches.push((branch, test, self.colon_block()?));
            self.chain = branches.len() as u32;
            self.link(0)?;
            branch = self.start();
            if self.kind() != TokenKind::KwElif {
                break;
            }
        }
        let mut orelse = self.else_block()?;
        while let Some((start, test, body)) = branches.pop() {
            let kind = StmtKind::If {
                test: Box::new(test),
                body,
                orelse,
            };
            orelse = vec![self.stmt(start, kind)];
        }
        orelse.pop().ok_or(Fail)
    }

    fn for_statement(&mut self, start: Start, is_async: bool) -> PResult<Stmt> {
        self.advance();
        self.chain = 0;
        let target = self.for_targets()?;
        self.expect(TokenKind::KwIn)?;
        let iter = self.star_expressions()?;
        self.expect(TokenKind::Colon)?;
        let type_comment = self.type_comment();
        let body = self.block()?;
        let orelse = self.else_block()?;
        let node = Box::new(For {
            target,
            iter,
            body,
            orelse,
            type_comment,
        });
        let kind = if is_async {
            self.require(5, "Async for loops are", self.pos)?;
            StmtKind::AsyncFor(node)
        } else {
            StmtKind::For(node)
        };
        Ok(self.stmt(start, kind))
    }

    fn while_statement(&mut self, start: Start) -> PResult<Stmt> {
        self.advance();
        self.chain = 0;
        let test = Box::new(self.named_expression()?);
        let body = self.colon_block()?;
        let orelse = self.else_block()?;
        Ok(self.stmt(start, StmtKind::While { test, body, orelse }))
    }

    fn with_statement(&mut self, start: Start, is_async: bool) -> PResult<Stmt> {
        self.advance();
        self.chain = 0;
        let items = match self.parenthesized_items() {
            Some(items) => items,
            None => {
                let mut items = vec![self.with_item()?];
                while self.eat(TokenKind::Comma) {
                    items.push(self.with_item()?);
                }
                items
            }
        };
        self.expect(TokenKind::Colon)?;
        let type_comment = self.type_comment();
        let with = Box::new(With {
            items,
            body: self.block()?,
            type_comment,
        });
        let kind = if is_async {
            self.require(5, "Async with statements are", self.pos - 1)?;
            StmtKind::AsyncWith(with)
        } else {
            StmtKind::With(with)
        };
        Ok(self.stmt(start, kind))
    }

    /// `(item, item)` before the colon. The parentheses may as well belong to
    /// an expression; this is the one place where the parser may have to go
    /// back.
    fn parenthesized_items(&mut self) -> Option<Vec<WithItem>> {
        if self.kind() != TokenKind::LPar || !self.closes_before_colon() {
            return None;
        }
        let (pos, warnings, nesting) = (self.pos, self.warnings.len(), self.nesting);
        let items = self.try_items();
        if items.is_err() && self.error.is_none() {
            self.pos = pos;
            self.warnings.truncate(warnings);
            self.nesting = nesting;
        }
        items.ok()
    }

    /// Whether the bracket that opens here is closed right before a colon.
    fn closes_before_colon(&self) -> bool {
        let outside = self.token().level - 1;
        let closing = self.tokens[self.pos + 1..]
            .iter()
            .position(|token| token.level <= outside);
        closing.is_some_and(|at| self.kind_at(at + 2) == TokenKind::Colon)
    }

    fn try_items(&mut self) -> PResult<Vec<WithItem>> {
        self.advance();
        let mut items = vec![self.with_item()?];
        while self.eat(TokenKind::Comma) && self.kind() != TokenKind::RPar {
            items.push(self.with_item()?);
        }
        self.expect(TokenKind::RPar)?;
        if self.kind() != TokenKind::Colon {
            return Err(Fail);
        }
        Ok(items)
    }

    fn with_item(&mut self) -> PResult<WithItem> {
        let context_expr = self.expression()?;
        let optional_vars = if self.eat(TokenKind::KwAs) {
            Some(Box::new(self.star_target()?))
        } else {
            None
        };
        Ok(WithItem {
            context_expr,
            optional_vars,
        })
    }

    fn try_statement(&mut self, start: Start) -> PResult<Stmt> {
        self.advance();
        let body = self.colon_block()?;
        let mut handlers = Vec::new();
        let star = self.kind() == TokenKind::KwExcept && self.kind_at(1) == TokenKind::Star;
        while self.kind() == TokenKind::KwExcept {
            handlers.push(self.except(star)?);
        }
        let orelse = if handlers.is_empty() {
            Vec::new()
        } else {
            self.else_block()?
        };
        let finalbody = if self.eat(TokenKind::KwFinally) {
            self.colon_block()?
        } else if handlers.is_empty() {
            return Err(Fail);
        } else {
            Vec::new()
        };
        let node = Box::new(Try {
            body,
            handlers,
            orelse,
            finalbody,
        });
        let kind = if star {
            self.require(11, "Exception groups are", self.pos)?;
            StmtKind::TryStar(node)
        } else {
            StmtKind::Try(node)
        };
        Ok(self.stmt(start, kind))
    }

    fn except(&mut self, star: bool) -> PResult<ExceptHandler> {
        let start = self.start();
        self.advance();
        self.chain = 0;
        if star {
            self.expect(TokenKind::Star)?;
        }
        let (mut type_, mut name) = (None, None);
        let mut bare = false;
        if self.kind() != TokenKind::Colon || star {
            let classes = self.start();
            let mut expr = self.expression()?;
            if self.kind() == TokenKind::Comma {
                let mut elts = vec![expr];
                while self.eat(TokenKind::Comma) && self.kind() != TokenKind::Colon {
                    elts.push(self.expression()?);
                }
                let ctx = ExprContext::Load;
                bare = true;
                expr = self.expr(classes, ExprKind::Tuple { elts, ctx });
            } else if self.eat(TokenKind::KwAs) {
                name = Some(self.name()?);
            }
            type_ = Some(Box::new(expr));
        }
        let body = self.colon_block()?;
        if bare {
            let what = "except expressions without parentheses are";
            self.require(14, what, self.pos - 1)?;
        }
        Ok(ExceptHandler {
            type_,
            name,
            body,
            span: self.span(start),
        })
    }

    /// Whether `match` is a keyword here: its line ends in a colon, and an
    /// indented block follows.
    fn at_match(&self) -> bool {
        if !self.at_word("match") {
            return false;
        }
        let mut at = self.pos + 1;
        while at + 1 < self.tokens.len() {
            match self.tokens[at].kind {
                TokenKind::Newline => break,
                TokenKind::EndMarker | TokenKind::ErrorToken => return false,
                _ => at += 1,
            }
        }
        at > self.pos + 2
            && self.tokens[at - 1].kind == TokenKind::Colon
            && self
                .tokens
                .get(at + 1)
                .is_some_and(|token| token.kind == TokenKind::Indent)
    }

    fn match_statement(&mut self, start: Start) -> PResult<Stmt> {
        self.advance();
        self.chain = 0;
        let first = self.start();
        let mut subject = self.star_named_expression()?;
        if self.kind() == TokenKind::Comma {
            let mut elts = vec![subject];
            while self.eat(TokenKind::Comma) && self.kind() != TokenKind::Colon {
                elts.push(self.star_named_expression()?);
            }
            let ctx = ExprContext::Load;
            subject = self.expr(first, ExprKind::Tuple { elts, ctx });
        } else if matches!(subject.kind, ExprKind::Starred { .. }) {
            return Err(Fail);
        }
        self.expect(TokenKind::Colon)?;
        self.expect(TokenKind::Newline)?;
        self.expect(TokenKind::Indent)?;
        let mut cases = Vec::new();
        while self.at_word("case") {
            cases.push(self.deeper(Self::case)?);
        }
        self.expect(TokenKind::Dedent)?;
        if cases.is_empty() {
            return Err(Fail);
        }
        self.require(10, "Pattern matching is", self.pos - 1)?;
        let subject = Box::new(subject);
        Ok(self.stmt(start, StmtKind::Match { subject, cases }))
    }

    fn case(&mut self) -> PResult<MatchCase> {
        self.advance();
        self.chain = 0;
        let pattern = self.patterns()?;
        let guard = if self.eat(TokenKind::KwIf) {
            Some(Box::new(self.named_expression()?))
        } else {
            None
        };
        let body = self.colon_block()?;
        Ok(MatchCase {
            pattern,
            guard,
            body,
        })
    }
}
