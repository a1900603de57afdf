//! Which loop runs in a thread, and which task in it.

use taipan_macros::function;
use taipan_runtime::core::{R, Raised, Ref, Value};
use taipan_runtime::types::set;
use taipan_runtime::vm::{Vm, names};

use super::future::{self, Future, Phase};
use super::state::{State, loop_of, state};
use super::task::Task;

#[cold]
fn no_running_loop(vm: &Vm) -> Raised {
    vm.runtime_error("no running event loop")
}

/// The running loop, or the one of the policy.
///
/// Raises what the policy raises.
pub fn event_loop(vm: &Vm) -> R {
    if let Some(l) = vm.running_loop.get() {
        return Ok(l);
    }
    let policy = vm.call(
        &vm.import_attr("asyncio.events", "_get_event_loop_policy")?,
        &[],
    )?;
    vm.call_method_name(&policy, &names().get_event_loop, &[])
}

/// Return an asyncio event loop.
///
/// In a coroutine or a callback, this is always the running event loop. If none is running, it is the result of
/// `get_event_loop_policy().get_event_loop()`.
#[function(sig = "()")]
pub fn get_event_loop(vm: &Vm) -> R {
    event_loop(vm)
}

/// Return the running event loop. Raise a RuntimeError if there is none.
///
/// This function is thread-specific.
#[function(sig = "()")]
pub fn get_running_loop(vm: &Vm) -> R {
    vm.running_loop.get().ok_or_else(|| no_running_loop(vm))
}

/// Return the running event loop or None.
///
/// Meant to be used by event loops. This function is thread-specific.
#[function(sig = "()")]
pub fn _get_running_loop(vm: &Vm) -> Option<Value> {
    vm.running_loop.get()
}

