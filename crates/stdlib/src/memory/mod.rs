//! `_taipan_memory`: the figures of the heap, its limit and its watchers, for `taipan.memory` (which is written in
//! Python).

mod options;
mod paths;
mod report;
mod sizes;

pub use options::{apply, report_leaks_if_asked};
pub use report::text;

use taipan_macros::{function, module};
use taipan_memory::Mode;
use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::{list, str, tuple};
use taipan_runtime::vm::{Vm, sites};

module! {
    /// What taipan.memory needs from the interpreter.
    name = "_taipan_memory",
    functions(
        stats, set_limit, fail_at, sample, sampling, samples, by_type, path, report_text, own_size, check_counts,
    ),
}

fn dict(items: &[(&str, Value)]) -> Value {
    let d = Ref::new(Dict::new());
    for (k, v) in items {
        d.set_str(k, v.clone());
    }
    d.into_value()
}

/// The figures of this interpreter's memory.
#[function]
fn stats(vm: &Vm) -> R {
    let heap = &vm.interp().heap;
    let s = heap.stats();
    let tail = |size: usize| s.page_size % size;
    let classes = s.classes.iter().map(|c| {
        let free = c.capacity - c.used;
        dict(&[
            ("size", c.size.into()),
            ("pools", c.pages.into()),
            ("used", c.used.into()),
            ("free", free.into()),
            ("bytes_used", (c.used * c.size).into()),
            ("bytes_free", (free * c.size).into()),
            ("bytes_lost", (c.pages * tail(c.size)).into()),
        ])
    });
    let classes = list::from_vec(classes.collect()).into_value();
    let kinds = sizes::by_type(vm);
    let types = Ref::new(Dict::new());
    let (mut requested, mut beside) = (0, 0);
    for k in &kinds {
        requested += k.requested;
        beside += k.beside;
        let entry = dict(&[("count", k.count.into()), ("bytes", (k.blocks + k.beside).into())]);
        types.set(vm, str::from_str(&k.name), entry)?;
    }
    let account = heap.account();
    let taken = account.taken();
    let system = dict(&[
        ("bytes", taken.into()),
        ("blocks", account.blocks().into()),
        ("limit", if account.limit() == usize::MAX { Value::NONE } else { account.limit().into() }),
        ("arenas", s.arenas.into()),
        ("arena_size", s.arena_size.into()),
        ("pool_size", s.page_size.into()),
        ("empty_pools", s.empty_pages.into()),
        ("large_blocks", s.large_count.into()),
        ("large_bytes", s.large_bytes.into()),
    ]);
    let (resident, peak) = taipan_host::process::resident();
    Ok(dict(&[
        ("classes", classes),
        ("types", types.into_value()),
        ("system", system),
        ("threshold", heap.small_max().into()),
        ("live", (s.used + beside).into()),
        ("in_use", s.used.into()),
        ("requested", requested.into()),
        ("wasted", s.used.saturating_sub(requested).into()),
        ("reserved", taken.into()),
        ("rss", resident.into()),
        ("peak_rss", peak.into()),
    ]))
}

/// The same as text.
#[function]
fn report_text(vm: &Vm) -> String {
    report::text(vm)
}

/// Limit the bytes that the interpreter may have from the system. None: no limit.
#[function(sig = "(limit, /)")]
fn set_limit(vm: &Vm, limit: &Value) -> R<()> {
    let bytes = if limit.is_none() { usize::MAX } else { taipan_runtime::types::int::to_isize(vm, limit)?.max(0) as usize };
    vm.interp().heap.account().set_limit(bytes);
    Ok(())
}

/// Let the n-th request for memory from now on fail; 0: none. Return how many there were since the last call.
#[function(sig = "(n, /)")]
fn fail_at(vm: &Vm, n: usize) -> usize {
    let heap = &vm.interp().heap;
    let before = heap.account().fail_at(n);
    heap.watching_changed();
    before
}

/// Remember one block for about every so many bytes of growth, with where it was asked for; 0: none any more.
#[function(sig = "(every, frames=4, /)")]
fn sample(vm: &Vm, every: usize, frames: usize) -> R<()> {
    let interp = vm.interp();
    let account = interp.heap.account();
    if account.mode().has(Mode::TRACE) {
        return Err(vm.runtime_error("tracemalloc is tracing"));
    }
    account.unwatch();
    interp.heap.watching_changed();
    interp.sites.forget();
    if every > 0 {
        interp.sites.set_depth(frames.clamp(1, 100));
        account.watch(every, sites::here);
    }
    Ok(())
}

/// Whether blocks are sampled or traced.
#[function]
fn sampling(vm: &Vm) -> bool {
    vm.interp().heap.account().mode().has(Mode::SAMPLE | Mode::TRACE)
}

/// The blocks in use that are remembered, by site: a list of (traceback, count, bytes), where a traceback is a tuple of
/// (file name, line).
#[function]
fn samples(vm: &Vm) -> Value {
    let account = vm.interp().heap.account();
    let blocks = account.traced();
    // What is left of a window shares what it stands for.
    let mut windows: std::collections::HashMap<u32, usize> = std::collections::HashMap::new();
    for (_, t) in blocks.iter().filter(|(_, t)| t.window != 0) {
        *windows.entry(t.window).or_default() += t.size;
    }
    let mut sums: std::collections::HashMap<u32, (usize, usize)> = std::collections::HashMap::new();
    for (_, t) in blocks {
        let s = sums.entry(t.site).or_default();
        s.0 += 1;
        s.1 += match windows.get(&t.window) {
            Some(&all) if t.window != 0 => t.size + account.interval() * t.size / all.max(1),
            _ => t.size,
        };
    }
    let of = |(site, (count, bytes)): (u32, (usize, usize))| {
        let (frames, _) = crate::tracemalloc::frames(vm, site);
        tuple::from_array([frames, Value::from(count), Value::from(bytes)]).into_value()
    };
    list::from_vec(sums.into_iter().map(of).collect()).into_value()
}

/// All objects counted: a dict from type name to (count, bytes).
#[function]
fn by_type(vm: &Vm) -> R {
    let d = Ref::new(Dict::new());
    for k in sizes::by_type(vm) {
        let pair = tuple::from_array([Value::from(k.count), Value::from(k.blocks + k.beside)]);
        d.set(vm, str::from_str(&k.name), pair.into_value())?;
    }
    Ok(d.into_value())
}

/// The names of types whose objects are referred to more often than is counted: none, unless Taipan has a bug.
#[function]
fn check_counts(vm: &Vm) -> Value {
    let names = paths::overdrawn(vm);
    list::from_vec(names.iter().map(|n| str::from_str(n)).collect()).into_value()
}

/// Bytes of an object with what it has beside itself.
#[function(sig = "(obj, /)")]
fn own_size(vm: &Vm, obj: &Value) -> usize {
    match obj.header() {
        // SAFETY: the object is live; immortal ones lie in other heaps, or in none.
        Some(h) if !h.is_immortal() => unsafe { vm.interp().heap.block_size(h) + sizes::beside(h) },
        _ => 0,
    }
}

/// The objects from one of 'roots' to 'obj', each of which refers to the next: a shortest path; None if there is none.
/// None of the objects in 'but' is on it.
#[function(sig = "(obj, roots, but, /)")]
fn path(vm: &Vm, obj: &Value, roots: &Value, but: &Value) -> R {
    let (roots, but) = (vm.collect(roots)?, vm.collect(but)?);
    Ok(match paths::shortest(obj, &roots, &but) {
        Some(found) => list::from_vec(found).into_value(),
        None => Value::NONE,
    })
}
