//! The translated form of a pattern.

use crate::analyse::First;
use crate::chars::{CharData, Fold};
use crate::charset::Set;
use crate::plan::Plan;
use crate::{analyse, plan, translate};
use std::fmt;

/// The code words are not what the pattern compiler could have emitted.
/// `_sre` raises `RuntimeError("invalid SRE code")` for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidCode;

impl fmt::Display for InvalidCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("invalid SRE code")
    }
}

impl std::error::Error for InvalidCode {}

/// A test of one character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Single {
    Char(u32),
    NotChar(u32),
    /// Anything but a newline.
    Any,
    AnyAll,
    /// A set with a valid table, by its index.
    Set(u32),
    /// A set that depends on the locale of the moment.
    Dynamic(u32),
}

/// Where in the subject a match must stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Beginning,
    BeginningLine,
    End,
    EndLine,
    EndString,
}

/// One instruction. A `u32` that is not explained is an instruction's index.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Inst {
    Fail,
    /// The whole pattern has matched.
    Match,
    Char(u32),
    NotChar(u32),
    Any,
    AnyAll,
    Set(u32),
    Dynamic(u32),
    /// Several characters: a part of the program's `literals`.
    Str {
        start: u32,
        len: u32,
    },
    At(Place),
    /// A word boundary (`\b`) as the set of word characters sees it, or none (`\B`).
    Boundary {
        set: u32,
        negated: bool,
    },
    /// Sets a mark register.
    Mark(u32),
    Jump(u32),
    /// Tries the alternatives of a dispatch table.
    Branch(u32),
    /// One-character repeats, by index in `runs`.
    Greedy(u32),
    Lazy(u32),
    Possessive(u32),
    /// A loop that must count or watch for empty iterations, by index in `loops`.
    LoopInit(u32),
    LoopMax(u32),
    LoopMin(u32),
    /// A possessive loop over more than one character.
    PossInit(u32),
    PossNext(u32),
    PossEnd(u32),
    GroupRef {
        group: u32,
        fold: Fold,
    },
    /// Jumps to `otherwise` if the group has not matched.
    IfGroup {
        group: u32,
        otherwise: u32,
    },
    /// A one-character assertion, by index in `peeks`.
    Peek(u32),
    AssertBegin {
        back: u32,
        end: u32,
    },
    AssertEnd,
    AssertNotBegin {
        back: u32,
        end: u32,
    },
    AssertNotEnd,
    AtomicBegin,
    AtomicEnd,
}

/// A one-character repeat.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    pub single: Single,
    pub min: usize,
    pub max: usize,
    /// What must come next for the rest of the pattern to have a chance.
    pub follow: Follow,
}

/// What the character behind a repeat must be; a superset of what can match.
#[derive(Clone, Debug)]
pub(crate) enum Follow {
    /// Nothing is known.
    Anything,
    Char(u32),
    /// A table of the first 256, whether others may, whether the end may.
    Table {
        table: Box<[bool; 256]>,
        high: bool,
        end: bool,
    },
}

/// A general repeat. `slot` is its first register: the number of iterations
/// done, then the position at which the last one began.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Loop {
    pub slot: u32,
    pub min: usize,
    pub max: usize,
    pub body: u32,
    pub tail: u32,
    pub lazy: bool,
}

/// A one-character assertion.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peek {
    pub single: Single,
    pub behind: bool,
    pub negated: bool,
}

/// Alternatives, and which of them the next character leaves in the game.
#[derive(Clone, Debug, Default)]
pub(crate) struct Branch {
    /// As written; what the ways are made from.
    pub alternatives: Vec<u32>,
    /// The way for each of the first 256 characters.
    pub table: Vec<Way>,
    /// The way for all other characters, and for the end of the subject.
    pub high: Way,
    pub end: Way,
    /// What it can begin with, once that is known.
    pub first: Option<First>,
}

