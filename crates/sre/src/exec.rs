//! One attempt at one position: the matcher's loop and its backtrack stack.

use crate::chars::Fold;
use crate::matcher::{Limits, Matcher, Stop, Task, UNSET};
use crate::program::{Follow, Inst, Loop, Peek, Place, Program, Run, Way};
use crate::unit::{Unit, run_length};

/// Something to come back to, or to restore on the way back.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Frame {
    kind: Kind,
    x: u32,
    a: usize,
    b: usize,
}

/// What a frame means. `x`, `a` and `b` are the frame's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Register `x` was `a`.
    Register,
    /// Mark `x` was `a`, and `lastindex` was `b`.
    Mark,
    /// The targets from `x` to `b` are still to be tried at `a`.
    Targets,
    /// Go on at instruction `x`, position `a`.
    Goto,
    /// The greedy run at instruction `x` ends at `a`, and may end as early as `b`.
    Greedy,
    /// The lazy run at instruction `x` ends at `a`, and may end as late as `b`.
    Lazy,
    /// The lazy loop `x` may take another iteration at `a`.
    LazyLoop,
    // Barriers: what is above one is given up at once when the construct
    // that pushed it succeeds. `b` is the barrier before.
    /// An atomic group or assertion that began at `a`; it failed if this is
    /// met on the way back.
    Atomic,
    /// A negative assertion that began at `a`. Met on the way back, the
    /// pattern goes on at `x`.
    Not,
    /// An iteration of a possessive loop that began at `a`. Met on the way
    /// back, the loop is over and the pattern goes on at `x`.
    Iteration,
}

impl Kind {
    fn restores(self) -> bool {
        matches!(self, Kind::Register | Kind::Mark)
    }
}

impl Matcher {
    #[inline(always)]
    fn push(&mut self, kind: Kind, x: u32, a: usize, b: usize) -> Result<(), Stop> {
        if self.stack.len() == self.stack.capacity() {
            self.grow()?;
        }
        self.stack.push(Frame { kind, x, a, b });
        Ok(())
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self) -> Result<(), Stop> {
        let len = self.stack.len();
        let room = self.max_frames.saturating_sub(len);
        if room == 0 {
            return Err(Stop::MemoryLimit);
        }
        self.stack
            .try_reserve_exact(len.max(32).min(room))
            .map_err(|_| Stop::MemoryLimit)
    }

    /// Sets a loop's register. There is nothing to restore if there is
    /// nothing to come back to.
    #[inline(always)]
    fn set_register(&mut self, index: u32, value: usize) -> Result<(), Stop> {
        let Some(slot) = self.registers.get_mut(index as usize) else {
            return Ok(());
        };
        let old = std::mem::replace(slot, value);
        if self.stack.is_empty() || old == value {
            return Ok(());
        }
        self.push(Kind::Register, index, old, 0)
    }

    #[inline(always)]
    fn register(&self, index: u32) -> usize {
        self.registers.get(index as usize).copied().unwrap_or(UNSET)
    }

    #[inline(always)]
    fn set_mark(&mut self, mark: u32, pos: usize) -> Result<(), Stop> {
        let index = mark as usize;
        let Some(slot) = self.registers.get_mut(index) else {
            return Ok(());
        };
        let old = std::mem::replace(slot, pos);
        let lastindex = self.lastindex;
        if mark & 1 == 1 {
            self.lastindex = index / 2 + 1;
        }
        self.touched = self.touched.max(index + 1);
        if self.stack.is_empty() {
            return Ok(());
        }
        self.push(Kind::Mark, mark, old, lastindex)
    }

    #[inline]
    fn restore(&mut self, frame: Frame) {
        if let Some(slot) = self.registers.get_mut(frame.x as usize) {
            *slot = frame.a;
        }
        if frame.kind == Kind::Mark {
            self.lastindex = frame.b;
        }
    }

    /// Pushes a barrier for a construct that begins at `pos`.
    fn enter(&mut self, kind: Kind, x: u32, pos: usize) -> Result<(), Stop> {
        let outer = self.barrier;
        self.push(kind, x, pos, outer)?;
        self.barrier = self.stack.len() - 1;
        Ok(())
    }

    /// A construct behind a barrier has succeeded: drops the barrier and all
    /// choices above it, but keeps what must be restored by those who come
    /// back to before it. Gives the position where the construct began.
    fn commit(&mut self) -> Option<usize> {
        let at = self.barrier;
        let frame = *self.stack.get(at)?;
        self.barrier = frame.b;
        let mut kept = at;
        // With nothing below, nobody can come back.
        if at > 0 {
            for from in at + 1..self.stack.len() {
                if self.stack[from].kind.restores() {
                    self.stack[kept] = self.stack[from];
                    kept += 1;
                }
            }
        }
        self.stack.truncate(kept);
        Some(frame.a)
    }

