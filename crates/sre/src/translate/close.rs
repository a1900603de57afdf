//! The ends of constructs, where it is known what is inside of them and the
//! cheapest form can be chosen.

use super::{Close, Kind, Open, Translator, inst_single};
use crate::opcodes::{MAXREPEAT, op};
use crate::program::{Branch, Inst, InvalidCode, Peek};

impl Translator<'_> {
    /// The inner code of a construct has ended.
    pub(super) fn close(&mut self, open: Open) -> Result<(), InvalidCode> {
        let limit = open.outer_end;
        match open.kind {
            Kind::Root => {
                self.emit(Inst::Match);
            }
            Kind::Alternative(mut joint) => {
                self.expect(&[op::JUMP], limit)?;
                let from = self.at;
                let skip = *self.code.get(from).ok_or(InvalidCode)? as usize;
                self.at += 1;
                let to = from.checked_add(skip).ok_or(InvalidCode)?;
                if joint.target.is_some_and(|target| target != to) || to > limit {
                    return Err(InvalidCode);
                }
                joint.jumps.push(self.emit(Inst::Jump(0)));
                joint.target = Some(to);
                joint.consumes &= open.consumes;
                self.alternative(joint)?;
            }
            Kind::Repeat {
                inst,
                min,
                max,
                close,
            } => {
                let lazy = if close == Close::Until {
                    let until = self.expect(&[op::MAX_UNTIL, op::MIN_UNTIL], limit)?;
                    until == op::MIN_UNTIL
                } else {
                    self.expect(&[op::SUCCESS], limit)?;
                    close == Close::Lazy
                };
                self.close_repeat(inst, min, max, lazy, open.consumes);
                if min > 0 && open.consumes {
                    self.consumed();
                }
            }
            Kind::Possessive { id } => {
                self.expect(&[op::SUCCESS], limit)?;
                self.emit(Inst::PossEnd(id));
                let here = self.here() as u32;
                let info = &mut self.program.loops[id as usize];
                info.tail = here;
                if info.min > 0 && open.consumes {
                    self.consumed();
                }
            }
            Kind::Atomic => {
                self.expect(&[op::SUCCESS], limit)?;
                self.emit(Inst::AtomicEnd);
                if open.consumes {
                    self.consumed();
                }
            }
            Kind::Assert {
                inst,
                back,
                negated,
            } => {
                self.expect(&[op::SUCCESS], limit)?;
                self.close_assert(inst, back, negated);
            }
            Kind::Yes { inst } => self.patch_otherwise(inst),
            Kind::No { jump, consumes } => {
                if consumes && open.consumes {
                    self.consumed();
                }
                let here = self.here() as u32;
                self.program.insts[jump] = Inst::Jump(here);
            }
        }
        self.label = self.here();
        Ok(())
    }

    fn close_assert(&mut self, inst: usize, back: u32, negated: bool) {
        let insts = &mut self.program.insts;
        if let [body] = insts[inst + 1..]
            && let Some(single) = inst_single(body)
            && back <= 1
        {
            insts.pop();
            insts[inst] = Inst::Peek(self.program.peeks.len() as u32);
            self.program.peeks.push(Peek {
                single,
                behind: back == 1,
                negated,
            });
            return;
        }
        self.emit(if negated {
            Inst::AssertNotEnd
        } else {
            Inst::AssertEnd
        });
        let end = self.here() as u32;
        self.program.insts[inst] = if negated {
            Inst::AssertNotBegin { back, end }
        } else {
            Inst::AssertBegin { back, end }
        };
    }

    /// Chooses the cheapest form of a repeat whose body has been emitted
    /// behind the placeholder at `inst`, and which `consumes` something.
    fn close_repeat(&mut self, inst: usize, min: u32, max: u32, lazy: bool, consumes: bool) {
        let body = inst + 1;
        let until = self.here();
        let pair = |tail: usize| {
            let (body, tail) = (body as u32, tail as u32);
            if lazy {
                vec![tail, body]
            } else {
                vec![body, tail]
            }
        };
        let branches = &mut self.program.branches;
        match (min, max) {
            (_, 0) => self.program.insts[inst] = Inst::Jump(until as u32),
            (1, 1) => self.program.insts[inst] = Inst::Jump(body as u32),
            (0, 1) => {
                self.program.insts[inst] = Inst::Branch(branches.len() as u32);
                branches.push(Branch {
                    alternatives: pair(until),
                    ..Branch::default()
                });
            }
            // No iteration is empty, and there is nothing to count: the loop
            // is a plain choice between going on and going out.
            (0 | 1, MAXREPEAT) if consumes => {
                let branch = Inst::Branch(self.program.branches.len() as u32);
                let entry = if min == 0 {
                    branch
                } else {
                    Inst::Jump(body as u32)
                };
                self.program.insts[inst] = entry;
                self.emit(branch);
                let alternatives = pair(until + 1);
                self.program.branches.push(Branch {
                    alternatives,
                    ..Branch::default()
                });
            }
            _ => {
                let id = self.new_loop(min, max, body, lazy);
                self.program.insts[inst] = Inst::LoopInit(id);
                self.emit(if lazy {
                    Inst::LoopMin(id)
                } else {
                    Inst::LoopMax(id)
                });
                self.program.loops[id as usize].tail = until as u32 + 1;
            }
        }
    }
}
