//! Blocks that a `return`, `break` or `continue` has to leave properly.

use taipan_bytecode::{Const, Op, flag};
use taipan_syntax::ast::*;

use crate::compiler::{Compiler, Val};
use crate::emit::{Label, Reg};
use crate::errors::{CompileError, Result};

/// How many blocks may be nested.
const MAX_BLOCKS: usize = 21;

/// One block of the statement being compiled, with the handler that is active outside it.
#[derive(Clone)]
pub(crate) struct FBlock<'a> {
    pub(crate) kind: FKind<'a>,
    pub(crate) outer_handler: u32,
}

/// What leaving a block takes.
#[derive(Clone)]
pub(crate) enum FKind<'a> {
    /// `while`
    While { again: Label, end: Label },
    /// `for` and `async for`: the iterator is dropped.
    For { iter: Reg, again: Label, end: Label },
    /// The body of a `try` with handlers.
    Try,
    /// The body (and handlers) of a `try` with `finally`: its statements run.
    Finally { body: &'a [Stmt] },
    /// The `finally` body while an exception is on its way.
    FinallyEnd { save: Reg, exc: Reg },
    /// The `finally` body on the way out without an exception.
    FinallyBody,
    /// A `with` body: exit is called.
    With {
        exit: Reg,
        is_async: bool,
        span: Span,
    },
    /// An `except` clause.
    Except {
        save: Reg,
        name: Option<&'a Name>,
        span: Span,
    },
    /// The body of an `except*` clause, which nothing may leave.
    ExceptStar,
}

impl<'a> Compiler<'a> {
    pub(crate) fn push_block(&mut self, kind: FKind<'a>) {
        let outer_handler = self.unit.handler;
        self.unit.fblocks.push(FBlock {
            kind,
            outer_handler,
        });
    }

    /// As CPython, which has room for so many blocks in a code object.
    pub(crate) fn check_blocks(&self, span: Span) -> Result<()> {
        if self.unit.fblocks.len() >= MAX_BLOCKS {
            return Err(CompileError::syntax(
                "too many statically nested blocks",
                span,
            ));
        }
        Ok(())
    }

    pub(crate) fn pop_block(&mut self) {
        if let Some(block) = self.unit.fblocks.pop() {
            self.unit.handler = block.outer_handler;
        }
    }

    /// Whether leaving the blocks around runs code that may rebind locals.
    pub(super) fn leaving_runs_code(&self) -> bool {
        self.unit.fblocks.iter().any(|b| {
            !matches!(
                b.kind,
                FKind::While { .. }
                    | FKind::For { .. }
                    | FKind::Try
                    | FKind::FinallyBody
                    | FKind::Except { name: None, .. }
            )
        })
    }

    /// Whether leaving the blocks from `depth` up runs what has lines of its own.
    pub(super) fn runs_statements(&self, depth: usize) -> bool {
        let blocks = self.unit.fblocks.get(depth..).unwrap_or_default();
        blocks.iter().any(|b| matches!(b.kind, FKind::Finally { .. } | FKind::With { .. }))
    }

    /// Lets a statement that leaves blocks have its line before theirs. Gives the position of what then ends the way.
    pub(super) fn mark_way_out(&mut self, span: Span, depth: usize) -> Span {
        if !self.runs_statements(depth) {
            return span;
        }
        self.unit.op(span, Op::Nop, 0, 0, 0, 0);
        Span::default()
    }

    /// Leaves all blocks, for `return`.
    pub(super) fn unwind_all(&mut self, span: Span) -> Result<()> {
        self.unwind_to(span, 0)
    }

    /// Leaves the blocks from `depth` up. The blocks stay for the code that follows.
    fn unwind_to(&mut self, span: Span, depth: usize) -> Result<()> {
        if self.unit.fblocks.len() <= depth {
            return Ok(());
        }
        let saved = self.unit.fblocks.clone();
        let handler = self.unit.handler;
        while self.unit.fblocks.len() > depth {
            let Some(block) = self.unit.fblocks.pop() else {
                break;
            };
            self.unit.handler = block.outer_handler;
            self.leave_block(span, &block.kind)?;
        }
        self.unit.fblocks = saved;
        // What ends the way out (a jump, a return) belongs to the outer handler;
        // the caller is told through `pending`.
        self.unit.pending_handler = Some(handler);
        Ok(())
    }

