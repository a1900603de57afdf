//! Arenas, pages and size classes.
//!
//! An arena is 1 MiB, aligned to its size, cut into 64 pages of 16 KiB; the first page holds the
//! arena's own bookkeeping. A page serves one size class (multiples of 16 bytes). A free block keeps
//! its header's flags; its type field links the page's free list.

use std::alloc::{GlobalAlloc, Layout};
use std::cell::{Cell, RefCell};
use std::ptr::{self, NonNull};

use crate::account::{Account, Mode};
use crate::arenas;
use crate::cache::{self, Cached};
use crate::header::{Header, TypeHead, flags};

/// The largest block that the pools serve, in bytes, unless set lower.
pub const SMALL_MAX: usize = 512;
const GRAIN: usize = 16;
const CLASSES: usize = SMALL_MAX / GRAIN + 1;
const ARENA: usize = 1 << 20;
const PAGE: usize = 1 << 14;
const PAGES: usize = ARENA / PAGE;
/// So many pages must have become empty before arenas are looked through for empty ones.
const IDLE_PAGES: usize = 2 * PAGES;

struct Page {
    free: *mut Header,
    /// Offset of the first block never handed out.
    bump: u32,
    used: u32,
    class: u32,
    /// Whether the page stands in its class's list of pages with room.
    listed: bool,
}

#[repr(C)]
struct Arena {
    heap: *const Heap,
    index: usize,
    pages_in_use: u32,
    pages: [Page; PAGES],
}

/// The prefix of a large block, before its header.
#[repr(C)]
struct Large {
    prev: *mut Large,
    next: *mut Large,
    size: usize,
    _pad: usize,
}

/// The heap of one interpreter.
pub struct Heap {
    /// Current page of each class; null when there is none.
    current: [Cell<*mut Page>; CLASSES],
    partial: RefCell<[Vec<*mut Page>; CLASSES]>,
    arenas: RefCell<Vec<*mut Arena>>,
    empty_pages: RefCell<Vec<*mut Page>>,
    large: Cell<*mut Large>,
    large_bytes: Cell<usize>,
    large_count: Cell<usize>,
    /// The threshold in force, and the one that was asked for: they differ while all blocks are watched.
    small_max: Cell<usize>,
    small_wanted: Cell<usize>,
    /// Pages that became empty since the last [`Heap::trim`].
    idle_pages: Cell<usize>,
    /// Pages of all arenas.
    all_pages: Cell<usize>,
    logs: [RefCell<Vec<*const Header>>; 2],
    /// Whether there may be tracked objects that are neither settled nor stand in a log.
    unlogged: Cell<bool>,
    /// Blocks handed out since [`Heap::start_record`].
    record: RefCell<Option<Vec<*const Header>>>,
    young: Cell<usize>,
    young_limit: Cell<usize>,
    /// What the heap and everything else of its interpreter has from the system. The last field.
    account: Account,
}

/// Figures for one size class.
#[derive(Clone, Copy, Debug, Default)]
pub struct ClassStats {
    /// Block size in bytes.
    pub size: usize,
    /// Pages that serve it.
    pub pages: usize,
    /// Blocks in use.
    pub used: usize,
    /// Blocks that these pages can hold.
    pub capacity: usize,
}

/// Figures for a heap.
#[derive(Clone, Debug, Default)]
pub struct HeapStats {
    /// By size class; classes without pages are left out.
    pub classes: Vec<ClassStats>,
    /// Arenas held, 1 MiB each.
    pub arenas: usize,
    /// Blocks larger than the threshold.
    pub large_count: usize,
    /// Their bytes.
    pub large_bytes: usize,
    /// Bytes in use, counted in whole blocks, with large ones.
    pub used: usize,
    /// Pages without a block in use, of any class or of none.
    pub empty_pages: usize,
    /// Bytes of an arena, and of a page.
    pub arena_size: usize,
    /// See `arena_size`.
    pub page_size: usize,
}

impl Default for Heap {
    fn default() -> Self {
        Self::new()
    }
}

