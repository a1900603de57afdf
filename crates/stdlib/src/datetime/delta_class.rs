//! The class timedelta.

use taipan_macros::class;
use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::native::Args;
use taipan_runtime::types::tuple;
use taipan_runtime::types::type_::{BinOp, CmpOp, TypeObject};
use taipan_runtime::types::{float, int};
use taipan_runtime::vm::Vm;

use super::args::Params;
use super::delta::{self, DAY, SECOND, TIMEDELTA, TimeDelta, Total};

static PARAMS: Params = Params {
    function: Some("__new__"),
    names: &["days", "seconds", "microseconds", "milliseconds", "minutes", "hours", "weeks"],
    required: 0,
    positional: 7, ints: 0,
};

/// Microseconds of the units, in the order of the parameters.
const UNITS: [i64; 7] = [DAY * SECOND, SECOND, 1, 1000, 60 * SECOND, 3600 * SECOND, 7 * DAY * SECOND];

/// The order in which the parameters are added up.
const ORDER: [usize; 7] = [2, 3, 1, 4, 5, 0, 6];

/// Both as timedeltas.
fn both<'a>(a: &'a Value, b: &'a Value) -> Option<(&'a Ref<TimeDelta>, &'a Ref<TimeDelta>)> {
    Some((a.downcast::<TimeDelta>()?, b.downcast::<TimeDelta>()?))
}

fn plural(n: i32) -> &'static str {
    if n.abs() == 1 { "" } else { "s" }
}

/// Difference between two datetime values.
///
/// timedelta(days=0, seconds=0, microseconds=0, milliseconds=0, minutes=0, hours=0, weeks=0)
///
/// All arguments are optional and default to 0.
/// Arguments may be integers or floats, and may be positive or negative.
#[class(name = "timedelta", module = "datetime", flags(BASETYPE))]
impl TimeDelta {
    #[slot]
    fn new(vm: &Vm, cls: &TypeObject, args: Args<'_>) -> R {
        let given = PARAMS.bind::<7>(vm, args)?;
        let mut total = Total::new(vm);
        for i in ORDER {
            if let Some(v) = given[i] {
                total.add(PARAMS.names[i], v, UNITS[i])?;
            }
        }
        Ok(delta::from_micros_of(vm, cls, total.finish()?)?.into_value())
    }

    #[slot]
    fn repr(_vm: &Vm, this: &Ref<Self>) -> String {
        let mut parts = Vec::new();
        for (name, n) in [("days", this.days), ("seconds", this.seconds), ("microseconds", this.micros)] {
            if n != 0 {
                parts.push(format!("{name}={n}"));
            }
        }
        let parts = if parts.is_empty() { "0".to_owned() } else { parts.join(", ") };
        format!("{}({parts})", this.ty().tp_name())
    }

    #[slot]
    fn str(_vm: &Vm, this: &Ref<Self>) -> String {
        let (hours, minutes, seconds) = (this.seconds / 3600, this.seconds / 60 % 60, this.seconds % 60);
        let mut out = String::new();
        if this.days != 0 {
            out.push_str(&format!("{} day{}, ", this.days, plural(this.days)));
        }
        out.push_str(&format!("{hours}:{minutes:02}:{seconds:02}"));
        if this.micros != 0 {
            out.push_str(&format!(".{:06}", this.micros));
        }
        out
    }

    #[slot]
    fn hash(vm: &Vm, this: &Ref<Self>) -> R<i64> {
        let parts = [Value::from(this.days), Value::from(this.seconds), Value::from(this.micros)];
        vm.hash(tuple::from_array(parts).value())
    }

    #[slot]
    fn richcompare(_vm: &Vm, this: &Ref<Self>, other: &Value, op: CmpOp) -> Value {
        match other.downcast::<TimeDelta>() {
            Some(other) => Value::bool(op.matches(this.parts().cmp(&other.parts()))),
            None => Value::NOT_IMPLEMENTED,
        }
    }

    #[slot]
    fn bool(_vm: &Vm, this: &Ref<Self>) -> bool {
        !this.is_zero()
    }

    #[slot]
    fn neg(vm: &Vm, this: &Ref<Self>) -> R<Ref<Self>> {
        delta::negated(vm, this)
    }

    #[slot]
    fn pos(_vm: &Vm, this: &Ref<Self>) -> Ref<Self> {
        Ref::new(TimeDelta::of(this.days, this.seconds, this.micros))
    }

    #[slot]
    fn abs(vm: &Vm, this: &Ref<Self>) -> R<Ref<Self>> {
        if this.days < 0 { delta::negated(vm, this) } else { Ok(Self::pos(vm, this)) }
    }

    #[slot(binary = Add)]
    fn add(vm: &Vm, a: &Value, b: &Value) -> R {
        match both(a, b) {
            Some((a, b)) => Ok(delta::sum(vm, a, b, false)?.into_value()),
            None => Ok(Value::NOT_IMPLEMENTED),
        }
    }

    #[slot(binary = Sub)]
    fn sub(vm: &Vm, a: &Value, b: &Value) -> R {
        match both(a, b) {
            Some((a, b)) => Ok(delta::sum(vm, a, b, true)?.into_value()),
            None => Ok(Value::NOT_IMPLEMENTED),
        }
    }

