//! Timers that are read through descriptors.

use crate::{Result, check};

const SECOND: i64 = 1_000_000_000;

fn cut(nanoseconds: i64) -> libc::timespec {
    libc::timespec { tv_sec: nanoseconds.div_euclid(SECOND), tv_nsec: nanoseconds.rem_euclid(SECOND) }
}

fn join(t: libc::timespec) -> i64 {
    t.tv_sec.saturating_mul(SECOND).saturating_add(t.tv_nsec)
}

/// A new timer of a clock (`CLOCK_*`, `TFD_*`).
pub fn create(clock: i32, flags: i32) -> Result<i32> {
    // SAFETY: takes numbers only.
    check(unsafe { libc::timerfd_create(clock, flags) })
}

/// Sets a timer: nanoseconds to the first expiration and between the next ones. Gives the old setting.
pub fn set(fd: i32, flags: i32, initial: i64, interval: i64) -> Result<(i64, i64)> {
    let new = libc::itimerspec { it_interval: cut(interval), it_value: cut(initial) };
    let mut old = libc::itimerspec { it_interval: cut(0), it_value: cut(0) };
    // SAFETY: one is there to be read, the other to be written.
    check(unsafe { libc::timerfd_settime(fd, flags, &new, &mut old) })?;
    Ok((join(old.it_value), join(old.it_interval)))
}

/// A timer's setting: nanoseconds left, and between expirations.
pub fn get(fd: i32) -> Result<(i64, i64)> {
    let mut now = libc::itimerspec { it_interval: cut(0), it_value: cut(0) };
    // SAFETY: there to be written.
    check(unsafe { libc::timerfd_gettime(fd, &mut now) })?;
    Ok((join(now.it_value), join(now.it_interval)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timers() {
        let fd = create(libc::CLOCK_MONOTONIC, libc::TFD_CLOEXEC).unwrap();
        assert_eq!(set(fd, 0, 5 * SECOND, SECOND), Ok((0, 0)));
        let (left, interval) = get(fd).unwrap();
        assert!(left > 0 && left <= 5 * SECOND && interval == SECOND);
        crate::fd::close(fd).unwrap();
    }
}