impl Heap {
    /// An empty heap without a limit.
    pub fn new() -> Self {
        Self {
            current: [const { Cell::new(ptr::null_mut()) }; CLASSES],
            partial: RefCell::new([const { Vec::new() }; CLASSES]),
            arenas: RefCell::new(Vec::new()),
            empty_pages: RefCell::new(Vec::new()),
            large: Cell::new(ptr::null_mut()),
            large_bytes: Cell::new(0),
            large_count: Cell::new(0),
            small_max: Cell::new(SMALL_MAX),
            small_wanted: Cell::new(SMALL_MAX),
            idle_pages: Cell::new(0),
            all_pages: Cell::new(0),
            logs: [const { RefCell::new(Vec::new()) }; 2],
            unlogged: Cell::new(false),
            record: RefCell::new(None),
            young: Cell::new(0),
            young_limit: Cell::new(2000),
            account: Account::default(),
        }
    }

    /// Sets the threshold between pools and system, in bytes (at most [`SMALL_MAX`]).
    pub fn set_small_max(&self, bytes: usize) {
        self.small_wanted.set(bytes.min(SMALL_MAX));
        self.watching_changed();
    }

    /// The threshold between pools and system.
    pub fn small_max(&self) -> usize {
        self.small_wanted.get()
    }

    /// To be called when [`Account::mode`] has changed: while every block is watched, none comes from the pools.
    pub fn watching_changed(&self) {
        let all = self.account.mode().has(Mode::FAIL | Mode::TRACE);
        self.small_max.set(if all || self.account.in_window() { 0 } else { self.small_wanted.get() });
    }

    /// What the heap's interpreter has from the system, and how much it may have.
    pub fn account(&self) -> &Account {
        &self.account
    }

    /// As [`Heap::alloc`], but refused only by the system.
    ///
    /// # Safety
    /// As [`Heap::alloc`].
    #[cold]
    pub unsafe fn alloc_beyond(&self, size: usize, ty: *const TypeHead, tracked: bool) -> Option<NonNull<Header>> {
        // SAFETY: the caller.
        cache::unwatched(|| unsafe { self.alloc(size, ty, tracked) })
    }

    /// A block of at least `size` bytes (header included) with an initialised header of count 1;
    /// what follows the header is not initialised. `None` when the limit or the system refuses.
    ///
    /// # Safety
    /// `ty` describes the object that the caller writes behind the header.
    #[inline(always)]
    pub unsafe fn alloc(
        &self,
        size: usize,
        ty: *const TypeHead,
        tracked: bool,
    ) -> Option<NonNull<Header>> {
        let class = size.div_ceil(GRAIN);
        // SAFETY: invariant 3; a page in `current` is a live page of this heap.
        unsafe {
            if size <= self.small_max.get() {
                let page = self.current[class].get();
                if !page.is_null() && !(*page).free.is_null() {
                    let block = (*page).free;
                    (*page).free = (*block).ty().cast_mut().cast();
                    (*page).used += 1;
                    return Some(self.start(block, ty, tracked, (*block).flags() & flags::LOGGED));
                }
                return self.alloc_slow(class, ty, tracked);
            }
            self.alloc_large(size, ty, tracked)
        }
    }

    #[inline(always)]
    unsafe fn start(
        &self,
        block: *mut Header,
        ty: *const TypeHead,
        tracked: bool,
        keep: u32,
    ) -> NonNull<Header> {
        let bits = keep | flags::LIVE | if tracked { flags::TRACKED } else { 0 };
        // SAFETY: the block is ours and large enough for a header.
        unsafe {
            block.write(Header::new(ty, bits));
            if tracked {
                self.young.set(self.young.get() + 1);
                if keep & flags::LOGGED == 0 {
                    self.log(0, block);
                }
            }
            NonNull::new_unchecked(block)
        }
    }

    /// Puts a block on the log of a generation (0 or 1).
    fn log(&self, generation: usize, block: *const Header) {
        // SAFETY: the caller passes a block of this heap.
        unsafe { (*block).set(flags::LOGGED) };
        self.logs[generation].borrow_mut().push(block);
    }

