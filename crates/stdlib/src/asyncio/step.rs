//! A step of a task: the coroutine runs up to where it waits again.

use taipan_macros::{Trace, class};
use taipan_runtime::core::{PyCell, R, Raised, Ref, Value};
use taipan_runtime::native::Args;
use taipan_runtime::types::exceptions as exc;
use taipan_runtime::types::generator::{self, Flavour, Generator, Outcome};
use taipan_runtime::vm::{Vm, names};

use super::future::{self, Callback, Future, Phase};
use super::loops;
use super::state::{invalid_state, loop_of, must_escape, state};
use super::task::{self, Task, as_future};

/// The payload of TaskStepMethWrapper: what a loop calls for a step.
#[derive(Trace)]
pub struct TaskStep {
    task: PyCell<Option<Ref<Task>>>,
    exception: PyCell<Option<Value>>,
}

/// Runs a step of a task.
#[class(name = "TaskStepMethWrapper", module = "_asyncio", flags(GC, NO_NEW))]
impl TaskStep {
    #[slot]
    fn call(vm: &Vm, this: &Ref<Self>, args: Args<'_>) -> R {
        if !args.all.is_empty() {
            let kind = if args.positional().is_empty() {
                "keyword"
            } else {
                "positional"
            };
            return Err(vm.type_error(format!("function takes no {kind} arguments")));
        }
        let Some(task) = this.task.get() else {
            return Ok(Value::NONE);
        };
        step(vm, &task, this.exception.get()).map(|()| Value::NONE)
    }

    #[getter]
    fn __self__(_vm: &Vm, this: &Ref<Self>) -> Option<Ref<Task>> {
        this.task.get()
    }
}

/// Schedules a step, which raises `exception` in the coroutine if there is one.
///
/// Raises what scheduling raises.
#[inline]
pub fn soon(vm: &Vm, this: &Ref<Task>, exception: Option<Value>) -> R<()> {
    let event_loop = this.future.alive(vm)?;
    let callable = Ref::new(TaskStep {
        task: PyCell::new(Some(this.clone())),
        exception: PyCell::new(exception),
    });
    future::call_soon(vm, &event_loop, callable.into_value(), None, this.context())
}

/// Schedules a step that raises RuntimeError in the coroutine.
#[cold]
fn fail_soon(vm: &Vm, this: &Ref<Task>, text: &str) -> R<()> {
    soon(vm, this, Some(exc::new_simple(&exc::RUNTIME_ERROR, text)))
}

#[cold]
fn already_done(vm: &Vm, this: &Ref<Task>, exception: Option<&Value>) -> Raised {
    let shown = (
        vm.repr_string(this.value()),
        exception.map_or(Ok("None".to_owned()), |e| vm.repr_string(e)),
    );
    match shown {
        (Ok(task), Ok(e)) => invalid_state(vm, &format!("__step(): already done: {task} {e}")),
        (Err(r), _) | (_, Err(r)) => r,
    }
}

/// A step, as the running task of its loop.
///
/// Raises InvalidStateError for a finished task, RuntimeError if another task runs, KeyboardInterrupt and SystemExit.
#[inline]
pub fn step(vm: &Vm, this: &Ref<Task>, exception: Option<Value>) -> R<()> {
    let event_loop = this.future.alive(vm)?;
    loops::enter(vm, &event_loop, this.value())?;
    match run(vm, this, exception) {
        Ok(()) => loops::leave(vm, &event_loop, this.value()),
        r => task::after(vm, r, || loops::leave(vm, &event_loop, this.value())),
    }
}

/// What the coroutine did.
///
/// Raises what it raises.
#[inline]
fn resume(vm: &Vm, coroutine: &Value, exception: Option<&Value>) -> R<Outcome> {
    let native = coroutine
        .downcast::<Generator>()
        .filter(|g| g.flavour != Flavour::AsyncGenerator);
    let r = match (native, exception) {
        (Some(g), None) => return generator::resume(vm, g, Value::NONE),
        (Some(g), Some(e)) => return generator::throw_exception(vm, g, e),
        (None, None) if coroutine.ty().slots().next.is_some() => {
            return generator::send(vm, coroutine, Value::NONE);
        }
        (None, None) => vm.call_method_name(coroutine, &names().send, &[Value::NONE]),
        (None, Some(e)) => vm.call_method_name(coroutine, &names().throw, std::slice::from_ref(e)),
    };
    match r {
        Ok(v) => Ok(Outcome::Yielded(v)),
        Err(r) if vm.raised_is(&exc::STOP_ITERATION) => {
            Ok(Outcome::Returned(exc::stop_iteration_value(&vm.catch(r))))
        }
        Err(r) => Err(r),
    }
}

/// The step itself.
///
/// Raises InvalidStateError for a finished task, KeyboardInterrupt and SystemExit, and what scheduling raises.
pub fn run(vm: &Vm, this: &Ref<Task>, mut exception: Option<Value>) -> R<()> {
    if this.future.phase.get() != Phase::Pending {
        return Err(already_done(vm, this, exception.as_ref()));
    }
    if this.must_cancel.get() {
        let fits = match &exception {
            Some(e) => state(vm).is_cancelled_error(vm, e)?,
            None => false,
        };
        if !fits {
            exception = Some(this.future.cancelled_exception(vm)?);
        }
        this.must_cancel.set(false);
    }
    drop(this.waiter.take());
    let Some(coroutine) = this.coroutine.get() else {
        return Err(vm.runtime_error("uninitialized Task object"));
    };
    let r = resume(vm, &coroutine, exception.as_ref());
    drop(exception);
    match r {
        Ok(Outcome::Yielded(v)) => wait_for(vm, this, v),
        Ok(Outcome::Returned(v)) => {
            let f = as_future(this);
            if this.must_cancel.replace(false) {
                // It was cancelled right before its coroutine stopped.
                let message = this.future.cancel_message.get();
                return future::cancel(vm, f, message).map(drop);
            }
            future::set_result(vm, f, v)
        }
        Err(r) => ended_by(vm, this, r),
    }
}

