//! A cache of small blocks before the system's allocator, for the storage of containers: lists, dicts and sets take and
//! give back such blocks all the time, and the system's allocator needs several times as long for it as the pools do.
//!
//! Invariant: every block handed out for a layout of at most [`MOST`] bytes is a system block of its class's full size,
//! so that blocks of one class serve each other's layouts, on any thread. A free block's first word links its list.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::ptr;

const GRAIN: usize = 16;
/// The largest block that is cached, in bytes.
const MOST: usize = 512;
const CLASSES: usize = MOST / GRAIN + 1;
/// Most bytes that a thread keeps of one class.
const KEPT: usize = 8 << 10;

struct Lists {
    heads: [Cell<*mut u8>; CLASSES],
    counts: [Cell<usize>; CLASSES],
}

thread_local! {
    static LISTS: Lists = const {
        Lists { heads: [const { Cell::new(ptr::null_mut()) }; CLASSES], counts: [const { Cell::new(0) }; CLASSES] }
    };
}

/// The allocator, for `#[global_allocator]`.
pub struct Cached;

#[inline(always)]
fn class_of(layout: &Layout) -> Option<usize> {
    let size = layout.size();
    if size <= MOST && size > 0 && layout.align() <= GRAIN { Some(size.div_ceil(GRAIN)) } else { None }
}

fn class_layout(class: usize) -> Layout {
    // SAFETY: a multiple of the alignment, far below the limit.
    unsafe { Layout::from_size_align_unchecked(class * GRAIN, GRAIN) }
}

// SAFETY: blocks come from the system's allocator and go back to it, or wait in the list of their class; a block in a
// list belongs to nobody else.
unsafe impl GlobalAlloc for Cached {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let Some(class) = class_of(&layout) else {
            // SAFETY: the caller's layout.
            return unsafe { System.alloc(layout) };
        };
        LISTS.with(|l| {
            let block = l.heads[class].get();
            // SAFETY: a block in a list has the link in its first word.
            unsafe {
                if block.is_null() {
                    return System.alloc(class_layout(class));
                }
                l.heads[class].set(*block.cast::<*mut u8>());
            }
            l.counts[class].set(l.counts[class].get() - 1);
            block
        })
    }

    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        let Some(class) = class_of(&layout) else {
            // SAFETY: the caller.
            return unsafe { System.dealloc(block, layout) };
        };
        LISTS.with(|l| {
            let n = l.counts[class].get();
            // SAFETY: the block is of this class, see the invariant, and nobody uses it any more.
            unsafe {
                if (n + 1) * class * GRAIN > KEPT {
                    System.dealloc(block, class_layout(class));
                    return;
                }
                *block.cast::<*mut u8>() = l.heads[class].get();
            }
            l.heads[class].set(block);
            l.counts[class].set(n + 1);
        });
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if class_of(&layout).is_none() {
            // SAFETY: the caller's layout.
            return unsafe { System.alloc_zeroed(layout) };
        }
        // SAFETY: as above; the block has the layout's size.
        unsafe {
            let block = self.alloc(layout);
            if !block.is_null() {
                block.write_bytes(0, layout.size());
            }
            block
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller's sizes; `size` rounded up does not overflow.
        unsafe {
            let new = Layout::from_size_align_unchecked(size, layout.align());
            match (class_of(&layout), class_of(&new)) {
                (None, None) => System.realloc(block, layout, size),
                (a, b) if a == b => block,
                _ => {
                    let moved = self.alloc(new);
                    if !moved.is_null() {
                        ptr::copy_nonoverlapping(block, moved, layout.size().min(size));
                        self.dealloc(block, layout);
                    }
                    moved
                }
            }
        }
    }
}

/// Gives the blocks that this thread keeps back to the system: for a thread that ends.
pub fn flush() {
    LISTS.with(|l| {
        for class in 1..CLASSES {
            let mut block = l.heads[class].replace(ptr::null_mut());
            l.counts[class].set(0);
            while !block.is_null() {
                // SAFETY: the invariant; the block was in the list, once.
                unsafe {
                    let next = *block.cast::<*mut u8>();
                    System.dealloc(block, class_layout(class));
                    block = next;
                }
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_come_back() {
        let layout = Layout::from_size_align(40, 8).unwrap();
        // SAFETY: each block is given back once, with a layout of its class.
        unsafe {
            let a = Cached.alloc(layout);
            a.write_bytes(7, 40);
            Cached.dealloc(a, layout);
            let b = Cached.alloc(Layout::from_size_align(48, 16).unwrap());
            assert_eq!(a, b);
            let c = Cached.realloc(b, Layout::from_size_align(48, 16).unwrap(), 4000);
            assert_eq!(*c.add(39), 7);
            let d = Cached.realloc(c, Layout::from_size_align(4000, 16).unwrap(), 20);
            assert_eq!(*d.add(19), 7);
            Cached.dealloc(d, Layout::from_size_align(20, 16).unwrap());
        }
        flush();
    }

    #[test]
    fn no_more_is_kept_than_allowed() {
        let layout = Layout::from_size_align(512, 8).unwrap();
        // SAFETY: as above.
        unsafe {
            let blocks: Vec<_> = (0..100).map(|_| Cached.alloc(layout)).collect();
            for b in blocks {
                Cached.dealloc(b, layout);
            }
        }
        LISTS.with(|l| assert!(l.counts[32].get() * 512 <= KEPT));
        flush();
        LISTS.with(|l| assert_eq!(l.counts[32].get(), 0));
    }
}
