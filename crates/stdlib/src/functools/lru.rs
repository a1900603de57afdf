//! The cache behind lru_cache and cache.

use std::cell::Cell;

use taipan_macros::{Drain, Trace, class};
use taipan_runtime::core::{PyCell, R, Ref, Value};
use taipan_runtime::native::Args;
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::native_fn::bind_method;
use taipan_runtime::types::str::Str;
use taipan_runtime::types::tuple;
use taipan_runtime::types::type_::{DictOp, TypeObject};
use taipan_runtime::types::int;
use taipan_runtime::vm::{Vm, empty_tuple};

/// A remembered result, in the order of use: a ring that starts and ends at link 0, which remembers nothing.
#[derive(Trace, Drain)]
struct Link {
    key: Value,
    result: Value,
    hash: i64,
    prev: u32,
    next: u32,
}

const ROOT: u32 = 0;

impl Link {
    fn root() -> Self {
        Link { key: Value::NONE, result: Value::NONE, hash: 0, prev: ROOT, next: ROOT }
    }
}

/// The links.
#[derive(Trace, Drain)]
struct Ring {
    links: Vec<Link>,
    /// Links that are in no ring now, chained by `next`; ROOT ends the chain.
    free: u32,
}

impl Ring {
    fn new() -> Self {
        Self { links: vec![Link::root()], free: ROOT }
    }

    fn unlink(&mut self, i: u32) {
        let Some(l) = self.links.get(i as usize) else { return };
        let (prev, next) = (l.prev, l.next);
        if let Some(l) = self.links.get_mut(prev as usize) {
            l.next = next;
        }
        if let Some(l) = self.links.get_mut(next as usize) {
            l.prev = prev;
        }
    }

    /// Makes a link the one used last.
    fn append(&mut self, i: u32) {
        let Some(last) = self.links.first().map(|root| root.prev) else { return };
        if let Some(l) = self.links.get_mut(i as usize) {
            (l.prev, l.next) = (last, ROOT);
        }
        if let Some(l) = self.links.get_mut(last as usize) {
            l.next = i;
        }
        if let Some(root) = self.links.first_mut() {
            root.prev = i;
        }
    }

    /// The result of a link, which is now the one used last.
    #[inline]
    fn touch(&mut self, i: u32) -> Option<Value> {
        let result = self.links.get(i as usize)?.result.clone();
        if self.links.first()?.prev != i {
            self.unlink(i);
            self.append(i);
        }
        Some(result)
    }

    /// Room for one more link, not in the ring yet. `None` if there are too many.
    fn place(&mut self, link: Link) -> Option<u32> {
        if self.free != ROOT {
            let i = self.free;
            let old = self.links.get_mut(i as usize)?;
            self.free = old.next;
            *old = link;
            return Some(i);
        }
        let i = u32::try_from(self.links.len()).ok()?;
        self.links.try_reserve(1).ok()?;
        self.links.push(link);
        Some(i)
    }

    /// Forgets a link that is in no ring.
    fn give_back(&mut self, i: u32) -> Option<(Value, Value)> {
        let free = self.free;
        let l = self.links.get_mut(i as usize)?;
        let old = (std::mem::replace(&mut l.key, Value::NONE), std::mem::replace(&mut l.result, Value::NONE));
        l.next = free;
        self.free = i;
        Some(old)
    }
}

/// How many results are remembered.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Limit {
    None,
    Unlimited,
    Most(usize),
}

/// The payload of the wrapper.
#[derive(Trace)]
pub struct LruWrapper {
    func: Value,
    #[no_trace]
    limit: Limit,
    typed: bool,
    hits: Cell<usize>,
    misses: Cell<usize>,
    /// Results by key if there is no limit, else the numbers of links.
    cache: Ref<Dict>,
    ring: PyCell<Ring>,
    /// Stands between positional and named arguments in a key.
    mark: Value,
    info: Value,
    dict: PyCell<Option<Ref<Dict>>>,
}


