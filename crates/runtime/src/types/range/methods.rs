//! The type object of range: its slots and methods.

use taipan_text::hash::hash_tuple;

use super::{Range, iter, number};
use crate::core::{R, Ref, Value};
use crate::native::Args;
use crate::types::int::{self, IntRef};
use crate::types::slice::{self, Slice};
use crate::types::tuple;
use crate::types::type_::{CmpOp, TypeObject};
use crate::vm::Vm;

fn equal(a: &Value, b: &Value) -> bool {
    int::cmp(number(a), number(b)).is_eq()
}

/// The number itself, if arithmetic tells where it is in a range; other objects are compared one by one.
fn exact_int(v: &Value) -> Option<IntRef<'_>> {
    if v.as_bool().is_some() || v.ty().is(int::INT.get()) {
        int::get(v)
    } else {
        None
    }
}

impl Range {
    /// The place of an exact int; `None` if it is not in the range.
    fn place(&self, vm: &Vm, v: &Value, n: IntRef<'_>) -> R<Option<Value>> {
        if let (Some((start, step, len)), IntRef::Small(n)) = (self.small(), n) {
            let (gap, step) = (i128::from(n) - i128::from(start), i128::from(step));
            let i = gap / step;
            return Ok(
                (gap % step == 0 && i >= 0 && i < i128::from(len)).then(|| int::from_i128(i))
            );
        }
        let gap = int::sub(vm, v, &self.start)?;
        let Some((i, rest)) = int::divmod(vm, &gap, &self.step)? else {
            return Ok(None);
        };
        let inside = number(&rest).is_zero()
            && !number(&i).is_negative()
            && int::cmp(number(&i), number(&self.length)).is_lt();
        Ok(inside.then_some(i))
    }

    /// Calls `f` with the place of every number that is equal to `v`, until it returns false.
    fn matches(&self, vm: &Vm, v: &Value, mut f: impl FnMut(i64) -> bool) -> R<()> {
        let it = iter::forward(self);
        let mut i = 0;
        while let Some(n) = vm.next(&it)? {
            if vm.eq(&n, v)? && !f(i) {
                break;
            }
            vm.poll()?;
            i += 1;
        }
        Ok(())
    }

    fn item(&self, vm: &Vm, i: &Value) -> R {
        let out = || vm.index_error("range object index out of range");
        if let (Some((start, step, len)), Some(i)) = (self.small(), i.as_small()) {
            let i = if i < 0 { i + len } else { i };
            if !(0..len).contains(&i) {
                return Err(out());
            }
            return Ok(int::from_i128(
                i128::from(start) + i128::from(i) * i128::from(step),
            ));
        }
        let i = if number(i).is_negative() {
            int::add(vm, i, &self.length)?
        } else {
            i.clone()
        };
        if number(&i).is_negative() || int::cmp(number(&i), number(&self.length)).is_ge() {
            return Err(out());
        }
        self.at(vm, &i)
    }

    fn slice(&self, vm: &Vm, s: &Slice) -> R {
        let (start, stop, step) = slice::long_indices(vm, s, &number(&self.length).to_big())?;
        let start = self.at(vm, &int::from_big(start))?;
        let stop = self.at(vm, &int::from_big(stop))?;
        let step = int::mul(vm, &int::from_big(step), &self.step)?;
        super::new(vm, start, stop, step).map(Ref::into_value)
    }
}

/// Numbers from start up to, but not with, stop, each step more than the one before.
///
/// range(stop) starts at 0, range(start, stop) has the step 1. A negative step counts down.
#[taipan_macros::class(name = "range", place = RANGE, flags(SEQUENCE))]
impl Range {
    #[slot(new)]
    fn new_slot(vm: &Vm, _cls: &TypeObject, args: Args<'_>) -> R {
        if !args.names.is_empty() {
            return Err(vm.type_error("range() takes no keyword arguments"));
        }
        let one = Value::small(1);
        let (start, stop, step) = match args.all {
            [stop] => (Value::small(0), int::index(vm, stop)?, one),
            [start, stop] => (int::index(vm, start)?, int::index(vm, stop)?, one),
            [start, stop, step] => (
                int::index(vm, start)?,
                int::index(vm, stop)?,
                int::index(vm, step)?,
            ),
            [] => return Err(vm.type_error("range expected at least 1 argument, got 0")),
            more => {
                return Err(vm.type_error(format!(
                    "range expected at most 3 arguments, got {}",
                    more.len()
                )));
            }
        };
        super::new(vm, start, stop, step).map(Ref::into_value)
    }

    #[slot]
    fn repr(vm: &Vm, this: &Ref<Self>) -> R<String> {
        let show = |v: &Value| int::decimal(vm, number(v));
        let (start, stop) = (show(&this.start)?, show(&this.stop)?);
        Ok(match this.step.as_small() {
            Some(1) => format!("range({start}, {stop})"),
            _ => format!("range({start}, {stop}, {})", show(&this.step)?),
        })
    }

