//! `malloc` for libraries written in C, so that what they take is counted, limited and seen as everything else is.
//!
//! Before each block stands its size. Beyond the limit the answer is null, which such libraries expect.

use std::alloc::{GlobalAlloc, Layout};
use std::ffi::{c_int, c_void};
use std::ptr;

use crate::cache::{self, Cached};

const PREFIX: usize = 16;

fn layout(size: usize) -> Option<Layout> {
    Layout::from_size_align(size.checked_add(PREFIX)?, PREFIX).ok()
}

/// A block of `size` bytes, or null.
///
/// # Safety
/// As C's `malloc`.
pub unsafe extern "C" fn malloc(size: usize) -> *mut c_void {
    let Some(layout) = layout(size) else { return ptr::null_mut() };
    // SAFETY: the layout has a size; the prefix lies in the block.
    unsafe {
        let block = cache::refusing(|| Cached.alloc(layout));
        if block.is_null() {
            return ptr::null_mut();
        }
        block.cast::<usize>().write(size);
        block.add(PREFIX).cast()
    }
}

/// Gives a block back.
///
/// # Safety
/// Null, or a block of this module that nobody uses any more.
pub unsafe extern "C" fn free(block: *mut c_void) {
    if block.is_null() {
        return;
    }
    // SAFETY: the caller; the prefix holds the size.
    unsafe {
        let block = block.cast::<u8>().sub(PREFIX);
        let size = block.cast::<usize>().read();
        if let Some(layout) = layout(size) {
            Cached.dealloc(block, layout);
        }
    }
}

/// Changes the size of a block, which may move; null, and all as it was, if there is no memory for it.
///
/// # Safety
/// As [`free`].
pub unsafe extern "C" fn realloc(block: *mut c_void, size: usize) -> *mut c_void {
    // SAFETY: the caller.
    unsafe {
        if block.is_null() {
            return malloc(size);
        }
        let before = self::size(block);
        let (Some(old), Some(_)) = (layout(before), layout(size)) else { return ptr::null_mut() };
        let start = block.cast::<u8>().sub(PREFIX);
        let moved = cache::refusing(|| Cached.realloc(start, old, size + PREFIX));
        if moved.is_null() {
            return ptr::null_mut();
        }
        moved.cast::<usize>().write(size);
        moved.add(PREFIX).cast()
    }
}

/// The size of a block.
///
/// # Safety
/// As [`free`].
pub unsafe extern "C" fn size(block: *mut c_void) -> usize {
    if block.is_null() {
        return 0;
    }
    // SAFETY: the caller.
    unsafe { block.cast::<u8>().sub(PREFIX).cast::<usize>().read() }
}

/// [`malloc`] for sizes that are `int`s.
///
/// # Safety
/// As [`malloc`].
pub unsafe extern "C" fn malloc_int(size: c_int) -> *mut c_void {
    // SAFETY: the caller.
    unsafe { malloc(usize::try_from(size).unwrap_or(0)) }
}

/// [`realloc`] for sizes that are `int`s.
///
/// # Safety
/// As [`realloc`].
pub unsafe extern "C" fn realloc_int(block: *mut c_void, size: c_int) -> *mut c_void {
    // SAFETY: the caller.
    unsafe { realloc(block, usize::try_from(size).unwrap_or(0)) }
}

/// [`size`] as an `int`.
///
/// # Safety
/// As [`size`].
pub unsafe extern "C" fn size_int(block: *mut c_void) -> c_int {
    // SAFETY: the caller.
    c_int::try_from(unsafe { size(block) }).unwrap_or(c_int::MAX)
}

/// [`malloc`] for libraries that give a state of theirs and a count (liblzma).
///
/// # Safety
/// As [`malloc`].
pub unsafe extern "C" fn malloc_many(_: *mut c_void, count: usize, size: usize) -> *mut c_void {
    let Some(size) = count.checked_mul(size) else { return ptr::null_mut() };
    // SAFETY: the caller.
    unsafe { malloc(size) }
}

/// [`malloc`] for libraries that give a state of theirs (zstd).
///
/// # Safety
/// As [`malloc`].
pub unsafe extern "C" fn malloc_of(_: *mut c_void, size: usize) -> *mut c_void {
    // SAFETY: the caller.
    unsafe { malloc(size) }
}

/// [`free`] for libraries that give a state of theirs.
///
/// # Safety
/// As [`free`].
pub unsafe extern "C" fn free_of(_: *mut c_void, block: *mut c_void) {
    // SAFETY: the caller.
    unsafe { free(block) }
}
