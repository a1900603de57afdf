//! The interpreter's lock: one thread runs Python at a time.
//!
//! A thread that has waited for the switch interval sets [`breaker::GIL`] in the holder's eval breaker; the
//! holder then gives the lock up and does not ask for it again before another thread has had it. The lock
//! outlives its interpreter for the sake of daemon threads, which find it closed.

use std::cell::Cell;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::{Vm, breaker};
use crate::core::PyCell;

/// The word that the loop looks at: set bits want attention. Other threads and signal handlers set bits too.
#[derive(Default)]
pub struct EvalBreaker(AtomicU32);

impl EvalBreaker {
    /// No bit is set.
    pub const fn new() -> Self {
        Self(AtomicU32::new(0))
    }

    /// The bits.
    #[inline(always)]
    pub fn get(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }

    /// Sets bits.
    #[inline(always)]
    pub fn insert(&self, bits: u32) {
        self.0.fetch_or(bits, Ordering::Relaxed);
    }

    /// Clears bits.
    #[inline(always)]
    pub fn remove(&self, bits: u32) {
        self.0.fetch_and(!bits, Ordering::Relaxed);
    }

    /// The word, for signal handlers.
    pub fn word(&self) -> &AtomicU32 {
        &self.0
    }
}

struct State {
    /// Whether a thread holds the lock.
    held: bool,
    /// The holder's eval breaker; null when nobody holds the lock.
    holder: *const EvalBreaker,
    /// Counts how often the lock was taken.
    turn: u64,
    /// Threads that wait for the lock.
    waiting: usize,
    /// Threads that gave the lock up on request and wait until another one has it.
    yielding: usize,
    /// Bits for the eval breaker of the next thread that takes the lock.
    poked: u32,
    /// Once the interpreter ends: the only thread that still gets the lock.
    last: Option<u64>,
}

// SAFETY: the pointer is used only under the mutex, while its thread holds the lock and so lives.
unsafe impl Send for State {}

/// One interpreter's lock.
pub struct Gil {
    state: Mutex<State>,
    freed: Condvar,
    taken: Condvar,
    interval: AtomicU64,
}

impl Default for Gil {
    fn default() -> Self {
        Self {
            state: Mutex::new(State { held: false, holder: std::ptr::null(), turn: 0, waiting: 0, yielding: 0, poked: 0, last: None }),
            freed: Condvar::new(),
            taken: Condvar::new(),
            interval: AtomicU64::new(5_000_000),
        }
    }
}

impl Gil {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How long a thread waits before it asks for the lock, in nanoseconds.
    pub fn set_interval(&self, nanoseconds: u64) {
        self.interval.store(nanoseconds.max(1), Ordering::Relaxed);
    }

    /// Waits for the lock and takes it. A thread that comes after the end of the interpreter waits for ever.
    pub fn take(&self, vm: &Vm) {
        let mut s = self.lock();
        if s.last.is_some_and(|id| id != vm.id) {
            hang(s);
        }
        if s.held {
            s.waiting += 1;
            while s.held {
                let seen = s.turn;
                let interval = Duration::from_nanos(self.interval.load(Ordering::Relaxed));
                let (guard, result) = self.freed.wait_timeout(s, interval).unwrap_or_else(PoisonError::into_inner);
                s = guard;
                if s.last.is_some_and(|id| id != vm.id) {
                    s.waiting -= 1;
                    hang(s);
                }
                if result.timed_out() && s.held && s.turn == seen && !s.holder.is_null() {
                    // SAFETY: the holder's thread can't end while it holds the lock, and can't give it up
                    // while we hold the mutex.
                    unsafe { (*s.holder).insert(breaker::GIL) };
                }
            }
            s.waiting -= 1;
        }
        s.held = true;
        s.holder = &raw const vm.eval_breaker;
        s.turn += 1;
        if s.poked != 0 {
            vm.eval_breaker.insert(std::mem::take(&mut s.poked));
        }
        let wake = s.yielding > 0;
        drop(s);
        if wake {
            self.taken.notify_all();
        }
    }

    /// As [`Gil::take`], but waits only so long; false if that was not enough.
    pub fn take_within(&self, vm: &Vm, time: Duration) -> bool {
        let end = std::time::Instant::now() + time;
        loop {
            let s = self.lock();
            if !s.held {
                drop(s);
                self.take(vm);
                return true;
            }
            if std::time::Instant::now() >= end {
                return false;
            }
            if !s.holder.is_null() {
                // SAFETY: as in `take`.
                unsafe { (*s.holder).insert(breaker::GIL) };
            }
            drop(self.freed.wait_timeout(s, Duration::from_millis(1)));
        }
    }

    /// Gives the lock up.
    pub fn release(&self, vm: &Vm) {
        let mut s = self.lock();
        let wake = self.free(&mut s, vm);
        drop(s);
        if wake {
            self.freed.notify_one();
        }
    }

    fn free(&self, s: &mut State, vm: &Vm) -> bool {
        s.held = false;
        s.holder = std::ptr::null();
        vm.eval_breaker.remove(breaker::GIL);
        s.waiting > 0
    }

