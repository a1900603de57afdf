//! time.

use std::cell::Cell;

use taipan_macros::{Trace, class};
use taipan_runtime::core::{Payload, R, Ref, StaticType, Value};
use taipan_runtime::native::Args;
use taipan_runtime::native::bind::{Callee, bind_array};
use taipan_runtime::native::{Param, ParamKind, Signature};
use taipan_runtime::types::bytes;
use taipan_runtime::types::int;
use taipan_runtime::types::str::{self, Str, StrBuilder};
use taipan_runtime::types::tuple;
use taipan_runtime::types::type_::{CmpOp, TypeObject};
use taipan_runtime::vm::{Vm, hash_bytes};

use super::args::{Params, check_time, check_tz, field, field_or, tz_or};
use super::date::{pickle_state, strptime};
use super::delta::{self, TimeDelta};
use super::offsets;
use super::parse;
use super::text;
use super::tz::TzInfo;

/// The payload of time.
#[derive(Trace)]
pub struct Time {
    /// Hour, minute, second.
    pub clock: [u8; 3],
    /// 0, or 1 for the second of two equal times when clocks are set back.
    pub fold: Cell<u8>,
    /// Microseconds.
    pub micros: u32,
    /// A tzinfo or None.
    pub tz: Value,
    /// Of an aware time, once it was asked for.
    hash: Cell<i64>,
}

/// The class's place.
pub static TIME: &StaticType = <Time as Payload>::TYPE;

static PARAMS: Params = Params {
    function: None,
    names: &["hour", "minute", "second", "microsecond", "tzinfo", "fold"],
    required: 0,
    positional: 5, ints: 4,
};

/// The optional parameters of `replace`.
macro_rules! unchanged {
    ($($name:literal)*; $last:literal) => {
        Signature { params: &[
            $(Param { name: $name, kind: ParamKind::Any, optional: true },)*
            Param { name: $last, kind: ParamKind::KwOnly, optional: true },
        ] }
    };
}
pub(super) use unchanged;

static REPLACE: Callee = Callee {
    owner: "",
    name: "replace",
    sig: unchanged!("hour" "minute" "second" "microsecond" "tzinfo"; "fold"),
    constructor: false,
};

impl Time {
    /// A payload; the fields are in range.
    pub fn of([hour, minute, second, micros]: [i32; 4], tz: Value, fold: i32) -> Self {
        Self {
            clock: [hour as u8, minute as u8, second as u8],
            fold: Cell::new(fold as u8),
            micros: micros as u32,
            tz,
            hash: Cell::new(0),
        }
    }

    /// A time of a class that derives from time.
    ///
    /// Raises ValueError, and what a subclass raises.
    pub fn make(vm: &Vm, cls: &TypeObject, fields: [i32; 4], tz: Value, fold: i32) -> R {
        if cls.is(TIME.get()) {
            let [hour, minute, second, micros] = fields;
            check_time(vm, [hour, minute, second, micros, fold])?;
            return Ok(Ref::new(Time::of(fields, tz, fold)).into_value());
        }
        let [a, b, c, d] = fields.map(Value::from);
        let new = vm.call(&cls.to_value(), &[a, b, c, d, tz])?;
        if let Some(t) = new.downcast::<Time>() {
            t.fold.set(fold as u8);
        }
        Ok(new)
    }

    /// Hour, minute, second, microsecond.
    pub fn fields(&self) -> [i32; 4] {
        let [h, m, s] = self.clock.map(i32::from);
        [h, m, s, self.micros as i32]
    }

    fn bytes(&self, with_fold: bool) -> [u8; 6] {
        let [h, m, s] = self.clock;
        let [_, a, b, c] = self.micros.to_be_bytes();
        [if with_fold && self.fold.get() != 0 { h | 0x80 } else { h }, m, s, a, b, c]
    }

    fn offset(&self, vm: &Vm) -> R<Option<Ref<TimeDelta>>> {
        offsets::utcoffset(vm, &self.tz, &Value::NONE)
    }

    /// Microseconds since midnight.
    fn since_midnight(&self) -> i128 {
        let [h, m, s] = self.clock.map(i64::from);
        i128::from((h * 3600 + m * 60 + s) * 1_000_000 + i64::from(self.micros))
    }
}

