//! The class datetime.

use taipan_macros::class;
use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::native::Args;
use taipan_runtime::native::bind::{Callee, bind_array};
use taipan_runtime::native::{Param, ParamKind, Signature};
use taipan_runtime::types::str::{self, Str, StrBuilder};
use taipan_runtime::types::type_::{CmpOp, TypeObject};
use taipan_runtime::types::{bytes, exceptions as exc, int, tuple};
use taipan_runtime::vm::Vm;

use super::args::{Params, check_tz, field, field_or, tz_or};
use super::calendar::days_in_month;
use super::date::{DATE, Date, pickle_state, strptime};
use super::datetime::DateTime;
use super::delta::TimeDelta;
use super::offsets;
use super::parse;
use super::text;
use super::time::{Time, check_str, push_repr_end, unchanged};
use super::tz::{TimeZone, TzInfo};
use super::zone;

static PARAMS: Params = Params {
    function: None,
    names: &["year", "month", "day", "hour", "minute", "second", "microsecond", "tzinfo", "fold"],
    required: 3,
    positional: 8, ints: 7,
};

static FROM_TIMESTAMP: Params =
    Params { function: Some("fromtimestamp"), names: &["timestamp", "tz"], required: 1, positional: 2, ints: 0 };

static COMBINE: Params =
    Params { function: Some("combine"), names: &["date", "time", "tzinfo"], required: 2, positional: 3, ints: 0 };

static ASTIMEZONE: Params = Params { function: Some("astimezone"), names: &["tz"], required: 0, positional: 1, ints: 0 };

static ISOFORMAT: Params =
    Params { function: Some("isoformat"), names: &["sep", "timespec"], required: 0, positional: 2, ints: 0 };

static REPLACE: Callee = Callee {
    owner: "",
    name: "replace",
    sig: unchanged!("year" "month" "day" "hour" "minute" "second" "microsecond" "tzinfo"; "fold"),
    constructor: false,
};

fn from_state(vm: &Vm, cls: &TypeObject, state: &[u8], tz: Option<&Value>) -> R {
    let none = Value::NONE;
    let tz = tz.unwrap_or(&none);
    if !tz.is_none() && tz.downcast::<TzInfo>().is_none() {
        return Err(vm.type_error("bad tzinfo state arg"));
    }
    let &[yh, yl, month, day, h, m, s, a, b, c] = state else {
        return Err(vm.type_error("an integer is required"));
    };
    let date = Date { year: u16::from_be_bytes([yh, yl]), month: month & 0x7f, day };
    let new = DateTime::of(date, [h, m, s], u32::from_be_bytes([0, a, b, c]), tz.clone(), month >> 7);
    Ok(Ref::new_of(cls, new).into_value())
}

/// A datetime at a timestamp; in local time if there is no time zone.
fn at(vm: &Vm, cls: &TypeObject, (seconds, micros): (i64, i64), tz: &Value, local: bool) -> R {
    let m = if local { zone::local(vm, seconds)? } else { zone::universal(vm, seconds)? };
    let (year, month, day) = m.date;
    let date = [year.clamp(-1, i64::from(i32::MAX)) as i32, month, day];
    // A leap second counts as the last one before it.
    let clock = [m.clock[0], m.clock[1], m.clock[2].min(59), micros as i32];
    let mut fold = 0;
    if local && tz.is_none() && (1..=9999).contains(&year) {
        let t = zone::seconds(date, [clock[0], clock[1], clock[2]]);
        fold = i32::from(zone::is_second(vm, seconds + zone::EPOCH_SECONDS, t)?);
    }
    DateTime::make(vm, cls, date, clock, tz.clone(), fold)
}

/// As [`at`], with a tzinfo, which then converts from universal time.
fn at_in(vm: &Vm, cls: &TypeObject, moment: (i64, i64), tz: &Value) -> R {
    check_tz(vm, tz)?;
    let dt = at(vm, cls, moment, tz, tz.is_none())?;
    if tz.is_none() {
        return Ok(dt);
    }
    if let (Some(zone), Some(dt)) = (tz.downcast_exact::<TimeZone>(), dt.downcast_exact::<DateTime>()) {
        return DateTime::shifted(vm, dt, &zone.offset, false);
    }
    vm.call_method(tz, "fromutc", &[dt])
}

