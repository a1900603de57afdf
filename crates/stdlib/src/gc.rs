//! `gc`: the cycle collector's switches and figures, and looks at the graph of objects.

use taipan_macros::{function, module};
use taipan_memory::{Tracer, flags};
use taipan_runtime::core::{Header, R, Ref, Value};
use taipan_runtime::native::Args;
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::list::{self, List};
use taipan_runtime::types::module::Module;
use taipan_runtime::types::tuple::{self, Tuple};
use taipan_runtime::types::{int, set};
use taipan_runtime::vm::{Vm, gc_debug, is_hidden};

module! {
    /// This module provides access to the garbage collector for reference cycles.
    name = "gc",
    functions(
        enable, disable, isenabled, collect, set_debug, get_debug, get_count, set_threshold, get_threshold, get_objects,
        get_stats, is_tracked, is_finalized, get_referrers, get_referents, freeze, unfreeze, get_freeze_count,
    ),
    exec = exec,
}

fn exec(vm: &Vm, m: &Ref<Module>) -> R<()> {
    let gc = &vm.interp().gc;
    for (name, place) in [("garbage", &gc.garbage), ("callbacks", &gc.callbacks)] {
        if place.borrow().is_none() {
            place.set(Some(list::from_vec(Vec::new()).into_value()));
        }
        m.set(name, place.get().unwrap_or(Value::NONE));
    }
    m.set("DEBUG_STATS", gc_debug::STATS);
    m.set("DEBUG_COLLECTABLE", gc_debug::COLLECTABLE);
    m.set("DEBUG_UNCOLLECTABLE", gc_debug::UNCOLLECTABLE);
    m.set("DEBUG_SAVEALL", gc_debug::SAVEALL);
    m.set("DEBUG_LEAK", gc_debug::COLLECTABLE | gc_debug::UNCOLLECTABLE | gc_debug::SAVEALL);
    Ok(())
}

/// Enable automatic garbage collection.
#[function]
fn enable(vm: &Vm) {
    vm.interp().gc.enabled.set(true);
}

/// Disable automatic garbage collection.
#[function]
fn disable(vm: &Vm) {
    vm.interp().gc.enabled.set(false);
}

/// Returns true if automatic garbage collection is enabled.
#[function]
fn isenabled(vm: &Vm) -> bool {
    vm.interp().gc.enabled.get()
}

/// Run the garbage collector.
///
/// With no arguments, run a full collection. The optional argument may be an integer specifying which generation to
/// collect. The number of unreachable objects is returned.
#[function(sig = "(generation=2)")]
fn collect(vm: &Vm, generation: i32) -> R<usize> {
    match usize::try_from(generation) {
        Ok(g @ 0..=2) => Ok(vm.collect_garbage(g)),
        _ => Err(vm.value_error("invalid generation")),
    }
}

/// Set the garbage collection debugging flags (DEBUG_*). Debugging information is written to sys.stderr.
#[function(sig = "(flags, /)")]
fn set_debug(vm: &Vm, flags: i32) {
    vm.interp().gc.debug.set(flags as u32);
}

/// Get the garbage collection debugging flags.
#[function]
fn get_debug(vm: &Vm) -> u32 {
    vm.interp().gc.debug.get()
}

/// Return a three-tuple of the current collection counts.
#[function]
fn get_count(vm: &Vm) -> Ref<Tuple> {
    let gc = &vm.interp().gc;
    let young = vm.interp().heap.young_count();
    tuple::from_array([Value::from(young), Value::from(gc.counts[1].get()), Value::from(gc.counts[2].get())])
}

/// Set the collection thresholds (the collection frequency). Setting 'threshold0' to zero disables collection.
#[function]
fn set_threshold(vm: &Vm, args: Args<'_>) -> R<()> {
    if !args.names.is_empty() {
        return Err(vm.type_error("gc.set_threshold() takes no keyword arguments"));
    }
    if !(1..=3).contains(&args.all.len()) {
        return Err(vm.type_error("gc.set_threshold requires 1 to 3 arguments"));
    }
    let mut new = [None; 3];
    for (slot, v) in new.iter_mut().zip(args.all) {
        let n = int::to_i64(vm, v)?;
        let n = i32::try_from(n).map_err(|_| vm.overflow_error("Python int too large to convert to C int"))?;
        *slot = Some(usize::try_from(n).unwrap_or(0));
    }
    for (n, place) in new.into_iter().zip(&vm.interp().gc.thresholds) {
        if let Some(n) = n {
            place.set(n);
        }
    }
    if let Some(n) = new[0] {
        vm.interp().heap.set_young_limit(if n == 0 { usize::MAX } else { n });
    }
    Ok(())
}

/// Return the current collection thresholds.
#[function]
fn get_threshold(vm: &Vm) -> Ref<Tuple> {
    tuple::from_vec(vm.interp().gc.thresholds.iter().map(|t| Value::from(t.get())).collect())
}

/// Every object that the collector knows, of one generation or of all.
fn tracked(vm: &Vm, generation: Option<u32>) -> Vec<Value> {
    let mut out = Vec::new();
    vm.interp().heap.for_each(|h| {
        // SAFETY: live blocks only; those that are just being taken down are left alone.
        unsafe {
            let known = !is_hidden(&*h) && (*h).has(flags::TRACKED) && !(*h).has(flags::DYING) && (*h).count() > 0;
            if known && generation.is_none_or(|g| (*h).generation() == g) {
                (*h).retain();
                out.push(Value::from_raw(h.expose_provenance() as u64));
            }
        }
    });
    out
}

