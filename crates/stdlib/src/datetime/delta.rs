//! The payload of timedelta, and how differences are calculated with.

use dashu_base::{Abs, DivRem, Sign, Signed};
use dashu_int::IBig;
use taipan_macros::Trace;
use taipan_runtime::core::{Payload, R, Raised, Ref, StaticType, Value};
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::types::{float, int};
use taipan_runtime::types::type_::TypeObject;
use taipan_runtime::vm::Vm;

/// Microseconds of a second.
pub const SECOND: i64 = 1_000_000;
/// Seconds of a day.
pub const DAY: i64 = 86_400;
/// The largest number of days.
pub const MAX_DAYS: i64 = 999_999_999;

/// The payload of timedelta: everything normalised.
#[derive(Trace)]
pub struct TimeDelta {
    /// -999999999 to 999999999
    pub days: i32,
    /// 0 to 86399
    pub seconds: i32,
    /// 0 to 999999
    pub micros: i32,
}

/// The class's place.
pub static TIMEDELTA: &StaticType = <TimeDelta as Payload>::TYPE;

impl TimeDelta {
    /// A payload of normalised parts.
    pub const fn of(days: i32, seconds: i32, micros: i32) -> Self {
        Self { days, seconds, micros }
    }

    /// The number of microseconds.
    pub fn total(&self) -> i128 {
        let seconds = i64::from(self.days) * DAY + i64::from(self.seconds);
        i128::from(seconds) * i128::from(SECOND) + i128::from(self.micros)
    }

    /// Whether it is nothing.
    pub fn is_zero(&self) -> bool {
        self.days == 0 && self.seconds == 0 && self.micros == 0
    }

    /// The parts in the order in which differences are compared.
    pub fn parts(&self) -> (i32, i32, i32) {
        (self.days, self.seconds, self.micros)
    }

    /// The seconds, if the difference is less than a day in either direction; with the microseconds behind them.
    pub fn within_a_day(&self) -> bool {
        self.days == 0 || self.days == -1 && (self.seconds, self.micros) != (0, 0)
    }
}

#[cold]
fn too_many_days(vm: &Vm, days: i64) -> Raised {
    vm.overflow_error(format!("days={days}; must have magnitude <= {MAX_DAYS}"))
}

#[cold]
fn too_large(vm: &Vm) -> Raised {
    vm.overflow_error("Python int too large to convert to C int")
}

/// A difference of any parts, of exactly the class timedelta.
///
/// Raises OverflowError.
pub fn new(vm: &Vm, days: i64, seconds: i64, micros: i64) -> R<Ref<TimeDelta>> {
    Ok(Ref::new(normalised(vm, days, seconds, micros)?))
}

fn normalised(vm: &Vm, days: i64, seconds: i64, micros: i64) -> R<TimeDelta> {
    let seconds = seconds + micros.div_euclid(SECOND);
    let micros = micros.rem_euclid(SECOND);
    let days = days + seconds.div_euclid(DAY);
    let seconds = seconds.rem_euclid(DAY);
    if days.abs() > MAX_DAYS {
        return Err(too_many_days(vm, days));
    }
    Ok(TimeDelta::of(days as i32, seconds as i32, micros as i32))
}

/// A difference of so many microseconds, of a class that derives from timedelta.
///
/// Raises OverflowError.
pub fn from_micros_of(vm: &Vm, cls: &TypeObject, micros: i128) -> R<Ref<TimeDelta>> {
    let day = i128::from(DAY) * i128::from(SECOND);
    let Ok(days) = i32::try_from(micros.div_euclid(day)) else { return Err(too_large(vm)) };
    if i64::from(days).abs() > MAX_DAYS {
        return Err(too_many_days(vm, days.into()));
    }
    let rest = micros.rem_euclid(day) as i64;
    Ok(Ref::new_of(cls, TimeDelta::of(days, (rest / SECOND) as i32, (rest % SECOND) as i32)))
}

/// A difference of so many microseconds.
///
/// Raises OverflowError.
pub fn from_micros(vm: &Vm, micros: i128) -> R<Ref<TimeDelta>> {
    from_micros_of(vm, TIMEDELTA.get(), micros)
}

/// `a + b`, or `a - b`.
///
/// Raises OverflowError.
pub fn sum(vm: &Vm, a: &TimeDelta, b: &TimeDelta, subtract: bool) -> R<Ref<TimeDelta>> {
    let sign = if subtract { -1 } else { 1 };
    new(
        vm,
        i64::from(a.days) + sign * i64::from(b.days),
        i64::from(a.seconds) + sign * i64::from(b.seconds),
        i64::from(a.micros) + sign * i64::from(b.micros),
    )
}

