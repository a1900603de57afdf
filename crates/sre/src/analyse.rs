//! What can be known of a program before it runs: which characters a piece
//! of it can begin with. From that follow the dispatch tables of branches, and
//! the repeats that never need to give anything back.

use crate::charset::high;
use crate::program::{Branch, Follow, Inst, Place, Program, Single, Way};
use crate::translate::inst_single;
use std::collections::HashMap;

/// A walk gives up (and assumes everything) after this many instructions, so
/// that hostile code cannot make the analysis quadratic.
const WALK_LIMIT: usize = 64;

/// Branches beyond this number get no dispatch table (of a kilobyte): all
/// their alternatives are tried.
const TABLE_LIMIT: usize = 1024;

/// A superset of what a piece of a program can begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct First {
    /// The first 256 characters.
    pub bits: [u64; 4],
    /// Kinds of characters beyond, see [`high`].
    pub high: u8,
    /// May it succeed at the end of the subject?
    pub end: bool,
}

impl First {
    pub const NOTHING: First = First {
        bits: [0; 4],
        high: 0,
        end: false,
    };
    pub const ALL: First = First {
        bits: [u64::MAX; 4],
        high: high::ALL,
        end: true,
    };

    fn add_byte(&mut self, byte: usize) {
        if let Some(word) = self.bits.get_mut(byte / 64) {
            *word |= 1 << (byte % 64);
        }
    }

    pub fn has_byte(&self, byte: usize) -> bool {
        self.bits
            .get(byte / 64)
            .is_some_and(|word| word >> (byte % 64) & 1 == 1)
    }

    pub fn bytes(&self) -> u32 {
        self.bits.iter().map(|word| word.count_ones()).sum()
    }

    fn union(&mut self, other: &First) {
        for (mine, its) in self.bits.iter_mut().zip(other.bits) {
            *mine |= its;
        }
        self.high |= other.high;
        self.end |= other.end;
    }

    fn meets(&self, other: &First) -> bool {
        self.bits
            .iter()
            .zip(other.bits)
            .any(|(mine, its)| mine & its != 0)
            || self.high & other.high != 0
    }

    /// What one character can be.
    pub fn of_single(program: &Program, single: Single) -> First {
        let mut first = First::NOTHING;
        match single {
            Single::Char(c) if c < 256 => first.add_byte(c as usize),
            Single::Char(c) => first.high = high::of(c, program.chars),
            Single::NotChar(c) => {
                first = First {
                    end: false,
                    ..First::ALL
                };
                if c < 256 {
                    first.bits[c as usize / 64] &= !(1 << (c % 64));
                }
            }
            Single::Any => return First::of_single(program, Single::NotChar(10)),
            Single::AnyAll | Single::Dynamic(_) => {
                first = First {
                    end: false,
                    ..First::ALL
                }
            }
            Single::Set(id) => {
                let Some(set) = program.sets.get(id as usize) else {
                    return First::ALL;
                };
                for (byte, _) in set.table.iter().enumerate().filter(|(_, inside)| **inside) {
                    first.add_byte(byte);
                }
                first.high = set.high_kinds(program.chars);
            }
        }
        first
    }
}

/// What a place in front of the next character asks of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    Nothing,
    NewlineOrEnd,
    End,
}

