//! Whatever CPython's own library contains compiles to code that the checker accepts.
//! The files are looked for in `TAIPAN_TEST_LIB` (several directories, separated by `:`)
//! and in the cargo registry's copy of `rustpython-pylib`.

use std::path::{Path, PathBuf};

use taipan_compiler::{Options, check, compile_module};
use taipan_syntax::{ParseOptions, decode_source, parse_module};

fn collect(dir: &Path, out: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(dir) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, out);
        } else if path.extension().is_some_and(|e| e == "py") {
            out.push(path);
        }
    }
}

fn roots() -> Vec<PathBuf> {
    let mut roots: Vec<PathBuf> = std::env::var("TAIPAN_TEST_LIB")
        .unwrap_or_default()
        .split(':')
        .filter(|s| !s.is_empty())
        .map(PathBuf::from)
        .collect();
    let home = std::env::var("CARGO_HOME")
        .or_else(|_| std::env::var("HOME").map(|h| h + "/.cargo"))
        .unwrap_or_default();
    if let Ok(registries) = std::fs::read_dir(Path::new(&home).join("registry/src")) {
        for r in registries.flatten() {
            roots.push(r.path().join("rustpython-pylib-0.6.0/Lib"));
        }
    }
    roots
}

#[test]
fn the_library_compiles() {
    let mut files = Vec::new();
    for root in roots() {
        collect(&root, &mut files);
    }
    let mut failures = Vec::new();
    for path in &files {
        let Ok(data) = std::fs::read(path) else {
            continue;
        };
        let Ok(source) = decode_source(&data) else {
            continue;
        };
        let Ok(tree) = parse_module(&source.text, &ParseOptions::default()) else {
            continue;
        };
        for optimize in [0, 2] {
            let options = Options {
                optimize,
                ..Options::default()
            };
            match compile_module(&tree.module, &options) {
                Ok((code, _)) => {
                    if let Err(e) = check::check_all(&code) {
                        failures.push(format!("{}: {e}", path.display()));
                    }
                }
                // The test suite has files that are wrong on purpose.
                Err(_) if path.to_string_lossy().contains("badsyntax") => {}
                Err(e) => failures.push(format!("{}: {e}", path.display())),
            }
        }
    }
    assert!(
        failures.is_empty(),
        "{} of {} files:\n{}",
        failures.len(),
        files.len(),
        failures.join("\n")
    );
}
