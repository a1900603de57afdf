//! A cache of small blocks before the system's allocator, for the storage of containers: lists, dicts and sets take and
//! give back such blocks all the time, and the system's allocator needs several times as long for it as the pools do.
//!
//! Invariant: every block handed out for a layout of at most [`MOST`] bytes is a system block of its class's full size,
//! so that blocks of one class serve each other's layouts, on any thread. A free block's first word links its list.
//!
//! All that a program has from the system passes here, the pools' arenas too: so this is where it is counted for the
//! interpreter whose [`Account`] is open on the thread, held against its limit, and shown to who watches. What comes
//! from a list is neither counted nor shown: it was when the list's block came from the system. Counting is one addition
//! and one comparison where the system is called anyway; everything else hides behind a limit that is never met.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::ptr;

use crate::account::{Account, Mode};

const GRAIN: usize = 16;
/// The largest block that is cached, in bytes.
pub(crate) const MOST: usize = 512;
const CLASSES: usize = MOST / GRAIN + 1;
/// Most bytes that a thread keeps of one class.
const KEPT: usize = 8 << 10;
/// Memory that falls by so much, and by half, is given back by the system's allocator too.
const FALL: isize = 16 << 20;

struct Lists {
    heads: [Cell<*mut u8>; CLASSES],
    counts: [Cell<usize>; CLASSES],
    /// Most bytes kept of one class.
    kept: Cell<usize>,
    /// Bytes from the system: the open account's, or what this thread took while none was open.
    taken: Cell<isize>,
    /// Their number of blocks.
    blocks: Cell<isize>,
    /// Where `taken` must be looked at when it rises, ...
    room: Cell<isize>,
    /// ... and when it falls.
    floor: Cell<isize>,
    /// The open account.
    account: Cell<*const Account>,
    /// The account that was open last.
    last: Cell<*const Account>,
    /// The limit, and the watchers, rest: what happens is their own doing.
    busy: Cell<bool>,
    /// Who asks now can do without: see [`refusing`].
    refusing: Cell<bool>,
}