    #[slot]
    fn hash(vm: &Vm, this: &Ref<Self>) -> R<i64> {
        let none = vm.hash(&Value::NONE)?;
        let of = |v: &Value| int::hash_value(number(v));
        let len = of(&this.length);
        Ok(hash_tuple(match this.length.as_small() {
            Some(0) => [len, none, none],
            Some(1) => [len, of(&this.start), none],
            _ => [len, of(&this.start), of(&this.step)],
        }))
    }

    #[slot]
    fn richcompare(_vm: &Vm, this: &Ref<Self>, other: &Value, op: CmpOp) -> Value {
        let Some(o) = other.downcast_exact::<Range>() else {
            return Value::NOT_IMPLEMENTED;
        };
        let same = equal(&this.length, &o.length)
            && match this.length.as_small() {
                Some(0) => true,
                Some(1) => equal(&this.start, &o.start),
                _ => equal(&this.start, &o.start) && equal(&this.step, &o.step),
            };
        match op {
            CmpOp::Eq => Value::bool(same),
            CmpOp::Ne => Value::bool(!same),
            _ => Value::NOT_IMPLEMENTED,
        }
    }

    #[slot]
    fn bool(_vm: &Vm, this: &Ref<Self>) -> bool {
        !number(&this.length).is_zero()
    }

    #[slot]
    fn len(vm: &Vm, this: &Ref<Self>) -> R<usize> {
        match number(&this.length).to_i64() {
            Some(n) => Ok(n as usize),
            None => Err(vm.overflow_error("Python int too large to convert to C ssize_t")),
        }
    }

    #[slot]
    fn getitem(vm: &Vm, this: &Ref<Self>, key: &Value) -> R {
        if key.as_small().is_some() {
            return this.item(vm, key);
        }
        if int::get(key).is_some() || key.ty().slots().index.is_some() {
            return this.item(vm, &int::index(vm, key)?);
        }
        match key.downcast_exact::<Slice>() {
            Some(s) => this.slice(vm, s),
            None => Err(vm.type_error(format!(
                "range indices must be integers or slices, not {}",
                key.ty().tp_name()
            ))),
        }
    }

    #[slot(item)]
    fn item_slot(vm: &Vm, this: &Ref<Self>, i: isize) -> R {
        this.item(vm, &Value::from(i))
    }

    #[slot]
    fn contains(vm: &Vm, this: &Ref<Self>, item: &Value) -> R<bool> {
        if let Some(n) = exact_int(item) {
            return Ok(this.place(vm, item, n)?.is_some());
        }
        let mut found = false;
        this.matches(vm, item, |_| {
            found = true;
            false
        })?;
        Ok(found)
    }

    #[slot]
    fn iter(_vm: &Vm, this: &Ref<Self>) -> Value {
        iter::forward(this)
    }

    /// An iterator over the numbers from the last to the first.
    #[method(sig = "()")]
    fn __reversed__(vm: &Vm, this: &Ref<Self>) -> R {
        iter::backward(vm, this)
    }

    /// How often the value occurs.
    #[method(sig = "(object, /)")]
    fn count(vm: &Vm, this: &Ref<Self>, object: &Value) -> R<i64> {
        if let Some(n) = exact_int(object) {
            return Ok(this.place(vm, object, n)?.is_some().into());
        }
        let mut times = 0;
        this.matches(vm, object, |_| {
            times += 1;
            true
        })?;
        Ok(times)
    }

    /// The place of the value.
    ///
    /// Raises ValueError if it does not occur.
    #[method(sig = "(object, /)")]
    fn index(vm: &Vm, this: &Ref<Self>, object: &Value) -> R {
        if let Some(n) = exact_int(object) {
            return match this.place(vm, object, n)? {
                Some(i) => Ok(i),
                None => Err(vm.value_error(format!("{} is not in range", vm.repr_string(object)?))),
            };
        }
        let mut found = None;
        this.matches(vm, object, |i| {
            found = Some(i);
            false
        })?;
        match found {
            Some(i) => Ok(Value::from(i)),
            None => Err(vm.value_error("sequence.index(x): x not in sequence")),
        }
    }

    #[method(sig = "()")]
    fn __reduce__(_vm: &Vm, this: &Ref<Self>) -> Value {
        let parts = [this.start.clone(), this.stop.clone(), this.step.clone()];
        tuple::from_array([RANGE.value(), tuple::from_array(parts).into_value()]).into_value()
    }

    /// The first number.
    #[getter(name = "start")]
    fn get_start(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.start.clone()
    }

    /// The number that is not reached.
    #[getter(name = "stop")]
    fn get_stop(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.stop.clone()
    }

    /// The difference between two numbers.
    #[getter(name = "step")]
    fn get_step(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.step.clone()
    }
}
