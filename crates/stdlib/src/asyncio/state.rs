//! What the module keeps for the interpreter: the live tasks, counters, and classes of Python's own that it raises.

use std::cell::{Cell, RefCell};

use taipan_macros::{Trace, class};
use taipan_runtime::core::{Header, NoTrace, Obj, PyCell, R, Raised, Ref, Value};
use taipan_runtime::types::exceptions as exc;
use taipan_runtime::types::set::{self, Set};
use taipan_runtime::vm::{Vm, intern, names};

use super::plain::Known;
use super::task::Task;

/// The payload of the module's state.
#[derive(Trace)]
pub struct State {
    /// Tasks that are not of this module's class, weakly.
    scheduled: PyCell<Option<Value>>,
    /// Tasks in their first, eager step that are of other classes, or entered by others.
    pub eager: Ref<Set>,
    cancelled_error: PyCell<Option<Value>>,
    invalid_state_error: PyCell<Option<Value>>,
    future_repr: PyCell<Option<Value>>,
    task_repr: PyCell<Option<Value>>,
    /// What is known of the loop.
    pub known: PyCell<Known>,
    /// The name `loop`, interned.
    pub loop_name: Value,
    /// Number for the name of the next task without one.
    next_name: Cell<u64>,
    /// The unfinished tasks of this module's class, which are borrowed: each leaves before it dies.
    tasks: RefCell<NoTrace<Vec<*const Header>>>,
}

/// The state of the module _asyncio.
#[class(name = "State", module = "_asyncio", flags(GC, NO_NEW))]
impl State {}

/// No place in the list of tasks.
pub const NOWHERE: u32 = u32::MAX;

impl State {
    fn new() -> Ref<Self> {
        Ref::new(Self {
            scheduled: PyCell::new(None),
            eager: set::new_empty(),
            cancelled_error: PyCell::new(None),
            invalid_state_error: PyCell::new(None),
            future_repr: PyCell::new(None),
            task_repr: PyCell::new(None),
            known: PyCell::new(Known::Nothing),
            loop_name: intern("loop").into_value(),
            next_name: Cell::new(1),
            tasks: RefCell::new(NoTrace(Vec::new())),
        })
    }

    /// The weak set of tasks of other classes, made on first use.
    ///
    /// Raises what that raises.
    pub fn scheduled(&self, vm: &Vm) -> R {
        if let Some(s) = self.scheduled.get() {
            return Ok(s);
        }
        let s = vm.call(&vm.import_attr("weakref", "WeakSet")?, &[])?;
        self.scheduled.set(Some(s.clone()));
        Ok(s)
    }

    /// The tasks of other classes.
    ///
    /// Raises what going over them raises.
    pub fn others(&self, vm: &Vm) -> R<Vec<Value>> {
        let Some(s) = self.scheduled.get() else {
            return Ok(Vec::new());
        };
        vm.collect(&s)
    }

    /// The number of a task that is given no name.
    pub fn next_number(&self) -> u64 {
        let n = self.next_name.get();
        self.next_name.set(n.wrapping_add(1));
        n
    }

    /// Enters an unfinished task.
    pub fn enter(this: &Ref<Self>, task: &Ref<Task>) {
        if task.place.get() != NOWHERE {
            return;
        }
        // Its destructor must find the way here.
        let _ = task.home.set(this.clone());
        let mut tasks = this.tasks.borrow_mut();
        if let Ok(place) = u32::try_from(tasks.len())
            && place != NOWHERE
        {
            task.place.set(place);
            tasks.push(task.header());
        }
    }

    /// Takes out what stands at the place of a task that is finished, or dies.
    pub fn leave(&self, task: &Task) {
        let place = task.place.replace(NOWHERE) as usize;
        let mut tasks = self.tasks.borrow_mut();
        if place >= tasks.len() {
            return;
        }
        tasks.swap_remove(place);
        if let Some(&moved) = tasks.get(place) {
            // SAFETY: every entry is a live task, as each leaves in its destructor at the latest.
            let moved: &Obj<Task> = unsafe { &*moved.cast() };
            moved.place.set(place as u32);
        }
    }

    /// The unfinished tasks.
    pub fn all(&self) -> Vec<Value> {
        let tasks = self.tasks.borrow();
        let live = tasks.iter().filter_map(|&h| {
            // SAFETY: as above; one whose count is zero is about to die and must not come to life again.
            unsafe {
                if (*h).count() == 0 {
                    return None;
                }
                (*h).retain();
                Some(Value::from_raw(h.expose_provenance() as u64))
            }
        });
        live.collect()
    }