thread_local! {
    static LISTS: Lists = const {
        Lists {
            heads: [const { Cell::new(ptr::null_mut()) }; CLASSES],
            counts: [const { Cell::new(0) }; CLASSES],
            kept: Cell::new(KEPT),
            taken: Cell::new(0),
            blocks: Cell::new(0),
            room: Cell::new(isize::MAX),
            floor: Cell::new(isize::MIN),
            account: Cell::new(ptr::null()),
            last: Cell::new(ptr::null()),
            busy: Cell::new(false),
            refusing: Cell::new(false),
        }
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

impl Lists {
    /// Counts a request of `size` bytes; false if it is refused.
    #[inline(always)]
    fn take(&self, size: usize) -> bool {
        let taken = self.taken.get().wrapping_add(size as isize);
        if taken > self.room.get() && !self.may_take(size) {
            return false;
        }
        self.taken.set(taken);
        self.blocks.set(self.blocks.get() + 1);
        true
    }

    /// A request that is to be looked at.
    #[cold]
    #[inline(never)]
    fn may_take(&self, size: usize) -> bool {
        // SAFETY: an open account is live.
        let Some(account) = (unsafe { self.account.get().as_ref() }) else { return true };
        if self.busy.get() {
            return true;
        }
        let taken = self.taken.get().saturating_add(size as isize);
        let failing = account.mode.get().has(Mode::FAIL) && account.count_down();
        let over = taken > account.bound();
        if failing || over {
            if over {
                account.crossed();
            }
            if self.refusing.get() {
                return false;
            }
            if let Some(notice) = account.notice.get() {
                notice();
            }
        }
        if taken > account.high.get() {
            account.high.set(taken);
        }
        self.set_bounds(account);
        true
    }

    fn set_bounds(&self, account: &Account) {
        let high = account.high.get();
        let watched = account.mode.get().any();
        self.room.set(if watched { isize::MIN } else { account.bound().min(high.saturating_add(FALL)) });
        self.floor.set((high / 2 - FALL).max(account.slack_ends()));
        self.kept.set(if account.mode.get().has(Mode::FAIL | Mode::TRACE) { 0 } else { KEPT });
    }

    /// Shows a new block to the watchers.
    #[inline(always)]
    fn made(&self, block: *mut u8, size: usize) {
        if self.room.get() == isize::MIN {
            self.show_made(block, size);
        }
    }

    #[cold]
    #[inline(never)]
    fn show_made(&self, block: *mut u8, size: usize) {
        // SAFETY: an open account is live.
        if let Some(account) = unsafe { self.account.get().as_ref() }
            && !block.is_null()
            && !self.busy.replace(true)
        {
            account.made(block.addr(), size);
            self.busy.set(false);
        }
    }

    /// Counts a block that goes back to the system.
    #[inline(always)]
    fn gone(&self, block: *mut u8, size: usize) {
        let taken = self.taken.get().wrapping_sub(size as isize);
        self.taken.set(taken);
        self.blocks.set(self.blocks.get() - 1);
        if self.room.get() == isize::MIN || taken < self.floor.get() {
            self.show_gone(block);
        }
    }

    #[cold]
    #[inline(never)]
    fn show_gone(&self, block: *mut u8) {
        // SAFETY: an open account is live.
        let Some(account) = (unsafe { self.account.get().as_ref() }) else { return };
        if self.busy.get() {
            return;
        }
        if account.mode.get().has(Mode::TRACE | Mode::SAMPLE) {
            self.busy.set(true);
            account.gone(block.addr());
            self.busy.set(false);
        }
        if self.taken.get() < account.slack_ends() {
            account.slack.set(0);
        }
        if self.taken.get() < account.high.get() / 2 - FALL {
            account.high.set(self.taken.get());
            release_to_system();
        }
        self.set_bounds(account);
    }
}

// SAFETY: blocks come from the system's allocator and go back to it, or wait in the list of their class; a block in a
// list belongs to nobody else.
unsafe impl GlobalAlloc for Cached {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LISTS.with(|l| {
            let asked = layout.size();
            let layout = match class_of(&layout) {
                Some(class) => {
                    let block = l.heads[class].get();
                    if !block.is_null() {
                        // SAFETY: a block in a list has the link in its first word.
                        unsafe { l.heads[class].set(*block.cast::<*mut u8>()) };
                        l.counts[class].set(l.counts[class].get() - 1);
                        return block;
                    }
                    class_layout(class)
                }
                None => layout,
            };
            if !l.take(layout.size()) {
                return ptr::null_mut();
            }
            // SAFETY: the caller's layout, or that of its class.
            let block = unsafe { System.alloc(layout) };
            l.made(block, asked);
            block
        })
    }

    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        LISTS.with(|l| {
            let layout = match class_of(&layout) {
                Some(class) => {
                    let n = l.counts[class].get();
                    if (n + 1) * class * GRAIN <= l.kept.get() {
                        // SAFETY: the block is of this class, see the invariant, and nobody uses it any more.
                        unsafe { *block.cast::<*mut u8>() = l.heads[class].get() };
                        l.heads[class].set(block);
                        l.counts[class].set(n + 1);
                        return;
                    }
                    class_layout(class)
                }
                None => layout,
            };
            l.gone(block, layout.size());
            // SAFETY: the caller, and the invariant.
            unsafe { System.dealloc(block, layout) };
        });
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if class_of(&layout).is_none() {
            return LISTS.with(|l| {
                if !l.take(layout.size()) {
                    return ptr::null_mut();
                }
                // SAFETY: the caller's layout.
                let block = unsafe { System.alloc_zeroed(layout) };
                l.made(block, layout.size());
                block
            });
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
                (None, None) => LISTS.with(|l| {
                    let grown = size.saturating_sub(layout.size());
                    if grown > 0 && !l.take(grown) {
                        return ptr::null_mut();
                    }
                    if l.room.get() == isize::MIN {
                        l.show_gone(block);
                    }
                    let moved = System.realloc(block, layout, size);
                    if grown > 0 {
                        // Taken as a block more: it is the same one.
                        l.blocks.set(l.blocks.get() - 1);
                    } else {
                        l.taken.set(l.taken.get().wrapping_sub((layout.size() - size) as isize));
                    }
                    l.made(if moved.is_null() { block } else { moved }, if moved.is_null() { layout.size() } else { size });
                    moved
                }),
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

/// What this thread takes from now on is counted for `account`. One that was open is closed before.
pub(crate) fn open(account: &Account) {
    LISTS.with(|l| {
        if ptr::eq(l.account.get(), account) {
            return;
        }
        close();
        // What the thread took or gave back meanwhile, without the interpreter's lock, was for this account as well.
        if !ptr::eq(l.last.get(), account) {
            l.taken.set(0);
            l.blocks.set(0);
        }
        l.taken.set(l.taken.get().wrapping_add(account.taken.get()));
        l.blocks.set(l.blocks.get() + account.blocks.get());
        l.account.set(account);
        l.last.set(account);
        l.set_bounds(account);
    });
}

/// Ends [`open`].
pub(crate) fn close() {
    LISTS.with(|l| {
        // SAFETY: an open account is live.
        let Some(account) = (unsafe { l.account.replace(ptr::null()).as_ref() }) else { return };
        account.taken.set(l.taken.replace(0));
        account.blocks.set(l.blocks.replace(0));
        l.room.set(isize::MAX);
        l.floor.set(isize::MIN);
        l.kept.set(KEPT);
    });
}

/// The account is about to go.
pub(crate) fn forget(account: &Account) {
    LISTS.with(|l| {
        if ptr::eq(l.account.get(), account) {
            close();
        }
        if ptr::eq(l.last.get(), account) {
            l.last.set(ptr::null());
        }
    });
}

/// Counts memory that comes from elsewhere: from the kernel, or a library with an allocator of its own. False if it is
/// refused (see [`refusing`]).
pub(crate) fn take(bytes: usize) -> bool {
    LISTS.with(|l| l.take(bytes))
}

/// Takes [`take`] back.
pub(crate) fn give(bytes: usize) {
    LISTS.with(|l| l.gone(ptr::null_mut(), bytes));
}

/// Memory that a library with an allocator of its own has for this interpreter was `before` bytes, and is `now`.
pub fn count_foreign(before: usize, now: usize) {
    LISTS.with(|l| {
        if now > before {
            // What is taken already cannot be refused.
            let refusing = l.refusing.replace(false);
            l.take(now - before);
            l.refusing.set(refusing);
            l.blocks.set(l.blocks.get() - 1);
        } else if now < before {
            l.gone(ptr::null_mut(), before - now);
            l.blocks.set(l.blocks.get() + 1);
        }
    });
}

/// The settings of the account have changed.
pub(crate) fn changed(account: &Account) {
    LISTS.with(|l| {
        if ptr::eq(l.account.get(), account) {
            l.set_bounds(account);
        }
    });
}

/// Bytes and blocks that the account has from the system.
pub(crate) fn balance(account: &Account) -> (isize, isize) {
    LISTS.with(|l| {
        if ptr::eq(l.account.get(), account) {
            (l.taken.get(), l.blocks.get())
        } else {
            (account.taken.get(), account.blocks.get())
        }
    })
}

/// What `f` takes is neither refused nor shown to watchers.
pub fn unwatched<T>(f: impl FnOnce() -> T) -> T {
    let before = LISTS.with(|l| l.busy.replace(true));
    let r = f();
    LISTS.with(|l| l.busy.set(before));
    r
}

/// Whether something runs inside [`unwatched`].
pub(crate) fn is_busy() -> bool {
    LISTS.with(|l| l.busy.get())
}

/// What would cross the limit is refused in `f`, which can do with that: `try_reserve` and what is like it.
#[inline]
pub fn refusing<T>(f: impl FnOnce() -> T) -> T {
    let before = LISTS.with(|l| l.refusing.replace(true));
    let r = f();
    LISTS.with(|l| l.refusing.set(before));
    r
}

/// Gives what the system's allocator holds for itself back to the system.
fn release_to_system() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: no preconditions.
    unsafe {
        libc::malloc_trim(0);
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
                    l.gone(block, class * GRAIN);
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
