//! Dates and times as text.

use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::types::str::{self, Str, StrBuilder};
use taipan_runtime::types::tuple;
use taipan_runtime::vm::Vm;

use super::offsets;

/// How exactly a time is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum TimeSpec {
    Hours,
    Minutes,
    Seconds,
    Milliseconds,
    Microseconds,
}

/// What the argument `timespec` says of a time with so many microseconds.
///
/// Raises ValueError for anything unknown, TypeError for what is no str.
pub fn timespec(vm: &Vm, v: Option<&Value>, micros: u32) -> R<TimeSpec> {
    let auto = if micros == 0 { TimeSpec::Seconds } else { TimeSpec::Microseconds };
    let Some(v) = v else { return Ok(auto) };
    let text = v.downcast::<Str>().and_then(|s| s.as_ascii());
    Ok(match text {
        Some("auto") => auto,
        Some("hours") => TimeSpec::Hours,
        Some("minutes") => TimeSpec::Minutes,
        Some("seconds") => TimeSpec::Seconds,
        Some("milliseconds") => TimeSpec::Milliseconds,
        Some("microseconds") => TimeSpec::Microseconds,
        _ => return Err(vm.value_error("Unknown timespec value")),
    })
}

/// Writes a number of two digits.
fn two(out: &mut Vec<u8>, n: u8) {
    out.extend([b'0' + n / 10 % 10, b'0' + n % 10]);
}

/// Writes `YYYY-MM-DD`.
pub fn push_date(out: &mut Vec<u8>, year: u16, month: u8, day: u8) {
    two(out, (year / 100) as u8);
    two(out, (year % 100) as u8);
    out.push(b'-');
    two(out, month);
    out.push(b'-');
    // A day that came out of a damaged pickle may be larger.
    if day > 99 { out.extend(day.to_string().bytes()) } else { two(out, day) }
}

/// Writes a time.
pub fn push_time(out: &mut Vec<u8>, [hour, minute, second]: [u8; 3], micros: u32, spec: TimeSpec) {
    two(out, hour);
    if spec == TimeSpec::Hours {
        return;
    }
    out.push(b':');
    two(out, minute);
    if spec == TimeSpec::Minutes {
        return;
    }
    out.push(b':');
    two(out, second);
    let (n, digits) = match spec {
        TimeSpec::Milliseconds => (micros / 1000, 3),
        TimeSpec::Microseconds => (micros, 6),
        _ => return,
    };
    out.push(b'.');
    out.extend(format!("{n:0digits$}").bytes());
}

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// As C's `ctime`.
pub fn ctime([year, month, day]: [i32; 3], [hour, minute, second]: [u8; 3]) -> String {
    let weekday = super::calendar::weekday(year, month, day) as usize;
    let month = MONTHS.get(month as usize - 1).copied().unwrap_or("");
    format!("{} {month} {day:2} {hour:02}:{minute:02}:{second:02} {year:04}", DAYS[weekday % 7])
}

/// What is shown in place of the escapes that C does not know.
struct Escapes<'a> {
    vm: &'a Vm,
    tz: &'a Value,
    /// What the tzinfo is asked about: a datetime, or None for a time.
    moment: &'a Value,
    micros: u32,
}

impl Escapes<'_> {
    fn offset(&self, out: &mut StrBuilder, separator: &str) -> R<()> {
        offsets::push_of(self.vm, out, self.tz, self.moment, separator)
    }

    fn name(&self, out: &mut StrBuilder) -> R<()> {
        if self.tz.is_none() {
            return Ok(());
        }
        let name = self.vm.call_method(self.tz, "tzname", std::slice::from_ref(self.moment))?;
        if name.is_none() {
            return Ok(());
        }
        let Some(name) = name.downcast::<Str>() else {
            let given = name.ty().tp_name();
            return Err(self.vm.type_error(format!("tzinfo.tzname() must return None or a string, not '{given}'")));
        };
        // strftime will look at it again.
        if !name.is_exact() {
            let marks = [str::from_str("%"), str::from_str("%%")];
            let escaped = self.vm.call_method(name.value(), "replace", &marks)?;
            return match escaped.downcast::<Str>() {
                Some(s) => {
                    out.push_obj(s);
                    Ok(())
                }
                None => Err(self.vm.type_error("tzname.replace() did not return a string")),
            };
        }
        for ch in name.iter() {
            out.push(ch);
            if ch == u32::from(b'%') {
                out.push(ch);
            }
        }
        Ok(())
    }
}