fn mark(vm: &Vm) -> R {
    vm.interp_static("functools.kwd_mark", |vm| {
        let object = taipan_runtime::types::object::OBJECT.value();
        vm.call(&object, &[])
    })
}

impl LruWrapper {
    /// The key for the arguments of a call.
    #[inline]
    fn key(&self, args: Args<'_>) -> Value {
        if !self.typed && args.names.is_empty() {
            return match args.all {
                [v] if v.as_small().is_some() || v.downcast_exact::<Str>().is_some() => v.clone(),
                [v] if v.downcast_exact::<int::Int>().is_some() => v.clone(),
                [] => empty_tuple().into_value(),
                all => tuple::from_slice(all).into_value(),
            };
        }
        self.long_key(args)
    }

    fn long_key(&self, args: Args<'_>) -> Value {
        let mut key = args.positional().to_vec();
        if !args.names.is_empty() {
            key.push(self.mark.clone());
            for (k, v) in args.named() {
                key.push(k.clone());
                key.push(v.clone());
            }
        }
        if self.typed {
            key.extend(args.all.iter().map(|v| v.ty().to_value()));
        }
        tuple::from_vec(key).into_value()
    }

    fn hit(&self) {
        self.hits.set(self.hits.get().wrapping_add(1));
    }

    fn miss(&self) {
        self.misses.set(self.misses.get().wrapping_add(1));
    }

    /// The link of a key.
    #[inline]
    fn find(&self, vm: &Vm, key: &Value, hash: i64) -> R<Option<u32>> {
        Ok(self.cache.get_hashed(vm, key, hash)?.and_then(|i| i.as_small()).map(|i| i as u32))
    }

    fn bounded(&self, vm: &Vm, most: usize, args: Args<'_>) -> R {
        let key = self.key(args);
        let hash = vm.hash(&key)?;
        if let Some(i) = self.find(vm, &key, hash)?
            && let Some(result) = self.ring.borrow_mut().touch(i)
        {
            self.hit();
            return Ok(result);
        }
        self.miss();
        let result = vm.call_args(&self.func, args)?;
        // The function may have been called for the same arguments meanwhile.
        if self.find(vm, &key, hash)?.is_some() {
            return Ok(result);
        }
        let oldest = if self.cache.len() < most {
            None
        } else {
            let ring = self.ring.borrow();
            ring.links.first().map(|root| root.next).filter(|i| *i != ROOT)
        };
        if let Some(i) = oldest {
            // Out of the ring at once, since looking its key up can run anything.
            let (old, old_hash) = {
                let mut ring = self.ring.borrow_mut();
                ring.unlink(i);
                let l = ring.links.get(i as usize);
                l.map_or((Value::NONE, 0), |l| (l.key.clone(), l.hash))
            };
            let gone = self.cache.remove_hashed(vm, &old, old_hash);
            let dead = self.ring.borrow_mut().give_back(i);
            let gone = gone?;
            drop(dead);
            if gone.is_none() {
                return Ok(result);
            }
        }
        let link = Link { key: key.clone(), result: result.clone(), hash, prev: ROOT, next: ROOT };
        let place = self.ring.borrow_mut().place(link);
        let Some(i) = place else { return Err(vm.memory_error()) };
        match self.cache.set_hashed(vm, key, hash, Value::from(i)) {
            Ok(()) => {
                self.ring.borrow_mut().append(i);
                Ok(result)
            }
            Err(r) => {
                let dead = self.ring.borrow_mut().give_back(i);
                drop(dead);
                Err(r)
            }
        }
    }

    fn unbounded(&self, vm: &Vm, args: Args<'_>) -> R {
        let key = self.key(args);
        let hash = vm.hash(&key)?;
        if let Some(result) = self.cache.get_hashed(vm, &key, hash)? {
            self.hit();
            return Ok(result);
        }
        self.miss();
        let result = vm.call_args(&self.func, args)?;
        self.cache.set_hashed(vm, key, hash, result.clone())?;
        Ok(result)
    }
}

