//! Processes: identity, children, priorities, resources, ends.

use crate::{Errno, Result, check};
use std::ffi::{CStr, CString};

/// Forks the process. 0 in the child, the child's number in the parent.
///
/// # Safety
/// In the child only this thread lives. What other threads had locked stays locked there, so the
/// caller must hold every lock that the child will need (the GIL does for the interpreter).
pub unsafe fn fork() -> Result<i32> {
    // SAFETY: the caller's.
    check(unsafe { libc::fork() })
}

/// Pointers to the texts, ended by a null; they live as long as the texts.
pub(crate) fn pointers(texts: &[CString]) -> Vec<*const libc::c_char> {
    texts
        .iter()
        .map(|t| t.as_ptr())
        .chain([std::ptr::null()])
        .collect()
}

/// Replaces the program. `environment` `None` keeps the present one. Returns only on failure.
pub fn execute(path: &CStr, arguments: &[CString], environment: Option<&[CString]>) -> Errno {
    let arguments = pointers(arguments);
    match environment {
        None => {
            // SAFETY: a list of texts ended by zeros, itself ended by a null.
            unsafe { libc::execv(path.as_ptr(), arguments.as_ptr()) };
        }
        Some(environment) => {
            let environment = pointers(environment);
            // SAFETY: as above, for both lists.
            unsafe { libc::execve(path.as_ptr(), arguments.as_ptr(), environment.as_ptr()) };
        }
    }
    Errno::last()
}

/// As [`execute`], the program given by a descriptor.
pub fn execute_descriptor(fd: i32, arguments: &[CString], environment: &[CString]) -> Errno {
    let (arguments, environment) = (pointers(arguments), pointers(environment));
    // SAFETY: lists of texts ended by zeros, themselves ended by nulls.
    unsafe { libc::fexecve(fd, arguments.as_ptr(), environment.as_ptr()) };
    Errno::last()
}

/// Ends the process at once: no clean-up, nothing flushed.
pub fn exit_now(status: i32) -> ! {
    // SAFETY: ends the process.
    unsafe { libc::_exit(status) }
}

/// Ends the process by `SIGABRT`.
pub fn abort() -> ! {
    std::process::abort()
}

/// What a process has used.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Usage {
    /// Seconds in user mode.
    pub user: f64,
    /// Seconds in the kernel.
    pub system: f64,
    /// Greatest resident size in KiB.
    pub max_resident: i64,
    /// The other fields of `struct rusage` in its order, from `ru_ixrss` to `ru_nivcsw`.
    pub others: [i64; 13],
}

fn usage(r: &libc::rusage) -> Usage {
    let seconds = |t: libc::timeval| t.tv_sec as f64 + t.tv_usec as f64 / 1e6;
    Usage {
        user: seconds(r.ru_utime),
        system: seconds(r.ru_stime),
        max_resident: r.ru_maxrss,
        others: [
            r.ru_ixrss,
            r.ru_idrss,
            r.ru_isrss,
            r.ru_minflt,
            r.ru_majflt,
            r.ru_nswap,
            r.ru_inblock,
            r.ru_oublock,
            r.ru_msgsnd,
            r.ru_msgrcv,
            r.ru_nsignals,
            r.ru_nvcsw,
            r.ru_nivcsw,
        ],
    }
}

/// What this process (`RUSAGE_SELF`), its children or this thread have used.
pub fn resource_usage(who: i32) -> Result<Usage> {
    // SAFETY: a structure of numbers, for which zeros are valid.
    let mut r: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: the structure is there to be written.
    check(unsafe { libc::getrusage(who as _, &mut r) })?;
    Ok(usage(&r))
}

/// Waits for a child. Returns its number (0 where `WNOHANG` found none ended) and raw status.
pub fn wait(pid: i32, options: i32) -> Result<(i32, i32)> {
    let mut status = 0;
    // SAFETY: the number is there to be written.
    let pid = check(unsafe { libc::waitpid(pid, &mut status, options) })?;
    Ok((pid, status))
}

/// As [`wait`], with what the child has used.
pub fn wait_usage(pid: i32, options: i32) -> Result<(i32, i32, Usage)> {
    let mut status = 0;
    // SAFETY: a structure of numbers, for which zeros are valid.
    let mut r: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: both are there to be written.
    let pid = check(unsafe { libc::wait4(pid, &mut status, options, &mut r) })?;
    Ok((pid, status, usage(&r)))
}

