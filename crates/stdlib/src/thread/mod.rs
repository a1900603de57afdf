//! `_thread`: threads of the operating system, locks, thread-local data.

mod handle;
mod local;
mod lock;
pub mod raw;

use taipan_macros::{function, module};
use taipan_runtime::core::{R, Ref, StaticType, Value};
use taipan_runtime::native::TypeDef;
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::exceptions::{self as exc, BaseException};
use taipan_runtime::types::module::Module;
use taipan_runtime::types::str::{self, Str};
use taipan_runtime::types::structseq::{self, Spec};
use taipan_runtime::types::tuple::{self, Tuple};
use taipan_runtime::vm::Vm;

pub use self::handle::ThreadHandle;
pub use self::local::Local;
pub use self::lock::{Lock, RLock, RawRLock};

module! {
    /// This module provides primitive operations to write multi-threaded programs.
    ///
    /// The 'threading' module provides a more convenient interface.
    name = "_thread",
    functions(
        start_new_thread, start_new, start_joinable_thread, daemon_threads_allowed, allocate_lock, allocate, exit_thread, exit,
        interrupt_main, get_ident, get_native_id, _count, stack_size, _excepthook, _is_main_interpreter, _shutdown,
        _make_thread_handle, _get_main_thread_ident, set_name,
    ),
    types(Lock, RLock, Local, ThreadHandle),
    exec = exec,
}

/// The types of this module.
pub const TYPES: &[&TypeDef] = &[Lock::DEF, RLock::DEF, Local::DEF, ThreadHandle::DEF, handle::Registry::DEF];

static HOOK_ARGS: Spec = Spec {
    name: "_thread._ExceptHookArgs",
    doc: "ExceptHookArgs\n\nType used to pass arguments to threading.excepthook.",
    fields: &[
        ("exc_type", "Exception type"),
        ("exc_value", "Exception value"),
        ("exc_traceback", "Exception traceback"),
        ("thread", "Thread"),
    ],
    visible: 4,
    instantiable: true,
};

fn hook_args(vm: &Vm) -> R {
    vm.interp_static("_thread._ExceptHookArgs", |vm| structseq::new_type(vm, &HOOK_ARGS))
}

fn exec(vm: &Vm, m: &Ref<Module>) -> R<()> {
    m.set("LockType", value_of::<Lock>());
    m.set("error", exc::RUNTIME_ERROR.value());
    m.set("TIMEOUT_MAX", (lock::TIMEOUT_MAX / 1_000_000_000) as f64);
    m.set("_NAME_MAXLEN", 15);
    m.set("_ExceptHookArgs", hook_args(vm)?);
    Ok(())
}

fn value_of<T: taipan_runtime::core::Payload>() -> Value {
    let ty: &'static StaticType = T::TYPE;
    ty.value()
}

/// Start a new thread and return its identifier.
///
/// The thread will call the function with positional arguments from the tuple args and keyword arguments taken from
/// the optional dictionary kwargs. The thread exits when the function returns; the return value is ignored.
#[function(sig = "(function, args, kwargs=<unrepresentable>, /)")]
fn start_new_thread(vm: &Vm, function: &Value, args: &Value, kwargs: Option<&Value>) -> R<u64> {
    start_unjoined(vm, function, args, kwargs)
}

/// An obsolete synonym of start_new_thread().
#[function(sig = "(function, args, kwargs=<unrepresentable>, /)")]
fn start_new(vm: &Vm, function: &Value, args: &Value, kwargs: Option<&Value>) -> R<u64> {
    start_unjoined(vm, function, args, kwargs)
}

fn start_unjoined(vm: &Vm, function: &Value, args: &Value, kwargs: Option<&Value>) -> R<u64> {
    if function.ty().slots().call.is_none() {
        return Err(vm.type_error("first arg must be callable"));
    }
    if args.downcast::<Tuple>().is_none() {
        return Err(vm.type_error("2nd arg must be a tuple"));
    }
    if kwargs.is_some_and(|k| k.downcast::<Dict>().is_none()) {
        return Err(vm.type_error("optional 3rd arg must be a dictionary"));
    }
    vm.audit("_thread.start_new_thread", &[function.clone(), args.clone(), kwargs.cloned().unwrap_or(Value::NONE)])?;
    handle::start(vm, function, args.clone(), kwargs.cloned(), &handle::new_handle(), true)
}

