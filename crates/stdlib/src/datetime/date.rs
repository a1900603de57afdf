//! date.

use taipan_macros::{Trace, class};
use taipan_runtime::core::{Payload, R, Raised, Ref, StaticType, Value};
use taipan_runtime::native::Args;
use taipan_runtime::native::bind::{Callee, bind_array};
use taipan_runtime::native::{Param, ParamKind, Signature};
use taipan_runtime::types::bytes;
use taipan_runtime::types::str::{self, Str};
use taipan_runtime::types::tuple;
use taipan_runtime::types::type_::{CmpOp, TypeObject};
use taipan_runtime::vm::{Vm, hash_bytes};

use super::args::{Params, check_date, field};
use super::calendar::{self, MAX_ORDINAL, WrongIso};
use super::datetime::{DATETIME, DateTime};
use super::delta::{self, TimeDelta};
use super::iso_calendar::IsoCalendarDate;
use super::parse;
use super::text;
use super::zone;

/// The payload of date.
#[derive(Trace, Clone, Copy, PartialEq, Eq)]
#[repr(C)]
pub struct Date {
    /// 1 to 9999
    pub year: u16,
    /// 1 to 12
    pub month: u8,
    /// 1 to 31
    pub day: u8,
}

/// The class's place.
pub static DATE: &StaticType = <Date as Payload>::TYPE;

static PARAMS: Params =
    Params { function: None, names: &["year", "month", "day"], required: 3, positional: 3, ints: 3 };

/// Pickles of Python 2 come as text.
#[cold]
pub fn not_latin1(vm: &Vm, what: &str) -> Raised {
    vm.value_error(format!(
        "Failed to encode latin1 string when unpickling a {what} object. pickle.load(data, encoding='latin1') is \
         assumed."
    ))
}

/// The state of a pickle of `len` bytes, if `v` is one whose byte `at` is in order.
///
/// Raises ValueError for text that is no bytes.
pub fn pickle_state(vm: &Vm, v: Option<&Value>, len: usize, at: usize, sane: impl Fn(u32) -> bool, what: &str) -> R<Option<Vec<u8>>> {
    let Some(v) = v else { return Ok(None) };
    if let Some(b) = bytes::get(v) {
        let found = b.len() == len && b.get(at).is_some_and(|c| sane(u32::from(*c)));
        return Ok(found.then(|| b.to_vec()));
    }
    let Some(s) = v.downcast::<Str>() else { return Ok(None) };
    if s.len() != len || !sane(s.char_at(at)) {
        return Ok(None);
    }
    let state: Option<Vec<u8>> = s.iter().map(|c| u8::try_from(c).ok()).collect();
    state.map(Some).ok_or_else(|| not_latin1(vm, what))
}

impl Date {
    /// A payload; the fields are in range.
    pub fn of(year: i32, month: i32, day: i32) -> Self {
        Self { year: year as u16, month: month as u8, day: day as u8 }
    }

    /// Year, month and day.
    pub fn ymd(&self) -> [i32; 3] {
        [self.year.into(), self.month.into(), self.day.into()]
    }

    /// The ordinal.
    pub fn ordinal(&self) -> i64 {
        calendar::ordinal(self.year.into(), self.month.into(), self.day.into())
    }

    /// The day so many days from here.
    ///
    /// Raises OverflowError.
    #[inline]
    pub fn moved(&self, vm: &Vm, days: i64) -> R<[i32; 3]> {
        let [year, month, day] = self.ymd();
        // Every month has these days.
        if let day @ 1..=28 = i64::from(day) + days {
            return Ok([year, month, day as i32]);
        }
        let ordinal = self.ordinal() + days;
        if !(1..=MAX_ORDINAL).contains(&ordinal) {
            return Err(vm.overflow_error("date value out of range"));
        }
        let (year, month, day) = calendar::from_ordinal(ordinal);
        Ok([year as i32, month, day])
    }

    fn bytes(&self) -> [u8; 4] {
        let [high, low] = self.year.to_be_bytes();
        [high, low, self.month, self.day]
    }
}

/// A date of a class that derives from date.
///
/// Raises ValueError, and what a subclass raises.
pub fn make(vm: &Vm, cls: &TypeObject, year: i32, month: i32, day: i32) -> R {
    if cls.is(DATE.get()) {
        check_date(vm, year, month, day)?;
        return Ok(Ref::new(Date::of(year, month, day)).into_value());
    }
    if cls.is(DATETIME.get()) {
        return DateTime::make(vm, cls, [year, month, day], [0; 4], Value::NONE, 0);
    }
    vm.call(&cls.to_value(), &[Value::from(year), Value::from(month), Value::from(day)])
}