fn from_state(vm: &Vm, cls: &TypeObject, state: &[u8], tz: Option<&Value>) -> R {
    let none = Value::NONE;
    let tz = tz.unwrap_or(&none);
    if !tz.is_none() && tz.downcast::<TzInfo>().is_none() {
        return Err(vm.type_error("bad tzinfo state arg"));
    }
    let &[h, m, s, a, b, c] = state else { return Err(vm.type_error("an integer is required")) };
    let new = Time {
        clock: [h & 0x7f, m, s],
        fold: Cell::new(h >> 7),
        micros: u32::from_be_bytes([0, a, b, c]),
        tz: tz.clone(),
        hash: Cell::new(0),
    };
    Ok(Ref::new_of(cls, new).into_value())
}

fn replaced(vm: &Vm, this: &Ref<Time>, args: Args<'_>) -> R {
    let given = bind_array::<6>(vm, &REPLACE, args)?;
    let mut fields = this.fields();
    for (slot, v) in fields.iter_mut().zip(given) {
        if let Some(v) = v {
            *slot = field(vm, v)?;
        }
    }
    let tz = tz_or(vm, given[4], &this.tz)?;
    let fold = field_or(vm, given[5], this.fold.get().into())?;
    if !matches!(fold, 0 | 1) {
        return Err(vm.value_error(format!("fold must be either 0 or 1, not {fold}")));
    }
    Time::make(vm, this.ty(), fields, tz, fold)
}

/// time([hour[, minute[, second[, microsecond[, tzinfo]]]]]) --> a time object
///
/// All arguments are optional. tzinfo may be None, or an instance of a tzinfo subclass. The remaining arguments may be
/// ints.
#[class(name = "time", module = "datetime", flags(BASETYPE))]
impl Time {
    #[slot]
    fn new(vm: &Vm, cls: &TypeObject, args: Args<'_>) -> R {
        if let [first, rest @ ..] = args.all
            && rest.len() <= 1
            && args.names.is_empty()
            && let Some(state) = pickle_state(vm, Some(first), 6, 0, |h| h & 0x7f < 24, "time")?
        {
            return from_state(vm, cls, &state, rest.first());
        }
        let given = PARAMS.bind::<6>(vm, args)?;
        let mut fields = [0; 4];
        for (slot, v) in fields.iter_mut().zip(given) {
            if let Some(v) = v {
                *slot = field(vm, v)?;
            }
        }
        let fold = field_or(vm, given[5], 0)?;
        let tz = given[4].cloned().unwrap_or(Value::NONE);
        let [h, m, s, us] = fields;
        check_tz(vm, &tz)?;
        check_time(vm, [h, m, s, us, fold])?;
        Ok(Ref::new_of(cls, Time::of(fields, tz, fold)).into_value())
    }

    #[slot]
    fn repr(vm: &Vm, this: &Ref<Self>) -> R {
        let [h, m, s, us] = this.fields();
        let mut out = StrBuilder::new();
        out.push_str(&this.ty().tp_name());
        out.push_str(&format!("({h}, {m}"));
        if us != 0 {
            out.push_str(&format!(", {s}, {us}"));
        } else if s != 0 {
            out.push_str(&format!(", {s}"));
        }
        push_repr_end(vm, &mut out, &this.tz, this.fold.get())?;
        Ok(out.finish())
    }

    #[slot]
    fn str(vm: &Vm, this: &Ref<Self>) -> R {
        vm.call_method(this.value(), "isoformat", &[])
    }

    #[slot]
    fn hash(vm: &Vm, this: &Ref<Self>) -> R<i64> {
        if this.tz.is_none() {
            return Ok(hash_bytes(&this.bytes(false)));
        }
        if this.hash.get() != 0 {
            return Ok(this.hash.get());
        }
        let offset = if this.fold.get() != 0 {
            let first = Time::make(vm, TIME.get(), this.fields(), this.tz.clone(), 0)?;
            offsets::utcoffset(vm, &this.tz, &Value::NONE).inspect(|_| drop(first))?
        } else {
            this.offset(vm)?
        };
        let hash = match offset {
            None => hash_bytes(&this.bytes(false)),
            Some(offset) => vm.hash(delta::from_micros(vm, this.since_midnight() - offset.total())?.value())?,
        };
        this.hash.set(hash);
        Ok(hash)
    }

