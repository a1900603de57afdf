//! deque: a list that is quick at both ends.

use std::cell::Cell;
use std::collections::VecDeque;

use taipan_macros::{Trace, class};
use taipan_runtime::core::{PyCell, R, Ref, Value};
use taipan_runtime::native::Args;
use taipan_runtime::types::type_::{CmpOp, TypeObject};
use taipan_runtime::types::{generic_alias, int, list, tuple};
use taipan_runtime::vm::Vm;

/// The payload of deque.
#[derive(Trace)]
pub struct Deque {
    items: PyCell<VecDeque<Value>>,
    /// Below zero: without limit.
    max: Cell<i64>,
    /// Counts changes, so that iterators notice.
    changes: Cell<u64>,
}

impl Deque {
    fn changed(&self) {
        self.changes.set(self.changes.get().wrapping_add(1));
    }

    fn len(&self) -> usize {
        self.items.borrow().len()
    }

    /// `append()`
    pub fn push_back(&self, v: Value) {
        self.changed();
        let mut items = self.items.borrow_mut();
        items.push_back(v);
        let out = if self.max.get() >= 0 && items.len() as i64 > self.max.get() { items.pop_front() } else { None };
        drop(items);
        drop(out);
    }

    /// A large deque that has to grow finds out whether it may.
    #[inline(always)]
    fn make_room(&self, vm: &Vm) -> R<()> {
        let items = self.items.borrow();
        let (n, room) = (items.len(), items.capacity());
        drop(items);
        if n < room || n < 4096 { Ok(()) } else { vm.check_room(n * 2 * size_of::<Value>()) }
    }

    fn push_front(&self, v: Value) {
        self.changed();
        let mut items = self.items.borrow_mut();
        items.push_front(v);
        let out = if self.max.get() >= 0 && items.len() as i64 > self.max.get() { items.pop_back() } else { None };
        drop(items);
        drop(out);
    }

    fn all(&self) -> Vec<Value> {
        self.items.borrow().iter().cloned().collect()
    }

    fn position(&self, vm: &Vm, key: &Value, what: &str) -> R<usize> {
        let n = int::to_isize_clamped(vm, key)?;
        let len = self.len() as isize;
        let i = if n < 0 { n + len } else { n };
        if (0..len).contains(&i) { Ok(i as usize) } else { Err(vm.index_error(what)) }
    }
}

fn extend(vm: &Vm, this: &Ref<Deque>, iterable: &Value, front: bool) -> R<()> {
    let source = if this.value().is(iterable) { list::from_vec(this.all()).into_value() } else { iterable.clone() };
    let it = vm.iter(&source)?;
    while let Some(v) = vm.next(&it)? {
        if front { this.push_front(v) } else { this.push_back(v) }
    }
    Ok(())
}

fn like(this: &Ref<Deque>, items: Vec<Value>) -> Ref<Deque> {
    Ref::new(Deque { items: PyCell::new(items.into()), max: Cell::new(this.max.get()), changes: Cell::new(0) })
}

/// A list-like sequence optimized for data accesses near its endpoints.
#[class(name = "deque", module = "collections", flags(BASETYPE, GC, SEQUENCE, HAS_WEAKREF), sig = "([iterable[, maxlen]])")]
impl Deque {
    #[slot]
    fn new(_vm: &Vm, cls: &TypeObject, _args: Args<'_>) -> R {
        Ok(Ref::new_of(cls, Deque { items: PyCell::new(VecDeque::new()), max: Cell::new(-1), changes: Cell::new(0) }).into_value())
    }