/// What `waitid` tells of a child.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ChildInfo {
    /// The child's number.
    pub pid: i32,
    /// Its user.
    pub uid: u32,
    /// `SIGCHLD`.
    pub signal: i32,
    /// Exit code or signal.
    pub status: i32,
    /// `CLD_*`.
    pub code: i32,
}

/// Waits for a change of a child: `kind` is `P_PID`, `P_PGID`, `P_ALL` or `P_PIDFD`. `None` where
/// `WNOHANG` found no change.
pub fn wait_id(kind: u32, id: u32, options: i32) -> Result<Option<ChildInfo>> {
    // SAFETY: a structure of numbers, for which zeros are valid.
    let mut info: libc::siginfo_t = unsafe { std::mem::zeroed() };
    // SAFETY: the structure is there to be written.
    check(unsafe { libc::waitid(kind as libc::idtype_t, id, &mut info, options) })?;
    // SAFETY: `waitid` fills the fields of a child's signal; zeros mean that there was none.
    let (pid, uid, status) = unsafe { (info.si_pid(), info.si_uid(), info.si_status()) };
    let (signal, code) = (info.si_signo, info.si_code);
    Ok((pid != 0).then_some(ChildInfo {
        pid,
        uid,
        signal,
        status,
        code,
    }))
}

/// What a raw status of [`wait`] says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Status {
    /// Ended with this code.
    Exited(i32),
    /// Ended by this signal; with `true` it left a core dump.
    Signaled(i32, bool),
    /// Stopped by this signal.
    Stopped(i32),
    /// Goes on.
    Continued,
    /// Nothing of these.
    Other,
}

/// Reads a raw status.
pub fn read_status(status: i32) -> Status {
    if libc::WIFEXITED(status) {
        Status::Exited(libc::WEXITSTATUS(status))
    } else if libc::WIFSIGNALED(status) {
        Status::Signaled(libc::WTERMSIG(status), libc::WCOREDUMP(status))
    } else if libc::WIFSTOPPED(status) {
        Status::Stopped(libc::WSTOPSIG(status))
    } else if libc::WIFCONTINUED(status) {
        Status::Continued
    } else {
        Status::Other
    }
}

/// Sends a signal to a process; 0 only asks whether it could be sent.
pub fn kill(pid: i32, signal: i32) -> Result<()> {
    // SAFETY: plain system call with numbers only.
    check(unsafe { libc::kill(pid, signal) }).map(drop)
}

/// Sends a signal to a process group.
pub fn kill_group(group: i32, signal: i32) -> Result<()> {
    // SAFETY: plain system call with numbers only.
    check(unsafe { libc::killpg(group, signal) }).map(drop)
}

/// A descriptor that stands for a process. `flags` is 0 or `PIDFD_NONBLOCK`.
pub fn pid_descriptor(pid: i32, flags: u32) -> Result<i32> {
    // SAFETY: plain system call with numbers only.
    check(unsafe { libc::syscall(libc::SYS_pidfd_open, pid, flags) }).map(|fd| fd as i32)
}

/// Sends a signal to the process of a descriptor.
pub fn signal_descriptor(fd: i32, signal: i32, flags: u32) -> Result<()> {
    let info = std::ptr::null::<libc::siginfo_t>();
    // SAFETY: numbers, and no information to be read.
    check(unsafe { libc::syscall(libc::SYS_pidfd_send_signal, fd, signal, info, flags) }).map(drop)
}