    /// A negative assertion's inside has matched: undoes everything since.
    fn abandon(&mut self) {
        let at = self.barrier;
        while self.stack.len() > at + 1 {
            if let Some(frame) = self.stack.pop()
                && frame.kind.restores()
            {
                self.restore(frame);
            }
        }
        if let Some(frame) = self.stack.pop() {
            self.barrier = frame.b;
        }
    }

    /// Tries to match at `start`, and, if the task is a search, behind it.
    /// Gives the start and the end of the match.
    ///
    /// The search is inside because a failed attempt is often very short:
    /// entering this function would cost more than it.
    pub(crate) fn attempt<U: Unit>(
        &mut self,
        program: &Program,
        hay: &[U],
        mut start: usize,
        mut task: Task,
        limits: &mut Limits<'_>,
    ) -> Result<Option<(usize, usize)>, Stop> {
        let insts = &program.insts[..];
        let mut pc = 0usize;
        let mut pos = start;
        'forward: loop {
            let Some(&inst) = insts.get(pc) else {
                return Ok(None);
            };
            // An arm that succeeds continues; one that falls out has failed.
            match inst {
                Inst::Char(c) => {
                    if let Some(unit) = hay.get(pos)
                        && unit.code() == c
                    {
                        pos += 1;
                        pc += 1;
                        continue;
                    }
                }
                Inst::Str { start, len } => {
                    let part = start as usize..start as usize + len as usize;
                    if let Some(rest) = hay.get(pos..)
                        && let Some(literal) = program.literals.get(part.clone())
                        && let Some(bytes) = program.literals8.get(part)
                        && U::starts_with(rest, literal, bytes)
                    {
                        pos += len as usize;
                        pc += 1;
                        continue;
                    }
                }
                Inst::Set(id) => {
                    if let Some(unit) = hay.get(pos)
                        && program.in_set(id, unit.code())
                    {
                        pos += 1;
                        pc += 1;
                        continue;
                    }
                }
                Inst::Mark(mark) => {
                    self.set_mark(mark, pos)?;
                    pc += 1;
                    continue;
                }
                Inst::Branch(id) => {
                    self.tick(1, limits)?;
                    if let Some(branch) = program.branches.get(id as usize) {
                        let way = match hay.get(pos) {
                            Some(unit) => match branch.table.get(unit.code() as usize) {
                                Some(&way) => way,
                                None => branch.high,
                            },
                            None => branch.end,
                        };
                        if way.0 < Way::LIST {
                            pc = (way.0 & !Way::EATS) as usize;
                            pos += usize::from(way.0 >= Way::EATS);
                            continue;
                        }
                        if way != Way::FAIL
                            && let Some(&(first, end)) =
                                program.lists.get((way.0 & !Way::LIST) as usize)
                            && let Some(&to) = program.targets.get(first as usize)
                        {
                            self.push(Kind::Targets, first + 1, pos, end as usize)?;
                            pc = to as usize;
                            continue;
                        }
                    }
                }
                Inst::Possessive(id) => {
                    if let Some(run) = program.runs.get(id as usize)
                        && let Some((_, end)) = full_run(program, run, hay, pos)
                    {
                        self.tick((end - pos) / 64, limits)?;
                        pos = end;
                        pc += 1;
                        continue;
                    }
                }
                Inst::Greedy(id) => {
                    if let Some(run) = program.runs.get(id as usize)
                        && let Some((least, most)) = full_run(program, run, hay, pos)
                    {
                        self.tick((most - pos) / 64, limits)?;
                        if let Some(end) = last_stop(&run.follow, hay, least, most) {
                            if end > least {
                                self.push(Kind::Greedy, pc as u32, end, least)?;
                            }
                            pos = end;
                            pc += 1;
                            continue;
                        }
                    }
                }
                Inst::Lazy(id) => {
                    if let Some(run) = program.runs.get(id as usize)
                        && let Some(least) = short_run(program, run, hay, pos)
                    {
                        let most = pos.saturating_add(run.max).min(hay.len());
                        if let Some(end) = self.next_stop(program, run, hay, least, most, limits)? {
                            if end < most {
                                self.push(Kind::Lazy, pc as u32, end, most)?;
                            }
                            pos = end;
                            pc += 1;
                            continue;
                        }
                    }
                }
                Inst::NotChar(c) => {
                    if hay.get(pos).is_some_and(|unit| unit.code() != c) {
                        pos += 1;
                        pc += 1;
                        continue;
                    }
                }
                Inst::Any => {
                    if hay.get(pos).is_some_and(|unit| unit.code() != 10) {
                        pos += 1;
                        pc += 1;
                        continue;
                    }
                }
                Inst::AnyAll => {
                    if pos < hay.len() {
                        pos += 1;
                        pc += 1;
                        continue;
                    }
                }
                Inst::Dynamic(id) => {
                    if let Some(unit) = hay.get(pos)
                        && program.is_word(id, unit.code())
                    {
                        pos += 1;
                        pc += 1;
                        continue;
                    }
                }
                Inst::Jump(to) => {
                    pc = to as usize;
                    continue;
                }
                Inst::Match => {
                    let refused =
                        task.full && pos != hay.len() || task.must_advance && pos == start;
                    if !refused {
                        return Ok(Some((start, pos)));
                    }
                }
                Inst::Fail => {}
                Inst::At(place) => {
                    if stands(place, hay, pos) {
                        pc += 1;
                        continue;
                    }
                }
                Inst::Boundary { set, negated } => {
                    let word = |unit: Option<&U>| {
                        unit.is_some_and(|unit| program.is_word(set, unit.code()))
                    };
                    let before = word(pos.checked_sub(1).and_then(|at| hay.get(at)));
                    if (before != word(hay.get(pos))) != negated {
                        pc += 1;
                        continue;
                    }
                }
                Inst::Peek(id) => {
                    if let Some(peek) = program.peeks.get(id as usize)
                        && peeks(program, peek, hay, pos)
                    {
                        pc += 1;
                        continue;
                    }
                }
                Inst::LoopInit(id) => {
                    if let Some(&info) = program.loops.get(id as usize) {
                        self.set_register(info.slot, 0)?;
                        self.set_register(info.slot + 1, UNSET)?;
                        pc = self.iterate(id, &info, 0, pos)?;
                        continue;
                    }
                }
                Inst::LoopMax(id) | Inst::LoopMin(id) => {
                    self.tick(1, limits)?;
                    if let Some(&info) = program.loops.get(id as usize) {
                        let count = self.register(info.slot).wrapping_add(1);
                        self.set_register(info.slot, count)?;
                        pc = self.iterate(id, &info, count, pos)?;
                        continue;
                    }
                }
                Inst::PossInit(id) => {
                    if let Some(info) = program.loops.get(id as usize) {
                        self.set_register(info.slot, 0)?;
                        pc += 1;
                        continue;
                    }
                }
                Inst::PossNext(id) => {
                    self.tick(1, limits)?;
                    if let Some(&info) = program.loops.get(id as usize) {
                        let count = self.register(info.slot);
                        if count < info.min {
                            self.enter(Kind::Atomic, 0, pos)?;
                            pc = info.body as usize;
                        } else if count < info.max {
                            self.enter(Kind::Iteration, info.tail, pos)?;
                            pc = info.body as usize;
                        } else {
                            pc = info.tail as usize;
                        }
                        continue;
                    }
                }
                Inst::PossEnd(id) => {
                    if let Some(&info) = program.loops.get(id as usize)
                        && let Some(began) = self.commit()
                    {
                        if began == pos {
                            // An empty iteration: all others would be the same.
                            pc = info.tail as usize;
                        } else {
                            let count = self.register(info.slot).wrapping_add(1);
                            self.set_register(info.slot, count)?;
                            // The instruction that decides is before the body.
                            pc = info.body as usize - 1;
                        }
                        continue;
                    }
                }
                Inst::GroupRef { group, fold } => {
                    if let Some((from, to)) = self.group(group)
                        && let Some(text) = hay.get(from..to)
                        && let Some(here) = hay.get(pos..).and_then(|rest| rest.get(..text.len()))
                        && same(program, text, here, fold)
                    {
                        self.tick(text.len() / 16, limits)?;
                        pos += text.len();
                        pc += 1;
                        continue;
                    }
                }
                Inst::IfGroup { group, otherwise } => {
                    pc = if self.group(group).is_some() {
                        pc + 1
                    } else {
                        otherwise as usize
                    };
                    continue;
                }
                Inst::AssertBegin { back, .. } => {
                    if let Some(from) = pos.checked_sub(back as usize) {
                        self.enter(Kind::Atomic, 0, pos)?;
                        pos = from;
                        pc += 1;
                        continue;
                    }
                }
                Inst::AssertNotBegin { back, end } => {
                    if let Some(from) = pos.checked_sub(back as usize) {
                        self.enter(Kind::Not, end, pos)?;
                        pos = from;
                        pc += 1;
                    } else {
                        pc = end as usize;
                    }
                    continue;
                }
                Inst::AtomicBegin => {
                    self.enter(Kind::Atomic, 0, pos)?;
                    pc += 1;
                    continue;
                }
                Inst::AssertEnd => {
                    if let Some(began) = self.commit() {
                        pos = began;
                        pc += 1;
                        continue;
                    }
                }
                Inst::AtomicEnd => {
                    if self.commit().is_some() {
                        pc += 1;
                        continue;
                    }
                }
                Inst::AssertNotEnd => self.abandon(),
            }
            // Failed: go back to the last choice.
            loop {
                self.tick(1, limits)?;
                let Some(frame) = self.stack.last_mut() else {
                    match self.next_start(program, hay, start, task) {
                        Some(next) => start = next,
                        None => return Ok(None),
                    }
                    // Only the place of the first attempt is forbidden.
                    task.must_advance = false;
                    pos = start;
                    pc = 0;
                    continue 'forward;
                };
                match frame.kind {
                    Kind::Register | Kind::Mark => {
                        let frame = *frame;
                        self.stack.pop();
                        self.restore(frame);
                    }
                    Kind::Targets => {
                        let target = frame.x as usize;
                        pos = frame.a;
                        if target + 1 >= frame.b {
                            self.stack.pop();
                        } else {
                            frame.x += 1;
                        }
                        if let Some(&to) = program.targets.get(target) {
                            pc = to as usize;
                            continue 'forward;
                        }
                    }
                    Kind::Goto => {
                        pos = frame.a;
                        pc = frame.x as usize;
                        self.stack.pop();
                        continue 'forward;
                    }
                    Kind::Greedy => {
                        let (at, end, least) = (frame.x as usize, frame.a, frame.b);
                        // The frame is gone before `end` is as low as `least`.
                        let most = end.saturating_sub(1);
                        let stop = match insts.get(at) {
                            Some(&Inst::Greedy(id)) => program
                                .runs
                                .get(id as usize)
                                .and_then(|run| last_stop(&run.follow, hay, least, most)),
                            _ => None,
                        };
                        match stop {
                            Some(stop) => {
                                if stop > least {
                                    frame.a = stop;
                                } else {
                                    self.stack.pop();
                                }
                                self.steps += (end - stop) / 16;
                                pos = stop;
                                pc = at + 1;
                                continue 'forward;
                            }
                            None => {
                                self.stack.pop();
                                self.steps += end.saturating_sub(least) / 16;
                            }
                        }
                    }
                    Kind::Lazy => {
                        let (at, end, most) = (frame.x as usize, frame.a, frame.b);
                        let Some(&Inst::Lazy(id)) = insts.get(at) else {
                            return Ok(None);
                        };
                        let Some(run) = program.runs.get(id as usize) else {
                            return Ok(None);
                        };
                        let accepts = |unit: &U| program.single(run.single, unit.code());
                        let stop = if hay.get(end).is_some_and(accepts) {
                            self.next_stop(program, run, hay, end + 1, most, limits)?
                        } else {
                            None
                        };
                        match stop {
                            Some(stop) => {
                                if stop < most
                                    && let Some(frame) = self.stack.last_mut()
                                {
                                    frame.a = stop;
                                } else {
                                    self.stack.pop();
                                }
                                pos = stop;
                                pc = at + 1;
                                continue 'forward;
                            }
                            None => {
                                self.stack.pop();
                            }
                        }
                    }
                    Kind::LazyLoop => {
                        let (id, began) = (frame.x as usize, frame.a);
                        self.stack.pop();
                        if let Some(&info) = program.loops.get(id)
                            && self.register(info.slot) < info.max
                            && self.register(info.slot + 1) != began
                        {
                            self.set_register(info.slot + 1, began)?;
                            pos = began;
                            pc = info.body as usize;
                            continue 'forward;
                        }
                    }
                    Kind::Atomic => {
                        self.barrier = frame.b;
                        self.stack.pop();
                    }
                    Kind::Not | Kind::Iteration => {
                        self.barrier = frame.b;
                        pos = frame.a;
                        pc = frame.x as usize;
                        self.stack.pop();
                        continue 'forward;
                    }
                }
            }
        }
    }

    /// A general loop has done `count` iterations: where to go on.
    fn iterate(&mut self, id: u32, info: &Loop, count: usize, pos: usize) -> Result<usize, Stop> {
        if count < info.min {
            return Ok(info.body as usize);
        }
        if info.lazy {
            self.push(Kind::LazyLoop, id, pos, 0)?;
            return Ok(info.tail as usize);
        }
        // An iteration that was empty is not repeated.
        if count >= info.max || self.register(info.slot + 1) == pos {
            return Ok(info.tail as usize);
        }
        self.push(Kind::Goto, info.tail, pos, 0)?;
        self.set_register(info.slot + 1, pos)?;
        Ok(info.body as usize)
    }

    /// The span of a group, if it has matched.
    #[inline]
    fn group(&self, group: u32) -> Option<(usize, usize)> {
        let from = self.register(group * 2);
        let to = self.register(group * 2 + 1);
        (from != UNSET && to != UNSET && from <= to).then_some((from, to))
    }

    /// The first place from `least` to `most` where a lazy run can stop.
    #[inline]
    fn next_stop<U: Unit>(
        &mut self,
        program: &Program,
        run: &Run,
        hay: &[U],
        least: usize,
        most: usize,
        limits: &mut Limits<'_>,
    ) -> Result<Option<usize>, Stop> {
        let mut at = least;
        let stop = loop {
            if at > most {
                break None;
            }
            if may_follow(&run.follow, hay.get(at)) {
                break Some(at);
            }
            match hay.get(at) {
                Some(unit) if program.single(run.single, unit.code()) => at += 1,
                _ => break None,
            }
        };
        self.tick((at - least) / 16, limits)?;
        Ok(stop)
    }
}

