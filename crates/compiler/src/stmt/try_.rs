//! `try` in its forms. Handlers are found in a table; the way without an exception costs nothing.

use taipan_bytecode::{Const, Intrinsic, Op, flag};
use taipan_syntax::ast::*;

use super::unwind::FKind;
use crate::compiler::{Compiler, Val, kill_if};
use crate::emit::{NO_HANDLER, Reg};
use crate::errors::{CompileError, Result};

impl<'a> Compiler<'a> {
    pub(super) fn try_stmt(&mut self, span: Span, t: &'a Try) -> Result<()> {
        self.unit.in_conditional += 1;
        if t.finalbody.is_empty() {
            self.try_except(span, t, false)?;
        } else {
            self.try_finally(span, t, false)?;
        }
        self.unit.in_conditional -= 1;
        Ok(())
    }

    pub(super) fn try_star_stmt(&mut self, span: Span, t: &'a Try) -> Result<()> {
        self.unit.in_conditional += 1;
        if t.finalbody.is_empty() {
            self.try_except(span, t, true)?;
        } else {
            self.try_finally(span, t, true)?;
        }
        self.unit.in_conditional -= 1;
        Ok(())
    }

    fn try_finally(&mut self, span: Span, t: &'a Try, star: bool) -> Result<()> {
        self.unit.op(span, Op::Nop, 0, 0, 0, 0);
        let save = self.unit.mark();
        let exc = save + 1;
        let end = self.unit.label();
        let handler = self.unit.new_handler(exc, save);
        self.push_block(FKind::Finally { body: &t.finalbody });
        self.unit.handler = handler;
        if t.handlers.is_empty() {
            self.stmts(&t.body)?;
            self.stmts(&t.orelse)?;
        } else {
            self.try_except(span, t, star)?;
        }
        self.pop_block();
        self.push_block(FKind::FinallyBody);
        self.stmts(&t.finalbody)?;
        self.pop_block();
        self.unit.jump(Span::default(), end);
        self.unit.alloc_n(2);
        if self.unit.place_handler(handler) {
            self.handled(span, save, |c| {
                c.push_block(FKind::FinallyEnd { save, exc });
                // `push_block` remembers the handler outside the clean-up of this body.
                c.outer_of_cleanup();
                c.stmts(&t.finalbody)?;
                c.unit.fblocks.pop();
                // The frame is left at the body's last line, where that is plain to see.
                let last = t.finalbody.last().map(|s| s.span);
                let last = last.filter(|s| s.line == s.end_line).unwrap_or_default();
                c.unit.op(last, Op::Reraise, flag::KILL_A, exc, 0, 0);
                Ok(())
            })?;
        }
        self.unit.release(save);
        self.unit.place(end);
        Ok(())
    }

    /// The block just pushed is left to the handler outside the current clean-up.
    fn outer_of_cleanup(&mut self) {
        let outer = self.unit.cleanup_outer;
        if let Some(block) = self.unit.fblocks.last_mut() {
            block.outer_handler = outer;
        }
    }

    /// Code that handles the exception at `save + 1`: the exception handled before is saved at
    /// `save`, and restored when another exception leaves the code.
    pub(super) fn handled(
        &mut self,
        span: Span,
        save: Reg,
        body: impl FnOnce(&mut Self) -> Result<()>,
    ) -> Result<()> {
        let exc = save + 1;
        self.unit
            .op(Span::default(), Op::PushExcInfo, 0, save, exc, 0);
        let cleanup = self.unit.new_handler(save + 2, save + 2);
        let outer = std::mem::replace(&mut self.unit.handler, cleanup);
        let outer_cleanup = std::mem::replace(&mut self.unit.cleanup_outer, outer);
        body(self)?;
        self.unit.cleanup_outer = outer_cleanup;
        self.unit.handler = outer;
        self.cleanup(span, save, cleanup);
        Ok(())
    }