    #[slot]
    fn init(vm: &Vm, this: &Ref<Self>, args: Args<'_>) -> R<()> {
        let (mut iterable, mut maxlen) = (args.positional().first().cloned(), args.positional().get(1).cloned());
        if args.positional().len() > 2 {
            return Err(vm.type_error(format!("deque() takes at most 2 arguments ({} given)", args.all.len())));
        }
        for (k, v) in args.named() {
            match vm.str_lossy(k).as_str() {
                "iterable" => iterable = Some(v.clone()),
                "maxlen" => maxlen = Some(v.clone()),
                other => return Err(vm.type_error(format!("deque() got an unexpected keyword argument '{other}'"))),
            }
        }
        this.max.set(match maxlen.filter(|m| !m.is_none()) {
            None => -1,
            Some(m) => {
                if int::get(&m).is_none() {
                    return Err(vm.type_error("an integer is required"));
                }
                let n = int::to_isize(vm, &m)?;
                if n < 0 {
                    return Err(vm.value_error("maxlen must be non-negative"));
                }
                n as i64
            }
        });
        let old = this.items.take();
        drop(old);
        this.changed();
        match iterable {
            Some(i) => extend(vm, this, &i, false),
            None => Ok(()),
        }
    }

    #[method(sig = "(item, /)")]
    fn append(vm: &Vm, this: &Ref<Self>, item: &Value) -> R<()> {
        this.make_room(vm)?;
        this.push_back(item.clone());
        Ok(())
    }

    #[method(sig = "(item, /)")]
    fn appendleft(vm: &Vm, this: &Ref<Self>, item: &Value) -> R<()> {
        this.make_room(vm)?;
        this.push_front(item.clone());
        Ok(())
    }

    #[method(sig = "()")]
    fn pop(vm: &Vm, this: &Ref<Self>) -> R {
        let v = this.items.borrow_mut().pop_back();
        this.changed();
        v.ok_or_else(|| vm.index_error("pop from an empty deque"))
    }

    #[method(sig = "()")]
    fn popleft(vm: &Vm, this: &Ref<Self>) -> R {
        let v = this.items.borrow_mut().pop_front();
        this.changed();
        v.ok_or_else(|| vm.index_error("pop from an empty deque"))
    }

    #[method(sig = "(iterable, /)")]
    fn extend(vm: &Vm, this: &Ref<Self>, iterable: &Value) -> R<()> {
        extend(vm, this, iterable, false)
    }

    #[method(sig = "(iterable, /)")]
    fn extendleft(vm: &Vm, this: &Ref<Self>, iterable: &Value) -> R<()> {
        extend(vm, this, iterable, true)
    }

    #[method(sig = "()")]
    fn clear(_vm: &Vm, this: &Ref<Self>) {
        let old = this.items.take();
        this.changed();
        drop(old);
    }

    #[method(sig = "(n=1, /)")]
    fn rotate(_vm: &Vm, this: &Ref<Self>, n: i64) {
        let mut items = this.items.borrow_mut();
        let len = items.len();
        if len > 1 {
            items.rotate_right(n.rem_euclid(len as i64) as usize);
        }
        drop(items);
        this.changed();
    }

    #[method(sig = "()")]
    fn reverse(_vm: &Vm, this: &Ref<Self>) {
        this.items.borrow_mut().make_contiguous().reverse();
        this.changed();
    }

    #[method(sig = "(value, /)")]
    fn count(vm: &Vm, this: &Ref<Self>, value: &Value) -> R<usize> {
        let start = this.changes.get();
        let mut n = 0;
        for v in this.all() {
            if vm.eq(&v, value)? {
                n += 1;
            }
            if this.changes.get() != start {
                return Err(vm.runtime_error("deque mutated during iteration"));
            }
        }
        Ok(n)
    }

    #[method]
    fn index(vm: &Vm, this: &Ref<Self>, value: &Value, start: Option<&Value>, stop: Option<&Value>) -> R<usize> {
        let len = this.len() as isize;
        let bound = |v: Option<&Value>, default: isize| -> R<usize> {
            let n = match v {
                Some(v) => int::to_isize_clamped(vm, v)?,
                None => default,
            };
            Ok((if n < 0 { n.saturating_add(len) } else { n }).clamp(0, len) as usize)
        };
        let (a, b) = (bound(start, 0)?, bound(stop, len)?);
        let changes = this.changes.get();
        for (i, v) in this.all().iter().enumerate().take(b).skip(a) {
            if vm.eq(v, value)? {
                return Ok(i);
            }
            if this.changes.get() != changes {
                return Err(vm.runtime_error("deque mutated during iteration"));
            }
        }
        Err(vm.value_error(format!("{} is not in deque", vm.repr_string(value)?)))
    }