/// Where a run from `pos` can stop at the earliest and at the latest.
#[inline]
fn full_run<U: Unit>(
    program: &Program,
    run: &Run,
    hay: &[U],
    pos: usize,
) -> Option<(usize, usize)> {
    let rest = hay.get(pos..)?;
    let rest = rest.get(..run.max).unwrap_or(rest);
    let length = run_length(program, run.single, rest);
    (length >= run.min).then_some((pos + run.min, pos + length))
}

/// Where a run of the smallest allowed length stops.
#[inline]
fn short_run<U: Unit>(program: &Program, run: &Run, hay: &[U], pos: usize) -> Option<usize> {
    let rest = hay.get(pos..)?.get(..run.min)?;
    (run_length(program, run.single, rest) == run.min).then_some(pos + run.min)
}

#[inline]
fn may_follow<U: Unit>(follow: &Follow, unit: Option<&U>) -> bool {
    match (follow, unit) {
        (Follow::Anything, _) => true,
        (Follow::Char(c), Some(unit)) => unit.code() == *c,
        (Follow::Char(_), None) => false,
        (Follow::Table { table, high, .. }, Some(unit)) => {
            table.get(unit.code() as usize).copied().unwrap_or(*high)
        }
        (Follow::Table { end, .. }, None) => *end,
    }
}