    #[cold]
    #[inline(never)]
    unsafe fn alloc_slow(
        &self,
        class: usize,
        ty: *const TypeHead,
        tracked: bool,
    ) -> Option<NonNull<Header>> {
        let size = class.max(1) * GRAIN;
        if self.account.sample_due(size) && !cache::is_busy() {
            self.account.open_window();
            self.small_max.set(0);
            // SAFETY: the caller.
            return unsafe { self.alloc_large(size, ty, tracked) };
        }
        loop {
            let page = self.current[class].get();
            if !page.is_null() {
                // SAFETY: invariants 2 and 3.
                unsafe {
                    let p = &mut *page;
                    if !p.free.is_null() {
                        let block = p.free;
                        p.free = (*block).ty().cast_mut().cast();
                        p.used += 1;
                        return Some(self.start(
                            block,
                            ty,
                            tracked,
                            (*block).flags() & flags::LOGGED,
                        ));
                    }
                    if p.bump as usize + size <= PAGE {
                        let block = page_base(page).add(p.bump as usize).cast::<Header>();
                        p.bump += size as u32;
                        p.used += 1;
                        let block = self.start(block, ty, tracked, 0);
                        self.note(block);
                        return Some(block);
                    }
                }
            }
            let next = self.partial.borrow_mut()[class].pop();
            match next {
                Some(page) => {
                    // SAFETY: pages in `partial` are live.
                    unsafe { (*page).listed = false };
                    self.current[class].set(page);
                }
                None => self.current[class].set(self.new_page(class)?),
            }
        }
    }

    fn note(&self, block: NonNull<Header>) {
        if let Some(record) = &mut *self.record.borrow_mut() {
            record.push(block.as_ptr());
        }
    }

    /// From now on every block that is handed out is noted. Blocks that are free now are lost, so that all come from
    /// where it can be done: for a heap that nothing is ever given back to, but by mistake.
    pub fn start_record(&self) {
        // SAFETY: the pages of live arenas.
        unsafe {
            for &arena in self.arenas.borrow().iter() {
                for page in &mut (&mut *arena).pages {
                    page.free = ptr::null_mut();
                    page.listed = false;
                }
            }
        }
        for list in self.partial.borrow_mut().iter_mut() {
            list.clear();
        }
        *self.record.borrow_mut() = Some(Vec::new());
    }

    /// The live blocks that were handed out since [`Heap::start_record`].
    pub fn end_record(&self) -> Vec<*const Header> {
        for log in &self.logs {
            for b in log.take() {
                // SAFETY: logged blocks are blocks of this heap.
                unsafe { (*b).unset(flags::LOGGED) };
            }
        }
        let mut blocks = self.record.take().unwrap_or_default();
        // SAFETY: noted blocks are blocks of this heap (large ones of it do not die).
        blocks.retain(|&b| unsafe { (*b).has(flags::LIVE) });
        blocks
    }

    fn new_page(&self, class: usize) -> Option<*mut Page> {
        let empty = self.empty_pages.borrow_mut().pop();
        let page = match empty {
            Some(page) => page,
            None => {
                self.new_arena()?;
                self.empty_pages.borrow_mut().pop()?
            }
        };
        // SAFETY: an empty page of a live arena; nobody else refers to it.
        unsafe {
            *page = Page {
                free: ptr::null_mut(),
                bump: 0,
                used: 0,
                class: class as u32,
                listed: false,
            };
            (*arena_of(page.cast())).pages_in_use += 1;
        }
        Some(page)
    }

    #[cold]
    fn new_arena(&self) -> Option<()> {
        // SAFETY: the layout has a size; pages are written before they are used.
        unsafe {
            let arena = cache::refusing(|| arenas::get(ARENA))?.as_ptr().cast::<Arena>();
            let mut arenas = self.arenas.borrow_mut();
            arena.write(Arena {
                heap: self,
                index: arenas.len(),
                pages_in_use: 0,
                pages: [const {
                    Page {
                        free: ptr::null_mut(),
                        bump: 0,
                        used: 0,
                        class: 0,
                        listed: false,
                    }
                }; PAGES],
            });
            arenas.push(arena);
            self.all_pages.set(self.all_pages.get() + PAGES - 1);
            let mut empty = self.empty_pages.borrow_mut();
            for i in (1..PAGES).rev() {
                empty.push(&raw mut (*arena).pages[i]);
            }
        }
        Some(())
    }