/// Where a branch leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Way(pub u32);

impl Way {
    /// Nowhere.
    pub const FAIL: Way = Way(u32::MAX);
    /// Set if several alternatives are left: the rest is an index in `lists`.
    pub const LIST: u32 = 1 << 31;
    /// Set if the character that was looked at satisfies the instruction
    /// which the way leads to, so that it leads behind it at once.
    pub const EATS: u32 = 1 << 30;
}

impl Default for Way {
    fn default() -> Way {
        Way::FAIL
    }
}

/// A pattern, ready to run. Immutable and shareable between threads.
pub struct Program {
    pub(crate) insts: Vec<Inst>,
    pub(crate) sets: Vec<Set>,
    pub(crate) literals: Vec<u32>,
    /// The same as bytes; a character that is none is 0 here.
    pub(crate) literals8: Vec<u8>,
    pub(crate) runs: Vec<Run>,
    pub(crate) loops: Vec<Loop>,
    pub(crate) peeks: Vec<Peek>,
    pub(crate) branches: Vec<Branch>,
    /// Alternatives one behind the other, and the parts that ways mean.
    pub(crate) targets: Vec<u32>,
    pub(crate) lists: Vec<(u32, u32)>,
    pub(crate) groups: usize,
    /// Mark registers (two a group), then the loops' slots.
    pub(crate) registers: usize,
    /// No match is shorter, says the INFO block.
    pub(crate) min_width: usize,
    pub(crate) has_groupref: bool,
    pub(crate) plan: Plan,
    pub(crate) chars: &'static dyn CharData,
}

impl fmt::Debug for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Program")
            .field("insts", &self.insts)
            .field("groups", &self.groups)
            .finish_non_exhaustive()
    }
}

impl Program {
    /// Checks and translates code words. `groups` is the number of capturing
    /// groups, group 0 not counted. The flags of the pattern are already in
    /// the code.
    pub fn compile(
        code: &[u32],
        groups: usize,
        chars: &'static dyn CharData,
    ) -> Result<Program, InvalidCode> {
        let mut program = translate::translate(code, groups, chars)?;
        analyse::optimise(&mut program);
        program.plan = plan::plan(&program);
        Ok(program)
    }

    /// The number of capturing groups, group 0 not counted.
    pub fn groups(&self) -> usize {
        self.groups
    }

    /// About how many bytes the program takes, for those who count.
    pub fn memory(&self) -> usize {
        self.insts.len() * size_of::<Inst>()
            + self.sets.len() * size_of::<Set>()
            + self.literals.len() * 5
            + self.runs.len() * (size_of::<Run>() + 256)
            + self.branches.len() * (size_of::<Branch>() + 1024)
            + self.targets.len() * 4
    }

    /// Does the character satisfy the test?
    #[inline]
    pub(crate) fn single(&self, single: Single, c: u32) -> bool {
        match single {
            Single::Char(lit) => c == lit,
            Single::NotChar(lit) => c != lit,
            Single::Any => c != 10,
            Single::AnyAll => true,
            Single::Set(id) => self.in_set(id, c),
            Single::Dynamic(id) => self
                .sets
                .get(id as usize)
                .is_some_and(|set| set.test_slow(c, self.chars)),
        }
    }

    #[inline]
    pub(crate) fn in_set(&self, id: u32, c: u32) -> bool {
        let Some(set) = self.sets.get(id as usize) else {
            return false;
        };
        match set.table.get(c as usize) {
            Some(&inside) => inside,
            None => set.test_high(c, self.chars),
        }
    }

    /// Is it a word character in the sense of a boundary's set?
    #[inline]
    pub(crate) fn is_word(&self, id: u32, c: u32) -> bool {
        let Some(set) = self.sets.get(id as usize) else {
            return false;
        };
        if set.dynamic {
            return set.test_slow(c, self.chars);
        }
        self.in_set(id, c)
    }
}
