//! Feeds damaged programs to `taipan` and reports those that take it down.
//!
//! Each batch is one process that compiles many sources one after another, since a
//! start per source would be most of the time. When a batch dies, its sources are
//! tried one by one to find the one at fault.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use taipan_harness::error::{Error, Result, at};
use taipan_harness::mutate::mutate;
use taipan_harness::process::{Ending, Limits, run};
use taipan_harness::random::Random;
use taipan_harness::scratch::Scratch;
use taipan_harness::{compare, interpreter};

const HELP: &str = "\
Feeds damaged Python sources to taipan and reports crashes and hangs.

    fuzz [--seconds N] [--seed N] [--corpus DIR]... [--taipan PATH] [--keep DIR]

  --seconds N    how long (60)
  --seed N       start of the random sequence (the time of day)
  --corpus DIR   where the good programs are (tests/ and benches/programs)
  --batch N      sources per process (50)
  --keep DIR     where to write the sources at fault (fuzz/artifacts)
  --marshal      damage marshalled code instead of source text";

/// Compiles, but does not run, each file named: damaged programs may do anything.
/// Every exception is a fine answer; only dying is not.
const COMPILE: &str = "\
import sys, warnings
warnings.simplefilter('ignore')
for name in sys.argv[1:]:
    with open(name, 'rb') as file:
        data = file.read()
    try:
        compile(data, name, 'exec')
    except Exception:
        pass
";

/// Marshals code, damages it in place, loads it. The code is never run.
const MARSHAL: &str = "\
import sys, marshal, random, warnings
warnings.simplefilter('ignore')
for name in sys.argv[1:]:
    with open(name, 'rb') as file:
        data = file.read()
    numbers = random.Random(data)
    try:
        code = marshal.dumps(compile(data, name, 'exec'))
    except Exception:
        code = data
    for _ in range(200):
        damaged = bytearray(code)
        for _ in range(numbers.randrange(1, 5)):
            at = numbers.randrange(len(damaged) + 1)
            # Removes a byte, replaces one, or adds one.
            damaged[at:at + numbers.randrange(2)] = numbers.randbytes(numbers.randrange(2))
        try:
            marshal.loads(bytes(damaged))
        except Exception:
            pass
";

struct Options {
    seconds: u64,
    seed: u64,
    corpus: Vec<PathBuf>,
    batch: usize,
    taipan: Option<PathBuf>,
    keep: PathBuf,
    program: &'static str,
}

fn main() -> ExitCode {
    match options().and_then(|options| options.map_or(Ok(0), |options| fuzz(&options))) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("fuzz: {error}");
            ExitCode::from(2)
        }
    }
}

fn options() -> Result<Option<Options>> {
    use lexopt::prelude::*;
    let root = interpreter::workspace();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let mut options = Options {
        seconds: 60,
        seed: now.map_or(0, |time| time.as_nanos() as u64),
        corpus: Vec::new(),
        batch: 50,
        taipan: None,
        keep: root.join("fuzz/artifacts"),
        program: COMPILE,
    };
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("seconds") => options.seconds = parser.value()?.parse()?,
            Long("seed") => options.seed = parser.value()?.parse()?,
            Long("corpus") => options.corpus.push(parser.value()?.into()),
            Long("batch") => options.batch = parser.value()?.parse::<usize>()?.max(1),
            Long("taipan") => options.taipan = Some(parser.value()?.into()),
            Long("keep") => options.keep = parser.value()?.into(),
            Long("marshal") => options.program = MARSHAL,
            Short('h') | Long("help") => {
                println!("{HELP}");
                return Ok(None);
            }
            other => return Err(other.unexpected().into()),
        }
    }
    if options.corpus.is_empty() {
        options.corpus = ["tests", "benches/programs"]
            .map(|name| root.join(name))
            .into();
    }
    Ok(Some(options))
}

/// Returns how many sources were found that take the interpreter down.
fn fuzz(options: &Options) -> Result<usize> {
    let taipan = match &options.taipan {
        Some(path) => interpreter::executable(path)?,
        None => interpreter::taipan()?,
    };
    let corpus = corpus(&options.corpus)?;
    println!("seed {}, {} programs", options.seed, corpus.len());
    let mut random = Random::new(options.seed);
    let end = Instant::now() + Duration::from_secs(options.seconds);
    let (mut tried, mut found) = (0, 0);
    while Instant::now() < end {
        let scratch = Scratch::new("fuzz")?;
        let mut files = Vec::new();
        for number in 0..options.batch {
            let (first, second) = (random.below(corpus.len()), random.below(corpus.len()));
            let damaged = mutate(&corpus[first], &corpus[second], &mut random);
            let path = scratch.join(&format!("{number}.py"));
            at(&path, std::fs::write(&path, damaged))?;
            files.push(path);
        }
        tried += files.len();
        if trouble(&taipan, options.program, &files)?.is_none() {
            continue;
        }
        for file in &files {
            if let Some(text) = trouble(&taipan, options.program, std::slice::from_ref(file))? {
                let kept = keep(&options.keep, file, options.seed, found)?;
                println!("{}: {text}", kept.display());
                found += 1;
            }
        }
    }
    println!("{tried} sources, {found} take the interpreter down");
    Ok(found)
}

/// What went wrong beyond an exception, if anything did.
fn trouble(taipan: &Path, program: &str, files: &[PathBuf]) -> Result<Option<String>> {
    let mut command = Command::new(taipan);
    command.args(["-c", program]).args(files);
    let time = Duration::from_secs(5 + files.len() as u64);
    let done = run(
        command,
        b"",
        Limits {
            time,
            ..Limits::default()
        },
    )?;
    match done.ending {
        Ending::Exit(0) => Ok(None),
        ending => Ok(Some(format!(
            "{ending}\n{}",
            compare::tail(&done.stderr, 6)
        ))),
    }
}

fn keep(folder: &Path, file: &Path, seed: u64, number: usize) -> Result<PathBuf> {
    at(folder, std::fs::create_dir_all(folder))?;
    let kept = folder.join(format!("crash-{seed}-{number}.py"));
    at(&kept, std::fs::copy(file, &kept))?;
    Ok(kept)
}

fn corpus(folders: &[PathBuf]) -> Result<Vec<Vec<u8>>> {
    let mut programs = Vec::new();
    let mut left = folders.to_vec();
    while let Some(folder) = left.pop() {
        for entry in at(&folder, std::fs::read_dir(&folder))?.flatten() {
            let path = entry.path();
            if path.is_dir() {
                left.push(path);
            } else if path.extension().is_some_and(|ending| ending == "py") {
                programs.push(at(&path, std::fs::read(&path))?);
            }
        }
    }
    // The order of a folder is the file system's; a seed must mean the same anywhere.
    programs.sort();
    if programs.is_empty() {
        return Err(Error::new("the corpus is empty"));
    }
    Ok(programs)
}
