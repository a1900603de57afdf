//! The payload of Future, and what can be done with it.

use std::cell::Cell;

use taipan_macros::{Drain, Trace};
use taipan_memory::flags;
use taipan_runtime::core::{PyCell, R, Raised, Ref, Value};
use taipan_runtime::native::Args;
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::exceptions::{self as exc, BaseException, Traceback};
use taipan_runtime::types::set::{self, Set};
use taipan_runtime::types::{frozenset, tuple};
use taipan_runtime::vm::{Vm, names};

use super::state::{invalid_state, not_initialized, state};
use super::{loops, plain, task};

/// How far a future is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Phase {
    /// No result yet.
    Pending,
    /// Cancelled.
    Cancelled,
    /// It has a result or an exception.
    Finished,
}

/// What happens when a future is done.
#[derive(Clone, Trace, Drain)]
pub enum Callback {
    /// A function is called in a context.
    Call { function: Value, context: Value },
    /// A task goes on. Nobody sees the callable that stands for it before it is scheduled.
    Wakeup(Value),
}

impl Callback {
    /// The callable and its context.
    pub fn parts(&self) -> (Value, Value) {
        match self {
            Self::Call { function, context } => (function.clone(), context.clone()),
            Self::Wakeup(task) => (task::wakeup_method(task), task::context_of(task)),
        }
    }

    fn is(&self, other: &Callback) -> bool {
        match (self, other) {
            (
                Self::Call {
                    function: f,
                    context: c,
                },
                Self::Call {
                    function: g,
                    context: d,
                },
            ) => f.is(g) && c.is(d),
            (Self::Wakeup(a), Self::Wakeup(b)) => a.is(b),
            _ => false,
        }
    }
}

/// The payload of Future, and the first part of Task's.
#[derive(Trace)]
#[repr(C)]
pub struct Future {
    /// The loop; `None` until `__init__` is called.
    pub event_loop: PyCell<Option<Value>>,
    /// The result, or the exception if `failed`.
    pub outcome: PyCell<Option<Value>>,
    /// The first callback: mostly there is only one.
    pub first: PyCell<Option<Callback>>,
    /// The others.
    pub more: PyCell<Vec<Callback>>,
    /// A future that waits for this one, or a set of them.
    pub awaited_by: PyCell<Option<Value>>,
    /// How far it is.
    #[no_trace]
    pub phase: Cell<Phase>,
    /// Whether the outcome is an exception.
    pub failed: Cell<bool>,
    /// `_asyncio_future_blocking`
    pub blocking: Cell<bool>,
    /// Whether an exception was set that nobody has asked for.
    pub log_traceback: Cell<bool>,
    /// The traceback that the exception had when it was set.
    pub traceback: PyCell<Option<Ref<Traceback>>>,
    /// Where the future was made, in debug mode.
    pub source_traceback: PyCell<Option<Value>>,
    /// The argument of `cancel()`.
    pub cancel_message: PyCell<Option<Value>>,
    /// The CancelledError with which a task ended.
    pub cancelled_error: PyCell<Option<Value>>,
    /// The namespace of the instance.
    pub dict: PyCell<Option<Ref<Dict>>>,
}

impl Future {
    /// One whose `__init__` was not called yet.
    pub fn empty() -> Self {
        Self {
            event_loop: PyCell::new(None),
            outcome: PyCell::new(None),
            first: PyCell::new(None),
            more: PyCell::new(Vec::new()),
            awaited_by: PyCell::new(None),
            phase: Cell::new(Phase::Pending),
            failed: Cell::new(false),
            blocking: Cell::new(false),
            log_traceback: Cell::new(false),
            traceback: PyCell::new(None),
            source_traceback: PyCell::new(None),
            cancel_message: PyCell::new(None),
            cancelled_error: PyCell::new(None),
            dict: PyCell::new(None),
        }
    }

    /// What `__init__` does, for a new object or once more.
    ///
    /// Raises what the loop raises.
    pub fn start(&self, vm: &Vm, event_loop: Option<Value>) -> R<()> {
        let event_loop = match event_loop {
            Some(l) => l,
            None => loops::event_loop(vm)?,
        };
        self.forget();
        self.event_loop.set(Some(event_loop.clone()));
        if plain::is_plain(vm, &state(vm), &event_loop) {
            return Ok(());
        }
        let debug = vm.call_method_name(&event_loop, &names().get_debug, &[])?;
        if vm.truth(&debug)? && !vm.interp().finalizing.get() {
            let stack = vm.call(&vm.import_attr("traceback", "extract_stack")?, &[])?;
            self.source_traceback.set(Some(stack));
        }
        Ok(())
    }