/// Return a list of objects tracked by the collector (excluding the list returned).
///
/// If generation is not None, return only the objects in that generation.
#[function(sig = "(generation=None)")]
fn get_objects(vm: &Vm, generation: &Value) -> R {
    let wanted = if generation.is_none() {
        None
    } else {
        if int::get(generation).is_none() && generation.ty().slots().index.is_none() {
            let got = generation.ty().tp_name();
            return Err(vm.type_error(format!("argument should be integer or None, not '{got}'")));
        }
        match int::to_isize(vm, generation)? {
            g @ 0..=2 => Some(g as u32),
            g if g < 0 => return Err(vm.value_error("generation parameter cannot be negative")),
            _ => {
                let text = "generation parameter must be less than the number of available generations (3)";
                return Err(vm.value_error(text));
            }
        }
    };
    Ok(list::from_vec(tracked(vm, wanted)).into_value())
}

/// Return a list of dictionaries containing per-generation statistics.
#[function]
fn get_stats(vm: &Vm) -> Value {
    let of = |&(collections, collected, uncollectable): &(usize, usize, usize)| {
        let d = Ref::new(Dict::new());
        d.set_str("collections", collections);
        d.set_str("collected", collected);
        d.set_str("uncollectable", uncollectable);
        d.into_value()
    };
    list::from_vec(vm.interp().gc.stats.iter().map(|s| of(&s.get())).collect()).into_value()
}

/// Returns true if the object is tracked by the garbage collector.
#[function(sig = "(obj, /)")]
fn is_tracked(_vm: &Vm, obj: &Value) -> bool {
    if let Some(def) = obj.as_type().and_then(|t| t.def) {
        // Native classes are all immortal here. In CPython those of modules are not, and programs ask for that.
        return def.module != "builtins";
    }
    obj.header().is_some_and(|h| h.has(flags::TRACKED))
}

/// Returns true if the object has been already finalized by the GC.
#[function(sig = "(obj, /)")]
fn is_finalized(_vm: &Vm, obj: &Value) -> bool {
    obj.header().is_some_and(|h| h.has(flags::FINALIZED))
}

/// Shows every object that `v` refers to.
fn trace(v: &Value, f: &mut dyn FnMut(*const Header)) {
    let Some(h) = v.header() else { return };
    let ty = v.ty();
    // SAFETY: a live object and its own type; tracing changes nothing.
    unsafe { (ty.head().trace.get())(h, std::ptr::from_ref(ty).cast(), &mut Tracer::calling(f)) }
}

/// Return the list of objects that directly refer to any of 'objs'.
#[function(sig = "(*objs)")]
fn get_referrers(vm: &Vm, objs: &[Value]) -> Value {
    let wanted: Vec<*const Header> = objs.iter().filter_map(|v| v.header().map(std::ptr::from_ref)).collect();
    let mut all = tracked(vm, None);
    all.retain(|v| {
        let mut found = false;
        trace(v, &mut |h| found |= wanted.contains(&h));
        found
    });
    list::from_vec(all).into_value()
}

/// Return the list of objects that are directly referred to by 'objs'.
#[function(sig = "(*objs)")]
fn get_referents(_vm: &Vm, objs: &[Value]) -> Value {
    let mut out = Vec::new();
    for v in objs {
        // What stands in the word itself is seen by no tracer, so containers are looked into.
        if let Some(l) = v.downcast_exact::<List>() {
            out.extend(l.to_vec());
        } else if let Some(t) = v.downcast_exact::<Tuple>() {
            out.extend_from_slice(t.as_slice());
        } else if let Some(d) = v.downcast_exact::<Dict>() {
            for (key, value) in d.items() {
                out.extend([key, value]);
            }
        } else if let Some(s) = set::exact_data(v) {
            out.extend(s.to_vec());
        } else {
            trace(v, &mut |h| {
                // SAFETY: traced references are to live objects.
                unsafe {
                    if is_hidden(&*h) {
                        return;
                    }
                    (*h).retain();
                    out.push(Value::from_raw(h.expose_provenance() as u64));
                }
            });
        }
    }
    list::from_vec(out).into_value()
}

/// Freeze all current tracked objects and ignore them for future collections.
#[function]
fn freeze(vm: &Vm) {
    move_generation(vm, |h| h.generation() < 3, 3);
}

/// Unfreeze all objects in the permanent generation: they belong to the oldest generation again.
#[function]
fn unfreeze(vm: &Vm) {
    move_generation(vm, |h| h.generation() == 3, 2);
}

fn move_generation(vm: &Vm, which: impl Fn(&Header) -> bool, to: u32) {
    vm.interp().heap.for_each(|h| {
        // SAFETY: live blocks only.
        let h = unsafe { &*h };
        if h.has(flags::TRACKED) && which(h) {
            h.set_generation(to);
        }
    });
}

/// Return the number of objects in the permanent generation.
#[function]
fn get_freeze_count(vm: &Vm) -> usize {
    let mut n = 0;
    vm.interp().heap.for_each(|h| {
        // SAFETY: live blocks only.
        let h = unsafe { &*h };
        n += usize::from(h.has(flags::TRACKED) && h.generation() == 3);
    });
    n
}