    #[method(sig = "(value, /)")]
    fn remove(vm: &Vm, this: &Ref<Self>, value: &Value) -> R<()> {
        let changes = this.changes.get();
        for (i, v) in this.all().iter().enumerate() {
            let same = vm.eq(v, value)?;
            if this.changes.get() != changes {
                return Err(vm.index_error("deque mutated during remove()."));
            }
            if same {
                let out = this.items.borrow_mut().remove(i);
                this.changed();
                drop(out);
                return Ok(());
            }
        }
        Err(vm.value_error("deque.remove(x): x not in deque"))
    }

    #[method(sig = "(index, value, /)")]
    fn insert(vm: &Vm, this: &Ref<Self>, index: &Value, value: &Value) -> R<()> {
        let n = int::to_isize_clamped(vm, index)?;
        let len = this.len() as isize;
        if this.max.get() >= 0 && len as i64 >= this.max.get() {
            return Err(vm.index_error("deque already at its maximum size"));
        }
        let i = (if n < 0 { n.saturating_add(len) } else { n }).clamp(0, len) as usize;
        this.items.borrow_mut().insert(i, value.clone());
        this.changed();
        Ok(())
    }

    #[method(sig = "()")]
    fn copy(vm: &Vm, this: &Ref<Self>) -> R {
        copy(vm, this)
    }

    #[method(sig = "()")]
    fn __copy__(vm: &Vm, this: &Ref<Self>) -> R {
        copy(vm, this)
    }

    #[method(sig = "()")]
    fn __reduce__(vm: &Vm, this: &Ref<Self>) -> R {
        let state = vm.call_method(this.value(), "__getstate__", &[])?;
        let args = if this.max.get() < 0 {
            taipan_runtime::vm::empty_tuple()
        } else {
            tuple::from_array([taipan_runtime::vm::empty_tuple().into_value(), Value::from(this.max.get())])
        };
        let it = vm.iter(this.value())?;
        Ok(tuple::from_vec(vec![this.ty().to_value(), args.into_value(), state, it]).into_value())
    }

    #[method(sig = "()")]
    fn __reversed__(_vm: &Vm, this: &Ref<Self>) -> R {
        Ok(Ref::new(DequeRevIter { steps: Steps::new(this) }).into_value())
    }

    #[getter]
    fn maxlen(_vm: &Vm, this: &Ref<Self>) -> Option<i64> {
        (this.max.get() >= 0).then(|| this.max.get())
    }

    #[slot]
    fn iter(_vm: &Vm, this: &Ref<Self>) -> R {
        Ok(Ref::new(DequeIter { steps: Steps::new(this) }).into_value())
    }

    #[slot(len)]
    fn slot_len(_vm: &Vm, this: &Ref<Self>) -> usize {
        this.len()
    }

    #[slot]
    fn bool(_vm: &Vm, this: &Ref<Self>) -> bool {
        this.len() != 0
    }

    #[slot]
    fn getitem(vm: &Vm, this: &Ref<Self>, key: &Value) -> R {
        if int::get(key).is_none() && key.ty().slots().index.is_none() {
            return Err(vm.type_error(format!("sequence index must be integer, not '{}'", key.ty().tp_name())));
        }
        let i = this.position(vm, key, "deque index out of range")?;
        let v = this.items.borrow().get(i).cloned();
        v.ok_or_else(|| vm.index_error("deque index out of range"))
    }

    #[slot]
    fn setitem(vm: &Vm, this: &Ref<Self>, key: &Value, value: Option<&Value>) -> R<()> {
        let i = this.position(vm, key, "deque index out of range")?;
        let old = match value {
            Some(v) => this.items.borrow_mut().get_mut(i).map(|slot| std::mem::replace(slot, v.clone())),
            None => {
                this.changed();
                this.items.borrow_mut().remove(i)
            }
        };
        drop(old);
        Ok(())
    }

