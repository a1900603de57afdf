//! count, cycle, repeat.

use std::cell::Cell;

use taipan_macros::{Trace, class};
use taipan_runtime::core::{PyCell, R, Ref, Value};
use taipan_runtime::native::Nullable;
use taipan_runtime::types::type_::{BinOp, TypeObject};
use taipan_runtime::types::int;
use taipan_runtime::vm::Vm;

/// The payload of count.
#[derive(Trace)]
pub struct Count {
    next: PyCell<Value>,
    step: Value,
}

/// Return a count object whose .__next__() method returns consecutive values.
#[class(name = "count", module = "itertools", flags(BASETYPE, GC), sig = "(start=0, step=1)")]
impl Count {
    #[slot]
    fn new(vm: &Vm, cls: &TypeObject, start: Option<&Value>, step: Option<&Value>) -> R {
        let start = start.cloned().unwrap_or(Value::small(0));
        let step = step.cloned().unwrap_or(Value::small(1));
        for v in [&start, &step] {
            let s = v.ty().slots();
            if s.index.is_none() && s.float.is_none() && s.int.is_none() && taipan_runtime::types::complex::get_exact(v).is_none() {
                return Err(vm.type_error("a number is required"));
            }
        }
        Ok(Ref::new_of(cls, Count { next: PyCell::new(start), step }).into_value())
    }

    #[slot]
    fn iter(_vm: &Vm, this: &Ref<Self>) -> R {
        Ok(this.value().clone())
    }

    #[slot]
    fn next(vm: &Vm, this: &Ref<Self>) -> R<Option<Value>> {
        let v = this.next.get();
        let n = vm.binary(&v, &this.step, BinOp::Add)?;
        this.next.set(n);
        Ok(Some(v))
    }

    #[slot]
    fn repr(vm: &Vm, this: &Ref<Self>) -> R<String> {
        let n = vm.repr_string(&this.next.get())?;
        if this.step.as_small() == Some(1) {
            return Ok(format!("count({n})"));
        }
        Ok(format!("count({n}, {})", vm.repr_string(&this.step)?))
    }
}

/// The payload of cycle.
#[derive(Trace)]
pub struct Cycle {
    it: PyCell<Option<Value>>,
    saved: PyCell<Vec<Value>>,
    at: Cell<usize>,
}

/// Return elements from the iterable until it is exhausted. Then repeat the sequence indefinitely.
#[class(name = "cycle", module = "itertools", flags(BASETYPE, GC), sig = "(iterable, /)")]
impl Cycle {
    #[slot]
    fn new(vm: &Vm, cls: &TypeObject, iterable: &Value) -> R {
        let it = vm.iter(iterable)?;
        Ok(Ref::new_of(cls, Cycle { it: PyCell::new(Some(it)), saved: PyCell::new(Vec::new()), at: Cell::new(0) }).into_value())
    }

    #[slot]
    fn iter(_vm: &Vm, this: &Ref<Self>) -> R {
        Ok(this.value().clone())
    }

    #[slot]
    fn next(vm: &Vm, this: &Ref<Self>) -> R<Option<Value>> {
        if let Some(it) = this.it.get() {
            if let Some(v) = vm.next(&it)? {
                this.saved.borrow_mut().push(v.clone());
                return Ok(Some(v));
            }
            this.it.set(None);
        }
        let i = this.at.get();
        let v = this.saved.borrow().get(i).cloned();
        if v.is_some() {
            let n = this.saved.borrow().len();
            this.at.set((i + 1) % n);
        }
        Ok(v)
    }
}

/// The payload of repeat.
#[derive(Trace)]
pub struct Repeat {
    object: Value,
    /// Below zero: without end.
    left: Cell<i64>,
}

/// Create an iterator which returns the object for the specified number of times.
#[class(name = "repeat", module = "itertools", flags(BASETYPE, GC), sig = "(object, times=None)")]
impl Repeat {
    #[slot]
    fn new(vm: &Vm, cls: &TypeObject, object: &Value, times: Nullable<&Value>) -> R {
        let left = match times.0 {
            None => -1,
            Some(t) => int::to_i64(vm, t)?.max(0),
        };
        Ok(Ref::new_of(cls, Repeat { object: object.clone(), left: Cell::new(left) }).into_value())
    }

    #[slot]
    fn iter(_vm: &Vm, this: &Ref<Self>) -> R {
        Ok(this.value().clone())
    }

    #[slot]
    fn next(_vm: &Vm, this: &Ref<Self>) -> R<Option<Value>> {
        match this.left.get() {
            0 => return Ok(None),
            n if n > 0 => this.left.set(n - 1),
            _ => {}
        }
        Ok(Some(this.object.clone()))
    }

    #[slot]
    fn repr(vm: &Vm, this: &Ref<Self>) -> R<String> {
        let o = vm.repr_string(&this.object)?;
        Ok(match this.left.get() {
            n if n < 0 => format!("repeat({o})"),
            n => format!("repeat({o}, {n})"),
        })
    }

    #[method(sig = "()")]
    fn __length_hint__(vm: &Vm, this: &Ref<Self>) -> R<i64> {
        match this.left.get() {
            n if n < 0 => Err(vm.type_error("len() of unsized object")),
            n => Ok(n),
        }
    }
}

