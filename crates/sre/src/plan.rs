//! How to find the places where a match can begin.

use crate::analyse::{First, first};
use crate::program::{Inst, Place, Program, Single};
use crate::unit::Unit;
use memchr::memmem::Finder;

/// What is known of the beginning of a match.
#[derive(Default)]
pub(crate) enum Plan {
    /// Nothing: every position must be tried.
    #[default]
    Everywhere,
    /// Only at the very beginning of the subject.
    Beginning,
    /// Only at the beginning of a line.
    Lines,
    /// With these characters. `whole`: they are the entire match, and there
    /// is nothing else to do.
    Prefix {
        literal: Vec<u32>,
        finder: Option<Box<Finder<'static>>>,
        whole: bool,
    },
    /// With one of up to three bytes, and nothing else.
    Bytes { bytes: [u8; 3], count: u8 },
    /// With one of the characters in the table, or beyond it (if `high`).
    /// `run`: the match begins with a possessive run of these, so that if it
    /// fails at the run's beginning, it fails inside of it too.
    Table {
        table: Box<[bool; 256]>,
        high: bool,
        run: Option<Single>,
    },
}

pub(crate) fn plan(program: &Program) -> Plan {
    let mut pc = 0;
    let mut literal = Vec::new();
    let mut whole = true;
    loop {
        match program.insts.get(pc) {
            Some(Inst::Mark(_)) => whole = false,
            Some(&Inst::Char(c)) => literal.push(c),
            Some(&Inst::Str { start, len }) => {
                let part = start as usize..start as usize + len as usize;
                literal.extend(program.literals.get(part).unwrap_or_default());
            }
            Some(Inst::At(Place::Beginning)) if literal.is_empty() => return Plan::Beginning,
            Some(Inst::At(Place::BeginningLine)) if literal.is_empty() => return Plan::Lines,
            Some(Inst::Match) => break,
            _ => {
                whole = false;
                break;
            }
        }
        pc += 1;
    }
    if !literal.is_empty() {
        let bytes: Option<Vec<u8>> = literal.iter().map(|&c| u8::try_from(c).ok()).collect();
        let finder = bytes.map(|bytes| Box::new(Finder::new(&bytes).into_owned()));
        return Plan::Prefix {
            literal,
            finder,
            whole,
        };
    }
    let first = first(program, 0);
    if first.end || first == First::ALL {
        return Plan::Everywhere;
    }
    let run = leading_run(program);
    let count = first.bytes();
    if first.high == 0 && count <= 3 && run.is_none() {
        let mut bytes = [0; 3];
        let members = (0..=255u8).filter(|&byte| first.has_byte(usize::from(byte)));
        for (slot, byte) in bytes.iter_mut().zip(members) {
            *slot = byte;
        }
        return Plan::Bytes {
            bytes,
            count: count as u8,
        };
    }
    let mut table = Box::new([false; 256]);
    for (byte, inside) in table.iter_mut().enumerate() {
        *inside = first.has_byte(byte);
    }
    Plan::Table {
        table,
        high: first.high != 0,
        run,
    }
}

/// The test of an unbounded possessive run which the pattern begins with.
fn leading_run(program: &Program) -> Option<Single> {
    // With a reference to a group, the rest could depend on where it began.
    if program.has_groupref {
        return None;
    }
    let lead = program
        .insts
        .iter()
        .find(|inst| !matches!(inst, Inst::Mark(_)))?;
    let Inst::Possessive(id) = lead else {
        return None;
    };
    let run = program.runs.get(*id as usize)?;
    (run.max == usize::MAX && run.min <= 1).then_some(run.single)
}

impl Plan {
    /// The first position from `from` to `last` where a match can begin.
    #[inline]
    pub(crate) fn next<U: Unit>(&self, hay: &[U], from: usize, last: usize) -> Option<usize> {
        if from > last {
            return None;
        }
        // One character is wanted at the position itself.
        let window = || hay.get(from..hay.len().min(last.saturating_add(1)));
        match self {
            Plan::Everywhere => Some(from),
            Plan::Beginning => (from == 0).then_some(0),
            Plan::Lines => {
                if from == 0 || hay.get(from - 1).is_some_and(|unit| unit.code() == 10) {
                    return Some(from);
                }
                let at = from + U::find(hay.get(from..)?, 10)? + 1;
                (at <= last).then_some(at)
            }
            Plan::Prefix {
                literal, finder, ..
            } => {
                let hay = hay.get(from..)?;
                let at = match (U::as_bytes(hay), finder) {
                    (Some(bytes), Some(finder)) => finder.find(bytes)?,
                    (Some(_), None) => return None,
                    (None, _) => find_literal(hay, literal)?,
                };
                (at <= last - from).then_some(from + at)
            }
            Plan::Bytes { bytes, count } => {
                let hay = window()?;
                let at = match (U::as_bytes(hay), count) {
                    (_, 0) => return None,
                    (Some(hay), 1) => memchr::memchr(bytes[0], hay)?,
                    (Some(hay), 2) => memchr::memchr2(bytes[0], bytes[1], hay)?,
                    (Some(hay), _) => memchr::memchr3(bytes[0], bytes[1], bytes[2], hay)?,
                    (None, &count) => {
                        let bytes = bytes.get(..usize::from(count))?;
                        hay.iter().position(|unit| {
                            u8::try_from(unit.code()).is_ok_and(|byte| bytes.contains(&byte))
                        })?
                    }
                };
                Some(from + at)
            }
            Plan::Table { table, high, .. } => {
                let at = window()?
                    .iter()
                    .position(|unit| table.get(unit.code() as usize).copied().unwrap_or(*high))?;
                Some(from + at)
            }
        }
    }
}

fn find_literal<U: Unit>(hay: &[U], literal: &[u32]) -> Option<usize> {
    let (&head, rest) = literal.split_first()?;
    let mut from = 0;
    loop {
        let at = from + U::find(hay.get(from..)?, head)?;
        from = at + 1;
        let behind = hay.get(from..)?;
        if behind.len() < rest.len() {
            return None;
        }
        if behind.iter().zip(rest).all(|(unit, &c)| unit.code() == c) {
            return Some(at);
        }
    }
}