    #[slot]
    fn contains(vm: &Vm, this: &Ref<Self>, item: &Value) -> R<bool> {
        let changes = this.changes.get();
        for v in this.all() {
            if vm.eq(&v, item)? {
                return Ok(true);
            }
            if this.changes.get() != changes {
                return Err(vm.runtime_error("deque mutated during iteration"));
            }
        }
        Ok(false)
    }

    #[slot]
    fn repr(vm: &Vm, this: &Ref<Self>) -> R<String> {
        let name = this.ty().name();
        let inner = vm.repr_guard(this.value(), || vm.repr_string(list::from_vec(this.all()).value()))?;
        let Some(inner) = inner else {
            return Ok("[...]".to_owned());
        };
        Ok(if this.max.get() < 0 { format!("{name}({inner})") } else { format!("{name}({inner}, maxlen={})", this.max.get()) })
    }

    #[slot]
    fn richcompare(vm: &Vm, this: &Ref<Self>, other: &Value, op: CmpOp) -> R {
        let Some(o) = other.downcast::<Deque>() else { return Ok(Value::NOT_IMPLEMENTED) };
        vm.compare(list::from_vec(this.all()).value(), list::from_vec(o.all()).value(), op)
    }

    #[slot]
    fn concat(vm: &Vm, this: &Ref<Self>, other: &Value) -> R {
        let Some(o) = other.downcast::<Deque>() else {
            return Err(vm.type_error(format!("can only concatenate deque (not \"{}\") to deque", other.ty().tp_name())));
        };
        let new = like(this, Vec::new());
        for v in this.all().into_iter().chain(o.all()) {
            new.push_back(v);
        }
        Ok(new.into_value())
    }

    #[slot]
    fn inplace_concat(vm: &Vm, this: &Ref<Self>, other: &Value) -> R {
        extend(vm, this, other, false)?;
        Ok(this.value().clone())
    }

    #[slot]
    fn repeat(vm: &Vm, this: &Ref<Self>, n: isize) -> R {
        let new = like(this, Vec::new());
        repeat_into(vm, &new, &this.all(), n)?;
        Ok(new.into_value())
    }

    #[slot]
    fn inplace_repeat(vm: &Vm, this: &Ref<Self>, n: isize) -> R {
        let items = this.all();
        let old = this.items.take();
        drop(old);
        this.changed();
        repeat_into(vm, this, &items, n)?;
        Ok(this.value().clone())
    }

    #[classmethod(sig = "(item, /)")]
    fn __class_getitem__(vm: &Vm, cls: &Value, item: &Value) -> R {
        generic_alias::new(vm, cls.clone(), item.clone())
    }
}

fn repeat_into(vm: &Vm, new: &Ref<Deque>, items: &[Value], n: isize) -> R<()> {
    let n = n.max(0) as usize;
    let Some(total) = items.len().checked_mul(n) else { return Err(vm.memory_error()) };
    let room = if new.max.get() >= 0 { total.min(new.max.get() as usize) } else { total };
    if taipan_memory::cache::refusing(|| new.items.borrow_mut().try_reserve(room)).is_err() {
        return Err(vm.memory_error());
    }
    // Only the last `room` items stay.
    for i in total - room..total {
        new.push_back(items[i % items.len()].clone());
    }
    Ok(())
}

fn copy(vm: &Vm, this: &Ref<Deque>) -> R {
    if this.is_exact() {
        return Ok(like(this, this.all()).into_value());
    }
    if this.max.get() < 0 {
        return vm.call(&this.ty().to_value(), std::slice::from_ref(this.value()));
    }
    vm.call(&this.ty().to_value(), &[this.value().clone(), Value::from(this.max.get())])
}

/// How far an iteration over a deque has come.
#[derive(Trace)]
struct Steps {
    deque: Ref<Deque>,
    at: Cell<usize>,
    changes: u64,
}

impl Steps {
    fn new(deque: &Ref<Deque>) -> Steps {
        Steps { deque: deque.clone(), at: Cell::new(0), changes: deque.changes.get() }
    }

