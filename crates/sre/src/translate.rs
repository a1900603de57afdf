//! Code words to instructions, checking everything on the way.
//!
//! One pass, with the open constructs on a heap stack, so that neither bad
//! nor deeply nested code can hurt.

use crate::chars::{CharData, Fold};
use crate::charset::{self, Item, Set};
use crate::opcodes::{Class, MAXGROUPS, MAXREPEAT, at, category, info, op};
use crate::plan::Plan;
use crate::program::{Branch, Follow, Inst, InvalidCode, Loop, Place, Program, Run, Single};

mod close;

/// A construct whose inner code is being translated.
struct Open {
    kind: Kind,
    /// Where the inner code ends.
    end: usize,
    /// Where the code after the construct must still fit in.
    outer_end: usize,
    /// Whatever the code so far matches is at least a character long.
    consumes: bool,
}

enum Kind {
    Root,
    Alternative(Joint),
    /// `REPEAT`, and the one-character repeats whose body is more than that.
    Repeat {
        inst: usize,
        min: u32,
        max: u32,
        close: Close,
    },
    Possessive {
        id: u32,
    },
    Atomic,
    Assert {
        inst: usize,
        back: u32,
        negated: bool,
    },
    /// The first part of a conditional; its `IfGroup`.
    Yes {
        inst: usize,
    },
    /// The second part; the jump over it; whether the first part consumes.
    No {
        jump: usize,
        consumes: bool,
    },
}

/// What the alternatives of a branch have in common.
struct Joint {
    /// The branch.
    id: u32,
    /// Jumps that wait for the end.
    jumps: Vec<usize>,
    /// The word where all must meet.
    target: Option<usize>,
    /// All so far consume something.
    consumes: bool,
}

/// How a repeat's code ends.
#[derive(Clone, Copy, PartialEq)]
enum Close {
    Until,
    Greedy,
    Lazy,
}

struct Translator<'a> {
    code: &'a [u32],
    at: usize,
    open: Vec<Open>,
    program: Program,
    /// Instructions before this index may be jumped behind: never fuse with them.
    label: usize,
    /// Loop slots in use.
    slots: usize,
}

/// Checks and translates, without the optimisations.
pub(crate) fn translate(
    code: &[u32],
    groups: usize,
    chars: &'static dyn CharData,
) -> Result<Program, InvalidCode> {
    let Some((&op::SUCCESS, body)) = code.split_last() else {
        return Err(InvalidCode);
    };
    // Instruction indices have 30 bits (see `Way`), and a word gives less than
    // four instructions.
    if groups > MAXGROUPS || code.len() > 1 << 28 {
        return Err(InvalidCode);
    }
    let mut translator = Translator {
        code,
        at: 0,
        open: vec![Open {
            kind: Kind::Root,
            end: body.len(),
            outer_end: body.len(),
            consumes: false,
        }],
        program: Program {
            insts: Vec::new(),
            sets: Vec::new(),
            literals: Vec::new(),
            literals8: Vec::new(),
            runs: Vec::new(),
            loops: Vec::new(),
            peeks: Vec::new(),
            branches: Vec::new(),
            targets: Vec::new(),
            lists: Vec::new(),
            groups,
            registers: 0,
            min_width: 0,
            has_groupref: false,
            plan: Plan::default(),
            chars,
        },
        label: 0,
        slots: 0,
    };
    translator.run()?;
    let mut program = translator.program;
    program.registers = groups * 2 + translator.slots;
    program.literals8 = program
        .literals
        .iter()
        .map(|&c| u8::try_from(c).unwrap_or(0))
        .collect();
    Ok(program)
}

