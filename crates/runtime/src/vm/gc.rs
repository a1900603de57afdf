//! The cycle collector: when it runs, and what it does with what the heap's search found.

use std::cell::Cell;

use taipan_memory::{Header, find_unreachable, flags};

use super::{Vm, breaker};
use crate::core::{PyCell, Value};
use crate::types::type_::TypeObject;

/// Settings and figures of the collector.
pub struct GcState {
    /// `gc.enable`
    pub enabled: Cell<bool>,
    /// A collection is running.
    pub collecting: Cell<bool>,
    /// `gc.get_threshold`
    pub thresholds: [Cell<usize>; 3],
    /// Collections of the next younger generation since the last of this one (for 1 and 2).
    pub counts: [Cell<usize>; 3],
    /// `gc.get_stats`: collections, collected, uncollectable by generation.
    pub stats: [Cell<(usize, usize, usize)>; 3],
    /// `gc.set_debug`
    pub debug: Cell<u32>,
    /// `gc.garbage`, the list object.
    pub garbage: PyCell<Option<Value>>,
    /// `gc.callbacks`, the list object.
    pub callbacks: PyCell<Option<Value>>,
    /// Objects that survived the last full collection.
    pub long_lived: Cell<usize>,
    /// Objects that entered the oldest generation since.
    pub long_lived_pending: Cell<usize>,
    /// Whether full collections look at what was made while the interpreter started as well.
    pub settled_too: Cell<bool>,
}

impl Default for GcState {
    fn default() -> Self {
        Self {
            enabled: Cell::new(true),
            collecting: Cell::new(false),
            thresholds: [Cell::new(2000), Cell::new(10), Cell::new(10)],
            counts: [const { Cell::new(0) }; 3],
            stats: [const { Cell::new((0, 0, 0)) }; 3],
            debug: Cell::new(0),
            garbage: PyCell::new(None),
            callbacks: PyCell::new(None),
            long_lived: Cell::new(0),
            long_lived_pending: Cell::new(0),
            settled_too: Cell::new(false),
        }
    }
}

/// Bits of `gc.set_debug`.
pub mod gc_debug {
    /// Figures of each collection are shown.
    pub const STATS: u32 = 1;
    /// What is collected is shown.
    pub const COLLECTABLE: u32 = 2;
    /// What can't be collected is shown (there is no such thing any more).
    pub const UNCOLLECTABLE: u32 = 4;
    /// Nothing is freed: it goes to `gc.garbage`.
    pub const SAVEALL: u32 = 32;
}

impl Vm {
    /// The interpreter has started: what it has made so far will most likely stay to its end, and the collector, which
    /// has rested until now, will not look at it again and again.
    /// `but` are exceptions: the program's own module and its namespace.
    pub fn settle(&self, but: &[&Value]) {
        let interp = self.interp();
        interp.heap.settle();
        for h in but.iter().filter_map(|v| v.header()) {
            // SAFETY: live objects of this interpreter's heap.
            unsafe { interp.heap.unsettle(h) };
        }
        let n = interp.gc.thresholds[0].get();
        interp.heap.set_young_limit(if n == 0 { usize::MAX } else { n });
    }

    /// Whether the program could see its objects die: any of them has a finalizer, or weak references with callbacks
    /// other than the library's own (which only tidy tables that die as well), or it watches the collector. What was
    /// made while the interpreter started has nothing of the kind.
    pub fn end_is_visible(&self) -> bool {
        let interp = self.interp();
        let callbacks = interp.gc.callbacks.get();
        if interp.gc.debug.get() != 0 || callbacks.is_some_and(|c| c.downcast::<crate::types::list::List>().is_none_or(|l| !l.is_empty())) {
            return true;
        }
        interp.heap.any_unsettled(|h| {
            // SAFETY: live objects; a live object's type is live.
            let (h, ty) = unsafe { (&*h, &*(*h).ty().cast::<TypeObject>()) };
            ty.slots().finalize.is_some() || h.has(flags::WEAKREFS) && interp.weakrefs.has_visible_callback(h)
        })
    }

    /// The collector is not to look at an object that refers to nothing.
    pub fn untrack(&self, v: &Value) {
        if let Some(h) = v.header() {
            // SAFETY: a live object of this interpreter's heap.
            unsafe { self.interp().heap.track(h, false) };
        }
    }

