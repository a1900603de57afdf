//! Code that did not come from this process's compiler is checked before it may run: the loop trusts
//! opcode numbers, registers, constants, names and jumps.

use taipan_bytecode::{Code, Const, Extra, Instr, Op, Operand, flag};

/// Whether every operand of every instruction is in range, and control can't leave the code.
/// Nested code objects are checked as well.
pub fn verify(code: &Code) -> bool {
    check(code, 0)
}

fn check(code: &Code, depth: u32) -> bool {
    if depth > 200 || code.nregs > 0xffff {
        return false;
    }
    let n = code.instrs.len();
    let total = code.argcount as u64 + code.kwonly as u64;
    let flags = code.flags;
    let params = total + u64::from(flags & 4 != 0) + u64::from(flags & 8 != 0);
    if params > code.varnames.len() as u64 || code.varnames.len() as u64 > u64::from(code.nregs) || code.posonly > code.argcount {
        return false;
    }
    if code.cellvars.iter().any(|(_, r)| u32::from(*r) >= code.nregs)
        || u64::from(code.free_base) + code.freevars.len() as u64 > u64::from(code.nregs) && !code.freevars.is_empty()
    {
        return false;
    }
    let mut starts = vec![false; n + 1];
    let mut pc = 0;
    let mut last = None;
    while pc < n {
        starts[pc] = true;
        let Some(op) = Instr(code.instrs[pc]).op() else { return false };
        // The last family exists only in the interpreter's own copies.
        if op as u8 >= Op::LoadGlobalModule as u8 {
            return false;
        }
        last = Some(op);
        pc += 1 + op.info().extra.words();
    }
    if pc != n || !matches!(last, Some(Op::Return | Op::ReturnNone | Op::Raise | Op::Reraise | Op::Jump | Op::JumpBack)) {
        return false;
    }
    let mut pc = 0;
    while pc < n {
        if !check_instr(code, pc, &starts) {
            return false;
        }
        let Some(op) = Instr(code.instrs[pc]).op() else { return false };
        pc += 1 + op.info().extra.words();
    }
    let target = |t: u32| starts.get(t as usize).copied().unwrap_or(false);
    code.handlers.iter().all(|h| target(h.target) && u32::from(h.exc_reg) < code.nregs)
        && code.consts.iter().all(|c| check_const(c, depth))
}

fn check_const(c: &Const, depth: u32) -> bool {
    match c {
        Const::Code(c) => check(c, depth + 1),
        Const::Tuple(items) | Const::FrozenSet(items) => items.iter().all(|c| check_const(c, depth + 1)),
        _ => true,
    }
}

fn check_instr(code: &Code, pc: usize, starts: &[bool]) -> bool {
    let w = Instr(code.instrs[pc]);
    let Some(op) = w.op() else { return false };
    let info = op.info();
    let next = pc + 1 + info.extra.words();
    let regs = code.nregs as usize;
    let jump = |d: i64| usize::try_from(next as i64 + d).is_ok_and(|t| t < code.instrs.len() && starts[t]);
    let run = run_length(op, w);
    for (kind, n) in [(info.a, w.a()), (info.b, w.b()), (info.c, w.c())] {
        let ok = match kind {
            Operand::R | Operand::W => n < regs,
            Operand::Base | Operand::WBase => n + run <= regs,
            Operand::Name => n < code.names.len(),
            Operand::J16 => jump(w.c_imm()),
            Operand::J32 => jump(w.bc_signed()),
            Operand::K32 => {
                let k = code.consts.get(w.bc() as usize);
                k.is_some() && (op != Op::MakeFunction || matches!(k, Some(Const::Code(_))))
            }
            Operand::No | Operand::N | Operand::I | Operand::I32 => true,
        };
        if !ok {
            return false;
        }
    }
    let extra = |i: usize| code.instrs[pc + i];
    match info.extra {
        Extra::None | Extra::Cache(_) => (1..=info.extra.words()).all(|i| extra(i) == 0),
        Extra::Jump => jump(extra(1) as i64),
        Extra::Const if op == Op::LoadFromDictOrDeref => (extra(1) as usize) < code.names.len(),
        Extra::Const if op == Op::MatchClass => extra(1) < 1 << 16,
        Extra::Const | Extra::ConstCache(_) => match code.consts.get(extra(1) as usize) {
            Some(Const::Tuple(names)) => op != Op::CallKw || names.len() <= w.b() && names.iter().all(|n| matches!(n, Const::Str(_))),
            _ => false,
        },
        Extra::NameCache(_) => (extra(1) as usize) < code.names.len() && (2..=info.extra.words()).all(|i| extra(i) == 0),
    }
}

/// How many registers the run of an instruction takes.
pub(super) fn run_length(op: Op, w: Instr) -> usize {
    match op {
        Op::BuildTuple | Op::BuildList | Op::BuildSet | Op::BuildString | Op::BuildSlice => w.c(),
        Op::BuildMap => w.c() * 2,
        Op::UnpackSequence => w.c(),
        Op::UnpackEx => (w.c() & 0xff) + (w.c() >> 8) + 1,
        Op::Call | Op::CallKw => w.b() + 1 + usize::from(w.flags() & flag::METHOD != 0),
        Op::CallGlobal => w.b() + 1,
        Op::CallAttr => w.b() + 2,
        Op::CallEx | Op::LoadSuperAttr | Op::LoadSuperMethod | Op::BuildInterpolation => 3,
        Op::CopyFreeVars => w.b(),
        Op::CallIntrinsic => taipan_bytecode::Intrinsic::from_u16(w.c() as u16).map_or(usize::MAX >> 8, |i| i.argc() as usize),
        _ => 2,
    }
}