/// `time.strftime` with the escapes that a date or time knows besides; `moment` is what the tzinfo is asked about.
///
/// Raises what the tzinfo and `time.strftime` raise.
pub fn strftime(vm: &Vm, format: &Ref<Str>, timetuple: &Value, (tz, moment): (&Value, &Value), micros: u32) -> R {
    let escapes = Escapes { vm, tz, moment, micros };
    let mut out = StrBuilder::with_capacity(format.len());
    let chars: Vec<u32> = format.iter().collect();
    let is = |i: usize, c: u8| chars.get(i) == Some(&u32::from(c));
    let mut i = 0;
    while let Some(&ch) = chars.get(i) {
        i += 1;
        if ch != u32::from(b'%') {
            out.push(ch);
            continue;
        }
        let Some(&code) = chars.get(i) else {
            out.push(ch);
            break;
        };
        i += 1;
        match u8::try_from(code).unwrap_or(0) {
            b'z' => escapes.offset(&mut out, "")?,
            b':' if is(i, b'z') => {
                i += 1;
                escapes.offset(&mut out, ":")?;
            }
            b'Z' => escapes.name(&mut out)?,
            b'f' => out.push_str(&format!("{:06}", escapes.micros)),
            c @ (b'Y' | b'G' | b'F' | b'C') => push_year(vm, &mut out, c, timetuple)?,
            _ => {
                out.push(ch);
                out.push(code);
            }
        }
    }
    let f = vm.import_attr("time", "strftime")?;
    vm.call(&f, &[out.finish(), timetuple.clone()])
}

/// Years before 1000 get four digits, which not every C library does.
fn push_year(vm: &Vm, out: &mut StrBuilder, code: u8, timetuple: &Value) -> R<()> {
    let item = |i: i32| {
        let v = vm.getitem(timetuple, &Value::small(i))?;
        taipan_runtime::types::int::to_i64(vm, &v)
    };
    let mut year = item(0)?;
    if year >= 1000 {
        out.push_str("%");
        out.push(code.into());
        return Ok(());
    }
    if code == b'G' {
        let f = vm.import_attr("time", "strftime")?;
        let shown = vm.call(&f, &[str::from_str("%G"), timetuple.clone()])?;
        year = vm.str_lossy(&shown).trim().parse().unwrap_or(year);
    }
    match code {
        b'C' => out.push_str(&format!("{:02}", year / 100)),
        b'F' => out.push_str(&format!("{year:04}-{:02}-{:02}", item(1)?, item(2)?)),
        _ => out.push_str(&format!("{year:04}")),
    }
    Ok(())
}

/// `format(object, spec)`
///
/// Raises TypeError if the format is no str, and what `str()` and `strftime` raise.
pub fn format(vm: &Vm, object: &Value, spec: &Value) -> R {
    let Some(s) = spec.downcast::<Str>() else {
        let given = spec.ty().tp_name();
        return Err(vm.type_error(format!("__format__() argument 1 must be str, not {given}")));
    };
    if s.is_empty() {
        return vm.str(object);
    }
    vm.call_method(object, "strftime", std::slice::from_ref(spec))
}

/// A `time.struct_time`.
///
/// Raises what making it raises.
pub fn struct_time(vm: &Vm, [year, month, day]: [i32; 3], [hour, minute, second]: [u8; 3], dst: i32) -> R {
    use super::calendar::{days_before_month, weekday};
    let class = vm.import_attr("time", "struct_time")?;
    let fields = [
        year,
        month,
        day,
        hour.into(),
        minute.into(),
        second.into(),
        weekday(year, month, day),
        days_before_month(year, month) + day,
        dst,
    ];
    vm.call(&class, &[tuple::from_array(fields.map(Value::from)).into_value()])
}
