//! `lock` and `RLock`.

use std::cell::Cell;

use taipan_macros::class;
use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::native::Args;
use taipan_runtime::types::type_::TypeObject;
use taipan_runtime::types::{int, tuple};
use taipan_runtime::vm::Vm;

use super::raw::RawLock;
use crate::timearg::{self, Round};

/// The longest time-out, in nanoseconds.
pub const TIMEOUT_MAX: i64 = i64::MAX;

/// How long to wait: `None` for not at all, else until a point of the monotonic clock, if there is one.
fn patience(vm: &Vm, blocking: bool, timeout: Option<&Value>) -> R<Option<Option<i64>>> {
    let n = match timeout {
        None => -1_000_000_000,
        Some(v) => timearg::nanoseconds(vm, v, Round::Up)?,
    };
    let given = n != -1_000_000_000;
    if !blocking && given {
        return Err(vm.value_error("can't specify a timeout for a non-blocking call"));
    }
    if n < 0 && given {
        return Err(vm.value_error("timeout value must be a non-negative number"));
    }
    if !blocking || n == 0 {
        return Ok(None);
    }
    Ok(Some(if given { Some(timearg::after(n)) } else { None }))
}

/// The payload of lock.
#[derive(taipan_macros::Trace)]
pub struct Lock {
    #[no_trace]
    raw: RawLock,
}

/// A new, free lock.
pub fn new_lock() -> Ref<Lock> {
    Ref::new(Lock { raw: RawLock::new() })
}

fn acquire(vm: &Vm, raw: &RawLock, blocking: bool, timeout: Option<&Value>) -> R<bool> {
    match patience(vm, blocking, timeout)? {
        None => Ok(raw.try_acquire()),
        Some(_) if raw.try_acquire() => Ok(true),
        Some(deadline) => {
            let got = raw.acquire(vm, deadline)?;
            // A signal that came meanwhile is handled now: `Condition.wait` expects it here, before it takes its lock again.
            vm.poll()?;
            Ok(got)
        }
    }
}

fn release(vm: &Vm, this: &Ref<Lock>) -> R<()> {
    if this.raw.release() { Ok(()) } else { Err(vm.runtime_error("release unlocked lock")) }
}

/// A lock object is a synchronization primitive.
///
/// It is free or held, by no thread in particular: any thread may release it.
#[class(name = "lock", module = "_thread", flags(HAS_WEAKREF))]
impl Lock {
    #[slot]
    fn new(vm: &Vm, _cls: &TypeObject, args: Args<'_>) -> R<Ref<Lock>> {
        if !args.all.is_empty() {
            return Err(vm.type_error("lock() takes no arguments"));
        }
        Ok(new_lock())
    }

    #[slot]
    fn repr(_vm: &Vm, this: &Ref<Lock>) -> String {
        let state = if this.raw.locked() { "locked" } else { "unlocked" };
        format!("<{state} _thread.lock object at {:#x}>", this.value().id())
    }

    /// Lock the lock. Waits for it unless `blocking` is false, at most `timeout` seconds.
    #[method(sig = "(blocking=True, timeout=-1)")]
    fn acquire(vm: &Vm, this: &Ref<Lock>, blocking: bool, timeout: Option<&Value>) -> R<bool> {
        acquire(vm, &this.raw, blocking, timeout)
    }

    /// An obsolete synonym of acquire().
    #[method(sig = "(blocking=True, timeout=-1)")]
    fn acquire_lock(vm: &Vm, this: &Ref<Lock>, blocking: bool, timeout: Option<&Value>) -> R<bool> {
        acquire(vm, &this.raw, blocking, timeout)
    }

    /// Lock the lock.
    #[method(sig = "()")]
    fn __enter__(vm: &Vm, this: &Ref<Lock>) -> R<bool> {
        this.raw.acquire(vm, None)
    }

    /// Release the lock, allowing another thread that waits for it to go on.
    #[method(sig = "()")]
    fn release(vm: &Vm, this: &Ref<Lock>) -> R<()> {
        release(vm, this)
    }

    /// An obsolete synonym of release().
    #[method(sig = "()")]
    fn release_lock(vm: &Vm, this: &Ref<Lock>) -> R<()> {
        release(vm, this)
    }

    /// Release the lock.
    #[method(sig = "(*args)")]
    fn __exit__(vm: &Vm, this: &Ref<Lock>, _args: &[Value]) -> R<()> {
        release(vm, this)
    }

    /// Return whether the lock is in the locked state.
    #[method(sig = "()")]
    fn locked(_vm: &Vm, this: &Ref<Lock>) -> bool {
        this.raw.locked()
    }

    /// An obsolete synonym of locked().
    #[method(sig = "()")]
    fn locked_lock(_vm: &Vm, this: &Ref<Lock>) -> bool {
        this.raw.locked()
    }

    #[method(sig = "()")]
    fn _at_fork_reinit(_vm: &Vm, this: &Ref<Lock>) {
        this.raw.reset();
    }
}

/// A lock that knows the thread that holds it, which may take it again.
#[derive(Default)]
pub struct RawRLock {
    raw: RawLock,
    /// The holder's `Vm::id`, 0 for none, and its identifier for Python.
    owner: Cell<u64>,
    ident: Cell<u64>,
    count: Cell<u64>,
}

impl RawRLock {
    /// Whether the calling thread holds it.
    pub fn is_mine(&self, vm: &Vm) -> bool {
        self.owner.get() == vm.id
    }

    /// Whether any thread holds it.
    pub fn is_held(&self) -> bool {
        self.raw.locked()
    }

