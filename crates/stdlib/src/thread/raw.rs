//! A lock and an event that wait without the interpreter's lock and let signals through.

use std::sync::atomic::{AtomicU32, Ordering};

use taipan_host::thread::{wait, wake};
use taipan_runtime::core::R;
use taipan_runtime::vm::Vm;

const FREE: u32 = 0;
const HELD: u32 = 1;
/// Held, and somebody may be waiting.
const WANTED: u32 = 2;

/// How waiting ended.
enum Waited {
    Done,
    TimedOut,
    Interrupted,
}

fn sleep(word: &AtomicU32, expected: u32, deadline: Option<i64>) -> Option<Waited> {
    match wait(word, expected, deadline) {
        Err(e) if e.name() == Some("EINTR") => Some(Waited::Interrupted),
        Err(e) if e.name() == Some("ETIMEDOUT") => Some(Waited::TimedOut),
        _ => None,
    }
}

/// Repeats a wait that signals interrupt; their handlers run in between.
fn through_signals(vm: &Vm, once: impl Fn() -> Waited + Sync) -> R<bool> {
    let once = &once;
    loop {
        match vm.allow_threads(once) {
            Waited::Done => return Ok(true),
            Waited::TimedOut => return Ok(false),
            Waited::Interrupted => vm.poll()?,
        }
    }
}

/// A lock that belongs to no thread.
#[derive(Default)]
pub struct RawLock(AtomicU32);

impl RawLock {
    /// A free lock.
    pub const fn new() -> Self {
        Self(AtomicU32::new(FREE))
    }

    /// Takes the lock if it is free.
    #[inline]
    pub fn try_acquire(&self) -> bool {
        self.0.compare_exchange(FREE, HELD, Ordering::Acquire, Ordering::Relaxed).is_ok()
    }

    /// Waits for the lock until the monotonic clock reaches `deadline`; false if that came first.
    ///
    /// Raises what signal handlers raise meanwhile; the lock is not taken then.
    pub fn acquire(&self, vm: &Vm, deadline: Option<i64>) -> R<bool> {
        if self.try_acquire() {
            return Ok(true);
        }
        through_signals(vm, || loop {
            if self.0.swap(WANTED, Ordering::Acquire) == FREE {
                return Waited::Done;
            }
            if let Some(end) = sleep(&self.0, WANTED, deadline) {
                return end;
            }
        })
    }

    /// Frees the lock; false if it was free.
    #[inline]
    pub fn release(&self) -> bool {
        let was = self.0.swap(FREE, Ordering::Release);
        if was == WANTED {
            wake(&self.0, 1);
        }
        was != FREE
    }

    /// Whether somebody holds it.
    pub fn locked(&self) -> bool {
        self.0.load(Ordering::Relaxed) != FREE
    }

    /// Frees the lock in a fork's child, where nobody waits.
    pub fn reset(&self) {
        self.0.store(FREE, Ordering::Relaxed);
    }
}

/// Something that happens once.
#[derive(Default)]
pub struct RawEvent(AtomicU32);

impl RawEvent {
    /// It happens.
    pub fn set(&self) {
        self.0.store(1, Ordering::Release);
        wake(&self.0, u32::MAX);
    }

    /// Whether it has happened.
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Acquire) != 0
    }

    /// Waits until it has happened, or until the monotonic clock reaches `deadline`; false if that came first.
    ///
    /// Raises what signal handlers raise meanwhile.
    pub fn wait(&self, vm: &Vm, deadline: Option<i64>) -> R<bool> {
        if self.is_set() {
            return Ok(true);
        }
        through_signals(vm, || loop {
            if self.is_set() {
                return Waited::Done;
            }
            if let Some(end) = sleep(&self.0, 0, deadline) {
                return end;
            }
        })
    }
}
