//! Labels become offsets, handlers a table, positions a byte string.

use taipan_bytecode::{ExcEntry, Extra, Instr, LineTableBuilder, Op, Operand, Position, flag};
use taipan_syntax::ast::Span;

use super::{Ins, NO_HANDLER, NO_LABEL, Unit};

/// What the assembler makes of a unit's instructions.
pub(crate) struct Assembled {
    pub(crate) instrs: Vec<u64>,
    pub(crate) lines: taipan_bytecode::LineTable,
    pub(crate) handlers: Vec<ExcEntry>,
}

fn position(span: Span) -> Position {
    Position {
        line: span.line,
        col: span.col,
        end_line: span.end_line,
        end_col: span.end_col,
    }
}

fn jump_kind(op: Op) -> Option<Operand> {
    let info = op.info();
    if info.c == Operand::J16 {
        Some(Operand::J16)
    } else if info.b == Operand::J32 {
        Some(Operand::J32)
    } else {
        None
    }
}

fn size(ins: &Ins) -> u32 {
    let op = ins.op;
    1 + op.info().extra.words() as u32 + u32::from(ins.long)
}

impl Unit<'_> {
    /// Where a jump finally lands: jumps to unconditional jumps go on to their target,
    /// unless that one is a line of its own that tracing has to see.
    fn landing(&self, label: u32, line: u32) -> u32 {
        let mut at = self.labels[label as usize];
        for _ in 0..8 {
            match self.code.get(at as usize) {
                Some(ins)
                    if ins.op == Op::Jump && (ins.span.line == 0 || ins.span.line == line) =>
                {
                    at = self.labels[ins.label as usize];
                }
                _ => break,
            }
        }
        at
    }

    /// An instruction without a position has that of the one before it, if nothing else leads to it:
    /// a frame that stands there has a line then, and tracing sees no new one.
    fn spread_positions(&mut self, targets: &[u32]) {
        let mut is_target = vec![false; self.code.len() + 1];
        for (ins, &target) in self.code.iter().zip(targets) {
            if ins.label != NO_LABEL {
                is_target[target as usize] = true;
            }
        }
        for h in &self.handlers {
            if let Some(t) = is_target.get_mut(self.labels[h.label as usize] as usize) {
                *t = true;
            }
        }
        let mut before: Option<(Op, Span)> = None;
        for (ins, is_target) in self.code.iter_mut().zip(is_target) {
            if let Some((op, span)) = before
                && ins.span.line == 0
                && !is_target
                // The frame is left where the exception was raised first.
                && ins.op != Op::Reraise
                && !matches!(
                    op,
                    Op::Jump | Op::Return | Op::ReturnNone | Op::Raise | Op::Reraise
                )
            {
                ins.span = span;
            }
            before = Some((ins.op, ins.span));
        }
    }

    /// A way out that has no line of its own gets one for each line that it is reached from, as in CPython: whoever
    /// jumps there leaves by itself.
    fn copy_exits(&mut self) {
        let is_exit = |ins: &Ins| ins.op == Op::ReturnNone && ins.span.line == 0;
        if !self.code.iter().any(is_exit) {
            return;
        }
        let mut copies: Vec<(u32, u32)> = Vec::new();
        let mut line_before = Span::default();
        for i in 0..self.code.len() {
            let (op, label) = (self.code[i].op, self.code[i].label);
            let span = if self.code[i].span.line == 0 { line_before } else { self.code[i].span };
            line_before = span;
            if label == NO_LABEL || span.line == 0 {
                continue;
            }
            let at = self.landing(label, span.line) as usize;
            let Some(exit) = self.code.get(at).filter(|ins| is_exit(ins)).cloned() else { continue };
            if op == Op::Jump {
                self.code[i] = Ins { span, ..exit };
            } else if jump_kind(op).is_some() {
                let known = copies.iter().find(|c| c.0 == span.line).map(|c| c.1);
                let label = known.unwrap_or_else(|| {
                    let label = self.labels.len() as u32;
                    self.labels.push(self.code.len() as u32);
                    self.code.push(Ins { span, ..exit });
                    copies.push((span.line, label));
                    label
                });
                self.code[i].label = label;
            }
        }
    }

    pub(crate) fn assemble(&mut self) -> Assembled {
        self.copy_exits();
        let n = self.code.len();
        let targets: Vec<u32> = (0..n)
            .map(|i| match self.code[i].label {
                NO_LABEL => 0,
                label => self.landing(label, self.code[i].span.line),
            })
            .collect();
        self.spread_positions(&targets);
        let mut offsets = vec![0u32; n + 1];
        loop {
            let mut at = 0;
            for (i, ins) in self.code.iter().enumerate() {
                offsets[i] = at;
                at += size(ins);
            }
            offsets[n] = at;
            let mut grown = false;
            for i in 0..n {
                let ins = &self.code[i];
                if ins.label == NO_LABEL || ins.long || jump_kind(ins.op) != Some(Operand::J16) {
                    continue;
                }
                let distance = i64::from(offsets[targets[i] as usize]) - i64::from(offsets[i] + 1);
                if i16::try_from(distance).is_err() {
                    self.code[i].long = true;
                    grown = true;
                }
            }
            if !grown {
                break;
            }
        }
        let mut instrs = Vec::with_capacity(offsets[n] as usize);
        let mut lines = LineTableBuilder::default();
        let mut handlers: Vec<ExcEntry> = Vec::new();
        for (i, ins) in self.code.iter().enumerate() {
            let words = size(ins);
            let next = offsets[i] + words;
            let target = if ins.label == NO_LABEL {
                0
            } else {
                offsets[targets[i] as usize]
            };
            let distance = i64::from(target) - i64::from(next);
            self.encode(ins, distance, &mut instrs);
            let pos = position(ins.span);
            if ins.name_pos == 0 {
                lines.push(words, pos);
            } else {
                lines.push(1, pos);
                lines.push(
                    words - 1,
                    position(self.name_spans[ins.name_pos as usize - 1]),
                );
            }
            if ins.handler != NO_HANDLER {
                let h = &self.handlers[ins.handler as usize];
                let target = offsets[self.labels[h.label as usize] as usize];
                match handlers.last_mut() {
                    Some(last)
                        if last.end == offsets[i]
                            && last.target == target
                            && last.exc_reg == h.exc_reg =>
                    {
                        last.end = next;
                    }
                    _ => handlers.push(ExcEntry {
                        start: offsets[i],
                        end: next,
                        target,
                        exc_reg: h.exc_reg,
                        depth: h.depth,
                    }),
                }
            }
        }
        Assembled {
            instrs,
            lines: lines.finish(),
            handlers,
        }
    }

    fn encode(&self, ins: &Ins, distance: i64, out: &mut Vec<u64>) {
        let mut op = ins.op;
        if op == Op::Jump && distance < 0 {
            op = Op::JumpBack;
        }
        match jump_kind(op) {
            Some(Operand::J16) if ins.long => {
                // The test jumps over a jump that reaches.
                let skip = Instr::new(op, ins.flags ^ flag::SENSE, ins.a, ins.b, 1);
                out.push(skip.0);
                let op = if distance < 0 { Op::JumpBack } else { Op::Jump };
                out.push(Instr::wide(op, 0, 0, distance as i32 as u32).0);
            }
            Some(Operand::J16) => {
                out.push(Instr::new(op, ins.flags, ins.a, ins.b, distance as i16 as u16).0);
            }
            Some(_) => out.push(Instr::wide(op, ins.flags, ins.a, distance as i32 as u32).0),
            None => out.push(Instr::new(op, ins.flags, ins.a, ins.b, ins.c).0),
        }
        match op.info().extra {
            Extra::None => {}
            Extra::Cache(n) => out.extend(std::iter::repeat_n(0, n as usize)),
            Extra::Jump => out.push(distance as u64),
            Extra::Const => out.push(u64::from(ins.extra)),
            Extra::NameCache(n) | Extra::ConstCache(n) => {
                out.push(u64::from(ins.extra));
                out.extend(std::iter::repeat_n(0, n as usize));
            }
        }
    }
}
