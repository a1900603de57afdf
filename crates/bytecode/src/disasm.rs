//! The disassembler, derived from the opcode table; golden tests of the compiler read its output.

use std::fmt::Write;

use crate::{Code, Extra, Instr, Operand, flag};

/// One line per instruction: word offset, source line, name, operands.
pub fn disassemble(code: &Code) -> String {
    let mut out = String::new();
    let mut pc = 0usize;
    let mut last_line = 0;
    while pc < code.instrs.len() {
        let word = Instr(code.instrs[pc]);
        let Some(op) = word.op() else {
            let _ = writeln!(out, "{pc:5} <bad {:#x}>", word.0);
            pc += 1;
            continue;
        };
        let info = op.info();
        let next = pc + 1 + info.extra.words();
        let line = code.lines.at(pc as u32).line;
        let shown = if line == last_line {
            String::new()
        } else {
            line.to_string()
        };
        last_line = line;
        let _ = write!(out, "{shown:>4} {pc:5} {:<24}", info.name);
        let fields = [
            (info.a, word.a(), 0),
            (info.b, word.b(), 1),
            (info.c, word.c(), 2),
        ];
        for (kind, n, which) in fields {
            operand(&mut out, code, word, next, kind, n, which);
        }
        if pc + 1 < code.instrs.len() {
            let extra = code.instrs[pc + 1];
            match info.extra {
                Extra::Jump => {
                    let _ = write!(out, " ->{}", next as i64 + extra as i64);
                }
                Extra::Const | Extra::ConstCache(_) => {
                    let _ = write!(out, " #{extra}");
                }
                Extra::NameCache(_) => {
                    let _ = write!(
                        out,
                        " .{}",
                        code.names.get(extra as u32 as usize).map_or("?", |n| n)
                    );
                }
                Extra::None | Extra::Cache(_) => {}
            }
        }
        for (bit, text) in [
            (flag::INPLACE, " inplace"),
            (flag::SENSE, " sense"),
            (flag::METHOD, " method"),
        ] {
            if word.flags() & bit != 0 {
                out.push_str(text);
            }
        }
        out.push('\n');
        pc = next;
    }
    for h in &code.handlers {
        let _ = writeln!(
            out,
            "  [{}, {}) -> {} r{} depth {}",
            h.start, h.end, h.target, h.exc_reg, h.depth
        );
    }
    out
}

fn operand(
    out: &mut String,
    code: &Code,
    word: Instr,
    next: usize,
    kind: Operand,
    n: usize,
    which: u8,
) {
    let killed = word.flags() & (flag::KILL_A << which) != 0;
    let _ = match kind {
        Operand::No => Ok(()),
        Operand::R => write!(out, " r{n}{}", if killed { "!" } else { "" }),
        Operand::W => write!(out, " =r{n}"),
        Operand::Base => write!(out, " r{n}.."),
        Operand::WBase => write!(out, " =r{n}.."),
        Operand::N => write!(out, " {n}"),
        Operand::I => write!(out, " #{}", n as u16 as i16),
        Operand::Name => write!(out, " .{}", code.names.get(n).map_or("?", |n| n)),
        Operand::J16 => write!(out, " ->{}", next as i64 + i64::from(n as u16 as i16)),
        Operand::J32 => write!(out, " ->{}", next as i64 + word.bc_signed()),
        Operand::K32 => match code.consts.get(word.bc() as usize) {
            Some(crate::Const::Code(c)) => write!(out, " <code {}>", c.qualname),
            Some(k) => write!(out, " {k:?}"),
            None => write!(out, " k{}?", word.bc()),
        },
        Operand::I32 => write!(out, " #{}", word.bc_signed()),
    };
}
