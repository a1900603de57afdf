//! Runs every script `tests/<area>/*.py` of the workspace under `taipan`, each in
//! a process of its own. See `tests/README.md` for what a script can ask for.
//!
//! Files that begin with `_` are helpers, not scripts. With `TAIPAN_BLESS=1` the
//! missing `.expected` files are written from what the reference CPython does.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use libtest_mimic::{Arguments, Failed, Trial};
use taipan_harness::compare::{Expected, check};
use taipan_harness::error::{Error, Result, at};
use taipan_harness::headers::Headers;
use taipan_harness::interpreter;
use taipan_harness::process::{Ending, Finished, run};
use taipan_harness::scratch::Scratch;

/// What all scripts are run with.
#[derive(Clone)]
struct Setup {
    taipan: PathBuf,
    version: Option<(u32, u32)>,
    reference: Option<PathBuf>,
    bless: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    match trials() {
        Ok(trials) => libtest_mimic::run(&arguments, trials).exit_code(),
        Err(error) => {
            eprintln!("scripts: {error}");
            ExitCode::FAILURE
        }
    }
}

fn trials() -> Result<Vec<Trial>> {
    build_taipan();
    let taipan = interpreter::taipan()?;
    let setup = Setup {
        version: interpreter::version(&taipan),
        reference: interpreter::reference(),
        bless: std::env::var_os("TAIPAN_BLESS").is_some(),
        taipan,
    };
    let not_yet = not_yet(&interpreter::workspace().join("tests/not-yet.txt"))?;
    let mut trials = Vec::new();
    for (area, path) in scripts(&interpreter::workspace().join("tests"))? {
        let headers = at(&path, fs::read(&path))
            .and_then(|source| Headers::parse(&String::from_utf8_lossy(&source)));
        let too_new = match &headers {
            Ok(Headers {
                needs: Some(needs), ..
            }) => setup.version.is_some_and(|v| v < *needs),
            _ => false,
        };
        let name = format!("{area}/{}", path.file_stem().unwrap_or_default().display());
        let waiting = not_yet.contains(&name) && std::env::var_os("TAIPAN_ALL").is_none();
        let setup = setup.clone();
        let trial = Trial::test(name, move || {
            let result = headers.and_then(|headers| run_script(&setup, &path, &headers));
            result.map_err(|error| Failed::from(error.to_string()))
        });
        trials.push(trial.with_ignored_flag(too_new || waiting));
    }
    Ok(trials)
}

/// Names of scripts that wait for something that is not there yet: shown as ignored, run when
/// `TAIPAN_ALL` is set. The list only ever gets shorter.
fn not_yet(path: &Path) -> Result<Vec<String>> {
    let text = at(path, fs::read_to_string(path))?;
    Ok(text
        .lines()
        .map(str::trim)
        .filter(|l| !l.is_empty() && !l.starts_with('#'))
        .map(str::to_owned)
        .collect())
}

/// `cargo test` alone does not rebuild the binary of another package. So ask cargo,
/// with the very selection of the README's first command, in order that features
/// resolve alike and nothing is compiled twice.
fn build_taipan() {
    let (Some(cargo), None) = (std::env::var_os("CARGO"), std::env::var_os("TAIPAN")) else {
        return;
    };
    let Some(profile) = interpreter::profile_dir() else {
        return;
    };
    let mut command = Command::new(cargo);
    command.args(["build", "--workspace", "--bins", "--quiet", "--target-dir"]);
    command.arg(profile.parent().unwrap_or(&profile));
    command.current_dir(interpreter::workspace());
    if profile.ends_with("release") {
        command.arg("--release");
    }
    if !command.status().is_ok_and(|status| status.success()) {
        eprintln!("scripts: the taipan binary could not be rebuilt; using what is there");
    }
}

/// All scripts with the name of their area, in order.
fn scripts(root: &Path) -> Result<Vec<(String, PathBuf)>> {
    let mut found = Vec::new();
    for area in at(root, fs::read_dir(root))?.flatten() {
        let name = area.file_name().to_string_lossy().into_owned();
        // CPython's own tests have a runner of their own.
        if name == "conformance" || !area.path().is_dir() {
            continue;
        }
        for file in at(&area.path(), fs::read_dir(area.path()))?.flatten() {
            let path = file.path();
            let helper = file.file_name().to_string_lossy().starts_with('_');
            if path.extension().is_some_and(|ending| ending == "py") && !helper {
                found.push((name.clone(), path));
            }
        }
    }
    found.sort();
    Ok(found)
}