    #[cold]
    unsafe fn alloc_large(
        &self,
        size: usize,
        ty: *const TypeHead,
        tracked: bool,
    ) -> Option<NonNull<Header>> {
        let mut total = size.checked_add(size_of::<Large>())?;
        if self.account.mode().has(Mode::SAMPLE) {
            // What is sampled must be seen when it goes.
            total = total.max(cache::MOST + GRAIN);
        }
        let layout = Layout::from_size_align(total, GRAIN).ok()?;
        // SAFETY: the layout has a size; the list links only live large blocks.
        unsafe {
            // The watchers are shown the object, not the block around it.
            let watched = self.account.mode().has(Mode::TRACE | Mode::SAMPLE) && !cache::is_busy();
            if watched && !self.account.has_room(total) {
                return None;
            }
            let large = if watched { cache::unwatched(|| Cached.alloc(layout)) } else { cache::refusing(|| Cached.alloc(layout)) };
            let large = large.cast::<Large>();
            if large.is_null() {
                return None;
            }
            if watched {
                let at = large.add(1).addr();
                if self.account.in_window() && size <= self.small_wanted.get() {
                    if cache::unwatched(|| self.account.remember_in_window(at, size)) {
                        self.watching_changed();
                    }
                } else if self.account.mode().has(Mode::TRACE) || self.account.sample_due(size) {
                    cache::unwatched(|| self.account.remember(at, size));
                }
            }
            large.write(Large {
                prev: ptr::null_mut(),
                next: self.large.get(),
                size: total,
                _pad: 0,
            });
            if !self.large.get().is_null() {
                (*self.large.get()).prev = large;
            }
            self.large.set(large);
            self.large_bytes.set(self.large_bytes.get() + total);
            self.large_count.set(self.large_count.get() + 1);
            let block = self.start(large.add(1).cast::<Header>(), ty, tracked, flags::LARGE);
            self.note(block);
            Some(block)
        }
    }

    /// Gives a block back.
    ///
    /// # Safety
    /// The block came from this heap, its contents are dropped, and nobody refers to it any more.
    #[inline(always)]
    pub unsafe fn free(&self, block: *const Header) {
        // SAFETY: invariant 3 and the caller.
        unsafe {
            let bits = (*block).flags();
            if bits & flags::TRACKED != 0 && bits & flags::GEN_MASK == 0 && self.young.get() > 0 {
                self.young.set(self.young.get() - 1);
            }
            if bits & flags::LARGE != 0 {
                self.free_large(block);
                return;
            }
            let page = page_of(block);
            let p = &mut *page;
            let block = block.cast_mut();
            block.write(Header::new(p.free.cast(), bits & flags::LOGGED));
            p.free = block;
            p.used -= 1;
            if self.current[p.class as usize].get() != page && (!p.listed || p.used == 0) {
                self.has_room(page);
            }
        }
    }

    /// A page that is not its class's current one has got a free block, or has no block in use any more.
    #[inline(never)]
    unsafe fn has_room(&self, page: *mut Page) {
        // SAFETY: the page of a block that was just freed.
        unsafe {
            if !(*page).listed {
                (*page).listed = true;
                self.partial.borrow_mut()[(*page).class as usize].push(page);
            }
            if (*page).used == 0 {
                let n = self.idle_pages.get() + 1;
                self.idle_pages.set(n);
                if n >= IDLE_PAGES.max(self.all_pages.get() / 4) && self.record.borrow().is_none() {
                    self.trim();
                }
            }
        }
    }