macro_rules! numbers {
    ($($(#[$doc:meta])* $name:ident = $c:ident -> $ty:ty;)*) => {
        $(
            $(#[$doc])*
            pub fn $name() -> $ty {
                // SAFETY: takes nothing and cannot fail.
                unsafe { libc::$c() }
            }
        )*
    };
}

numbers! {
    /// This process.
    id = getpid -> i32;
    /// The parent process.
    parent_id = getppid -> i32;
    /// This thread, as the kernel counts.
    thread_id = gettid -> i32;
    /// The process group.
    group_id = getpgrp -> i32;
    /// The real user.
    user = getuid -> u32;
    /// The effective user.
    effective_user = geteuid -> u32;
    /// The real group of users.
    group = getgid -> u32;
    /// The effective group of users.
    effective_group = getegid -> u32;
}

macro_rules! calls {
    ($($(#[$doc:meta])* $name:ident = $c:ident($($arg:ident: $ty:ty),*) -> $out:ty;)*) => {
        $(
            $(#[$doc])*
            pub fn $name($($arg: $ty),*) -> Result<$out> {
                // SAFETY: takes numbers only.
                let out = check(unsafe { libc::$c($($arg),*) })?;
                Ok(<$out as From32>::from_i32(out))
            }
        )*
    };
}

/// Lets the macro above return a number or nothing.
trait From32 {
    fn from_i32(value: i32) -> Self;
}

impl From32 for i32 {
    fn from_i32(value: i32) -> Self {
        value
    }
}

impl From32 for () {
    fn from_i32(_: i32) {}
}

// The credential functions must be the C library's: the kernel changes one thread only, the C
// library all of them.
calls! {
    /// The process group of a process.
    group_of = getpgid(pid: i32) -> i32;
    /// Puts a process into a group.
    set_group = setpgid(pid: i32, group: i32) -> ();
    /// The session of a process.
    session_of = getsid(pid: i32) -> i32;
    /// Starts a session.
    new_session = setsid() -> i32;
    /// Sets the users.
    set_user = setuid(uid: u32) -> ();
    /// Sets the effective user.
    set_effective_user = seteuid(uid: u32) -> ();
    /// Sets the groups of users.
    set_user_group = setgid(gid: u32) -> ();
    /// Sets the effective group of users.
    set_effective_group = setegid(gid: u32) -> ();
    /// Sets real and effective user.
    set_real_effective_user = setreuid(real: u32, effective: u32) -> ();
    /// Sets real and effective group of users.
    set_real_effective_group = setregid(real: u32, effective: u32) -> ();
    /// Sets real, effective and saved user.
    set_users = setresuid(real: u32, effective: u32, saved: u32) -> ();
    /// Sets real, effective and saved group of users.
    set_user_groups = setresgid(real: u32, effective: u32, saved: u32) -> ();
}

/// Real, effective and saved user.
pub fn users() -> Result<(u32, u32, u32)> {
    let (mut r, mut e, mut s) = (0, 0, 0);
    // SAFETY: the numbers are there to be written.
    check(unsafe { libc::getresuid(&mut r, &mut e, &mut s) })?;
    Ok((r, e, s))
}

/// Real, effective and saved group of users.
pub fn user_groups() -> Result<(u32, u32, u32)> {
    let (mut r, mut e, mut s) = (0, 0, 0);
    // SAFETY: the numbers are there to be written.
    check(unsafe { libc::getresgid(&mut r, &mut e, &mut s) })?;
    Ok((r, e, s))
}

/// The further groups of users that the process is in.
pub fn supplementary_groups() -> Result<Vec<u32>> {
    // SAFETY: with length 0 nothing is written.
    let n = check(unsafe { libc::getgroups(0, std::ptr::null_mut()) })?;
    let mut list = vec![0; n as usize];
    // SAFETY: the list is as long as stated.
    let n = check(unsafe { libc::getgroups(n, list.as_mut_ptr()) })?;
    list.truncate(n as usize);
    Ok(list)
}

/// Sets the further groups of users.
pub fn set_supplementary_groups(groups: &[u32]) -> Result<()> {
    // SAFETY: the list is as long as stated.
    check(unsafe { libc::setgroups(groups.len() as _, groups.as_ptr()) }).map(drop)
}

/// Sets the further groups to those of a user, and one more.
pub fn init_groups(user: &CStr, group: u32) -> Result<()> {
    // SAFETY: the name is ended by a zero.
    check(unsafe { libc::initgroups(user.as_ptr(), group) }).map(drop)
}

/// Runs a call whose -1 can be a result too.
fn with_errno(call: impl FnOnce() -> i32) -> Result<i32> {
    Errno(0).set_last();
    let out = call();
    match Errno::last() {
        error if out == -1 && error.0 != 0 => Err(error),
        _ => Ok(out),
    }
}

/// Changes the niceness by `increment`; returns the new one.
pub fn nice(increment: i32) -> Result<i32> {
    // SAFETY: takes a number only.
    with_errno(|| unsafe { libc::nice(increment) })
}

/// The niceness of a process, group or user (`PRIO_*`).
pub fn priority(which: i32, who: u32) -> Result<i32> {
    // SAFETY: takes numbers only.
    with_errno(|| unsafe { libc::getpriority(which as _, who) })
}

/// Sets the niceness of a process, group or user.
pub fn set_priority(which: i32, who: u32, value: i32) -> Result<()> {
    // SAFETY: takes numbers only.
    check(unsafe { libc::setpriority(which as _, who, value) }).map(drop)
}

/// The soft and the hard limit of a resource (`RLIMIT_*`); `u64::MAX` is none.
pub fn limit(resource: i32) -> Result<(u64, u64)> {
    let mut l = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: the structure is there to be written.
    check(unsafe { libc::getrlimit(resource as _, &mut l) })?;
    Ok((l.rlim_cur, l.rlim_max))
}

/// Bytes of this process in memory, now and at most; zeros where the system does not tell.
pub fn resident() -> (usize, usize) {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let field = |name: &str| {
        let line = text.lines().find_map(|l| l.strip_prefix(name))?;
        line.trim().trim_end_matches("kB").trim().parse::<usize>().ok().map(|n| n << 10)
    };
    (field("VmRSS:").unwrap_or(0), field("VmHWM:").unwrap_or(0))
}

/// Sets the limits of a resource.
pub fn set_limit(resource: i32, soft: u64, hard: u64) -> Result<()> {
    let l = libc::rlimit {
        rlim_cur: soft,
        rlim_max: hard,
    };
    // SAFETY: the structure is there to be read.
    check(unsafe { libc::setrlimit(resource as _, &l) }).map(drop)
}

/// The limits of a resource of any process; `new` replaces them.
pub fn process_limit(pid: i32, resource: i32, new: Option<(u64, u64)>) -> Result<(u64, u64)> {
    let new = new.map(|(soft, hard)| libc::rlimit64 {
        rlim_cur: soft,
        rlim_max: hard,
    });
    let new = new.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
    let mut old = libc::rlimit64 {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: one is null or there to be read, the other to be written.
    check(unsafe { libc::prlimit64(pid, resource as _, new, &mut old) })?;
    Ok((old.rlim_cur, old.rlim_max))
}

/// Seconds that the process and its children have used: user, system, children's user, children's
/// system, and the time since some fixed point.
pub fn times() -> Result<[f64; 5]> {
    // SAFETY: a structure of numbers, for which zeros are valid.
    let mut t: libc::tms = unsafe { std::mem::zeroed() };
    // SAFETY: the structure is there to be written.
    let elapsed = check(unsafe { libc::times(&mut t) })?;
    // SAFETY: takes a number only.
    let ticks = unsafe { libc::sysconf(libc::_SC_CLK_TCK) }.max(1) as f64;
    Ok([
        t.tms_utime,
        t.tms_stime,
        t.tms_cutime,
        t.tms_cstime,
        elapsed,
    ]
    .map(|v| v as f64 / ticks))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn children() {
        // SAFETY: the child ends at once and takes no lock.
        let pid = unsafe { fork() }.unwrap();
        if pid == 0 {
            exit_now(7);
        }
        let (ended, status) = wait(pid, 0).unwrap();
        assert_eq!((ended, read_status(status)), (pid, Status::Exited(7)));
        assert_eq!(wait(pid, 0), Err(Errno(libc::ECHILD)));
        assert_eq!(kill(pid, 0), Err(Errno(libc::ESRCH)));
    }

    #[test]
    fn identity() {
        assert!(id() > 0 && group_of(0).unwrap() == group_id());
        assert_eq!(users().unwrap().0, user());
        assert!(supplementary_groups().is_ok());
        assert!(priority(libc::PRIO_PROCESS as i32, 0).is_ok());
        assert!(limit(libc::RLIMIT_NOFILE as i32).unwrap().0 > 0);
        assert!(resource_usage(libc::RUSAGE_SELF).unwrap().max_resident > 0);
        assert!(times().is_ok());
        assert_eq!(execute(c"/no/such", &[], None), Errno(libc::ENOENT));
    }
}
