//! Runs one program to its end under a limit of time, memory and output, and
//! reports what the kernel counted.
//!
//! Output goes to files instead of pipes: a grandchild that outlives the program
//! cannot keep the harness waiting, and no reader thread disturbs a measurement.

use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use crate::error::{Error, Result, at};
use crate::scratch::Scratch;

/// What a program may use up.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Wall-clock time.
    pub time: Duration,
    /// Resident memory in bytes. Address space is not limited, because an
    /// interpreter may well reserve far more of it than it ever touches.
    pub memory: u64,
    /// Bytes of standard output, and of standard error.
    pub output: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            time: Duration::from_secs(60),
            memory: 2 << 30,
            output: 64 << 20,
        }
    }
}

/// Why a program was stopped from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// It ran longer than allowed.
    Time,
    /// Its resident memory went over the limit.
    Memory,
    /// It wrote more than allowed.
    Output,
    /// The caller's own check asked for it.
    Asked,
}

/// How a program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// By itself, with this exit code.
    Exit(i32),
    /// By a signal that nobody here sent.
    Signal(i32),
    /// By the harness.
    Stopped(Stopped),
}

impl std::fmt::Display for Ending {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Ending::Exit(code) => write!(f, "exit code {code}"),
            Ending::Signal(number) => write!(f, "signal {number} ({})", signal_name(*number)),
            Ending::Stopped(Stopped::Time) => write!(f, "stopped: out of time"),
            Ending::Stopped(Stopped::Memory) => write!(f, "stopped: over the memory limit"),
            Ending::Stopped(Stopped::Output) => write!(f, "stopped: too much output"),
            Ending::Stopped(Stopped::Asked) => write!(f, "stopped"),
        }
    }
}

/// The usual name of a signal.
pub fn signal_name(number: i32) -> &'static str {
    match number {
        libc::SIGSEGV => "SIGSEGV",
        libc::SIGABRT => "SIGABRT",
        libc::SIGBUS => "SIGBUS",
        libc::SIGILL => "SIGILL",
        libc::SIGFPE => "SIGFPE",
        libc::SIGTRAP => "SIGTRAP",
        libc::SIGKILL => "SIGKILL",
        libc::SIGTERM => "SIGTERM",
        libc::SIGINT => "SIGINT",
        libc::SIGPIPE => "SIGPIPE",
        _ => "unnamed",
    }
}

/// Everything known about a finished program.
#[derive(Debug)]
pub struct Finished {
    /// How it ended.
    pub ending: Ending,
    /// What it wrote to standard output.
    pub stdout: Vec<u8>,
    /// What it wrote to standard error.
    pub stderr: Vec<u8>,
    /// User and system time, its waited-for children included.
    pub cpu: Duration,
    /// From just before the start until just after the end.
    pub wall: Duration,
    /// Peak resident memory in bytes.
    pub peak_rss: u64,
}

/// Runs the command to its end.
pub fn run(command: Command, stdin: &[u8], limits: Limits) -> Result<Finished> {
    run_watched(command, stdin, limits, || false)
}

/// Runs the command to its end, or until `ask_stop`, called every few
/// milliseconds from another thread, says that it is enough.
pub fn run_watched(
    mut command: Command,
    stdin: &[u8],
    limits: Limits,
    ask_stop: impl FnMut() -> bool + Send,
) -> Result<Finished> {
    let scratch = Scratch::new("run")?;
    let (out, err) = (scratch.join("stdout"), scratch.join("stderr"));
    command.stdin(standard_input(&scratch, stdin)?);
    command.stdout(at(&out, File::create(&out))?);
    command.stderr(at(&err, File::create(&err))?);
    // A group of its own, so that its children can be ended along with it.
    command.process_group(0);

    let begin = Instant::now();
    let child = command.spawn().map_err(|error| {
        Error::new(format!(
            "cannot start {}: {error}",
            command.get_program().display()
        ))
    })?;
    let pid = child.id() as libc::pid_t;
    let (done, is_done) = mpsc::channel::<()>();
    let (stopped, wall) = std::thread::scope(|scope| {
        let watch = scope.spawn(|| watch(pid, &out, &err, limits, begin, is_done, ask_stop));
        wait_without_reaping(pid);
        let wall = begin.elapsed();
        drop(done);
        (
            watch.join().expect("the watching thread does not panic"),
            wall,
        )
    });
    end_group(pid);
    let (status, usage) = reap(pid)?;

    let ending = match stopped {
        Some(reason) => Ending::Stopped(reason),
        None if libc::WIFSIGNALED(status) => Ending::Signal(libc::WTERMSIG(status)),
        None => Ending::Exit(libc::WEXITSTATUS(status)),
    };
    Ok(Finished {
        ending,
        stdout: at(&out, fs::read(&out))?,
        stderr: at(&err, fs::read(&err))?,
        cpu: duration(usage.ru_utime) + duration(usage.ru_stime),
        wall,
        peak_rss: usage.ru_maxrss as u64 * 1024,
    })
}

