//! range: numbers from start to stop by step, none of them held.

mod iter;
mod length;
mod methods;

pub use self::iter::{LongRangeIter, RangeIter};
pub use self::methods::RANGE;
use crate::core::{R, Raised, Ref, Trace, Value};
use crate::native::TypeDef;
use crate::types::int::{self, IntRef};
use crate::vm::Vm;

/// The types of this folder.
pub const TYPES: &[&TypeDef] = &[Range::DEF, RangeIter::DEF, LongRangeIter::DEF];

/// The payload of range: exact ints, `step` is not zero.
pub struct Range {
    start: Value,
    stop: Value,
    step: Value,
    length: Value,
}

impl Trace for Range {
    // Exact ints hold no reference.
    fn trace(&self, _: &mut taipan_memory::Tracer<'_>) {}
}

impl Range {
    /// `start`
    pub fn start(&self) -> &Value {
        &self.start
    }

    /// `stop`
    pub fn stop(&self) -> &Value {
        &self.stop
    }

    /// `step`
    pub fn step(&self) -> &Value {
        &self.step
    }

    /// How many numbers there are.
    pub fn length(&self) -> &Value {
        &self.length
    }

    /// Start, step and length, if all are small.
    #[inline]
    fn small(&self) -> Option<(i64, i64, i64)> {
        Some((
            self.start.as_small()?,
            self.step.as_small()?,
            self.length.as_small()?,
        ))
    }

    /// The number at a place that is in range: start + i * step.
    fn at(&self, vm: &Vm, i: &Value) -> R {
        if let (Some((start, step, _)), Some(i)) = (self.small(), i.as_small()) {
            return Ok(int::from_i128(
                i128::from(start) + i128::from(i) * i128::from(step),
            ));
        }
        int::add(vm, &self.start, &int::mul(vm, i, &self.step)?)
    }
}

/// The number of an exact int.
#[inline]
fn number(v: &Value) -> IntRef<'_> {
    int::get(v).unwrap_or(IntRef::Small(0))
}

/// `range(start, stop, step)` of exact ints.
///
/// Raises ValueError for a step of zero.
pub fn new(vm: &Vm, start: Value, stop: Value, step: Value) -> R<Ref<Range>> {
    if number(&step).is_zero() {
        return Err(zero_step(vm));
    }
    let length = length::of(&start, &stop, &step);
    Ok(Ref::new(Range {
        start,
        stop,
        step,
        length,
    }))
}

#[cold]
fn zero_step(vm: &Vm) -> Raised {
    vm.value_error("range() arg 3 must not be zero")
}
