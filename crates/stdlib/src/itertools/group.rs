//! groupby, tee, zip_longest.

use std::cell::Cell;

use taipan_macros::{Trace, class, function};
use taipan_runtime::core::{PyCell, R, Ref, Value};
use taipan_runtime::native::{Args, Nullable};
use taipan_runtime::types::generic_alias;
use taipan_runtime::types::tuple;
use taipan_runtime::types::type_::TypeObject;
use taipan_runtime::vm::Vm;

/// The payload of groupby.
#[derive(Trace)]
pub struct GroupBy {
    it: Value,
    key: Option<Value>,
    target: PyCell<Option<Value>>,
    current_key: PyCell<Option<Value>>,
    current: PyCell<Option<Value>>,
    /// Which group is being read; older groupers are exhausted.
    round: Cell<u64>,
}

impl GroupBy {
    /// The next item; false at the end.
    fn step(&self, vm: &Vm) -> R<bool> {
        let Some(v) = vm.next(&self.it)? else { return Ok(false) };
        let k = match &self.key {
            Some(f) => vm.call(f, std::slice::from_ref(&v))?,
            None => v.clone(),
        };
        self.current.set(Some(v));
        self.current_key.set(Some(k));
        Ok(true)
    }
}

/// Make an iterator that returns consecutive keys and groups from the iterable.
#[class(name = "groupby", module = "itertools", flags(BASETYPE, GC), sig = "(iterable, key=None)")]
impl GroupBy {
    #[slot]
    fn new(vm: &Vm, cls: &TypeObject, iterable: &Value, key: Nullable<&Value>) -> R {
        let it = vm.iter(iterable)?;
        Ok(Ref::new_of(cls, GroupBy {
            it,
            key: key.0.cloned(),
            target: PyCell::new(None),
            current_key: PyCell::new(None),
            current: PyCell::new(None),
            round: Cell::new(0),
        })
        .into_value())
    }

    #[slot]
    fn iter(_vm: &Vm, this: &Ref<Self>) -> R {
        Ok(this.value().clone())
    }

    #[slot]
    fn next(vm: &Vm, this: &Ref<Self>) -> R<Option<Value>> {
        this.round.set(this.round.get() + 1);
        loop {
            match (this.current_key.get(), this.target.get()) {
                (None, _) => {}
                (Some(_), None) => break,
                (Some(c), Some(t)) => {
                    if !vm.eq(&t, &c)? {
                        break;
                    }
                }
            }
            if !this.step(vm)? {
                return Ok(None);
            }
        }
        let key = this.current_key.get().unwrap_or(Value::NONE);
        this.target.set(Some(key.clone()));
        let g = Ref::new(Grouper { parent: this.clone(), key: key.clone(), round: this.round.get() });
        Ok(Some(tuple::from_array([key, g.into_value()]).into_value()))
    }
}

/// The payload of a group's iterator.
#[derive(Trace)]
pub struct Grouper {
    parent: Ref<GroupBy>,
    key: Value,
    round: u64,
}

/// An iterator over one group of groupby.
#[class(name = "_grouper", module = "itertools", flags(GC), sig = "(parent, tgtkey, /)")]
impl Grouper {
    #[slot]
    fn new(_vm: &Vm, _cls: &TypeObject, parent: &Ref<GroupBy>, tgtkey: &Value) -> R {
        Ok(Ref::new(Grouper { parent: parent.clone(), key: tgtkey.clone(), round: parent.round.get() }).into_value())
    }

    #[slot]
    fn iter(_vm: &Vm, this: &Ref<Self>) -> R {
        Ok(this.value().clone())
    }

    #[slot]
    fn next(vm: &Vm, this: &Ref<Self>) -> R<Option<Value>> {
        let p = &this.parent;
        if p.round.get() != this.round {
            return Ok(None);
        }
        if p.current.borrow().is_none() && !p.step(vm)? {
            return Ok(None);
        }
        let Some(k) = p.current_key.get() else { return Ok(None) };
        if !vm.eq(&this.key, &k)? {
            return Ok(None);
        }
        Ok(p.current.take())
    }
}

/// A link of the chain that the iterators of one tee share: what was read, and the next link.
#[derive(Trace)]
pub struct TeeData {
    it: Value,
    items: PyCell<Vec<Value>>,
    next: PyCell<Option<Ref<TeeData>>>,
    running: Cell<bool>,
}

const LINK: usize = 57;

impl TeeData {
    fn link(it: Value) -> Ref<Self> {
        Ref::new(TeeData { it, items: PyCell::new(Vec::new()), next: PyCell::new(None), running: Cell::new(false) })
    }
}

/// Data shared by tee objects.
#[class(name = "_tee_dataobject", module = "itertools", flags(GC, NO_NEW))]
impl TeeData {}

/// The payload of one iterator of a tee.
#[derive(Trace)]
pub struct Tee {
    data: PyCell<Ref<TeeData>>,
    at: Cell<usize>,
}

