//! What an interpreter has from the system: counted, limited, and shown block by block to who asks for it.
//!
//! An account is touched by the thread that has it open (see `cache::open`), which the interpreter's lock makes one at
//! a time. While it is open the thread keeps the figures.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::ops::BitOr;

use crate::cache;

/// How closely an account is watched.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Mode(u8);

impl Mode {
    /// A chosen allocation fails.
    pub const FAIL: Mode = Mode(1);
    /// Every block is remembered with the place that asked for it.
    pub const TRACE: Mode = Mode(2);
    /// Some blocks are.
    pub const SAMPLE: Mode = Mode(4);

    /// Whether any bit of `other` is set.
    pub fn has(self, other: Mode) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether any bit is set.
    pub fn any(self) -> bool {
        self.0 != 0
    }

    fn with(self, other: Mode, on: bool) -> Mode {
        Mode(if on { self.0 | other.0 } else { self.0 & !other.0 })
    }
}

impl BitOr for Mode {
    type Output = Mode;
    fn bitor(self, other: Mode) -> Mode {
        Mode(self.0 | other.0)
    }
}

/// A remembered block.
#[derive(Clone, Copy, Debug)]
pub struct Traced {
    /// Bytes that were asked for.
    pub size: usize,
    /// For a sampled object its window: the sampled objects of one window that are still there share the growth,
    /// [`Account::interval`], that opened it. 0: the block stands for itself, or for `size` bytes of large blocks.
    pub window: u32,
    /// The place that asked for it, as [`Account::watch`]'s function gave it.
    pub site: u32,
}

/// Addresses are spread by a multiplication.
#[derive(Default)]
pub struct AddressHasher(u64);

impl Hasher for AddressHasher {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for &b in bytes {
            self.write_usize(usize::from(b));
        }
    }
    fn write_usize(&mut self, n: usize) {
        self.0 = (self.0 ^ n as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(26);
    }
}

type Blocks = HashMap<usize, Traced, BuildHasherDefault<AddressHasher>>;

/// See the module.
pub struct Account {
    pub(crate) taken: Cell<isize>,
    pub(crate) blocks: Cell<isize>,
    pub(crate) limit: Cell<isize>,
    /// Beyond the limit by so much, from when it was first crossed until usage has fallen well below it: who handles the
    /// MemoryError needs a little memory.
    pub(crate) slack: Cell<isize>,
    /// The greatest `taken`, known within some MiB, since it fell by half.
    pub(crate) high: Cell<isize>,
    pub(crate) mode: Cell<Mode>,
    /// Called when a request has crossed the limit that could not be refused.
    pub(crate) notice: Cell<Option<fn()>>,
    /// Requests until the one that fails.
    fail_in: Cell<usize>,
    /// Requests seen while failing is on.
    asked: Cell<usize>,
    site: Cell<Option<fn() -> u32>>,
    traced: RefCell<Blocks>,
    traced_bytes: Cell<usize>,
    traced_peak: Cell<usize>,
    /// Bytes between samples, and those until the next.
    interval: Cell<usize>,
    until_sample: Cell<isize>,
    /// The window that is open, or was, and how many objects it still takes.
    window: Cell<u32>,
    window_left: Cell<u32>,
}

/// So many objects that follow one another are looked at each time that small objects have grown by the interval: most
/// may be garbage soon, but what stays is what grows.
const WINDOW: u32 = 48;

impl Default for Account {
    fn default() -> Self {
        Self {
            taken: Cell::new(0),
            blocks: Cell::new(0),
            limit: Cell::new(isize::MAX),
            slack: Cell::new(0),
            high: Cell::new(0),
            mode: Cell::new(Mode::default()),
            notice: Cell::new(None),
            fail_in: Cell::new(0),
            asked: Cell::new(0),
            site: Cell::new(None),
            traced: RefCell::new(Blocks::default()),
            traced_bytes: Cell::new(0),
            traced_peak: Cell::new(0),
            interval: Cell::new(0),
            until_sample: Cell::new(0),
            window: Cell::new(0),
            window_left: Cell::new(0),
        }
    }
}

