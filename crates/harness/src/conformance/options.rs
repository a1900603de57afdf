//! The command line of `conformance`.

use std::path::PathBuf;
use std::time::Duration;

use crate::error::{Error, Result};

/// What `--help` prints.
pub const HELP: &str = "\
Runs CPython's own tests under taipan and counts what passes.

    conformance [--tier language|runtime|stdlib|all]... [--modules a,b] [options]

  --tier NAME           modules of a tier of tiers.txt (default: language)
  --modules A,B         these modules only; a package stands for its submodules
  --match TEXT          only tests whose id contains TEXT
  --expected-only       only tests recorded to pass: the quick check for CI
  --ratchet             record the tests that newly pass
  --failures            list each test that does not pass, with its message
  --out FILE            write module, id, outcome, seconds, message as TSV
  --taipan PATH         the interpreter under test (or the variable TAIPAN)
  -j N                  modules at a time (2)
  --module-time SEC     time for a module (300)
  --test-time SEC       time for one test (60)
  --memory MB           resident memory of a module (2048)
  --budget SEC          start no further module after this time

Exit code: 0 all recorded tests pass; 1 some do not; 2 wrong usage;
4 no test suite of CPython 3.13 here; 5 a crash or a hang of other tests.";

/// What was asked for.
#[derive(Debug)]
pub struct Options {
    /// Tiers to run.
    pub tiers: Vec<String>,
    /// Modules to run, instead of whole tiers.
    pub modules: Vec<String>,
    /// Part of the id.
    pub matching: Option<String>,
    /// Only the recorded ids.
    pub expected_only: bool,
    /// Record what newly passes.
    pub ratchet: bool,
    /// List what does not pass.
    pub failures: bool,
    /// Where to write all outcomes.
    pub out: Option<PathBuf>,
    /// The interpreter.
    pub taipan: Option<PathBuf>,
    /// Modules at a time.
    pub jobs: usize,
    /// Limit for a module.
    pub module_time: Duration,
    /// Limit for a test.
    pub test_time: Duration,
    /// Limit in bytes.
    pub memory: u64,
    /// Limit for all.
    pub budget: Option<Duration>,
}

impl Options {
    /// Reads the command line. `None` when only help was asked for.
    pub fn parse(mut parser: lexopt::Parser) -> Result<Option<Self>> {
        use lexopt::prelude::*;
        let mut options = Options {
            tiers: Vec::new(),
            modules: Vec::new(),
            matching: None,
            expected_only: false,
            ratchet: false,
            failures: false,
            out: None,
            taipan: None,
            jobs: 2,
            module_time: Duration::from_secs(300),
            test_time: Duration::from_secs(60),
            memory: 2 << 30,
            budget: None,
        };
        let list = |value: String| value.split(',').map(str::to_owned).collect::<Vec<_>>();
        while let Some(argument) = parser.next()? {
            let seconds = |parser: &mut lexopt::Parser| -> Result<Duration> {
                Ok(Duration::from_secs(parser.value()?.parse()?))
            };
            match argument {
                Long("tier") => options.tiers.extend(list(parser.value()?.string()?)),
                Long("modules") => options.modules.extend(list(parser.value()?.string()?)),
                Long("match") => options.matching = Some(parser.value()?.string()?),
                Long("expected-only") => options.expected_only = true,
                Long("ratchet") => options.ratchet = true,
                Long("failures") => options.failures = true,
                Long("out") => options.out = Some(parser.value()?.into()),
                Long("taipan") => options.taipan = Some(parser.value()?.into()),
                Short('j') => options.jobs = parser.value()?.parse()?,
                Long("module-time") => options.module_time = seconds(&mut parser)?,
                Long("test-time") => options.test_time = seconds(&mut parser)?,
                Long("memory") => options.memory = parser.value()?.parse::<u64>()? << 20,
                Long("budget") => options.budget = Some(seconds(&mut parser)?),
                Short('h') | Long("help") => return Ok(None),
                other => return Err(other.unexpected().into()),
            }
        }
        if options.jobs == 0 {
            return Err(Error::new("-j needs at least 1"));
        }
        if options.tiers.is_empty() {
            options.tiers.push("language".to_owned());
        }
        Ok(Some(options))
    }
}
