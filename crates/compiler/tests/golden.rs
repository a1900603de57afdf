//! Each `golden/*.py` compiles to exactly the code in the `.txt` beside it.
//! `UPDATE_GOLDEN=1 cargo test` writes the files anew.

use std::fmt::Write as _;
use std::path::Path;

use taipan_bytecode::{Code, Const, disassemble};
use taipan_compiler::{Options, check, compile_module};
use taipan_syntax::{ParseOptions, parse_module};

fn show(code: &Code, out: &mut String) {
    let _ = writeln!(
        out,
        "{} nregs={} flags={:#x} args={}/{}/{} varnames={:?} cells={:?} free={:?}@{}",
        code.qualname,
        code.nregs,
        code.flags,
        code.posonly,
        code.argcount,
        code.kwonly,
        code.varnames,
        code.cellvars,
        code.freevars,
        code.free_base,
    );
    out.push_str(&disassemble(code));
    out.push('\n');
    for c in &code.consts {
        if let Const::Code(inner) = c {
            show(inner, out);
        }
    }
}

#[test]
fn golden() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let update = std::env::var_os("UPDATE_GOLDEN").is_some();
    let mut failed = Vec::new();
    let mut count = 0;
    for entry in std::fs::read_dir(&dir).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|e| e != "py") {
            continue;
        }
        let source = std::fs::read_to_string(&path).unwrap();
        let tree = parse_module(&source, &ParseOptions::default()).unwrap();
        let (code, _) = compile_module(&tree.module, &Options::default()).unwrap();
        check::check_all(&code).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let mut text = String::new();
        show(&code, &mut text);
        let expected = path.with_extension("txt");
        if update {
            std::fs::write(&expected, &text).unwrap();
        } else if std::fs::read_to_string(&expected).unwrap_or_default() != text {
            failed.push(path.file_name().unwrap().to_owned());
        }
        count += 1;
    }
    assert!(count >= 40);
    assert!(failed.is_empty(), "other code for {failed:?}");
}
