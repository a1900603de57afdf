//! Displays of lists, tuples, sets and dicts.

use taipan_bytecode::{Const, Op, flag};
use taipan_syntax::ast::*;

use crate::compiler::{Compiler, Val, kill_if};
use crate::emit::Reg;
use crate::errors::Result;
use crate::fold;

/// Longer displays are built element by element, so that windows stay small.
const MAX_RUN: usize = 64;

fn is_starred(e: &Expr) -> bool {
    matches!(e.kind, ExprKind::Starred { .. })
}

impl<'a> Compiler<'a> {
    pub(super) fn tuple(&mut self, span: Span, elts: &'a [Expr], hint: Option<Reg>) -> Result<Val> {
        if let Some(c) = fold::all_literals(elts) {
            return Ok(Val::Const(Const::Tuple(c.into())));
        }
        let mark = self.unit.mark();
        if elts.len() <= MAX_RUN && !elts.iter().any(is_starred) {
            // Elements may turn out to be constants only when they are folded.
            return self.build_run(span, Op::BuildTuple, elts, mark, hint);
        }
        let base = match self.sub_hint(hint) {
            Some(h) => h,
            None => self.unit.alloc(),
        };
        self.sequence_at(span, base, elts, 0, true)?;
        self.unit.release(mark);
        Ok(self.moved(span, base, hint))
    }

    /// The value at `base`, just above the free mark, as the result.
    fn moved(&mut self, span: Span, base: Reg, hint: Option<Reg>) -> Val {
        match hint {
            Some(h) if h == base => self.at(h),
            Some(h) => {
                self.unit.mov(span, h, base, true);
                self.at(h)
            }
            None => {
                let r = self.unit.alloc();
                debug_assert_eq!(r, base);
                Val::Temp(r)
            }
        }
    }

    fn build_run(
        &mut self,
        span: Span,
        op: Op,
        elts: &'a [Expr],
        mark: Reg,
        hint: Option<Reg>,
    ) -> Result<Val> {
        let base = match self.sub_hint(hint) {
            Some(h) => h,
            None => self.unit.alloc(),
        };
        for (i, e) in elts.iter().enumerate() {
            let r = if i == 0 { base } else { self.unit.alloc() };
            self.expr_to(e, r)?;
        }
        self.unit.release(mark);
        let dst = hint.unwrap_or_else(|| self.unit.alloc());
        self.unit.op(span, op, 0, dst, base, elts.len() as u16);
        Ok(self.at(dst))
    }

    pub(super) fn list(&mut self, span: Span, elts: &'a [Expr], hint: Option<Reg>) -> Result<Val> {
        self.gather(span, elts, hint, Op::BuildList)
    }

    pub(super) fn set(&mut self, span: Span, elts: &'a [Expr], hint: Option<Reg>) -> Result<Val> {
        self.gather(span, elts, hint, Op::BuildSet)
    }

    fn gather(
        &mut self,
        span: Span,
        elts: &'a [Expr],
        hint: Option<Reg>,
        build: Op,
    ) -> Result<Val> {
        let mark = self.unit.mark();
        let constants = if elts.len() >= 3 {
            fold::all_literals(elts)
        } else {
            None
        };
        if constants.is_none() && elts.len() <= MAX_RUN && !elts.iter().any(is_starred) {
            if elts.is_empty() {
                let dst = hint.unwrap_or_else(|| self.unit.alloc());
                self.unit.op(span, build, 0, dst, dst, 0);
                return Ok(self.at(dst));
            }
            return self.build_run(span, build, elts, mark, hint);
        }
        let base = match self.sub_hint(hint) {
            Some(h) => h,
            None => self.unit.alloc(),
        };
        if let Some(constants) = constants {
            let (c, extend) = if build == Op::BuildList {
                (Const::Tuple(constants.into()), Op::ListExtend)
            } else {
                (Const::FrozenSet(constants.into()), Op::SetUpdate)
            };
            self.unit.op(span, build, 0, base, base, 0);
            let t = self.unit.alloc();
            self.unit.load_const(span, t, &c);
            self.unit.op(span, extend, flag::KILL_B, base, t, 0);
        } else if build == Op::BuildList {
            self.sequence_at(span, base, elts, 0, false)?;
        } else {
            self.pieces_at(span, base, elts, 0, build, Op::SetAdd, Op::SetUpdate)?;
        }
        self.unit.release(mark);
        Ok(self.moved(span, base, hint))
    }

