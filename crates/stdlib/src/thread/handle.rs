//! `_ThreadHandle`, and starting threads.

use std::os::unix::thread::JoinHandleExt as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};

use taipan_macros::class;
use taipan_runtime::core::{PyCell, R, Ref, Value};
use taipan_runtime::native::Args;
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::exceptions as exc;
use taipan_runtime::types::type_::TypeObject;
use taipan_runtime::types::{str, tuple};
use taipan_runtime::vm::Vm;

use super::raw::RawEvent;
use crate::timearg::{self, Round};

const NOT_STARTED: u8 = 0;
const STARTING: u8 = 1;
const RUNNING: u8 = 2;
const DONE: u8 = 3;

/// What a thread and those who wait for it share.
#[derive(Default)]
pub struct Shared {
    state: AtomicU8,
    ident: AtomicU64,
    ended: RawEvent,
}

impl Shared {
    fn is_done(&self) -> bool {
        self.state.load(Ordering::Acquire) == DONE
    }

    fn done(&self) {
        self.state.store(DONE, Ordering::Release);
        self.ended.set();
    }
}

/// The payload of _ThreadHandle.
#[derive(taipan_macros::Trace)]
pub struct ThreadHandle {
    #[no_trace]
    shared: Arc<Shared>,
}

/// A handle of no thread yet.
pub fn new_handle() -> Ref<ThreadHandle> {
    Ref::new(ThreadHandle { shared: Arc::default() })
}

/// A handle of a thread that runs already. A fork's child finds it ended, if it is not the one that forked.
pub fn handle_of(vm: &Vm, ident: u64) -> R<Ref<ThreadHandle>> {
    let h = new_handle();
    let registry = registry(vm)?;
    registry.all.borrow_mut().retain(|s| !s.ended.is_set() && Arc::strong_count(s) > 1);
    registry.all.borrow_mut().push(h.shared.clone());
    h.shared.ident.store(ident, Ordering::Relaxed);
    h.shared.state.store(RUNNING, Ordering::Release);
    Ok(h)
}

fn join(vm: &Vm, shared: &Shared, deadline: Option<i64>) -> R<bool> {
    if shared.state.load(Ordering::Acquire) == NOT_STARTED {
        return Err(vm.runtime_error("thread not started"));
    }
    if !shared.ended.is_set() {
        if shared.ident.load(Ordering::Relaxed) == vm.thread_id.get() {
            return Err(vm.runtime_error("Cannot join current thread"));
        }
        if vm.interp().finalizing.get() {
            return Err(vm.raise_msg(&exc::PYTHON_FINALIZATION_ERROR, "cannot join thread at interpreter shutdown"));
        }
    }
    shared.ended.wait(vm, deadline)
}

/// Stands for a thread of the system.
#[class(name = "_ThreadHandle", module = "_thread")]
impl ThreadHandle {
    #[slot]
    fn new(_vm: &Vm, _cls: &TypeObject, _args: Args<'_>) -> Ref<ThreadHandle> {
        new_handle()
    }

    #[slot]
    fn repr(_vm: &Vm, this: &Ref<ThreadHandle>) -> String {
        format!("<_ThreadHandle object: ident={}>", this.shared.ident.load(Ordering::Relaxed))
    }

    #[getter]
    fn ident(_vm: &Vm, this: &Ref<ThreadHandle>) -> u64 {
        this.shared.ident.load(Ordering::Relaxed)
    }

    /// Wait until the thread has ended, at most `timeout` seconds.
    #[method(sig = "(timeout=None, /)")]
    fn join(vm: &Vm, this: &Ref<ThreadHandle>, timeout: &Value) -> R<()> {
        let deadline = if timeout.is_none() {
            None
        } else {
            let n = timearg::nanoseconds(vm, timeout, Round::Up)?;
            if n < 0 { None } else { Some(timearg::after(n)) }
        };
        let shared = this.shared.clone();
        join(vm, &shared, deadline).map(drop)
    }

    /// Whether the thread has ended.
    #[method(sig = "()")]
    fn is_done(_vm: &Vm, this: &Ref<ThreadHandle>) -> bool {
        this.shared.ended.is_set()
    }

    /// Say that the thread has ended.
    #[method(sig = "()")]
    fn _set_done(vm: &Vm, this: &Ref<ThreadHandle>) -> R<()> {
        if this.shared.state.load(Ordering::Acquire) == NOT_STARTED {
            return Err(vm.runtime_error("thread not started"));
        }
        this.shared.done();
        Ok(())
    }
}

/// The handles of an interpreter's threads.
#[derive(Default, taipan_macros::Trace)]
pub struct Registry {
    /// All threads that were started and may still run.
    #[no_trace]
    all: PyCell<Vec<Arc<Shared>>>,
    /// Those that the end of the program waits for.
    #[no_trace]
    waited_for: PyCell<Vec<Arc<Shared>>>,
}

#[class(name = "_Registry", module = "_thread", flags(NO_NEW))]
impl Registry {}

fn registry(vm: &Vm) -> R<Ref<Registry>> {
    let v = vm.interp_static("_thread.registry", |_| Ok(Ref::new(Registry::default()).into_value()))?;
    match v.into_ref::<Registry>() {
        Ok(r) => Ok(r),
        Err(_) => Err(vm.system_error("the registry of threads is lost")),
    }
}

/// What a new thread gets. The values are touched by it only with the interpreter's lock.
struct Start {
    vm: Box<Vm>,
    function: Value,
    args: Value,
    kwargs: Option<Value>,
    shared: Arc<Shared>,
    stack: usize,
}

/// A `Start` on its way to its thread.
struct Parcel(Start);

