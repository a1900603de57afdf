//! Taipan: `host`. The only door to the operating system.
//!
//! Thin functions with no knowledge of Python: each makes one system call (or one call of the C
//! library) and returns what it said. They may be called without the GIL. File descriptors are raw
//! `i32`s, as Python has them; a number that is no open descriptor gives `EBADF`. Paths are `&CStr`.
//!
//! Nothing is retried: a call that a signal interrupts gives `EINTR`, so that the caller can run
//! Python's signal handlers before it tries again (PEP 475).

pub mod calendar;
pub mod clock;
pub mod dir;
pub mod dl;
pub mod env;
pub mod errno;
pub mod exec;
pub mod fd;
pub mod fs;
pub mod locale;
pub mod memory;
pub mod net;
pub mod poll;
pub mod process;
pub mod random;
pub mod sched;
pub mod semaphore;
pub mod signal;
pub mod spawn;
pub mod syslog;
pub mod system;
pub mod terminal;
pub mod thread;
pub mod timer;
pub mod users;

pub use errno::{Errno, Result};

use std::os::fd::BorrowedFd;

/// Stands for the current directory where a directory's descriptor is expected.
pub const AT_CURRENT: i32 = libc::AT_FDCWD;

/// Lends a descriptor to `rustix`.
///
/// Python deals in numbers, so nothing here can promise that a descriptor stays open; what the
/// kernel finds closed gives `EBADF`, and nothing else depends on it.
fn borrow(fd: i32) -> Result<BorrowedFd<'static>> {
    if fd < 0 && fd != AT_CURRENT {
        return Err(Errno(libc::EBADF));
    }
    // SAFETY: the number is not -1; it is only handed to a system call, which checks it.
    Ok(unsafe { BorrowedFd::borrow_raw(fd) })
}

/// The result of a C function that says -1 and sets `errno` on failure.
fn check<T: PartialEq + From<i8>>(value: T) -> Result<T> {
    if value == T::from(-1) {
        Err(Errno::last())
    } else {
        Ok(value)
    }
}
