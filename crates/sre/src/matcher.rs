//! The public face of matching: subjects, requests, limits, results.

use crate::exec::Frame;
use crate::plan::Plan;
use crate::program::Program;
use crate::unit::{Unit, run_length};

/// What a pattern runs over. Positions are characters (bytes for `Bytes`).
#[derive(Clone, Copy, Debug)]
pub enum Subject<'a> {
    /// A `str` of one byte a character, ASCII or Latin-1.
    Latin1(&'a [u8]),
    /// A `str` of two bytes a character.
    Ucs2(&'a [u16]),
    /// A `str` of four bytes a character.
    Ucs4(&'a [u32]),
    /// A bytes-like object.
    Bytes(&'a [u8]),
}

impl Subject<'_> {
    /// The number of characters.
    pub fn len(&self) -> usize {
        match self {
            Subject::Latin1(s) | Subject::Bytes(s) => s.len(),
            Subject::Ucs2(s) => s.len(),
            Subject::Ucs4(s) => s.len(),
        }
    }

    /// Is there nothing in it?
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Where a match must begin and end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// It begins at `pos`.
    Match,
    /// It begins at `pos` and ends at `endpos`.
    FullMatch,
    /// It begins at `pos` or later.
    Search,
}

/// What to look for.
#[derive(Clone, Copy, Debug)]
pub struct Request {
    pub mode: Mode,
    /// Where to begin. `^` and lookbehind still see what is before.
    pub pos: usize,
    /// Where the subject is taken to end; clamped to its length. There is no
    /// match if it is before `pos`.
    pub endpos: usize,
    /// Refuse an empty match at `pos`: the previous match of a scanner,
    /// `finditer`, `sub` or `split` was empty and ended there. See
    /// [`Matcher::next_request`].
    pub must_advance: bool,
}

impl Request {
    /// A request for the whole subject.
    pub fn new(mode: Mode) -> Request {
        Request {
            mode,
            pos: 0,
            endpos: usize::MAX,
            must_advance: false,
        }
    }

    /// A search in the whole subject.
    pub fn search() -> Request {
        Request::new(Mode::Search)
    }
}

/// The caller's check asked for the match to be given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interrupted;

/// Why a match was given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The backtrack stack would outgrow its budget (or there is no memory).
    MemoryLimit,
    /// The check said so.
    Interrupted,
}

/// What a match may consume.
pub struct Limits<'a> {
    /// The budget of the backtrack stack and the registers, in bytes.
    pub stack_bytes: usize,
    /// Called every few thousand steps.
    pub check: Option<&'a mut dyn FnMut() -> Result<(), Interrupted>>,
}

impl<'a> Limits<'a> {
    /// No limits.
    pub fn none() -> Limits<'a> {
        Limits {
            stack_bytes: usize::MAX,
            check: None,
        }
    }

    /// A budget for the stack, and a check.
    pub fn new(
        stack_bytes: usize,
        check: &'a mut dyn FnMut() -> Result<(), Interrupted>,
    ) -> Limits<'a> {
        Limits {
            stack_bytes,
            check: Some(check),
        }
    }
}

/// A register that holds no position.
pub(crate) const UNSET: usize = usize::MAX;

/// Steps between two calls of the check.
const CHECK_EVERY: usize = 4096;

/// A backtrack stack that is larger than this is given back after the match.
const KEEP_FRAMES: usize = 16 * 1024;

/// The working memory of matches; reuse one for many.
///
/// After a successful [`run`](Matcher::run) it holds the spans of the groups.
#[derive(Default)]
pub struct Matcher {
    pub(crate) stack: Vec<Frame>,
    /// Two a group, then the loops' slots.
    pub(crate) registers: Vec<usize>,
    /// One more than the highest register in use by a mark.
    pub(crate) touched: usize,
    /// The group that was closed last, or 0.
    pub(crate) lastindex: usize,
    /// The innermost barrier frame of the stack.
    pub(crate) barrier: usize,
    /// How many frames the budget allows.
    pub(crate) max_frames: usize,
    pub(crate) steps: usize,
    groups: usize,
    span: Option<(usize, usize)>,
}

/// The part of a request that stays the same from attempt to attempt.
#[derive(Clone, Copy)]
pub(crate) struct Task {
    pub full: bool,
    /// Refuse an empty match at the first place that is tried.
    pub must_advance: bool,
    /// The last place to try, if there is more than one.
    pub search: Option<usize>,
}

impl Matcher {
    /// A matcher with nothing allocated.
    pub fn new() -> Matcher {
        Matcher::default()
    }

    /// Runs a program. `Ok(true)` if it matched.
    pub fn run(
        &mut self,
        program: &Program,
        subject: Subject<'_>,
        request: Request,
        limits: &mut Limits<'_>,
    ) -> Result<bool, Stop> {
        self.span = None;
        self.lastindex = 0;
        self.groups = 0;
        self.prepare(program, limits)?;
        let found = match subject {
            Subject::Latin1(s) | Subject::Bytes(s) => self.find(program, s, request, limits),
            Subject::Ucs2(s) => self.find(program, s, request, limits),
            Subject::Ucs4(s) => self.find(program, s, request, limits),
        };
        self.stack.clear();
        if self.stack.capacity() > KEEP_FRAMES {
            self.stack.shrink_to(KEEP_FRAMES);
        }
        self.span = found?;
        if self.span.is_some() {
            self.groups = program.groups;
        } else {
            self.lastindex = 0;
        }
        Ok(self.span.is_some())
    }

