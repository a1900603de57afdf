//! Threads: waiting on a word of memory, names.

use crate::{Result, check};
use std::ffi::CStr;
use std::sync::atomic::AtomicU32;

/// Sleeps while the word is `expected`, until [`wake`] or until the monotonic clock reaches `deadline`
/// (nanoseconds). `EAGAIN` when the word is something else, `ETIMEDOUT` when the time is over, `EINTR` when a
/// signal came.
pub fn wait(word: &AtomicU32, expected: u32, deadline: Option<i64>) -> Result<()> {
    let time = deadline.map(|d| libc::timespec { tv_sec: d.max(0) / 1_000_000_000, tv_nsec: d.max(0) % 1_000_000_000 });
    let time = time.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
    let operation = libc::FUTEX_WAIT_BITSET | libc::FUTEX_PRIVATE_FLAG;
    let (unused, all) = (std::ptr::null::<u32>(), u32::MAX);
    // SAFETY: the word and the time are there to be read for the whole call.
    check(unsafe { libc::syscall(libc::SYS_futex, word.as_ptr(), operation, expected, time, unused, all) }).map(drop)
}

/// Wakes up to `count` threads that wait on the word.
pub fn wake(word: &AtomicU32, count: u32) {
    let operation = libc::FUTEX_WAKE | libc::FUTEX_PRIVATE_FLAG;
    let count = count.min(i32::MAX as u32);
    // SAFETY: the kernel uses the word's address only.
    unsafe { libc::syscall(libc::SYS_futex, word.as_ptr(), operation, count) };
}

/// Names this thread, as far as 15 bytes go.
pub fn set_name(name: &CStr) -> Result<()> {
    // SAFETY: the name is ended by a zero.
    check(unsafe { libc::prctl(libc::PR_SET_NAME, name.as_ptr()) }).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Errno;
    use std::sync::atomic::Ordering;

    #[test]
    fn waits_and_wakes() {
        static WORD: AtomicU32 = AtomicU32::new(1);
        assert_eq!(wait(&WORD, 0, None), Err(Errno(libc::EAGAIN)));
        let soon = crate::clock::monotonic() + 1_000_000;
        assert_eq!(wait(&WORD, 1, Some(soon)), Err(Errno(libc::ETIMEDOUT)));
        let other = std::thread::spawn(|| {
            while WORD.load(Ordering::SeqCst) == 1 {
                let _ = wait(&WORD, 1, None);
            }
        });
        WORD.store(2, Ordering::SeqCst);
        wake(&WORD, 1);
        other.join().unwrap();
        set_name(c"tester").unwrap();
    }
}