    /// Builds a list or tuple of any length, with stars, in the temporary `base`.
    /// `given` values are in place from `base` on.
    pub(crate) fn sequence_at(
        &mut self,
        span: Span,
        base: Reg,
        elts: &'a [Expr],
        given: u16,
        tuple: bool,
    ) -> Result<()> {
        if tuple
            && given == 0
            && let Some(c) = fold::all_literals(elts)
        {
            self.unit.load_const(span, base, &Const::Tuple(c.into()));
            return Ok(());
        }
        if tuple && elts.len() <= MAX_RUN && !elts.iter().any(is_starred) {
            for (i, e) in elts.iter().enumerate() {
                let r = if i == 0 && given == 0 {
                    base
                } else {
                    self.unit.alloc()
                };
                self.expr_to(e, r)?;
            }
            let n = given + elts.len() as u16;
            self.unit.op(span, Op::BuildTuple, 0, base, base, n);
            return Ok(());
        }
        self.pieces_at(
            span,
            base,
            elts,
            given,
            Op::BuildList,
            Op::ListAppend,
            Op::ListExtend,
        )?;
        if tuple {
            self.unit
                .op(span, Op::ListToTuple, flag::KILL_B, base, base, 0);
        }
        Ok(())
    }

    fn pieces_at(
        &mut self,
        span: Span,
        base: Reg,
        elts: &'a [Expr],
        given: u16,
        build: Op,
        append: Op,
        extend: Op,
    ) -> Result<()> {
        let run = elts.iter().take_while(|e| !is_starred(e)).count();
        let first = if run <= MAX_RUN { run } else { 0 };
        for (i, e) in elts[..first].iter().enumerate() {
            let r = if i == 0 && given == 0 {
                base
            } else {
                self.unit.alloc()
            };
            self.expr_to(e, r)?;
        }
        self.unit
            .op(span, build, 0, base, base, given + first as u16);
        self.unit.release(base + 1);
        for e in &elts[first..] {
            let (inner, op) = match &e.kind {
                ExprKind::Starred { value, .. } => (&**value, extend),
                _ => (e, append),
            };
            let (r, kill) = self.expr_reg(inner)?;
            self.unit.release(base + 1);
            self.unit
                .op(span, op, kill_if(kill, flag::KILL_B), base, r, 0);
        }
        Ok(())
    }

    pub(super) fn dict(
        &mut self,
        span: Span,
        keys: &'a [Option<Expr>],
        values: &'a [Expr],
        hint: Option<Reg>,
    ) -> Result<Val> {
        let mark = self.unit.mark();
        let n = keys.len();
        if n * 2 <= MAX_RUN && keys.iter().all(Option::is_some) {
            let base = match self.sub_hint(hint) {
                Some(h) => h,
                None => self.unit.alloc(),
            };
            let mut first = true;
            for (k, v) in keys.iter().flatten().zip(values) {
                let r = if first { base } else { self.unit.alloc() };
                first = false;
                self.expr_to(k, r)?;
                self.expr_temp(v)?;
            }
            self.unit.release(mark);
            let dst = hint.unwrap_or_else(|| self.unit.alloc());
            self.unit.op(span, Op::BuildMap, 0, dst, base, n as u16);
            return Ok(self.at(dst));
        }
        let base = match self.sub_hint(hint) {
            Some(h) => h,
            None => self.unit.alloc(),
        };
        self.unit.op(span, Op::BuildMap, 0, base, base, 0);
        for (k, v) in keys.iter().zip(values) {
            match k {
                Some(k) => {
                    let trivial = self.is_trivial(v);
                    let at = k.span;
                    let k = self.expr_before(k, None, trivial)?;
                    let value_at = v.span;
                    let v = self.expr(v, None)?;
                    let (k, kill_k) = self.reg(at, k);
                    let (v, kill_v) = self.reg(value_at, v);
                    let flags = kill_if(kill_k, flag::KILL_B) | kill_if(kill_v, flag::KILL_C);
                    self.unit.op(span, Op::MapAdd, flags, base, k, v);
                }
                None => {
                    let (r, kill) = self.expr_reg(v)?;
                    self.unit.op(
                        v.span,
                        Op::DictUpdate,
                        kill_if(kill, flag::KILL_B),
                        base,
                        r,
                        0,
                    );
                }
            }
            self.unit.release(base + 1);
        }
        self.unit.release(mark);
        Ok(self.moved(span, base, hint))
    }
}