    #[cold]
    unsafe fn free_large(&self, block: *const Header) {
        // SAFETY: as `free`; the prefix lies before a large block.
        unsafe {
            if (*block).has(flags::LOGGED) {
                for log in &self.logs {
                    // Most die young: they stand near the end.
                    let mut log = log.borrow_mut();
                    if let Some(i) = log.iter().rposition(|&b| b == block) {
                        log.remove(i);
                    }
                }
            }
            if let Some(record) = &mut *self.record.borrow_mut() {
                record.retain(|&b| b != block);
            }
            let large = block.cast_mut().cast::<Large>().sub(1);
            let Large {
                prev, next, size, ..
            } = large.read();
            if prev.is_null() {
                self.large.set(next);
            } else {
                (*prev).next = next;
            }
            if !next.is_null() {
                (*next).prev = prev;
            }
            if self.account.mode().has(Mode::TRACE | Mode::SAMPLE) && !cache::is_busy() {
                cache::unwatched(|| self.account.gone(block.addr()));
            }
            self.large_bytes.set(self.large_bytes.get() - size);
            self.large_count.set(self.large_count.get() - 1);
            Cached.dealloc(large.cast(), Layout::from_size_align_unchecked(size, GRAIN));
        }
    }

    /// How many bytes the block at `block` really has, header included.
    ///
    /// # Safety
    /// The block is live and of this heap.
    pub unsafe fn block_size(&self, block: *const Header) -> usize {
        // SAFETY: the caller.
        unsafe {
            if (*block).has(flags::LARGE) {
                return (*block.cast::<Large>().sub(1)).size - size_of::<Large>();
            }
            (*page_of(block)).class as usize * GRAIN
        }
    }

    /// Whether a young collection is due.
    #[inline(always)]
    pub fn young_due(&self) -> bool {
        self.young.get() > self.young_limit.get()
    }

    /// Tracked objects made since the last young collection, less those that died.
    pub fn young_count(&self) -> usize {
        self.young.get()
    }

    /// Starts the count of young objects again.
    pub fn reset_young(&self) {
        self.young.set(0);
    }

    /// How many young objects make a collection due.
    pub fn set_young_limit(&self, n: usize) {
        self.young_limit.set(n);
    }

    /// All tracked objects that there are now count as settled: see [`flags::SETTLED`].
    pub fn settle(&self) {
        for log in &self.logs {
            for b in log.take() {
                // SAFETY: logged blocks are blocks of this heap, free or live.
                unsafe { (*b).unset(flags::LOGGED) };
            }
        }
        self.for_each(|b| {
            // SAFETY: `for_each` gives live blocks.
            let h = unsafe { &*b };
            if h.has(flags::TRACKED) && h.generation() < 3 {
                h.set_generation(2);
                h.set(flags::SETTLED);
            }
        });
        self.young.set(0);
        self.unlogged.set(false);
    }

    /// Takes [`Heap::settle`] back for one object.
    ///
    /// # Safety
    /// `block` is a live block of this heap.
    pub unsafe fn unsettle(&self, block: *const Header) {
        // SAFETY: the caller.
        let h = unsafe { &*block };
        if h.has(flags::SETTLED) {
            h.unset(flags::SETTLED);
            h.set_generation(0);
            self.young.set(self.young.get() + 1);
            if !h.has(flags::LOGGED) {
                self.log(0, block);
            }
        }
    }

    /// Whether `f` says yes to any live, tracked object that is not settled. `f` must not allocate or free.
    pub fn any_unsettled(&self, mut f: impl FnMut(*const Header) -> bool) -> bool {
        let live = |b: *const Header| {
            // SAFETY: a block of this heap, free or live.
            let h = unsafe { &*b };
            h.has(flags::LIVE) && h.has(flags::TRACKED) && !h.has(flags::SETTLED)
        };
        if self.unlogged.get() {
            let mut any = false;
            self.for_each(|b| any = any || live(b) && f(b));
            return any;
        }
        self.logs.iter().any(|log| log.borrow().iter().any(|&b| live(b) && f(b)))
    }

