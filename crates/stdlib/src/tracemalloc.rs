//! `_tracemalloc`: Taipan counts the bytes of its heap, but does not remember who allocated them. Tracing can be
//! switched on, and says how much memory is used; it knows no tracebacks.

use std::cell::Cell;

use taipan_macros::{class, function, module};
use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::native::TypeDef;
use taipan_runtime::types::{exceptions as exc, list, tuple};
use taipan_runtime::vm::Vm;

module! {
    /// Debug module to trace memory blocks allocated by Python.
    name = "_tracemalloc",
    functions(
        start, stop, is_tracing, clear_traces, get_traceback_limit, get_traced_memory, reset_peak, get_tracemalloc_memory,
        _get_traces, _get_object_traceback,
    ),
}

/// The payload of the state.
#[derive(taipan_macros::Trace)]
pub struct State {
    tracing: Cell<bool>,
    limit: Cell<i32>,
    /// The heap's size when tracing began.
    start: Cell<usize>,
    peak: Cell<usize>,
}

#[class(name = "_State", module = "_tracemalloc", flags(NO_NEW))]
impl State {}

/// The types of this module.
pub const TYPES: &[&TypeDef] = &[State::DEF];

fn state(vm: &Vm) -> R<Ref<State>> {
    let v = vm.interp_static("_tracemalloc.state", |_| {
        let (tracing, limit, start, peak) = (Cell::new(false), Cell::new(1), Cell::new(0), Cell::new(0));
        Ok(Ref::new(State { tracing, limit, start, peak }).into_value())
    })?;
    v.into_ref::<State>().map_err(|_| vm.system_error("the state of _tracemalloc is lost"))
}

/// Bytes that are in use since tracing began.
fn used(vm: &Vm, s: &State) -> usize {
    let n = vm.interp().heap.used().saturating_sub(s.start.get());
    s.peak.set(s.peak.get().max(n));
    n
}

/// Start tracing Python memory allocations.
///
/// Also set the maximum number of frames stored in the traceback of a trace to nframe.
#[function(sig = "(nframe=1, /)")]
fn start(vm: &Vm, nframe: i32) -> R<()> {
    if !(1..=65_535).contains(&nframe) {
        return Err(vm.value_error("the number of frames must be in range [1; 65535]"));
    }
    begin(vm, nframe)
}

fn begin(vm: &Vm, nframe: i32) -> R<()> {
    let s = state(vm)?;
    if !s.tracing.replace(true) {
        s.limit.set(nframe);
        s.start.set(vm.interp().heap.used());
        s.peak.set(0);
    }
    Ok(())
}

/// Stop tracing Python memory allocations. Also clear traces of memory blocks allocated by Python.
#[function]
fn stop(vm: &Vm) -> R<()> {
    let s = state(vm)?;
    s.tracing.set(false);
    s.peak.set(0);
    Ok(())
}

/// Return True if the tracemalloc module is tracing Python memory allocations.
#[function]
fn is_tracing(vm: &Vm) -> R<bool> {
    Ok(state(vm)?.tracing.get())
}

/// Clear traces of memory blocks allocated by Python.
#[function]
fn clear_traces(vm: &Vm) -> R<()> {
    let s = state(vm)?;
    s.start.set(vm.interp().heap.used());
    s.peak.set(0);
    Ok(())
}

/// Get the maximum number of frames stored in the traceback of a trace.
#[function]
fn get_traceback_limit(vm: &Vm) -> R<i32> {
    Ok(state(vm)?.limit.get())
}

/// Get the current size and peak size of memory blocks traced by tracemalloc, as a tuple of ints.
#[function]
fn get_traced_memory(vm: &Vm) -> R {
    let s = state(vm)?;
    let n = if s.tracing.get() { used(vm, &s) } else { 0 };
    Ok(tuple::from_array([Value::from(n), Value::from(s.peak.get())]).into_value())
}

/// Set the peak size of memory blocks traced by tracemalloc to the current size.
#[function]
fn reset_peak(vm: &Vm) -> R<()> {
    let s = state(vm)?;
    s.peak.set(0);
    if s.tracing.get() {
        used(vm, &s);
    }
    Ok(())
}

/// Get the memory usage in bytes of the tracemalloc module.
#[function]
fn get_tracemalloc_memory(_vm: &Vm) -> usize {
    0
}

/// Get traces of all memory blocks allocated by Python.
///
/// Raises NotImplementedError while tracing is on: nothing is remembered of single blocks.
#[function]
fn _get_traces(vm: &Vm) -> R {
    if state(vm)?.tracing.get() {
        return Err(vm.not_implemented_error("Taipan counts memory but keeps no traces of single blocks"));
    }
    Ok(list::from_vec(Vec::new()).into_value())
}

/// Get the traceback where the Python object obj was allocated: it is not known.
#[function(sig = "(obj, /)")]
fn _get_object_traceback(_vm: &Vm, _obj: &Value) -> Value {
    Value::NONE
}

/// Starts tracing where the command line or the environment asks for it.
///
/// Raises SystemExit where they ask for no proper number of frames.
pub fn start_if_asked(vm: &Vm) -> R<()> {
    let c = &vm.interp().config;
    let option = c.x_options.iter().rev().find(|(k, _)| k == "tracemalloc");
    let variable = || taipan_host::env::get(b"PYTHONTRACEMALLOC").filter(|v| c.use_environment && !v.is_empty());
    let (given, invalid) = match option {
        Some((_, n)) => (n.clone().unwrap_or_else(|| "1".to_owned()), "-X tracemalloc=NFRAME"),
        None => match variable() {
            Some(v) => (String::from_utf8_lossy(&v).into_owned(), "PYTHONTRACEMALLOC"),
            None => return Ok(()),
        },
    };
    match given.parse::<i32>() {
        Ok(0) => Ok(()),
        Ok(n @ 1..=65_535) => begin(vm, n),
        _ => {
            let text = format!("Fatal Python error: config_init_tracemalloc: {invalid}: invalid number of frames\n");
            exc::display::write_stderr(vm, &text);
            Err(vm.raise_new(exc::SYSTEM_EXIT.get(), vec![Value::small(1)]))
        }
    }
}