    /// The span of a group in the last match; group 0 is all of it. `None`
    /// if the group (or the pattern) did not match.
    pub fn span(&self, group: usize) -> Option<(usize, usize)> {
        let Some(group) = group.checked_sub(1) else {
            return self.span;
        };
        if group >= self.groups {
            return None;
        }
        match self.registers.get(group * 2..group * 2 + 2) {
            // A group that was entered again but not left has its ends reversed.
            Some(&[start, end]) if start != UNSET && end != UNSET && start <= end => {
                Some((start, end))
            }
            _ => None,
        }
    }

    /// The spans of all groups, group 0 first.
    pub fn spans(&self) -> impl Iterator<Item = Option<(usize, usize)>> + '_ {
        (0..=self.groups).map(|group| self.span(group))
    }

    /// `Match.lastindex`: the group that was closed last. (`Match.lastgroup`
    /// is its name.)
    pub fn lastindex(&self) -> Option<usize> {
        (self.lastindex > 0).then_some(self.lastindex)
    }

    /// The request for the match after the last one, for scanners,
    /// `finditer`, `sub` and `split`: it begins where that ended, and if that
    /// was empty, another empty match at the same place is refused. `None` if
    /// there was no match.
    pub fn next_request(&self, request: Request) -> Option<Request> {
        let (start, end) = self.span?;
        Some(Request {
            pos: end,
            must_advance: start == end,
            ..request
        })
    }

    fn prepare(&mut self, program: &Program, limits: &Limits<'_>) -> Result<(), Stop> {
        let register_bytes = program.registers.saturating_mul(size_of::<usize>());
        let left = limits
            .stack_bytes
            .checked_sub(register_bytes)
            .ok_or(Stop::MemoryLimit)?;
        self.max_frames = left / size_of::<Frame>();
        self.stack.clear();
        self.steps = 0;
        self.registers.clear();
        self.registers
            .try_reserve(program.registers)
            .map_err(|_| Stop::MemoryLimit)?;
        self.registers.resize(program.registers, UNSET);
        self.touched = 0;
        Ok(())
    }

    /// Forgets what a failed attempt left behind.
    #[inline]
    fn reset(&mut self) {
        if self.touched > 0 {
            if let Some(marks) = self.registers.get_mut(..self.touched) {
                // A loop: they are few, and `fill` would be a call.
                for mark in marks {
                    *mark = UNSET;
                }
            }
            self.touched = 0;
            self.lastindex = 0;
        }
        self.barrier = 0;
        self.stack.clear();
    }

    fn find<U: Unit>(
        &mut self,
        program: &Program,
        subject: &[U],
        request: Request,
        limits: &mut Limits<'_>,
    ) -> Result<Option<(usize, usize)>, Stop> {
        let end = request.endpos.min(subject.len());
        let Some(hay) = subject.get(..end) else {
            return Ok(None);
        };
        let pos = request.pos;
        let Some(room) = end.checked_sub(pos) else {
            return Ok(None);
        };
        if room < program.min_width {
            return Ok(None);
        }
        let last = end - program.min_width;
        let task = Task {
            full: request.mode == Mode::FullMatch,
            must_advance: request.must_advance,
            search: (request.mode == Mode::Search).then_some(last),
        };
        self.reset();
        if request.mode != Mode::Search {
            return self.attempt(program, hay, pos, task, limits);
        }
        let Some(start) = program.plan.next(hay, pos, last) else {
            return Ok(None);
        };
        if let Plan::Prefix {
            literal,
            whole: true,
            ..
        } = &program.plan
        {
            return Ok(Some((start, start + literal.len())));
        }
        let task = Task {
            must_advance: request.must_advance && start == pos,
            ..task
        };
        self.attempt(program, hay, start, task, limits)
    }

    /// Where to try next after an attempt at `start` has failed.
    #[inline(never)]
    pub(crate) fn next_start<U: Unit>(
        &mut self,
        program: &Program,
        hay: &[U],
        start: usize,
        task: Task,
    ) -> Option<usize> {
        let last = task.search?;
        self.reset();
        let mut from = start + 1;
        if let Plan::Table {
            run: Some(single), ..
        } = &program.plan
        {
            let skipped = run_length(program, *single, hay.get(start..)?);
            from = from.max(start + skipped);
            self.steps += skipped / 16;
        }
        let next = program.plan.next(hay, from, last)?;
        self.steps += (next - from) / 64;
        Some(next)
    }

    /// Counts steps; asks whether to go on when it is time.
    #[inline(always)]
    pub(crate) fn tick(&mut self, steps: usize, limits: &mut Limits<'_>) -> Result<(), Stop> {
        self.steps += steps;
        if self.steps >= CHECK_EVERY {
            self.ask(limits)
        } else {
            Ok(())
        }
    }

    #[cold]
    fn ask(&mut self, limits: &mut Limits<'_>) -> Result<(), Stop> {
        self.steps = 0;
        match &mut limits.check {
            Some(check) => check().map_err(|Interrupted| Stop::Interrupted),
            None => Ok(()),
        }
    }
}
