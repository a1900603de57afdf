//! The local time zone.

use taipan_host::calendar::{self as host, Fields};
use taipan_runtime::core::{R, Raised, Value};
use taipan_runtime::types::str;
use taipan_runtime::types::{float, int};
use taipan_runtime::vm::Vm;

use super::calendar::{self, EPOCH, MAX_ORDINAL};
use super::delta;
use super::tz;

/// Seconds of a day.
const DAY: i64 = 86_400;
/// Seconds of the first of January 1970, counted as [`seconds`] does.
pub const EPOCH_SECONDS: i64 = EPOCH * DAY;

#[cold]
fn out_of_range(vm: &Vm) -> Raised {
    vm.overflow_error("timestamp out of range for platform time_t")
}

/// A timestamp as seconds since 1970 and microseconds, rounded to even.
///
/// Raises TypeError for what is no number, ValueError for NaN, OverflowError.
pub fn timeval(vm: &Vm, v: &Value) -> R<(i64, i64)> {
    if let Some(x) = float::get(v) {
        if x.is_nan() {
            return Err(vm.value_error("Invalid value NaN (not a number)"));
        }
        let mut whole = x.trunc();
        let mut micros = ((x - whole) * 1e6).round_ties_even();
        if micros >= 1e6 {
            micros -= 1e6;
            whole += 1.0;
        } else if micros < 0.0 {
            micros += 1e6;
            whole -= 1.0;
        }
        if whole < i64::MIN as f64 || whole >= i64::MAX as f64 {
            return Err(out_of_range(vm));
        }
        return Ok((whole as i64, micros as i64));
    }
    let n = int::index(vm, v)?;
    match int::get(&n).and_then(int::IntRef::to_i64) {
        Some(n) => Ok((n, 0)),
        None => Err(out_of_range(vm)),
    }
}

/// A moment in local time.
///
/// Raises OSError where the system has none.
pub fn local(vm: &Vm, seconds: i64) -> R<Fields> {
    host::local_fields(seconds).map_err(|e| vm.os_error(e.0, None))
}

/// A moment in universal time.
///
/// Raises OSError where the system has none.
pub fn universal(vm: &Vm, seconds: i64) -> R<Fields> {
    let ordinal = seconds.div_euclid(DAY).saturating_add(EPOCH);
    if !(1..=MAX_ORDINAL).contains(&ordinal) {
        let m = host::universal(seconds).map_err(|e| vm.os_error(e.0, None))?;
        return Ok(Fields { date: (m.year, m.month + 1, m.day), clock: [m.hour, m.minute, m.second] });
    }
    let rest = seconds.rem_euclid(DAY) as i32;
    Ok(Fields { date: calendar::from_ordinal(ordinal), clock: [rest / 3600, rest / 60 % 60, rest % 60] })
}

/// The seconds of a time of any zone, counted from two days before the first of January of the year 1.
pub fn seconds([year, month, day]: [i32; 3], [hour, minute, second]: [i32; 3]) -> i64 {
    let time = i64::from(hour) * 3600 + i64::from(minute) * 60 + i64::from(second);
    calendar::ordinal(year, month, day) * DAY + time
}

/// The seconds of local time at a moment of universal time, both counted as [`seconds`] does.
///
/// Raises ValueError beyond the range of years, OSError.
pub fn local_seconds(vm: &Vm, universal: i64) -> R<i64> {
    let m = local(vm, universal - EPOCH_SECONDS)?;
    let (year, month, day) = m.date;
    if !(1..=9999).contains(&year) {
        return Err(vm.value_error(format!("year {year} is out of range")));
    }
    Ok(seconds([year as i32, month, day], m.clock))
}

/// The moment of universal time at which it is `t` in local time: of two such moments the first, or, in a fold, the
/// second; where there is none, as if one of the two neighbouring offsets held.
///
/// Raises ValueError, OSError.
pub fn to_universal(vm: &Vm, t: i64, fold: bool) -> R<i64> {
    let a = local_seconds(vm, t)? - t;
    let u1 = t - a;
    let t1 = local_seconds(vm, u1)?;
    let b = if t1 == t {
        // One solution. Is there another one, a day before or behind?
        let u2 = if fold { u1 + DAY } else { u1 - DAY };
        let b = local_seconds(vm, u2)? - u2;
        if a == b {
            return Ok(u1);
        }
        b
    } else {
        t1 - u1
    };
    let u2 = t - b;
    if local_seconds(vm, u2)? == t {
        return Ok(u2);
    }
    if t1 == t {
        return Ok(u1);
    }
    // Both offsets are known, and with neither of them it is ever `t`: a gap.
    Ok(if fold { u1.min(u2) } else { u1.max(u2) })
}

/// Whether a moment of universal time is the second one at which the local time is `t`.
pub fn is_second(vm: &Vm, universal: i64, t: i64) -> R<bool> {
    // Before the first representable day there is nothing to compare with.
    if universal < 2 * DAY {
        return Ok(false);
    }
    let before = local_seconds(vm, universal - DAY)?;
    let change = t - before - DAY;
    Ok(change < 0 && local_seconds(vm, universal + change)? == t)
}

/// The time zone that holds at a timestamp.
///
/// Raises OSError.
pub fn zone_at(vm: &Vm, timestamp: i64) -> R {
    let m = host::local(timestamp).map_err(|e| vm.os_error(e.0, None))?;
    let name = str::from_wtf8(m.zone.as_bytes());
    tz::timezone(vm, delta::new(vm, 0, m.offset, 0)?, Some(name.into_value()))
}
