//! Scheduling: policies and priorities.

use crate::{Result, check};
use std::mem::MaybeUninit;

/// The lowest priority of a policy.
pub fn priority_min(policy: i32) -> Result<i32> {
    // SAFETY: takes a number only.
    check(unsafe { libc::sched_get_priority_min(policy) })
}

/// The highest priority of a policy.
pub fn priority_max(policy: i32) -> Result<i32> {
    // SAFETY: takes a number only.
    check(unsafe { libc::sched_get_priority_max(policy) })
}

// The C library of Alpine refuses these calls, so the kernel is asked.

/// The policy of a process.
pub fn scheduler(pid: i32) -> Result<i32> {
    // SAFETY: takes numbers only.
    check(unsafe { libc::syscall(libc::SYS_sched_getscheduler, pid) }).map(|n| n as i32)
}

fn parameter(priority: i32) -> libc::sched_param {
    // SAFETY: a structure of numbers, for which zeros are valid.
    let mut p: libc::sched_param = unsafe { std::mem::zeroed() };
    p.sched_priority = priority;
    p
}

/// Sets policy and priority of a process.
pub fn set_scheduler(pid: i32, policy: i32, priority: i32) -> Result<()> {
    let p = parameter(priority);
    // SAFETY: the structure is there to be read.
    check(unsafe { libc::syscall(libc::SYS_sched_setscheduler, pid, policy, &raw const p) }).map(drop)
}

/// The priority of a process.
pub fn priority(pid: i32) -> Result<i32> {
    let mut p = parameter(0);
    // SAFETY: the structure is there to be written.
    check(unsafe { libc::syscall(libc::SYS_sched_getparam, pid, &raw mut p) })?;
    Ok(p.sched_priority)
}

/// Sets the priority of a process.
pub fn set_priority(pid: i32, priority: i32) -> Result<()> {
    let p = parameter(priority);
    // SAFETY: the structure is there to be read.
    check(unsafe { libc::syscall(libc::SYS_sched_setparam, pid, &raw const p) }).map(drop)
}

/// The round-robin quantum of a process, in seconds.
pub fn interval(pid: i32) -> Result<f64> {
    let mut t = MaybeUninit::<libc::timespec>::uninit();
    // SAFETY: the structure is there to be written.
    check(unsafe { libc::sched_rr_get_interval(pid, t.as_mut_ptr()) })?;
    // SAFETY: the call has succeeded and written it.
    let t = unsafe { t.assume_init() };
    Ok(t.tv_sec as f64 + t.tv_nsec as f64 * 1e-9)
}

/// Leaves namespaces and shared parts of the process (`CLONE_*`).
pub fn unshare(flags: i32) -> Result<()> {
    // SAFETY: takes a number only.
    check(unsafe { libc::unshare(flags) }).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asks() {
        assert!(priority_min(libc::SCHED_FIFO).unwrap() <= priority_max(libc::SCHED_FIFO).unwrap());
        assert_eq!(scheduler(0), Ok(libc::SCHED_OTHER));
        assert_eq!(priority(0), Ok(0));
        assert!(interval(0).unwrap() >= 0.0);
    }
}