    /// Takes the live, tracked objects of the generations up to `generation` (0, 1 or 2); of the settled ones only if
    /// `settled` says so.
    pub fn take_candidates(&self, generation: u32, settled: bool) -> Vec<*const Header> {
        let skip = if settled { 0 } else { flags::SETTLED };
        let mut out = Vec::new();
        if generation >= 2 {
            // The old ones first, then those of the logs, which stand there in the order of their making: finalizers
            // run in that order.
            if settled || self.unlogged.get() {
                self.for_each(|b| {
                    // SAFETY: `for_each` gives live blocks.
                    let h = unsafe { &*b };
                    if h.has(flags::TRACKED) && !h.has(flags::LOGGED | skip) && h.generation() < 3 {
                        out.push(b);
                    }
                });
            }
            for log in self.logs.iter().rev() {
                for b in log.take() {
                    // SAFETY: logged blocks are blocks of this heap, free or live (pages are given back only when their logs are empty).
                    let h = unsafe { &*b };
                    h.unset(flags::LOGGED);
                    if h.has(flags::LIVE) && h.has(flags::TRACKED) {
                        if h.generation() < 3 {
                            out.push(b);
                        } else {
                            self.unlogged.set(true);
                        }
                    }
                }
            }
            return out;
        }
        for log in &self.logs[..=generation as usize] {
            for b in log.take() {
                // SAFETY: as above.
                let h = unsafe { &*b };
                h.unset(flags::LOGGED);
                if h.has(flags::LIVE) && h.has(flags::TRACKED) {
                    if h.generation() <= generation {
                        out.push(b);
                    } else {
                        self.unlogged.set(true);
                    }
                }
            }
        }
        out
    }

    /// Moves a survivor into the next generation's set.
    ///
    /// # Safety
    /// `block` is a live block of this heap.
    pub unsafe fn promote(&self, block: *const Header, generation: u32) {
        // SAFETY: the caller.
        unsafe {
            (*block).set_generation(generation);
            if generation == 1 && !(*block).has(flags::LOGGED) {
                self.log(1, block);
            } else if generation == 2 && !(*block).has(flags::LOGGED | flags::SETTLED) {
                self.unlogged.set(true);
            }
        }
    }

    /// Starts or stops tracking a live object.
    ///
    /// # Safety
    /// `block` is a live block of this heap.
    pub unsafe fn track(&self, block: *const Header, on: bool) {
        // SAFETY: the caller.
        let h = unsafe { &*block };
        if on && !h.has(flags::TRACKED) {
            h.set(flags::TRACKED);
            h.set_generation(0);
            self.young.set(self.young.get() + 1);
            if !h.has(flags::LOGGED) {
                self.log(0, block);
            }
        } else if !on && h.has(flags::TRACKED) {
            if h.generation() == 0 && self.young.get() > 0 {
                self.young.set(self.young.get() - 1);
            }
            h.unset(flags::TRACKED);
        }
    }

    /// Stops tracking an object whose end has come: while its contents die, Python code may start a collection.
    ///
    /// # Safety
    /// As [`Heap::track`].
    #[inline(always)]
    pub unsafe fn untrack(&self, block: *const Header) {
        // SAFETY: the caller.
        let h = unsafe { &*block };
        if h.has(flags::TRACKED) {
            if h.flags() & flags::GEN_MASK == 0 && self.young.get() > 0 {
                self.young.set(self.young.get() - 1);
            }
            h.unset(flags::TRACKED);
        }
    }

    /// Calls `f` with every live block. `f` must not allocate or free.
    pub fn for_each(&self, mut f: impl FnMut(*const Header)) {
        // SAFETY: invariants 2 and 3; blocks below `bump` were all initialised once.
        unsafe {
            for &arena in self.arenas.borrow().iter() {
                for page in &(*arena).pages {
                    let base = page_base(&raw const *page as *mut Page);
                    let size = page.class as usize * GRAIN;
                    let mut at = 0;
                    while page.used > 0 && at < page.bump as usize {
                        let block = base.add(at).cast::<Header>();
                        if (*block).has(flags::LIVE) {
                            f(block);
                        }
                        at += size;
                    }
                }
            }
            let mut large = self.large.get();
            while !large.is_null() {
                let next = (*large).next;
                f(large.add(1).cast::<Header>());
                large = next;
            }
        }
    }