/// Set the running event loop.
///
/// Meant to be used by event loops. This function is thread-specific.
#[function(sig = "(loop, /)")]
pub fn _set_running_loop(vm: &Vm, r#loop: &Value) {
    vm.running_loop
        .set(Some(r#loop.clone()).filter(|l| !l.is_none()));
}

#[cold]
fn not_running(vm: &Vm, event_loop: &Value) -> Raised {
    match vm.repr_string(event_loop) {
        Ok(shown) => vm.runtime_error(format!("loop {shown} is not the running loop")),
        Err(r) => r,
    }
}

fn expect_running(vm: &Vm, event_loop: &Value) -> R<()> {
    if vm
        .running_loop
        .borrow()
        .as_ref()
        .is_some_and(|l| l.is(event_loop))
    {
        return Ok(());
    }
    Err(not_running(vm, event_loop))
}

/// A task of the running loop is about to run.
///
/// Raises RuntimeError if the loop does not run, or runs another task.
#[inline]
pub fn enter(vm: &Vm, event_loop: &Value, task: &Value) -> R<()> {
    expect_running(vm, event_loop)?;
    if vm.running_task.borrow().is_some() {
        return Err(other_task(vm, task));
    }
    vm.running_task.set(Some(task.clone()));
    Ok(())
}

#[cold]
fn other_task(vm: &Vm, task: &Value) -> Raised {
    let other = vm.running_task.get().unwrap_or(Value::NONE);
    match (vm.repr_string(task), vm.repr_string(&other)) {
        (Ok(task), Ok(other)) => vm.runtime_error(format!(
            "Cannot enter into task {task} while another task {other} is being executed."
        )),
        (Err(r), _) | (_, Err(r)) => r,
    }
}

/// A task has run.
///
/// Raises RuntimeError if it is not the running one.
#[inline]
pub fn leave(vm: &Vm, event_loop: &Value, task: &Value) -> R<()> {
    expect_running(vm, event_loop)?;
    if !vm
        .running_task
        .borrow()
        .as_ref()
        .is_some_and(|t| t.is(task))
    {
        return Err(wrong_task(vm, task));
    }
    vm.running_task.set(None);
    Ok(())
}

#[cold]
fn wrong_task(vm: &Vm, task: &Value) -> Raised {
    let entered = vm.running_task.get().unwrap_or(Value::NONE);
    match (vm.repr_string(task), vm.repr_string(&entered)) {
        (Ok(task), Ok(entered)) => vm.runtime_error(format!(
            "Invalid attempt to leave task {task} while task {entered} is entered."
        )),
        (Err(r), _) | (_, Err(r)) => r,
    }
}

/// Makes another task the running one; gives the old one.
///
/// Raises RuntimeError if the loop does not run.
pub fn swap(vm: &Vm, event_loop: &Value, task: Option<Value>) -> R<Option<Value>> {
    expect_running(vm, event_loop)?;
    Ok(vm.running_task.replace(task))
}

/// Enter into task execution or resume suspended task.
///
/// Task belongs to loop.
#[function(sig = "(loop, task)")]
pub fn _enter_task(vm: &Vm, r#loop: &Value, task: &Value) -> R<()> {
    enter(vm, r#loop, task)
}

/// Leave task execution or suspend a task.
///
/// Task belongs to loop.
#[function(sig = "(loop, task)")]
pub fn _leave_task(vm: &Vm, r#loop: &Value, task: &Value) -> R<()> {
    leave(vm, r#loop, task)
}

/// Temporarily swap in the supplied task and return the original one (or None).
///
/// For use during eager execution of coroutines.
#[function(sig = "(loop, task)")]
pub fn _swap_current_task(vm: &Vm, r#loop: &Value, task: &Value) -> R<Option<Value>> {
    swap(vm, r#loop, Some(task.clone()).filter(|t| !t.is_none()))
}

/// Return a currently executed task.
#[function(sig = "(loop=None)")]
pub fn current_task(vm: &Vm, r#loop: &Value) -> R<Option<Value>> {
    let running = vm.running_loop.get();
    if r#loop.is_none() {
        return if running.is_some() {
            Ok(vm.running_task.get())
        } else {
            Err(no_running_loop(vm))
        };
    }
    if running.is_some_and(|l| l.is(r#loop)) {
        return Ok(vm.running_task.get());
    }
    let others = vm.interp().threads.all();
    let other = others.iter().find(|t| {
        t.running_loop
            .borrow()
            .as_ref()
            .is_some_and(|l| l.is(r#loop))
    });
    Ok(other.and_then(|t| t.running_task.get()))
}

/// Register a new task in asyncio as executed by loop.
#[function(sig = "(task)")]
pub fn _register_task(vm: &Vm, task: &Value) -> R<()> {
    let s = state(vm);
    match task.downcast::<Task>() {
        Some(t) => State::enter(&s, t),
        None => drop(vm.call_method(&s.scheduled(vm)?, "add", std::slice::from_ref(task))?),
    }
    Ok(())
}

/// Unregister a task.
#[function(sig = "(task)")]
pub fn _unregister_task(vm: &Vm, task: &Value) -> R<()> {
    let s = state(vm);
    match task.downcast::<Task>() {
        Some(t) => s.leave(t),
        None => drop(vm.call_method(&s.scheduled(vm)?, "discard", std::slice::from_ref(task))?),
    }
    Ok(())
}

/// Register a new task in asyncio as executed by loop, which runs its first step at once.
#[function(sig = "(task)")]
pub fn _register_eager_task(vm: &Vm, task: &Value) -> R<()> {
    state(vm).eager.data().add(vm, task.clone()).map(drop)
}

/// Unregister a task that has run its first step.
#[function(sig = "(task)")]
pub fn _unregister_eager_task(vm: &Vm, task: &Value) -> R<()> {
    state(vm).eager.data().discard(vm, task).map(drop)
}

/// Return a set of all tasks for the loop.
#[function(sig = "(loop=None)")]
pub fn all_tasks(vm: &Vm, r#loop: &Value) -> R {
    let event_loop = match r#loop.is_none() {
        true => vm.running_loop.get().ok_or_else(|| no_running_loop(vm))?,
        false => r#loop.clone(),
    };
    let s = state(vm);
    // Eager tasks first: one may become a scheduled one meanwhile.
    let mut candidates = s.eager.data().to_vec();
    candidates.extend(s.all());
    candidates.extend(s.others(vm)?);
    let found = set::new_empty();
    for t in candidates {
        let fits = match t.downcast::<Task>() {
            Some(task) => {
                let f = &task.future;
                f.phase.get() == Phase::Pending
                    && f.event_loop
                        .borrow()
                        .as_ref()
                        .is_some_and(|l| l.is(&event_loop))
            }
            None => {
                loop_of(vm, &t)?.is(&event_loop) && {
                    let done = vm.call_method_name(&t, &names().done, &[])?;
                    !vm.truth(&done)?
                }
            }
        };
        if fits {
            found.data().add(vm, t)?;
        }
    }
    Ok(found.into_value())
}

fn both<'a>(fut: &'a Value, waiter: &Value) -> Option<&'a Ref<Future>> {
    waiter
        .downcast::<Future>()
        .and_then(|_| fut.downcast::<Future>())
}

/// Record that `fut` is awaited on by `waiter`.
#[function(sig = "(fut, waiter, /)")]
pub fn future_add_to_awaited_by(vm: &Vm, fut: &Value, waiter: &Value) -> R<()> {
    match both(fut, waiter) {
        Some(f) => future::awaited_by_add(vm, f, waiter),
        None => Ok(()),
    }
}

/// Record that `fut` is no longer awaited on by `waiter`.
#[function(sig = "(fut, waiter, /)")]
pub fn future_discard_from_awaited_by(vm: &Vm, fut: &Value, waiter: &Value) -> R<()> {
    match both(fut, waiter) {
        Some(f) => future::awaited_by_discard(vm, f, waiter),
        None => Ok(()),
    }
}