// SAFETY: the sender gives it away whole; the receiver uses it under the interpreter's lock.
unsafe impl Send for Parcel {}

/// Native stack of a thread for which no size was asked for.
const STACK: usize = 16 << 20;
/// The least native stack that a thread gets.
const LEAST_STACK: usize = 1 << 20;

/// Starts a thread that calls `function`.
///
/// Raises RuntimeError when the system gives no thread, PythonFinalizationError at the end of the program.
pub fn start(vm: &Vm, function: &Value, args: Value, kwargs: Option<Value>, handle: &Ref<ThreadHandle>, daemon: bool) -> R<u64> {
    if vm.interp().finalizing.get() {
        return Err(vm.raise_msg(&exc::PYTHON_FINALIZATION_ERROR, "can't create new thread at interpreter shutdown"));
    }
    if !vm.interp().member.features.allow_threads {
        return Err(vm.runtime_error("thread is not supported for isolated subinterpreters"));
    }
    let shared = handle.shared.clone();
    if shared.state.compare_exchange(NOT_STARTED, STARTING, Ordering::AcqRel, Ordering::Relaxed).is_err() {
        return Err(vm.runtime_error("thread already started"));
    }
    let registry = registry(vm)?;
    let asked = super::stack_size_of(vm);
    let stack = if asked == 0 { STACK } else { asked.max(LEAST_STACK) };
    let Some(new) = Vm::new(vm.interp()) else {
        shared.state.store(NOT_STARTED, Ordering::Release);
        return Err(vm.runtime_error("can't start new thread"));
    };
    vm.interp().threads.add(&new);
    let known: *const Vm = &raw const *new;
    let (function, mine) = (function.clone(), shared.clone());
    let parcel = Parcel(Start { vm: new, function, args, kwargs, shared: mine, stack });
    let spawned = std::thread::Builder::new().stack_size(stack).spawn(move || {
        let parcel = parcel;
        run(parcel.0);
    });
    match spawned {
        Ok(thread) => {
            let ident = thread.as_pthread_t() as u64;
            shared.ident.store(ident, Ordering::Relaxed);
            let _ = shared.state.compare_exchange(STARTING, RUNNING, Ordering::AcqRel, Ordering::Relaxed);
            registry.all.borrow_mut().retain(|s| !s.ended.is_set());
            registry.all.borrow_mut().push(shared.clone());
            if !daemon {
                registry.waited_for.borrow_mut().retain(|s| !s.ended.is_set());
                registry.waited_for.borrow_mut().push(shared);
            }
            Ok(ident)
        }
        Err(_) => {
            // The closure was dropped, and with it the thread's state and the values, under our lock.
            vm.interp().threads.forget(known);
            shared.state.store(NOT_STARTED, Ordering::Release);
            Err(vm.runtime_error("can't start new thread"))
        }
    }
}

/// The life of a thread.
fn run(start: Start) {
    let Start { vm, function, args, kwargs, shared, stack } = start;
    vm.set_native_stack(stack - stack / 8);
    let ident = taipan_host::signal::this_thread();
    vm.thread_id.set(ident);
    shared.ident.store(ident, Ordering::Relaxed);
    vm.enter();
    let r = call(&vm, &function, &args, kwargs.as_ref());
    if let Err(raised) = r {
        if vm.raised_is(&exc::SYSTEM_EXIT) {
            drop(vm.catch(raised));
        } else {
            vm.unraisable(raised, Some("Exception ignored in thread started by"), &function);
        }
    }
    drop((function, args, kwargs));
    super::state_ends(&vm);
    vm.interp().threads.remove(&vm);
    vm.leave();
    drop(vm);
    shared.done();
}

fn call(vm: &Vm, function: &Value, args: &Value, kwargs: Option<&Value>) -> R {
    let args: &[Value] = args.downcast::<tuple::Tuple>().map_or(&[], |t| t.as_slice());
    let kwargs = kwargs.and_then(|k| k.downcast::<Dict>());
    vm.call_dict(function, args, kwargs.map(|d| &***d))
}

/// Waits for the threads that are no daemons.
///
/// Never raises: what signal handlers raise is reported, and waiting goes on with the next thread.
pub fn shutdown(vm: &Vm) -> R<()> {
    let registry = registry(vm)?;
    loop {
        let next = registry.waited_for.borrow().iter().find(|s| !s.ended.is_set()).cloned();
        let Some(next) = next else { return Ok(()) };
        if next.ident.load(Ordering::Relaxed) == vm.thread_id.get() {
            registry.waited_for.borrow_mut().retain(|s| !Arc::ptr_eq(s, &next));
            continue;
        }
        if let Err(e) = join(vm, &next, None) {
            vm.unraisable(e, Some("Exception ignored while joining a thread in _thread._shutdown()"), &Value::NONE);
            return Ok(());
        }
    }
}

/// In a fork's child: all threads but this one are gone.
pub fn after_fork(vm: &Vm) {
    let Ok(registry) = registry(vm) else { return };
    let me = taipan_host::signal::this_thread();
    for s in registry.all.borrow().iter() {
        if s.ident.load(Ordering::Relaxed) != me && s.state.load(Ordering::Relaxed) != NOT_STARTED && !s.is_done() {
            s.done();
        }
    }
    registry.all.borrow_mut().retain(|s| !s.is_done());
    registry.waited_for.borrow_mut().clear();
}

/// The name of a thread for messages, from its `threading.Thread` or its number.
pub fn shown_name(vm: &Vm, thread: &Value) -> R {
    if !thread.is_none()
        && let Some(name) = vm.get_attr_str_opt(thread, "name")?
    {
        return vm.str(&name);
    }
    Ok(str::from_str(&vm.thread_id.get().to_string()))
}
