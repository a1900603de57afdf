//! What the temporaries hold at each instruction: found out from the instructions when a debugger jumps
//! (`frame.f_lineno = n`).
//!
//! Two passes over the code as it was compiled: forwards, what has been put into each temporary on every way that leads
//! to a place; backwards, which temporaries a place still needs. One can go on at a place if all that it needs is there,
//! of the kind that it expects.

use taipan_bytecode::{ExcEntry, Extra, Instr, Op, Operand, flag};

use super::Code;
use super::verify::run_length;

/// The most that one table may take, in cells.
const LARGEST: usize = 1 << 24;

/// What a temporary holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Nothing, on some way at least.
    Empty,
    /// Different things on different ways.
    Mixed,
    /// What the instruction at this index has left.
    Object(u32),
    /// What the end of a `with` calls.
    Exit,
    /// The iterator of a loop.
    Iterator,
    /// The exception that was handled before this one.
    Saved,
    /// An exception that has come into a handler.
    Exception,
}

impl Kind {
    fn meet(self, other: Self) -> Self {
        match (self, other) {
            _ if self == other => self,
            (Self::Empty, _) | (_, Self::Empty) => Self::Empty,
            _ => Self::Mixed,
        }
    }
}

/// The temporaries of a code object at each of its instructions.
pub struct Flow {
    first: usize,
    temps: usize,
    words: Vec<u64>,
    reached: Vec<bool>,
    kinds: Vec<Kind>,
    needed: Vec<bool>,
}

/// Where an instruction may go on, and what it does to registers.
struct Effect {
    next: Option<usize>,
    jump: Option<usize>,
    reads: Vec<usize>,
    /// Taken out before anything is written.
    kills: Vec<usize>,
    writes: Vec<(usize, Kind)>,
    /// Whether only the jump writes.
    writes_on_jump: bool,
    /// Dropped where it does not jump.
    drops: Option<usize>,
}

impl Flow {
    /// Looks at code. `None` if it is too large for that.
    pub fn of(code: &Code) -> Option<Self> {
        let words = code.body().original().into_vec();
        let first = code.nlocals as usize;
        let temps = (code.nregs as usize).saturating_sub(first);
        let cells = words.len().checked_mul(temps).filter(|n| *n <= LARGEST)?;
        let mut flow = Flow {
            first,
            temps,
            reached: vec![false; words.len()],
            kinds: vec![Kind::Empty; cells],
            needed: vec![false; cells],
            words,
        };
        let handlers = &code.body().handlers;
        flow.forwards(handlers);
        flow.backwards(handlers);
        Some(flow)
    }

    /// Whether anything leads to an instruction.
    pub fn is_reached(&self, at: usize) -> bool {
        self.reached.get(at).copied().unwrap_or(false)
    }

    /// The registers that are temporaries.
    pub fn registers(&self) -> std::ops::Range<usize> {
        self.first..self.first + self.temps
    }

    /// What a temporary holds before an instruction.
    pub fn kind(&self, at: usize, register: usize) -> Kind {
        self.cell(at, register).and_then(|i| self.kinds.get(i).copied()).unwrap_or(Kind::Empty)
    }

    /// Whether what a temporary holds is still needed before an instruction.
    pub fn is_needed(&self, at: usize, register: usize) -> bool {
        self.cell(at, register).and_then(|i| self.needed.get(i).copied()).unwrap_or(false)
    }

    /// The opcode at a word that begins an instruction.
    pub fn op(&self, at: usize) -> Option<Op> {
        self.words.get(at).and_then(|w| Instr(*w).op())
    }

    /// The register that a YIELD_VALUE gives away.
    pub fn yielded(&self, at: usize) -> Option<usize> {
        (self.op(at)? == Op::Yield).then(|| self.words.get(at).map(|w| Instr(*w).b()))?
    }