/// `-a`
///
/// Raises OverflowError.
pub fn negated(vm: &Vm, a: &TimeDelta) -> R<Ref<TimeDelta>> {
    new(vm, -i64::from(a.days), -i64::from(a.seconds), -i64::from(a.micros))
}

/// The nearest integer to `a / b`, ties to even; `b` is not zero.
fn divide(a: i128, b: i128) -> Option<i128> {
    let (q, r) = (a.checked_div_euclid(b)?, a.checked_rem_euclid(b)?);
    // The remainder is not negative; rounding away from the quotient goes in the direction of the divisor's sign.
    let twice = (r as u128) * 2;
    let size = b.unsigned_abs();
    let up = twice > size || twice == size && q & 1 != 0;
    Some(if !up { q } else if b > 0 { q + 1 } else { q - 1 })
}

/// As [`divide`], for numbers of any size.
fn divide_big(a: &IBig, b: &IBig) -> IBig {
    let negative = a.is_negative() != b.is_negative();
    let (q, r) = a.abs().div_rem(b.abs());
    let twice: IBig = r * 2;
    let odd = &q & IBig::ONE != IBig::ZERO;
    let size = b.abs();
    let q = if twice > size || twice == size && odd { q + 1 } else { q };
    if negative { -q } else { q }
}

fn from_big(vm: &Vm, n: IBig) -> R<Ref<TimeDelta>> {
    match i128::try_from(n) {
        Ok(n) => from_micros(vm, n),
        Err(_) => Err(too_large(vm)),
    }
}

/// `delta * n`
///
/// Raises OverflowError.
pub fn times(vm: &Vm, delta: &TimeDelta, n: int::IntRef<'_>) -> R<Ref<TimeDelta>> {
    let total = delta.total();
    match n.to_i64().and_then(|n| total.checked_mul(n.into())) {
        Some(n) => from_micros(vm, n),
        None => from_big(vm, IBig::from(total) * n.to_big()),
    }
}

/// `delta / n`, to the nearest microsecond.
///
/// Raises ZeroDivisionError.
pub fn divided(vm: &Vm, delta: &TimeDelta, n: int::IntRef<'_>) -> R<Ref<TimeDelta>> {
    if n.is_zero() {
        return Err(vm.zero_division_error("division by zero"));
    }
    match n.to_i64().and_then(|n| divide(delta.total(), n.into())) {
        Some(n) => from_micros(vm, n),
        None => from_big(vm, divide_big(&IBig::from(delta.total()), &n.to_big())),
    }
}

/// `delta // n`
///
/// Raises ZeroDivisionError.
pub fn floored(vm: &Vm, delta: &TimeDelta, n: int::IntRef<'_>) -> R<Ref<TimeDelta>> {
    if n.is_zero() {
        return Err(vm.zero_division_error("division by zero"));
    }
    let n = match n.to_i64() {
        Some(n) => i128::from(n),
        // Beyond all differences: only the sign counts.
        None => if n.is_negative() { i128::MIN } else { i128::MAX },
    };
    let (q, r) = (delta.total() / n, delta.total() % n);
    from_micros(vm, if r != 0 && (r < 0) != (n < 0) { q - 1 } else { q })
}

/// Numerator and denominator of a float.
///
/// Raises ValueError for NaN, OverflowError for infinity.
fn ratio(vm: &Vm, x: f64) -> R<(IBig, IBig)> {
    if x.is_nan() {
        return Err(vm.value_error("cannot convert NaN to integer ratio"));
    }
    if x.is_infinite() {
        return Err(vm.overflow_error("cannot convert Infinity to integer ratio"));
    }
    let bits = x.to_bits();
    let exponent = (bits >> 52 & 0x7ff) as i64;
    let fraction = bits & ((1 << 52) - 1);
    let (mantissa, exponent) = if exponent == 0 { (fraction, -1074) } else { (fraction | 1 << 52, exponent - 1075) };
    let sign = if x < 0.0 { Sign::Negative } else { Sign::Positive };
    let mantissa = IBig::from_parts(sign, mantissa.into());
    let power = IBig::ONE << exponent.unsigned_abs() as usize;
    Ok(if exponent < 0 { (mantissa, power) } else { (mantissa * power, IBig::ONE) })
}

