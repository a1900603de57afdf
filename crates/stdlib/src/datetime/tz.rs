//! tzinfo and timezone.

use taipan_macros::{Trace, class};
use taipan_runtime::core::{Payload, R, Ref, StaticType, Value};
use taipan_runtime::native::Args;
use taipan_runtime::types::str::{self, Str, StrBuilder};
use taipan_runtime::types::tuple;
use taipan_runtime::types::type_::{CmpOp, TypeObject};
use taipan_runtime::vm::{Vm, empty_tuple};

use super::args::Params;
use super::datetime::DateTime;
use super::delta::{self, TimeDelta};
use super::offsets::{self, out_of_range};

/// The payload of tzinfo.
#[derive(Trace)]
pub struct TzInfo {
    /// Makes it a payload of its own.
    _mark: u8,
}

fn absent(vm: &Vm, method: &str) -> R {
    Err(vm.not_implemented_error(format!("a tzinfo subclass must implement {method}()")))
}

/// Abstract base class for time zone info objects.
#[class(name = "tzinfo", module = "datetime", flags(BASETYPE))]
impl TzInfo {
    #[slot]
    fn new(_vm: &Vm, cls: &TypeObject, _args: Args<'_>) -> R {
        Ok(Ref::new_of(cls, TzInfo { _mark: 0 }).into_value())
    }

    /// datetime -> string name of time zone.
    #[method(sig = "(object, /)")]
    fn tzname(vm: &Vm, _this: &Ref<Self>, _object: &Value) -> R {
        absent(vm, "tzname")
    }

    /// datetime -> timedelta showing offset from UTC, negative values indicating West of UTC
    #[method(sig = "(object, /)")]
    fn utcoffset(vm: &Vm, _this: &Ref<Self>, _object: &Value) -> R {
        absent(vm, "utcoffset")
    }

    /// datetime -> DST offset as timedelta positive east of UTC.
    #[method(sig = "(object, /)")]
    fn dst(vm: &Vm, _this: &Ref<Self>, _object: &Value) -> R {
        absent(vm, "dst")
    }

    /// datetime in UTC -> datetime in local time.
    #[method(sig = "(object, /)")]
    fn fromutc(vm: &Vm, this: &Ref<Self>, object: &Value) -> R {
        let Some(dt) = object.downcast::<DateTime>() else {
            return Err(vm.type_error("fromutc: argument must be a datetime"));
        };
        if !dt.tz.is(this.value()) {
            return Err(vm.value_error("fromutc: dt.tzinfo is not self"));
        }
        let Some(offset) = offsets::utcoffset(vm, &dt.tz, object)? else {
            return Err(vm.value_error("fromutc: non-None utcoffset() result required"));
        };
        let Some(dst) = offsets::dst(vm, &dt.tz, object)? else {
            return Err(vm.value_error("fromutc: non-None dst() result required"));
        };
        let standard = delta::sum(vm, &offset, &dst, true)?;
        let result = DateTime::shifted(vm, dt, &standard, false)?;
        let dst = match result.downcast::<DateTime>() {
            Some(r) => offsets::dst(vm, &r.tz, &result)?,
            None => Some(dst),
        };
        match dst {
            None => Err(vm.value_error("fromutc: tz.dst() gave inconsistent results; cannot convert")),
            Some(d) if d.is_zero() => Ok(result),
            Some(d) => match result.downcast::<DateTime>() {
                Some(r) => DateTime::shifted(vm, r, &d, false),
                None => Ok(result),
            },
        }
    }

    /// -> (cls, state)
    #[method(sig = "()")]
    fn __reduce__(vm: &Vm, this: &Ref<Self>) -> R {
        let v = this.value();
        let args = match vm.get_attr_str_opt(v, "__getinitargs__")? {
            Some(f) => vm.call(&f, &[])?,
            None => empty_tuple().into_value(),
        };
        let state = vm.call_method(v, "__getstate__", &[])?;
        Ok(tuple::from_array([this.ty().to_value(), args, state]).into_value())
    }
}

/// The payload of timezone.
#[derive(Trace)]
#[repr(C)]
pub struct TimeZone {
    base: TzInfo,
    /// Less than a day in either direction.
    pub offset: Ref<TimeDelta>,
    /// A name that was given.
    name: Option<Value>,
}

/// The class's place.
pub static TIMEZONE: &StaticType = <TimeZone as Payload>::TYPE;

static PARAMS: Params = Params { function: Some("timezone"), names: &["offset", "name"], required: 1, positional: 2, ints: 0 };

/// `timezone.utc`
pub fn utc() -> Value {
    TIMEZONE.get().dict.get_str("utc").unwrap_or(Value::NONE)
}

/// The timezone of an offset and perhaps a name.
///
/// Raises ValueError for an offset of a day or more.
pub fn timezone(vm: &Vm, offset: Ref<TimeDelta>, name: Option<Value>) -> R {
    if name.is_none() && offset.is_zero() {
        return Ok(utc());
    }
    if !offset.within_a_day() {
        return Err(out_of_range(vm, offset.value()));
    }
    Ok(make(offset, name))
}

fn make(offset: Ref<TimeDelta>, name: Option<Value>) -> Value {
    Ref::new(TimeZone { base: TzInfo { _mark: 0 }, offset, name }).into_value()
}

impl TimeZone {
    /// Whether this is `timezone.utc`: all others without offset have a name.
    fn is_utc(&self) -> bool {
        self.name.is_none() && self.offset.is_zero()
    }

