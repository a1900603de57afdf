//! Functions that ask or tell the interpreter something.

use taipan_macros::function;
use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::native::Args;
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::exceptions::{self as exc, BaseException};
use taipan_runtime::types::frame;
use taipan_runtime::types::str::Str;
use taipan_runtime::types::tuple;
use taipan_runtime::vm::{Vm, names};

/// Exit the interpreter by raising SystemExit(status).
#[function(sig = "(status=None, /)")]
pub fn exit(vm: &Vm, status: Option<&Value>) -> R {
    Err(vm.raise_new(exc::SYSTEM_EXIT.get(), status.into_iter().filter(|s| !s.is_none()).cloned().collect()))
}

/// Return the current value of the recursion limit.
#[function]
pub fn getrecursionlimit(vm: &Vm) -> usize {
    vm.interp().recursion_limit.get()
}

/// Set the maximum depth of the Python interpreter stack to n.
#[function(sig = "(limit, /)")]
pub fn setrecursionlimit(vm: &Vm, limit: i32) -> R<()> {
    if limit < 1 {
        return Err(vm.value_error("recursion limit must be greater or equal than 1"));
    }
    let depth = vm.stacks.len.get();
    if depth >= limit as usize {
        return Err(vm.recursion_error(format!("cannot set the recursion limit to {limit} at the recursion depth {depth}: the limit is too low")));
    }
    vm.interp().set_recursion_limit(limit as usize);
    Ok(())
}

/// Return the reference count of object.
#[function(sig = "(object, /)")]
pub fn getrefcount(_vm: &Vm, object: &Value) -> u64 {
    object.header().map_or(u64::from(u32::MAX), |h| if h.is_immortal() { u64::from(u32::MAX) } else { u64::from(h.count()) })
}

/// Return the size of object in bytes.
#[function(sig = "(object, default=None)")]
pub fn getsizeof(vm: &Vm, object: &Value, default: Option<&Value>) -> R {
    let r = vm.call_special(object, &names().__sizeof__, &[]);
    let r = match r {
        Ok(Some(v)) => Ok(v),
        Ok(None) => Err(vm.type_error(format!("Type {} doesn't define __sizeof__", object.ty().tp_name()))),
        Err(e) => Err(e),
    };
    match (r, default) {
        (Ok(v), _) => {
            let n = taipan_runtime::types::int::to_i64(vm, &v)?;
            if n < 0 {
                return Err(vm.value_error("__sizeof__() should return >= 0"));
            }
            Ok(v)
        }
        (Err(e), Some(d)) if vm.raised_is(&exc::TYPE_ERROR) => {
            drop(vm.catch(e));
            Ok(d.clone())
        }
        (Err(e), _) => Err(e),
    }
}

/// ``Intern'' the given string.
#[function(sig = "(string, /)")]
pub fn intern(vm: &Vm, string: &Value) -> R {
    match string.downcast_exact::<Str>() {
        Some(_) => Ok(taipan_runtime::vm::intern_value(string)),
        None if string.downcast::<Str>().is_some() => Err(vm.type_error(format!("can't intern {}", string.ty().name()))),
        None => Err(vm.type_error(format!("intern() argument must be str, not {}", string.ty().tp_name()))),
    }
}

/// Return True if the given string is "interned".
#[function(sig = "(string, /)")]
pub fn _is_interned(_vm: &Vm, string: &Ref<Str>) -> bool {
    string.is_interned()
}

/// Return (type, value, traceback) of the exception being handled.
#[function]
pub fn exc_info(vm: &Vm) -> R {
    let t = match vm.current_handled() {
        Some(e) => {
            let tb = e.downcast::<BaseException>().and_then(|b| b.traceback.get()).map_or(Value::NONE, Into::into);
            [e.ty().to_value(), e, tb]
        }
        None => [Value::NONE, Value::NONE, Value::NONE],
    };
    Ok(tuple::from_array(t).into_value())
}

/// Return the exception being handled.
#[function]
pub fn exception(vm: &Vm) -> R {
    Ok(vm.current_handled().unwrap_or(Value::NONE))
}

/// Return a frame object from the call stack.
#[function(sig = "(depth=0, /)")]
pub fn _getframe(vm: &Vm, depth: Option<i64>) -> R {
    let depth = depth.unwrap_or(0).max(0) as usize;
    let n = vm.stacks.len.get();
    if depth >= n {
        return Err(vm.value_error("call stack is not deep enough"));
    }
    let frame = frame::object_of(vm, n - 1 - depth);
    vm.audit("sys._getframe", std::slice::from_ref(&frame))?;
    Ok(frame)
}