    /// Back to the state of a new object.
    fn forget(&self) {
        if self.event_loop.borrow().is_none() {
            return;
        }
        self.phase.set(Phase::Pending);
        self.failed.set(false);
        self.blocking.set(false);
        self.log_traceback.set(false);
        self.event_loop.set(None);
        self.outcome.set(None);
        self.first.set(None);
        drop(self.more.take());
        self.awaited_by.set(None);
        self.traceback.set(None);
        self.source_traceback.set(None);
        self.cancel_message.set(None);
        self.cancelled_error.set(None);
    }

    /// The loop.
    ///
    /// Raises RuntimeError if `__init__` was not called.
    #[inline]
    pub fn alive(&self, vm: &Vm) -> R<Value> {
        match self.event_loop.borrow().as_ref() {
            Some(l) => Ok(l.clone()),
            None => Err(not_initialized(vm)),
        }
    }

    /// The argument of `cancel()`, or None.
    pub fn message(&self) -> Value {
        self.cancel_message.get().unwrap_or(Value::NONE)
    }

    /// The exception for a cancelled future: the one with which a task ended is given away.
    ///
    /// Raises what making one raises.
    pub fn cancelled_exception(&self, vm: &Vm) -> R {
        if let Some(e) = self.cancelled_error.take() {
            return Ok(e);
        }
        let class = state(vm).cancelled_error(vm)?;
        match self.cancel_message.get().filter(|m| !m.is_none()) {
            Some(m) => vm.call(&class, &[m]),
            None => vm.call(&class, &[]),
        }
    }

    /// Raises the exception for a cancelled future.
    #[cold]
    pub fn raise_cancelled(&self, vm: &Vm) -> Raised {
        match self.cancelled_exception(vm) {
            Ok(e) if e.downcast::<BaseException>().is_some() => vm.raise(e),
            Ok(_) => vm.type_error("exceptions must derive from BaseException"),
            Err(r) => r,
        }
    }

    /// The exception that was set, with the traceback that it had then.
    fn take_exception(&self) -> Value {
        let e = self.outcome.get().unwrap_or(Value::NONE);
        let tb = self.traceback.take();
        if let Some(b) = e.downcast::<BaseException>() {
            b.traceback.set(tb);
        }
        e
    }

    /// `result()`
    ///
    /// Raises the exception that was set, CancelledError or InvalidStateError.
    #[inline]
    pub fn take_result(&self, vm: &Vm) -> R {
        match self.take_outcome(vm)? {
            Ok(v) => Ok(v),
            Err(e) => Err(vm.raise(e)),
        }
    }

    /// The result, or as an inner error the exception that was set.
    ///
    /// Raises CancelledError and InvalidStateError.
    #[inline]
    pub fn take_outcome(&self, vm: &Vm) -> R<Result<Value, Value>> {
        match self.phase.get() {
            Phase::Finished if !self.failed.get() => {
                Ok(Ok(self.outcome.get().unwrap_or(Value::NONE)))
            }
            Phase::Finished => {
                self.log_traceback.set(false);
                Ok(Err(self.take_exception()))
            }
            Phase::Cancelled => Err(self.raise_cancelled(vm)),
            Phase::Pending => Err(invalid_state(vm, "Result is not set.")),
        }
    }
}

/// Calls `loop.call_soon(function[, arg], context=context)`.
///
/// Raises what that raises.
#[inline]
pub fn call_soon(
    vm: &Vm,
    event_loop: &Value,
    function: Value,
    arg: Option<&Value>,
    context: Value,
) -> R<()> {
    if plain::schedule(vm, &state(vm), event_loop, &function, arg, &context)? {
        return Ok(());
    }
    let n = names();
    let named = std::slice::from_ref(&n.context);
    let r = match arg {
        Some(a) => {
            let all = [function, a.clone(), context];
            vm.call_method_args(
                event_loop,
                &n.call_soon,
                Args {
                    all: &all,
                    names: named,
                },
            )
        }
        None => {
            let all = [function, context];
            vm.call_method_args(
                event_loop,
                &n.call_soon,
                Args {
                    all: &all,
                    names: named,
                },
            )
        }
    };
    r.map(drop)
}

