//! Lists the public names that CPython's standard library has and Taipan's lacks; see `--help`.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, ExitCode};

use taipan_harness::error::{Error, Result};
use taipan_harness::interpreter;

const HELP: &str = "\
usage: missing-names [--check | --record PYTHON]
Compares the names of Taipan's modules and their classes with the record of CPython 3.13's
(crates/harness/data/names-3.13.txt) and writes docs/missing-names.md, with the reasons from
crates/harness/data/missing-reasons.tsv. The binary is the one in the variable TAIPAN, else the one built beside this.
--check          exit status 1 if a name is missing without a reason; writes nothing
--record PYTHON  writes the record anew, from that interpreter";

const SCRIPT: &str = "crates/harness/data/names.py";
const RECORD: &str = "crates/harness/data/names-3.13.txt";
const REASONS: &str = "crates/harness/data/missing-reasons.tsv";
const REPORT: &str = "docs/missing-names.md";

/// Names by module or class; an `Err` is why the module can't be imported.
type Names = BTreeMap<String, std::result::Result<Vec<String>, String>>;

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("missing-names: {error}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<bool> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let root = interpreter::workspace();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["--record", python] => {
            let python = interpreter::executable(Path::new(python))?;
            let names = collect(&python, &root, &[])?;
            let lines = names.lines().filter(|l| parse_line(l).is_some_and(|(_, n)| n.is_ok()));
            std::fs::write(root.join(RECORD), lines.map(|l| format!("{l}\n")).collect::<String>())?;
            Ok(true)
        }
        [] | ["--check"] => compare(&root, words.is_empty()),
        _ => {
            println!("{HELP}");
            Ok(words == ["--help"] || words == ["-h"])
        }
    }
}

/// What the script prints under an interpreter, for some modules or all.
fn collect(python: &Path, root: &Path, modules: &[&str]) -> Result<String> {
    let out = Command::new(python).arg("-I").arg(root.join(SCRIPT)).args(modules).output()?;
    if !out.status.success() {
        let text = String::from_utf8_lossy(&out.stderr);
        return Err(Error::new(format!("{}: {}\n{text}", python.display(), out.status)));
    }
    Ok(String::from_utf8_lossy(&out.stdout).into_owned())
}

fn parse_line(line: &str) -> Option<(&str, std::result::Result<Vec<String>, String>)> {
    let end = line.find([':', '!'])?;
    let (name, rest) = (&line[..end], line[end + 1..].trim());
    Some((name, if line[end..].starts_with('!') { Err(rest.to_owned()) } else { Ok(rest.split(' ').map(str::to_owned).collect()) }))
}

fn parse(text: &str) -> Names {
    text.lines().filter_map(parse_line).map(|(n, v)| (n.to_owned(), v)).collect()
}

fn compare(root: &Path, write: bool) -> Result<bool> {
    let record = std::fs::read_to_string(root.join(RECORD))?;
    let theirs = parse(&record);
    let modules: Vec<&str> = record.lines().filter_map(parse_line).map(|(n, _)| n).filter(|n| !n.contains('/')).collect();
    let ours = parse(&collect(&interpreter::taipan()?, root, &modules)?);
    let reasons = std::fs::read_to_string(root.join(REASONS))?;
    let reasons: Vec<Vec<&str>> = reasons.lines().map(|l| l.split('\t').collect()).collect();
    let reason = |place: &str, name: &str| {
        let fits = |r: &&Vec<&str>| r.len() == 3 && (r[0] == place || r[0].strip_suffix(".*").is_some_and(|p| place.starts_with(p))) && r[1].split(' ').any(|n| n == "*" || n == name);
        reasons.iter().find(fits).map(|r| r[2])
    };
    let mut rows: Vec<(String, String, Vec<&str>)> = Vec::new();
    let (mut names, mut unexplained) = (0, 0);
    let empty = Vec::new();
    for (place, wanted) in &theirs {
        let Ok(wanted) = wanted else { continue };
        let (have, error) = match ours.get(place) {
            Some(Ok(have)) => (have, None),
            Some(Err(e)) => (&empty, Some(e.as_str())),
            // The names of a class that is itself missing are no news.
            None => continue,
        };
        for name in wanted.iter().filter(|n| !n.is_empty() && !have.contains(n)) {
            let why = reason(place, name).or(error);
            names += 1;
            unexplained += usize::from(why.is_none());
            let why = why.unwrap_or("**no reason given**");
            match rows.last_mut().filter(|r| r.0 == *place && r.1 == why) {
                Some(row) => row.2.push(name),
                None => rows.push((place.clone(), why.to_owned(), vec![name])),
            }
        }
    }
    println!("{names} names missing, {unexplained} without a reason");
    for (place, _, list) in rows.iter().filter(|r| r.1.starts_with("**")) {
        println!("{place}: {}", list.join(" "));
    }
    if write {
        let mut text = format!(
            "# Names that CPython 3.13's standard library has and Taipan's lacks\n\nWritten by `cargo run -p taipan-harness --bin missing-names`. \
             Public names of modules, and of the classes in them. {names} names.\n\n| module or class | missing | reason |\n| --- | --- | --- |\n"
        );
        for (place, why, list) in &rows {
            let shown = if list.len() > 12 { format!("{} and {} more", list[..12].join(", "), list.len() - 12) } else { list.join(", ") };
            text.push_str(&format!("| {place} | {shown} | {} |\n", why.replace('|', "\\|")));
        }
        std::fs::create_dir_all(root.join("docs"))?;
        std::fs::write(root.join(REPORT), text)?;
    }
    Ok(unexplained == 0)
}
