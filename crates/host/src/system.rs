//! The machine: its name, configuration, processors and load.

use crate::{Errno, Result, borrow, check};
use std::ffi::CStr;

/// What the system calls itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SystemName {
    /// `Linux`.
    pub system: String,
    /// The host's name.
    pub node: String,
    /// The kernel's release.
    pub release: String,
    /// The kernel's version.
    pub version: String,
    /// The kind of machine.
    pub machine: String,
}

/// `uname`.
pub fn name() -> SystemName {
    let u = rustix::system::uname();
    let text = |s: &CStr| s.to_string_lossy().into_owned();
    SystemName {
        system: text(u.sysname()),
        node: text(u.nodename()),
        release: text(u.release()),
        version: text(u.version()),
        machine: text(u.machine()),
    }
}

/// Sets the host's name.
pub fn set_host_name(name: &[u8]) -> Result<()> {
    Ok(rustix::system::sethostname(name)?)
}

/// Runs a call whose -1 means "no limit" where `errno` stays 0.
fn limit(call: impl FnOnce() -> i64) -> Result<Option<i64>> {
    Errno(0).set_last();
    let value = call();
    match Errno::last() {
        error if value == -1 && error.0 != 0 => Err(error),
        _ => Ok((value != -1).then_some(value)),
    }
}

/// A value of the configuration (`_SC_*`); `None` where there is no limit.
pub fn configuration(name: i32) -> Result<Option<i64>> {
    // SAFETY: takes a number only.
    limit(|| unsafe { libc::sysconf(name) })
}

/// A value of the configuration for a path (`_PC_*`).
pub fn path_configuration(path: &CStr, name: i32) -> Result<Option<i64>> {
    // SAFETY: the path is ended by a zero.
    limit(|| unsafe { libc::pathconf(path.as_ptr(), name) })
}

/// A value of the configuration for an open file.
pub fn file_configuration(fd: i32, name: i32) -> Result<Option<i64>> {
    // SAFETY: takes numbers only.
    limit(|| unsafe { libc::fpathconf(fd, name) })
}

/// A text of the system's configuration (`_CS_*`); `None` where it has no value.
pub fn configuration_text(name: i32) -> Result<Option<Vec<u8>>> {
    Errno(0).set_last();
    // SAFETY: with length 0 nothing is written.
    let n = unsafe { libc::confstr(name, std::ptr::null_mut(), 0) };
    if n == 0 {
        let error = Errno::last();
        return if error.0 == 0 { Ok(None) } else { Err(error) };
    }
    let mut buffer = vec![0u8; n];
    // SAFETY: the buffer is as long as stated.
    unsafe { libc::confstr(name, buffer.as_mut_ptr().cast(), n) };
    buffer.truncate(n - 1);
    Ok(Some(buffer))
}

/// The size of a page of memory.
pub fn page_size() -> usize {
    // SAFETY: asks for a number.
    usize::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).unwrap_or(4096)
}

/// The number of processors that are in use.
pub fn cpu_count() -> Option<usize> {
    let n = configuration(libc::_SC_NPROCESSORS_ONLN).ok().flatten()?;
    usize::try_from(n).ok().filter(|n| *n > 0)
}

/// The processors that a process (0 for this one) may run on.
pub fn affinity(pid: i32) -> Result<Vec<usize>> {
    // A longer and longer set, until the kernel has room for all of its processors.
    let mut words = 16;
    loop {
        let mut set = vec![0u64; words];
        // SAFETY: the set is as long as stated.
        let status = unsafe { libc::sched_getaffinity(pid, words * 8, set.as_mut_ptr().cast()) };
        if status != -1 {
            return Ok((0..words * 64)
                .filter(|i| set[i / 64] >> (i % 64) & 1 == 1)
                .collect());
        }
        let error = Errno::last();
        if error.0 != libc::EINVAL || words > 1 << 16 {
            return Err(error);
        }
        words *= 2;
    }
}

/// Sets the processors that a process may run on.
pub fn set_affinity(pid: i32, processors: &[usize]) -> Result<()> {
    let words = processors.iter().max().map_or(1, |m| m / 64 + 1);
    if words > 1 << 16 {
        return Err(Errno(libc::EINVAL));
    }
    let mut set = vec![0u64; words.max(16)];
    for p in processors {
        set[p / 64] |= 1 << (p % 64);
    }
    // SAFETY: the set is as long as stated.
    check(unsafe { libc::sched_setaffinity(pid, set.len() * 8, set.as_ptr().cast()) }).map(drop)
}

/// The load over one, five and fifteen minutes.
pub fn load_average() -> Result<[f64; 3]> {
    let mut load = [0.0; 3];
    // SAFETY: the array is as long as stated.
    let n = unsafe { libc::getloadavg(load.as_mut_ptr(), 3) };
    if n == 3 {
        Ok(load)
    } else {
        Err(Errno(libc::ENOSYS))
    }
}

/// Lets other threads run.
pub fn yield_processor() {
    std::thread::yield_now();
}

/// Moves this thread into a namespace.
pub fn enter_namespace(fd: i32, kind: i32) -> Result<()> {
    borrow(fd)?;
    // SAFETY: takes numbers only.
    check(unsafe { libc::setns(fd, kind) }).map(drop)
}

/// Runs a command by the shell, `os.system`; returns the raw status.
pub fn shell(command: &CStr) -> Result<i32> {
    // SAFETY: the command is ended by a zero.
    check(unsafe { libc::system(command.as_ptr()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machine() {
        assert_eq!(name().system, "Linux");
        assert!(page_size() >= 4096);
        assert!(cpu_count().is_some());
        let mine = affinity(0).unwrap();
        set_affinity(0, &mine).unwrap();
        assert_eq!(configuration(-7), Err(Errno(libc::EINVAL)));
        assert!(path_configuration(c"/", libc::_PC_NAME_MAX).unwrap() > Some(10));
        assert!(load_average().is_ok());
        assert_eq!(
            crate::process::read_status(shell(c"exit 3").unwrap()),
            crate::process::Status::Exited(3)
        );
    }
}