/// The last place from `least` to `most` where what follows has a chance.
#[inline]
fn last_stop<U: Unit>(follow: &Follow, hay: &[U], least: usize, most: usize) -> Option<usize> {
    if least > most {
        return None;
    }
    if may_follow(follow, hay.get(most)) {
        return Some(most);
    }
    let range = hay.get(least..most)?;
    let at = match follow {
        Follow::Char(c) => U::rfind(range, *c)?,
        _ => range
            .iter()
            .rposition(|unit| may_follow(follow, Some(unit)))?,
    };
    Some(least + at)
}

#[inline]
fn stands<U: Unit>(place: Place, hay: &[U], pos: usize) -> bool {
    let newline = |at: usize| hay.get(at).is_some_and(|unit| unit.code() == 10);
    match place {
        Place::Beginning => pos == 0,
        Place::BeginningLine => pos.checked_sub(1).is_none_or(newline),
        Place::End => pos >= hay.len() || pos + 1 == hay.len() && newline(pos),
        Place::EndLine => pos >= hay.len() || newline(pos),
        Place::EndString => pos >= hay.len(),
    }
}

#[inline]
fn peeks<U: Unit>(program: &Program, peek: &Peek, hay: &[U], pos: usize) -> bool {
    let at = if peek.behind {
        pos.checked_sub(1)
    } else {
        Some(pos)
    };
    let unit = at.and_then(|at| hay.get(at));
    unit.is_some_and(|unit| program.single(peek.single, unit.code())) != peek.negated
}

fn same<U: Unit>(program: &Program, text: &[U], here: &[U], fold: Fold) -> bool {
    match fold {
        // Comparing a few characters here beats a call.
        Fold::None if text.len() < 8 => text.iter().zip(here).all(|(a, b)| a == b),
        Fold::None => text == here,
        _ => text.iter().zip(here).all(|(a, b)| {
            a == b || fold.apply(a.code(), program.chars) == fold.apply(b.code(), program.chars)
        }),
    }
}