/// What the program can begin with if it goes on at `pc`.
pub(crate) fn first(program: &Program, pc: u32) -> First {
    let mut found = First::NOTHING;
    let mut todo = vec![(pc, Asked::Nothing)];
    let mut seen = Vec::with_capacity(16);
    while let Some(state) = todo.pop() {
        if seen.contains(&state) {
            continue;
        }
        if seen.len() >= WALK_LIMIT {
            return First::ALL;
        }
        seen.push(state);
        let (pc, asked) = state;
        let Some(&inst) = program.insts.get(pc as usize) else {
            return First::ALL;
        };
        let next = pc + 1;
        let mut add = |mut set: First| {
            if asked != Asked::Nothing {
                let newline = asked == Asked::NewlineOrEnd && set.has_byte(10);
                set = First {
                    end: set.end,
                    ..First::NOTHING
                };
                if newline {
                    set.add_byte(10);
                }
            }
            found.union(&set);
        };
        if let Some(single) = inst_single(inst) {
            add(First::of_single(program, single));
            continue;
        }
        match inst {
            Inst::Fail => {}
            Inst::Str { start, .. } => match program.literals.get(start as usize) {
                Some(&c) => add(First::of_single(program, Single::Char(c))),
                None => add(First::ALL),
            },
            Inst::At(place) => {
                let asks = match place {
                    Place::Beginning | Place::BeginningLine => Asked::Nothing,
                    Place::End | Place::EndLine => Asked::NewlineOrEnd,
                    Place::EndString => Asked::End,
                };
                let both = match (asks, asked) {
                    (Asked::End, _) | (_, Asked::End) => Asked::End,
                    (Asked::NewlineOrEnd, _) | (_, Asked::NewlineOrEnd) => Asked::NewlineOrEnd,
                    _ => Asked::Nothing,
                };
                todo.push((next, both));
            }
            Inst::Peek(id) => match program.peeks.get(id as usize) {
                // What it wants of the next character is enough to know.
                Some(peek) if !peek.behind && !peek.negated => {
                    add(First::of_single(program, peek.single));
                }
                _ => todo.push((next, asked)),
            },
            Inst::Boundary { .. } | Inst::Mark(_) | Inst::AtomicBegin => {
                todo.push((next, asked));
            }
            Inst::Jump(to) => todo.push((to, asked)),
            Inst::Branch(id) => match program.branches.get(id as usize) {
                Some(Branch {
                    first: Some(first), ..
                }) => add(*first),
                Some(branch) => {
                    todo.extend(branch.alternatives.iter().rev().map(|&to| (to, asked)));
                }
                None => add(First::ALL),
            },
            Inst::Greedy(id) | Inst::Lazy(id) | Inst::Possessive(id) => {
                let Some(run) = program.runs.get(id as usize) else {
                    return First::ALL;
                };
                if run.max > 0 {
                    add(First::of_single(program, run.single));
                }
                if run.min == 0 {
                    todo.push((next, asked));
                }
            }
            Inst::LoopInit(id)
            | Inst::LoopMax(id)
            | Inst::LoopMin(id)
            | Inst::PossInit(id)
            | Inst::PossNext(id) => {
                let Some(info) = program.loops.get(id as usize) else {
                    return First::ALL;
                };
                todo.push((info.body, asked));
                todo.push((info.tail, asked));
            }
            Inst::IfGroup { otherwise, .. } => {
                todo.push((next, asked));
                todo.push((otherwise, asked));
            }
            Inst::AssertBegin { end, .. } | Inst::AssertNotBegin { end, .. } => {
                todo.push((end, asked));
            }
            // These succeed whatever comes next. The end of an atomic group
            // is one of them although the pattern goes on behind it: what the
            // group matches must not depend on that.
            Inst::Match
            | Inst::AssertEnd
            | Inst::AssertNotEnd
            | Inst::AtomicEnd
            | Inst::PossEnd(_) => add(First::ALL),
            // May be empty, may be anything.
            Inst::GroupRef { .. } => return First::ALL,
            _ => return First::ALL,
        }
        if found == First::ALL {
            return found;
        }
    }
    found
}

/// Fills in everything that makes the program fast.
pub(crate) fn optimise(program: &mut Program) {
    thread_jumps(program);
    // What comes later first: what is known of a branch shortens the walks
    // that come by.
    for pc in (0..program.insts.len()).rev() {
        if let Inst::Branch(id) = program.insts[pc] {
            dispatch(program, id as usize);
        }
    }
    for id in 0..program.branches.len() {
        lengthen(program, id);
    }
    for pc in 0..program.insts.len() {
        if let Inst::Greedy(id) | Inst::Lazy(id) = program.insts[pc] {
            follow(program, pc, id as usize);
        }
    }
}

/// Lets jumps and alternatives that lead to a jump lead to its end.
fn thread_jumps(program: &mut Program) {
    let end_of = |insts: &[Inst], mut to: u32| {
        // Jumps in a circle cannot come from the translator; be safe anyway.
        for _ in 0..32 {
            match insts.get(to as usize) {
                Some(&Inst::Jump(next)) if next != to => to = next,
                _ => break,
            }
        }
        to
    };
    for pc in 0..program.insts.len() {
        if let Inst::Jump(to) = program.insts[pc] {
            let to = end_of(&program.insts, to);
            program.insts[pc] = match program.insts.get(to as usize) {
                // A jump to a branch is as good as the branch itself, the
                // back edge of every loop over alternatives.
                Some(&inst @ Inst::Branch(_)) => inst,
                _ => Inst::Jump(to),
            };
        }
    }
    for branch in &mut program.branches {
        for to in &mut branch.alternatives {
            *to = end_of(&program.insts, *to);
        }
    }
}

