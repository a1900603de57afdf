//! Where arenas come from: straight from the kernel, so that they go back to it whatever lies around them.

use std::ptr::NonNull;

use crate::cache;

/// An arena of `size` bytes, a power of two, aligned to its size; `None` when the limit or the system refuses.
pub fn get(size: usize) -> Option<NonNull<u8>> {
    if !cache::take(size) {
        return None;
    }
    let p = map(size);
    if p.is_none() {
        cache::give(size);
    }
    p
}

/// Gives an arena back.
///
/// # Safety
/// It came from [`get`] with this size, and nobody uses it any more.
pub unsafe fn give(arena: *mut u8, size: usize) {
    // SAFETY: the caller.
    unsafe { unmap(arena, size) };
    cache::give(size);
}

#[cfg(all(unix, not(miri)))]
fn map(size: usize) -> Option<NonNull<u8>> {
    let take = |size| {
        let (protection, flags) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
        // SAFETY: a new mapping, where the kernel likes.
        let p = unsafe { libc::mmap(std::ptr::null_mut(), size, protection, flags, -1, 0) };
        if p == libc::MAP_FAILED { None } else { NonNull::new(p.cast::<u8>()) }
    };
    let first = take(size)?;
    if first.addr().get() % size == 0 {
        return Some(first);
    }
    // SAFETY: the mapping just made; then the parts of a larger one before and behind the aligned piece.
    unsafe {
        unmap(first.as_ptr(), size);
        let start = take(2 * size)?;
        let before = start.as_ptr().align_offset(size);
        let arena = start.as_ptr().add(before);
        if before > 0 {
            unmap(start.as_ptr(), before);
        }
        if before < size {
            unmap(arena.add(size), size - before);
        }
        NonNull::new(arena)
    }
}

#[cfg(all(unix, not(miri)))]
unsafe fn unmap(p: *mut u8, size: usize) {
    // SAFETY: the caller: a mapping of ours, used by nobody.
    unsafe { libc::munmap(p.cast(), size) };
}

#[cfg(any(not(unix), miri))]
fn map(size: usize) -> Option<NonNull<u8>> {
    let layout = std::alloc::Layout::from_size_align(size, size).ok()?;
    // SAFETY: the layout has a size.
    NonNull::new(unsafe { std::alloc::GlobalAlloc::alloc(&std::alloc::System, layout) })
}

#[cfg(any(not(unix), miri))]
unsafe fn unmap(p: *mut u8, size: usize) {
    if let Ok(layout) = std::alloc::Layout::from_size_align(size, size) {
        // SAFETY: the caller.
        unsafe { std::alloc::GlobalAlloc::dealloc(&std::alloc::System, p, layout) };
    }
}
