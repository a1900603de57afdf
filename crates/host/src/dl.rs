//! Shared libraries.

use std::ffi::{CStr, CString, c_void};
use std::ptr;

/// What the system says about the last thing that failed.
fn complaint() -> String {
    // SAFETY: the text lives until the next call of this thread.
    unsafe {
        let text = libc::dlerror();
        if text.is_null() { "unknown dlopen() error".to_owned() } else { CStr::from_ptr(text).to_string_lossy().into_owned() }
    }
}

/// Loads a library, or opens the program itself; gives a handle. `mode` is made of `RTLD_*`.
///
/// # Errors
/// The system's own words.
pub fn open(name: Option<&CStr>, mode: i32) -> Result<usize, String> {
    // SAFETY: a name that ends, or none. What a library does when it is loaded is the caller's business.
    let handle = unsafe { libc::dlopen(name.map_or(ptr::null(), CStr::as_ptr), mode) };
    if handle.is_null() { Err(complaint()) } else { Ok(handle.expose_provenance()) }
}

/// Gives a handle back.
///
/// # Errors
/// As [`open`].
///
/// # Safety
/// The handle is one of [`open`]'s, and nothing of the library is used any more.
pub unsafe fn close(handle: usize) -> Result<(), String> {
    // SAFETY: the caller.
    if unsafe { libc::dlclose(ptr::with_exposed_provenance_mut(handle)) } == 0 { Ok(()) } else { Err(complaint()) }
}

/// The address of a symbol; handle 0 is the program with all that it has loaded.
///
/// # Errors
/// As [`open`].
///
/// # Safety
/// The handle is 0 or one of [`open`]'s.
pub unsafe fn symbol(handle: usize, name: &CString) -> Result<usize, String> {
    // SAFETY: the caller.
    unsafe {
        libc::dlerror();
        let address: *mut c_void = libc::dlsym(ptr::with_exposed_provenance_mut(handle), name.as_ptr());
        if address.is_null() { Err(complaint()) } else { Ok(address.expose_provenance()) }
    }
}