    /// An exception leaves a handler: what was handled before is restored.
    fn cleanup(&mut self, _span: Span, save: Reg, cleanup: u32) {
        let live = self.unit.reachable;
        let bound = self.unit.bound.clone();
        let past = self.unit.label();
        if live {
            self.unit.jump(Span::default(), past);
        }
        if self.unit.place_handler(cleanup) {
            let mark = self.unit.mark();
            self.unit.release(save + 2);
            let second = self.unit.alloc();
            let none = Span::default();
            self.unit.op(none, Op::PopExcept, flag::KILL_A, save, 0, 0);
            self.unit.clear(none, save + 1);
            self.unit.op(none, Op::Reraise, flag::KILL_A, second, 0, 0);
            self.unit.release(mark);
        }
        if live {
            self.unit.place(past);
            self.unit.bound = bound;
        }
    }

    fn try_except(&mut self, span: Span, t: &'a Try, star: bool) -> Result<()> {
        self.unit.op(span, Op::Nop, 0, 0, 0, 0);
        let save = self.unit.mark();
        let exc = save + 1;
        let end = self.unit.label();
        let handler = self.unit.new_handler(exc, save);
        self.push_block(FKind::Try);
        self.unit.handler = handler;
        self.stmts(&t.body)?;
        self.pop_block();
        self.stmts(&t.orelse)?;
        self.unit.jump(Span::default(), end);
        self.unit.alloc_n(2);
        if self.unit.place_handler(handler) {
            if star {
                self.handled(span, save, |c| c.star_handlers(t, save, end))?;
            } else {
                self.handled(span, save, |c| c.handlers(t, save, end))?;
            }
        } else {
            // Nothing in the body can raise; the handlers are still checked for errors.
            for h in &t.handlers {
                if let Some(e) = &h.type_ {
                    let mark = self.unit.mark();
                    self.expr(e, None)?;
                    self.unit.release(mark);
                }
                self.push_block(if star { FKind::ExceptStar } else { FKind::Try });
                self.dead(&h.body)?;
                self.pop_block();
            }
        }
        self.unit.release(save);
        self.unit.place(end);
        Ok(())
    }

    fn handlers(&mut self, t: &'a Try, save: Reg, end: crate::emit::Label) -> Result<()> {
        let exc = save + 1;
        let count = t.handlers.len();
        for (i, h) in t.handlers.iter().enumerate() {
            let next = self.unit.label();
            if let Some(e) = &h.type_ {
                let mark = self.unit.mark();
                let (r, kill) = self.expr_reg(e)?;
                self.unit.release(mark);
                let t = self.unit.alloc();
                self.unit.op(
                    h.span,
                    Op::CheckExcMatch,
                    kill_if(kill, flag::KILL_C),
                    t,
                    exc,
                    r,
                );
                self.unit.release(mark);
                self.jump_truth(h.span, t, true, next, false);
            } else if i + 1 < count {
                return Err(CompileError::syntax(
                    "default 'except:' must be last",
                    h.span,
                ));
            }
            self.push_block(FKind::Except {
                save,
                name: h.name.as_ref(),
                span: h.span,
            });
            self.outer_of_cleanup();
            match &h.name {
                None => {
                    self.unit.clear(h.span, exc);
                    self.stmts(&h.body)?;
                }
                Some(name) => {
                    self.store_name(name, h.span, Val::Temp(exc))?;
                    self.named_body(h, name)?;
                }
            }
            self.unit.fblocks.pop();
            // Once the saved exception is back, the clean-up must not run.
            let cleanup_outer = self.unit.cleanup_outer;
            let cleanup = std::mem::replace(&mut self.unit.handler, cleanup_outer);
            self.unit
                .op(Span::default(), Op::PopExcept, flag::KILL_A, save, 0, 0);
            if let Some(name) = &h.name {
                self.unbind(name, Span::default())?;
            }
            self.unit.jump(Span::default(), end);
            self.unit.handler = cleanup;
            self.unit.place(next);
        }
        // No clause takes it: the frame is left at the last one.
        let last = t.handlers.last().filter(|h| h.type_.is_some());
        let last = last.map_or(Span::default(), |h| h.span);
        self.unit.op(last, Op::Reraise, flag::KILL_A, exc, 0, 0);
        Ok(())
    }