    #[slot(binary = Mul)]
    fn mul(vm: &Vm, a: &Value, b: &Value) -> R {
        let (d, n) = match (a.downcast::<TimeDelta>(), b.downcast::<TimeDelta>()) {
            (Some(d), None) => (d, b),
            (None, Some(d)) => (d, a),
            _ => return Ok(Value::NOT_IMPLEMENTED),
        };
        let product = if let Some(n) = int::get(n) {
            delta::times(vm, d, n)?
        } else if let Some(x) = float::get(n) {
            delta::scaled(vm, d, n, x)?
        } else {
            return Ok(Value::NOT_IMPLEMENTED);
        };
        Ok(product.into_value())
    }

    #[slot(binary = TrueDiv)]
    fn truediv(vm: &Vm, a: &Value, b: &Value) -> R {
        let Some(d) = a.downcast::<TimeDelta>() else { return Ok(Value::NOT_IMPLEMENTED) };
        if let Some(e) = b.downcast::<TimeDelta>() {
            return vm.binary(&delta::total_value(d), &delta::total_value(e), BinOp::TrueDiv);
        }
        let quotient = if let Some(n) = int::get(b) {
            delta::divided(vm, d, n)?
        } else if let Some(x) = float::get(b) {
            delta::shrunk(vm, d, b, x)?
        } else {
            return Ok(Value::NOT_IMPLEMENTED);
        };
        Ok(quotient.into_value())
    }

    #[slot(binary = FloorDiv)]
    fn floordiv(vm: &Vm, a: &Value, b: &Value) -> R {
        let Some(d) = a.downcast::<TimeDelta>() else { return Ok(Value::NOT_IMPLEMENTED) };
        if let Some(e) = b.downcast::<TimeDelta>() {
            return vm.binary(&delta::total_value(d), &delta::total_value(e), BinOp::FloorDiv);
        }
        match int::get(b) {
            Some(n) => Ok(delta::floored(vm, d, n)?.into_value()),
            None => Ok(Value::NOT_IMPLEMENTED),
        }
    }

    #[slot(binary = Mod)]
    fn modulo(vm: &Vm, a: &Value, b: &Value) -> R {
        match both(a, b) {
            Some((a, b)) => remainder(vm, a, b),
            None => Ok(Value::NOT_IMPLEMENTED),
        }
    }

    #[slot(binary = DivMod)]
    fn divmod(vm: &Vm, a: &Value, b: &Value) -> R {
        let Some((d, e)) = both(a, b) else { return Ok(Value::NOT_IMPLEMENTED) };
        let q = Self::floordiv(vm, a, b)?;
        Ok(tuple::from_array([q, remainder(vm, d, e)?]).into_value())
    }

    /// Total seconds in the duration.
    #[method(sig = "()")]
    fn total_seconds(vm: &Vm, this: &Ref<Self>) -> R {
        let total = this.total();
        // Both numbers are exact as floats, so their quotient is rounded only once.
        if total.unsigned_abs() < 1 << 53 {
            return Ok(Value::from(total as f64 / SECOND as f64));
        }
        vm.binary(&delta::total_value(this), &Value::from(SECOND), BinOp::TrueDiv)
    }

    /// __reduce__() -> (cls, state)
    #[method(sig = "()")]
    fn __reduce__(_vm: &Vm, this: &Ref<Self>) -> R {
        let parts = [Value::from(this.days), Value::from(this.seconds), Value::from(this.micros)];
        Ok(tuple::from_array([this.ty().to_value(), tuple::from_array(parts).into_value()]).into_value())
    }

    /// Number of days.
    #[getter(member)]
    fn days(_vm: &Vm, this: &Ref<Self>) -> i32 {
        this.days
    }

    /// Number of seconds (>= 0 and less than 1 day).
    #[getter(member)]
    fn seconds(_vm: &Vm, this: &Ref<Self>) -> i32 {
        this.seconds
    }

    /// Number of microseconds (>= 0 and less than 1 second).
    #[getter(member)]
    fn microseconds(_vm: &Vm, this: &Ref<Self>) -> i32 {
        this.micros
    }

    #[setup]
    fn setup(ty: &TypeObject) {
        let max = delta::MAX_DAYS as i32;
        ty.dict.set_str("min", Ref::new(TimeDelta::of(-max, 0, 0)));
        ty.dict.set_str("max", Ref::new(TimeDelta::of(max, DAY as i32 - 1, SECOND as i32 - 1)));
        ty.dict.set_str("resolution", Ref::new(TimeDelta::of(0, 0, 1)));
        debug_assert!(std::ptr::eq(ty, TIMEDELTA.ptr()));
    }
}

fn remainder(vm: &Vm, a: &TimeDelta, b: &TimeDelta) -> R {
    let (x, y) = (a.total(), b.total());
    if y == 0 {
        return Err(vm.zero_division_error("division by zero"));
    }
    let r = x % y;
    let r = if r != 0 && (r < 0) != (y < 0) { r + y } else { r };
    Ok(delta::from_micros(vm, r)?.into_value())
}