/// Schedules all callbacks, which are forgotten.
fn schedule_callbacks(vm: &Vm, this: &Ref<Future>) -> R<()> {
    let Some(first) = this.first.take() else {
        return Ok(());
    };
    let event_loop = this.alive(vm)?;
    let more = this.more.take();
    for callback in std::iter::once(first).chain(more) {
        let (function, context) = callback.parts();
        call_soon(vm, &event_loop, function, Some(this.value()), context)?;
    }
    Ok(())
}

/// The future is done: its destructor has nothing to say, unless it is a subclass's.
fn settle(this: &Ref<Future>, phase: Phase) {
    this.phase.set(phase);
    if let Some(t) = task::of(this.value()) {
        task::finished(t);
    }
}

/// `set_result()`
///
/// Raises InvalidStateError, and what scheduling callbacks raises.
pub fn set_result(vm: &Vm, this: &Ref<Future>, result: Value) -> R<()> {
    if this.event_loop.borrow().is_none() {
        return Err(not_initialized(vm));
    }
    if this.phase.get() != Phase::Pending {
        return Err(invalid_state(vm, "invalid state"));
    }
    this.outcome.set(Some(result));
    settle(this, Phase::Finished);
    schedule_callbacks(vm, this)
}

/// `set_exception()`
///
/// Raises InvalidStateError, TypeError for what is no exception, and what scheduling callbacks raises.
pub fn set_exception(vm: &Vm, this: &Ref<Future>, given: &Value) -> R<()> {
    if this.event_loop.borrow().is_none() {
        return Err(not_initialized(vm));
    }
    if this.phase.get() != Phase::Pending {
        return Err(invalid_state(vm, "invalid state"));
    }
    let mut e = given.clone();
    if exc::is_exception_class(given) {
        e = vm.call(given, &[])?;
        if this.phase.get() != Phase::Pending {
            return Err(invalid_state(vm, "invalid state"));
        }
    }
    let Some(b) = e.downcast::<BaseException>() else {
        return Err(vm.type_error("invalid exception object"));
    };
    let mut traceback = b.traceback.get();
    if e.ty().is_subtype_of(exc::STOP_ITERATION.get()) {
        let text =
            "StopIteration interacts badly with generators and cannot be raised into a Future";
        let new = exc::new_simple(&exc::RUNTIME_ERROR, text);
        exc::set_cause(&new, e.clone());
        exc::set_context(&new, e);
        e = new;
        traceback = None;
    }
    this.outcome.set(Some(e));
    this.failed.set(true);
    this.traceback.set(traceback);
    settle(this, Phase::Finished);
    schedule_callbacks(vm, this)?;
    this.log_traceback.set(true);
    this.header().unset(flags::FINALIZED);
    Ok(())
}

/// `Future.cancel()`
///
/// Raises what scheduling callbacks raises.
pub fn cancel(vm: &Vm, this: &Ref<Future>, message: Option<Value>) -> R<bool> {
    if this.event_loop.borrow().is_none() {
        return Err(not_initialized(vm));
    }
    this.log_traceback.set(false);
    if this.phase.get() != Phase::Pending {
        return Ok(false);
    }
    this.cancel_message.set(message);
    settle(this, Phase::Cancelled);
    schedule_callbacks(vm, this)?;
    Ok(true)
}

/// Adds a callback to a pending future.
#[inline]
pub fn push_callback(this: &Future, callback: Callback) {
    if this.first.borrow().is_none() {
        this.first.set(Some(callback));
    } else {
        this.more.borrow_mut().push(callback);
    }
}

/// `add_done_callback()`
///
/// Raises RuntimeError for an object whose `__init__` was not called, and what scheduling raises.
pub fn add_done_callback(vm: &Vm, this: &Ref<Future>, callback: Callback) -> R<()> {
    let Some(event_loop) = this.event_loop.get() else {
        return Err(vm.runtime_error("uninitialized Future object"));
    };
    if this.phase.get() == Phase::Pending {
        push_callback(this, callback);
        return Ok(());
    }
    let (function, context) = callback.parts();
    call_soon(vm, &event_loop, function, Some(this.value()), context)
}

fn callbacks(this: &Future) -> Vec<Callback> {
    let first = this.first.get();
    first.into_iter().chain(this.more.get()).collect()
}