    /// Lets a waiting thread have the lock, if there is one, and then takes it again.
    fn hand_over(&self, vm: &Vm) {
        let mut s = self.lock();
        if s.waiting == 0 {
            vm.eval_breaker.remove(breaker::GIL);
            return;
        }
        let turn = s.turn;
        self.free(&mut s, vm);
        s.yielding += 1;
        self.freed.notify_one();
        while s.turn == turn && s.waiting > 0 {
            s = self.taken.wait(s).unwrap_or_else(PoisonError::into_inner);
        }
        s.yielding -= 1;
        drop(s);
        self.take(vm);
    }

    /// Sets bits in the eval breaker of the thread that holds the lock, or of the next that takes it; called from
    /// anywhere.
    pub fn poke(&self, bits: u32) {
        let mut s = self.lock();
        if s.holder.is_null() {
            s.poked |= bits;
        } else {
            // SAFETY: as in `take`.
            unsafe { (*s.holder).insert(bits) };
        }
    }

    /// From now on only this thread gets the lock; all others that ask for it wait for ever.
    pub fn close(&self, vm: &Vm) {
        let mut s = self.lock();
        s.last = Some(vm.id);
        if s.waiting > 0 {
            self.freed.notify_all();
        }
    }
}

/// What becomes of threads that outlive their interpreter.
fn hang(s: MutexGuard<'_, State>) -> ! {
    drop(s);
    loop {
        std::thread::park();
    }
}

/// Keeps the lock's inner state in order across a fork.
pub struct Forking<'a>(MutexGuard<'a, State>);

impl Forking<'_> {
    /// In the child: no other thread is left.
    pub fn in_child(mut self) {
        self.0.waiting = 0;
        self.0.yielding = 0;
    }
}

/// The threads of an interpreter; touched only with the lock held.
#[derive(Default)]
pub struct Threads {
    list: PyCell<Vec<*const Vm>>,
    main: Cell<u64>,
}

impl Threads {
    /// All threads, oldest first. None of them ends while the caller keeps the lock.
    pub fn all(&self) -> Vec<&Vm> {
        // SAFETY: a thread leaves the list before its state is freed, with the lock held.
        self.list.borrow().iter().map(|&vm| unsafe { &*vm }).collect()
    }

    /// All threads, newest first, for those who can't wait for the lock.
    pub(super) fn all_unlocked(&self) -> impl Iterator<Item = &'static Vm> {
        // SAFETY: no better than said above; threads come and go seldom.
        let list: &[*const Vm] = unsafe { &*self.list.as_ptr() };
        list.iter().rev().map(|&vm| unsafe { &*vm })
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.list.borrow().len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Makes a thread known.
    pub fn add(&self, vm: &Vm) {
        self.list.borrow_mut().push(vm);
        if self.main.get() == 0 {
            self.main.set(vm.id);
        }
    }

    /// Forgets a thread that is about to end.
    pub fn remove(&self, vm: &Vm) {
        self.forget(vm);
    }

    /// Forgets a thread that has never run.
    pub fn forget(&self, vm: *const Vm) {
        self.list.borrow_mut().retain(|&v| !std::ptr::eq(v, vm));
    }

    /// The main thread.
    pub fn main(&self) -> Option<&Vm> {
        self.all().into_iter().find(|vm| vm.id == self.main.get())
    }

    /// In a fork's child: this thread is the only one, and the main one.
    pub fn keep_only(&self, vm: &Vm) {
        self.list.borrow_mut().retain(|&v| std::ptr::eq(v, vm));
        self.main.set(vm.id);
    }
}

impl Vm {
    /// Whether this is the interpreter's main thread, which runs signal handlers.
    pub fn is_main(&self) -> bool {
        self.interp().threads.main.get() == self.id
    }

    /// Takes the lock and becomes the running thread.
    pub fn enter(&self) {
        self.gil.take(self);
        self.attach();
    }

    /// Ends [`Vm::enter`].
    pub fn leave(&self) {
        self.detach();
        self.gil.release(self);
    }

    /// Runs `f`, which must not touch Python, while other threads run Python. (`Send` keeps values out of it.)
    pub fn allow_threads<T: Send>(&self, f: impl FnOnce() -> T + Send) -> T {
        struct Return<'a>(&'a Vm);
        impl Drop for Return<'_> {
            fn drop(&mut self) {
                self.0.enter();
            }
        }
        self.leave();
        let _return = Return(self);
        f()
    }

    /// Gives other threads their turn, as one has asked for it.
    #[cold]
    pub(crate) fn hand_over(&self) {
        self.detach();
        self.gil.hand_over(self);
        self.attach();
    }

    /// To be held across a fork.
    pub fn forking(&self) -> Forking<'_> {
        Forking(self.gil.lock())
    }

    /// Drops all values that the thread's state holds; to be called by the thread itself before its state is freed.
    pub fn clear(&self) {
        drop(self.raised.take());
        drop(self.handled.take());
        drop(self.loop_result.take());
        drop(self.trace_fn.take());
        drop(self.profile_fn.take());
        drop(self.context.take());
        drop(self.decimal.take());
        drop(self.running_task.take());
        drop(self.running_loop.take());
        drop(self.asyncio.take());
        drop(self.asyncgen_hooks.replace((None, None)));
        drop(self.async_exc.take());
        drop(self.stop_value.take());
        drop(self.on_exit.take());
    }
}