    fn shown_name(&self) -> Value {
        if let Some(name) = &self.name {
            return name.clone();
        }
        let mut out = StrBuilder::new();
        out.push_str("UTC");
        if !self.offset.is_zero() {
            offsets::push(&mut out, &self.offset, ":");
        }
        out.finish()
    }
}

/// Raises TypeError for what is neither None nor a datetime.
fn check_moment(vm: &Vm, method: &str, v: &Value) -> R<()> {
    if v.is_none() || v.downcast::<DateTime>().is_some() {
        return Ok(());
    }
    let given = v.ty().tp_name();
    Err(vm.type_error(format!("{method}(dt) argument must be a datetime instance or None, not {given}")))
}

/// Fixed offset from UTC implementation of tzinfo.
#[class(name = "timezone", module = "datetime", base = TzInfo)]
impl TimeZone {
    #[slot]
    fn new(vm: &Vm, _cls: &TypeObject, args: Args<'_>) -> R {
        let [offset, name] = PARAMS.bind::<2>(vm, args)?;
        let none = Value::NONE;
        let offset = offset.unwrap_or(&none);
        let wrong = |i: usize, want: &str, v: &Value| {
            let given = if v.is_none() { "None".to_owned() } else { v.ty().tp_name() };
            vm.type_error(format!("timezone() argument {i} must be {want}, not {given}"))
        };
        let Some(delta) = offset.downcast::<TimeDelta>() else {
            return Err(wrong(1, "datetime.timedelta", offset));
        };
        if let Some(name) = name
            && name.downcast::<Str>().is_none()
        {
            return Err(wrong(2, "str", name));
        }
        timezone(vm, delta.clone(), name.cloned())
    }

    #[slot]
    fn repr(vm: &Vm, this: &Ref<Self>) -> R {
        let ty = this.ty().tp_name();
        if this.is_utc() {
            return Ok(str::from_str("datetime.timezone.utc"));
        }
        let mut out = StrBuilder::new();
        out.push_str(&ty);
        out.push_str("(");
        let offset = vm.repr(this.offset.value())?;
        let name = match &this.name {
            Some(n) => Some(vm.repr(n)?),
            None => None,
        };
        for (i, part) in std::iter::once(offset).chain(name).enumerate() {
            out.push_str(if i > 0 { ", " } else { "" });
            if let Some(s) = part.downcast::<Str>() {
                out.push_obj(s);
            }
        }
        out.push_str(")");
        Ok(out.finish())
    }

    #[slot]
    fn str(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.shown_name()
    }

    #[slot]
    fn hash(vm: &Vm, this: &Ref<Self>) -> R<i64> {
        vm.hash(this.offset.value())
    }

    #[slot]
    fn richcompare(_vm: &Vm, this: &Ref<Self>, other: &Value, op: CmpOp) -> Value {
        match other.downcast::<TimeZone>() {
            Some(other) if matches!(op, CmpOp::Eq | CmpOp::Ne) => {
                Value::bool((this.offset.parts() == other.offset.parts()) == (op == CmpOp::Eq))
            }
            _ => Value::NOT_IMPLEMENTED,
        }
    }

    /// If name is specified when timezone is created, returns the name. Otherwise returns offset as 'UTC(+|-)HH:MM'.
    #[method(sig = "(object, /)")]
    fn tzname(vm: &Vm, this: &Ref<Self>, object: &Value) -> R {
        check_moment(vm, "tzname", object)?;
        Ok(this.shown_name())
    }

    /// Return fixed offset.
    #[method(sig = "(object, /)")]
    fn utcoffset(vm: &Vm, this: &Ref<Self>, object: &Value) -> R {
        check_moment(vm, "utcoffset", object)?;
        Ok(this.offset.clone().into_value())
    }

    /// Return None.
    #[method(sig = "(object, /)")]
    fn dst(vm: &Vm, _this: &Ref<Self>, object: &Value) -> R {
        check_moment(vm, "dst", object)?;
        Ok(Value::NONE)
    }

    /// datetime in UTC -> datetime in local time.
    #[method(sig = "(object, /)")]
    fn fromutc(vm: &Vm, this: &Ref<Self>, object: &Value) -> R {
        let Some(dt) = object.downcast::<DateTime>() else {
            return Err(vm.type_error("fromutc: argument must be a datetime instance"));
        };
        if !dt.tz.is(this.value()) {
            return Err(vm.value_error("fromutc: dt.tzinfo is not self"));
        }
        DateTime::shifted(vm, dt, &this.offset, false)
    }

    /// pickle support
    #[method(sig = "()")]
    fn __getinitargs__(_vm: &Vm, this: &Ref<Self>) -> R {
        let offset = this.offset.clone().into_value();
        Ok(match &this.name {
            Some(name) => tuple::from_array([offset, name.clone()]).into_value(),
            None => tuple::from_array([offset]).into_value(),
        })
    }

    #[setup]
    fn setup(ty: &TypeObject) {
        let minutes = 23 * 60 + 59;
        ty.dict.set_str("utc", make(Ref::new(TimeDelta::of(0, 0, 0)), None));
        ty.dict.set_str("min", make(Ref::new(TimeDelta::of(-1, 86_400 - minutes * 60, 0)), None));
        ty.dict.set_str("max", make(Ref::new(TimeDelta::of(0, minutes * 60, 0)), None));
    }
}