    #[slot]
    fn richcompare(vm: &Vm, this: &Ref<Self>, other: &Value, op: CmpOp) -> R {
        let Some(other) = other.downcast::<Time>() else { return Ok(Value::NOT_IMPLEMENTED) };
        let plainly = || Value::bool(op.matches(this.fields().cmp(&other.fields())));
        if this.tz.is(&other.tz) {
            return Ok(plainly());
        }
        let (a, b) = (this.offset(vm)?, other.offset(vm)?);
        if offsets::same(&a, &b) {
            return Ok(plainly());
        }
        if let (Some(a), Some(b)) = (a, b) {
            let (x, y) = (this.since_midnight() - a.total(), other.since_midnight() - b.total());
            return Ok(Value::bool(op.matches(x.cmp(&y))));
        }
        match op {
            CmpOp::Eq => Ok(Value::FALSE),
            CmpOp::Ne => Ok(Value::TRUE),
            _ => Err(vm.type_error("can't compare offset-naive and offset-aware times")),
        }
    }

    /// Construct a time from a string in ISO 8601 format.
    #[classmethod(sig = "(object, /)")]
    fn fromisoformat(vm: &Vm, cls: &TypeObject, object: &Value) -> R {
        let Some(s) = object.downcast::<Str>() else {
            return Err(vm.type_error("fromisoformat: argument must be str"));
        };
        let data = parse::ascii(s);
        let Some(t) = parse::time(data.strip_prefix(b"T").unwrap_or(&data)) else {
            return Err(parse::invalid(vm, s));
        };
        if t.beyond {
            return Err(vm.value_error("minute, second, and microsecond must be 0 when hour is 24"));
        }
        let tz = t.tz(vm)?;
        Time::make(vm, cls, t.clock, tz, 0)
    }

    /// string, format -> new time parsed from a string (like time.strptime()).
    #[classmethod]
    fn strptime(vm: &Vm, cls: &TypeObject, string: &Value, format: &Value) -> R {
        strptime(vm, cls, "_strptime_datetime_time", string, format)
    }

    /// Return the time formatted according to ISO.
    ///
    /// The full format is 'HH:MM:SS.mmmmmm+zz:zz'. By default, the fractional part is omitted if
    /// self.microsecond == 0.
    ///
    /// The optional argument timespec specifies the number of additional terms of the time to include. Valid options
    /// are 'auto', 'hours', 'minutes', 'seconds', 'milliseconds' and 'microseconds'.
    #[method(sig = "(timespec='auto')")]
    fn isoformat(vm: &Vm, this: &Ref<Self>, timespec: Option<&Value>) -> R {
        check_str(vm, "isoformat", 1, timespec)?;
        let spec = text::timespec(vm, timespec, this.micros)?;
        let mut time = Vec::with_capacity(16);
        text::push_time(&mut time, this.clock, this.micros, spec);
        if this.tz.is_none() {
            return Ok(str::from_latin1(&time).into_value());
        }
        let mut out = StrBuilder::new();
        out.push_latin1(&time);
        offsets::push_of(vm, &mut out, &this.tz, &Value::NONE, ":")?;
        Ok(out.finish())
    }

    /// format -> strftime() style string.
    #[method(sig = "(format)")]
    fn strftime(vm: &Vm, this: &Ref<Self>, format: &Value) -> R {
        let Some(format) = format.downcast::<Str>() else {
            let given = format.ty().tp_name();
            return Err(vm.type_error(format!("strftime() argument 1 must be str, not {given}")));
        };
        let [h, m, s] = this.clock.map(Value::from);
        let date = [1900, 1, 1].map(Value::small);
        let [y, mo, d] = date;
        let time = [y, mo, d, h, m, s, Value::small(0), Value::small(1), Value::small(-1)];
        let time = tuple::from_array(time).into_value();
        text::strftime(vm, format, &time, (&this.tz, &Value::NONE), this.micros)
    }

    /// Formats self with strftime.
    #[method]
    fn __format__(vm: &Vm, this: &Ref<Self>, args: Args<'_>) -> R {
        let [spec] = args.all else {
            let n = args.all.len();
            return Err(vm.type_error(format!("__format__() takes exactly 1 argument ({n} given)")));
        };
        text::format(vm, this.value(), spec)
    }

