//! The payload of Task, and how tasks are made, cancelled and wound up.

use std::cell::{Cell, OnceCell};

use taipan_macros::Trace;
use taipan_memory::flags;
use taipan_runtime::core::{Payload, PyCell, R, Ref, Value};
use taipan_runtime::native::{Args, FnKind, FunctionDef};
use taipan_runtime::types::generator::{Flavour, Generator};
use taipan_runtime::types::native_fn::bound_native;
use taipan_runtime::types::str::{self, Str};
use taipan_runtime::vm::{Vm, names};

use super::future::{self, Future, Phase};
use super::state::{NOWHERE, State, state};
use super::{loops, step};
use crate::contextvars;

/// The payload of Task: a future's first.
#[derive(Trace)]
#[repr(C)]
pub struct Task {
    /// What it has of a future.
    pub future: Future,
    /// The coroutine.
    pub coroutine: PyCell<Option<Value>>,
    /// The context in which it runs.
    pub context: PyCell<Option<Value>>,
    /// Its name, or the number of a task that was given none.
    pub name: PyCell<Option<Value>>,
    /// The future that it waits for.
    pub waiter: PyCell<Option<Value>>,
    /// Whether a CancelledError is to be raised at the next step.
    pub must_cancel: Cell<bool>,
    /// Whether to tell of its death while it is pending.
    pub log_destroy_pending: Cell<bool>,
    /// How often it was asked to cancel itself.
    pub cancels: Cell<u32>,
    /// Its place in the list of unfinished tasks.
    pub place: Cell<u32>,
    /// The state that has this list.
    pub home: OnceCell<Ref<State>>,
}

impl Task {
    /// One whose `__init__` was not called yet.
    pub fn empty() -> Self {
        Self {
            future: Future::empty(),
            coroutine: PyCell::new(None),
            context: PyCell::new(None),
            name: PyCell::new(None),
            waiter: PyCell::new(None),
            must_cancel: Cell::new(false),
            log_destroy_pending: Cell::new(false),
            cancels: Cell::new(0),
            place: Cell::new(NOWHERE),
            home: OnceCell::new(),
        }
    }

    fn unlist(&self) {
        if self.place.get() != NOWHERE
            && let Some(home) = self.home.get()
        {
            home.leave(self);
        }
    }

    /// The context, None if there is none.
    pub fn context(&self) -> Value {
        self.context.get().unwrap_or(Value::NONE)
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        // At the end of the interpreter the list may be gone.
        if taipan_runtime::vm::try_current().is_some() {
            self.unlist();
        }
    }
}

/// The task seen as a future.
#[inline(always)]
pub fn as_future(task: &Ref<Task>) -> &Ref<Future> {
    // SAFETY: Task derives from Future, whose payload is the first part of its own.
    unsafe { task.value().downcast_unchecked::<Future>() }
}

/// The task that a future is.
#[inline]
pub fn of(v: &Value) -> Option<&Ref<Task>> {
    if std::ptr::eq(v.ty(), <Future as Payload>::TYPE.ptr()) {
        None
    } else {
        v.downcast::<Task>()
    }
}

/// A task is done: it leaves the list, and its destructor has nothing to say.
pub fn finished(task: &Ref<Task>) {
    task.unlist();
    if task.is_exact() {
        task.header().set(flags::FINALIZED);
    }
}

fn wakeup(vm: &Vm, args: Args<'_>) -> R {
    match args.all {
        [task, done] if args.names.is_empty() => match task.downcast::<Task>() {
            Some(t) => step::wakeup(vm, t, done).map(|()| Value::NONE),
            None => Err(vm.type_error("task_wakeup() needs a task")),
        },
        _ if !args.names.is_empty() => {
            Err(vm.type_error("task_wakeup() takes no keyword arguments"))
        }
        all => {
            let n = all.len().saturating_sub(1);
            Err(vm.type_error(format!(
                "task_wakeup() takes exactly one argument ({n} given)"
            )))
        }
    }
}

static WAKEUP: FunctionDef = FunctionDef {
    name: "task_wakeup",
    doc: "",
    text_signature: "",
    kind: FnKind::Method,
    call: wakeup,
};

/// The callable with which a task waits for a future.
pub fn wakeup_method(task: &Value) -> Value {
    bound_native(&WAKEUP, task.clone())
}

/// The context of a value that is a task.
pub fn context_of(task: &Value) -> Value {
    task.downcast::<Task>().map_or(Value::NONE, |t| t.context())
}

/// Whether a value is a coroutine, as asyncio sees it.
fn is_coroutine(vm: &Vm, v: &Value) -> R<bool> {
    if v.downcast::<Generator>()
        .is_some_and(|g| g.flavour == Flavour::Coroutine)
    {
        return Ok(true);
    }
    let r = vm.call(
        &vm.import_attr("asyncio.coroutines", "iscoroutine")?,
        std::slice::from_ref(v),
    )?;
    vm.truth(&r)
}