fn run_script(setup: &Setup, path: &Path, headers: &Headers) -> Result<()> {
    let expected = match recorded(path, headers)? {
        Some(expected) => expected,
        None => match &setup.reference {
            Some(reference) => {
                let done = execute(reference, path, headers)?;
                let expected = from_reference(&done, headers)?;
                if setup.bless {
                    bless(path, &expected)?;
                }
                expected
            }
            // Nothing to compare with: its asserts must do.
            None => Expected {
                exit: headers.exit,
                stdout: None,
                stderr: None,
            },
        },
    };
    let done = execute(&setup.taipan, path, headers)?;
    check(&done, &expected).map_err(Error::new)
}

fn execute(interpreter: &Path, path: &Path, headers: &Headers) -> Result<Finished> {
    // A folder of its own to write in, so that scripts can run side by side.
    let scratch = Scratch::new("script")?;
    let folder = path.parent().expect("a script lies in an area");
    let mut command = Command::new(interpreter);
    command.current_dir(folder).args(&headers.options);
    command
        .arg(path.file_name().expect("a script has a name"))
        .args(&headers.args);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("PYTHON") {
            command.env_remove(name);
        }
    }
    command
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("PYTHONIOENCODING", "utf-8");
    command
        .env("TMPDIR", scratch.path())
        .env("NO_COLOR", "1")
        .env("LC_ALL", "C.UTF-8");
    let mut done = run(command, headers.stdin.as_bytes(), headers.limits)?;
    // Tracebacks name the script by its full path, which is another on each machine.
    let folder = format!("{}/", folder.display());
    for text in [&mut done.stdout, &mut done.stderr] {
        *text = without(text, folder.as_bytes());
    }
    Ok(done)
}

/// The text without any occurrence of a part.
fn without(text: &[u8], part: &[u8]) -> Vec<u8> {
    let mut result = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, behind)) = rest.split_first() {
        match rest.strip_prefix(part) {
            Some(after) => rest = after,
            None => {
                result.push(*first);
                rest = behind;
            }
        }
    }
    result
}

/// What the files beside the script say: `<name>.expected` is its standard output,
/// `<name>.stderr` its standard error.
fn recorded(path: &Path, headers: &Headers) -> Result<Option<Expected>> {
    let read = |ending: &str| {
        let file = path.with_extension(ending);
        if file.is_file() {
            at(&file, fs::read(&file)).map(Some)
        } else {
            Ok(None)
        }
    };
    let (stdout, stderr) = (read("expected")?, read("stderr")?);
    // A half record would silently leave one stream unchecked.
    if stdout.is_none() || (headers.compare_stderr && stderr.is_none()) {
        return Ok(None);
    }
    let stderr = stderr.filter(|_| headers.compare_stderr);
    Ok(Some(Expected {
        exit: headers.exit,
        stdout,
        stderr,
    }))
}

fn from_reference(done: &Finished, headers: &Headers) -> Result<Expected> {
    let Ending::Exit(exit) = done.ending else {
        return Err(Error::new(format!(
            "the reference itself failed: {}",
            done.ending
        )));
    };
    if exit != headers.exit {
        let text = taipan_harness::compare::tail(&done.stderr, 15);
        return Err(Error::new(format!(
            "the reference itself ends with exit code {exit}:\n{text}"
        )));
    }
    let stderr = headers.compare_stderr.then(|| done.stderr.clone());
    Ok(Expected {
        exit,
        stdout: Some(done.stdout.clone()),
        stderr,
    })
}

fn bless(path: &Path, expected: &Expected) -> Result<()> {
    let files = [("expected", &expected.stdout), ("stderr", &expected.stderr)];
    for (ending, text) in files {
        if let Some(text) = text {
            let file = path.with_extension(ending);
            at(&file, fs::write(&file, text))?;
        }
    }
    Ok(())
}