    /// Return self.tzinfo.utcoffset(self).
    #[method(sig = "()")]
    fn utcoffset(vm: &Vm, this: &Ref<Self>) -> R<Option<Ref<TimeDelta>>> {
        this.offset(vm)
    }

    /// Return self.tzinfo.tzname(self).
    #[method(sig = "()")]
    fn tzname(vm: &Vm, this: &Ref<Self>) -> R {
        offsets::tzname(vm, &this.tz, &Value::NONE)
    }

    /// Return self.tzinfo.dst(self).
    #[method(sig = "()")]
    fn dst(vm: &Vm, this: &Ref<Self>) -> R<Option<Ref<TimeDelta>>> {
        offsets::dst(vm, &this.tz, &Value::NONE)
    }

    /// Return time with new specified fields.
    #[method(sig = "(hour=unchanged, minute=unchanged, second=unchanged, microsecond=unchanged, tzinfo=unchanged, *, fold=unchanged)")]
    fn replace(vm: &Vm, this: &Ref<Self>, args: Args<'_>) -> R {
        replaced(vm, this, args)
    }

    /// The same as replace().
    #[method(sig = "(hour=unchanged, minute=unchanged, second=unchanged, microsecond=unchanged, tzinfo=unchanged, *, fold=unchanged)")]
    fn __replace__(vm: &Vm, this: &Ref<Self>, args: Args<'_>) -> R {
        replaced(vm, this, args)
    }

    /// __reduce_ex__(proto) -> (cls, state)
    #[method(sig = "(proto, /)")]
    fn __reduce_ex__(vm: &Vm, this: &Ref<Self>, proto: &Value) -> R {
        Ok(reduced(this, int::to_i64(vm, proto)? > 3))
    }

    /// __reduce__() -> (cls, state)
    #[method(sig = "()")]
    fn __reduce__(_vm: &Vm, this: &Ref<Self>) -> Value {
        reduced(this, false)
    }

    #[getter]
    fn hour(_vm: &Vm, this: &Ref<Self>) -> u8 {
        this.clock[0]
    }

    #[getter]
    fn minute(_vm: &Vm, this: &Ref<Self>) -> u8 {
        this.clock[1]
    }

    #[getter]
    fn second(_vm: &Vm, this: &Ref<Self>) -> u8 {
        this.clock[2]
    }

    #[getter]
    fn microsecond(_vm: &Vm, this: &Ref<Self>) -> u32 {
        this.micros
    }

    #[getter]
    fn tzinfo(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.tz.clone()
    }

    #[getter]
    fn fold(_vm: &Vm, this: &Ref<Self>) -> u8 {
        this.fold.get()
    }

    #[setup]
    fn setup(ty: &TypeObject) {
        ty.dict.set_str("min", Ref::new(Time::of([0; 4], Value::NONE, 0)));
        ty.dict.set_str("max", Ref::new(Time::of([23, 59, 59, 999_999], Value::NONE, 0)));
        ty.dict.set_str("resolution", Ref::new(TimeDelta::of(0, 0, 1)));
    }
}

fn reduced(this: &Ref<Time>, with_fold: bool) -> Value {
    let state = bytes::from_slice(&this.bytes(with_fold)).into_value();
    let args = if this.tz.is_none() {
        tuple::from_array([state]).into_value()
    } else {
        tuple::from_array([state, this.tz.clone()]).into_value()
    };
    tuple::from_array([this.ty().to_value(), args]).into_value()
}

/// Raises TypeError if a parameter that is given is no str.
pub fn check_str(vm: &Vm, function: &str, n: usize, v: Option<&Value>) -> R<()> {
    match v {
        Some(v) if v.downcast::<Str>().is_none() => {
            let given = if v.is_none() { "None".to_owned() } else { v.ty().tp_name() };
            Err(vm.type_error(format!("{function}() argument {n} must be str, not {given}")))
        }
        _ => Ok(()),
    }
}

/// Writes the tzinfo and the fold of a repr, if there are any, and its end.
pub fn push_repr_end(vm: &Vm, out: &mut StrBuilder, tz: &Value, fold: u8) -> R<()> {
    if !tz.is_none() {
        out.push_str(", tzinfo=");
        if let Some(s) = vm.repr(tz)?.downcast::<Str>() {
            out.push_obj(s);
        }
    }
    if fold != 0 {
        out.push_str(", fold=1");
    }
    out.push_str(")");
    Ok(())
}
