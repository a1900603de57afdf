//! `_tracemalloc`: who asked for the memory that is in use, block by block.
//!
//! While tracing is on no block comes from the pools or the caches, so that the allocator sees each one come and go; the
//! heap's account remembers them, [`sites`] their tracebacks. Off, it costs nothing.

use std::collections::{HashMap, HashSet};

use taipan_macros::{function, module};
use taipan_memory::{Mode, cache};
use taipan_runtime::core::{R, Value};
use taipan_runtime::types::bytes::Bytes;
use taipan_runtime::types::{exceptions as exc, list, str, tuple};
use taipan_runtime::vm::{Vm, sites};

module! {
    /// Debug module to trace memory blocks allocated by Python.
    name = "_tracemalloc",
    functions(
        start, stop, is_tracing, clear_traces, get_traceback_limit, get_traced_memory, reset_peak, get_tracemalloc_memory,
        _get_traces, _get_object_traceback,
    ),
}

fn tracing(vm: &Vm) -> bool {
    vm.interp().heap.account().mode().has(Mode::TRACE)
}

/// Start tracing Python memory allocations.
///
/// Also set the maximum number of frames stored in the traceback of a trace to nframe.
#[function(sig = "(nframe=1, /)")]
fn start(vm: &Vm, nframe: i32) -> R<()> {
    if !(1..=65_535).contains(&nframe) {
        return Err(vm.value_error("the number of frames must be in range [1; 65535]"));
    }
    begin(vm, nframe);
    Ok(())
}

fn begin(vm: &Vm, nframe: i32) {
    let interp = vm.interp();
    if !tracing(vm) {
        interp.heap.account().unwatch();
        interp.sites.forget();
        interp.sites.set_depth(nframe as usize);
        interp.heap.account().watch(0, sites::here);
        changed(vm);
    }
}

/// Tracing has begun or ended: the heap and the threads go about things in another way.
fn changed(vm: &Vm) {
    vm.interp().heap.watching_changed();
    for thread in vm.interp().threads.all() {
        thread.update_tracing();
    }
}

/// Stop tracing Python memory allocations. Also clear traces of memory blocks allocated by Python.
#[function]
fn stop(vm: &Vm) {
    let interp = vm.interp();
    if tracing(vm) {
        interp.heap.account().unwatch();
        changed(vm);
        interp.sites.forget();
    }
}

/// Return True if the tracemalloc module is tracing Python memory allocations.
#[function]
fn is_tracing(vm: &Vm) -> bool {
    tracing(vm)
}

/// Clear traces of memory blocks allocated by Python.
#[function]
fn clear_traces(vm: &Vm) {
    if tracing(vm) {
        vm.interp().heap.account().forget_traced();
        vm.interp().sites.forget();
    }
}

/// Get the maximum number of frames stored in the traceback of a trace.
#[function]
fn get_traceback_limit(vm: &Vm) -> usize {
    vm.interp().sites.depth()
}

/// Get the current size and peak size of memory blocks traced by tracemalloc, as a tuple of ints.
#[function]
fn get_traced_memory(vm: &Vm) -> R {
    let (now, peak) = if tracing(vm) { vm.interp().heap.account().traced_bytes() } else { (0, 0) };
    Ok(tuple::from_array([Value::from(now), Value::from(peak)]).into_value())
}

/// Set the peak size of memory blocks traced by tracemalloc to the current size.
#[function]
fn reset_peak(vm: &Vm) {
    vm.interp().heap.account().reset_traced_peak();
}

/// Get the memory usage in bytes of the tracemalloc module.
#[function]
fn get_tracemalloc_memory(vm: &Vm) -> usize {
    vm.interp().heap.account().watching_bytes() + vm.interp().sites.bytes()
}

/// The traceback with a number as tracemalloc wants it: a tuple of (file name, line), and the number of frames there were.
pub fn frames(vm: &Vm, site: u32) -> (Value, Value) {
    match vm.interp().sites.get(site) {
        Some((places, total)) => {
            let pairs = places.into_iter().map(|(file, line)| tuple::from_array([file, Value::from(line)]).into_value());
            (tuple::from_vec(pairs.collect()).into_value(), Value::from(total))
        }
        None => {
            let one = tuple::from_array([str::from_str("<unknown>"), Value::small(0)]).into_value();
            (tuple::from_array([one]).into_value(), Value::small(1))
        }
    }
}

/// Get traces of all memory blocks allocated by Python.
///
/// Return a list of (domain, size, traceback, total_nframe) tuples.
#[function]
fn _get_traces(vm: &Vm) -> R {
    let account = vm.interp().heap.account();
    if !tracing(vm) {
        return Ok(list::from_vec(Vec::new()).into_value());
    }
    let mut blocks = account.traced();
    // Bytes beside their object count as part of it, as in CPython.
    let mut parts: HashMap<usize, (usize, Option<usize>)> = HashMap::new();
    cache::unwatched(|| {
        vm.interp().heap.for_each(|h| {
            // SAFETY: `for_each` gives live blocks; bytes objects are told by their type, and their payload is complete
            // as soon as Python code can run.
            unsafe {
                let ty = (*h).ty();
                if std::ptr::eq(ty.cast(), <Bytes as taipan_runtime::core::Payload>::TYPE.ptr())
                {
                    let b = &*h.cast::<taipan_runtime::core::Obj<Bytes>>();
                    parts.insert(h.addr(), (b.len(), b.outside()));
                }
            }
        });
    });
    let data: HashSet<usize> = parts.values().filter_map(|p| p.1).collect();
    blocks.retain_mut(|(address, t)| {
        if let Some((n, _)) = parts.get(address) {
            t.size = n + Bytes::BASIC_SIZE;
        }
        !data.contains(address)
    });
    let mut known: HashMap<u32, (Value, Value)> = HashMap::new();
    let mut out = Vec::with_capacity(blocks.len());
    for (_, t) in blocks {
        let (places, total) = known.entry(t.site).or_insert_with(|| frames(vm, t.site)).clone();
        out.push(tuple::from_array([Value::small(0), Value::from(t.size), places, total]).into_value());
    }
    cache::unwatched(|| drop(parts));
    Ok(list::from_vec(out).into_value())
}

/// Get the traceback where the Python object obj was allocated.
///
/// Return a tuple of (filename, lineno) tuples. Return None if tracing is off or did not see the allocation.
#[function(sig = "(obj, /)")]
fn _get_object_traceback(vm: &Vm, obj: &Value) -> Value {
    let seen = obj.header().and_then(|h| vm.interp().heap.account().traced_at(std::ptr::from_ref(h).addr()));
    match seen {
        Some(t) if tracing(vm) => frames(vm, t.site).0,
        _ => Value::NONE,
    }
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
        Ok(n @ 1..=65_535) => {
            begin(vm, n);
            Ok(())
        }
        _ => {
            let text = format!("Fatal Python error: config_init_tracemalloc: {invalid}: invalid number of frames\n");
            exc::display::write_stderr(vm, &text);
            Err(vm.raise_new(exc::SYSTEM_EXIT.get(), vec![Value::small(1)]))
        }
    }
}