    /// Gives arenas without live blocks back to the system. Call after a full collection.
    pub fn trim(&self) {
        // SAFETY: the logs are emptied of free blocks first, so that nothing names a block of a page that goes.
        unsafe {
            for log in &self.logs {
                log.borrow_mut().retain(|&b| {
                    let live = (*b).has(flags::LIVE);
                    if !live {
                        (*b).unset(flags::LOGGED);
                    }
                    live
                });
            }
            let mut empty = self.empty_pages.borrow_mut();
            let mut partial = self.partial.borrow_mut();
            self.idle_pages.set(0);
            for list in partial.iter_mut() {
                list.retain(|&page| {
                    if (*page).used > 0 {
                        return true;
                    }
                    (*page).listed = false;
                    (*page).bump = 0;
                    (*page).free = ptr::null_mut();
                    (*arena_of(page.cast())).pages_in_use -= 1;
                    empty.push(page);
                    false
                });
            }
            let mut arenas = self.arenas.borrow_mut();
            // One arena stays.
            let mut kept = arenas.iter().any(|&a| (*a).pages_in_use > 0);
            empty.retain(|&p| {
                let arena = arena_of(p.cast());
                (*arena).pages_in_use > 0 || !kept && (*arena).index == 0
            });
            let mut i = 0;
            while i < arenas.len() {
                let arena = arenas[i];
                if (*arena).pages_in_use > 0 || !kept && (*arena).index == 0 {
                    kept |= (*arena).index == 0;
                    i += 1;
                    continue;
                }
                arenas::give(arena.cast(), ARENA);
                self.all_pages.set(self.all_pages.get() - (PAGES - 1));
                arenas.swap_remove(i);
                if let Some(&moved) = arenas.get(i) {
                    (*moved).index = i;
                }
            }
        }
    }

    /// Figures by size class.
    pub fn stats(&self) -> HeapStats {
        let mut empty_pages = self.empty_pages.borrow().len();
        let mut classes = [ClassStats::default(); CLASSES];
        // SAFETY: invariant 2.
        unsafe {
            for &arena in self.arenas.borrow().iter() {
                for page in &(*arena).pages {
                    if page.bump == 0 {
                        continue;
                    }
                    let size = page.class as usize * GRAIN;
                    let c = &mut classes[page.class as usize];
                    c.size = size;
                    c.pages += 1;
                    c.used += page.used as usize;
                    c.capacity += PAGE / size;
                    empty_pages += usize::from(page.used == 0);
                }
            }
        }
        HeapStats {
            classes: classes.into_iter().filter(|c| c.pages > 0).collect(),
            arenas: self.arenas.borrow().len(),
            large_count: self.large_count.get(),
            large_bytes: self.large_bytes.get(),
            used: classes.iter().map(|c| c.used * c.size).sum::<usize>() + self.large_bytes.get(),
            empty_pages,
            arena_size: ARENA,
            page_size: PAGE,
        }
    }

    /// The heap that a small block belongs to.
    ///
    /// # Safety
    /// `block` is a live small block of some heap.
    pub unsafe fn of_small(block: *const Header) -> *const Heap {
        // SAFETY: the caller.
        unsafe { (*arena_of(block.cast())).heap }
    }
}

impl Drop for Heap {
    fn drop(&mut self) {
        // SAFETY: whoever drops the heap drops every reference into it as well.
        unsafe {
            for &arena in self.arenas.borrow().iter() {
                arenas::give(arena.cast(), ARENA);
            }
            let mut large = self.large.get();
            while !large.is_null() {
                let Large { next, size, .. } = large.read();
                Cached.dealloc(large.cast(), Layout::from_size_align_unchecked(size, GRAIN));
                large = next;
            }
        }
    }
}

#[inline(always)]
fn arena_of(p: *const u8) -> *mut Arena {
    p.map_addr(|a| a & !(ARENA - 1)).cast_mut().cast()
}

#[inline(always)]
unsafe fn page_of(block: *const Header) -> *mut Page {
    let arena = arena_of(block.cast());
    let index = (block.addr() & (ARENA - 1)) / PAGE;
    // SAFETY: the block lies in an arena; page 0 is never handed out.
    unsafe { (&raw mut (*arena).pages).cast::<Page>().add(index) }
}

#[inline(always)]
unsafe fn page_base(page: *mut Page) -> *mut u8 {
    let arena = arena_of(page.cast());
    // SAFETY: `page` is an element of its arena's table.
    unsafe {
        let index = page.offset_from((&raw const (*arena).pages).cast::<Page>()) as usize;
        arena.cast::<u8>().add(index * PAGE)
    }
}
