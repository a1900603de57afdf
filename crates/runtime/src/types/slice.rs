//! slice: start, stop and step, and what they mean for a sequence.

use std::cmp::Ordering;

use dashu_int::IBig;
use taipan_text::hash::TupleHasher;

use crate::core::{R, Raised, Ref, Value};
use crate::native::{Args, TypeDef};
use crate::types::type_::{CmpOp, TypeObject};
use crate::types::{int, tuple};
use crate::vm::Vm;

/// The types of this file.
pub const TYPES: &[&TypeDef] = &[Slice::DEF];

/// The payload of slice.
#[derive(taipan_macros::Trace)]
pub struct Slice {
    /// `start`
    pub start: Value,
    /// `stop`
    pub stop: Value,
    /// `step`
    pub step: Value,
}

/// A slice object.
pub fn new(start: Value, stop: Value, step: Value) -> Value {
    Ref::new(Slice { start, stop, step }).into_value()
}

/// Start, stop and step of a slice object.
pub fn parts(v: &Value) -> Option<[Value; 3]> {
    v.downcast_exact::<Slice>()
        .map(|s| [s.start.clone(), s.stop.clone(), s.step.clone()])
}

/// Whether the value is a slice.
#[inline(always)]
pub fn is_slice(v: &Value) -> bool {
    v.downcast_exact::<Slice>().is_some()
}

#[cold]
fn no_index(vm: &Vm) -> Raised {
    vm.type_error("slice indices must be integers or None or have an __index__ method")
}

#[cold]
fn zero_step(vm: &Vm) -> Raised {
    vm.value_error("slice step cannot be zero")
}

/// A part of a slice, clamped; `None` for None.
#[inline]
fn part(vm: &Vm, v: &Value) -> R<Option<isize>> {
    if v.is_none() {
        return Ok(None);
    }
    if let Some(n) = v.as_small() {
        return Ok(Some(n as isize));
    }
    if int::get(v).is_none() && v.ty().slots().index.is_none() {
        return Err(no_index(vm));
    }
    int::to_isize_clamped(vm, v).map(Some)
}

/// Start, stop and step of a slice; what is None is filled in, beyond the range of the machine clamped.
///
/// Raises TypeError for what is no slice or has parts that are no integers, ValueError for a step of zero.
pub fn unpack(vm: &Vm, v: &Value) -> R<(isize, isize, isize)> {
    let Some(s) = v.downcast_exact::<Slice>() else {
        return Err(no_index(vm));
    };
    // The lowest number has no opposite.
    let step = part(vm, &s.step)?.unwrap_or(1).max(-isize::MAX);
    if step == 0 {
        return Err(zero_step(vm));
    }
    let start = part(vm, &s.start)?.unwrap_or(if step < 0 { isize::MAX } else { 0 });
    let stop = part(vm, &s.stop)?.unwrap_or(if step < 0 { isize::MIN } else { isize::MAX });
    Ok((start, stop, step))
}

/// What an unpacked slice means for a sequence of length `len`: where it starts and stops, and how many items
/// it has. `step` is not zero.
pub fn adjust(len: usize, start: isize, stop: isize, step: isize) -> (isize, isize, usize) {
    let len = len.min(isize::MAX as usize) as isize;
    let bound = |i: isize| {
        let i = if i < 0 { i.saturating_add(len) } else { i };
        if step < 0 {
            i.clamp(-1, len - 1)
        } else {
            i.clamp(0, len)
        }
    };
    let (start, stop) = (bound(start), bound(stop));
    let count = match step {
        ..=-1 if stop < start => ((start - stop - 1) as usize) / step.unsigned_abs() + 1,
        1 if start < stop => (stop - start) as usize,
        2.. if start < stop => ((stop - start - 1) as usize) / step.unsigned_abs() + 1,
        _ => 0,
    };
    (start, stop, count)
}

/// A part of a slice as an int of any size; `None` for None.
fn long_part(vm: &Vm, v: &Value) -> R<Option<IBig>> {
    if v.is_none() {
        return Ok(None);
    }
    if int::get(v).is_none() && v.ty().slots().index.is_none() {
        return Err(no_index(vm));
    }
    let n = int::index(vm, v)?;
    Ok(int::get(&n).map(int::IntRef::to_big))
}

/// Start, stop and step that a slice means for a sequence of any length.
///
/// Raises TypeError for parts that are no integers, ValueError for a step of zero.
pub fn long_indices(vm: &Vm, s: &Slice, len: &IBig) -> R<(IBig, IBig, IBig)> {
    let step = long_part(vm, &s.step)?.unwrap_or(IBig::ONE);
    if step.is_zero() {
        return Err(zero_step(vm));
    }
    let back = step < IBig::ZERO;
    let (low, high) = if back {
        (IBig::NEG_ONE, len - IBig::ONE)
    } else {
        (IBig::ZERO, len.clone())
    };
    let bound = |i: Option<IBig>, default: &IBig| match i {
        None => default.clone(),
        Some(i) if i < IBig::ZERO => (i + len).max(low.clone()),
        Some(i) => i.min(high.clone()),
    };
    let (first, last) = if back { (&high, &low) } else { (&low, &high) };
    let start = bound(long_part(vm, &s.start)?, first);
    let stop = bound(long_part(vm, &s.stop)?, last);
    Ok((start, stop, step))
}

