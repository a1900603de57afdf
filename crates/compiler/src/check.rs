//! A checker of finished code: an abstract interpreter that follows every path, exceptions too,
//! and knows of each temporary whether it holds a value.
//!
//! It finds what no test of behaviour shows: a temporary that is never dropped, dropped twice,
//! or read when it is empty.

use taipan_bytecode::{Code, Const, Extra, Instr, Intrinsic, Op, Operand, flag};

/// Whether a temporary holds a value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum T {
    Empty,
    Live,
    Maybe,
}

/// Checks a code object and those within it.
pub fn check_all(code: &Code) -> Result<(), String> {
    check(code).map_err(|e| format!("{}: {e}", code.qualname))?;
    for c in &code.consts {
        if let Const::Code(inner) = c {
            check_all(inner)?;
        }
    }
    Ok(())
}

/// Checks one code object.
pub fn check(code: &Code) -> Result<(), String> {
    let mut c = Checker::new(code)?;
    c.structure()?;
    c.flow()
}

struct Checker<'a> {
    code: &'a Code,
    starts: Vec<bool>,
    base: usize,
    temps: usize,
    states: Vec<Option<Box<[T]>>>,
    work: Vec<usize>,
}

/// Operations that cannot raise, so that no exception leaves them.
fn is_quiet(ins: Instr, op: Op) -> bool {
    match op {
        Op::Clear
        | Op::PopExcept
        | Op::LoadConst
        | Op::LoadInt
        | Op::Jump
        | Op::Nop
        | Op::PushExcInfo
        | Op::LoadFastAndClear
        | Op::MakeCell => true,
        Op::Move => ins.flags() & flag::KILL_B != 0,
        _ => false,
    }
}

/// Length of the run that a `Base` operand names; the last register may be empty if the flag is set.
fn run_length(ins: Instr, op: Op) -> (usize, bool) {
    let method = usize::from(ins.flags() & flag::METHOD != 0);
    match op {
        Op::LoadSlice | Op::StoreSlice | Op::ImportName | Op::BuildTemplate | Op::MatchClass => {
            (2, false)
        }
        Op::LoadSuperAttr | Op::LoadSuperMethod => (3, false),
        Op::BuildTuple | Op::BuildList | Op::BuildSet | Op::BuildString | Op::BuildSlice => {
            (ins.c(), false)
        }
        Op::BuildMap => (2 * ins.c(), false),
        Op::BuildInterpolation | Op::CallEx => (3, true),
        Op::Call | Op::CallKw => (1 + method + ins.b(), false),
        Op::CallGlobal => (1 + ins.b(), false),
        Op::CallAttr => (2 + ins.b(), false),
        Op::CallIntrinsic => (
            Intrinsic::from_u16(ins.c() as u16).map_or(0, |i| i.argc() as usize),
            false,
        ),
        _ => (0, false),
    }
}

/// Length of the run that a `WBase` operand names; whether the last one may be left empty.
fn written_length(ins: Instr, op: Op) -> (usize, bool) {
    match op {
        Op::LoadMethod | Op::LoadSuperMethod | Op::LoadSpecial => (2, true),
        Op::UnpackSequence => (ins.c(), false),
        Op::UnpackEx => ((ins.c() & 0xff) + 1 + (ins.c() >> 8), false),
        Op::CopyFreeVars => (ins.b(), false),
        Op::CheckEgMatch => (2, false),
        _ => (0, false),
    }
}

impl<'a> Checker<'a> {
    fn new(code: &'a Code) -> Result<Self, String> {
        let n = code.instrs.len();
        let mut starts = vec![false; n];
        let mut pc = 0;
        while pc < n {
            starts[pc] = true;
            let op = Instr(code.instrs[pc])
                .op()
                .ok_or_else(|| format!("{pc}: no instruction"))?;
            pc += 1 + op.info().extra.words();
        }
        if pc != n {
            return Err("the last instruction is cut off".to_owned());
        }
        let base = usize::from(code.free_base) + code.freevars.len();
        Ok(Self {
            code,
            starts,
            base,
            temps: (code.nregs as usize).saturating_sub(base),
            states: vec![None; n],
            work: Vec::new(),
        })
    }

