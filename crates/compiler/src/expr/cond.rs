//! Comparisons and conditions. A condition jumps; it makes no truth value.

use taipan_bytecode::{Op, flag};
use taipan_syntax::ast::*;

use super::ops::immediate;
use crate::compiler::{Compiler, Val, kill_if};
use crate::deep;
use crate::emit::{Label, Reg};
use crate::errors::Result;
use crate::fold;

impl<'a> Compiler<'a> {
    /// The truth of a constant condition.
    pub(crate) fn const_truth(&self, e: &Expr) -> Option<bool> {
        match &e.kind {
            ExprKind::Constant { value, .. } => Some(fold::truth(&fold::constant(value))),
            ExprKind::Name { id, .. } if &**id == "__debug__" => Some(self.options.optimize == 0),
            ExprKind::UnaryOp {
                op: UnaryOp::Not,
                operand,
            } => self.const_truth(operand).map(|t| !t),
            ExprKind::UnaryOp { .. } => fold::literal(e).map(|c| fold::truth(&c)),
            ExprKind::Tuple { elts, .. } if elts.is_empty() => Some(false),
            ExprKind::Tuple { .. } => fold::literal(e).map(|c| fold::truth(&c)),
            _ => None,
        }
    }

    /// Jumps to `label` when the truth of register `r` equals `sense`.
    pub(crate) fn jump_truth(&mut self, span: Span, r: Reg, kill: bool, label: Label, sense: bool) {
        let flags = kill_if(kill, flag::KILL_A) | kill_if(sense, flag::SENSE);
        self.unit.jump_op(span, Op::JumpIf, flags, r, 0, label);
    }

    /// Jumps to `label` when the truth of `e` equals `sense`, else goes on.
    pub(crate) fn cond(&mut self, e: &'a Expr, label: Label, sense: bool) -> Result<()> {
        deep(|| self.cond_inner(e, label, sense))
    }

    fn cond_inner(&mut self, e: &'a Expr, label: Label, sense: bool) -> Result<()> {
        let span = e.span;
        if let Some(truth) = self.const_truth(e) {
            if truth == sense {
                self.unit.jump(span, label);
            }
            return Ok(());
        }
        match &e.kind {
            ExprKind::UnaryOp {
                op: UnaryOp::Not,
                operand,
            } => self.cond(operand, label, !sense),
            ExprKind::BoolOp { op, values } => {
                // The value that decides the whole early: true for `or`, false for `and`.
                let early = *op == BoolOp::Or;
                if early == sense {
                    return values.iter().try_for_each(|v| self.cond(v, label, sense));
                }
                let Some((last, init)) = values.split_last() else {
                    return Ok(());
                };
                let end = self.unit.label();
                for v in init {
                    self.cond(v, end, early)?;
                }
                self.cond(last, label, sense)?;
                self.unit.place(end);
                Ok(())
            }
            ExprKind::IfExp { test, body, orelse } => {
                let (other, end) = (self.unit.label(), self.unit.label());
                self.cond(test, other, false)?;
                self.cond(body, label, sense)?;
                self.unit.jump(Span::default(), end);
                self.unit.place(other);
                self.cond(orelse, label, sense)?;
                self.unit.place(end);
                Ok(())
            }
            ExprKind::Compare {
                left,
                ops,
                comparators,
            } => self.cond_compare(span, left, ops, comparators, label, sense),
            _ => {
                let mark = self.unit.mark();
                let v = self.expr(e, None)?;
                if let Val::Const(c) = &v {
                    if fold::truth(c) == sense {
                        self.unit.jump(span, label);
                    }
                    return Ok(());
                }
                let (r, kill) = self.reg(span, v);
                self.unit.release(mark);
                self.jump_truth(span, r, kill, label, sense);
                Ok(())
            }
        }
    }

