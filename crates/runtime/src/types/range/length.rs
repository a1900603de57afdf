//! How many numbers a range has.

use dashu_int::IBig;

use super::number;
use crate::core::Value;
use crate::types::int;

/// The length of a range of exact ints; `step` is not zero.
pub(super) fn of(start: &Value, stop: &Value, step: &Value) -> Value {
    if let (Some(start), Some(stop), Some(step)) =
        (start.as_small(), stop.as_small(), step.as_small())
    {
        return Value::from(small(start, stop, step));
    }
    let (start, stop, step) = (
        number(start).to_big(),
        number(stop).to_big(),
        number(step).to_big(),
    );
    let (span, step) = if step < IBig::ZERO {
        (start - stop, -step)
    } else {
        (stop - start, step)
    };
    if span <= IBig::ZERO {
        return Value::small(0);
    }
    int::from_big((span - IBig::ONE) / step + IBig::ONE)
}

/// For ints of at most 63 bits: all sums fit.
#[inline]
fn small(start: i64, stop: i64, step: i64) -> u64 {
    let span = if step < 0 {
        start.wrapping_sub(stop)
    } else {
        stop.wrapping_sub(start)
    };
    if span <= 0 {
        0
    } else {
        (span as u64 - 1) / step.unsigned_abs() + 1
    }
}

#[cfg(test)]
mod tests {
    use super::small;

    #[test]
    fn lengths() {
        assert_eq!(small(0, 10, 3), 4);
        assert_eq!(small(10, 0, -3), 4);
        assert_eq!(small(5, 5, 1), 0);
        assert_eq!(small(0, -5, 1), 0);
        assert_eq!(small(i64::MIN >> 1, i64::MAX >> 1, 1), i64::MAX as u64);
        assert_eq!(small(0, 1, i64::MAX >> 1), 1);
    }
}
