//! The system's log.

use std::ffi::{CStr, CString};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What the C library was last told to call this program: it keeps the pointer.
static IDENT: Mutex<Option<CString>> = Mutex::new(None);

fn ident() -> MutexGuard<'static, Option<CString>> {
    IDENT.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Opens the log. Without a name the C library takes the program's.
pub fn open(name: Option<CString>, options: i32, facility: i32) {
    let mut held = ident();
    let pointer = name.as_ref().map_or(std::ptr::null(), |n| n.as_ptr());
    // SAFETY: the string lives in `IDENT` until the library is told of another one; nobody logs meanwhile.
    unsafe { libc::openlog(pointer, options, facility) };
    *held = name;
}

/// Writes a message.
pub fn write(priority: i32, message: &CStr) {
    let _held = ident();
    // SAFETY: both strings end with a zero; the format takes one string.
    unsafe { libc::syslog(priority, c"%s".as_ptr(), message.as_ptr()) };
}

/// Closes the log.
pub fn close() {
    let mut held = ident();
    // SAFETY: no arguments. The library forgets the name.
    unsafe {
        libc::closelog();
        libc::openlog(std::ptr::null(), 0, libc::LOG_USER);
        libc::closelog();
    }
    *held = None;
}

/// Sets which priorities are written; gives the old mask. Zero changes nothing.
pub fn set_mask(mask: i32) -> i32 {
    // SAFETY: no pointers.
    unsafe { libc::setlogmask(mask) }
}