    /// Runs the collection that is due, at an eval-breaker point.
    pub(crate) fn collect_due(&self) {
        self.eval_breaker.remove(breaker::GC);
        let gc = &self.interp().gc;
        if !gc.enabled.get() || gc.collecting.get() || gc.thresholds[0].get() == 0 {
            self.interp().heap.reset_young();
            return;
        }
        let mut generation = 0;
        if gc.counts[1].get() > gc.thresholds[1].get() {
            generation = 1;
            // A full collection only when the young part of the old objects has become a quarter of them.
            if gc.counts[2].get() > gc.thresholds[2].get() && gc.long_lived_pending.get() * 4 > gc.long_lived.get() {
                generation = 2;
            }
        }
        self.collect_garbage(generation);
    }

    /// The limit of the heap is crossed: whether collecting garbage has made room for an eighth of it.
    pub(crate) fn collect_for_room(&self) -> bool {
        let interp = self.interp();
        let account = interp.heap.account();
        let limit = account.limit();
        if limit == usize::MAX || !interp.gc.enabled.get() || account.mode().has(taipan_memory::Mode::FAIL) {
            return false;
        }
        let before = account.taken();
        self.collect_garbage(2);
        self.eval_breaker.remove(breaker::MEMORY);
        let now = account.taken();
        now < before && now.saturating_add(limit / 8) <= limit
    }

    /// Collects a generation and all younger ones; returns how many unreachable objects were found.
    pub fn collect_garbage(&self, generation: usize) -> usize {
        let gc = &self.interp().gc;
        if gc.collecting.replace(true) {
            return 0;
        }
        let n = self.preserving_raised(|| {
            self.gc_callbacks("start", generation, 0);
            let debug = gc.debug.get() & gc_debug::STATS != 0;
            let start = if debug { self.show_start(generation) } else { 0 };
            let n = self.collect_inner(generation);
            if debug {
                let seconds = (taipan_host::clock::monotonic() - start) as f64 / 1e9;
                let text = format!("gc: done, {n} unreachable, 0 uncollectable, {seconds:.4}s elapsed\n");
                crate::types::exceptions::display::write_stderr(self, &text);
            }
            self.gc_callbacks("stop", generation, n);
            n
        });
        gc.collecting.set(false);
        n
    }

    /// Says that a collection starts; gives the time.
    #[cold]
    fn show_start(&self, generation: usize) -> i64 {
        let (mut sizes, mut frozen) = ([0usize; 3], 0usize);
        self.interp().heap.for_each(|h| {
            // SAFETY: live blocks only.
            let h = unsafe { &*h };
            if h.has(flags::TRACKED) {
                match sizes.get_mut(h.generation() as usize) {
                    Some(n) => *n += 1,
                    None => frozen += 1,
                }
            }
        });
        let [a, b, c] = sizes;
        let text = format!(
            "gc: collecting generation {generation}...\ngc: objects in each generation: {a} {b} {c}\ngc: objects in permanent generation: {frozen}\n"
        );
        crate::types::exceptions::display::write_stderr(self, &text);
        taipan_host::clock::monotonic()
    }

    fn gc_callbacks(&self, phase: &str, generation: usize, collected: usize) {
        let Some(list) = self.interp().gc.callbacks.get() else { return };
        let Some(list) = list.downcast::<crate::types::list::List>() else { return };
        for f in list.to_vec() {
            let info = crate::core::Ref::new(crate::types::dict::Dict::new());
            info.set_str("generation", generation);
            info.set_str("collected", collected);
            info.set_str("uncollectable", 0usize);
            if let Err(e) = self.call(&f, &[crate::types::str::from_str(phase), info.into_value()]) {
                self.unraisable(e, None, &f);
            }
        }
    }

    fn collect_inner(&self, generation: usize) -> usize {
        let interp = self.interp();
        let (gc, heap) = (&interp.gc, &interp.heap);
        for (i, c) in gc.counts.iter().enumerate() {
            if i <= generation {
                c.set(0);
            }
        }
        if generation < 2 {
            gc.counts[generation + 1].set(gc.counts[generation + 1].get() + 1);
        }
        heap.reset_young();
        // What the search takes for itself, for a moment, is no reason for a MemoryError.
        let found = taipan_memory::cache::unwatched(|| {
            let candidates = heap.take_candidates(generation as u32, gc.settled_too.get());
            // SAFETY: the GIL is held; candidates are live objects of this heap, each once.
            unsafe { find_unreachable(candidates) }
        });
        let next = (generation as u32 + 1).min(2);
        for &h in &found.reachable {
            // SAFETY: live objects of this heap.
            unsafe { heap.promote(h, next) };
        }
        if next == 2 {
            gc.long_lived_pending.set(gc.long_lived_pending.get() + found.reachable.len());
        }
        if generation == 2 {
            gc.long_lived.set(found.reachable.len());
            gc.long_lived_pending.set(0);
        }
        drop(found.reachable);
        let n = if found.unreachable.is_empty() { 0 } else { self.dispose(found.unreachable, next) };
        let (a, b, c) = gc.stats[generation].get();
        gc.stats[generation].set((a + 1, b + n, c));
        if generation == 2 {
            heap.trim();
        }
        n
    }