/// The coroutine raised an exception.
#[cold]
fn ended_by(vm: &Vm, this: &Ref<Task>, raised: Raised) -> R<()> {
    let e = vm.catch(raised);
    let f = as_future(this);
    if state(vm).is_cancelled_error(vm, &e)? {
        this.future.cancelled_error.set(Some(e));
        return future::cancel(vm, f, None).map(drop);
    }
    future::set_exception(vm, f, &e)?;
    if must_escape(&e) {
        Err(vm.raise_as_is(e))
    } else {
        Ok(())
    }
}

/// The coroutine waits for what it has yielded.
#[inline]
fn wait_for(vm: &Vm, this: &Ref<Task>, v: Value) -> R<()> {
    if v.is_none() {
        // A bare yield lets the loop go round once.
        return soon(vm, this, None);
    }
    let exact = v
        .downcast_exact::<Future>()
        .or_else(|| v.downcast_exact::<Task>().map(as_future));
    let Some(f) = exact else {
        return wait_for_other(vm, this, &v);
    };
    if v.is(this.value()) {
        return await_itself(vm, this);
    }
    let same_loop = match (
        f.event_loop.borrow().as_ref(),
        this.future.event_loop.borrow().as_ref(),
    ) {
        (Some(a), Some(b)) => a.is(b),
        _ => false,
    };
    if !same_loop {
        return other_loop(vm, this, &v);
    }
    if !f.blocking.replace(false) {
        return no_yield_from(vm, this, &v);
    }
    future::awaited_by_add(vm, f, this.value())?;
    future::add_done_callback(vm, f, Callback::Wakeup(this.value().clone()))?;
    this.waiter.set(Some(v));
    cancel_at_once(vm, this)
}

/// A task that was cancelled while it ran cancels what it now waits for.
#[inline]
fn cancel_at_once(vm: &Vm, this: &Ref<Task>) -> R<()> {
    if this.must_cancel.get()
        && let Some(w) = this.waiter.get()
        && task::cancel_waiter(vm, &w, &this.future.message())?
    {
        this.must_cancel.set(false);
    }
    Ok(())
}

/// As [`wait_for`], for what is no future of this module's own classes.
fn wait_for_other(vm: &Vm, this: &Ref<Task>, v: &Value) -> R<()> {
    if v.is(this.value()) {
        return await_itself(vm, this);
    }
    let n = names();
    if let Some(blocking) = vm
        .get_attr_opt(v, &n._asyncio_future_blocking)?
        .filter(|b| !b.is_none())
    {
        let blocking = vm.truth(&blocking)?;
        if !loop_of(vm, v)?.is(&this.future.alive(vm)?) {
            return other_loop(vm, this, v);
        }
        if !blocking {
            return no_yield_from(vm, this, v);
        }
        if let Some(f) = v.downcast::<Future>() {
            future::awaited_by_add(vm, f, this.value())?;
        }
        vm.set_attr(v, &n._asyncio_future_blocking, &Value::bool(false))?;
        let all = [task::wakeup_method(this.value()), this.context()];
        let args = Args {
            all: &all,
            names: std::slice::from_ref(&n.context),
        };
        vm.call_method_args(v, &n.add_done_callback, args)?;
        this.waiter.set(Some(v.clone()));
        return cancel_at_once(vm, this);
    }
    let (task, given) = (vm.repr_string(this.value())?, vm.repr_string(v)?);
    if v.downcast_exact::<Generator>().is_some() {
        let text = format!(
            "yield was used instead of yield from for generator in task {task} with {given}"
        );
        return fail_soon(vm, this, &text);
    }
    fail_soon(vm, this, &format!("Task got bad yield: {given}"))
}

#[cold]
fn await_itself(vm: &Vm, this: &Ref<Task>) -> R<()> {
    let text = format!(
        "Task cannot await on itself: {}",
        vm.repr_string(this.value())?
    );
    fail_soon(vm, this, &text)
}

#[cold]
fn other_loop(vm: &Vm, this: &Ref<Task>, v: &Value) -> R<()> {
    let (task, given) = (vm.repr_string(this.value())?, vm.repr_string(v)?);
    fail_soon(
        vm,
        this,
        &format!("Task {task} got Future {given} attached to a different loop"),
    )
}

#[cold]
fn no_yield_from(vm: &Vm, this: &Ref<Task>, v: &Value) -> R<()> {
    let (task, given) = (vm.repr_string(this.value())?, vm.repr_string(v)?);
    fail_soon(
        vm,
        this,
        &format!("yield was used instead of yield from in task {task} with {given}"),
    )
}

/// What the task waited for is done.
///
/// Raises what the step raises.
pub fn wakeup(vm: &Vm, this: &Ref<Task>, done: &Value) -> R<()> {
    if let Some(f) = done.downcast::<Future>() {
        future::awaited_by_discard(vm, f, this.value())?;
    }
    let exact = done
        .downcast_exact::<Future>()
        .or_else(|| done.downcast_exact::<Task>().map(as_future));
    let r = match exact {
        Some(f) => f.take_outcome(vm).map(Result::err),
        None => vm
            .call_method_name(done, &names().result, &[])
            .map(|_| None),
    };
    let exception = r.unwrap_or_else(|r| Some(vm.catch(r)));
    step(vm, this, exception)
}