    /// The body of `except ... as name`: the name goes away also when an exception leaves it.
    fn named_body(&mut self, h: &'a ExceptHandler, name: &'a Name) -> Result<()> {
        let exc = self.unit.mark();
        let handler = self.unit.new_handler(exc, exc);
        let outer = std::mem::replace(&mut self.unit.handler, handler);
        self.stmts(&h.body)?;
        self.unit.handler = outer;
        let live = self.unit.reachable;
        let bound = self.unit.bound.clone();
        let past = self.unit.label();
        if live {
            self.unit.jump(Span::default(), past);
        }
        if self.unit.place_handler(handler) {
            self.unit.alloc();
            self.unbind(name, Span::default())?;
            self.unit
                .op(Span::default(), Op::Reraise, flag::KILL_A, exc, 0, 0);
            self.unit.release(exc);
        }
        if live {
            self.unit.place(past);
            self.unit.bound = bound;
        }
        Ok(())
    }

    /// `except*`: every clause takes its part of the group, what is raised and left is collected.
    fn star_handlers(&mut self, t: &'a Try, save: Reg, end: crate::emit::Label) -> Result<()> {
        let exc = save + 1;
        let none = Span::default();
        // original exception, list of results, then the rest that is still unhandled
        let orig = self.unit.alloc();
        let list = self.unit.alloc();
        self.unit.mov(none, orig, exc, false);
        self.unit.op(none, Op::BuildList, 0, list, list, 0);
        let rest = exc;
        for h in &t.handlers {
            let mark = self.unit.mark();
            let next = self.unit.label();
            let Some(e) = &h.type_ else {
                return Err(CompileError::syntax(
                    "except* needs an exception type",
                    h.span,
                ));
            };
            let (r, kill) = self.expr_reg(e)?;
            self.unit.release(mark);
            let pair = self.unit.alloc_n(2);
            let flags = flag::KILL_B | kill_if(kill, flag::KILL_C);
            self.unit.op(e.span, Op::CheckEgMatch, flags, pair, rest, r);
            self.unit.mov(none, rest, pair, true);
            let matched = pair + 1;
            let no_match = self.unit.label();
            self.unit
                .jump_op(e.span, Op::JumpIfNone, flag::SENSE, matched, 0, no_match);
            let handler = self.unit.new_handler(pair, pair);
            match &h.name {
                Some(name) => self.store_name(name, h.span, Val::Temp(matched))?,
                None => self.unit.clear(h.span, matched),
            }
            self.push_block(FKind::ExceptStar);
            self.unit.handler = handler;
            self.stmts(&h.body)?;
            self.pop_block();
            if let Some(name) = &h.name {
                self.unbind(name, none)?;
            }
            self.unit.jump(none, next);
            if self.unit.place_handler(handler) {
                if let Some(name) = &h.name {
                    self.unbind(name, none)?;
                }
                self.unit
                    .op(none, Op::ListAppend, flag::KILL_B, list, pair, 0);
                self.unit.jump(none, next);
            }
            self.unit.place(no_match);
            self.unit.clear(none, matched);
            self.unit.place(next);
            self.unit.release(mark);
        }
        self.unit
            .op(none, Op::ListAppend, flag::KILL_B, list, rest, 0);
        let id = Intrinsic::PrepReraiseStar as u16;
        self.unit.op(none, Op::CallIntrinsic, 0, orig, orig, id);
        let reraise = self.unit.label();
        self.unit.jump_op(none, Op::JumpIfNone, 0, orig, 0, reraise);
        self.unit.clear(none, orig);
        self.unit.op(none, Op::PopExcept, flag::KILL_A, save, 0, 0);
        self.unit.jump(none, end);
        self.unit.place(reraise);
        // The exception takes the handled one's place, so that the clean-up restores what was before.
        self.unit.op(none, Op::Reraise, flag::KILL_A, orig, 0, 0);
        let _ = (NO_HANDLER, Const::None);
        Ok(())
    }
}
