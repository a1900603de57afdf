//! Operators, comparisons and the jumps that depend on them.

use taipan_bytecode::{Op, flag};

use super::{Cx, Flow};
use crate::core::{R, Value};
use crate::types::str::{self, Str};
use crate::types::type_::{BinOp, CmpOp};

fn bin_op(op: Op) -> BinOp {
    match op {
        Op::Add | Op::AddInt => BinOp::Add,
        Op::Sub | Op::SubInt => BinOp::Sub,
        Op::Mul | Op::MulInt => BinOp::Mul,
        Op::TrueDiv => BinOp::TrueDiv,
        Op::FloorDiv | Op::FloorDivInt => BinOp::FloorDiv,
        Op::Mod | Op::ModInt => BinOp::Mod,
        Op::Pow => BinOp::Pow,
        Op::MatMul => BinOp::MatMul,
        Op::LShift | Op::LShiftInt => BinOp::LShift,
        Op::RShift | Op::RShiftInt => BinOp::RShift,
        Op::BitAnd | Op::AndInt => BinOp::And,
        Op::BitOr => BinOp::Or,
        _ => BinOp::Xor,
    }
}

pub(super) fn binary(cx: &Cx<'_>, op: Op) -> R<Flow> {
    let (b, c) = (cx.read(cx.w.b())?, cx.read(cx.w.c())?);
    if op == Op::Add
        && let (Some(x), Some(y)) = (b.downcast_exact::<Str>(), c.downcast_exact::<Str>())
    {
        return concat(cx, x, y);
    }
    let op = bin_op(op);
    let r = if cx.w.flags() & flag::INPLACE != 0 { cx.vm.inplace(b, c, op)? } else { cx.vm.binary(b, c, op)? };
    finish(cx, r)
}

fn finish(cx: &Cx<'_>, r: Value) -> R<Flow> {
    cx.kill();
    cx.put(cx.w.a(), r);
    Ok(Flow::Next)
}

/// `b + c` for strings: when `b` has no other owner and its register is given up here, it grows in place.
fn concat(cx: &Cx<'_>, x: &Str, y: &Str) -> R<Flow> {
    let b = cx.w.b();
    let sole = cx.read(b)?.header().is_some_and(|h| h.unique());
    if sole && (cx.kills_b() || cx.w.a() == b) && b != cx.w.c() {
        // SAFETY: the register is the only owner.
        if unsafe { x.append_in_place(y) } {
            let grown = cx.take(b)?;
            cx.kill();
            cx.put(cx.w.a(), grown);
            return Ok(Flow::Next);
        }
    }
    match str::concat(x, y) {
        Some(r) => finish(cx, r.into_value()),
        None => Err(cx.vm.memory_error()),
    }
}

pub(super) fn binary_int(cx: &Cx<'_>, op: Op) -> R<Flow> {
    let b = cx.read(cx.w.b())?;
    let c = Value::from(cx.w.c_imm());
    let op = bin_op(op);
    let r = if cx.w.flags() & flag::INPLACE != 0 { cx.vm.inplace(b, &c, op)? } else { cx.vm.binary(b, &c, op)? };
    if cx.kills_b() {
        drop(cx.take_opt(cx.w.b()));
    }
    cx.put(cx.w.a(), r);
    Ok(Flow::Next)
}

pub(super) fn unary(cx: &Cx<'_>, op: Op) -> R<Flow> {
    let b = cx.read(cx.w.b())?;
    let r = match op {
        Op::Neg => cx.vm.negative(b)?,
        Op::Pos => cx.vm.positive(b)?,
        Op::Invert => cx.vm.invert(b)?,
        _ => Value::bool(!cx.vm.truth(b)?),
    };
    finish(cx, r)
}

fn cmp_op(op: Op) -> CmpOp {
    match op {
        Op::Lt | Op::JumpLt | Op::JumpLtInt => CmpOp::Lt,
        Op::Le | Op::JumpLe | Op::JumpLeInt => CmpOp::Le,
        Op::Eq | Op::JumpEq | Op::JumpEqInt => CmpOp::Eq,
        Op::Ne | Op::JumpNe | Op::JumpNeInt => CmpOp::Ne,
        Op::Gt | Op::JumpGt | Op::JumpGtInt => CmpOp::Gt,
        _ => CmpOp::Ge,
    }
}

pub(super) fn compare(cx: &Cx<'_>, op: Op) -> R<Flow> {
    let (b, c) = (cx.read(cx.w.b())?, cx.read(cx.w.c())?);
    let inverted = cx.w.flags() & flag::SENSE != 0;
    let r = match op {
        Op::Is => Value::bool(b.is(c) != inverted),
        Op::In => Value::bool(cx.vm.contains(c, b)? != inverted),
        _ => cx.vm.compare(b, c, cmp_op(op))?,
    };
    finish(cx, r)
}

pub(super) fn jump(cx: &Cx<'_>, op: Op) -> R<Flow> {
    let w = cx.w;
    let (truth, distance) = match op {
        Op::Jump | Op::JumpBack => return Ok(Flow::Jump(w.bc_signed() as isize)),
        Op::JumpIf => (cx.vm.truth(cx.read(w.a())?)?, w.bc_signed()),
        Op::JumpIfNone => (cx.read(w.a())?.is_none(), w.bc_signed()),
        Op::JumpIs => (cx.read(w.a())?.is(cx.read(w.b())?), w.c_imm()),
        Op::JumpIn => {
            let a = cx.read(w.a())?;
            (cx.vm.contains(cx.read(w.b())?, a)?, w.c_imm())
        }
        Op::JumpLtInt | Op::JumpLeInt | Op::JumpEqInt | Op::JumpNeInt | Op::JumpGtInt | Op::JumpGeInt => {
            let r = cx.vm.compare(cx.read(w.a())?, &Value::from(w.b_imm()), cmp_op(op))?;
            (cx.vm.truth(&r)?, w.c_imm())
        }
        _ => {
            let a = cx.read(w.a())?;
            let r = cx.vm.compare(a, cx.read(w.b())?, cmp_op(op))?;
            (cx.vm.truth(&r)?, w.c_imm())
        }
    };
    // Operands that are immediates have no kill flag.
    cx.kill();
    if truth == (w.flags() & flag::SENSE != 0) { Ok(Flow::Jump(distance as isize)) } else { Ok(Flow::Next) }
}