    fn structure(&self) -> Result<(), String> {
        let code = self.code;
        let target = |at: usize, to: i64| -> Result<(), String> {
            match usize::try_from(to) {
                Ok(to) if self.starts.get(to) == Some(&true) => Ok(()),
                _ => Err(format!("{at}: jump to {to}, which is no instruction")),
            }
        };
        let nregs = code.nregs as usize;
        for pc in 0..code.instrs.len() {
            if !self.starts[pc] {
                continue;
            }
            let ins = Instr(code.instrs[pc]);
            let Some(op) = ins.op() else { continue };
            let info = op.info();
            let next = (pc + 1 + info.extra.words()) as i64;
            if op == Op::Raise {
                // Its last operand says how many of the others there are.
                if (0..ins.c()).any(|i| [ins.a(), ins.b()][i.min(1)] >= nregs) {
                    return Err(format!("{pc}: bad register in RAISE"));
                }
                continue;
            }
            for (kind, n) in [(info.a, ins.a()), (info.b, ins.b()), (info.c, ins.c())] {
                let reg = |last: usize| {
                    if last > nregs {
                        Err(format!("{pc}: register {n} of {nregs} in {}", info.name))
                    } else {
                        Ok(())
                    }
                };
                match kind {
                    Operand::R | Operand::W => reg(n + 1)?,
                    Operand::Base => reg(n + run_length(ins, op).0)?,
                    Operand::WBase => reg(n + written_length(ins, op).0)?,
                    Operand::Name if n >= code.names.len() => {
                        return Err(format!("{pc}: no name {n}"));
                    }
                    Operand::J16 => target(pc, next + ins.c_imm())?,
                    Operand::J32 => target(pc, next + ins.bc_signed())?,
                    Operand::K32 if ins.bc() as usize >= code.consts.len() => {
                        return Err(format!("{pc}: no constant {}", ins.bc()));
                    }
                    _ => {}
                }
            }
            match info.extra {
                Extra::Jump => target(pc, next + code.instrs[pc + 1] as i64)?,
                Extra::NameCache(_) if code.instrs[pc + 1] as u32 as usize >= code.names.len() => {
                    return Err(format!("{pc}: no name"));
                }
                Extra::Const
                    if matches!(op, Op::CallKw)
                        && code.instrs[pc + 1] as usize >= code.consts.len() =>
                {
                    return Err(format!("{pc}: no constant"));
                }
                _ => {}
            }
        }
        for h in &code.handlers {
            target(h.start as usize, i64::from(h.target))?;
            if usize::from(h.exc_reg) >= nregs || usize::from(h.depth) < self.base {
                return Err(format!("handler at {}: bad registers", h.start));
            }
        }
        Ok(())
    }

    fn flow(&mut self) -> Result<(), String> {
        if self.code.instrs.is_empty() {
            return Err("no instructions".to_owned());
        }
        self.goto(0, vec![T::Empty; self.temps].into());
        while let Some(pc) = self.work.pop() {
            self.step(pc).map_err(|e| format!("{pc}: {e}"))?;
        }
        Ok(())
    }

    fn goto(&mut self, to: usize, state: Box<[T]>) {
        match self.states.get_mut(to) {
            Some(slot @ None) => {
                *slot = Some(state);
                self.work.push(to);
            }
            Some(Some(old)) => {
                let mut changed = false;
                for (o, n) in old.iter_mut().zip(state.iter()) {
                    if *o != *n && *o != T::Maybe {
                        *o = T::Maybe;
                        changed = true;
                    }
                }
                if changed {
                    self.work.push(to);
                }
            }
            None => {}
        }
    }

