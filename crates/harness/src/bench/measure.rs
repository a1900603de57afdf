//! Runs programs under several interpreters in turn, so that whatever else the
//! machine does meanwhile touches all of them alike.

use std::path::Path;
use std::process::Command;

use super::options::{Contender, Options};
use super::statistics::median;
use crate::compare::tail;
use crate::error::{Error, Result};
use crate::process::{Ending, Finished, Limits, run};

/// The medians of one interpreter on one program.
#[derive(Clone, Copy, Debug)]
pub struct Medians {
    /// User and system time in seconds.
    pub cpu: f64,
    /// Wall-clock time in seconds.
    pub wall: f64,
    /// The shortest wall-clock time: what remains on a machine that others use too.
    pub best_wall: f64,
    /// Peak resident memory in bytes.
    pub rss: f64,
}

/// One program: the medians of each interpreter, or why there are none.
pub type Row = Vec<std::result::Result<Medians, String>>;

/// Measures one program under all interpreters.
pub fn program(options: &Options, path: &Path) -> Result<Row> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let command = |contender: &Contender| {
        let mut command = command(contender);
        command.arg(path).current_dir(folder);
        command
    };
    interleave(options, options.rounds, command)
}

/// The bare command line of an interpreter, free of settings from outside.
pub fn command(contender: &Contender) -> Command {
    let mut command = Command::new(&contender.path);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("PYTHON") {
            command.env_remove(name);
        }
    }
    // The same hashes for all runs: the order of sets must not decide the time.
    command.env("PYTHONHASHSEED", "0");
    command
}

/// Runs a command under each interpreter, round by round.
pub fn interleave(
    options: &Options,
    rounds: usize,
    command: impl Fn(&Contender) -> Command,
) -> Result<Row> {
    let limits = Limits {
        time: options.timeout,
        memory: 8 << 30,
        ..Limits::default()
    };
    let mut runs: Vec<std::result::Result<Vec<Finished>, String>> =
        options.contenders.iter().map(|_| Ok(Vec::new())).collect();
    let mut wanted: Option<Vec<u8>> = None;
    for _ in 0..rounds {
        // The reference first: its output is the measure for the others.
        for index in (0..runs.len()).rev() {
            let Ok(earlier) = &mut runs[index] else {
                continue;
            };
            let done = run(command(&options.contenders[index]), b"", limits)?;
            match judge(&done, wanted.as_deref()) {
                Ok(()) => {
                    wanted.get_or_insert_with(|| done.stdout.clone());
                    earlier.push(done);
                }
                Err(reason) => runs[index] = Err(reason),
            }
        }
    }
    runs.into_iter()
        .map(|finished| Ok(finished.and_then(|list| medians(&list))))
        .collect()
}

fn judge(done: &Finished, wanted: Option<&[u8]>) -> std::result::Result<(), String> {
    if done.ending != Ending::Exit(0) {
        return Err(format!("{}\n{}", done.ending, tail(&done.stderr, 5)));
    }
    match wanted {
        Some(wanted) if wanted != done.stdout => Err("its output differs".to_owned()),
        _ => Ok(()),
    }
}

fn medians(runs: &[Finished]) -> std::result::Result<Medians, String> {
    let of = |value: &dyn Fn(&Finished) -> f64| {
        median(&runs.iter().map(value).collect::<Vec<_>>())
            .ok_or_else(|| Error::new("no runs").to_string())
    };
    Ok(Medians {
        cpu: of(&|run| run.cpu.as_secs_f64())?,
        wall: of(&|run| run.wall.as_secs_f64())?,
        best_wall: runs
            .iter()
            .map(|run| run.wall.as_secs_f64())
            .fold(f64::INFINITY, f64::min),
        rss: of(&|run| run.peak_rss as f64)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn finished(ending: Ending, stdout: &str) -> Finished {
        Finished {
            ending,
            stdout: stdout.into(),
            stderr: Vec::new(),
            cpu: Duration::from_millis(10),
            wall: Duration::from_millis(20),
            peak_rss: 1,
        }
    }

    #[test]
    fn another_output_is_no_result() {
        let run = finished(Ending::Exit(0), "1\n");
        assert!(judge(&run, None).is_ok());
        assert!(judge(&run, Some(b"1\n")).is_ok());
        assert!(judge(&run, Some(b"2\n")).is_err());
        assert!(judge(&finished(Ending::Exit(1), "1\n"), Some(b"1\n")).is_err());
        assert!(judge(&finished(Ending::Signal(11), ""), None).is_err());
    }
}