impl Account {
    /// This thread's requests are counted here from now on, until another account is opened or [`Account::close`].
    pub fn open(&self) {
        cache::open(self);
    }

    /// Nothing is counted for anybody on this thread any more.
    pub fn close() {
        cache::close();
    }

    /// Who is told, by a call that must not allocate, that the limit is crossed by what could not be refused.
    pub fn set_notice(&self, crossed: fn()) {
        self.notice.set(Some(crossed));
    }

    /// Bytes that the interpreter has from the system.
    pub fn taken(&self) -> usize {
        usize::try_from(cache::balance(self).0).unwrap_or(0)
    }

    /// Their number of blocks.
    pub fn blocks(&self) -> usize {
        usize::try_from(cache::balance(self).1).unwrap_or(0)
    }

    /// Limits [`Account::taken`].
    pub fn set_limit(&self, bytes: usize) {
        self.limit.set(isize::try_from(bytes).unwrap_or(isize::MAX));
        cache::changed(self);
    }

    /// The limit; `usize::MAX` when there is none.
    pub fn limit(&self) -> usize {
        if self.limit.get() == isize::MAX { usize::MAX } else { self.limit.get() as usize }
    }

    /// Whether so many bytes more may be taken.
    #[must_use]
    pub fn has_room(&self, bytes: usize) -> bool {
        if self.mode.get().has(Mode::FAIL) && !cache::is_busy() && self.count_down() {
            return false;
        }
        let fits = isize::try_from(bytes).is_ok_and(|n| cache::balance(self).0.saturating_add(n) <= self.bound());
        if !fits {
            self.crossed();
        }
        fits
    }

    /// The limit as it is in force now.
    pub(crate) fn bound(&self) -> isize {
        self.limit.get().saturating_add(self.slack.get())
    }

    /// A request was too much.
    pub(crate) fn crossed(&self) {
        if self.slack.get() == 0 && self.limit.get() != isize::MAX {
            self.slack.set((self.limit.get() / 16).max(256 << 10));
            cache::changed(self);
        }
    }

    /// Where usage must fall to end the slack.
    pub(crate) fn slack_ends(&self) -> isize {
        if self.slack.get() > 0 { self.limit.get() - self.limit.get() / 16 } else { isize::MIN }
    }

    fn set_mode(&self, bit: Mode, on: bool) {
        self.mode.set(self.mode.get().with(bit, on));
        cache::changed(self);
    }

    /// How closely the account is watched.
    pub fn mode(&self) -> Mode {
        self.mode.get()
    }

    /// The `n`-th request from now on fails (1 is the next), 0: none does. Tells how many requests there were since
    /// the last call.
    pub fn fail_at(&self, n: usize) -> usize {
        self.fail_in.set(n);
        cache::flush();
        self.set_mode(Mode::FAIL, n > 0);
        self.asked.replace(0)
    }

    /// One request of a failing run: whether it is the one that fails.
    pub(crate) fn count_down(&self) -> bool {
        self.asked.set(self.asked.get() + 1);
        let n = self.fail_in.get();
        self.fail_in.set(n.saturating_sub(1));
        n == 1
    }

    /// Remembers every block from now on (`every` = 0), or one for every so many bytes; `site` names the place that asks.
    pub fn watch(&self, every: usize, site: fn() -> u32) {
        self.site.set(Some(site));
        self.window_left.set(0);
        self.interval.set(every);
        self.until_sample.set(every as isize);
        cache::flush();
        self.set_mode(Mode::TRACE, every == 0);
        self.set_mode(Mode::SAMPLE, every > 0);
    }

    /// Ends [`Account::watch`] and forgets all blocks.
    pub fn unwatch(&self) {
        self.set_mode(Mode::TRACE | Mode::SAMPLE, false);
        self.window_left.set(0);
        self.forget_traced();
        self.site.set(None);
    }

