//! Runs the tests of one module, starting again behind each test that takes the
//! interpreter down, so that a crash costs one test and not the rest.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use super::outcome::{Outcome, Record, Results};
use crate::compare::tail;
use crate::error::{Error, Result, at};
use crate::process::{Ending, Limits, Stopped, run_watched};
use crate::scratch::Scratch;

/// What all modules are run with.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The interpreter under test.
    pub interpreter: PathBuf,
    /// The path of `run_module.py`.
    pub script: PathBuf,
    /// The folder that holds CPython's package `test`.
    pub suite: PathBuf,
    /// Time for a whole module, all its starts together.
    pub module_time: Duration,
    /// Time for one test.
    pub test_time: Duration,
    /// Resident memory.
    pub memory: u64,
}

/// What came out of one module.
#[derive(Debug)]
pub struct ModuleReport {
    /// As in the list of counted tests.
    pub module: String,
    /// The outcome of every test asked for.
    pub records: BTreeMap<String, Record>,
    /// Trouble outside any test, the ends of crashed runs included.
    pub trouble: Vec<String>,
    /// Whether the interpreter went down outside any test.
    pub crashed_outside: bool,
    /// Wall-clock time.
    pub wall: Duration,
}

/// Exit codes of `run_module.py`.
const CANNOT_LOAD: i32 = 3;
const NO_SUITE: i32 = 4;

/// Runs the given tests of one module.
pub fn run_module(setup: &Setup, module: &str, ids: &BTreeSet<String>) -> Result<ModuleReport> {
    let begin = Instant::now();
    let mut report = ModuleReport {
        module: module.to_owned(),
        records: BTreeMap::new(),
        trouble: Vec::new(),
        crashed_outside: false,
        wall: Duration::ZERO,
    };
    loop {
        let left = setup.module_time.saturating_sub(begin.elapsed());
        if left.is_zero() {
            report.trouble.push("the module's time is over".to_owned());
            break;
        }
        if !start_once(setup, ids, left, &mut report)? {
            break;
        }
    }
    for id in ids {
        report.records.entry(id.clone()).or_insert_with(|| Record {
            outcome: Outcome::NotRun,
            message: report.trouble.last().cloned().unwrap_or_default(),
            seconds: 0.0,
        });
    }
    report.records.retain(|id, _| ids.contains(id));
    report.wall = begin.elapsed();
    Ok(report)
}

/// One start of the interpreter. True when another one is worth while.
fn start_once(
    setup: &Setup,
    ids: &BTreeSet<String>,
    time: Duration,
    report: &mut ModuleReport,
) -> Result<bool> {
    let scratch = Scratch::new("conformance")?;
    let lines = |items: &mut dyn Iterator<Item = &String>| {
        items.map(|id| format!("{id}\n")).collect::<String>()
    };
    let (list, skip) = (scratch.join("list"), scratch.join("skip"));
    at(&list, std::fs::write(&list, lines(&mut ids.iter())))?;
    at(
        &skip,
        std::fs::write(&skip, lines(&mut report.records.keys())),
    )?;
    let out = scratch.join("result.jsonl");
    let command = command(setup, &report.module, &scratch, [&list, &skip, &out])?;

    let limits = Limits {
        time,
        memory: setup.memory,
        ..Limits::default()
    };
    let mut clock = TestClock::new(&out, setup.test_time);
    let done = run_watched(command, b"", limits, || clock.is_over())?;

    let results = Results::parse(&std::fs::read_to_string(&out).unwrap_or_default());
    let progress = !results.finished.is_empty();
    report.records.extend(results.finished);
    report.trouble.extend(results.trouble);
    match done.ending {
        Ending::Exit(NO_SUITE) if !results.loaded => {
            return Err(Error::new(tail(&done.stderr, 1).trim().to_owned()));
        }
        Ending::Exit(CANNOT_LOAD) if !results.loaded => return Ok(false),
        _ if results.done => return Ok(false),
        _ => {}
    }
    // It went down. With the last lines one can begin to look for the reason.
    let last_words = tail(&done.stderr, 12);
    let Some(id) = results.in_progress else {
        let when = if results.loaded {
            "between tests"
        } else {
            "while loading"
        };
        report
            .trouble
            .push(format!("{} {when}\n{last_words}", done.ending));
        report.crashed_outside = true;
        return Ok(progress);
    };
    let outcome = match done.ending {
        Ending::Stopped(Stopped::Time | Stopped::Asked) => Outcome::Hang,
        Ending::Stopped(Stopped::Memory) => Outcome::OverMemory,
        _ => Outcome::Crash,
    };
    let message = match last_words.trim_end().lines().last() {
        Some(line) => format!("{}: {}", done.ending, line.trim()),
        None => done.ending.to_string(),
    };
    report
        .trouble
        .push(format!("{id}: {}\n{last_words}", done.ending));
    report.records.insert(
        id,
        Record {
            outcome,
            message,
            seconds: done.wall.as_secs_f64(),
        },
    );
    Ok(true)
}

fn command(
    setup: &Setup,
    module: &str,
    scratch: &Scratch,
    [list, skip, out]: [&PathBuf; 3],
) -> Result<Command> {
    let (work, temporary) = (scratch.join("work"), scratch.join("tmp"));
    for folder in [&work, &temporary] {
        at(folder, std::fs::create_dir(folder))?;
    }
    let mut command = Command::new(&setup.interpreter);
    command.arg(&setup.script).arg(module);
    command
        .arg("--list")
        .arg(list)
        .arg("--skip")
        .arg(skip)
        .arg("--out")
        .arg(out);
    command.current_dir(work);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("PYTHON") {
            command.env_remove(name);
        }
    }
    command
        .env("TAIPAN_CPYTHON_TESTS", &setup.suite)
        .env("TMPDIR", temporary);
    Ok(command)
}

/// Notices a test that takes too long by what the result file last said.
struct TestClock<'a> {
    out: &'a Path,
    limit: Duration,
    size: u64,
    since: Instant,
}

impl<'a> TestClock<'a> {
    fn new(out: &'a Path, limit: Duration) -> Self {
        TestClock {
            out,
            limit,
            size: 0,
            since: Instant::now(),
        }
    }

    fn is_over(&mut self) -> bool {
        let size = std::fs::metadata(self.out).map_or(0, |data| data.len());
        if size != self.size {
            self.size = size;
            self.since = Instant::now();
        }
        self.since.elapsed() > self.limit
    }
}

#[cfg(test)]
#[path = "module_run_tests.rs"]
mod tests;
