//! Iterators over one other: chain, compress, dropwhile, takewhile, filterfalse, islice, starmap, accumulate,
//! pairwise, batched.

use std::cell::Cell;

use taipan_macros::{Trace, class};
use taipan_runtime::core::{PyCell, R, Ref, Value};
use taipan_runtime::native::{Args, Nullable};
use taipan_runtime::types::list::ListIter;
use taipan_runtime::types::tuple::{self, Tuple};
use taipan_runtime::types::type_::{BinOp, TypeObject};
use taipan_runtime::types::{generic_alias, int};
use taipan_runtime::vm::Vm;

fn no_keywords(vm: &Vm, args: Args<'_>, name: &str) -> R<()> {
    if args.names.is_empty() { Ok(()) } else { Err(vm.type_error(format!("{name}() takes no keyword arguments"))) }
}

/// The payload of chain.
#[derive(Trace)]
pub struct Chain {
    sources: PyCell<Option<Value>>,
    active: PyCell<Option<Value>>,
}

/// Return a chain object whose .__next__() method returns elements from the first iterable until it is exhausted.
#[class(name = "chain", module = "itertools", flags(BASETYPE, GC), sig = "(*iterables)")]
impl Chain {
    #[slot]
    fn new(vm: &Vm, cls: &TypeObject, args: Args<'_>) -> R {
        no_keywords(vm, args, "chain")?;
        let sources = vm.iter(tuple::from_slice(args.all).value())?;
        Ok(Ref::new_of(cls, Chain { sources: PyCell::new(Some(sources)), active: PyCell::new(None) }).into_value())
    }

    #[slot]
    fn iter(_vm: &Vm, this: &Ref<Self>) -> R {
        Ok(this.value().clone())
    }

    #[slot]
    fn next(vm: &Vm, this: &Ref<Self>) -> R<Option<Value>> {
        // Within a list nothing happens that could change the chain.
        if let Some(list) = this.active.borrow().as_ref().and_then(|a| a.downcast_exact::<ListIter>())
            && let Some(v) = list.next_fast()
        {
            return Ok(Some(v));
        }
        loop {
            let active = match this.active.get() {
                Some(a) => a,
                None => {
                    let Some(sources) = this.sources.get() else { return Ok(None) };
                    match vm.next(&sources) {
                        Ok(Some(s)) => match vm.iter(&s) {
                            Ok(it) => {
                                this.active.set(Some(it.clone()));
                                it
                            }
                            Err(e) => {
                                this.sources.set(None);
                                return Err(e);
                            }
                        },
                        Ok(None) => {
                            this.sources.set(None);
                            return Ok(None);
                        }
                        Err(e) => {
                            this.sources.set(None);
                            return Err(e);
                        }
                    }
                }
            };
            if let Some(v) = vm.next(&active)? {
                return Ok(Some(v));
            }
            this.active.set(None);
        }
    }

    /// Alternative chain() constructor taking a single iterable argument that evaluates lazily.
    #[classmethod(sig = "(iterable, /)")]
    fn from_iterable(vm: &Vm, cls: &TypeObject, iterable: &Value) -> R {
        let sources = vm.iter(iterable)?;
        Ok(Ref::new_of(cls, Chain { sources: PyCell::new(Some(sources)), active: PyCell::new(None) }).into_value())
    }

    #[classmethod(sig = "(item, /)")]
    fn __class_getitem__(vm: &Vm, cls: &Value, item: &Value) -> R {
        generic_alias::new(vm, cls.clone(), item.clone())
    }
}

/// The payload of compress.
#[derive(Trace)]
pub struct Compress {
    data: Value,
    selectors: Value,
}

/// Return data elements corresponding to true selector elements.
#[class(name = "compress", module = "itertools", flags(BASETYPE, GC), sig = "(data, selectors)")]
impl Compress {
    #[slot]
    fn new(vm: &Vm, cls: &TypeObject, data: &Value, selectors: &Value) -> R {
        Ok(Ref::new_of(cls, Compress { data: vm.iter(data)?, selectors: vm.iter(selectors)? }).into_value())
    }

