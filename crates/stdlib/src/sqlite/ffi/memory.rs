//! SQLite's memory is counted.

use super::*;

/// Where SQLite has its memory from.
pub(super) struct Memory(pub(super) c::sqlite3_mem_methods);

// SAFETY: functions, and no state.
unsafe impl Sync for Memory {}

pub(super) static MEMORY: Memory = Memory(c::sqlite3_mem_methods {
    xMalloc: Some(taipan_memory::foreign::malloc_int),
    xFree: Some(taipan_memory::foreign::free),
    xRealloc: Some(taipan_memory::foreign::realloc_int),
    xSize: Some(taipan_memory::foreign::size_int),
    xRoundup: Some(round_up),
    xInit: Some(ready),
    xShutdown: Some(ended),
    pAppData: ptr::null_mut(),
});

unsafe extern "C" fn round_up(size: c_int) -> c_int {
    size.saturating_add(7) & !7
}

unsafe extern "C" fn ready(_: *mut std::ffi::c_void) -> c_int {
    c::SQLITE_OK
}

unsafe extern "C" fn ended(_: *mut std::ffi::c_void) {}