/// *For internal use only*: start a new thread that can be waited for, and return its handle.
#[function(sig = "(function, handle=None, daemon=True)")]
fn start_joinable_thread(vm: &Vm, function: &Value, handle: &Value, daemon: bool) -> R<Ref<ThreadHandle>> {
    if function.ty().slots().call.is_none() {
        return Err(vm.type_error("thread function must be callable"));
    }
    vm.audit("_thread.start_joinable_thread", &[function.clone(), Value::small(i32::from(daemon)), handle.clone()])?;
    let handle = if handle.is_none() {
        handle::new_handle()
    } else {
        match handle.downcast_exact::<ThreadHandle>() {
            Some(h) => h.clone(),
            None => return Err(vm.type_error("'handle' must be a _ThreadHandle")),
        }
    };
    handle::start(vm, function, tuple::from_vec(Vec::new()).into_value(), None, &handle, daemon)?;
    Ok(handle)
}

/// Return True if daemon threads are allowed in the current interpreter, and False otherwise.
#[function]
fn daemon_threads_allowed(vm: &Vm) -> bool {
    vm.interp().member.features.allow_daemon_threads
}

/// Create a new lock object.
#[function]
fn allocate_lock(_vm: &Vm) -> Ref<Lock> {
    lock::new_lock()
}

/// An obsolete synonym of allocate_lock().
#[function]
fn allocate(_vm: &Vm) -> Ref<Lock> {
    lock::new_lock()
}

/// This is synonymous to ``raise SystemExit''.
#[function]
fn exit_thread(vm: &Vm) -> R {
    Err(vm.raise_new(exc::SYSTEM_EXIT.get(), Vec::new()))
}

/// This is synonymous to ``raise SystemExit''.
#[function]
fn exit(vm: &Vm) -> R {
    Err(vm.raise_new(exc::SYSTEM_EXIT.get(), Vec::new()))
}

/// Simulate the arrival of the given signal in the main thread, where the corresponding signal handler will be executed.
#[function(sig = "(signum=2, /)")]
fn interrupt_main(vm: &Vm, signum: i32) -> R<()> {
    if !(1..taipan_host::signal::COUNT).contains(&signum) {
        return Err(vm.value_error("signal number out of range"));
    }
    crate::signal::simulate(vm, signum);
    vm.poll()
}

/// Return a non-zero integer that uniquely identifies the current thread amongst other threads that exist
/// simultaneously.
#[function]
fn get_ident(vm: &Vm) -> u64 {
    vm.thread_id.get()
}

/// Return a non-negative integer identifying the thread as reported by the OS (kernel).
#[function]
fn get_native_id(_vm: &Vm) -> i32 {
    taipan_host::process::thread_id()
}

/// Return the number of currently running Python threads, excluding the main thread.
#[function]
fn _count(vm: &Vm) -> usize {
    vm.interp().threads.len().saturating_sub(1)
}

const STACK_SIZE: &str = "_thread.stack_size";

fn stack_size_of(vm: &Vm) -> usize {
    let v = vm.interp().statics.borrow().get(STACK_SIZE).cloned();
    v.and_then(|v| v.as_small()).and_then(|n| usize::try_from(n).ok()).unwrap_or(0)
}

/// Return the thread stack size used when creating new threads, and set it if a size is given.
#[function(sig = "(size=0, /)")]
fn stack_size(vm: &Vm, size: isize) -> R<usize> {
    if size < 0 {
        return Err(vm.value_error("size must be 0 or a positive value"));
    }
    let old = stack_size_of(vm);
    if size != 0 && !(32_768..=1 << 40).contains(&size) {
        return Err(vm.value_error(format!("size not valid: {size} bytes")));
    }
    vm.interp().statics.borrow_mut().insert(STACK_SIZE, Value::from(size));
    Ok(old)
}