    /// Goes back to the handler of the code inside the blocks, after the jump out of them.
    fn unwound(&mut self) {
        if let Some(h) = self.unit.pending_handler.take() {
            self.unit.handler = h;
        }
    }

    fn leave_block(&mut self, span: Span, kind: &FKind<'a>) -> Result<()> {
        match *kind {
            FKind::While { .. } | FKind::Try | FKind::FinallyBody | FKind::ExceptStar => {}
            FKind::For { iter, .. } => self.unit.clear(span, iter),
            FKind::Finally { body } => {
                self.push_block(FKind::FinallyBody);
                self.stmts(body)?;
                self.pop_block();
            }
            FKind::FinallyEnd { save, exc } => {
                self.unit.clear(span, exc);
                self.unit.op(span, Op::PopExcept, flag::KILL_A, save, 0, 0);
            }
            FKind::With {
                exit,
                is_async,
                span: at,
            } => self.leave_with(at, exit, is_async, false)?,
            FKind::Except {
                save,
                name,
                span: at,
            } => {
                self.unit.op(span, Op::PopExcept, flag::KILL_A, save, 0, 0);
                if let Some(name) = name {
                    self.unbind(name, at)?;
                }
            }
        }
        Ok(())
    }

    /// `name = None; del name` at the end of an `except ... as name`.
    pub(super) fn unbind(&mut self, name: &'a Name, span: Span) -> Result<()> {
        let mangled = self.mangled(name);
        if let crate::compiler::Place::Local(r) = self.place(&mangled) {
            self.unit.clear(span, r);
            return Ok(());
        }
        let mark = self.unit.mark();
        self.store_name(name, span, Val::Const(Const::None))?;
        self.unit.release(mark);
        self.delete_name(name, span)
    }

    fn innermost_loop(&self) -> Option<usize> {
        self.unit
            .fblocks
            .iter()
            .rposition(|b| matches!(b.kind, FKind::While { .. } | FKind::For { .. }))
    }

    fn check_star(&self, from: usize, span: Span) -> Result<()> {
        if self.unit.fblocks[from..]
            .iter()
            .any(|b| matches!(b.kind, FKind::ExceptStar))
        {
            return Err(CompileError::syntax(
                "'break', 'continue' and 'return' cannot appear in an except* block",
                span,
            ));
        }
        Ok(())
    }

    pub(super) fn check_star_return(&self, span: Span) -> Result<()> {
        self.check_star(0, span)
    }

    pub(super) fn break_stmt(&mut self, span: Span) -> Result<()> {
        let Some(at) = self.innermost_loop() else {
            self.check_star(0, span)?;
            return Err(CompileError::syntax("'break' outside loop", span));
        };
        self.warn_finally_loop(span, "break", at);
        self.check_star(at + 1, span)?;
        let end = match self.unit.fblocks[at].kind {
            FKind::While { end, .. } | FKind::For { end, .. } => end,
            _ => return Ok(()),
        };
        // The loop itself is left too: its iterator is dropped.
        let jump = self.mark_way_out(span, at);
        self.unwind_to(jump, at)?;
        self.unit.jump(jump, end);
        self.unwound();
        Ok(())
    }

    pub(super) fn continue_stmt(&mut self, span: Span) -> Result<()> {
        let Some(at) = self.innermost_loop() else {
            self.check_star(0, span)?;
            return Err(CompileError::syntax(
                "'continue' not properly in loop",
                span,
            ));
        };
        self.warn_finally_loop(span, "continue", at);
        self.check_star(at + 1, span)?;
        let again = match self.unit.fblocks[at].kind {
            FKind::While { again, .. } | FKind::For { again, .. } => again,
            _ => return Ok(()),
        };
        let jump = self.mark_way_out(span, at + 1);
        self.unwind_to(jump, at + 1)?;
        self.unit.jump(jump, again);
        self.unwound();
        Ok(())
    }

    /// After the RETURN that follows `unwind_all`.
    pub(super) fn returned(&mut self) {
        self.unwound();
    }
}
