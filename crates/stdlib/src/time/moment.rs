//! Broken-down times: `struct_time`, and what is made of it.

use std::ffi::CString;

use taipan_host::calendar::{self, Moment};
use taipan_macros::function;
use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::types::int;
use taipan_runtime::types::str::{Str, StrBuilder};
use taipan_runtime::types::structseq::{self, Spec};
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::vm::Vm;

use super::text;
use crate::timearg::{self, Round};

static CLASS: Spec = Spec {
    name: "time.struct_time",
    doc: "The time value as returned by gmtime(), localtime(), and strptime(), and\n accepted by asctime(), mktime() and strftime().  May be considered as a\n sequence of 9 integers.\n\n Note that several fields' values are not the same as those defined by\n the C language standard for struct tm.  For example, the value of the\n field tm_year is the actual year, not year - 1900.  See individual\n fields' descriptions for details.",
    fields: &[
        ("tm_year", "year, for example, 1993"),
        ("tm_mon", "month of year, range [1, 12]"),
        ("tm_mday", "day of month, range [1, 31]"),
        ("tm_hour", "hours, range [0, 23]"),
        ("tm_min", "minutes, range [0, 59]"),
        ("tm_sec", "seconds, range [0, 61])"),
        ("tm_wday", "day of week, range [0, 6], Monday is 0"),
        ("tm_yday", "day of year, range [1, 366]"),
        ("tm_isdst", "1 if summer time is in effect, 0 if not, and -1 if unknown"),
        ("tm_zone", "abbreviation of timezone name"),
        ("tm_gmtoff", "offset from UTC in seconds"),
    ],
    visible: 9,
    instantiable: true,
};

/// `time.struct_time`
pub fn class(vm: &Vm) -> R {
    vm.interp_static("time.struct_time", |vm| structseq::new_type(vm, &CLASS))
}

fn to_struct(vm: &Vm, m: &Moment) -> R {
    let fields = vec![
        Value::from(m.year),
        Value::from(m.month + 1),
        Value::from(m.day),
        Value::from(m.hour),
        Value::from(m.minute),
        Value::from(m.second),
        Value::from((m.weekday + 6) % 7),
        Value::from(m.day_of_year + 1),
        Value::from(m.summer),
        text(m.zone.as_bytes()),
        Value::from(m.offset),
    ];
    structseq::new_instance(vm, &class(vm)?, fields)
}

fn c_int(vm: &Vm, v: &Value) -> R<i32> {
    let n = int::index(vm, v)?;
    let n = int::get(&n);
    match n.and_then(int::IntRef::to_i64).map(i32::try_from) {
        Some(Ok(n)) => Ok(n),
        _ if n.is_some_and(int::IntRef::is_negative) => Err(vm.overflow_error("signed integer is less than minimum")),
        _ => Err(vm.overflow_error("signed integer is greater than maximum")),
    }
}

/// The time in a tuple or `struct_time`.
///
/// Raises TypeError for anything else, OverflowError for what C can't hold.
fn from_value(vm: &Vm, v: &Value, function: &str) -> R<Moment> {
    let Some(t) = v.downcast::<Tuple>() else { return Err(vm.type_error("Tuple or struct_time argument required")) };
    let items = t.as_slice();
    if items.len() != 9 {
        return Err(vm.type_error(format!("{function}(): illegal time tuple argument")));
    }
    let mut n = [0i32; 9];
    for (slot, item) in n.iter_mut().zip(items) {
        *slot = c_int(vm, item)?;
    }
    let [year, month, day, hour, minute, second, weekday, day_of_year, summer] = n;
    if year < i32::MIN + 1900 {
        return Err(vm.overflow_error("year out of range"));
    }
    let mut m = Moment {
        year: year.into(),
        month: month.wrapping_sub(1),
        day,
        hour,
        minute,
        second,
        weekday: weekday.wrapping_add(1) % 7,
        day_of_year: day_of_year.wrapping_sub(1),
        summer,
        offset: 0,
        zone: CString::default(),
    };
    if class(vm)?.as_type().is_some_and(|t| v.ty().is(t)) {
        let offset = vm.get_attr_str(v, "tm_gmtoff")?;
        if !offset.is_none() {
            m.offset = int::to_i64(vm, &offset)?;
        }
        let zone = vm.get_attr_str(v, "tm_zone")?;
        if let Some(zone) = zone.downcast::<Str>() {
            m.zone = CString::new(zone.to_wtf8()).unwrap_or_default();
        }
    }
    Ok(m)
}

/// Puts fields in order that mean nothing as they are.
///
/// Raises ValueError for those that are out of their ranges.
fn check(vm: &Vm, m: &mut Moment) -> R<()> {
    let fail = |what: &str| Err(vm.value_error(format!("{what} out of range")));
    match m.month {
        -1 => m.month = 0,
        0..=11 => {}
        _ => return fail("month"),
    }
    match m.day {
        0 => m.day = 1,
        1..=31 => {}
        _ => return fail("day of month"),
    }
    if !(0..=23).contains(&m.hour) {
        return fail("hour");
    }
    if !(0..=59).contains(&m.minute) {
        return fail("minute");
    }
    if !(0..=61).contains(&m.second) {
        return fail("seconds");
    }
    if m.weekday < 0 {
        return fail("day of week");
    }
    match m.day_of_year {
        -1 => m.day_of_year = 0,
        0..=365 => {}
        _ => return fail("day of year"),
    }
    Ok(())
}