/// Makes the dispatch table of a branch.
fn dispatch(program: &mut Program, id: usize) {
    let Some(branch) = program.branches.get(id) else {
        return;
    };
    if branch.first.is_some() {
        return;
    }
    let alternatives = branch.alternatives.clone();
    let firsts: Vec<First> = alternatives.iter().map(|&to| first(program, to)).collect();
    let mut known: HashMap<Vec<u32>, Way> = HashMap::new();
    // Neighbouring characters mostly go the same way.
    let mut last = (Vec::new(), Way::FAIL);
    let mut list = Vec::new();
    let mut way = |program: &mut Program, fits: &dyn Fn(&First) -> bool| {
        list.clear();
        let fitting = alternatives
            .iter()
            .zip(&firsts)
            .filter(|(_, first)| fits(first));
        list.extend(fitting.map(|(&to, _)| to));
        match list[..] {
            [] => return Way::FAIL,
            [only] => return Way(only),
            _ if list == last.0 => return last.1,
            _ => {}
        }
        let way = *known.entry(list.clone()).or_insert_with_key(|list| {
            let start = program.targets.len() as u32;
            program.targets.extend(list);
            program.lists.push((start, program.targets.len() as u32));
            Way(Way::LIST | (program.lists.len() - 1) as u32)
        });
        last = (list.clone(), way);
        way
    };
    let tables = if id < TABLE_LIMIT { 256 } else { 0 };
    let table = (0..tables)
        .map(|byte| way(program, &|first| first.has_byte(byte)))
        .collect();
    let high = way(program, &|first| tables == 0 || first.high != 0);
    let end = way(program, &|first| first.end);
    let mut all = First::NOTHING;
    for first in &firsts {
        all.union(first);
    }
    program.branches[id] = Branch {
        first: Some(all),
        alternatives,
        table,
        high,
        end,
    };
}

/// Makes the ways of a branch longer: through other branches, and past the
/// test of the character that was looked at.
fn lengthen(program: &mut Program, id: usize) {
    for byte in 0..256 {
        let Some(&old) = program.branches[id].table.get(byte) else {
            return;
        };
        let mut way = old;
        // Branches in a circle (an empty loop in a loop) must not keep us.
        for _ in 0..16 {
            if way.0 >= Way::EATS {
                break;
            }
            let Some(&inst) = program.insts.get(way.0 as usize) else {
                break;
            };
            way = match inst {
                Inst::Jump(to) => Way(to),
                Inst::Branch(other) => match program.branches.get(other as usize) {
                    Some(branch) => branch.table.get(byte).copied().unwrap_or(way),
                    None => break,
                },
                _ => match inst_single(inst) {
                    Some(Single::Dynamic(_)) | None => break,
                    Some(single) if !program.single(single, byte as u32) => Way::FAIL,
                    Some(_) => {
                        let next = way.0 + 1;
                        match program.insts.get(next as usize) {
                            Some(&Inst::Jump(to)) => Way(Way::EATS | to),
                            _ => Way(Way::EATS | next),
                        }
                    }
                },
            };
        }
        program.branches[id].table[byte] = way;
    }
}

/// Finds out what must follow a repeat, and makes it possessive if it never
/// needs to give back a character.
fn follow(program: &mut Program, pc: usize, id: usize) {
    let next = first(program, pc as u32 + 1);
    let Some(run) = program.runs.get(id) else {
        return;
    };
    let single = First::of_single(program, run.single);
    if matches!(program.insts[pc], Inst::Greedy(_)) && !next.meets(&single) {
        // Wherever the repeat could stop earlier, the next character is one
        // of its own, which what follows cannot begin with.
        program.insts[pc] = Inst::Possessive(id as u32);
    }
    program.runs[id].follow = follow_of(program, pc as u32 + 1, &next);
}

pub(crate) fn follow_of(program: &Program, pc: u32, next: &First) -> Follow {
    if *next == First::ALL {
        return Follow::Anything;
    }
    // An exact character beyond the table is only known from the instruction.
    let literal = match program.insts.get(pc as usize) {
        Some(&Inst::Char(c)) => Some(c),
        Some(&Inst::Str { start, .. }) => program.literals.get(start as usize).copied(),
        _ if next.bytes() == 1 && next.high == 0 && !next.end => (0..256)
            .find(|&byte| next.has_byte(byte))
            .map(|byte| byte as u32),
        _ => None,
    };
    if let Some(c) = literal {
        return Follow::Char(c);
    }
    let mut table = Box::new([false; 256]);
    for (byte, inside) in table.iter_mut().enumerate() {
        *inside = next.has_byte(byte);
    }
    Follow::Table {
        table,
        high: next.high != 0,
        end: next.end,
    }
}
