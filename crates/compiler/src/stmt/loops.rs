//! `while`, `for` and `async for`. The test is at the bottom.

use taipan_bytecode::{Op, flag};
use taipan_syntax::ast::*;

use super::unwind::FKind;
use crate::compiler::{Compiler, Place, Val};
use crate::emit::Reg;
use crate::errors::{CompileError, Result};

impl<'a> Compiler<'a> {
    pub(super) fn while_stmt(
        &mut self,
        span: Span,
        test: &'a Expr,
        body: &'a [Stmt],
        orelse: &'a [Stmt],
    ) -> Result<()> {
        self.unit.in_conditional += 1;
        let truth = self.const_truth(test);
        let (start, again, end) = (self.unit.label(), self.unit.label(), self.unit.label());
        if truth == Some(false) {
            self.unit.op(span, Op::Nop, 0, 0, 0, 0);
            self.push_block(FKind::While { again, end });
            self.dead(body)?;
            self.pop_block();
            self.stmts(orelse)?;
            self.unit.in_conditional -= 1;
            self.unit.place(end);
            return Ok(());
        }
        let entered = self.unit.reachable;
        if truth.is_none() {
            self.unit.jump(test.span, again);
        } else {
            self.unit.op(test.span, Op::Nop, 0, 0, 0, 0);
        }
        self.unit.place_loop(start, entered);
        self.push_block(FKind::While { again, end });
        self.stmts(body)?;
        self.pop_block();
        self.unit.place(again);
        if truth.is_none() {
            self.cond(test, start, true)?;
        } else {
            // It is the loop's line that is come to again.
            self.unit.jump(test.span, start);
        }
        self.stmts(orelse)?;
        self.unit.place(end);
        self.unit.in_conditional -= 1;
        Ok(())
    }

    /// The register for a loop's next item: the target itself if it is a local.
    pub(crate) fn loop_target(&mut self, target: &'a Expr) -> (Reg, bool) {
        if let ExprKind::Name { id, .. } = &target.kind
            && let Place::Local(r) = self.place(&self.mangled(id))
        {
            return (r, true);
        }
        (self.unit.alloc(), false)
    }

    pub(super) fn for_stmt(&mut self, span: Span, f: &'a For) -> Result<()> {
        let _ = span;
        self.unit.in_conditional += 1;
        let iter = self.unit.alloc();
        let v = self.expr(&f.iter, Some(iter))?;
        self.op1(f.iter.span, Op::GetIter, v, 0, iter + 1, Some(iter));
        let (start, again, end) = (self.unit.label(), self.unit.label(), self.unit.label());
        let entered = self.unit.reachable;
        self.unit.jump(Span::default(), again);
        self.unit.place_loop(start, entered);
        let mark = self.unit.mark();
        let (item, direct) = self.loop_target(&f.target);
        if direct {
            if !self.unit.is_temp(item) {
                self.unit.bound.insert(item);
            }
        } else {
            self.store(&f.target, Val::Temp(item))?;
        }
        self.unit.release(mark);
        self.push_block(FKind::For { iter, again, end });
        self.stmts(&f.body)?;
        self.pop_block();
        self.unit.place(again);
        self.unit
            .jump_op(f.iter.span, Op::ForIter, 0, item, iter, start);
        if !direct {
            // The item's register is used where nothing else is alive.
            self.unit.release(mark);
        }
        self.unit.release(iter);
        self.stmts(&f.orelse)?;
        self.unit.place(end);
        self.unit.in_conditional -= 1;
        Ok(())
    }

    pub(super) fn async_for_stmt(&mut self, span: Span, f: &'a For) -> Result<()> {
        self.check_async("'async for' outside async function", span)?;
        self.unit.in_conditional += 1;
        let iter = self.unit.alloc();
        let v = self.expr(&f.iter, Some(iter))?;
        self.op1(f.iter.span, Op::GetAiter, v, 0, iter + 1, Some(iter));
        let (again, end) = (self.unit.label(), self.unit.label());
        let entered = self.unit.reachable;
        self.unit.place_loop(again, entered);
        let mark = self.unit.mark();
        let handler = self.unit.new_handler(iter + 1, iter + 1);
        self.push_block(FKind::For { iter, again, end });
        let item = self.next_awaited(f.iter.span, iter, handler);
        self.store(&f.target, Val::Temp(item))?;
        self.unit.release(mark);
        self.stmts(&f.body)?;
        self.pop_block();
        self.unit.jump(Span::default(), again);
        self.end_async_for(f.iter.span, iter, handler);
        self.unit.release(iter);
        self.stmts(&f.orelse)?;
        self.unit.place(end);
        self.unit.in_conditional -= 1;
        Ok(())
    }

    /// Awaits the next item of an asynchronous iterator into a new temporary.
    pub(crate) fn next_awaited(&mut self, span: Span, iter: Reg, handler: u32) -> Reg {
        let outer = std::mem::replace(&mut self.unit.handler, handler);
        let item = self.unit.alloc();
        self.unit.op(span, Op::GetAnext, 0, item, iter, 0);
        self.send_loop(span, item, 3);
        self.unit.handler = outer;
        item
    }

    /// The handler that ends an asynchronous loop; goes on behind it.
    pub(crate) fn end_async_for(&mut self, span: Span, iter: Reg, handler: u32) {
        if self.unit.place_handler(handler) {
            let flags = flag::KILL_A | flag::KILL_B;
            let exc = iter + 1;
            self.unit.op(span, Op::EndAsyncFor, flags, iter, exc, 0);
        }
    }

    pub(crate) fn check_async(&self, msg: &str, span: Span) -> Result<()> {
        use crate::emit::UnitKind as K;
        if self.unit.kind == K::AsyncFunction
            || self.unit.kind == K::Module && self.table.future.top_level_await
        {
            return Ok(());
        }
        Err(CompileError::syntax(msg, span))
    }
}