/// Numerator and denominator of a float; an instance of a subclass tells them itself.
///
/// Raises as [`ratio`], TypeError and ValueError for what is no pair of ints.
fn ratio_of(vm: &Vm, v: &Value, x: f64) -> R<(IBig, IBig)> {
    if v.ty().is(float::FLOAT.get()) {
        return ratio(vm, x);
    }
    let pair = vm.call_method(v, "as_integer_ratio", &[])?;
    let Some(t) = pair.downcast::<Tuple>() else {
        let given = pair.ty().tp_name();
        let text = format!("unexpected return type from as_integer_ratio(): expected tuple, not '{given}'");
        return Err(vm.type_error(text));
    };
    let [n, d] = t.as_slice() else {
        return Err(vm.value_error("unexpected return value from as_integer_ratio(): expected tuple of length 2"));
    };
    match (int::get(n), int::get(d)) {
        (Some(n), Some(d)) => Ok((n.to_big(), d.to_big())),
        _ => Err(vm.type_error("unexpected return value from as_integer_ratio(): expected a tuple of ints")),
    }
}

/// `delta * x`, to the nearest microsecond.
///
/// Raises OverflowError, ValueError.
pub fn scaled(vm: &Vm, delta: &TimeDelta, v: &Value, x: f64) -> R<Ref<TimeDelta>> {
    let (n, d) = ratio_of(vm, v, x)?;
    if d == IBig::ZERO {
        return Err(vm.zero_division_error("division by zero"));
    }
    from_big(vm, divide_big(&(IBig::from(delta.total()) * n), &d))
}

/// `delta / x`, to the nearest microsecond.
///
/// Raises ZeroDivisionError, OverflowError, ValueError.
pub fn shrunk(vm: &Vm, delta: &TimeDelta, v: &Value, x: f64) -> R<Ref<TimeDelta>> {
    let (n, d) = ratio_of(vm, v, x)?;
    if n == IBig::ZERO {
        return Err(vm.zero_division_error("division by zero"));
    }
    from_big(vm, divide_big(&(IBig::from(delta.total()) * d), &n))
}

/// The number of microseconds as a Python int.
pub fn total_value(delta: &TimeDelta) -> Value {
    int::from_i128(delta.total())
}

/// Collects the arguments of the constructor.
pub struct Total<'a> {
    vm: &'a Vm,
    whole: i128,
    /// Parts of a microsecond.
    rest: f64,
}

impl<'a> Total<'a> {
    /// Nothing yet.
    pub fn new(vm: &'a Vm) -> Self {
        Self { vm, whole: 0, rest: 0.0 }
    }

    fn add_whole(&mut self, n: Option<i128>) -> R<()> {
        self.whole = n.and_then(|n| self.whole.checked_add(n)).ok_or_else(|| too_large(self.vm))?;
        Ok(())
    }

    /// Adds so many units of `factor` microseconds each.
    ///
    /// Raises TypeError for what is neither int nor float, OverflowError, ValueError.
    pub fn add(&mut self, name: &str, v: &Value, factor: i64) -> R<()> {
        if let Some(n) = int::get(v) {
            let n = match n.to_i64() {
                Some(n) => Some(i128::from(n)),
                None => i128::try_from(n.to_big()).ok(),
            };
            return self.add_whole(n.and_then(|n| n.checked_mul(factor.into())));
        }
        let Some(x) = float::get(v) else {
            let given = v.ty().tp_name();
            return Err(self.vm.type_error(format!("unsupported type for timedelta {name} component: {given}")));
        };
        if x.is_nan() {
            return Err(self.vm.value_error("cannot convert float NaN to integer"));
        }
        if x.is_infinite() {
            return Err(self.vm.overflow_error("cannot convert float infinity to integer"));
        }
        let whole = x.trunc();
        // Beyond this bound the days would not fit anyway.
        if whole.abs() > 1e30 {
            return Err(too_large(self.vm));
        }
        self.add_whole((whole as i128).checked_mul(factor.into()))?;
        let part = (x - whole) * factor as f64;
        let whole = part.trunc();
        self.add_whole(Some(whole as i128))?;
        self.rest += part - whole;
        Ok(())
    }

    /// The microseconds, what is left over rounded to even.
    pub fn finish(mut self) -> R<i128> {
        if self.rest != 0.0 {
            let mut whole = self.rest.round();
            if (whole - self.rest).abs() == 0.5 {
                let odd = (self.whole & 1) as f64;
                whole = 2.0 * ((self.rest + odd) * 0.5).round() - odd;
            }
            self.add_whole(Some(whole as i128))?;
        }
        Ok(self.whole)
    }
}