    /// Takes the lock once more, as [`RawLock::acquire`].
    pub fn acquire(&self, vm: &Vm, patience: Option<Option<i64>>) -> R<bool> {
        if self.is_mine(vm) {
            self.count.set(self.count.get().saturating_add(1));
            return Ok(true);
        }
        let got = match patience {
            None => self.raw.try_acquire(),
            Some(deadline) => self.raw.acquire(vm, deadline)?,
        };
        if got {
            self.hold(vm, 1);
        }
        Ok(got)
    }

    fn hold(&self, vm: &Vm, count: u64) {
        self.owner.set(vm.id);
        self.ident.set(vm.thread_id.get());
        self.count.set(count);
    }

    /// Gives one acquisition back; false if the thread does not hold the lock.
    pub fn release(&self, vm: &Vm) -> bool {
        if !self.is_mine(vm) {
            return false;
        }
        self.count.set(self.count.get() - 1);
        if self.count.get() == 0 {
            self.free();
        }
        true
    }

    fn free(&self) {
        self.owner.set(0);
        self.ident.set(0);
        self.count.set(0);
        self.raw.release();
    }
}

/// The payload of RLock.
#[derive(taipan_macros::Trace)]
pub struct RLock {
    #[no_trace]
    lock: RawRLock,
}

fn rlock_release(vm: &Vm, this: &Ref<RLock>) -> R<()> {
    if this.lock.release(vm) { Ok(()) } else { Err(vm.runtime_error("cannot release un-acquired lock")) }
}

/// A lock that the thread that holds it may take again; it must release it as often.
#[class(name = "RLock", module = "_thread", flags(BASETYPE, HAS_WEAKREF))]
impl RLock {
    #[slot]
    fn new(_vm: &Vm, cls: &TypeObject, _args: Args<'_>) -> R {
        Ok(Ref::new_of(cls, RLock { lock: RawRLock::default() }).into_value())
    }

    #[slot]
    fn repr(_vm: &Vm, this: &Ref<RLock>) -> String {
        let l = &this.lock;
        let state = if l.count.get() > 0 { "locked" } else { "unlocked" };
        let (name, owner, count, at) = (this.ty().tp_name(), l.ident.get(), l.count.get(), this.value().id());
        format!("<{state} {name} object owner={owner} count={count} at {at:#x}>")
    }

    /// Lock the lock, or once more if this thread has it already.
    #[method(sig = "(blocking=True, timeout=-1)")]
    fn acquire(vm: &Vm, this: &Ref<RLock>, blocking: bool, timeout: Option<&Value>) -> R<bool> {
        let p = patience(vm, blocking, timeout)?;
        this.lock.acquire(vm, p)
    }

    /// Lock the lock.
    #[method(sig = "()")]
    fn __enter__(vm: &Vm, this: &Ref<RLock>) -> R<bool> {
        this.lock.acquire(vm, Some(None))
    }

    /// Release the lock once; it becomes free when that was as often as it was acquired.
    #[method(sig = "()")]
    fn release(vm: &Vm, this: &Ref<RLock>) -> R<()> {
        rlock_release(vm, this)
    }

    /// Release the lock once.
    #[method(sig = "(*args)")]
    fn __exit__(vm: &Vm, this: &Ref<RLock>, _args: &[Value]) -> R<()> {
        rlock_release(vm, this)
    }

    /// Return whether any thread holds the lock.
    #[method(sig = "()")]
    fn locked(_vm: &Vm, this: &Ref<RLock>) -> bool {
        this.lock.raw.locked()
    }

    /// For internal use by `threading.Condition`.
    #[method(sig = "()")]
    fn _is_owned(vm: &Vm, this: &Ref<RLock>) -> bool {
        this.lock.is_mine(vm)
    }

    /// For internal use by reentrancy checks.
    #[method(sig = "()")]
    fn _recursion_count(vm: &Vm, this: &Ref<RLock>) -> u64 {
        if this.lock.is_mine(vm) { this.lock.count.get() } else { 0 }
    }

    /// For internal use by `threading.Condition`.
    #[method(sig = "()")]
    fn _release_save(vm: &Vm, this: &Ref<RLock>) -> R {
        let l = &this.lock;
        if l.count.get() == 0 {
            return Err(vm.runtime_error("cannot release un-acquired lock"));
        }
        let state = tuple::from_array([Value::from(l.count.get()), Value::from(l.ident.get())]);
        l.free();
        Ok(state.into_value())
    }

    /// For internal use by `threading.Condition`.
    #[method(sig = "(state, /)")]
    fn _acquire_restore(vm: &Vm, this: &Ref<RLock>, state: &Value) -> R<()> {
        let parts = match state.downcast::<tuple::Tuple>().map(|t| t.as_slice()) {
            Some([count, owner]) => (int::get(count).and_then(int::IntRef::to_i64), int::get(owner)),
            _ => return Err(vm.type_error("_acquire_restore() argument 1 must be 2-item tuple")),
        };
        let (Some(count), Some(_)) = parts else { return Err(vm.type_error("an integer is required")) };
        this.lock.raw.acquire(vm, None)?;
        this.lock.hold(vm, u64::try_from(count).unwrap_or(1));
        Ok(())
    }

    #[method(sig = "()")]
    fn _at_fork_reinit(_vm: &Vm, this: &Ref<RLock>) {
        let l = &this.lock;
        l.raw.reset();
        l.owner.set(0);
        l.ident.set(0);
        l.count.set(0);
    }
}