    #[slot]
    fn iter(_vm: &Vm, this: &Ref<Self>) -> R {
        Ok(this.value().clone())
    }

    #[slot]
    fn next(vm: &Vm, this: &Ref<Self>) -> R<Option<Value>> {
        loop {
            let Some(d) = vm.next(&this.data)? else { return Ok(None) };
            let Some(s) = vm.next(&this.selectors)? else { return Ok(None) };
            if vm.truth(&s)? {
                return Ok(Some(d));
            }
            vm.poll()?;
        }
    }
}

macro_rules! predicate {
    ($(#[$doc:meta])* $payload:ident $name:literal $sig:literal, |$vm:ident, $this:ident| $next:expr) => {
        /// The payload.
        #[derive(Trace)]
        pub struct $payload {
            f: Value,
            it: Value,
            state: Cell<bool>,
        }

        $(#[$doc])*
        #[class(name = $name, module = "itertools", flags(BASETYPE, GC), sig = $sig)]
        impl $payload {
            #[slot]
            fn new(vm: &Vm, cls: &TypeObject, f: &Value, iterable: &Value) -> R {
                let it = vm.iter(iterable)?;
                Ok(Ref::new_of(cls, $payload { f: f.clone(), it, state: Cell::new(false) }).into_value())
            }

            #[slot]
            fn iter(_vm: &Vm, this: &Ref<Self>) -> R {
                Ok(this.value().clone())
            }

            #[slot]
            fn next($vm: &Vm, $this: &Ref<Self>) -> R<Option<Value>> {
                $next
            }
        }
    };
}

predicate!(
    /// Drop items from the iterable while predicate(item) is true. Afterwards, return every element.
    DropWhile "dropwhile" "(predicate, iterable, /)", |vm, this| {
        loop {
            let Some(v) = vm.next(&this.it)? else { return Ok(None) };
            if this.state.get() {
                return Ok(Some(v));
            }
            let r = vm.call(&this.f, std::slice::from_ref(&v))?;
            if !vm.truth(&r)? {
                this.state.set(true);
                return Ok(Some(v));
            }
        }
    }
);
predicate!(
    /// Return successive entries from an iterable as long as the predicate evaluates to true for each entry.
    TakeWhile "takewhile" "(predicate, iterable, /)", |vm, this| {
        if this.state.get() {
            return Ok(None);
        }
        let Some(v) = vm.next(&this.it)? else { return Ok(None) };
        let r = vm.call(&this.f, std::slice::from_ref(&v))?;
        if vm.truth(&r)? {
            return Ok(Some(v));
        }
        this.state.set(true);
        Ok(None)
    }
);
predicate!(
    /// Return those items of iterable for which function(item) is false.
    FilterFalse "filterfalse" "(function, iterable, /)", |vm, this| {
        loop {
            let Some(v) = vm.next(&this.it)? else { return Ok(None) };
            let keep = if this.f.is_none() {
                !vm.truth(&v)?
            } else {
                let r = vm.call(&this.f, std::slice::from_ref(&v))?;
                !vm.truth(&r)?
            };
            if keep {
                return Ok(Some(v));
            }
            this.state.set(false);
        }
    }
);
predicate!(
    /// Return an iterator whose values are returned from the function evaluated with an argument tuple taken from the given sequence.
    Starmap "starmap" "(function, iterable, /)", |vm, this| {
        let Some(v) = vm.next(&this.it)? else { return Ok(None) };
        let r = match v.downcast_exact::<Tuple>() {
            Some(t) => vm.call(&this.f, t.as_slice())?,
            None => {
                let args = vm.collect(&v)?;
                vm.call(&this.f, &args)?
            }
        };
        this.state.set(false);
        Ok(Some(r))
    }
);

/// The payload of islice.
#[derive(Trace)]
pub struct Islice {
    it: PyCell<Option<Value>>,
    next: Cell<usize>,
    /// `usize::MAX`: without end.
    stop: usize,
    step: usize,
    count: Cell<usize>,
}

/// Return an iterator whose next() method returns selected values from an iterable.
#[class(name = "islice", module = "itertools", flags(BASETYPE, GC), sig = "(iterable, start, stop=None, step=1, /)")]
impl Islice {
    #[slot]
    fn new(vm: &Vm, cls: &TypeObject, args: Args<'_>) -> R {
        no_keywords(vm, args, "islice")?;
        let bound = |v: &Value, what: &str| -> R<Option<usize>> {
            if v.is_none() {
                return Ok(None);
            }
            let bad = || vm.value_error(format!("{what} for islice() must be None or an integer: 0 <= x <= sys.maxsize."));
            let n = int::to_isize(vm, v);
            match n {
                Ok(n) if n >= 0 => Ok(Some(n as usize)),
                Ok(_) => Err(bad()),
                Err(e) => {
                    drop(vm.catch(e));
                    Err(bad())
                }
            }
        };
        let (iterable, start, stop, step) = match args.all {
            [i, stop] => {
                let stop = bound(stop, "Stop argument")?;
                (i, 0, stop, 1)
            }
            [i, start, stop, rest @ ..] if rest.len() <= 1 => {
                let a = bound(start, "Indices")?.unwrap_or(0);
                let b = bound(stop, "Stop argument")?;
                let c = match rest.first() {
                    Some(s) => match bound(s, "Step") {
                        Ok(n) if n != Some(0) => n.unwrap_or(1),
                        other => {
                            if let Err(e) = other {
                                drop(vm.catch(e));
                            }
                            return Err(vm.value_error("Step for islice() must be a positive integer or None."));
                        }
                    },
                    None => 1,
                };
                (i, a, b, c)
            }
            more if more.len() < 2 => return Err(vm.type_error(format!("islice expected at least 2 arguments, got {}", more.len()))),
            more => return Err(vm.type_error(format!("islice expected at most 4 arguments, got {}", more.len()))),
        };
        let it = vm.iter(iterable)?;
        Ok(Ref::new_of(cls, Islice { it: PyCell::new(Some(it)), next: Cell::new(start), stop: stop.unwrap_or(usize::MAX), step, count: Cell::new(0) }).into_value())
    }

    #[slot]
    fn iter(_vm: &Vm, this: &Ref<Self>) -> R {
        Ok(this.value().clone())
    }

    #[slot]
    fn next(vm: &Vm, this: &Ref<Self>) -> R<Option<Value>> {
        let Some(it) = this.it.get() else { return Ok(None) };
        let end = || this.it.set(None);
        while this.count.get() < this.next.get().min(this.stop) {
            match vm.next(&it)? {
                Some(_) => this.count.set(this.count.get() + 1),
                None => {
                    end();
                    return Ok(None);
                }
            }
        }
        if this.count.get() >= this.stop {
            end();
            return Ok(None);
        }
        match vm.next(&it)? {
            Some(v) => {
                this.count.set(this.count.get() + 1);
                this.next.set(this.next.get().saturating_add(this.step).min(this.stop));
                Ok(Some(v))
            }
            None => {
                end();
                Ok(None)
            }
        }
    }
}

/// The payload of accumulate.
#[derive(Trace)]
pub struct Accumulate {
    it: Value,
    f: Option<Value>,
    total: PyCell<Option<Value>>,
    initial: PyCell<Option<Value>>,
}

/// Return series of accumulated sums (or other binary function results).
#[class(name = "accumulate", module = "itertools", flags(BASETYPE, GC), sig = "(iterable, func=None, *, initial=None)")]
impl Accumulate {
    #[slot]
    fn new(vm: &Vm, cls: &TypeObject, iterable: &Value, func: Nullable<&Value>, initial: Nullable<&Value>) -> R {
        let it = vm.iter(iterable)?;
        Ok(Ref::new_of(cls, Accumulate { it, f: func.0.cloned(), total: PyCell::new(None), initial: PyCell::new(initial.0.cloned()) }).into_value())
    }

    #[slot]
    fn iter(_vm: &Vm, this: &Ref<Self>) -> R {
        Ok(this.value().clone())
    }

    #[slot]
    fn next(vm: &Vm, this: &Ref<Self>) -> R<Option<Value>> {
        if let Some(i) = this.initial.take() {
            this.total.set(Some(i.clone()));
            return Ok(Some(i));
        }
        let Some(v) = vm.next(&this.it)? else { return Ok(None) };
        let new = match (this.total.get(), &this.f) {
            (None, _) => v,
            (Some(t), Some(f)) => vm.call(f, &[t, v])?,
            (Some(t), None) => vm.binary(&t, &v, BinOp::Add)?,
        };
        this.total.set(Some(new.clone()));
        Ok(Some(new))
    }
}

/// The payload of pairwise.
#[derive(Trace)]
pub struct Pairwise {
    it: PyCell<Option<Value>>,
    old: PyCell<Option<Value>>,
}

/// Return an iterator of overlapping pairs taken from the input iterator.
#[class(name = "pairwise", module = "itertools", flags(BASETYPE, GC), sig = "(iterable, /)")]
impl Pairwise {
    #[slot]
    fn new(vm: &Vm, cls: &TypeObject, iterable: &Value) -> R {
        let it = vm.iter(iterable)?;
        Ok(Ref::new_of(cls, Pairwise { it: PyCell::new(Some(it)), old: PyCell::new(None) }).into_value())
    }

    #[slot]
    fn iter(_vm: &Vm, this: &Ref<Self>) -> R {
        Ok(this.value().clone())
    }

    #[slot]
    fn next(vm: &Vm, this: &Ref<Self>) -> R<Option<Value>> {
        let Some(it) = this.it.get() else { return Ok(None) };
        let old = match this.old.get() {
            Some(o) => o,
            None => match vm.next(&it)? {
                Some(v) => {
                    this.old.set(Some(v.clone()));
                    v
                }
                None => {
                    this.it.set(None);
                    return Ok(None);
                }
            },
        };
        match vm.next(&it)? {
            Some(v) => {
                this.old.set(Some(v.clone()));
                Ok(Some(tuple::from_array([old, v]).into_value()))
            }
            None => {
                this.it.set(None);
                this.old.set(None);
                Ok(None)
            }
        }
    }
}

/// The payload of batched.
#[derive(Trace)]
pub struct Batched {
    it: PyCell<Option<Value>>,
    n: usize,
    strict: bool,
}

/// Batch data into tuples of length n. The last batch may be shorter than n.
#[class(name = "batched", module = "itertools", flags(BASETYPE, GC), sig = "(iterable, n, *, strict=False)")]
impl Batched {
    #[slot]
    fn new(vm: &Vm, cls: &TypeObject, iterable: &Value, n: isize, strict: bool) -> R {
        if n < 1 {
            return Err(vm.value_error("n must be at least one"));
        }
        let it = vm.iter(iterable)?;
        Ok(Ref::new_of(cls, Batched { it: PyCell::new(Some(it)), n: n as usize, strict }).into_value())
    }

    #[slot]
    fn iter(_vm: &Vm, this: &Ref<Self>) -> R {
        Ok(this.value().clone())
    }

    #[slot]
    fn next(vm: &Vm, this: &Ref<Self>) -> R<Option<Value>> {
        let Some(it) = this.it.get() else { return Ok(None) };
        let mut out = Vec::new();
        while out.len() < this.n {
            match vm.next(&it) {
                Ok(Some(v)) => out.push(v),
                Ok(None) => {
                    this.it.set(None);
                    break;
                }
                Err(e) => {
                    this.it.set(None);
                    return Err(e);
                }
            }
        }
        if out.is_empty() {
            return Ok(None);
        }
        if this.strict && out.len() < this.n {
            return Err(vm.value_error("batched(): incomplete batch"));
        }
        Ok(Some(tuple::from_vec(out).into_value()))
    }
}