    /// `asyncio.CancelledError`
    pub fn cancelled_error(&self, vm: &Vm) -> R {
        kept(vm, &self.cancelled_error, "asyncio.exceptions", "CancelledError")
    }

    fn invalid_state_error(&self, vm: &Vm) -> R {
        kept(vm, &self.invalid_state_error, "asyncio.exceptions", "InvalidStateError")
    }

    /// `repr()` of a future.
    ///
    /// Raises what that raises.
    pub fn future_repr(&self, vm: &Vm, future: &Value) -> R {
        let f = kept(vm, &self.future_repr, "asyncio.base_futures", "_future_repr")?;
        vm.call(&f, std::slice::from_ref(future))
    }

    /// `repr()` of a task.
    ///
    /// Raises what that raises.
    pub fn task_repr(&self, vm: &Vm, task: &Value) -> R {
        let f = kept(vm, &self.task_repr, "asyncio.base_tasks", "_task_repr")?;
        vm.call(&f, std::slice::from_ref(task))
    }

    /// Gets hold of what may be needed when nothing can be imported any more.
    fn look_ahead(&self, vm: &Vm) -> R<()> {
        let modules = vm.interp().modules();
        if modules.get_str("asyncio.base_tasks").is_none_or(|m| m.is_none()) {
            return Ok(());
        }
        self.cancelled_error(vm)?;
        self.invalid_state_error(vm)?;
        kept(vm, &self.future_repr, "asyncio.base_futures", "_future_repr")?;
        kept(vm, &self.task_repr, "asyncio.base_tasks", "_task_repr").map(drop)
    }

    /// Whether an exception is a `CancelledError`.
    pub fn is_cancelled_error(&self, vm: &Vm, e: &Value) -> R<bool> {
        let c = self.cancelled_error(vm)?;
        Ok(c.as_type().is_some_and(|c| e.ty().is_subtype_of(c)))
    }
}

/// What stands in a cell, at first use a module's attribute.
fn kept(vm: &Vm, cell: &PyCell<Option<Value>>, module: &str, name: &str) -> R {
    if let Some(v) = cell.get() {
        return Ok(v);
    }
    let v = vm.import_attr(module, name)?;
    cell.set(Some(v.clone()));
    Ok(v)
}

/// Raises `asyncio.InvalidStateError`.
#[cold]
pub fn invalid_state(vm: &Vm, text: &str) -> Raised {
    match state(vm).invalid_state_error(vm) {
        Ok(c) => match c.as_type() {
            Some(c) => vm.raise_new(c, vec![taipan_runtime::types::str::from_str(text)]),
            None => vm.system_error("asyncio.InvalidStateError is no class"),
        },
        Err(r) => r,
    }
}

/// Raises the RuntimeError for an object whose `__init__` was not called.
#[cold]
pub fn not_initialized(vm: &Vm) -> Raised {
    vm.runtime_error("Future object is not initialized.")
}

/// The state, made on first use.
#[inline]
pub fn state(vm: &Vm) -> Ref<State> {
    if let Some(s) = vm
        .asyncio
        .borrow()
        .as_ref()
        .and_then(|v| v.downcast_exact::<State>())
    {
        return s.clone();
    }
    first_state(vm)
}

/// The thread asks for the first time.
#[cold]
fn first_state(vm: &Vm) -> Ref<State> {
    let v = vm.interp_static("_asyncio.state", |_| Ok(State::new().into_value()));
    let s = v
        .ok()
        .and_then(|v| v.into_ref::<State>().ok())
        .unwrap_or_else(State::new);
    vm.asyncio.set(Some(s.value().clone()));
    vm.preserving_raised(|| {
        if let Err(r) = s.look_ahead(vm) {
            drop(vm.catch(r));
        }
    });
    s
}

/// The loop that a future of any class belongs to: what `get_loop()` gives, else `_loop`.
///
/// Raises what these raise.
pub fn loop_of(vm: &Vm, future: &Value) -> R {
    let n = names();
    match vm.get_attr_opt(future, &n.get_loop)? {
        Some(f) => vm.call(&f, &[]),
        None => vm.get_attr(future, &n._loop),
    }
}

/// Whether the exception is one that no task keeps to itself.
pub fn must_escape(e: &Value) -> bool {
    let ty = e.ty();
    ty.is_subtype_of(exc::KEYBOARD_INTERRUPT.get()) || ty.is_subtype_of(exc::SYSTEM_EXIT.get())
}