/// `remove_done_callback()`: how many there were.
///
/// Raises what comparing raises.
pub fn remove_done_callback(vm: &Vm, this: &Future, function: &Value) -> R<usize> {
    // Comparing may change the callbacks.
    let mut gone = Vec::new();
    for c in callbacks(this) {
        if vm.eq(&c.parts().0, function)? {
            gone.push(c);
        }
    }
    if gone.is_empty() {
        return Ok(0);
    }
    let (out, mut kept): (Vec<_>, Vec<_>) = callbacks(this)
        .into_iter()
        .partition(|c| gone.iter().any(|g| g.is(c)));
    let rest = kept.split_off(kept.len().min(1));
    let old = (this.first.replace(kept.pop()), this.more.replace(rest));
    drop(old);
    Ok(out.len())
}

/// `_callbacks`: pairs of callable and context, or None.
pub fn shown_callbacks(this: &Future) -> Value {
    let all = callbacks(this);
    if all.is_empty() {
        return Value::NONE;
    }
    let pairs = all.iter().map(|c| {
        let (function, context) = c.parts();
        tuple::from_array([function, context]).into_value()
    });
    taipan_runtime::types::list::from_vec(pairs.collect()).into_value()
}

/// Notes that `waiter` waits for `this`.
///
/// Raises what hashing a subclass's instance raises.
#[inline]
pub fn awaited_by_add(vm: &Vm, this: &Future, waiter: &Value) -> R<()> {
    let old = match this.awaited_by.borrow().as_ref() {
        None => None,
        Some(w) if w.is(waiter) => return Ok(()),
        Some(w) => Some(w.clone()),
    };
    match old {
        None => this.awaited_by.set(Some(waiter.clone())),
        Some(w) => match w.downcast_exact::<Set>() {
            Some(s) => drop(s.data().add(vm, waiter.clone())?),
            None => {
                let s = set::new_empty();
                s.data().add(vm, w)?;
                s.data().add(vm, waiter.clone())?;
                this.awaited_by.set(Some(s.into_value()));
            }
        },
    }
    Ok(())
}

/// Notes that `waiter` waits no more.
///
/// Raises what hashing a subclass's instance raises.
#[inline]
pub fn awaited_by_discard(vm: &Vm, this: &Future, waiter: &Value) -> R<()> {
    let old = match this.awaited_by.borrow().as_ref() {
        None => return Ok(()),
        Some(w) if w.is(waiter) => None,
        Some(w) => Some(w.clone()),
    };
    match old {
        None => this.awaited_by.set(None),
        Some(w) => {
            if let Some(s) = w.downcast_exact::<Set>() {
                s.data().discard(vm, waiter)?;
            }
        }
    }
    Ok(())
}

/// `_asyncio_awaited_by`: a frozenset, or None.
///
/// Raises what hashing raises.
pub fn awaited_by(vm: &Vm, this: &Future) -> R {
    let Some(w) = this.awaited_by.get() else {
        return Ok(Value::NONE);
    };
    let all = match w.downcast_exact::<Set>() {
        Some(s) => s.data().to_vec(),
        None => vec![w],
    };
    frozenset::from_vec(vm, all)
}

/// Tells the loop's exception handler of a future that dies; what that raises is shown.
pub fn tell_handler(vm: &Vm, this: &Future, context: &[(&str, Value)]) {
    let Some(event_loop) = this.event_loop.get() else {
        return;
    };
    let dict = Ref::new(Dict::new());
    for (k, v) in context {
        dict.set_str(k, v.clone());
    }
    if let Some(tb) = this.source_traceback.get() {
        dict.set_str("source_traceback", tb);
    }
    let handler = vm.get_attr(&event_loop, &names().call_exception_handler);
    match handler {
        Ok(f) => {
            if let Err(r) = vm.call(&f, &[dict.into_value()]) {
                vm.unraisable(r, None, &f);
            }
        }
        Err(r) => vm.unraisable(r, None, &event_loop),
    }
}

/// What a future that dies has to say: its exception was never asked for.
pub fn finalize(vm: &Vm, this: &Ref<Future>) {
    if !this.log_traceback.replace(false) {
        return;
    }
    let text = format!("{} exception was never retrieved", this.ty().name());
    let context = [
        ("message", taipan_runtime::types::str::from_str(&text)),
        ("exception", this.outcome.get().unwrap_or(Value::NONE)),
        ("future", this.value().clone()),
    ];
    tell_handler(vm, this, &context);
}
