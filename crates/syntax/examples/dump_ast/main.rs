//! Prints what `ast.dump(ast.parse(source), include_attributes=True)` prints,
//! to compare with CPython.
//!
//! `dump_ast FILE` dumps one file; `dump_ast --all LIST` prints, for every file
//! named in LIST, a line `file<TAB>hash of the dump` (or the error); `--time
//! LIST` measures.

mod dump;

use dump::dump;
use std::fmt::Write;
use taipan_syntax::ast::Mod;
use taipan_syntax::tokenize::{Tokenizer, with_newline};
use taipan_syntax::{
    Mode, ParseOptions, SyntaxError, decode_source, parse, parse_module, unparse_expr,
};

fn describe(error: &SyntaxError) -> String {
    format!("{error:?}")
}

fn crc32(text: &str) -> u32 {
    let mut crc = !0u32;
    for byte in text.bytes() {
        crc ^= byte as u32;
        for _ in 0..8 {
            crc = (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg());
        }
    }
    !crc
}

fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(digits: &str) -> String {
    let bytes: Vec<u8> = digits
        .as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect();
    String::from_utf8(bytes).expect("UTF-8")
}

/// The tokens of a source on one line.
fn tokens(source: &str) -> String {
    let mut out = String::new();
    let (text, implicit) = with_newline(source);
    for token in Tokenizer::new(&text, implicit, true) {
        let _ = match token {
            Ok(t) => write!(
                out,
                "{},{},{},{},{},{},{};",
                t.kind,
                hex(&t.string),
                t.start.0,
                t.start.1,
                t.end.0,
                t.end.1,
                hex(&t.line)
            ),
            Err(e) => write!(out, "{:?}|{}|{}|{}", e.kind, hex(&e.msg), e.line, e.col),
        };
    }
    out
}

/// A line `mode hex-of-source` to what came of it.
fn snippet(line: &str) -> String {
    let (mode, digits) = line.split_once(' ').expect("mode and source");
    let source = unhex(digits);
    let version = mode.strip_prefix("fv").and_then(|v| v.parse().ok());
    // Whether the first warning is to be an error.
    let werr = mode == "werr";
    let codeop = mode.starts_with("codeop");
    let (mode, type_comments) = match mode {
        "codeop" => (Mode::Single, false),
        "eval" => (Mode::Eval, false),
        "single" => (Mode::Single, false),
        "func_type" => (Mode::FuncType, false),
        "types" => (Mode::Exec, true),
        _ => (Mode::Exec, false),
    };
    let feature_version = version.unwrap_or(14);
    let options = ParseOptions {
        mode,
        type_comments,
        feature_version,
        allow_incomplete_input: codeop,
        dont_imply_dedent: codeop,
        ..ParseOptions::default()
    };
    match parse(&source, &options) {
        Ok(parsed) if werr && !parsed.warnings.is_empty() => {
            let w = &parsed.warnings[0];
            format!(
                "Syntax|{}|{}|{}|{}|{}|",
                hex(&w.error_msg),
                w.line,
                w.col,
                w.end_line,
                w.end_col
            )
        }
        Ok(parsed) => {
            let warnings: Vec<String> = parsed
                .warnings
                .iter()
                .map(|w| format!("{}@{}", hex(&w.msg), w.line))
                .collect();
            let text = dump(&parsed.module);
            format!("ok {:08x} {}", crc32(&text), warnings.join(","))
        }
        Err(e) => format!(
            "{:?}|{}|{}|{}|{}|{}|{}",
            e.kind,
            hex(&e.msg),
            e.line,
            e.col,
            e.end_line,
            e.end_col,
            e.text.map_or("None".to_owned(), |text| hex(&text))
        ),
    }
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let options = ParseOptions::default();
    let list = |path: &str| -> Vec<String> {
        let text = std::fs::read_to_string(path).expect("the list of files");
        text.lines().map(str::to_owned).collect()
    };
    match args.get(1).map(String::as_str) {
        Some("--all") => {
            for file in list(&args[2]) {
                let bytes = std::fs::read(&file).expect("a file of the list");
                let Ok(source) = decode_source(&bytes) else {
                    println!("{file}\tundecodable");
                    continue;
                };
                match parse_module(&source.text, &options) {
                    Ok(parsed) => {
                        let text = dump(&parsed.module);
                        println!("{file}\t{:08x}", crc32(&text));
                    }
                    Err(error) => println!("{file}\terror {}", describe(&error)),
                }
            }
        }
        Some("--snippets") => {
            for line in list(&args[2]) {
                println!("{}", snippet(&line));
            }
        }
        Some("--unparse") => {
            let options = ParseOptions {
                mode: Mode::Eval,
                ..ParseOptions::default()
            };
            for line in list(&args[2]) {
                let (_, digits) = line.split_once(' ').expect("mode and source");
                match parse(&unhex(digits), &options).map(|parsed| parsed.module) {
                    Ok(Mod::Expression { ref body }) => println!("{}", hex(&unparse_expr(body))),
                    _ => println!("error"),
                }
            }
        }
        Some("--tokens") => {
            for line in list(&args[2]) {
                let (_, digits) = line.split_once(' ').expect("mode and source");
                println!("{}", tokens(&unhex(digits)));
            }
        }
        Some("--time") => {
            let sources: Vec<String> = list(&args[2])
                .iter()
                .filter_map(|file| decode_source(&std::fs::read(file).ok()?).ok())
                .map(|source| source.text)
                .collect();
            let bytes: usize = sources.iter().map(String::len).sum();
            let start = std::time::Instant::now();
            for source in &sources {
                let _ = std::hint::black_box(parse_module(source, &options));
            }
            let seconds = start.elapsed().as_secs_f64();
            println!(
                "{bytes} bytes in {seconds:.3} s: {:.1} MB/s",
                bytes as f64 / seconds / 1e6
            );
        }
        Some(file) => {
            let bytes = std::fs::read(file).expect("a readable file");
            let source = decode_source(&bytes).expect("decodable source");
            match parse_module(&source.text, &options) {
                Ok(parsed) => println!("{}", dump(&parsed.module)),
                Err(error) => println!("{}", describe(&error)),
            }
        }
        None => eprintln!("usage: dump_ast FILE | --all LIST | --time LIST"),
    }
}