    /// Forgets the remembered blocks.
    pub fn forget_traced(&self) {
        let old = cache::unwatched(|| self.traced.take());
        cache::unwatched(|| drop(old));
        self.traced_bytes.set(0);
        self.traced_peak.set(0);
    }

    /// Bytes of remembered blocks, now and at most.
    pub fn traced_bytes(&self) -> (usize, usize) {
        (self.traced_bytes.get(), self.traced_peak.get())
    }

    /// The most becomes what there is now.
    pub fn reset_traced_peak(&self) {
        self.traced_peak.set(self.traced_bytes.get());
    }

    /// Bytes that remembering takes itself.
    pub fn watching_bytes(&self) -> usize {
        self.traced.borrow().capacity() * (size_of::<(usize, Traced)>() + 1)
    }

    /// What is remembered of the block at an address.
    pub fn traced_at(&self, address: usize) -> Option<Traced> {
        self.traced.borrow().get(&address).copied()
    }

    /// All remembered blocks: address and the rest. They are copied out by what is not watched itself.
    pub fn traced(&self) -> Vec<(usize, Traced)> {
        cache::unwatched(|| self.traced.borrow().iter().map(|(&a, &t)| (a, t)).collect())
    }

    /// Whether a sample is due once `size` bytes more were asked for.
    #[inline]
    pub(crate) fn sample_due(&self, size: usize) -> bool {
        if !self.mode.get().has(Mode::SAMPLE) {
            return false;
        }
        let left = self.until_sample.get() - size as isize;
        self.until_sample.set(left);
        left <= 0
    }

    /// Bytes between samples.
    pub fn interval(&self) -> usize {
        self.interval.get()
    }

    /// Small objects have grown by the interval: the next ones are looked at.
    pub(crate) fn open_window(&self) {
        self.until_sample.set(self.interval.get() as isize);
        self.window.set(self.window.get() + 1);
        self.window_left.set(WINDOW);
    }

    /// An object for the open window; true if it was the last.
    pub(crate) fn remember_in_window(&self, address: usize, size: usize) -> bool {
        let left = self.window_left.get().saturating_sub(1);
        self.window_left.set(left);
        self.insert(address, size, self.window.get());
        left == 0
    }

    /// Whether a window is open.
    pub(crate) fn in_window(&self) -> bool {
        self.window_left.get() > 0
    }

    /// A block that came from the system.
    pub(crate) fn made(&self, address: usize, size: usize) {
        // Small blocks pass through the lists, where nobody sees them go: none of them is a sample.
        if self.mode.get().has(Mode::TRACE) || size > cache::MOST && self.sample_due(size) {
            self.remember(address, size);
        }
    }

    /// Remembers a block, as a sample or for itself.
    pub(crate) fn remember(&self, address: usize, size: usize) {
        let mut bytes = size;
        if self.mode.get().has(Mode::SAMPLE) {
            bytes = self.interval.get().max(size);
            self.until_sample.set(self.interval.get() as isize);
        } else if !self.mode.get().has(Mode::TRACE) {
            return;
        }
        self.insert(address, bytes, 0);
    }

    fn insert(&self, address: usize, bytes: usize, window: u32) {
        let Some(site) = self.site.get() else { return };
        let new = Traced { size: bytes, window, site: site() };
        let old = self.traced.borrow_mut().insert(address, new);
        let now = self.traced_bytes.get() + bytes - old.map_or(0, |o| o.size);
        self.traced_bytes.set(now);
        self.traced_peak.set(self.traced_peak.get().max(now));
    }

    pub(crate) fn gone(&self, address: usize) {
        let old = self.traced.borrow_mut().remove(&address);
        if let Some(old) = old {
            self.traced_bytes.set(self.traced_bytes.get() - old.size);
        }
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        cache::forget(self);
    }
}
