//! `with` and `async with`.

use taipan_bytecode::{Const, Op, Special, flag};
use taipan_syntax::ast::*;

use super::unwind::FKind;
use crate::compiler::{Compiler, Place, Val, kill_if};
use crate::emit::Reg;
use crate::errors::Result;

impl<'a> Compiler<'a> {
    pub(super) fn with_stmt(
        &mut self,
        span: Span,
        w: &'a With,
        item: usize,
        is_async: bool,
    ) -> Result<()> {
        if is_async {
            self.check_async("'async with' outside async function", span)?;
        }
        let Some(this) = w.items.get(item) else {
            return self.stmts(&w.body);
        };
        self.unit.in_conditional += 1;
        let at = this.context_expr.span;
        let exit = self.unit.alloc_n(2);
        // The manager goes where the enter function and its self will be.
        let enter = self.unit.alloc();
        let v = self.expr(&this.context_expr, Some(enter))?;
        let (manager, kill) = self.reg(at, v);
        self.unit.release(enter + 1);
        self.unit.alloc();
        let (enter_id, exit_id) = if is_async {
            (Special::AEnter, Special::AExit)
        } else {
            (Special::Enter, Special::Exit)
        };
        self.unit
            .op(at, Op::LoadSpecial, 0, exit, manager, exit_id as u16);
        self.unit.op(
            at,
            Op::LoadSpecial,
            kill_if(kill, flag::KILL_B),
            enter,
            manager,
            enter_id as u16,
        );
        let direct = match this.optional_vars.as_deref() {
            Some(Expr {
                kind: ExprKind::Name { id, .. },
                ..
            }) if !is_async => match self.place(&self.mangled(id)) {
                Place::Local(r) => Some(r),
                _ => None,
            },
            _ => None,
        };
        let result = direct.unwrap_or(enter);
        self.unit.op(at, Op::Call, flag::METHOD, enter, 0, result);
        self.unit.release(enter + 1);
        if is_async {
            self.unit
                .op(at, Op::GetAwaitable, flag::KILL_B, enter, enter, 1);
            self.send_loop(at, enter, 3);
        }
        let end = self.unit.label();
        let handler = self.unit.new_handler(enter + 1, enter);
        self.push_block(FKind::With {
            exit,
            is_async,
            span: at,
        });
        self.unit.handler = handler;
        if direct.is_none() {
            match &this.optional_vars {
                Some(vars) => self.store(vars, Val::Temp(enter))?,
                None => self.unit.clear(at, enter),
            }
        }
        self.unit.release(enter);
        self.with_stmt(span, w, item + 1, is_async)?;
        self.pop_block();
        if self.unit.reachable {
            self.leave_with(at, exit, is_async, true)?;
            self.unit.jump(Span::default(), end);
        }
        self.unit.release(enter);
        if self.unit.place_handler(handler) {
            self.with_exception(at, exit, is_async)?;
        }
        self.unit.release(exit);
        self.unit.place(end);
        self.unit.in_conditional -= 1;
        Ok(())
    }

    /// Calls the exit function without an exception and drops its result. With `on_top` the
    /// pair is topmost; else it is moved above what is alive (a value being returned).
    pub(super) fn leave_with(
        &mut self,
        span: Span,
        exit: Reg,
        is_async: bool,
        on_top: bool,
    ) -> Result<()> {
        let mark = self.unit.mark();
        let base = if on_top || mark == exit + 2 {
            self.unit.release(exit + 2);
            exit
        } else {
            let base = self.unit.alloc_n(2);
            self.unit.op(span, Op::LoadFastAndClear, 0, base, exit, 0);
            self.unit
                .op(span, Op::LoadFastAndClear, 0, base + 1, exit + 1, 0);
            base
        };
        for _ in 0..3 {
            let r = self.unit.alloc();
            self.unit.load_const(span, r, &Const::None);
        }
        self.unit.op(span, Op::Call, flag::METHOD, base, 3, base);
        self.unit.release(base + 1);
        if is_async {
            self.unit
                .op(span, Op::GetAwaitable, flag::KILL_B, base, base, 2);
            self.send_loop(span, base, 3);
        }
        self.unit.clear(span, base);
        self.unit.release(mark);
        Ok(())
    }

    /// An exception has left the body: the exit function decides.
    fn with_exception(&mut self, span: Span, exit: Reg, is_async: bool) -> Result<()> {
        let save = self.unit.alloc_n(2);
        let exc = save + 1;
        self.handled(span, save, |c| {
            let t = c.unit.alloc();
            c.unit.op(span, Op::WithExceptStart, 0, t, exit, exc);
            if is_async {
                c.unit.op(span, Op::GetAwaitable, flag::KILL_B, t, t, 2);
                c.send_loop(span, t, 3);
            }
            let suppress = c.unit.label();
            c.jump_truth(span, t, true, suppress, true);
            // Without a line: the frame is left where the body has raised.
            c.unit.op(Span::default(), Op::Reraise, flag::KILL_A, exc, 0, 0);
            c.unit.place(suppress);
            c.unit.clear(span, exc);
            c.unit.op(span, Op::PopExcept, flag::KILL_A, save, 0, 0);
            c.unit.release(t);
            Ok(())
        })?;
        self.unit.clear(span, exit + 1);
        self.unit.clear(span, exit);
        Ok(())
    }
}
