//! Writes the code of a file as a Python expression, for the reference interpreter in
//! `tests/reference.py`, which runs it on CPython's objects.

use std::fmt::Write;

use taipan_bytecode::{Code, Const, Extra, Instr};
use taipan_compiler::{Options, compile_module};
use taipan_syntax::{Mode, ParseOptions, decode_source, parse};

fn bytes(b: &[u8]) -> String {
    let mut s = String::from("b'");
    for c in b {
        let _ = write!(s, "\\x{c:02x}");
    }
    s + "'"
}

fn text(b: &[u8]) -> String {
    format!("S({})", bytes(b))
}

fn list<T>(items: &[T], f: impl Fn(&T) -> String) -> String {
    let parts: Vec<String> = items.iter().map(f).collect();
    format!("[{}]", parts.join(","))
}

fn float(x: f64) -> String {
    format!("D({})", x.to_bits())
}

fn constant(c: &Const) -> String {
    match c {
        Const::None => "None".into(),
        Const::Bool(b) => if *b { "True" } else { "False" }.into(),
        Const::Ellipsis => "...".into(),
        Const::Int(n) => format!("({n})"),
        Const::BigInt(negative, b) => format!(
            "({}int.from_bytes({}, 'little'))",
            if *negative { "-" } else { "" },
            bytes(b)
        ),
        Const::Float(x) => float(*x),
        Const::Complex(a, b) => format!("complex({}, {})", float(*a), float(*b)),
        Const::Str(s) => text(s),
        Const::Bytes(b) => bytes(b),
        Const::Tuple(items) => format!("tuple({})", list(items, constant)),
        Const::FrozenSet(items) => format!("frozenset({})", list(items, constant)),
        Const::Slice(items) => format!("slice(*{})", list(&items[..], constant)),
        Const::Code(code) => show(code),
    }
}

fn show(code: &Code) -> String {
    let mut instrs = Vec::new();
    let mut pc = 0;
    while pc < code.instrs.len() {
        let ins = Instr(code.instrs[pc]);
        let Some(op) = ins.op() else { break };
        let extra = op.info().extra;
        let first = match extra {
            Extra::None | Extra::Cache(_) => 0,
            _ => code.instrs[pc + 1] as i64,
        };
        instrs.push(format!(
            "({pc},'{}',{},{},{},{},{},{},{first},{})",
            op.info().name,
            ins.flags(),
            ins.a(),
            ins.b(),
            ins.c(),
            ins.bc_signed(),
            pc + 1 + extra.words(),
            code.lines.at(pc as u32).line
        ));
        pc += 1 + extra.words();
    }
    format!(
        "Code({},{},{},{},{},{},{},{},{},{},{},{},{},{},{},[{}],{})",
        text(code.name.as_bytes()),
        text(code.qualname.as_bytes()),
        code.first_line,
        code.flags,
        code.argcount,
        code.posonly,
        code.kwonly,
        code.nregs,
        list(&code.varnames, |n| text(n.as_bytes())),
        list(&code.cellvars, |(n, r)| format!(
            "({},{r})",
            text(n.as_bytes())
        )),
        list(&code.freevars, |n| text(n.as_bytes())),
        code.free_base,
        list(&code.names, |n| text(n.as_bytes())),
        list(&code.consts, constant),
        text(code.filename.as_bytes()),
        instrs.join(","),
        list(&code.handlers, |h| format!(
            "({},{},{},{},{})",
            h.start, h.end, h.target, h.exc_reg, h.depth
        )),
    )
}

fn main() {
    let mut args = std::env::args().skip(1);
    let mode = match args.next().as_deref() {
        Some("eval") => Mode::Eval,
        Some("single") => Mode::Single,
        _ => Mode::Exec,
    };
    let Some(path) = args.next() else { return };
    let Ok(data) = std::fs::read(&path) else {
        return;
    };
    let Ok(source) = decode_source(&data) else {
        return;
    };
    let options = ParseOptions {
        mode,
        ..ParseOptions::default()
    };
    let name = args.next().unwrap_or(path);
    match parse(&source.text, &options) {
        Ok(parsed) => {
            let options = Options {
                filename: name.as_str().into(),
                ..Options::default()
            };
            match compile_module(&parsed.module, &options) {
                Ok((code, _)) => println!("{}", show(&code)),
                Err(e) => println!(
                    "Error({}, {}, {}, {}, {})",
                    text(e.msg.as_bytes()),
                    e.span.line,
                    e.span.col + 1,
                    e.span.end_line,
                    e.span.end_col + 1
                ),
            }
        }
        Err(e) => println!(
            "Error({}, {}, {}, {}, {})",
            text(e.msg.as_bytes()),
            e.line,
            e.col,
            e.end_line,
            e.end_col
        ),
    }
}