/// Seconds and microseconds since 1970.
fn now() -> (i64, i64) {
    let n = taipan_host::clock::real();
    (n.div_euclid(1_000_000_000), n.rem_euclid(1_000_000_000) / 1000)
}

fn replaced(vm: &Vm, this: &Ref<DateTime>, args: Args<'_>) -> R {
    let given = bind_array::<9>(vm, &REPLACE, args)?;
    let ([y, mo, d], [h, mi, s, us]) = (this.date.ymd(), this.time_fields());
    let mut fields = [y, mo, d, h, mi, s, us];
    for (slot, v) in fields.iter_mut().zip(given) {
        if let Some(v) = v {
            *slot = field(vm, v)?;
        }
    }
    let tz = tz_or(vm, given[7], &this.tz)?;
    let fold = field_or(vm, given[8], this.fold.get().into())?;
    if !matches!(fold, 0 | 1) {
        return Err(vm.value_error(format!("fold must be either 0 or 1, not {fold}")));
    }
    let [y, mo, d, h, mi, s, us] = fields;
    DateTime::make(vm, this.ty(), [y, mo, d], [h, mi, s, us], tz, fold)
}

fn naive(vm: &Vm, name: &str) -> R<()> {
    vm.warn(
        &exc::DEPRECATION_WARNING,
        &format!(
            "datetime.datetime.{name}() is deprecated and scheduled for removal in a future version. Use timezone-aware \
             objects to represent datetimes in UTC: {}.",
            match name {
                "utcnow" => "datetime.datetime.now(datetime.UTC)",
                _ => "datetime.datetime.fromtimestamp(timestamp, datetime.UTC)",
            }
        ),
        1,
    )
}

/// datetime(year, month, day[, hour[, minute[, second[, microsecond[,tzinfo]]]]])
///
/// The year, month and day arguments are required. tzinfo may be None, or an instance of a tzinfo subclass. The
/// remaining arguments may be ints.
#[class(name = "datetime", module = "datetime", base = Date, flags(BASETYPE))]
impl DateTime {
    #[slot]
    fn new(vm: &Vm, cls: &TypeObject, args: Args<'_>) -> R {
        if let [first, rest @ ..] = args.all
            && rest.len() <= 1
            && args.names.is_empty()
            && let Some(state) = pickle_state(vm, Some(first), 10, 2, |m| (1..=12).contains(&(m & 0x7f)), "datetime")?
        {
            return from_state(vm, cls, &state, rest.first());
        }
        let given = PARAMS.bind::<9>(vm, args)?;
        let mut fields = [0; 7];
        for (slot, v) in fields.iter_mut().zip(given) {
            if let Some(v) = v {
                *slot = field(vm, v)?;
            }
        }
        let fold = field_or(vm, given[8], 0)?;
        let tz = given[7].cloned().unwrap_or(Value::NONE);
        check_tz(vm, &tz)?;
        let [y, mo, d, h, mi, s, us] = fields;
        Ok(Ref::new_of(cls, DateTime::checked(vm, [y, mo, d], [h, mi, s, us], tz, fold)?).into_value())
    }

    #[slot]
    fn repr(vm: &Vm, this: &Ref<Self>) -> R {
        let ([y, mo, d], [h, mi, s, us]) = (this.date.ymd(), this.time_fields());
        let mut out = StrBuilder::new();
        out.push_str(&this.ty().tp_name());
        out.push_str(&format!("({y}, {mo}, {d}, {h}, {mi}"));
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
        vm.call_method(this.value(), "isoformat", &[str::from_str(" ")])
    }

    #[slot]
    fn hash(vm: &Vm, this: &Ref<Self>) -> R<i64> {
        DateTime::hash_of(vm, this)
    }

    #[slot]
    fn richcompare(vm: &Vm, this: &Ref<Self>, other: &Value, op: CmpOp) -> R {
        match other.downcast::<DateTime>() {
            Some(other) => DateTime::compare(vm, this, other, op),
            None => Ok(Value::NOT_IMPLEMENTED),
        }
    }