fn standard_input(scratch: &Scratch, text: &[u8]) -> Result<Stdio> {
    if text.is_empty() {
        return Ok(Stdio::null());
    }
    let path = scratch.join("stdin");
    at(&path, fs::write(&path, text))?;
    Ok(at(&path, File::open(&path))?.into())
}

/// Looks at the program until it is done, and ends it when it oversteps.
fn watch(
    pid: libc::pid_t,
    out: &Path,
    err: &Path,
    limits: Limits,
    begin: Instant,
    is_done: mpsc::Receiver<()>,
    mut ask_stop: impl FnMut() -> bool,
) -> Option<Stopped> {
    let size = |path: &Path| fs::metadata(path).map_or(0, |data| data.len());
    loop {
        match is_done.recv_timeout(Duration::from_millis(10)) {
            Err(mpsc::RecvTimeoutError::Timeout) => {}
            _ => return None,
        }
        let reason = if begin.elapsed() > limits.time {
            Stopped::Time
        } else if resident(pid) > limits.memory {
            Stopped::Memory
        } else if size(out).max(size(err)) > limits.output {
            Stopped::Output
        } else if ask_stop() {
            Stopped::Asked
        } else {
            continue;
        };
        end_group(pid);
        return Some(reason);
    }
}

/// The resident memory of a process in bytes, 0 once it is gone.
fn resident(pid: libc::pid_t) -> u64 {
    let text = fs::read_to_string(format!("/proc/{pid}/statm")).unwrap_or_default();
    let pages = text
        .split(' ')
        .nth(1)
        .and_then(|field| field.parse::<u64>().ok());
    pages.unwrap_or(0) * 4096
}

/// Ends what is left of the program's group. Only called while the leader is not
/// reaped, so the number cannot belong to anybody else by now.
fn end_group(pid: libc::pid_t) {
    // SAFETY: `kill` takes numbers only.
    unsafe {
        libc::kill(-pid, libc::SIGKILL);
        // The group does not exist before the child has made it.
        libc::kill(pid, libc::SIGKILL);
    }
}

fn wait_without_reaping(pid: libc::pid_t) {
    loop {
        // SAFETY: an all-zero `siginfo_t` is valid, and is only written to.
        let result = unsafe {
            let mut info: libc::siginfo_t = std::mem::zeroed();
            let how = libc::WEXITED | libc::WNOWAIT;
            libc::waitid(libc::P_PID, pid as libc::id_t, &mut info, how)
        };
        if result == 0 || std::io::Error::last_os_error().kind() != std::io::ErrorKind::Interrupted
        {
            return;
        }
    }
}

fn reap(pid: libc::pid_t) -> Result<(i32, libc::rusage)> {
    let mut status = 0;
    // SAFETY: an all-zero `rusage` is valid, and both places are only written to.
    let (result, usage) = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        (libc::wait4(pid, &mut status, 0, &mut usage), usage)
    };
    if result != pid {
        return Err(std::io::Error::last_os_error().into());
    }
    Ok((status, usage))
}

fn duration(time: libc::timeval) -> Duration {
    Duration::new(time.tv_sec as u64, time.tv_usec as u32 * 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn output_and_exit_code() {
        let done = run(
            shell("cat; echo err >&2; exit 3"),
            b"text",
            Limits::default(),
        )
        .unwrap();
        assert_eq!(done.ending, Ending::Exit(3));
        assert_eq!(done.stdout, b"text");
        assert_eq!(done.stderr, b"err\n");
        assert!(done.peak_rss > 0);
    }

    #[test]
    fn a_signal_is_seen() {
        let done = run(shell("kill -SEGV $$"), b"", Limits::default()).unwrap();
        assert_eq!(done.ending, Ending::Signal(libc::SIGSEGV));
    }

    #[test]
    fn time_is_limited() {
        let limits = Limits {
            time: Duration::from_millis(100),
            ..Limits::default()
        };
        let done = run(shell("sleep 20"), b"", limits).unwrap();
        assert_eq!(done.ending, Ending::Stopped(Stopped::Time));
        assert!(done.wall < Duration::from_secs(10));
    }

    #[test]
    fn memory_is_limited() {
        let limits = Limits {
            memory: 1 << 20,
            ..Limits::default()
        };
        let done = run(shell("x=$(yes | head -c 20000000); sleep 20"), b"", limits).unwrap();
        assert_eq!(done.ending, Ending::Stopped(Stopped::Memory));
    }

    #[test]
    fn output_is_limited() {
        let limits = Limits {
            output: 1 << 20,
            ..Limits::default()
        };
        let done = run(shell("yes"), b"", limits).unwrap();
        assert_eq!(done.ending, Ending::Stopped(Stopped::Output));
    }

    #[test]
    fn children_end_with_it() {
        let begin = Instant::now();
        run(shell("sleep 30 & exit 0"), b"", Limits::default()).unwrap();
        assert!(begin.elapsed() < Duration::from_secs(10));
    }
}
