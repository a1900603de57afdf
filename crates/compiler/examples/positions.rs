//! Writes the position of every instruction of files, to be compared with CPython's.

use taipan_bytecode::{Code, Const, Instr, Op};
use taipan_compiler::{Options, compile_module};
use taipan_syntax::{ParseOptions, decode_source, parse_module};

fn show(file: &str, code: &Code) {
    let mut pc = 0;
    while pc < code.instrs.len() {
        let Some(op) = Instr(code.instrs[pc]).op() else {
            break;
        };
        let row = |name: &str, pc: usize| {
            let p = code.lines.at(pc as u32);
            if p.line > 0 {
                println!(
                    "{file}\t{}\t{}\t{name}\t{}\t{}\t{}\t{}",
                    code.qualname, code.first_line, p.line, p.col, p.end_line, p.end_col
                );
            }
        };
        row(op.info().name, pc);
        match op {
            Op::CallAttr => row("LOAD_METHOD", pc + 1),
            Op::CallGlobal => row("LOAD_GLOBAL", pc + 1),
            _ => {}
        }
        pc += 1 + op.info().extra.words();
    }
    for c in &code.consts {
        if let Const::Code(inner) = c {
            show(file, inner);
        }
    }
}

fn main() {
    for file in std::env::args().skip(1) {
        let Ok(data) = std::fs::read(&file) else {
            continue;
        };
        let Ok(source) = decode_source(&data) else {
            continue;
        };
        let Ok(tree) = parse_module(&source.text, &ParseOptions::default()) else {
            continue;
        };
        if let Ok((code, _)) = compile_module(&tree.module, &Options::default()) {
            show(&file, &code);
        }
    }
}