    #[slot(binary = Add)]
    fn add(vm: &Vm, a: &Value, b: &Value) -> R {
        let (dt, d) = match (a.downcast::<DateTime>(), b.downcast::<DateTime>()) {
            (Some(dt), None) => (dt, b.downcast::<TimeDelta>()),
            (None, Some(dt)) => (dt, a.downcast::<TimeDelta>()),
            _ => return Ok(Value::NOT_IMPLEMENTED),
        };
        match d {
            Some(d) => DateTime::shifted(vm, dt, d, false),
            None => Ok(Value::NOT_IMPLEMENTED),
        }
    }

    #[slot(binary = Sub)]
    fn sub(vm: &Vm, a: &Value, b: &Value) -> R {
        let Some(dt) = a.downcast::<DateTime>() else { return Ok(Value::NOT_IMPLEMENTED) };
        if let Some(other) = b.downcast::<DateTime>() {
            return Ok(DateTime::difference(vm, dt, other)?.into_value());
        }
        match b.downcast::<TimeDelta>() {
            Some(d) => DateTime::shifted(vm, dt, d, true),
            None => Ok(Value::NOT_IMPLEMENTED),
        }
    }

    /// Returns new datetime object representing current time local to tz.
    ///
    ///   tz
    ///     Timezone object.
    ///
    /// If no tz is specified, uses local timezone.
    #[classmethod(sig = "(tz=None)")]
    fn now(vm: &Vm, cls: &TypeObject, tz: &Value) -> R {
        at_in(vm, cls, now(), tz)
    }

    /// Return a new datetime representing UTC day and time.
    #[classmethod(sig = "()")]
    fn utcnow(vm: &Vm, cls: &TypeObject) -> R {
        naive(vm, "utcnow")?;
        at(vm, cls, now(), &Value::NONE, false)
    }

    /// timestamp[, tz] -> tz's local time from POSIX timestamp.
    #[classmethod]
    fn fromtimestamp(vm: &Vm, cls: &TypeObject, args: Args<'_>) -> R {
        let [timestamp, tz] = FROM_TIMESTAMP.bind::<2>(vm, args)?;
        let none = Value::NONE;
    let tz = tz.unwrap_or(&none);
        check_tz(vm, tz)?;
        at_in(vm, cls, zone::timeval(vm, timestamp.unwrap_or(&none))?, tz)
    }

    /// Construct a naive UTC datetime from a POSIX timestamp.
    #[classmethod]
    fn utcfromtimestamp(vm: &Vm, cls: &TypeObject, timestamp: &Value) -> R {
        naive(vm, "utcfromtimestamp")?;
        at(vm, cls, zone::timeval(vm, timestamp)?, &Value::NONE, false)
    }

    /// date, time -> datetime with same date and time fields
    #[classmethod]
    fn combine(vm: &Vm, cls: &TypeObject, args: Args<'_>) -> R {
        let [date, time, tz] = COMBINE.bind::<3>(vm, args)?;
        let none = Value::NONE;
        let (date, time) = (date.unwrap_or(&none), time.unwrap_or(&none));
        let wrong = |n: usize, want: &str, v: &Value| {
            let given = if v.is_none() { "None".to_owned() } else { v.ty().tp_name() };
            vm.type_error(format!("combine() argument {n} must be {want}, not {given}"))
        };
        let Some(d) = date.downcast::<Date>() else { return Err(wrong(1, "datetime.date", date)) };
        let Some(t) = time.downcast::<Time>() else { return Err(wrong(2, "datetime.time", time)) };
        let tz = tz_or(vm, tz, &t.tz)?;
        DateTime::make(vm, cls, d.ymd(), t.fields(), tz, t.fold.get().into())
    }