/// A date so many days from another one, of its class.
///
/// Raises OverflowError, and what a subclass raises.
fn moved(vm: &Vm, date: &Ref<Date>, days: i64) -> R {
    let [year, month, day] = date.moved(vm, days)?;
    if date.is_exact() {
        return Ok(Ref::new(Date::of(year, month, day)).into_value());
    }
    make(vm, date.ty(), year, month, day)
}

/// A date that is no datetime.
fn plain(v: &Value) -> Option<&Ref<Date>> {
    v.downcast::<Date>().filter(|_| v.downcast::<DateTime>().is_none())
}

static REPLACE: Callee = Callee {
    owner: "",
    name: "replace",
    sig: Signature {
        params: &[
            Param { name: "year", kind: ParamKind::Any, optional: true },
            Param { name: "month", kind: ParamKind::Any, optional: true },
            Param { name: "day", kind: ParamKind::Any, optional: true },
        ],
    },
    constructor: false,
};

fn replaced(vm: &Vm, this: &Ref<Date>, args: Args<'_>) -> R {
    let given = bind_array::<3>(vm, &REPLACE, args)?;
    let mut fields = this.ymd();
    for (slot, v) in fields.iter_mut().zip(given) {
        if let Some(v) = v {
            *slot = field(vm, v)?;
        }
    }
    make(vm, this.ty(), fields[0], fields[1], fields[2])
}

/// `_strptime` of a class.
///
/// Raises what it raises.
pub fn strptime(vm: &Vm, cls: &TypeObject, function: &str, string: &Value, format: &Value) -> R {
    for (i, v) in [string, format].into_iter().enumerate() {
        if v.downcast::<Str>().is_none() {
            let given = v.ty().tp_name();
            return Err(vm.type_error(format!("strptime() argument {} must be str, not {given}", i + 1)));
        }
    }
    let f = vm.import_attr("_strptime", function)?;
    vm.call(&f, &[cls.to_value(), string.clone(), format.clone()])
}

/// date(year, month, day) --> date object
#[class(name = "date", module = "datetime", flags(BASETYPE))]
impl Date {
    #[slot]
    fn new(vm: &Vm, cls: &TypeObject, args: Args<'_>) -> R {
        if let [v] = args.all
            && let Some(s) = pickle_state(vm, Some(v), 4, 2, |m| (1..=12).contains(&m), "date")?
            && let [high, low, month, day] = s[..]
        {
            return Ok(Ref::new_of(cls, Date { year: u16::from_be_bytes([high, low]), month, day }).into_value());
        }
        let [year, month, day] = PARAMS.bind::<3>(vm, args)?.map(|v| match v {
            Some(v) => field(vm, v),
            None => Ok(0),
        });
        let (year, month, day) = (year?, month?, day?);
        check_date(vm, year, month, day)?;
        Ok(Ref::new_of(cls, Date::of(year, month, day)).into_value())
    }

    #[slot]
    fn repr(_vm: &Vm, this: &Ref<Self>) -> String {
        format!("{}({}, {}, {})", this.ty().tp_name(), this.year, this.month, this.day)
    }

    #[slot]
    fn str(vm: &Vm, this: &Ref<Self>) -> R {
        vm.call_method(this.value(), "isoformat", &[])
    }

    #[slot]
    fn hash(_vm: &Vm, this: &Ref<Self>) -> i64 {
        hash_bytes(&this.bytes())
    }

    #[slot]
    fn richcompare(_vm: &Vm, this: &Ref<Self>, other: &Value, op: CmpOp) -> Value {
        // A datetime is a date too, but the two are not compared.
        match plain(other) {
            Some(other) if this.value().downcast::<DateTime>().is_none() => {
                Value::bool(op.matches(this.ymd().cmp(&other.ymd())))
            }
            _ => Value::NOT_IMPLEMENTED,
        }
    }

    #[slot(binary = Add)]
    fn add(vm: &Vm, a: &Value, b: &Value) -> R {
        let (date, d) = match (plain(a), plain(b)) {
            (Some(date), None) => (date, b.downcast::<TimeDelta>()),
            (None, Some(date)) => (date, a.downcast::<TimeDelta>()),
            _ => return Ok(Value::NOT_IMPLEMENTED),
        };
        match d {
            Some(d) => moved(vm, date, i64::from(d.days)),
            None => Ok(Value::NOT_IMPLEMENTED),
        }
    }