    fn step(&mut self, pc: usize) -> Result<(), String> {
        let code = self.code;
        let Some(mut s) = self.states[pc].clone() else {
            return Ok(());
        };
        let ins = Instr(code.instrs[pc]);
        let Some(op) = ins.op() else { return Ok(()) };
        let info = op.info();
        let next = pc + 1 + info.extra.words();
        if !is_quiet(ins, op) {
            self.exception(pc, &s);
        }
        let base = self.base;
        let take = |s: &mut Box<[T]>, r: usize, maybe: bool| -> Result<(), String> {
            if r < base {
                return Err(format!("{} takes r{r}, which is no temporary", info.name));
            }
            match s[r - base] {
                T::Live => {}
                T::Maybe if maybe => {}
                T::Empty if maybe => {}
                state => return Err(format!("{} takes r{r}, which is {state:?}", info.name)),
            }
            s[r - base] = T::Empty;
            Ok(())
        };
        // Reads first.
        for (kind, r, bit) in [
            (info.a, ins.a(), flag::KILL_A),
            (info.b, ins.b(), flag::KILL_B),
            (info.c, ins.c(), flag::KILL_C),
        ] {
            match kind {
                Operand::R if op == Op::Raise && bit as usize > ins.c() => {}
                Operand::R if matches!(op, Op::LoadFastAndClear | Op::StoreFastMaybeNull) => {}
                Operand::R if op == Op::PopExcept || ins.flags() & bit != 0 => {
                    take(&mut s, r, false)?;
                }
                Operand::R if r >= base && s[r - base] == T::Empty => {
                    return Err(format!("{} reads r{r}, which is empty", info.name));
                }
                Operand::Base => {
                    let (n, last_may_be_empty) = run_length(ins, op);
                    let skip = usize::from(matches!(op, Op::CallGlobal | Op::CallAttr));
                    for i in 0..n {
                        if i < skip {
                            if s[r - base] != T::Empty {
                                return Err(format!("{}: r{r} must be empty", info.name));
                            }
                            continue;
                        }
                        let self_slot = i == 1
                            && matches!(op, Op::Call | Op::CallKw)
                            && ins.flags() & flag::METHOD != 0;
                        take(&mut s, r + i, self_slot || last_may_be_empty && i + 1 == n)?;
                    }
                    if matches!(op, Op::Call | Op::CallKw | Op::CallGlobal | Op::CallAttr)
                        && let Some(i) = (r + n - base..s.len()).find(|&i| s[i] == T::Live)
                    {
                        return Err(format!("{}: r{} lives above the call", info.name, i + base));
                    }
                }
                _ => {}
            }
        }
        let mut jump = s.clone();
        // Then writes.
        for (kind, r) in [(info.a, ins.a()), (info.b, ins.b()), (info.c, ins.c())] {
            match kind {
                Operand::W if r >= base => {
                    let i = r - base;
                    match op {
                        Op::Clear => s[i] = T::Empty,
                        Op::DeleteFast => return Err("DELETE_FAST of a temporary".to_owned()),
                        Op::LoadFastAndClear | Op::StoreFastMaybeNull => {
                            let from = ins.b();
                            s[i] = if from < base { T::Live } else { s[from - base] };
                            if from >= base {
                                s[from - base] = T::Empty;
                            }
                        }
                        Op::ForIter => jump[i] = T::Live,
                        Op::CleanupThrow | Op::Send => {
                            s[i] = T::Live;
                            jump[i] = T::Live;
                        }
                        Op::Move => s[i] = T::Live,
                        _ => {
                            if s[i] == T::Live {
                                return Err(format!("{} overwrites the live r{r}", info.name));
                            }
                            s[i] = T::Live;
                        }
                    }
                }
                Operand::WBase => {
                    let (n, may_be_empty) = written_length(ins, op);
                    for i in 0..n {
                        if r + i < base {
                            continue;
                        }
                        s[r + i - base] = if may_be_empty && i + 1 == n {
                            T::Maybe
                        } else {
                            T::Live
                        };
                    }
                }
                _ => {}
            }
        }
        if op == Op::ForIter {
            take(&mut s, ins.b(), false)?;
        }
        // They take their operand out, also where the other side is a variable.
        if matches!(op, Op::LoadFastAndClear | Op::StoreFastMaybeNull) && ins.a() < base && ins.b() >= base {
            s[ins.b() - base] = T::Empty;
        }
        match op {
            Op::Return | Op::ReturnNone => {
                return match s.iter().position(|t| *t == T::Live) {
                    Some(i) => Err(format!("r{} is alive at {}", i + base, info.name)),
                    None => Ok(()),
                };
            }
            Op::Raise | Op::Reraise => return Ok(()),
            _ => {}
        }
        let distance = match info.extra {
            Extra::Jump => Some(code.instrs[pc + 1] as i64),
            _ if info.c == Operand::J16 => Some(ins.c_imm()),
            _ if info.b == Operand::J32 => Some(ins.bc_signed()),
            _ => None,
        };
        if let Some(d) = distance {
            let to = (next as i64 + d) as usize;
            let state = if info.extra == Extra::Jump {
                jump
            } else {
                s.clone()
            };
            self.goto(to, state);
        }
        if matches!(op, Op::Jump | Op::JumpBack | Op::CleanupThrow) {
            return Ok(());
        }
        if next >= code.instrs.len() {
            return Err("runs off the end".to_owned());
        }
        self.goto(next, s);
        Ok(())
    }

    fn exception(&mut self, pc: usize, s: &[T]) {
        let Some(h) = self
            .code
            .handlers
            .iter()
            .find(|h| (h.start as usize..h.end as usize).contains(&pc))
        else {
            return;
        };
        let mut s: Box<[T]> = s.into();
        for t in &mut s[usize::from(h.depth) - self.base..] {
            *t = T::Empty;
        }
        s[usize::from(h.exc_reg) - self.base] = T::Live;
        self.goto(h.target as usize, s);
    }
}