    /// Construct a date from a string in ISO 8601 format.
    #[classmethod(sig = "(object, /)")]
    fn fromisoformat(vm: &Vm, cls: &TypeObject, object: &Value) -> R {
        let Some(s) = object.downcast::<Str>() else {
            return Err(vm.type_error("fromisoformat: argument must be str"));
        };
        let data = parse::ascii(s);
        let parts = || {
            if data.len() < 7 {
                return None;
            }
            let end = parse::date_end(&data)?;
            let date = parse::date(data.get(..end)?)?;
            let rest = data.get(end + 1..).unwrap_or(&[]);
            // A separator with nothing behind it is no separator.
            if rest.is_empty() {
                return (data.len() == end).then_some((date, None));
            }
            Some((date, Some(parse::time(rest)?)))
        };
        let Some((mut date, time)) = parts() else { return Err(parse::invalid(vm, s)) };
        let Some(t) = time else { return DateTime::make(vm, cls, date, [0; 4], Value::NONE, 0) };
        if t.beyond {
            return Err(vm.value_error("minute, second, and microsecond must be 0 when hour is 24"));
        }
        let [year, month, day] = &mut date;
        if t.next_day && (1..=12).contains(month) && *day <= days_in_month(*year, *month) {
            *day += 1;
            if *day > days_in_month(*year, *month) {
                (*month, *day) = (*month + 1, 1);
            }
            if *month > 12 {
                (*year, *month) = (*year + 1, 1);
            }
        }
        let tz = t.tz(vm)?;
        DateTime::make(vm, cls, date, t.clock, tz, 0)
    }

    /// string, format -> new datetime parsed from a string (like time.strptime()).
    #[classmethod]
    fn strptime(vm: &Vm, cls: &TypeObject, string: &Value, format: &Value) -> R {
        strptime(vm, cls, "_strptime_datetime_datetime", string, format)
    }

    /// Return date object with same year, month and day.
    #[method(sig = "()")]
    fn date(_vm: &Vm, this: &Ref<Self>) -> Ref<Date> {
        debug_assert!(std::ptr::eq(DATE, <Date as taipan_runtime::core::Payload>::TYPE));
        Ref::new(this.date)
    }

    /// Return time object with same time but with tzinfo=None.
    #[method(sig = "()")]
    fn time(_vm: &Vm, this: &Ref<Self>) -> Ref<Time> {
        Ref::new(Time::of(this.time_fields(), Value::NONE, this.fold.get().into()))
    }

    /// Return time object with same time and tzinfo.
    #[method(sig = "()")]
    fn timetz(_vm: &Vm, this: &Ref<Self>) -> Ref<Time> {
        Ref::new(Time::of(this.time_fields(), this.tz.clone(), this.fold.get().into()))
    }

    /// Return ctime() style string.
    #[method(sig = "()")]
    fn ctime(_vm: &Vm, this: &Ref<Self>) -> String {
        text::ctime(this.date.ymd(), this.clock)
    }

    /// Return time tuple, compatible with time.localtime().
    #[method(sig = "()")]
    fn timetuple(vm: &Vm, this: &Ref<Self>) -> R {
        let dst = match offsets::dst(vm, &this.tz, this.value())? {
            None => -1,
            Some(d) => i32::from(!d.is_zero()),
        };
        text::struct_time(vm, this.date.ymd(), this.clock, dst)
    }

    /// Return POSIX timestamp as float.
    #[method(sig = "()")]
    fn timestamp(vm: &Vm, this: &Ref<Self>) -> R<f64> {
        DateTime::timestamp_of(vm, this)
    }

    /// Return UTC time tuple, compatible with time.localtime().
    #[method(sig = "()")]
    fn utctimetuple(vm: &Vm, this: &Ref<Self>) -> R {
        let offset = DateTime::offset(vm, this)?;
        if let Some(offset) = offset.filter(|o| !o.is_zero()) {
            let plain = Ref::new(DateTime::of(this.date, this.clock, this.micros, Value::NONE, 0));
            let universal = DateTime::shifted(vm, &plain, &offset, true)?;
            if let Some(u) = universal.downcast::<DateTime>() {
                return text::struct_time(vm, u.date.ymd(), u.clock, 0);
            }
        }
        text::struct_time(vm, this.date.ymd(), this.clock, 0)
    }