    /// Weak references, finalizers, then the objects themselves (PEP 442's order).
    fn dispose(&self, garbage: Vec<*const Header>, next: u32) -> usize {
        let interp = self.interp();
        // SAFETY: all are live; owning values keep them alive through everything below.
        let owned: Vec<Value> = garbage
            .into_iter()
            .map(|h| unsafe {
                (*h).retain();
                Value::from_raw(h.expose_provenance() as u64)
            })
            .collect();
        // 1. Weak references to garbage are cleared; callbacks run for those that are not garbage themselves.
        for v in &owned {
            if let Some(h) = v.header() {
                h.set(flags::COLLECTING);
            }
        }
        let mut refs = Vec::new();
        for v in &owned {
            if let Some(h) = v.header()
                && h.has(flags::WEAKREFS)
            {
                refs.extend(interp.weakrefs.take(h));
            }
        }
        let mut callbacks = super::weak::clear_silently(&refs);
        callbacks.retain(|(r, _)| !r.header().is_some_and(|h| h.has(flags::COLLECTING)));
        for v in &owned {
            if let Some(h) = v.header() {
                h.unset(flags::COLLECTING);
            }
        }
        super::weak::call(self, callbacks);
        drop(refs);
        // 2. Finalizers, each once.
        let mut any = false;
        for v in &owned {
            if let Some(h) = v.header()
                && let Some(f) = v.ty().slots().finalize
                && !h.has(flags::FINALIZED)
            {
                h.set(flags::FINALIZED);
                any = true;
                f(self, v);
            }
        }
        // What finalizers have freed (a closed generator's frame) is garbage no more.
        let mut owned = owned;
        let mut before = usize::MAX;
        while any && owned.len() < before {
            before = owned.len();
            owned.retain(|v| !v.header().is_some_and(Header::unique));
        }
        // 3. If finalizers ran, some objects may be alive again: only what is still unreachable goes.
        let doomed: Vec<Value> = if any {
            let headers: Vec<*const Header> = owned.iter().filter_map(|v| v.header().map(std::ptr::from_ref)).collect();
            // The values in `owned` hold one count each; take them off for the search.
            for &h in &headers {
                // SAFETY: `owned` holds a count of each.
                unsafe { (*h).set_count((*h).count() - 1) };
            }
            // SAFETY: as in `collect_inner`.
            let again = unsafe { find_unreachable(headers.clone()) };
            for &h in &headers {
                // SAFETY: as above.
                unsafe { (*h).set_count((*h).count() + 1) };
            }
            for &h in &again.reachable {
                // SAFETY: live objects of this heap.
                unsafe { interp.heap.promote(h, next) };
            }
            // SAFETY: live; the new values own a count of their own.
            again.unreachable.iter().map(|&h| unsafe {
                (*h).retain();
                Value::from_raw(h.expose_provenance() as u64)
            }).collect()
        } else {
            std::mem::take(&mut owned)
        };
        let n = doomed.len();
        drop(owned);
        if interp.gc.debug.get() & gc_debug::COLLECTABLE != 0 {
            for v in &doomed {
                let text = format!("gc: collectable <{} {:#x}>\n", v.ty().name(), v.id());
                crate::types::exceptions::display::write_stderr(self, &text);
            }
        }
        if interp.gc.debug.get() & gc_debug::SAVEALL != 0 {
            if let Some(list) = interp.gc.garbage.get()
                && let Some(list) = list.downcast::<crate::types::list::List>()
            {
                list.items().borrow_mut().extend(doomed);
            }
            return n;
        }
        for v in &doomed {
            let Some(h) = v.header() else { continue };
            if h.count() == 1 {
                continue;
            }
            // SAFETY: a live object's type is live; `doomed` keeps the object alive.
            unsafe {
                let ty: &TypeObject = v.ty();
                (ty.head().clear.get())(h);
            }
        }
        n
    }
}
