//! Operators, subscripts and slices.

use taipan_bytecode::{Const, Op, flag};
use taipan_syntax::ast::*;

use crate::compiler::{Compiler, Val, kill_if};
use crate::emit::Reg;
use crate::errors::Result;
use crate::fold;

/// The instruction of a binary operator.
pub(crate) fn binary_op(op: Operator) -> Op {
    match op {
        Operator::Add => Op::Add,
        Operator::Sub => Op::Sub,
        Operator::Mult => Op::Mul,
        Operator::MatMult => Op::MatMul,
        Operator::Div => Op::TrueDiv,
        Operator::Mod => Op::Mod,
        Operator::Pow => Op::Pow,
        Operator::LShift => Op::LShift,
        Operator::RShift => Op::RShift,
        Operator::BitOr => Op::BitOr,
        Operator::BitXor => Op::BitXor,
        Operator::BitAnd => Op::BitAnd,
        Operator::FloorDiv => Op::FloorDiv,
    }
}

fn immediate_op(op: Operator) -> Option<Op> {
    Some(match op {
        Operator::Add => Op::AddInt,
        Operator::Sub => Op::SubInt,
        Operator::Mult => Op::MulInt,
        Operator::FloorDiv => Op::FloorDivInt,
        Operator::Mod => Op::ModInt,
        Operator::BitAnd => Op::AndInt,
        Operator::LShift => Op::LShiftInt,
        Operator::RShift => Op::RShiftInt,
        _ => return None,
    })
}

/// A constant that fits an instruction's own field.
pub(crate) fn immediate(v: &Val) -> Option<u16> {
    match v {
        Val::Const(Const::Int(n)) => i16::try_from(*n).ok().map(|n| n as u16),
        _ => None,
    }
}

impl<'a> Compiler<'a> {
    pub(super) fn binop(
        &mut self,
        e: &'a Expr,
        left: &'a Expr,
        op: Operator,
        right: &'a Expr,
        hint: Option<Reg>,
    ) -> Result<Val> {
        if op == Operator::Mod
            && let Some(v) = self.percent_format(e, left, right, hint)?
        {
            return Ok(v);
        }
        let mark = self.unit.mark();
        let trivial = self.is_trivial(right);
        let l = self.expr_before(left, self.sub_hint(hint), trivial)?;
        let r = self.expr(right, None)?;
        if let (Val::Const(a), Val::Const(b)) = (&l, &r)
            && let Some(c) = fold::binary(op, a, b)
        {
            self.unit.release(mark);
            return Ok(Val::Const(c));
        }
        let l = self.loaded(left.span, l, immediate(&r).is_some());
        let r = match immediate_op(op) {
            Some(_) if immediate(&r).is_some() => r,
            _ => self.loaded(right.span, r, false),
        };
        Ok(self.binary_vals(e.span, op, l, r, 0, mark, hint))
    }

    /// Loads a constant where it stands, unless `keep` says that it may stay one.
    fn loaded(&mut self, span: Span, v: Val, keep: bool) -> Val {
        match v {
            Val::Const(_) if !keep => {
                let (r, _) = self.reg(span, v);
                Val::Temp(r)
            }
            v => v,
        }
    }

    /// Emits a binary operation on values.
    pub(crate) fn binary_vals(
        &mut self,
        span: Span,
        op: Operator,
        l: Val,
        r: Val,
        flags: u8,
        mark: Reg,
        hint: Option<Reg>,
    ) -> Val {
        if let (Some(n), Some(imm)) = (immediate(&r), immediate_op(op))
            && !matches!(l, Val::Const(_))
        {
            let (l, kill) = self.reg(span, l);
            self.unit.release(mark);
            let dst = hint.unwrap_or_else(|| self.unit.alloc());
            self.unit
                .op(span, imm, flags | kill_if(kill, flag::KILL_B), dst, l, n);
            return self.at(dst);
        }
        let (l, kill_l) = self.reg(span, l);
        let (r, kill_r) = self.reg(span, r);
        self.unit.release(mark);
        let dst = hint.unwrap_or_else(|| self.unit.alloc());
        let flags = flags | kill_if(kill_l, flag::KILL_B) | kill_if(kill_r, flag::KILL_C);
        self.unit.op(span, binary_op(op), flags, dst, l, r);
        self.at(dst)
    }