    /// [sep] -> string in ISO 8601 format, YYYY-MM-DDT[HH[:MM[:SS[.mmm[uuu]]]]][+HH:MM].
    ///
    /// sep is used to separate the year from the time, and defaults to 'T'. The optional argument timespec specifies
    /// the number of additional terms of the time to include. Valid options are 'auto', 'hours', 'minutes', 'seconds',
    /// 'milliseconds' and 'microseconds'.
    #[method]
    fn isoformat(vm: &Vm, this: &Ref<Self>, args: Args<'_>) -> R {
        let [sep, timespec] = ISOFORMAT.bind::<2>(vm, args)?;
        let sep = match sep {
            None => u32::from(b'T'),
            Some(v) => separator(vm, v)?,
        };
        check_str(vm, "isoformat", 2, timespec)?;
        let spec = text::timespec(vm, timespec, this.micros)?;
        let mut date = Vec::with_capacity(32);
        text::push_date(&mut date, this.date.year, this.date.month, this.date.day);
        if this.tz.is_none()
            && let Ok(sep) = u8::try_from(sep)
        {
            date.push(sep);
            text::push_time(&mut date, this.clock, this.micros, spec);
            return Ok(str::from_latin1(&date).into_value());
        }
        let mut out = StrBuilder::new();
        out.push_latin1(&date);
        out.push(sep);
        date.clear();
        text::push_time(&mut date, this.clock, this.micros, spec);
        out.push_latin1(&date);
        offsets::push_of(vm, &mut out, &this.tz, this.value(), ":")?;
        Ok(out.finish())
    }

    /// Return self.tzinfo.utcoffset(self).
    #[method(sig = "()")]
    fn utcoffset(vm: &Vm, this: &Ref<Self>) -> R<Option<Ref<TimeDelta>>> {
        DateTime::offset(vm, this)
    }

    /// Return self.tzinfo.tzname(self).
    #[method(sig = "()")]
    fn tzname(vm: &Vm, this: &Ref<Self>) -> R {
        offsets::tzname(vm, &this.tz, this.value())
    }

    /// Return self.tzinfo.dst(self).
    #[method(sig = "()")]
    fn dst(vm: &Vm, this: &Ref<Self>) -> R<Option<Ref<TimeDelta>>> {
        offsets::dst(vm, &this.tz, this.value())
    }

    /// Return datetime with new specified fields.
    #[method(sig = "(year=unchanged, month=unchanged, day=unchanged, hour=unchanged, minute=unchanged, second=unchanged, microsecond=unchanged, tzinfo=unchanged, *, fold=unchanged)")]
    fn replace(vm: &Vm, this: &Ref<Self>, args: Args<'_>) -> R {
        replaced(vm, this, args)
    }

    /// The same as replace().
    #[method(sig = "(year=unchanged, month=unchanged, day=unchanged, hour=unchanged, minute=unchanged, second=unchanged, microsecond=unchanged, tzinfo=unchanged, *, fold=unchanged)")]
    fn __replace__(vm: &Vm, this: &Ref<Self>, args: Args<'_>) -> R {
        replaced(vm, this, args)
    }

    /// tz -> convert to local time in new timezone tz
    #[method]
    fn astimezone(vm: &Vm, this: &Ref<Self>, args: Args<'_>) -> R {
        let [tz] = ASTIMEZONE.bind::<1>(vm, args)?;
        DateTime::in_zone(vm, this, tz.unwrap_or(&Value::NONE))
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
        let min = DateTime::of(Date::of(1, 1, 1), [0; 3], 0, Value::NONE, 0);
        let max = DateTime::of(Date::of(9999, 12, 31), [23, 59, 59], 999_999, Value::NONE, 0);
        ty.dict.set_str("min", Ref::new(min));
        ty.dict.set_str("max", Ref::new(max));
        ty.dict.set_str("resolution", Ref::new(TimeDelta::of(0, 0, 1)));
    }
}

fn reduced(this: &Ref<DateTime>, with_fold: bool) -> Value {
    let state = bytes::from_slice(&this.bytes(with_fold)).into_value();
    let args = if this.tz.is_none() {
        tuple::from_array([state]).into_value()
    } else {
        tuple::from_array([state, this.tz.clone()]).into_value()
    };
    tuple::from_array([this.ty().to_value(), args]).into_value()
}

/// The character between date and time.
fn separator(vm: &Vm, v: &Value) -> R<u32> {
    let wrong = |given: String| {
        vm.type_error(format!("isoformat() argument 1 must be a unicode character, not {given}"))
    };
    match v.downcast::<Str>() {
        Some(s) if s.len() == 1 => Ok(s.char_at(0)),
        Some(s) => Err(wrong(format!("a string of length {}", s.len()))),
        None => Err(wrong(if v.is_none() { "None".to_owned() } else { v.ty().tp_name() })),
    }
}