    fn cond_compare(
        &mut self,
        span: Span,
        left: &'a Expr,
        ops: &'a [CmpOp],
        comparators: &'a [Expr],
        label: Label,
        sense: bool,
    ) -> Result<()> {
        self.warn_compare(span, left, ops, comparators);
        let mark = self.unit.mark();
        let trivial = self.is_trivial(&comparators[0]);
        let mut l = self.expr_before(left, None, trivial)?;
        let last = ops.len() - 1;
        // Where a false comparison goes: to the target itself, or on behind the last one.
        let end = self.unit.label();
        let fail = if sense { end } else { label };
        let fail_drop = self.unit.label();
        let mut dropping = None;
        for (i, op) in ops.iter().enumerate() {
            let r = self.comparator(*op, &comparators[i])?;
            if i == last {
                self.compare_jump(span, *op, l, r, label, sense);
                break;
            }
            // The middle is needed twice.
            let (reg, kill) = self.reg(span, r);
            let trivial = self.is_trivial(&comparators[i + 1]);
            let v = if kill {
                Val::Temp(reg)
            } else {
                self.protect(span, Val::Local(reg), trivial)
            };
            let exit = if matches!(v, Val::Temp(_)) {
                fail_drop
            } else {
                fail
            };
            let (reg, kill) = self.reg(span, v);
            if kill {
                // All drops go through one exit, which needs one register.
                let slot = *dropping.get_or_insert(reg);
                debug_assert!(self.unit.is_temp(slot));
                if slot != reg {
                    self.compare_jump_drop(span, *op, l, reg, fail)?;
                } else {
                    self.compare_jump(span, *op, l, Val::Local(reg), exit, false);
                }
                l = Val::Temp(reg);
            } else {
                self.compare_jump(span, *op, l, Val::Local(reg), exit, false);
                l = Val::Local(reg);
            }
        }
        self.unit.release(mark);
        if let Some(slot) = dropping {
            let none = Span::default();
            self.unit.jump(none, end);
            self.unit.place(fail_drop);
            self.unit.clear(span, slot);
            self.unit.jump(none, fail);
        }
        self.unit.place(end);
        Ok(())
    }

    /// As `compare_jump` to `fail` on false, with a temporary right side dropped on that way.
    fn compare_jump_drop(
        &mut self,
        span: Span,
        op: CmpOp,
        l: Val,
        r: Reg,
        fail: Label,
    ) -> Result<()> {
        let go = self.unit.label();
        self.compare_jump(span, op, l, Val::Local(r), go, true);
        self.unit.clear(span, r);
        self.unit.jump(Span::default(), fail);
        self.unit.place(go);
        Ok(())
    }

    /// The right side of a comparison; displays of constants after `in` become constants.
    fn comparator(&mut self, op: CmpOp, e: &'a Expr) -> Result<Val> {
        if matches!(op, CmpOp::In | CmpOp::NotIn)
            && let Some(c) = fold::membership(e)
        {
            return Ok(Val::Const(c));
        }
        self.expr(e, None)
    }

    pub(crate) fn compare_jump(
        &mut self,
        span: Span,
        op: CmpOp,
        l: Val,
        r: Val,
        label: Label,
        sense: bool,
    ) {
        let none = |v: &Val| matches!(v, Val::Const(taipan_bytecode::Const::None));
        if matches!(op, CmpOp::Is | CmpOp::IsNot) && none(&r) {
            let (l, kill) = self.reg(span, l);
            let sense = sense == (op == CmpOp::Is);
            let flags = kill_if(kill, flag::KILL_A) | kill_if(sense, flag::SENSE);
            self.unit.jump_op(span, Op::JumpIfNone, flags, l, 0, label);
            return;
        }
        let (plain, with_int, sense) = match op {
            CmpOp::Eq => (Op::JumpEq, Some(Op::JumpEqInt), sense),
            CmpOp::NotEq => (Op::JumpNe, Some(Op::JumpNeInt), sense),
            CmpOp::Lt => (Op::JumpLt, Some(Op::JumpLtInt), sense),
            CmpOp::LtE => (Op::JumpLe, Some(Op::JumpLeInt), sense),
            CmpOp::Gt => (Op::JumpGt, Some(Op::JumpGtInt), sense),
            CmpOp::GtE => (Op::JumpGe, Some(Op::JumpGeInt), sense),
            CmpOp::Is => (Op::JumpIs, None, sense),
            CmpOp::IsNot => (Op::JumpIs, None, !sense),
            CmpOp::In => (Op::JumpIn, None, sense),
            CmpOp::NotIn => (Op::JumpIn, None, !sense),
        };
        let (l, kill_l) = self.reg(span, l);
        let flags = kill_if(kill_l, flag::KILL_A) | kill_if(sense, flag::SENSE);
        if let (Some(op), Some(n)) = (with_int, immediate(&r)) {
            self.unit.jump_op(span, op, flags, l, n, label);
            return;
        }
        let (r, kill_r) = self.reg(span, r);
        let flags = flags | kill_if(kill_r, flag::KILL_B);
        self.unit.jump_op(span, plain, flags, l, r, label);
    }

