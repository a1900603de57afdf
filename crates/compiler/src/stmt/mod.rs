//! Statements.

mod assign;
mod import;
mod loops;
mod try_;
mod unwind;
mod with;

use taipan_bytecode::{Const, Intrinsic, Op, flag};
use taipan_syntax::ast::*;

use crate::compiler::{Compiler, Val, kill_if};
use crate::deep;
use crate::emit::UnitKind;
use crate::errors::{CompileError, Result};

pub(crate) use assign::MAX_TARGETS;
pub(crate) use unwind::{FBlock, FKind};

impl<'a> Compiler<'a> {
    pub(crate) fn stmts(&mut self, body: &'a [Stmt]) -> Result<()> {
        body.iter().try_for_each(|s| self.stmt(s))
    }

    pub(crate) fn stmt(&mut self, s: &'a Stmt) -> Result<()> {
        let mark = self.unit.mark();
        deep(|| self.stmt_inner(s))?;
        debug_assert!(self.unit.mark() == mark, "statement leaves temporaries");
        self.unit.release(mark);
        Ok(())
    }

    fn stmt_inner(&mut self, s: &'a Stmt) -> Result<()> {
        let span = s.span;
        if matches!(
            s.kind,
            StmtKind::While { .. }
                | StmtKind::For(_)
                | StmtKind::AsyncFor(_)
                | StmtKind::Try(_)
                | StmtKind::TryStar(_)
                | StmtKind::With(_)
                | StmtKind::AsyncWith(_)
        ) {
            self.check_blocks(span)?;
        }
        match &s.kind {
            StmtKind::Expr { value } => self.expr_stmt(span, value),
            StmtKind::Assign { targets, value, .. } => self.assign(span, targets, value),
            StmtKind::AugAssign { target, op, value } => self.aug_assign(span, target, *op, value),
            StmtKind::AnnAssign {
                target,
                annotation,
                value,
                simple,
            } => self.ann_assign(s, target, annotation, value.as_deref(), *simple),
            StmtKind::Return { value } => self.return_stmt(span, value.as_deref()),
            StmtKind::If { test, body, orelse } => self.if_stmt(span, test, body, orelse),
            StmtKind::While { test, body, orelse } => self.while_stmt(span, test, body, orelse),
            StmtKind::For(f) => self.for_stmt(span, f),
            StmtKind::AsyncFor(f) => self.async_for_stmt(span, f),
            StmtKind::FunctionDef(f) => self.function_stmt(span, f, false),
            StmtKind::AsyncFunctionDef(f) => self.function_stmt(span, f, true),
            StmtKind::ClassDef(c) => self.class_stmt(span, c),
            StmtKind::Delete { targets } => targets.iter().try_for_each(|t| self.delete(t)),
            StmtKind::Raise { exc, cause } => self.raise(span, exc.as_deref(), cause.as_deref()),
            StmtKind::Try(t) => self.try_stmt(span, t),
            StmtKind::TryStar(t) => self.try_star_stmt(span, t),
            StmtKind::With(w) => self.with_stmt(span, w, 0, false),
            StmtKind::AsyncWith(w) => self.with_stmt(span, w, 0, true),
            StmtKind::Import { names } => self.import(span, names),
            StmtKind::ImportFrom {
                module,
                names,
                level,
            } => self.import_from(span, module.as_ref(), names, *level),
            StmtKind::Assert { test, msg } => self.assert(span, test, msg.as_deref()),
            StmtKind::Global { .. } | StmtKind::Nonlocal { .. } => Ok(()),
            StmtKind::Pass => {
                self.unit.op(span, Op::Nop, 0, 0, 0, 0);
                Ok(())
            }
            StmtKind::Break => self.break_stmt(span),
            StmtKind::Continue => self.continue_stmt(span),
            StmtKind::Match { subject, cases } => self.match_stmt(span, subject, cases),
            StmtKind::TypeAlias {
                name,
                type_params,
                value,
            } => self.type_alias_stmt(s, name, type_params, value),
        }
    }

    fn expr_stmt(&mut self, span: Span, value: &'a Expr) -> Result<()> {
        let mark = self.unit.mark();
        let show = self.interactive && self.units.is_empty();
        let before = self.unit.code.len();
        let v = self.expr(value, None)?;
        if show {
            let (mut r, kill) = self.reg(span, v);
            if !kill {
                let t = self.unit.alloc();
                self.unit.mov(span, t, r, false);
                r = t;
            }
            let id = Intrinsic::Print as u16;
            self.unit.op(span, Op::CallIntrinsic, 0, r, r, id);
            self.unit.clear(span, r);
        } else if let Val::Const(_) = v {
            // Nothing happens, but the line is executed.
            self.unit.op(span, Op::Nop, 0, 0, 0, 0);
        } else {
            self.drop_val(value.span, v);
            if self.unit.code.len() == before {
                // A variable that certainly has a value: as a constant.
                self.unit.op(span, Op::Nop, 0, 0, 0, 0);
            }
        }
        self.unit.release(mark);
        Ok(())
    }