    pub(super) fn unary(
        &mut self,
        span: Span,
        op: UnaryOp,
        operand: &'a Expr,
        hint: Option<Reg>,
    ) -> Result<Val> {
        let mark = self.unit.mark();
        if op == UnaryOp::Not
            && let ExprKind::Compare {
                left,
                ops,
                comparators,
            } = &operand.kind
            && let [cmp @ (CmpOp::Is | CmpOp::IsNot | CmpOp::In | CmpOp::NotIn)] = ops[..]
        {
            let inverted = match cmp {
                CmpOp::Is => CmpOp::IsNot,
                CmpOp::IsNot => CmpOp::Is,
                CmpOp::In => CmpOp::NotIn,
                _ => CmpOp::In,
            };
            return self.compare_one(operand.span, left, inverted, &comparators[0], hint);
        }
        let v = self.expr(operand, self.sub_hint(hint))?;
        if let Val::Const(c) = &v
            && let Some(c) = fold::unary(op, c)
        {
            return Ok(Val::Const(c));
        }
        let op = match op {
            UnaryOp::Invert => Op::Invert,
            UnaryOp::Not => Op::Not,
            UnaryOp::UAdd => Op::Pos,
            UnaryOp::USub => Op::Neg,
        };
        Ok(self.op1(span, op, v, 0, mark, hint))
    }

    pub(super) fn bool_op(
        &mut self,
        span: Span,
        op: BoolOp,
        values: &'a [Expr],
        hint: Option<Reg>,
    ) -> Result<Val> {
        let Some((last, init)) = values.split_last() else {
            return Ok(Val::Const(Const::None));
        };
        let sense = op == BoolOp::Or;
        // Operands that are tested in place leave a local destination alone until the end.
        let in_place = init
            .iter()
            .all(|e| matches!(e.kind, ExprKind::Name { .. }) && self.is_trivial(e));
        let dst = match hint {
            Some(h) if in_place => h,
            _ => self.accumulator(hint),
        };
        let end = self.unit.label();
        let mut copies: Vec<(Reg, crate::emit::Label)> = Vec::new();
        let mut known = None;
        for e in init {
            if let Some(truth) = self.const_truth(e) {
                if truth == sense {
                    known = Some(e);
                    break;
                }
                continue;
            }
            let mark = self.unit.mark();
            let v = self.expr(e, Some(dst))?;
            match v {
                Val::Local(r) => {
                    // Tested in place, copied only when it is the result.
                    let label = match copies.iter().find(|(reg, _)| *reg == r) {
                        Some((_, label)) => *label,
                        None => {
                            let label = self.unit.label();
                            copies.push((r, label));
                            label
                        }
                    };
                    let (r, _) = self.reg(e.span, Val::Local(r));
                    self.jump_truth(e.span, r, false, label, sense);
                }
                v => {
                    self.val_to(e.span, v, dst);
                    self.jump_truth(e.span, dst, false, end, sense);
                    self.unit.clear(e.span, dst);
                }
            }
            self.unit.release(mark);
        }
        self.expr_to(known.unwrap_or(last), dst)?;
        if !copies.is_empty() {
            self.unit.jump(Span::default(), end);
            for (r, label) in copies {
                self.unit.place(label);
                self.unit.mov(span, dst, r, false);
                self.unit.jump(Span::default(), end);
            }
        }
        self.unit.place(end);
        Ok(self.at(dst))
    }