fn seconds_or_now(vm: &Vm, v: &Value) -> R<i64> {
    if v.is_none() {
        return Ok(taipan_host::clock::real().div_euclid(1_000_000_000));
    }
    timearg::whole(vm, v, Round::Floor)
}

fn local(vm: &Vm, seconds: i64) -> R<Moment> {
    calendar::local(seconds).map_err(|e| vm.os_error(e.0, None))
}

/// Convert seconds since the Epoch to a time tuple expressing UTC (a.k.a. GMT). Without an argument: the current time.
#[function(sig = "(seconds=None, /)")]
pub fn gmtime(vm: &Vm, seconds: &Value) -> R {
    let n = seconds_or_now(vm, seconds)?;
    let mut m = calendar::universal(n).map_err(|e| vm.os_error(e.0, None))?;
    m.zone = c"UTC".to_owned();
    to_struct(vm, &m)
}

/// Convert seconds since the Epoch to a time tuple expressing local time. Without an argument: the current time.
#[function(sig = "(seconds=None, /)")]
pub fn localtime(vm: &Vm, seconds: &Value) -> R {
    let n = seconds_or_now(vm, seconds)?;
    to_struct(vm, &local(vm, n)?)
}

/// Convert a time tuple in local time to seconds since the Epoch.
#[function(sig = "(tuple, /)")]
pub fn mktime(vm: &Vm, tuple: &Value) -> R<f64> {
    let m = from_value(vm, tuple, "mktime")?;
    calendar::seconds(&m).map(|n| n as f64).map_err(|_| vm.overflow_error("mktime argument out of range"))
}

const DAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

fn show(m: &Moment) -> String {
    let day = usize::try_from(m.weekday).ok().and_then(|i| DAYS.get(i)).unwrap_or(&"???");
    let month = usize::try_from(m.month).ok().and_then(|i| MONTHS.get(i)).unwrap_or(&"???");
    format!("{day} {month}{:3} {:02}:{:02}:{:02} {}", m.day, m.hour, m.minute, m.second, m.year)
}

/// Convert a time tuple to a string, e.g. 'Sat Jun 06 16:26:11 1998'. Without an argument: the current local time.
#[function(sig = "(tuple=<unrepresentable>, /)")]
pub fn asctime(vm: &Vm, tuple: Option<&Value>) -> R<String> {
    let m = match tuple {
        Some(t) => {
            let mut m = from_value(vm, t, "asctime")?;
            check(vm, &mut m)?;
            m
        }
        None => local(vm, seconds_or_now(vm, &Value::NONE)?)?,
    };
    Ok(show(&m))
}

/// Convert a time in seconds since the Epoch to a string in local time. Without an argument: the current time.
#[function(sig = "(seconds=None, /)")]
pub fn ctime(vm: &Vm, seconds: &Value) -> R<String> {
    let n = seconds_or_now(vm, seconds)?;
    Ok(show(&local(vm, n)?))
}

/// Convert a time tuple to a string according to a format specification. Without a tuple: the current local time.
#[function(sig = "(format, tuple=<unrepresentable>, /)")]
pub fn strftime(vm: &Vm, format: &Ref<Str>, tuple: Option<&Value>) -> R {
    let mut m = match tuple {
        Some(t) => from_value(vm, t, "strftime")?,
        None => local(vm, seconds_or_now(vm, &Value::NONE)?)?,
    };
    check(vm, &mut m)?;
    // Some C libraries do strange things with other values.
    m.summer = m.summer.clamp(-1, 1);
    let mut out = StrBuilder::new();
    let codes: Vec<u32> = format.iter().collect();
    let mut i = 0;
    while i < codes.len() {
        // The C library sees ASCII only; what lies between is not its business.
        let end = codes[i..].iter().position(|&c| c == 0 || c > 127).map_or(codes.len(), |n| i + n);
        if end > i {
            let part: Vec<u8> = codes[i..end].iter().map(|&c| c as u8).collect();
            let part = CString::new(part).unwrap_or_default();
            let limit = part.as_bytes().len().saturating_mul(256).max(1024);
            let shown = calendar::format(&part, &m, limit).map_err(|e| vm.os_error(e.0, None))?.unwrap_or_default();
            let shown = text(&shown);
            if let Some(s) = shown.downcast::<Str>() {
                for c in s.iter() {
                    out.push(c);
                }
            }
        }
        i = end;
        while i < codes.len() && codes[i] != u32::from(b'%') {
            out.push(codes[i]);
            i += 1;
        }
    }
    Ok(out.finish())
}