    #[slot(binary = Sub)]
    fn sub(vm: &Vm, a: &Value, b: &Value) -> R {
        let Some(date) = plain(a) else { return Ok(Value::NOT_IMPLEMENTED) };
        if let Some(other) = plain(b) {
            return Ok(delta::new(vm, date.ordinal() - other.ordinal(), 0, 0)?.into_value());
        }
        match b.downcast::<TimeDelta>() {
            Some(d) => moved(vm, date, -i64::from(d.days)),
            None => Ok(Value::NOT_IMPLEMENTED),
        }
    }

    /// Create a date from a POSIX timestamp.
    ///
    /// The timestamp is a number, e.g. created via time.time(), that is interpreted as local time.
    #[classmethod(sig = "(timestamp, /)")]
    fn fromtimestamp(vm: &Vm, cls: &TypeObject, timestamp: &Value) -> R {
        let (seconds, _) = zone::timeval(vm, timestamp)?;
        let (year, month, day) = zone::local(vm, seconds)?.date;
        make(vm, cls, year.clamp(-1, i64::from(i32::MAX)) as i32, month, day)
    }

    /// int -> date corresponding to a proleptic Gregorian ordinal.
    #[classmethod]
    fn fromordinal(vm: &Vm, cls: &TypeObject, ordinal: &Value) -> R {
        let ordinal = field(vm, ordinal)?;
        if ordinal < 1 {
            return Err(vm.value_error("ordinal must be >= 1"));
        }
        let (year, month, day) = calendar::from_ordinal(ordinal.into());
        make(vm, cls, year as i32, month, day)
    }

    /// Construct a date from a string in ISO 8601 format.
    #[classmethod(sig = "(object, /)")]
    fn fromisoformat(vm: &Vm, cls: &TypeObject, object: &Value) -> R {
        let Some(s) = object.downcast::<Str>() else {
            return Err(vm.type_error("fromisoformat: argument must be str"));
        };
        match parse::date(parse::ascii(s).as_ref()) {
            Some([year, month, day]) => make(vm, cls, year, month, day),
            None => Err(parse::invalid(vm, s)),
        }
    }

    /// int, int, int -> Construct a date from the ISO year, week number and weekday.
    ///
    /// This is the inverse of the function date.isocalendar()
    #[classmethod(sig = "(year, week, day)")]
    fn fromisocalendar(vm: &Vm, cls: &TypeObject, year: &Value, week: &Value, day: &Value) -> R {
        let parts = || -> R<_> { Ok((field(vm, year)?, field(vm, week)?, field(vm, day)?)) };
        let (year, week, day) = parts().map_err(|r| {
            if !vm.raised_is(&taipan_runtime::types::exceptions::OVERFLOW_ERROR) {
                return r;
            }
            drop(vm.catch(r));
            vm.value_error("ISO calendar component out of range")
        })?;
        match calendar::from_iso(year, week, day) {
            Ok((year, month, day)) => make(vm, cls, year as i32, month, day),
            Err(WrongIso::Year) => Err(vm.value_error(format!("year must be in 1..9999, not {year}"))),
            Err(WrongIso::Week) => Err(vm.value_error(format!("Invalid week: {week}"))),
            Err(WrongIso::Day) => Err(vm.value_error(format!("Invalid weekday: {day} (range is [1, 7])"))),
        }
    }

    /// string, format -> new date parsed from a string (like time.strptime()).
    #[classmethod]
    fn strptime(vm: &Vm, cls: &TypeObject, string: &Value, format: &Value) -> R {
        strptime(vm, cls, "_strptime_datetime_date", string, format)
    }

    /// Current date or datetime.
    ///
    /// Equivalent to fromtimestamp(time.time()).
    #[classmethod(sig = "()")]
    fn today(vm: &Vm, cls: &TypeObject) -> R {
        if cls.is(DATE.get()) {
            let (year, month, day) = zone::local(vm, taipan_host::clock::real().div_euclid(1_000_000_000))?.date;
            return make(vm, cls, year as i32, month, day);
        }
        let f = vm.import_attr("time", "time")?;
        let now = vm.call(&f, &[])?;
        vm.call_method(&cls.to_value(), "fromtimestamp", &[now])
    }

