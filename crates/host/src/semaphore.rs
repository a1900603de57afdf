//! Named semaphores and named memory, which processes share.

use std::ffi::CStr;
use std::ptr::NonNull;

use crate::{Errno, Result, check};

/// An open semaphore, closed when dropped.
#[derive(Debug)]
pub struct Semaphore(NonNull<libc::sem_t>);

// SAFETY: the C library's functions for semaphores may be called by any thread, also at the same time.
unsafe impl Send for Semaphore {}
// SAFETY: as above.
unsafe impl Sync for Semaphore {}

impl Semaphore {
    fn new(raw: *mut libc::sem_t) -> Result<Self> {
        if raw == libc::SEM_FAILED {
            return Err(Errno::last());
        }
        NonNull::new(raw).map(Self).ok_or(Errno(libc::ENOMEM))
    }

    /// A new one with a value; the name must not be in use.
    pub fn create(name: &CStr, mode: u32, value: u32) -> Result<Self> {
        // SAFETY: the name is ended by a zero; the two numbers belong to `O_CREAT`.
        Self::new(unsafe { libc::sem_open(name.as_ptr(), libc::O_CREAT | libc::O_EXCL, mode, value) })
    }

    /// One that exists.
    pub fn open(name: &CStr) -> Result<Self> {
        // SAFETY: the name is ended by a zero.
        Self::new(unsafe { libc::sem_open(name.as_ptr(), 0) })
    }

    /// Takes one; `EAGAIN` if there is none.
    pub fn try_wait(&self) -> Result<()> {
        // SAFETY: the semaphore is open.
        check(unsafe { libc::sem_trywait(self.0.as_ptr()) }).map(drop)
    }

    /// Takes one when there is one.
    pub fn wait(&self) -> Result<()> {
        // SAFETY: the semaphore is open.
        check(unsafe { libc::sem_wait(self.0.as_ptr()) }).map(drop)
    }

    /// Takes one when there is one, until a point of the real-time clock in nanoseconds: then `ETIMEDOUT`.
    pub fn wait_until(&self, deadline: i64) -> Result<()> {
        let (tv_sec, tv_nsec) = (deadline.div_euclid(1_000_000_000), deadline.rem_euclid(1_000_000_000));
        let at = libc::timespec { tv_sec, tv_nsec };
        // SAFETY: the semaphore is open, the time is there to be read.
        check(unsafe { libc::sem_timedwait(self.0.as_ptr(), &at) }).map(drop)
    }

    /// Gives one back.
    pub fn post(&self) -> Result<()> {
        // SAFETY: the semaphore is open.
        check(unsafe { libc::sem_post(self.0.as_ptr()) }).map(drop)
    }

    /// How many there are.
    pub fn value(&self) -> Result<i32> {
        let mut value = 0;
        // SAFETY: the semaphore is open, the number is there to be written.
        check(unsafe { libc::sem_getvalue(self.0.as_ptr(), &mut value) })?;
        Ok(value)
    }

    /// Where it is: a number that tells open semaphores apart.
    pub fn address(&self) -> usize {
        self.0.addr().get()
    }
}

impl Drop for Semaphore {
    fn drop(&mut self) {
        // SAFETY: open until now, and nobody else's.
        unsafe { libc::sem_close(self.0.as_ptr()) };
    }
}

/// Takes a semaphore's name away; it lives on where it is open.
pub fn unlink(name: &CStr) -> Result<()> {
    // SAFETY: the name is ended by a zero.
    check(unsafe { libc::sem_unlink(name.as_ptr()) }).map(drop)
}

/// Opens named memory; `flags` are `O_*` numbers. The descriptor is closed when a program is executed.
pub fn open_memory(name: &CStr, flags: i32, mode: u32) -> Result<i32> {
    // SAFETY: the name is ended by a zero.
    check(unsafe { libc::shm_open(name.as_ptr(), flags | libc::O_CLOEXEC, mode as libc::mode_t) })
}

/// Takes the name of named memory away.
pub fn unlink_memory(name: &CStr) -> Result<()> {
    // SAFETY: the name is ended by a zero.
    check(unsafe { libc::shm_unlink(name.as_ptr()) }).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts() {
        let name = std::ffi::CString::new(format!("/taipan-test-{}", std::process::id())).unwrap();
        let s = Semaphore::create(&name, 0o600, 1).unwrap();
        let other = Semaphore::open(&name).unwrap();
        unlink(&name).unwrap();
        assert_eq!((s.value(), s.try_wait(), other.try_wait()), (Ok(1), Ok(()), Err(Errno(libc::EAGAIN))));
        assert_eq!(s.wait_until(0), Err(Errno(libc::ETIMEDOUT)));
        assert_eq!((other.post(), s.value()), (Ok(()), Ok(1)));
        assert!(Semaphore::open(&name).is_err());
    }
}
