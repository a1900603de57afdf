//! Iterators over ranges: one over numbers that fit the word, which the loop knows, and one over all others.

use std::cell::Cell;

use super::{Range, number};
use crate::core::{PyCell, R, Ref, Trace, Value};
use crate::types::int;
use crate::types::tuple;
use crate::vm::Vm;

/// The payload of range_iterator.
///
/// Invariant, on which the loop relies: all numbers still to come fit the word's 63 bits.
pub struct RangeIter {
    /// The next number.
    pub next: Cell<i64>,
    /// What is added each time.
    pub step: Cell<i64>,
    /// How many numbers are left; not negative.
    pub len: Cell<i64>,
}

impl Trace for RangeIter {
    fn trace(&self, _: &mut taipan_memory::Tracer<'_>) {}
}

/// The payload of longrange_iterator: exact ints.
pub struct LongRangeIter {
    next: PyCell<Value>,
    step: Value,
    len: PyCell<Value>,
}

impl Trace for LongRangeIter {
    // Exact ints hold no reference.
    fn trace(&self, _: &mut taipan_memory::Tracer<'_>) {}
}

/// An iterator over `len` numbers from `start`.
pub(super) fn new(start: Value, step: Value, len: Value) -> Value {
    if let (Some(first), Some(step), Some(len)) =
        (start.as_small(), step.as_small(), len.as_small())
    {
        // From first to last, so all between them fit as well.
        let last = i128::from(first) + i128::from(step) * i128::from((len - 1).max(0));
        if last >= i128::from(i64::MIN >> 1) && last <= i128::from(i64::MAX >> 1) {
            return Ref::new(RangeIter {
                next: Cell::new(first),
                step: Cell::new(step),
                len: Cell::new(len),
            })
            .into_value();
        }
    }
    Ref::new(LongRangeIter {
        next: PyCell::new(start),
        step,
        len: PyCell::new(len),
    })
    .into_value()
}

/// `iter(range)`
pub(super) fn forward(r: &Range) -> Value {
    new(r.start.clone(), r.step.clone(), r.length.clone())
}

/// `reversed(range)`
pub(super) fn backward(vm: &Vm, r: &Range) -> R {
    let last = int::sub(vm, &r.length, &Value::small(1))?;
    Ok(new(
        r.at(vm, &last)?,
        int::neg(number(&r.step)),
        r.length.clone(),
    ))
}

/// `(iter, (range(start, start + len * step, step),), None)`
fn reduced(vm: &Vm, start: Value, step: Value, len: &Value) -> R {
    let stop = int::add(vm, &start, &int::mul(vm, len, &step)?)?;
    let range = super::new(vm, start, stop, step)?.into_value();
    let iter = crate::types::iterators::builtin(vm, "iter")?;
    Ok(
        tuple::from_array([iter, tuple::from_array([range]).into_value(), Value::NONE])
            .into_value(),
    )
}

#[taipan_macros::class(name = "range_iterator", flags(NO_NEW))]
impl RangeIter {
    /// The next number.
    #[inline(always)]
    pub fn advance(&self) -> Option<i64> {
        let left = self.len.get();
        if left <= 0 {
            return None;
        }
        let n = self.next.get();
        self.next.set(n.wrapping_add(self.step.get()));
        self.len.set(left - 1);
        Some(n)
    }

    #[slot]
    fn iter(_vm: &Vm, this: &Ref<Self>) -> Ref<Self> {
        this.clone()
    }

    #[slot]
    fn next(_vm: &Vm, this: &Ref<Self>) -> Option<Value> {
        this.advance().map(Value::from)
    }

    /// How many numbers are left.
    #[method(sig = "()")]
    fn __length_hint__(_vm: &Vm, this: &Ref<Self>) -> i64 {
        this.len.get()
    }

    #[method(sig = "()")]
    fn __reduce__(vm: &Vm, this: &Ref<Self>) -> R {
        reduced(
            vm,
            Value::from(this.next.get()),
            Value::from(this.step.get()),
            &Value::from(this.len.get()),
        )
    }

    /// Goes on from the given place.
    #[method(sig = "(state, /)")]
    fn __setstate__(vm: &Vm, this: &Ref<Self>, state: &Value) -> R<()> {
        let n = (int::to_i64(vm, state)?).clamp(0, this.len.get());
        this.next.set(
            this.next
                .get()
                .wrapping_add(n.wrapping_mul(this.step.get())),
        );
        this.len.set(this.len.get() - n);
        Ok(())
    }
}

#[taipan_macros::class(name = "longrange_iterator", flags(NO_NEW))]
impl LongRangeIter {
    /// Goes on by `n` places, which are not more than are left.
    fn skip(&self, vm: &Vm, n: &Value) -> R<()> {
        let next = int::add(vm, &self.next.get(), &int::mul(vm, n, &self.step)?)?;
        let len = int::sub(vm, &self.len.get(), n)?;
        self.next.set(next);
        self.len.set(len);
        Ok(())
    }

    #[slot]
    fn iter(_vm: &Vm, this: &Ref<Self>) -> Ref<Self> {
        this.clone()
    }

    #[slot]
    fn next(vm: &Vm, this: &Ref<Self>) -> R<Option<Value>> {
        if number(&this.len.get()).is_zero() {
            return Ok(None);
        }
        let n = this.next.get();
        this.skip(vm, &Value::small(1))?;
        Ok(Some(n))
    }

    /// How many numbers are left.
    #[method(sig = "()")]
    fn __length_hint__(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.len.get()
    }

    #[method(sig = "()")]
    fn __reduce__(vm: &Vm, this: &Ref<Self>) -> R {
        reduced(vm, this.next.get(), this.step.clone(), &this.len.get())
    }

    /// Goes on from the given place.
    #[method(sig = "(state, /)")]
    fn __setstate__(vm: &Vm, this: &Ref<Self>, state: &Value) -> R<()> {
        let Some(state) = int::exact(state) else {
            return Err(vm.type_error(format!(
                "state must be an int, not {}",
                state.ty().tp_name()
            )));
        };
        let len = this.len.get();
        let n = if number(&state).is_negative() {
            Value::small(0)
        } else if int::cmp(number(&state), number(&len)).is_gt() {
            len
        } else {
            state
        };
        this.skip(vm, &n)
    }
}