impl Translator<'_> {
    fn run(&mut self) -> Result<(), InvalidCode> {
        while let Some(top) = self.open.last() {
            if self.at > top.end {
                return Err(InvalidCode);
            }
            if self.at == top.end {
                if let Some(open) = self.open.pop() {
                    self.close(open)?;
                }
            } else {
                self.operator()?;
            }
        }
        Ok(())
    }

    fn here(&self) -> usize {
        self.program.insts.len()
    }

    fn emit(&mut self, inst: Inst) -> usize {
        self.program.insts.push(inst);
        self.here() - 1
    }

    /// Notes that what the innermost construct matches is not empty.
    fn consumed(&mut self) {
        if let Some(open) = self.open.last_mut() {
            open.consumes = true;
        }
    }

    /// The current end of the code that may be read: that of the innermost construct.
    fn end(&self) -> usize {
        self.open.last().map_or(0, |open| open.end)
    }

    fn word(&mut self) -> Result<u32, InvalidCode> {
        if self.at >= self.end() {
            return Err(InvalidCode);
        }
        let word = *self.code.get(self.at).ok_or(InvalidCode)?;
        self.at += 1;
        Ok(word)
    }

    /// Reads a skip: the index of the word it leads to, which is in bounds.
    fn skip(&mut self) -> Result<usize, InvalidCode> {
        let from = self.at;
        let skip = self.word()? as usize;
        let to = from.checked_add(skip).ok_or(InvalidCode)?;
        if skip == 0 || to > self.end() {
            Err(InvalidCode)
        } else {
            Ok(to)
        }
    }

    /// The word at `at`, which must be before `limit`.
    fn expect(&mut self, words: &[u32], limit: usize) -> Result<u32, InvalidCode> {
        if self.at >= limit {
            return Err(InvalidCode);
        }
        let word = *self.code.get(self.at).ok_or(InvalidCode)?;
        self.at += 1;
        if words.contains(&word) {
            Ok(word)
        } else {
            Err(InvalidCode)
        }
    }

    fn enter(&mut self, kind: Kind, end: usize) -> Result<(), InvalidCode> {
        let outer_end = self.end();
        // What closes a construct takes at least a word of the outer code.
        if end > outer_end || end < self.at {
            return Err(InvalidCode);
        }
        self.label = self.here();
        self.open.push(Open {
            kind,
            end,
            outer_end,
            consumes: false,
        });
        Ok(())
    }

    fn add_set(&mut self, items: Vec<Item>, fold: Fold, invert: bool) -> Single {
        // Most sets of a pattern are the same few; those are among the first.
        const LOOK_AT: usize = 64;
        let known = self.program.sets.iter().take(LOOK_AT);
        if let Some((id, set)) = known
            .enumerate()
            .find(|(_, set)| set.is_from(&items, fold, invert))
        {
            return if set.dynamic {
                Single::Dynamic(id as u32)
            } else {
                Single::Set(id as u32)
            };
        }
        let id = self.program.sets.len() as u32;
        let set = Set::new(items, fold, invert, self.program.chars);
        let single = if set.dynamic {
            Single::Dynamic(id)
        } else {
            Single::Set(id)
        };
        self.program.sets.push(set);
        single
    }

    /// Translates the test of one character at the current position, if it
    /// is one; else leaves the position alone.
    fn single(&mut self) -> Result<Option<Single>, InvalidCode> {
        let start = self.at;
        Ok(Some(match self.word()? {
            op::ANY => Single::Any,
            op::ANY_ALL => Single::AnyAll,
            op::FAILURE => self.add_set(Vec::new(), Fold::None, false),
            op::LITERAL => Single::Char(self.word()?),
            op::NOT_LITERAL => Single::NotChar(self.word()?),
            op::CATEGORY => {
                let (class, negated) = category(self.word()?).ok_or(InvalidCode)?;
                self.add_set(vec![Item::Category(class, negated)], Fold::None, false)
            }
            code @ (op::LITERAL_IGNORE
            | op::LITERAL_UNI_IGNORE
            | op::LITERAL_LOC_IGNORE
            | op::NOT_LITERAL_IGNORE
            | op::NOT_LITERAL_UNI_IGNORE
            | op::NOT_LITERAL_LOC_IGNORE) => {
                let fold = match code {
                    op::LITERAL_IGNORE | op::NOT_LITERAL_IGNORE => Fold::Ascii,
                    op::LITERAL_UNI_IGNORE | op::NOT_LITERAL_UNI_IGNORE => Fold::Unicode,
                    _ => Fold::Locale,
                };
                let invert = matches!(
                    code,
                    op::NOT_LITERAL_IGNORE
                        | op::NOT_LITERAL_UNI_IGNORE
                        | op::NOT_LITERAL_LOC_IGNORE
                );
                let lit = self.word()?;
                self.add_set(vec![Item::Literal(lit)], fold, invert)
            }
            code @ (op::IN | op::IN_IGNORE | op::IN_UNI_IGNORE | op::IN_LOC_IGNORE) => {
                let fold = match code {
                    op::IN => Fold::None,
                    op::IN_IGNORE => Fold::Ascii,
                    op::IN_UNI_IGNORE => Fold::Unicode,
                    _ => Fold::Locale,
                };
                let to = self.skip()?;
                let words = self.code.get(self.at..to).ok_or(InvalidCode)?;
                let items = charset::decode(words)?;
                self.at = to;
                match (&items[..], fold) {
                    ([Item::Literal(c)], Fold::None) => Single::Char(*c),
                    ([Item::Negate, Item::Literal(c)], Fold::None) => Single::NotChar(*c),
                    _ => self.add_set(items, fold, false),
                }
            }
            _ => {
                self.at = start;
                return Ok(None);
            }
        }))
    }

    /// Emits a literal, fused with the literals before it.
    fn literal(&mut self, c: u32) {
        let here = self.here();
        let literals = &mut self.program.literals;
        let last = self.program.insts.last_mut().filter(|_| here > self.label);
        match last {
            Some(inst @ Inst::Char(_)) => {
                let Inst::Char(first) = *inst else { return };
                *inst = Inst::Str {
                    start: literals.len() as u32,
                    len: 2,
                };
                literals.extend([first, c]);
            }
            // The last string emitted is always the last of the pool.
            Some(Inst::Str { len, .. }) => {
                *len += 1;
                literals.push(c);
            }
            _ => {
                self.emit(Inst::Char(c));
            }
        }
    }

    fn operator(&mut self) -> Result<(), InvalidCode> {
        let start = self.at;
        if self.code.get(start) == Some(&op::FAILURE) {
            self.at += 1;
            self.emit(Inst::Fail);
            return Ok(());
        }
        if let Some(single) = self.single()? {
            self.consumed();
            match single {
                Single::Char(c) => self.literal(c),
                other => {
                    self.emit(single_inst(other));
                }
            }
            return Ok(());
        }
        match self.word()? {
            op::MARK => {
                let mark = self.word()?;
                if mark as usize >= self.program.groups * 2 {
                    return Err(InvalidCode);
                }
                self.emit(Inst::Mark(mark));
            }
            op::AT => {
                let code = self.word()?;
                self.at_code(code)?;
            }
            op::INFO => self.info(start)?,
            op::BRANCH => self.branch_begin()?,
            op::REPEAT => {
                let (to, min, max) = self.repeat_args()?;
                let inst = self.emit(Inst::Fail);
                self.enter(
                    Kind::Repeat {
                        inst,
                        min,
                        max,
                        close: Close::Until,
                    },
                    to,
                )?;
            }
            op::POSSESSIVE_REPEAT => {
                let (to, min, max) = self.repeat_args()?;
                self.possessive_begin(to, min, max)?;
            }
            code @ (op::REPEAT_ONE | op::MIN_REPEAT_ONE | op::POSSESSIVE_REPEAT_ONE) => {
                self.run_begin(code)?;
            }
            op::ATOMIC_GROUP => {
                let to = self.skip()?;
                self.emit(Inst::AtomicBegin);
                self.enter(Kind::Atomic, to - 1)?;
            }
            code @ (op::ASSERT | op::ASSERT_NOT) => {
                let to = self.skip()?;
                let back = self.word()?;
                if back & 0x8000_0000 != 0 {
                    return Err(InvalidCode);
                }
                let inst = self.emit(Inst::Fail);
                self.enter(
                    Kind::Assert {
                        inst,
                        back,
                        negated: code == op::ASSERT_NOT,
                    },
                    to - 1,
                )?;
            }
            code @ (op::GROUPREF
            | op::GROUPREF_IGNORE
            | op::GROUPREF_UNI_IGNORE
            | op::GROUPREF_LOC_IGNORE) => {
                let fold = match code {
                    op::GROUPREF => Fold::None,
                    op::GROUPREF_IGNORE => Fold::Ascii,
                    op::GROUPREF_UNI_IGNORE => Fold::Unicode,
                    _ => Fold::Locale,
                };
                let group = self.group()?;
                self.emit(Inst::GroupRef { group, fold });
            }
            op::GROUPREF_EXISTS => {
                let group = self.group()?;
                let from = self.at;
                let skip = self.word()? as usize;
                // This skip counts from the word before it.
                let to = (from - 1).checked_add(skip).ok_or(InvalidCode)?;
                if to < self.at || to > self.end() {
                    return Err(InvalidCode);
                }
                let inst = self.emit(Inst::IfGroup {
                    group,
                    otherwise: 0,
                });
                self.enter(Kind::Yes { inst }, to)?;
            }
            // A jump ends the first part of a conditional and nothing else
            // (those between alternatives are read with the branch).
            op::JUMP => {
                let Some(Open {
                    kind: Kind::Yes { inst },
                    end,
                    consumes,
                    ..
                }) = self.open.last()
                else {
                    return Err(InvalidCode);
                };
                let (inst, end, consumes) = (*inst, *end, *consumes);
                if end != start + 2 {
                    return Err(InvalidCode);
                }
                let skip = self.word()? as usize;
                let to = (start + 1).checked_add(skip).ok_or(InvalidCode)?;
                self.open.pop();
                let jump = self.emit(Inst::Jump(0));
                self.patch_otherwise(inst);
                self.enter(Kind::No { jump, consumes }, to)?;
            }
            _ => return Err(InvalidCode),
        }
        Ok(())
    }

    fn group(&mut self) -> Result<u32, InvalidCode> {
        let group = self.word()?;
        self.program.has_groupref = true;
        if (group as usize) < self.program.groups {
            Ok(group)
        } else {
            Err(InvalidCode)
        }
    }

    fn at_code(&mut self, code: u32) -> Result<(), InvalidCode> {
        let place = match code {
            at::BEGINNING | at::BEGINNING_STRING => Place::Beginning,
            at::BEGINNING_LINE => Place::BeginningLine,
            at::END => Place::End,
            at::END_LINE => Place::EndLine,
            at::END_STRING => Place::EndString,
            _ => {
                let (class, negated) = match code {
                    at::BOUNDARY => (Class::Word, false),
                    at::NON_BOUNDARY => (Class::Word, true),
                    at::LOC_BOUNDARY => (Class::LocWord, false),
                    at::LOC_NON_BOUNDARY => (Class::LocWord, true),
                    at::UNI_BOUNDARY => (Class::UniWord, false),
                    at::UNI_NON_BOUNDARY => (Class::UniWord, true),
                    _ => return Err(InvalidCode),
                };
                let items = vec![Item::Category(class, false)];
                let (Single::Set(set) | Single::Dynamic(set)) =
                    self.add_set(items, Fold::None, false)
                else {
                    return Err(InvalidCode);
                };
                self.emit(Inst::Boundary { set, negated });
                return Ok(());
            }
        };
        self.emit(Inst::At(place));
        Ok(())
    }

    /// The INFO block. Only the width is kept: what the block says of the
    /// beginning of a match is found again, and more, by `plan`.
    fn info(&mut self, start: usize) -> Result<(), InvalidCode> {
        let to = self.skip()?;
        let flags = self.word()?;
        let min = self.word()?;
        let _max = self.word()?;
        if flags & !(info::PREFIX | info::LITERAL | info::CHARSET) != 0
            || flags & info::PREFIX != 0 && flags & info::CHARSET != 0
            || flags & info::LITERAL != 0 && flags & info::PREFIX == 0
            || self.at > to
        {
            return Err(InvalidCode);
        }
        if flags & info::PREFIX != 0 {
            let len = self.word()? as usize;
            let _skip = self.word()?;
            let rest = self.code.get(self.at..to).ok_or(InvalidCode)?;
            if len.checked_mul(2) != Some(rest.len())
                || rest[len..].iter().any(|&overlap| overlap as usize >= len)
            {
                return Err(InvalidCode);
            }
        } else if flags & info::CHARSET != 0 {
            charset::decode(self.code.get(self.at..to).ok_or(InvalidCode)?)?;
        } else if self.at != to {
            return Err(InvalidCode);
        }
        self.at = to;
        if start == 0 {
            self.program.min_width = min as usize;
        }
        Ok(())
    }

    fn repeat_args(&mut self) -> Result<(usize, u32, u32), InvalidCode> {
        let to = self.skip()?;
        let min = self.word()?;
        let max = self.word()?;
        if min > max {
            Err(InvalidCode)
        } else {
            Ok((to, min, max))
        }
    }

    fn branch_begin(&mut self) -> Result<(), InvalidCode> {
        let id = self.program.branches.len() as u32;
        self.program.branches.push(Branch::default());
        self.emit(Inst::Branch(id));
        self.alternative(Joint {
            id,
            jumps: Vec::new(),
            target: None,
            consumes: true,
        })
    }

    /// Reads the skip before an alternative, or the zero after the last.
    fn alternative(&mut self, joint: Joint) -> Result<(), InvalidCode> {
        let from = self.at;
        let skip = self.word()? as usize;
        self.label = self.here();
        if skip == 0 {
            if joint.target.is_some_and(|target| target != self.at) {
                return Err(InvalidCode);
            }
            if joint.consumes {
                self.consumed();
            }
            let here = self.here() as u32;
            for jump in joint.jumps {
                self.program.insts[jump] = Inst::Jump(here);
            }
            return Ok(());
        }
        let to = from.checked_add(skip).ok_or(InvalidCode)?;
        // The last two words are the jump to the end.
        if to > self.end() || skip < 3 {
            return Err(InvalidCode);
        }
        let here = self.here() as u32;
        self.program.branches[joint.id as usize]
            .alternatives
            .push(here);
        self.enter(Kind::Alternative(joint), to - 2)
    }

    fn run_begin(&mut self, code: u32) -> Result<(), InvalidCode> {
        let (to, min, max) = self.repeat_args()?;
        let body = self.at;
        // A set is added for nothing if this is more than one character.
        let sets = self.program.sets.len();
        let single = if body < to { self.single()? } else { None };
        if let Some(single) = single
            && self.at + 1 == to
            && self.code.get(self.at) == Some(&op::SUCCESS)
        {
            self.at = to;
            if min > 0 {
                self.consumed();
            }
            let id = self.program.runs.len() as u32;
            self.program.runs.push(Run {
                single,
                min: min as usize,
                max: bound(max),
                follow: Follow::Anything,
            });
            self.emit(match code {
                op::REPEAT_ONE => Inst::Greedy(id),
                op::MIN_REPEAT_ONE => Inst::Lazy(id),
                _ => Inst::Possessive(id),
            });
            return Ok(());
        }
        self.at = body;
        self.program.sets.truncate(sets);
        if to <= body {
            return Err(InvalidCode);
        }
        if code == op::POSSESSIVE_REPEAT_ONE {
            return self.possessive_begin(to - 1, min, max);
        }
        let close = if code == op::REPEAT_ONE {
            Close::Greedy
        } else {
            Close::Lazy
        };
        let inst = self.emit(Inst::Fail);
        self.enter(
            Kind::Repeat {
                inst,
                min,
                max,
                close,
            },
            to - 1,
        )
    }

    fn new_loop(&mut self, min: u32, max: u32, body: usize, lazy: bool) -> u32 {
        let slot = (self.program.groups * 2 + self.slots) as u32;
        self.slots += 2;
        self.program.loops.push(Loop {
            slot,
            min: min as usize,
            max: bound(max),
            body: body as u32,
            tail: 0,
            lazy,
        });
        self.program.loops.len() as u32 - 1
    }

    fn possessive_begin(&mut self, to: usize, min: u32, max: u32) -> Result<(), InvalidCode> {
        let init = self.here();
        let id = self.new_loop(min, max, init + 2, false);
        self.emit(Inst::PossInit(id));
        self.emit(Inst::PossNext(id));
        self.enter(Kind::Possessive { id }, to)
    }

    fn patch_otherwise(&mut self, inst: usize) {
        let here = self.here() as u32;
        if let Some(Inst::IfGroup { otherwise, .. }) = self.program.insts.get_mut(inst) {
            *otherwise = here;
        }
    }
}

fn bound(max: u32) -> usize {
    if max == MAXREPEAT {
        usize::MAX
    } else {
        max as usize
    }
}

fn single_inst(single: Single) -> Inst {
    match single {
        Single::Char(c) => Inst::Char(c),
        Single::NotChar(c) => Inst::NotChar(c),
        Single::Any => Inst::Any,
        Single::AnyAll => Inst::AnyAll,
        Single::Set(id) => Inst::Set(id),
        Single::Dynamic(id) => Inst::Dynamic(id),
    }
}

/// The reverse of `single_inst`.
pub(crate) fn inst_single(inst: Inst) -> Option<Single> {
    Some(match inst {
        Inst::Char(c) => Single::Char(c),
        Inst::NotChar(c) => Single::NotChar(c),
        Inst::Any => Single::Any,
        Inst::AnyAll => Single::AnyAll,
        Inst::Set(id) => Single::Set(id),
        Inst::Dynamic(id) => Single::Dynamic(id),
        _ => return None,
    })
}
