//! The command line of `bench`.

use std::path::PathBuf;
use std::time::Duration;

use crate::error::{Error, Result};
use crate::interpreter;

/// What `--help` prints.
pub const HELP: &str = "\
Compares benches/programs/*.py between taipan and other interpreters.

    bench [--taipan PATH] [--against PATH]... [options]

  --taipan PATH      the interpreter measured (default: the release binary)
  --against PATH     one to compare with; repeat for more, the first is 1.00
                     (default: CPython 3.13)
  --filter TEXT      only programs whose name contains TEXT; commas separate
  --rounds N         interleaved runs of each (5)
  --timeout SEC      for one run (120)
  --startup          start-up time and memory instead of programs
  --json FILE        write the medians as JSON
  --list             print the names of the programs

Exit code 1 when a program fails, differs in output, or is slower than the first
interpreter compared with under --check.
  --check            fail on any program slower than the first --against";

/// An interpreter with the name it has in the table.
#[derive(Clone, Debug)]
pub struct Contender {
    /// Short and unique.
    pub name: String,
    /// What to run.
    pub path: PathBuf,
}

/// What was asked for.
#[derive(Debug)]
pub struct Options {
    /// The interpreter measured comes first.
    pub contenders: Vec<Contender>,
    /// Parts of names; empty means all.
    pub filter: Vec<String>,
    /// Runs of each program under each interpreter.
    pub rounds: usize,
    /// Limit for one run.
    pub timeout: Duration,
    /// Measure start-up.
    pub startup: bool,
    /// Where to write the medians.
    pub json: Option<PathBuf>,
    /// Only print names.
    pub list: bool,
    /// Slower is a failure.
    pub check: bool,
}

impl Options {
    /// Reads the command line. `None` when only help was asked for.
    pub fn parse(mut parser: lexopt::Parser) -> Result<Option<Self>> {
        use lexopt::prelude::*;
        let (mut taipan, mut against) = (None, Vec::new());
        let mut options = Options {
            contenders: Vec::new(),
            filter: Vec::new(),
            rounds: 5,
            timeout: Duration::from_secs(120),
            startup: false,
            json: None,
            list: false,
            check: false,
        };
        while let Some(argument) = parser.next()? {
            match argument {
                Long("taipan") => taipan = Some(PathBuf::from(parser.value()?)),
                Long("against") => against.push(PathBuf::from(parser.value()?)),
                Long("filter") => {
                    let value = parser.value()?.string()?;
                    options.filter.extend(value.split(',').map(str::to_owned));
                }
                Long("rounds") => options.rounds = parser.value()?.parse()?,
                Long("timeout") => {
                    options.timeout = Duration::from_secs(parser.value()?.parse()?);
                }
                Long("startup") => options.startup = true,
                Long("json") => options.json = Some(parser.value()?.into()),
                Long("list") => options.list = true,
                Long("check") => options.check = true,
                Short('h') | Long("help") => return Ok(None),
                other => return Err(other.unexpected().into()),
            }
        }
        if options.rounds == 0 {
            return Err(Error::new("--rounds needs at least 1"));
        }
        if !options.list {
            options.contenders = contenders(taipan, against)?;
        }
        Ok(Some(options))
    }
}

fn contenders(taipan: Option<PathBuf>, against: Vec<PathBuf>) -> Result<Vec<Contender>> {
    let first = match taipan {
        Some(path) => interpreter::executable(&path)?,
        None => interpreter::taipan()?,
    };
    let mut others = Vec::new();
    for path in against {
        others.push(interpreter::executable(&path)?);
    }
    if others.is_empty() {
        others.extend(interpreter::cpython(13));
    }
    let mut found = vec![Contender {
        name: "taipan".to_owned(),
        path: first,
    }];
    for path in others {
        let base = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let taken = |name: &str| found.iter().any(|other| other.name == name);
        let mut name = base.clone();
        let mut number = 2;
        while taken(&name) {
            name = format!("{base}#{number}");
            number += 1;
        }
        found.push(Contender { name, path });
    }
    Ok(found)
}