    /// The indexes of the instructions.
    pub fn instructions(&self) -> impl Iterator<Item = usize> + '_ {
        let mut at = 0;
        std::iter::from_fn(move || {
            let here = at;
            at += 1 + self.op(here)?.info().extra.words();
            Some(here)
        })
    }

    fn cell(&self, at: usize, register: usize) -> Option<usize> {
        let t = register.checked_sub(self.first).filter(|t| *t < self.temps)?;
        Some(at * self.temps + t)
    }

    fn row(&self, at: usize) -> std::ops::Range<usize> {
        at * self.temps..(at + 1) * self.temps
    }

    fn forwards(&mut self, handlers: &[ExcEntry]) {
        let mut work = Vec::new();
        if !self.words.is_empty() {
            self.reached[0] = true;
            work.push(0);
        }
        while let Some(at) = work.pop() {
            let Some(effect) = self.effect(at) else { continue };
            let before = self.kinds[self.row(at)].to_vec();
            if let Some(h) = handler_of(handlers, at) {
                let mut state = before.clone();
                for r in (h.depth as usize).max(self.first)..self.first + self.temps {
                    state[r - self.first] = Kind::Empty;
                }
                self.set(&mut state, h.exc_reg as usize, Kind::Exception);
                self.arrive(h.target as usize, &state, &mut work);
            }
            let mut state = before;
            for &r in &effect.kills {
                self.set(&mut state, r, Kind::Empty);
            }
            let mut written = state.clone();
            for &(r, kind) in &effect.writes {
                self.set(&mut written, r, kind);
            }
            if let Some(to) = effect.jump {
                self.arrive(to, &written, &mut work);
            }
            if let Some(to) = effect.next {
                let state = if effect.writes_on_jump { &mut state } else { &mut written };
                if let Some(r) = effect.drops {
                    self.set(state, r, Kind::Empty);
                }
                self.arrive(to, state, &mut work);
            }
        }
    }

    fn set(&self, state: &mut [Kind], register: usize, kind: Kind) {
        if let Some(t) = register.checked_sub(self.first)
            && let Some(k) = state.get_mut(t)
        {
            *k = kind;
        }
    }

    /// Notes that control comes to `to` with this state.
    fn arrive(&mut self, to: usize, state: &[Kind], work: &mut Vec<usize>) {
        let row = self.row(to);
        let Some(reached) = self.reached.get_mut(to) else { return };
        if !std::mem::replace(reached, true) {
            self.kinds[row].copy_from_slice(state);
            work.push(to);
            return;
        }
        let mut changed = false;
        for (old, new) in self.kinds[row].iter_mut().zip(state) {
            let met = old.meet(*new);
            changed |= met != *old;
            *old = met;
        }
        if changed {
            work.push(to);
        }
    }

    fn backwards(&mut self, handlers: &[ExcEntry]) {
        let order: Vec<usize> = self.instructions().collect();
        loop {
            let mut changed = false;
            for &at in order.iter().rev() {
                let Some(effect) = self.effect(at) else { continue };
                let row = |to: Option<usize>| match to {
                    Some(to) if to < self.words.len() => self.needed[self.row(to)].to_vec(),
                    _ => vec![false; self.temps],
                };
                let mut needed = row(effect.jump);
                let mut through = row(effect.next);
                let clear = |needed: &mut [bool], r: usize| {
                    if let Some(n) = r.checked_sub(self.first).and_then(|t| needed.get_mut(t)) {
                        *n = false;
                    }
                };
                for &(r, _) in &effect.writes {
                    clear(&mut needed, r);
                    if !effect.writes_on_jump {
                        clear(&mut through, r);
                    }
                }
                for (n, t) in needed.iter_mut().zip(through) {
                    *n |= t;
                }
                for &r in &effect.reads {
                    if let Some(n) = r.checked_sub(self.first).and_then(|t| needed.get_mut(t)) {
                        *n = true;
                    }
                }
                if let Some(h) = handler_of(handlers, at) {
                    for t in 0..self.temps {
                        let r = self.first + t;
                        needed[t] |= r < h.depth as usize && r != h.exc_reg as usize && self.is_needed(h.target as usize, r);
                    }
                }
                let row = self.row(at);
                if self.needed[row.clone()] != needed[..] {
                    self.needed[row].copy_from_slice(&needed);
                    changed = true;
                }
            }
            if !changed {
                return;
            }
        }
    }

    fn effect(&self, at: usize) -> Option<Effect> {
        let w = Instr(*self.words.get(at)?);
        let op = w.op()?;
        let info = op.info();
        let next = at + 1 + info.extra.words();
        let target = |d: i64| usize::try_from(next as i64 + d).ok().filter(|t| *t < self.words.len());
        let object = Kind::Object(at as u32);
        let mut e = Effect { next: Some(next), jump: None, reads: Vec::new(), kills: Vec::new(), writes: Vec::new(), writes_on_jump: false, drops: None };
        let run = run_length(op, w);
        let fields = [(info.a, w.a(), flag::KILL_A), (info.b, w.b(), flag::KILL_B), (info.c, w.c(), flag::KILL_C)];
        for (operand, r, kill) in fields {
            match operand {
                Operand::R => {
                    e.reads.push(r);
                    if w.flags() & kill != 0 {
                        e.kills.push(r);
                    }
                }
                Operand::W => e.writes.push((r, object)),
                Operand::WBase => {
                    let run = if op == Op::LoadSuperMethod { 2 } else { run };
                    let kind = if op == Op::LoadSpecial { Kind::Exit } else { object };
                    e.writes.extend((r..r + run).map(|r| (r, kind)));
                }
                Operand::Base => {
                    // The names of CALL_GLOBAL and CALL_ATTR are looked up behind the arguments.
                    let given = match op {
                        Op::CallGlobal | Op::CallAttr => 1,
                        _ => 0,
                    };
                    e.reads.extend(r + given..r + run);
                    e.kills.extend(r..r + run);
                }
                Operand::J16 => e.jump = target(w.c_imm()),
                Operand::J32 => e.jump = target(w.bc_signed()),
                Operand::No | Operand::N | Operand::I | Operand::Name | Operand::K32 | Operand::I32 => {}
            }
        }
        if info.extra == Extra::Jump {
            e.jump = target(*self.words.get(at + 1)? as i64);
        }
        match op {
            Op::Jump | Op::JumpBack | Op::CleanupThrow | Op::Return | Op::ReturnNone | Op::Raise | Op::Reraise => e.next = None,
            Op::Clear => {
                e.writes.clear();
                e.kills.push(w.a());
            }
            Op::LoadFastAndClear | Op::StoreFastMaybeNull => {
                e.writes = vec![(w.a(), self.kind(at, w.b()))];
                e.kills.push(w.b());
            }
            Op::Swap => {
                e.reads.extend([w.a(), w.b()]);
                e.writes = vec![(w.a(), self.kind(at, w.b())), (w.b(), self.kind(at, w.a()))];
            }
            Op::Move => e.writes = vec![(w.a(), self.moved(at, w.b()))],
            Op::GetIter | Op::GetAiter => e.writes = vec![(w.a(), Kind::Iterator)],
            Op::PushExcInfo => e.writes = vec![(w.a(), Kind::Saved)],
            Op::PopExcept => e.kills.push(w.a()),
            Op::WithExceptStart => e.reads.push(w.b() + 1),
            Op::Send => e.kills.push(w.c()),
            Op::EndAsyncFor => e.kills.extend([w.a(), w.b()]),
            Op::ForIter => {
                e.writes_on_jump = true;
                e.drops = Some(w.b());
            }
            _ => {}
        }
        Some(e)
    }

    /// What a moved value is; a variable's is some object.
    fn moved(&self, at: usize, from: usize) -> Kind {
        if from < self.first { Kind::Object(at as u32) } else { self.kind(at, from) }
    }
}

fn handler_of(handlers: &[ExcEntry], at: usize) -> Option<&ExcEntry> {
    handlers.iter().find(|h| (h.start as usize) <= at && at < h.end as usize)
}