    /// Compiles statements that can never run, for their errors only.
    pub(crate) fn dead(&mut self, body: &'a [Stmt]) -> Result<()> {
        let reachable = std::mem::replace(&mut self.unit.reachable, false);
        let bound = self.unit.bound.clone();
        self.stmts(body)?;
        self.unit.reachable = reachable;
        self.unit.bound = bound;
        Ok(())
    }

    fn if_stmt(
        &mut self,
        span: Span,
        test: &'a Expr,
        body: &'a [Stmt],
        orelse: &'a [Stmt],
    ) -> Result<()> {
        self.unit.in_conditional += 1;
        if let Some(truth) = self.const_truth(test) {
            self.unit.op(span, Op::Nop, 0, 0, 0, 0);
            let (live, dead) = if truth {
                (body, orelse)
            } else {
                (orelse, body)
            };
            if truth {
                self.stmts(live)?;
                self.dead(dead)?;
            } else {
                self.dead(dead)?;
                self.stmts(live)?;
            }
        } else {
            let other = self.unit.label();
            self.cond(test, other, false)?;
            self.stmts(body)?;
            if orelse.is_empty() {
                self.unit.place(other);
            } else {
                let end = self.unit.label();
                self.unit.jump(Span::default(), end);
                self.unit.place(other);
                self.stmts(orelse)?;
                self.unit.place(end);
            }
        }
        self.unit.in_conditional -= 1;
        Ok(())
    }

    fn return_stmt(&mut self, span: Span, value: Option<&'a Expr>) -> Result<()> {
        if !matches!(
            self.unit.kind,
            UnitKind::Function | UnitKind::AsyncFunction | UnitKind::Lambda
        ) {
            return Err(CompileError::syntax("'return' outside function", span));
        }
        self.warn_finally(span, "return");
        if value.is_some() && self.scope().coroutine && self.scope().generator {
            return Err(CompileError::syntax(
                "'return' with value in async generator",
                span,
            ));
        }
        let mark = self.unit.mark();
        let v = match value {
            None => Val::Const(Const::None),
            Some(e) => self.expr(e, None)?,
        };
        let at = match (&v, value) {
            (Val::Const(_), Some(e)) => e.span,
            _ => span,
        };
        self.check_star_return(at)?;
        // What leaving the blocks runs may rebind a local.
        let v = match v {
            Val::Local(r) if self.leaving_runs_code() => {
                let t = self.unit.alloc();
                self.unit.mov(span, t, r, false);
                Val::Temp(t)
            }
            Val::Local(r) if !self.unit.is_bound(r) && !self.unit.fblocks.is_empty() => {
                let t = self.unit.alloc();
                self.unit.mov(span, t, r, false);
                Val::Temp(t)
            }
            v => v,
        };
        let way = self.mark_way_out(span, 0);
        self.unwind_all(way)?;
        // The frame is left at the line of what ran last.
        let end = if self.runs_statements(0) { self.unit.last_span() } else { span };
        if let Val::Const(Const::None) = v {
            self.unit.op(end, Op::ReturnNone, 0, 0, 0, 0);
        } else {
            let (r, kill) = self.reg(end, v);
            self.unit
                .op(end, Op::Return, kill_if(kill, flag::KILL_A), r, 0, 0);
        }
        self.returned();
        self.unit.release(mark);
        Ok(())
    }

    fn raise(&mut self, span: Span, exc: Option<&'a Expr>, cause: Option<&'a Expr>) -> Result<()> {
        let mark = self.unit.mark();
        match (exc, cause) {
            (None, _) => self.unit.op(span, Op::Raise, 0, 0, 0, 0),
            (Some(e), None) => {
                let (r, kill) = self.expr_reg(e)?;
                self.unit
                    .op(span, Op::Raise, kill_if(kill, flag::KILL_A), r, 0, 1);
            }
            (Some(e), Some(cause)) => {
                let trivial = self.is_trivial(cause);
                let v = self.expr_before(e, None, trivial)?;
                let c = self.expr(cause, None)?;
                let (r, kill) = self.reg(span, v);
                let (c, kill_c) = self.reg(cause.span, c);
                let flags = kill_if(kill, flag::KILL_A) | kill_if(kill_c, flag::KILL_B);
                self.unit.op(span, Op::Raise, flags, r, c, 2);
            }
        }
        self.unit.release(mark);
        Ok(())
    }

    fn assert(&mut self, span: Span, test: &'a Expr, msg: Option<&'a Expr>) -> Result<()> {
        if let ExprKind::Tuple { elts, .. } = &test.kind
            && !elts.is_empty()
        {
            self.warn(
                "assertion is always true, perhaps remove parentheses?",
                span,
            );
        }
        if self.options.optimize > 0 {
            return Ok(());
        }
        let mark = self.unit.mark();
        let end = self.unit.label();
        self.cond(test, end, true)?;
        let base = self.unit.alloc();
        self.unit.op(span, Op::LoadCommon, 0, base, 0, 0);
        if let Some(msg) = msg {
            self.expr_temp(msg)?;
            self.unit.op(span, Op::Call, 0, base, 1, base);
        }
        self.unit.op(test.span, Op::Raise, flag::KILL_A, base, 0, 1);
        self.unit.release(mark);
        self.unit.place(end);
        Ok(())
    }
}