impl Slice {
    fn to_tuple(&self) -> Value {
        tuple::from_array([self.start.clone(), self.stop.clone(), self.step.clone()]).into_value()
    }
}

/// The parts of a sequence that an index like a[start:stop:step] names.
///
/// slice(stop) and slice(start, stop, step=None) make one; extended indexing does, too.
#[taipan_macros::class(name = "slice", place = SLICE, flags(GC))]
impl Slice {
    #[slot(new)]
    fn new_slot(vm: &Vm, _cls: &TypeObject, args: Args<'_>) -> R {
        if !args.names.is_empty() {
            return Err(vm.type_error("slice() takes no keyword arguments"));
        }
        let (start, stop, step) = match args.all {
            [stop] => (Value::NONE, stop.clone(), Value::NONE),
            [start, stop] => (start.clone(), stop.clone(), Value::NONE),
            [start, stop, step] => (start.clone(), stop.clone(), step.clone()),
            [] => return Err(vm.type_error("slice expected at least 1 argument, got 0")),
            more => {
                return Err(vm.type_error(format!(
                    "slice expected at most 3 arguments, got {}",
                    more.len()
                )));
            }
        };
        Ok(new(start, stop, step))
    }

    #[slot]
    fn repr(vm: &Vm, this: &Ref<Self>) -> R {
        let mut out = crate::types::str::StrBuilder::new();
        for (before, v) in [
            ("slice(", &this.start),
            (", ", &this.stop),
            (", ", &this.step),
        ] {
            out.push_str(before);
            let shown = vm.repr(v)?;
            if let Some(s) = shown.downcast::<crate::types::str::Str>() {
                out.push_obj(s);
            }
        }
        out.push_str(")");
        Ok(out.finish())
    }

    #[slot]
    fn hash(vm: &Vm, this: &Ref<Self>) -> R<i64> {
        let mut hasher = TupleHasher::default();
        for v in [&this.start, &this.stop, &this.step] {
            hasher.add(vm.hash(v)?);
        }
        Ok(hasher.finish_unsized())
    }

    #[slot]
    fn richcompare(vm: &Vm, this: &Ref<Self>, other: &Value, op: CmpOp) -> R {
        let Some(o) = other.downcast_exact::<Slice>() else {
            return Ok(Value::NOT_IMPLEMENTED);
        };
        if this.value().is(other) {
            return Ok(Value::bool(op.matches(Ordering::Equal)));
        }
        vm.compare(&this.to_tuple(), &o.to_tuple(), op)
    }

    /// Start, stop and step, as they are for a sequence of length len: within its bounds, counted from its start.
    #[method(sig = "(object, /)")]
    fn indices(vm: &Vm, this: &Ref<Self>, object: &Value) -> R {
        let len = int::index(vm, object)?;
        let len = int::get(&len).map_or(IBig::ZERO, int::IntRef::to_big);
        if len < IBig::ZERO {
            return Err(vm.value_error("length should not be negative"));
        }
        let (start, stop, step) = long_indices(vm, this, &len)?;
        Ok(tuple::from_array([start, stop, step].map(int::from_big)).into_value())
    }

    #[method(sig = "()")]
    fn __reduce__(_vm: &Vm, this: &Ref<Self>) -> Value {
        tuple::from_array([this.ty().to_value(), this.to_tuple()]).into_value()
    }

    /// The start of the slice.
    #[getter]
    fn start(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.start.clone()
    }

    /// The stop of the slice.
    #[getter]
    fn stop(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.stop.clone()
    }

    /// The step of the slice.
    #[getter]
    fn step(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.step.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::adjust;

    #[test]
    fn bounds() {
        assert_eq!(adjust(10, 0, isize::MAX, 1), (0, 10, 10));
        assert_eq!(adjust(10, isize::MAX, isize::MIN, -1), (9, -1, 10));
        assert_eq!(adjust(10, -3, isize::MAX, 2), (7, 10, 2));
        assert_eq!(adjust(10, 5, 2, 1), (5, 2, 0));
        assert_eq!(adjust(10, 0, 10, isize::MAX), (0, 10, 1));
        assert_eq!(adjust(10, isize::MAX, 0, -isize::MAX), (9, 0, 1));
        assert_eq!(adjust(0, isize::MAX, isize::MIN, -1), (-1, -1, 0));
        assert_eq!(
            adjust(usize::MAX, 0, isize::MAX, 1),
            (0, isize::MAX, isize::MAX as usize)
        );
    }
}
