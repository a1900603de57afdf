//! Times as arguments: seconds, given as int or float, become nanoseconds.

use taipan_runtime::core::{R, Raised, Value};
use taipan_runtime::types::{float, int};
use taipan_runtime::vm::Vm;

/// What happens to parts of a nanosecond.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Round {
    /// Towards minus infinity: points in time.
    Floor,
    /// Towards plus infinity.
    Ceiling,
    /// Away from zero: time-outs never end too early.
    Up,
    /// To the nearest, halves to even.
    HalfEven,
}

impl Round {
    /// The rounded number.
    pub fn apply(self, x: f64) -> f64 {
        match self {
            Self::Floor => x.floor(),
            Self::Ceiling => x.ceil(),
            Self::Up => if x >= 0.0 { x.ceil() } else { x.floor() },
            Self::HalfEven => x.round_ties_even(),
        }
    }
}

const SECOND: i64 = 1_000_000_000;

#[cold]
fn too_large(vm: &Vm) -> Raised {
    vm.overflow_error("timestamp too large to convert to C PyTime_t")
}

#[cold]
fn out_of_range(vm: &Vm) -> Raised {
    vm.overflow_error("timestamp out of range for platform time_t")
}

#[cold]
fn nan(vm: &Vm) -> Raised {
    vm.value_error("Invalid value NaN (not a number)")
}

/// Seconds as nanoseconds.
///
/// Raises TypeError for what is no number, ValueError for NaN, OverflowError for more than 292 years.
pub fn nanoseconds(vm: &Vm, v: &Value, round: Round) -> R<i64> {
    scaled(vm, v, round, SECOND)
}

/// Milliseconds as nanoseconds, as [`nanoseconds`].
pub fn milliseconds(vm: &Vm, v: &Value, round: Round) -> R<i64> {
    scaled(vm, v, round, 1_000_000)
}

fn scaled(vm: &Vm, v: &Value, round: Round, unit: i64) -> R<i64> {
    if let Some(x) = float::get(v) {
        if x.is_nan() {
            return Err(nan(vm));
        }
        let x = round.apply(x * unit as f64);
        // The upper bound itself is no i64 any more.
        if x < i64::MIN as f64 || x >= i64::MAX as f64 {
            return Err(out_of_range(vm));
        }
        return Ok(x as i64);
    }
    if v.ty().slots().index.is_none() {
        let given = v.ty().tp_name();
        return Err(vm.type_error(format!("'{given}' object cannot be interpreted as an integer or float")));
    }
    let n = int::index(vm, v)?;
    int::get(&n).and_then(int::IntRef::to_i64).and_then(|n| n.checked_mul(unit)).ok_or_else(|| too_large(vm))
}

/// A time-out in seconds (None: none) as a point of the monotonic clock.
///
/// Raises as [`nanoseconds`], and ValueError with `negative` below zero.
pub fn deadline(vm: &Vm, v: &Value, negative: &str) -> R<Option<i64>> {
    if v.is_none() {
        return Ok(None);
    }
    let n = nanoseconds(vm, v, Round::Ceiling)?;
    if n < 0 {
        return Err(vm.value_error(negative));
    }
    Ok(Some(after(n)))
}

/// The point of the monotonic clock so many nanoseconds from now.
pub fn after(nanoseconds: i64) -> i64 {
    taipan_host::clock::monotonic().saturating_add(nanoseconds)
}

/// Seconds as whole seconds and nanoseconds, for times beyond the range of [`nanoseconds`].
///
/// Raises as [`nanoseconds`], with the limits of `time_t`.
pub fn timespec(vm: &Vm, v: &Value, round: Round) -> R<(i64, i64)> {
    if let Some(x) = float::get(v) {
        if x.is_nan() {
            return Err(nan(vm));
        }
        let whole = x.trunc();
        let mut fraction = round.apply((x - whole) * 1e9);
        let mut whole = whole;
        if fraction >= 1e9 {
            fraction -= 1e9;
            whole += 1.0;
        } else if fraction < 0.0 {
            fraction += 1e9;
            whole -= 1.0;
        }
        if whole < i64::MIN as f64 || whole >= i64::MAX as f64 {
            return Err(out_of_range(vm));
        }
        return Ok((whole as i64, fraction as i64));
    }
    Ok((time_t(vm, v)?, 0))
}

/// Seconds as whole seconds.
///
/// Raises as [`timespec`].
pub fn whole(vm: &Vm, v: &Value, round: Round) -> R<i64> {
    if let Some(x) = float::get(v) {
        if x.is_nan() {
            return Err(nan(vm));
        }
        let x = round.apply(x);
        if x < i64::MIN as f64 || x >= i64::MAX as f64 {
            return Err(out_of_range(vm));
        }
        return Ok(x as i64);
    }
    time_t(vm, v)
}

fn time_t(vm: &Vm, v: &Value) -> R<i64> {
    let n = int::index(vm, v)?;
    match int::get(&n).and_then(int::IntRef::to_i64) {
        Some(n) => Ok(n),
        None => Err(out_of_range(vm)),
    }
}