/// Handle uncaught Thread.run() exception.
#[function(sig = "(exc_info, /)")]
fn _excepthook(vm: &Vm, args: &Value) -> R<()> {
    let ty = hook_args(vm)?;
    let right = ty.as_type().is_some_and(|t| args.ty().is(t));
    let fields = args.downcast::<Tuple>().map(|t| t.as_slice());
    let Some([exc_type, value, traceback, thread]) = fields.filter(|_| right) else {
        return Err(vm.type_error("_thread._excepthook argument must be ExceptHookArgs"));
    };
    if exc_type.is(&exc::SYSTEM_EXIT.value()) {
        return Ok(());
    }
    let stderr = vm.interp().sys().get_str("stderr").filter(|f| !f.is_none());
    let file = match stderr {
        Some(f) => f,
        None if thread.is_none() => return Ok(()),
        None => match vm.get_attr_str_opt(thread, "_stderr")?.filter(|f| !f.is_none()) {
            Some(f) => f,
            None => return Ok(()),
        },
    };
    let name = handle::shown_name(vm, thread)?;
    let head = format!("Exception in thread {}:\n", vm.str_lossy(&name));
    vm.call_method(&file, "write", &[str::from_str(&head)])?;
    let value = if value.is_none() { vm.call(exc_type, &[])? } else { value.clone() };
    if let Some(e) = value.downcast::<BaseException>()
        && e.traceback.borrow().is_none()
        && !traceback.is_none()
    {
        vm.set_attr_str(&value, "__traceback__", traceback)?;
    }
    print_to(vm, &value, &file)?;
    vm.call_method(&file, "flush", &[]).map(drop)
}

/// Writes an exception with its traceback to a file, by `traceback.py` where that is possible.
fn print_to(vm: &Vm, e: &Value, file: &Value) -> R<()> {
    if let Ok(module) = vm.import_module("traceback").map_err(|r| drop(vm.catch(r))) {
        let kwargs = [("file", file.clone())];
        let printed = vm.get_attr_str(&module, "print_exception").and_then(|f| vm.call_kw(&f, std::slice::from_ref(e), &kwargs));
        match printed {
            Ok(_) => return Ok(()),
            Err(r) => drop(vm.catch(r)),
        }
    }
    let text = exc::display::plain_text(vm, e);
    vm.call_method(file, "write", &[str::from_str(&text)]).map(drop)
}

/// Return True if the current interpreter is the main Python interpreter.
#[function]
fn _is_main_interpreter(vm: &Vm) -> bool {
    vm.interp().is_main()
}

/// Wait for all non-daemon threads (other than the calling thread) to stop.
#[function]
fn _shutdown(vm: &Vm) -> R<()> {
    handle::shutdown(vm)
}

/// Internal only. Make a thread handle for threads not spawned by the _thread or threading module.
#[function]
fn _make_thread_handle(vm: &Vm, ident: u64) -> R<Ref<ThreadHandle>> {
    handle::handle_of(vm, ident)
}

/// Internal only. Return a non-zero integer that uniquely identifies the main thread of the main interpreter.
#[function]
fn _get_main_thread_ident(vm: &Vm) -> u64 {
    vm.interp().world.main_thread()
}

/// Set the name of the current thread.
#[function(sig = "(name)")]
fn set_name(vm: &Vm, name: &Ref<Str>) -> R<()> {
    let mut bytes = name.to_wtf8();
    bytes.truncate(15);
    let end = bytes.iter().position(|&b| b == 0).unwrap_or(bytes.len());
    bytes.truncate(end);
    let Ok(name) = std::ffi::CString::new(bytes) else { return Ok(()) };
    taipan_host::thread::set_name(&name).map_err(|e| vm.os_error(e.0, None))
}

/// Puts threads and locks in order in a fork's child, after the interpreter's lock.
pub fn after_fork(vm: &Vm) {
    vm.thread_id.set(taipan_host::signal::this_thread());
    vm.interp().world.set_main_thread(vm.thread_id.get());
    vm.interp().world.keep_only(vm.interp().member.id);
    handle::after_fork(vm);
}

/// Gives up what a thread's state holds, and what is kept for it elsewhere: its use ends.
pub fn state_ends(vm: &Vm) {
    // Twice, for what comes into being while values are dropped.
    for _ in 0..2 {
        local::thread_ends(vm);
        vm.clear();
    }
}