    /// Return ctime() style string.
    #[method(sig = "()")]
    fn ctime(_vm: &Vm, this: &Ref<Self>) -> String {
        text::ctime(this.ymd(), [0; 3])
    }

    /// format -> strftime() style string.
    #[method(sig = "(format)")]
    fn strftime(vm: &Vm, this: &Ref<Self>, format: &Value) -> R {
        let Some(format) = format.downcast::<Str>() else {
            let given = format.ty().tp_name();
            return Err(vm.type_error(format!("strftime() argument 1 must be str, not {given}")));
        };
        let v = this.value();
        let time = vm.call_method(v, "timetuple", &[])?;
        match v.downcast::<DateTime>() {
            Some(dt) => text::strftime(vm, format, &time, (&dt.tz, v), dt.micros),
            None => text::strftime(vm, format, &time, (&Value::NONE, v), 0),
        }
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

    /// Return string in ISO 8601 format, YYYY-MM-DD.
    #[method(sig = "()")]
    fn isoformat(_vm: &Vm, this: &Ref<Self>) -> Ref<Str> {
        let mut out = Vec::with_capacity(10);
        text::push_date(&mut out, this.year, this.month, this.day);
        str::from_latin1(&out)
    }

    /// Return the day of the week represented by the date.
    ///
    /// Monday == 1 ... Sunday == 7
    #[method(sig = "()")]
    fn isoweekday(_vm: &Vm, this: &Ref<Self>) -> i32 {
        let [year, month, day] = this.ymd();
        calendar::weekday(year, month, day) + 1
    }

    /// Return a named tuple containing ISO year, week number, and weekday.
    #[method(sig = "()")]
    fn isocalendar(_vm: &Vm, this: &Ref<Self>) -> Value {
        let [year, month, day] = this.ymd();
        let (year, week, day) = calendar::iso_calendar(year, month, day);
        IsoCalendarDate::make([year, week, day].map(Value::from))
    }

    /// Return proleptic Gregorian ordinal.
    ///
    /// January 1 of year 1 is day 1.
    #[method(sig = "()")]
    fn toordinal(_vm: &Vm, this: &Ref<Self>) -> i64 {
        this.ordinal()
    }

    /// Return the day of the week represented by the date.
    ///
    /// Monday == 0 ... Sunday == 6
    #[method(sig = "()")]
    fn weekday(_vm: &Vm, this: &Ref<Self>) -> i32 {
        let [year, month, day] = this.ymd();
        calendar::weekday(year, month, day)
    }

    /// Return time tuple, compatible with time.localtime().
    #[method(sig = "()")]
    fn timetuple(vm: &Vm, this: &Ref<Self>) -> R {
        text::struct_time(vm, this.ymd(), [0; 3], -1)
    }

    /// Return date with new specified fields.
    #[method(sig = "(year=unchanged, month=unchanged, day=unchanged)")]
    fn replace(vm: &Vm, this: &Ref<Self>, args: Args<'_>) -> R {
        replaced(vm, this, args)
    }

    /// The same as replace().
    #[method(sig = "(year=unchanged, month=unchanged, day=unchanged)")]
    fn __replace__(vm: &Vm, this: &Ref<Self>, args: Args<'_>) -> R {
        replaced(vm, this, args)
    }

    /// __reduce__() -> (cls, state)
    #[method(sig = "()")]
    fn __reduce__(_vm: &Vm, this: &Ref<Self>) -> R {
        let state = bytes::from_slice(&this.bytes()).into_value();
        let args = tuple::from_array([state]).into_value();
        Ok(tuple::from_array([this.ty().to_value(), args]).into_value())
    }

    #[getter]
    fn year(_vm: &Vm, this: &Ref<Self>) -> u16 {
        this.year
    }

    #[getter]
    fn month(_vm: &Vm, this: &Ref<Self>) -> u8 {
        this.month
    }

    #[getter]
    fn day(_vm: &Vm, this: &Ref<Self>) -> u8 {
        this.day
    }

    #[setup]
    fn setup(ty: &TypeObject) {
        ty.dict.set_str("min", Ref::new(Date::of(1, 1, 1)));
        ty.dict.set_str("max", Ref::new(Date::of(9999, 12, 31)));
        ty.dict.set_str("resolution", Ref::new(TimeDelta::of(1, 0, 0)));
    }
}
