//! Clocks and sleep. All times are nanoseconds as `i64`: about 292 years either way.

use crate::{Errno, Result, check};

const SECOND: i64 = 1_000_000_000;

fn join(t: libc::timespec) -> i64 {
    t.tv_sec.saturating_mul(SECOND).saturating_add(t.tv_nsec)
}

fn cut(nanoseconds: i64) -> libc::timespec {
    libc::timespec {
        tv_sec: nanoseconds.div_euclid(SECOND),
        tv_nsec: nanoseconds.rem_euclid(SECOND),
    }
}

/// The time of a clock (`CLOCK_*`).
#[inline]
pub fn get(clock: i32) -> Result<i64> {
    let mut t = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: the structure is there to be written.
    check(unsafe { libc::clock_gettime(clock, &mut t) })?;
    Ok(join(t))
}

/// The resolution of a clock.
pub fn resolution(clock: i32) -> Result<i64> {
    let mut t = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: the structure is there to be written.
    check(unsafe { libc::clock_getres(clock, &mut t) })?;
    Ok(join(t))
}

/// Sets a clock.
pub fn set(clock: i32, nanoseconds: i64) -> Result<()> {
    // SAFETY: the structure is there to be read.
    check(unsafe { libc::clock_settime(clock, &cut(nanoseconds)) }).map(drop)
}

/// The clock of another thread, for [`get`].
pub fn of_thread(thread: u64) -> Result<i32> {
    let mut clock = 0;
    // SAFETY: the number is there to be written. The C library cannot check the thread: as in
    // CPython, it must be one that lives.
    let status = unsafe { libc::pthread_getcpuclockid(thread as libc::pthread_t, &mut clock) };
    if status == 0 {
        Ok(clock)
    } else {
        Err(Errno(status))
    }
}

/// Time since 1970.
#[inline]
pub fn real() -> i64 {
    get(libc::CLOCK_REALTIME).unwrap_or(0)
}

/// Time since some fixed point; it never goes back. `time.monotonic` and `time.perf_counter`.
#[inline]
pub fn monotonic() -> i64 {
    get(libc::CLOCK_MONOTONIC).unwrap_or(0)
}

/// Processor time of the process.
pub fn process() -> i64 {
    get(libc::CLOCK_PROCESS_CPUTIME_ID).unwrap_or(0)
}

/// Processor time of this thread.
pub fn thread() -> i64 {
    get(libc::CLOCK_THREAD_CPUTIME_ID).unwrap_or(0)
}

/// Sleeps until the monotonic clock reaches `deadline`. `EINTR` when a signal comes first: call
/// again with the same deadline.
pub fn sleep_until(deadline: i64) -> Result<()> {
    let t = cut(deadline.max(0));
    let (clock, flags) = (libc::CLOCK_MONOTONIC, libc::TIMER_ABSTIME);
    // SAFETY: the structure is there to be read; with an absolute time nothing is written back.
    let status = unsafe { libc::clock_nanosleep(clock, flags, &t, std::ptr::null_mut()) };
    if status == 0 {
        Ok(())
    } else {
        Err(Errno(status))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks() {
        let start = monotonic();
        sleep_until(start + 2_000_000).unwrap();
        assert!(monotonic() >= start + 2_000_000);
        sleep_until(i64::MIN).unwrap();
        assert!(real() > 1_500_000_000 * SECOND && process() >= 0 && thread() >= 0);
        assert_eq!(get(9999), Err(Errno(libc::EINVAL)));
        assert!(resolution(libc::CLOCK_MONOTONIC).unwrap() > 0);
        assert_eq!((cut(-1).tv_sec, cut(-1).tv_nsec), (-1, 999_999_999));
    }
}
