//! Compiles files: `dump FILE` prints the code, `dump -q FILES...` only reports errors and speed.

use std::time::{Duration, Instant};

use taipan_bytecode::{Code, Const, disassemble};
use taipan_compiler::{Options, check, compile_module};
use taipan_syntax::{ParseOptions, decode_source, parse_module};

fn show(code: &Code) {
    println!(
        "== {} nregs {} varnames {:?} cells {:?} free {:?} flags {:#x}",
        code.qualname, code.nregs, code.varnames, code.cellvars, code.freevars, code.flags
    );
    print!("{}", disassemble(code));
    for c in &code.consts {
        if let Const::Code(inner) = c {
            show(inner);
        }
    }
}

/// One line per warning or error, to be compared with CPython's.
fn one_line(arg: &str) {
    let Ok(data) = std::fs::read(arg) else { return };
    let Ok(source) = decode_source(&data) else {
        return;
    };
    let parsed = match parse_module(&source.text, &ParseOptions::default()) {
        Ok(p) => p,
        Err(e) => {
            println!("{arg}\tP\t{}\t{}\t{}", e.msg, e.line, e.col);
            return;
        }
    };
    match compile_module(&parsed.module, &Options::default()) {
        Ok((code, warnings)) => {
            for w in warnings {
                println!("{arg}\tW\t{}\t{}\t{}", w.msg, w.span.line, w.span.col + 1);
            }
            match check::check_all(&code) {
                Ok(()) => println!("{arg}\tOK"),
                Err(e) => println!("{arg}\tCHECK\t{e}"),
            }
        }
        Err(e) => println!(
            "{arg}\tE\t{}\t{}\t{}\t{}\t{}",
            e.msg,
            e.span.line,
            e.span.col + 1,
            e.span.end_line,
            e.span.end_col + 1
        ),
    }
}

fn main() {
    let mut quiet = false;
    let mut report = false;
    let (mut bytes, mut files, mut bad) = (0usize, 0, 0);
    let (mut parsing, mut compiling) = (Duration::ZERO, Duration::ZERO);
    let (mut words, mut errors) = (0usize, 0);
    for arg in std::env::args().skip(1) {
        if arg == "-q" {
            quiet = true;
            continue;
        }
        if arg == "-e" {
            report = true;
            continue;
        }
        if report {
            one_line(&arg);
            continue;
        }
        let Ok(data) = std::fs::read(&arg) else {
            continue;
        };
        let Ok(source) = decode_source(&data) else {
            continue;
        };
        let text = source.text;
        files += 1;
        let t0 = Instant::now();
        let parsed = match parse_module(&text, &ParseOptions::default()) {
            Ok(p) => p,
            Err(e) => {
                println!("{arg}:{}: parse: {}", e.line, e.msg);
                errors += 1;
                continue;
            }
        };
        let t1 = Instant::now();
        let result = compile_module(&parsed.module, &Options::default());
        let t2 = Instant::now();
        parsing += t1 - t0;
        compiling += t2 - t1;
        bytes += data.len();
        match result {
            Ok((code, warnings)) => {
                if let Err(e) = check::check_all(&code) {
                    bad += 1;
                    println!("{arg}: CHECK {e}");
                }
                fn count(c: &Code) -> usize {
                    c.instrs.len()
                        + c.consts
                            .iter()
                            .map(|k| if let Const::Code(c) = k { count(c) } else { 0 })
                            .sum::<usize>()
                }
                words += count(&code);
                if !quiet {
                    show(&code);
                    for w in warnings {
                        println!("warning: {} at {:?}", w.msg, w.span);
                    }
                }
            }
            Err(e) => {
                errors += 1;
                println!("{arg}:{}: {:?} {} {:?}", e.span.line, e.kind, e.msg, e.span);
            }
        }
    }
    let mb = bytes as f64 / 1e6;
    eprintln!(
        "{files} files, {mb:.1} MB, parse {:.1} MB/s, compile {:.1} MB/s, {words} words, {errors} errors, {bad} bad",
        mb / parsing.as_secs_f64(),
        mb / compiling.as_secs_f64()
    );
}