    pub(super) fn compare(
        &mut self,
        span: Span,
        left: &'a Expr,
        ops: &'a [CmpOp],
        comparators: &'a [Expr],
        hint: Option<Reg>,
    ) -> Result<Val> {
        if let ([op], [right]) = (ops, comparators) {
            return self.compare_one(span, left, *op, right, hint);
        }
        self.warn_compare(span, left, ops, comparators);
        // a < b < c is the result of the first false comparison, or of the last.
        let dst = self.accumulator(hint);
        let mark = self.unit.mark();
        let trivial = self.is_trivial(&comparators[0]);
        let mut l = self.expr_before(left, None, trivial)?;
        let end = self.unit.label();
        let last = ops.len() - 1;
        for (i, op) in ops.iter().enumerate() {
            let r = self.comparator(*op, &comparators[i])?;
            if i == last {
                self.compare_vals(span, *op, l, r, dst);
                break;
            }
            let (reg, kill) = self.reg(span, r);
            let v = if kill {
                Val::Temp(reg)
            } else {
                let trivial = self.is_trivial(&comparators[i + 1]);
                self.protect(span, Val::Local(reg), trivial)
            };
            let (reg, kill) = self.reg(span, v);
            self.compare_vals(span, *op, l, Val::Local(reg), dst);
            if kill {
                let go = self.unit.label();
                self.jump_truth(span, dst, false, go, true);
                self.unit.clear(span, reg);
                self.unit.jump(Span::default(), end);
                self.unit.place(go);
                let reg = if i >= 2 && reg > mark {
                    // Nothing else is alive above the mark: a long chain needs no more than a short one.
                    self.unit.mov(span, mark, reg, true);
                    self.unit.release(mark);
                    self.unit.alloc()
                } else {
                    reg
                };
                l = Val::Temp(reg);
            } else {
                self.jump_truth(span, dst, false, end, false);
                l = Val::Local(reg);
            }
            self.unit.clear(span, dst);
        }
        self.unit.release(mark);
        self.unit.place(end);
        Ok(self.at(dst))
    }

    pub(super) fn compare_one(
        &mut self,
        span: Span,
        left: &'a Expr,
        op: CmpOp,
        right: &'a Expr,
        hint: Option<Reg>,
    ) -> Result<Val> {
        self.warn_compare(
            span,
            left,
            std::slice::from_ref(&op),
            std::slice::from_ref(right),
        );
        let mark = self.unit.mark();
        let trivial = self.is_trivial(right);
        let l = self.expr_before(left, self.sub_hint(hint), trivial)?;
        let r = self.comparator(op, right)?;
        let (l, kill_l) = self.reg(left.span, l);
        let (r, kill_r) = self.reg(right.span, r);
        self.unit.release(mark);
        let dst = hint.unwrap_or_else(|| self.unit.alloc());
        self.compare_op(span, op, (l, kill_l), (r, kill_r), dst);
        Ok(self.at(dst))
    }

    fn compare_vals(&mut self, span: Span, op: CmpOp, l: Val, r: Val, dst: Reg) {
        let l = self.reg(span, l);
        let r = self.reg(span, r);
        self.compare_op(span, op, l, r, dst);
    }

    fn compare_op(&mut self, span: Span, op: CmpOp, l: (Reg, bool), r: (Reg, bool), dst: Reg) {
        let (code, sense) = match op {
            CmpOp::Eq => (Op::Eq, false),
            CmpOp::NotEq => (Op::Ne, false),
            CmpOp::Lt => (Op::Lt, false),
            CmpOp::LtE => (Op::Le, false),
            CmpOp::Gt => (Op::Gt, false),
            CmpOp::GtE => (Op::Ge, false),
            CmpOp::Is => (Op::Is, false),
            CmpOp::IsNot => (Op::Is, true),
            CmpOp::In => (Op::In, false),
            CmpOp::NotIn => (Op::In, true),
        };
        let flags =
            kill_if(l.1, flag::KILL_B) | kill_if(r.1, flag::KILL_C) | kill_if(sense, flag::SENSE);
        self.unit.op(span, code, flags, dst, l.0, r.0);
    }
}
