//! ISO 8601 texts.
//!
//! All text is looked at as bytes; a character that is not ASCII (only the one between date and time may be) stands
//! there as 0xff.

use std::borrow::Cow;

use taipan_runtime::core::{R, Raised, Ref, Value};
use taipan_runtime::types::str::Str;
use taipan_runtime::vm::Vm;

use super::calendar::from_iso;
use super::delta;
use super::tz;

/// A text as bytes.
pub fn ascii(s: &Str) -> Cow<'_, [u8]> {
    match s.as_ascii() {
        Some(s) => Cow::Borrowed(s.as_bytes()),
        None => s.iter().map(|c| if c < 0x80 { c as u8 } else { 0xff }).collect(),
    }
}

/// Raises the ValueError for what is no ISO text.
#[cold]
pub fn invalid(vm: &Vm, s: &Ref<Str>) -> Raised {
    match vm.repr_string(s.value()) {
        Ok(shown) => vm.value_error(format!("Invalid isoformat string: {shown}")),
        Err(r) => r,
    }
}

/// A number of exactly so many digits at the start of `s`, which is then behind it.
fn number(s: &mut &[u8], digits: usize) -> Option<i32> {
    let (head, rest) = s.split_at_checked(digits)?;
    let mut n = 0;
    for d in head {
        n = n * 10 + i32::from(d.is_ascii_digit().then(|| d - b'0')?);
    }
    *s = rest;
    Some(n)
}

/// Skips a character if it is there.
fn skip(s: &mut &[u8], c: u8) -> bool {
    match s.split_first() {
        Some((first, rest)) if *first == c => {
            *s = rest;
            true
        }
        _ => false,
    }
}

/// Year, month and day of a whole text. They need not be in range.
pub fn date(mut s: &[u8]) -> Option<[i32; 3]> {
    if !matches!(s.len(), 7 | 8 | 10) {
        return None;
    }
    let s = &mut s;
    let year = number(s, 4)?;
    let dashes = skip(s, b'-');
    let found = if skip(s, b'W') {
        let week = number(s, 2)?;
        let day = if s.is_empty() {
            1
        } else {
            if skip(s, b'-') != dashes {
                return None;
            }
            number(s, 1)?
        };
        let (year, month, day) = from_iso(year, week, day).ok()?;
        [year as i32, month, day]
    } else {
        let month = number(s, 2)?;
        if skip(s, b'-') != dashes {
            return None;
        }
        [year, month, number(s, 2)?]
    };
    s.is_empty().then_some(found)
}

/// Hours, minutes, seconds and microseconds of a whole text.
fn clock(mut s: &[u8]) -> Option<[i32; 4]> {
    let s = &mut s;
    let mut out = [0; 4];
    let mut colons = false;
    for (i, part) in out.iter_mut().take(3).enumerate() {
        *part = number(s, 2)?;
        let Some(&next) = s.first() else { return Some(out) };
        if i == 0 {
            colons = next == b':';
        }
        if i == 2 {
            break;
        }
        if colons != (next == b':') {
            return None;
        }
        skip(s, b':');
    }
    // Without colons the fraction may follow the seconds at once: CPython reads that too.
    if !skip(s, b'.') && !skip(s, b',') && colons {
        return None;
    }
    if s.is_empty() || !s.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let n = s.len().min(6);
    out[3] = number(s, n)? * 10i32.pow(6 - n as u32);
    Some(out)
}

/// A time of day.
pub struct Time {
    /// Hour, minute, second, microsecond.
    pub clock: [i32; 4],
    /// The offset's sign and parts, if there is one.
    offset: Option<(i64, [i32; 4])>,
    /// It was 24 o'clock, the beginning of the next day.
    pub next_day: bool,
    /// It was 24 o'clock and more.
    pub beyond: bool,
}

impl Time {
    /// The time zone, or None.
    ///
    /// Raises ValueError for an offset of a day or more.
    pub fn tz(&self, vm: &Vm) -> R {
        let Some((sign, [h, m, s, us])) = self.offset else { return Ok(Value::NONE) };
        let seconds = i64::from(h) * 3600 + i64::from(m) * 60 + i64::from(s);
        if seconds == 0 && us == 0 {
            return Ok(tz::utc());
        }
        tz::timezone(vm, delta::new(vm, 0, sign * seconds, sign * i64::from(us))?, None)
    }
}

/// The time of day in a whole text.
pub fn time(s: &[u8]) -> Option<Time> {
    let zone = s.iter().position(|c| matches!(c, b'+' | b'-' | b'Z'));
    let (time, zone) = match zone {
        Some(i) => (&s[..i], Some((s[i], &s[i + 1..]))),
        None => (s, None),
    };
    let mut clock_parts = clock(time)?;
    let offset = match zone {
        None => None,
        Some((b'Z', rest)) => rest.is_empty().then_some(Some((1, [0; 4])))?,
        Some((sign, rest)) => Some((if sign == b'-' { -1 } else { 1 }, clock(rest)?)),
    };
    let midnight = clock_parts[0] == 24;
    let next_day = midnight && clock_parts[1..] == [0; 3];
    if next_day {
        clock_parts[0] = 0;
    }
    Some(Time { clock: clock_parts, offset, next_day, beyond: midnight && !next_day })
}

/// Where the date of a text with date and time ends.
pub fn date_end(s: &[u8]) -> Option<usize> {
    if s.len() == 7 {
        return Some(7);
    }
    let at = |i: usize| s.get(i).copied();
    if at(4)? == b'-' {
        if at(5)? != b'W' {
            return Some(10);
        }
        if s.len() < 8 {
            return None;
        }
        if at(8) == Some(b'-') {
            if s.len() == 9 {
                return None;
            }
            // YYYY-Www-## may be a day and a separator that is a digit, or a separator that is a hyphen and an hour;
            // the latter is far more likely.
            return Some(if at(10).is_some_and(|c| c.is_ascii_digit()) { 8 } else { 10 });
        }
        return Some(8);
    }
    if at(4)? != b'W' {
        return Some(8);
    }
    let digits = s.get(7..).unwrap_or(&[]).iter().take_while(|c| c.is_ascii_digit()).count();
    let end = 7 + digits;
    Some(match end {
        ..9 => end,
        _ if end % 2 == 0 => 7,
        _ => 8,
    })
}