    /// From the arguments of a class of iterators: a deque, and how many items are passed over.
    fn from_args(vm: &Vm, name: &str, args: Args<'_>) -> R<Steps> {
        if !args.names.is_empty() {
            return Err(vm.type_error(format!("{name}() takes no keyword arguments")));
        }
        let (deque, skip) = match args.all {
            [d] => (d, 0),
            [d, n] => (d, int::to_isize(vm, n)?),
            _ => return Err(vm.type_error(format!("{name}() takes 1 or 2 arguments ({} given)", args.all.len()))),
        };
        let Some(d) = deque.downcast::<Deque>() else {
            let given = deque.ty().tp_name();
            return Err(vm.type_error(format!("{name}() argument 1 must be collections.deque, not {given}")));
        };
        let steps = Steps::new(d);
        steps.at.set(usize::try_from(skip).unwrap_or(0).min(d.len()));
        Ok(steps)
    }

    fn next(&self, vm: &Vm, backwards: bool) -> R<Option<Value>> {
        let (i, len) = (self.at.get(), self.deque.len());
        if self.deque.changes.get() != self.changes {
            self.at.set(usize::MAX);
            return Err(vm.runtime_error("deque mutated during iteration"));
        }
        if i >= len {
            return Ok(None);
        }
        self.at.set(i + 1);
        let i = if backwards { len - 1 - i } else { i };
        Ok(self.deque.items.borrow().get(i).cloned())
    }

    fn left(&self) -> usize {
        self.deque.len().saturating_sub(self.at.get())
    }

    fn reduce(&self, class: &TypeObject) -> R {
        let passed = self.deque.len() - self.left();
        let args = tuple::from_array([self.deque.value().clone(), Value::from(passed)]);
        Ok(tuple::from_array([class.to_value(), args.into_value()]).into_value())
    }
}

/// The payload of a deque's iterators.
#[derive(Trace)]
pub struct DequeIter {
    steps: Steps,
}

/// An iterator over a deque.
#[class(name = "_deque_iterator", module = "collections", flags(GC))]
impl DequeIter {
    #[slot]
    fn new(vm: &Vm, cls: &TypeObject, args: Args<'_>) -> R {
        Ok(Ref::new_of(cls, DequeIter { steps: Steps::from_args(vm, "_deque_iterator", args)? }).into_value())
    }

    #[slot]
    fn iter(_vm: &Vm, this: &Ref<Self>) -> R {
        Ok(this.value().clone())
    }

    #[slot]
    fn next(vm: &Vm, this: &Ref<Self>) -> R<Option<Value>> {
        this.steps.next(vm, false)
    }

    #[method(sig = "()")]
    fn __length_hint__(_vm: &Vm, this: &Ref<Self>) -> usize {
        this.steps.left()
    }

    #[method(sig = "()")]
    fn __reduce__(_vm: &Vm, this: &Ref<Self>) -> R {
        this.steps.reduce(this.ty())
    }
}

/// The payload of a deque's iterators from its end.
#[derive(Trace)]
pub struct DequeRevIter {
    steps: Steps,
}

/// An iterator over a deque from its end.
#[class(name = "_deque_reverse_iterator", module = "collections", flags(GC))]
impl DequeRevIter {
    #[slot]
    fn new(vm: &Vm, cls: &TypeObject, args: Args<'_>) -> R {
        Ok(Ref::new_of(cls, DequeRevIter { steps: Steps::from_args(vm, "_deque_reverse_iterator", args)? }).into_value())
    }

    #[slot]
    fn iter(_vm: &Vm, this: &Ref<Self>) -> R {
        Ok(this.value().clone())
    }

    #[slot]
    fn next(vm: &Vm, this: &Ref<Self>) -> R<Option<Value>> {
        this.steps.next(vm, true)
    }

    #[method(sig = "()")]
    fn __length_hint__(_vm: &Vm, this: &Ref<Self>) -> usize {
        this.steps.left()
    }

    #[method(sig = "()")]
    fn __reduce__(_vm: &Vm, this: &Ref<Self>) -> R {
        this.steps.reduce(this.ty())
    }
}