/// Return the name of the module for a calling frame.
#[function(sig = "(depth=0)")]
pub fn _getframemodulename(vm: &Vm, depth: Option<i64>) -> R {
    vm.audit("sys._getframemodulename", &[Value::from(depth.unwrap_or(0))])?;
    let depth = depth.unwrap_or(0).max(0) as usize;
    Ok(vm.stacks.iter().nth(depth).and_then(|f| f.globals().get_name(&names().__name__)).unwrap_or(Value::NONE))
}

/// Return a dict mapping each thread's identifier to its topmost stack frame.
#[function]
pub fn _current_frames(vm: &Vm) -> R {
    let d = Ref::new(Dict::new());
    if let Some(f) = frame::current(vm) {
        d.set(vm, Value::from(vm.thread_id.get()), f)?;
    }
    Ok(d.into_value())
}

/// Return a dict mapping each thread's identifier to the exception that it handles.
#[function]
pub fn _current_exceptions(vm: &Vm) -> R {
    let d = Ref::new(Dict::new());
    d.set(vm, Value::from(vm.thread_id.get()), vm.current_handled().unwrap_or(Value::NONE))?;
    Ok(d.into_value())
}

/// Return the current default encoding.
#[function]
pub fn getdefaultencoding(_vm: &Vm) -> &'static str {
    "utf-8"
}

/// Return the encoding used to convert file names.
#[function]
pub fn getfilesystemencoding(_vm: &Vm) -> &'static str {
    "utf-8"
}

/// Return the error mode used for file name conversion.
#[function]
pub fn getfilesystemencodeerrors(_vm: &Vm) -> &'static str {
    "surrogateescape"
}

/// Return the current thread switch interval in seconds.
#[function]
pub fn getswitchinterval(vm: &Vm) -> f64 {
    vm.interp().switch_interval.get()
}

/// Set the ideal thread switching delay, in seconds.
#[function(sig = "(interval, /)")]
pub fn setswitchinterval(vm: &Vm, interval: f64) -> R<()> {
    if interval.is_nan() || interval <= 0.0 {
        return Err(vm.value_error("switch interval must be strictly positive"));
    }
    vm.interp().set_switch_interval(interval);
    Ok(())
}

/// Return True if Python is exiting.
#[function]
pub fn is_finalizing(vm: &Vm) -> bool {
    vm.interp().finalizing.get()
}

/// Call func(*args), while tracing is enabled.
#[function(sig = "(func, args, /)")]
pub fn call_tracing(vm: &Vm, func: &Value, args: &Ref<tuple::Tuple>) -> R {
    let was = vm.tracing.replace(false);
    let r = vm.call(func, args.as_slice());
    vm.tracing.set(was);
    r
}

/// Return the maximum string digits limit for non-binary int<->str conversions.
#[function]
pub fn get_int_max_str_digits(vm: &Vm) -> usize {
    vm.interp().int_max_str_digits.get()
}

/// Set the maximum string digits limit for non-binary int<->str conversions.
#[function(sig = "(maxdigits)")]
pub fn set_int_max_str_digits(vm: &Vm, maxdigits: i64) -> R<()> {
    if maxdigits != 0 && maxdigits < 640 {
        return Err(vm.value_error("maxdigits must be 0 or larger than 640"));
    }
    vm.interp().int_max_str_digits.set(maxdigits as usize);
    Ok(())
}

/// Return the number of memory blocks currently allocated.
#[function]
pub fn getallocatedblocks(vm: &Vm) -> usize {
    let s = vm.interp().heap.stats();
    s.classes.iter().map(|c| c.used).sum::<usize>() + s.large_count
}

/// Return the number of elements of the table of interned strings.
#[function(sig = "(*, _only_immortal=False)")]
pub fn getunicodeinternedsize(vm: &Vm, _only_immortal: Option<bool>) -> usize {
    vm.interp().interned.len()
}

/// Take the descriptors __dict__ and __weakref__ out of a class, which is to be made anew with slots.
#[function(sig = "(type, /)")]
pub fn _clear_type_descriptors(vm: &Vm, type_: &Value) -> R<()> {
    let Some(t) = type_.as_type() else {
        let got = type_.ty().tp_name();
        return Err(vm.type_error(format!("_clear_type_descriptors() argument must be type, not {got}")));
    };
    if t.has(taipan_runtime::types::type_::tflag::IMMUTABLE) || !t.has(taipan_runtime::types::type_::tflag::HEAP) {
        return Err(vm.type_error("argument is immutable"));
    }
    drop(t.dict.remove_name(&names().__dict__));
    drop(t.dict.remove_name(&names().__weakref__));
    taipan_runtime::types::type_::modified(t);
    Ok(())
}