/// What `__init__` does.
///
/// Raises TypeError for what is no coroutine, and what the loop raises.
pub fn init(vm: &Vm, this: &Ref<Task>, coro: &Value, given: [&Value; 3], eager: bool) -> R<()> {
    let [event_loop, name, context] = given.map(|v| Some(v.clone()).filter(|v| !v.is_none()));
    this.future.start(vm, event_loop)?;
    if this.is_exact() {
        this.header().unset(flags::FINALIZED);
    }
    if !is_coroutine(vm, coro)? {
        this.log_destroy_pending.set(false);
        return Err(vm.type_error(format!(
            "a coroutine was expected, got {}",
            vm.repr_string(coro)?
        )));
    }
    let context = context.unwrap_or_else(|| contextvars::copy_current(vm).into_value());
    this.context.set(Some(context));
    this.waiter.set(None);
    this.must_cancel.set(false);
    this.log_destroy_pending.set(true);
    this.cancels.set(0);
    this.coroutine.set(Some(coro.clone()));
    let name = match name {
        None => Value::from(state(vm).next_number()),
        Some(n) if n.downcast_exact::<Str>().is_some() => n,
        Some(n) => vm.str(&n)?,
    };
    this.name.set(Some(name));
    if eager {
        let running = vm.call_method_name(&this.future.alive(vm)?, &names().is_running, &[])?;
        if vm.truth(&running)? {
            return start_eagerly(vm, this);
        }
    }
    step::soon(vm, this, None)?;
    State::enter(&state(vm), this);
    Ok(())
}

/// Runs the first step at once.
fn start_eagerly(vm: &Vm, this: &Ref<Task>) -> R<()> {
    let event_loop = this.future.alive(vm)?;
    let previous = loops::swap(vm, &event_loop, Some(this.value().clone()))?;
    State::enter(&state(vm), this);
    let context = this.context();
    let r = match context.downcast::<contextvars::Context>() {
        Some(c) => match contextvars::enter(vm, c) {
            Ok(()) => {
                let r = step::run(vm, this, None);
                after(vm, r, || contextvars::exit(vm, c))
            }
            Err(r) => Err(r),
        },
        None => Err(vm.type_error("an instance of Context was expected")),
    };
    let r = after(vm, r, || loops::swap(vm, &event_loop, previous).map(drop));
    if this.future.phase.get() != Phase::Pending {
        this.coroutine.set(None);
    }
    r
}

/// Cleans up behind something that may have raised; the first exception counts.
pub fn after(vm: &Vm, r: R<()>, clean: impl FnOnce() -> R<()>) -> R<()> {
    match r {
        Ok(()) => clean(),
        Err(raised) => {
            let e = vm.catch(raised);
            if let Err(second) = clean() {
                drop(vm.catch(second));
            }
            Err(vm.raise_as_is(e))
        }
    }
}

/// The name, made now for a task that was given none.
pub fn name(vm: &Vm, this: &Task) -> R {
    let Some(n) = this.name.get() else {
        return Ok(Value::NONE);
    };
    if n.downcast_exact::<Str>().is_some() {
        return Ok(n);
    }
    let made = match n.as_small() {
        Some(n) => str::from_str(&format!("Task-{n}")),
        None => vm.str(&n)?,
    };
    this.name.set(Some(made.clone()));
    Ok(made)
}

/// Asks what a task waits for to cancel itself.
///
/// Raises what that raises.
pub fn cancel_waiter(vm: &Vm, waiter: &Value, message: &Value) -> R<bool> {
    vm.check_native_stack()?;
    if let Some(t) = waiter.downcast_exact::<Task>() {
        return cancel(vm, t, message);
    }
    if let Some(f) = waiter.downcast_exact::<Future>() {
        return future::cancel(vm, f, Some(message.clone()));
    }
    let r = vm.call_method_args(
        waiter,
        &names().cancel,
        Args {
            all: std::slice::from_ref(message),
            names: std::slice::from_ref(&names().msg),
        },
    )?;
    vm.truth(&r)
}

/// `Task.cancel()`
///
/// Raises what cancelling the future that it waits for raises.
pub fn cancel(vm: &Vm, this: &Ref<Task>, message: &Value) -> R<bool> {
    this.future.log_traceback.set(false);
    if this.future.phase.get() != Phase::Pending {
        return Ok(false);
    }
    this.cancels.set(this.cancels.get().saturating_add(1));
    if let Some(w) = this.waiter.get()
        && cancel_waiter(vm, &w, message)?
    {
        return Ok(true);
    }
    this.must_cancel.set(true);
    this.future.cancel_message.set(Some(message.clone()));
    Ok(true)
}

/// What a task that dies has to say.
pub fn finalize(vm: &Vm, this: &Ref<Task>) {
    if this.future.phase.get() == Phase::Pending && this.log_destroy_pending.get() {
        let context = [
            (
                "message",
                str::from_str("Task was destroyed but it is pending!"),
            ),
            ("task", this.value().clone()),
        ];
        future::tell_handler(vm, &this.future, &context);
    }
    future::finalize(vm, as_future(this));
}