/// Create a cached callable that wraps another function.
///
/// user_function:      the function being cached
///
/// maxsize:  0         for no caching
///           None      for unlimited cache size
///           n         for a bounded cache
///
/// typed:    False     cache f(3) and f(3.0) as identical calls
///           True      cache f(3) and f(3.0) as distinct calls
///
/// cache_info_type:    namedtuple class with the fields:
///                         hits misses currsize maxsize
#[class(
    name = "_lru_cache_wrapper",
    module = "functools",
    flags(GC, HAS_DICT, HAS_WEAKREF, METHOD_DESCRIPTOR),
    callee = "lru_cache"
)]
impl LruWrapper {
    #[slot(new, sig = "(user_function, maxsize, typed, cache_info_type)")]
    fn new(
        vm: &Vm,
        cls: &TypeObject,
        user_function: &Value,
        maxsize: &Value,
        typed: bool,
        cache_info_type: &Value,
    ) -> R {
        if user_function.ty().slots().call.is_none() {
            return Err(vm.type_error("the first argument must be callable"));
        }
        let limit = if maxsize.is_none() {
            Limit::Unlimited
        } else if maxsize.ty().slots().index.is_some() || int::get(maxsize).is_some() {
            match int::to_isize(vm, maxsize)? {
                n if n > 0 => Limit::Most(n as usize),
                _ => Limit::None,
            }
        } else {
            return Err(vm.type_error("maxsize should be integer or None"));
        };
        let new = LruWrapper {
            func: user_function.clone(),
            limit,
            typed,
            hits: Cell::new(0),
            misses: Cell::new(0),
            cache: Ref::new(Dict::new()),
            ring: PyCell::new(Ring::new()),
            mark: mark(vm)?,
            info: cache_info_type.clone(),
            dict: PyCell::new(None),
        };
        Ok(Ref::new_of(cls, new).into_value())
    }

    #[slot]
    fn call(vm: &Vm, this: &Ref<Self>, args: Args<'_>) -> R {
        match this.limit {
            Limit::Most(n) => this.bounded(vm, n, args),
            Limit::Unlimited => this.unbounded(vm, args),
            Limit::None => {
                this.miss();
                vm.call_args(&this.func, args)
            }
        }
    }

    #[slot]
    fn descr_get(_vm: &Vm, this: &Ref<Self>, obj: Option<&Value>, _cls: Option<&Value>) -> R {
        match obj {
            Some(obj) if !obj.is_none() => Ok(bind_method(this.value().clone(), obj.clone())),
            _ => Ok(this.value().clone()),
        }
    }

    #[slot]
    fn dict(_vm: &Vm, this: &Ref<Self>, op: DictOp) -> Option<Ref<Dict>> {
        op.on(&this.dict)
    }

    /// Report cache statistics
    #[method(sig = "()")]
    fn cache_info(vm: &Vm, this: &Ref<Self>) -> R {
        let most = match this.limit {
            Limit::None => Value::small(0),
            Limit::Unlimited => Value::NONE,
            Limit::Most(n) => Value::from(n),
        };
        let args = [Value::from(this.hits.get()), Value::from(this.misses.get()), most, Value::from(this.cache.len())];
        vm.call(&this.info, &args)
    }

    /// Clear the cache and cache statistics
    #[method(sig = "()")]
    fn cache_clear(_vm: &Vm, this: &Ref<Self>) {
        this.hits.set(0);
        this.misses.set(0);
        let old = this.ring.replace(Ring::new());
        this.cache.clear_all();
        drop(old);
    }

    #[method(sig = "()")]
    fn __reduce__(vm: &Vm, this: &Ref<Self>) -> R {
        vm.get_attr(this.value(), &vm.n().__qualname__)
    }

    #[method(sig = "()")]
    fn __copy__(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.value().clone()
    }

    #[method(sig = "(memo, /)")]
    fn __deepcopy__(_vm: &Vm, this: &Ref<Self>, _memo: &Value) -> Value {
        this.value().clone()
    }
}