/// Clear the internal type lookup cache.
#[function]
pub fn _clear_type_cache(vm: &Vm) {
    vm.interp().method_cache.clear();
}

/// Clear all internal performance-related caches.
#[function]
pub fn _clear_internal_caches(vm: &Vm) {
    vm.interp().method_cache.clear();
}

/// Enable or disable origin tracking for coroutine objects in this thread.
#[function(sig = "(depth)")]
pub fn set_coroutine_origin_tracking_depth(vm: &Vm, depth: i32) -> R<()> {
    match u32::try_from(depth) {
        Ok(d) => {
            vm.coroutine_origin_depth.set(d);
            Ok(())
        }
        Err(_) => Err(vm.value_error("depth must be >= 0")),
    }
}

/// Check status of origin tracking for coroutine objects in this thread.
#[function]
pub fn get_coroutine_origin_tracking_depth(vm: &Vm) -> u32 {
    vm.coroutine_origin_depth.get()
}

/// set_asyncgen_hooks([firstiter] [, finalizer])
#[function]
pub fn set_asyncgen_hooks(vm: &Vm, args: Args<'_>) -> R<()> {
    let mut hooks = [args.positional().first().cloned(), args.positional().get(1).cloned()];
    for (k, v) in args.named() {
        match vm.str_lossy(k).as_str() {
            "firstiter" => hooks[0] = Some(v.clone()),
            "finalizer" => hooks[1] = Some(v.clone()),
            other => return Err(vm.type_error(format!("set_asyncgen_hooks() got an unexpected keyword argument '{other}'"))),
        }
    }
    for (h, name) in hooks.iter().zip(["firstiter", "finalizer"]) {
        if let Some(h) = h
            && !h.is_none()
            && h.ty().slots().call.is_none()
        {
            return Err(vm.type_error(format!("callable {name} expected, got {}", h.ty().tp_name())));
        }
    }
    let (mut first, mut last) = vm.asyncgen_hooks.get();
    let [a, b] = hooks;
    if let Some(a) = a {
        first = Some(a).filter(|h| !h.is_none());
    }
    if let Some(b) = b {
        last = Some(b).filter(|h| !h.is_none());
    }
    vm.asyncgen_hooks.set((first, last));
    Ok(())
}

static ASYNCGEN_HOOKS: taipan_runtime::types::structseq::Spec = taipan_runtime::types::structseq::Spec {
    name: "asyncgen_hooks",
    doc: "A named tuple with the hooks of asynchronous generators.",
    fields: &[("firstiter", ""), ("finalizer", "")],
    visible: 2,
    instantiable: false,
};

/// Return the installed asynchronous generators hooks.
#[function]
pub fn get_asyncgen_hooks(vm: &Vm) -> R {
    let ty = vm.interp_static("sys.asyncgen_hooks", |vm| taipan_runtime::types::structseq::new_type(vm, &ASYNCGEN_HOOKS))?;
    let (a, b) = vm.asyncgen_hooks.get();
    taipan_runtime::types::structseq::new_instance(vm, &ty, vec![a.unwrap_or(Value::NONE), b.unwrap_or(Value::NONE)])
}

/// Return *True* if a stack profiler trampoline is active.
#[function]
pub fn is_stack_trampoline_active(_vm: &Vm) -> bool {
    false
}

/// Return True if the GIL is currently enabled and False if it's disabled.
#[function]
pub fn _is_gil_enabled(_vm: &Vm) -> bool {
    true
}

/// Return True if remote debugging is enabled, False otherwise.
#[function]
pub fn is_remote_debug_enabled(_vm: &Vm) -> bool {
    false
}

/// Return True if the given object is "immortal".
#[function(sig = "(op, /)")]
pub fn _is_immortal(_vm: &Vm, op: &Value) -> bool {
    op.header().is_none_or(taipan_runtime::core::Header::is_immortal)
}

/// The configured number of CPUs, -1 when it is not configured.
#[function]
pub fn _get_cpu_count_config(vm: &Vm) -> i32 {
    vm.interp().config.cpu_count.unwrap_or(-1)
}

/// Print figures of the heap to stderr: by size class, by type, from the system.
#[function]
pub fn _debugmallocstats(vm: &Vm) {
    exc::display::write_stderr(vm, &crate::memory::text(vm));
}