    pub(crate) fn subscript(
        &mut self,
        span: Span,
        value: &'a Expr,
        slice: &'a Expr,
        hint: Option<Reg>,
    ) -> Result<Val> {
        self.warn_subscript(value, slice);
        let mark = self.unit.mark();
        let trivial = self.is_trivial(slice);
        let v = self.expr_before(value, self.sub_hint(hint), trivial)?;
        if let Some((lower, upper)) = two_element_slice(slice) {
            let (r, kill) = self.reg(span, v);
            let base = self.unit.alloc_n(2);
            self.bound_to(lower, slice.span, base)?;
            self.bound_to(upper, slice.span, base + 1)?;
            self.unit.release(mark);
            let dst = hint.unwrap_or_else(|| self.unit.alloc());
            self.unit.op(
                span,
                Op::LoadSlice,
                kill_if(kill, flag::KILL_B),
                dst,
                r,
                base,
            );
            return Ok(self.at(dst));
        }
        let i = self.expr(slice, None)?;
        if let (Val::Const(a), Val::Const(b)) = (&v, &i)
            && let Some(c) = fold::subscript(a, b)
        {
            self.unit.release(mark);
            return Ok(Val::Const(c));
        }
        let (r, kill) = self.reg(span, v);
        if let Some(n) = immediate(&i) {
            self.unit.release(mark);
            let dst = hint.unwrap_or_else(|| self.unit.alloc());
            self.unit.op(
                span,
                Op::LoadSubscrInt,
                kill_if(kill, flag::KILL_B),
                dst,
                r,
                n,
            );
            return Ok(self.at(dst));
        }
        let (i, kill_i) = self.reg(span, i);
        self.unit.release(mark);
        let dst = hint.unwrap_or_else(|| self.unit.alloc());
        let flags = kill_if(kill, flag::KILL_B) | kill_if(kill_i, flag::KILL_C);
        self.unit.op(span, Op::LoadSubscr, flags, dst, r, i);
        Ok(self.at(dst))
    }

    /// One bound of a slice into a register.
    pub(crate) fn bound_to(&mut self, e: Option<&'a Expr>, span: Span, dst: Reg) -> Result<()> {
        match e {
            Some(e) => self.expr_to(e, dst),
            None => {
                self.unit.load_const(span, dst, &Const::None);
                Ok(())
            }
        }
    }

    pub(super) fn slice(
        &mut self,
        span: Span,
        lower: Option<&'a Expr>,
        upper: Option<&'a Expr>,
        step: Option<&'a Expr>,
        hint: Option<Reg>,
    ) -> Result<Val> {
        if let (Some(a), Some(b), Some(c)) =
            (const_bound(lower), const_bound(upper), const_bound(step))
        {
            return Ok(Val::Const(Const::Slice(Box::new([a, b, c]))));
        }
        let mark = self.unit.mark();
        let n = if step.is_some() { 3 } else { 2 };
        let base = self.unit.alloc_n(n);
        self.bound_to(lower, span, base)?;
        self.bound_to(upper, span, base + 1)?;
        if step.is_some() {
            self.bound_to(step, span, base + 2)?;
        }
        self.unit.release(mark);
        let dst = hint.unwrap_or_else(|| self.unit.alloc());
        self.unit.op(span, Op::BuildSlice, 0, dst, base, n as u16);
        Ok(self.at(dst))
    }
}

/// The bound of a slice that is a literal, or missing.
fn const_bound(e: Option<&Expr>) -> Option<Const> {
    match e {
        None => Some(Const::None),
        Some(e) => fold::literal(e),
    }
}

/// The bounds of `[lower:upper]`, unless they are constants, which make one constant slice.
pub(crate) fn two_element_slice(slice: &Expr) -> Option<(Option<&Expr>, Option<&Expr>)> {
    match &slice.kind {
        ExprKind::Slice {
            lower,
            upper,
            step: None,
        } => {
            let (lower, upper) = (lower.as_deref(), upper.as_deref());
            if const_bound(lower).is_some() && const_bound(upper).is_some() {
                return None;
            }
            Some((lower, upper))
        }
        _ => None,
    }
}