/// Iterator wrapped to make it copyable.
#[class(name = "_tee", module = "itertools", flags(GC, HAS_WEAKREF), sig = "(iterable, /)")]
impl Tee {
    #[slot]
    fn new(vm: &Vm, _cls: &TypeObject, iterable: &Value) -> R {
        from_iterable(vm, iterable)
    }

    #[slot]
    fn iter(_vm: &Vm, this: &Ref<Self>) -> R {
        Ok(this.value().clone())
    }

    #[slot]
    fn next(vm: &Vm, this: &Ref<Self>) -> R<Option<Value>> {
        let mut data = this.data.get();
        if this.at.get() >= LINK {
            let next = match data.next.get() {
                Some(n) => n,
                None => {
                    let n = TeeData::link(data.it.clone());
                    data.next.set(Some(n.clone()));
                    n
                }
            };
            this.data.set(next.clone());
            this.at.set(0);
            data = next;
        }
        let i = this.at.get();
        let have = data.items.borrow().get(i).cloned();
        let v = match have {
            Some(v) => v,
            None => {
                if data.running.replace(true) {
                    return Err(vm.runtime_error("cannot re-enter the tee iterator"));
                }
                let r = vm.next(&data.it);
                data.running.set(false);
                let Some(v) = r? else { return Ok(None) };
                data.items.borrow_mut().push(v.clone());
                v
            }
        };
        this.at.set(i + 1);
        Ok(Some(v))
    }

    #[method(sig = "()")]
    fn __copy__(_vm: &Vm, this: &Ref<Self>) -> R {
        Ok(Ref::new(Tee { data: PyCell::new(this.data.get()), at: Cell::new(this.at.get()) }).into_value())
    }
}

fn from_iterable(vm: &Vm, iterable: &Value) -> R {
    let it = vm.iter(iterable)?;
    if let Some(t) = it.downcast_exact::<Tee>() {
        return Ok(Ref::new(Tee { data: PyCell::new(t.data.get()), at: Cell::new(t.at.get()) }).into_value());
    }
    Ok(Ref::new(Tee { data: PyCell::new(TeeData::link(it)), at: Cell::new(0) }).into_value())
}

/// Returns a tuple of n independent iterators.
#[function(sig = "(iterable, n=2, /)")]
pub fn tee(vm: &Vm, iterable: &Value, n: isize) -> R {
    if n < 0 {
        return Err(vm.value_error("n must be >= 0"));
    }
    if n == 0 {
        return Ok(taipan_runtime::vm::empty_tuple().into_value());
    }
    let first = from_iterable(vm, iterable)?;
    let mut out = Vec::new();
    if taipan_memory::cache::refusing(|| out.try_reserve_exact(n as usize)).is_err() {
        return Err(vm.memory_error());
    }
    for _ in 1..n {
        out.push(vm.call_method(&first, "__copy__", &[])?);
    }
    out.insert(0, first);
    Ok(tuple::from_vec(out).into_value())
}

/// The payload of zip_longest.
#[derive(Trace)]
pub struct ZipLongest {
    its: PyCell<Vec<Option<Value>>>,
    fill: Value,
}

/// Return a zip_longest object whose .__next__() method returns a tuple.
#[class(name = "zip_longest", module = "itertools", flags(BASETYPE, GC), sig = "(*iterables, fillvalue=None)")]
impl ZipLongest {
    #[slot]
    fn new(vm: &Vm, cls: &TypeObject, args: Args<'_>) -> R {
        let mut fill = Value::NONE;
        for (k, v) in args.named() {
            if vm.str_lossy(k) != "fillvalue" {
                return Err(vm.type_error("zip_longest() got an unexpected keyword argument"));
            }
            fill = v.clone();
        }
        let its = args.positional().iter().map(|v| vm.iter(v).map(Some)).collect::<R<Vec<_>>>()?;
        Ok(Ref::new_of(cls, ZipLongest { its: PyCell::new(its), fill }).into_value())
    }

    #[slot]
    fn iter(_vm: &Vm, this: &Ref<Self>) -> R {
        Ok(this.value().clone())
    }

    #[slot]
    fn next(vm: &Vm, this: &Ref<Self>) -> R<Option<Value>> {
        let its = this.its.get();
        let mut out = Vec::with_capacity(its.len());
        let mut any = false;
        for (i, it) in its.iter().enumerate() {
            let v = match it {
                None => None,
                Some(it) => match vm.next(it) {
                    Ok(v) => v,
                    Err(e) => {
                        for slot in this.its.borrow_mut().iter_mut() {
                            drop(slot.take());
                        }
                        return Err(e);
                    }
                },
            };
            match v {
                Some(v) => {
                    any = true;
                    out.push(v);
                }
                None => {
                    if let Some(slot) = this.its.borrow_mut().get_mut(i) {
                        drop(slot.take());
                    }
                    out.push(this.fill.clone());
                }
            }
        }
        if !any {
            return Ok(None);
        }
        Ok(Some(tuple::from_vec(out).into_value()))
    }

    #[classmethod(sig = "(item, /)")]
    fn __class_getitem__(vm: &Vm, cls: &Value, item: &Value) -> R {
        generic_alias::new(vm, cls.clone(), item.clone())
    }
}
