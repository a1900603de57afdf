//! Local time by the C library and its time zones.

use crate::{Errno, Result};
use std::ffi::{CStr, CString};

/// A broken-down time, as C has it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Moment {
    /// The year, in full.
    pub year: i64,
    /// 0 to 11.
    pub month: i32,
    /// 1 to 31.
    pub day: i32,
    /// 0 to 23.
    pub hour: i32,
    /// 0 to 59.
    pub minute: i32,
    /// 0 to 60.
    pub second: i32,
    /// 0 to 6, Sunday first.
    pub weekday: i32,
    /// 0 to 365.
    pub day_of_year: i32,
    /// Summer time: positive yes, 0 no, negative unknown.
    pub summer: i32,
    /// Seconds east of Greenwich.
    pub offset: i64,
    /// The zone's short name.
    pub zone: CString,
}

fn from_c(t: &libc::tm) -> Moment {
    let zone = if t.tm_zone.is_null() {
        CString::default()
    } else {
        // SAFETY: the C library points to a name that lives as long as the zone's data.
        unsafe { CStr::from_ptr(t.tm_zone) }.to_owned()
    };
    Moment {
        year: i64::from(t.tm_year) + 1900,
        month: t.tm_mon,
        day: t.tm_mday,
        hour: t.tm_hour,
        minute: t.tm_min,
        second: t.tm_sec,
        weekday: t.tm_wday,
        day_of_year: t.tm_yday,
        summer: t.tm_isdst,
        offset: t.tm_gmtoff,
        zone,
    }
}

/// `EOVERFLOW` where C cannot hold the year.
fn to_c(m: &Moment) -> Result<libc::tm> {
    // SAFETY: numbers and a pointer that may be null.
    let mut t: libc::tm = unsafe { std::mem::zeroed() };
    let year = m.year.checked_sub(1900).and_then(|y| i32::try_from(y).ok());
    t.tm_year = year.ok_or(Errno(libc::EOVERFLOW))?;
    t.tm_mon = m.month;
    t.tm_mday = m.day;
    t.tm_hour = m.hour;
    t.tm_min = m.minute;
    t.tm_sec = m.second;
    t.tm_wday = m.weekday;
    t.tm_yday = m.day_of_year;
    t.tm_isdst = m.summer;
    t.tm_gmtoff = m.offset;
    Ok(t)
}

/// Seconds since 1970 in the local zone.
pub fn local(seconds: i64) -> Result<Moment> {
    // SAFETY: numbers and a pointer that may be null.
    let mut t: libc::tm = unsafe { std::mem::zeroed() };
    // SAFETY: both are there to be read and written.
    if unsafe { libc::localtime_r(&seconds, &mut t) }.is_null() {
        return Err(Errno(libc::EOVERFLOW));
    }
    Ok(from_c(&t))
}

/// Date and time of a [`Moment`] alone.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Fields {
    /// Year, month (1 to 12) and day.
    pub date: (i64, i32, i32),
    /// Hour, minute and second.
    pub clock: [i32; 3],
}

/// Seconds since 1970 in the local zone, without what the zone is called.
pub fn local_fields(seconds: i64) -> Result<Fields> {
    // SAFETY: numbers and a pointer that may be null.
    let mut t: libc::tm = unsafe { std::mem::zeroed() };
    // SAFETY: both are there to be read and written.
    if unsafe { libc::localtime_r(&seconds, &mut t) }.is_null() {
        return Err(Errno(libc::EOVERFLOW));
    }
    Ok(Fields {
        date: (i64::from(t.tm_year) + 1900, t.tm_mon + 1, t.tm_mday),
        clock: [t.tm_hour, t.tm_min, t.tm_sec],
    })
}

/// Seconds since 1970 in universal time.
pub fn universal(seconds: i64) -> Result<Moment> {
    // SAFETY: numbers and a pointer that may be null.
    let mut t: libc::tm = unsafe { std::mem::zeroed() };
    // SAFETY: both are there to be read and written.
    if unsafe { libc::gmtime_r(&seconds, &mut t) }.is_null() {
        return Err(Errno(libc::EOVERFLOW));
    }
    Ok(from_c(&t))
}

/// Seconds since 1970 of a local time, whose fields may be out of their ranges; `EOVERFLOW` where
/// there are none.
pub fn seconds(moment: &Moment) -> Result<i64> {
    let mut t = to_c(moment)?;
    // -1 is a time too; the week day tells whether the call has succeeded.
    t.tm_wday = -1;
    // SAFETY: the structure is there to be read and written.
    let out = unsafe { libc::mktime(&mut t) };
    if out == -1 && t.tm_wday == -1 {
        Err(Errno(libc::EOVERFLOW))
    } else {
        Ok(out)
    }
}

/// Reads the zone anew from the variable `TZ`.
pub fn reload_zone() {
    unsafe extern "C" {
        fn tzset();
    }
    // SAFETY: takes nothing; the C library locks its own data.
    unsafe { tzset() }
}

/// The local zone, as C's variables describe it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Zone {
    /// Seconds west of Greenwich, without summer time.
    pub west: i64,
    /// Whether there ever is summer time.
    pub summer: bool,
    /// The short names without and with summer time.
    pub names: [CString; 2],
}

/// The local zone; [`reload_zone`] reads it.
pub fn zone() -> Zone {
    unsafe extern "C" {
        static timezone: libc::c_long;
        static daylight: libc::c_int;
        static tzname: [*const libc::c_char; 2];
    }
    let text = |p: *const libc::c_char| {
        // SAFETY: the C library points to names that live as long as the zone's data.
        if p.is_null() { CString::default() } else { unsafe { CStr::from_ptr(p) }.to_owned() }
    };
    // SAFETY: variables of the C library, which are set and read by single instructions.
    unsafe { Zone { west: timezone, summer: daylight != 0, names: [text(tzname[0]), text(tzname[1])] } }
}

/// `strftime` of the C library, in its current locale. The format must not be empty and its result
/// not longer than `limit` bytes; `None` where it is, or where there is nothing.
pub fn format(format: &CStr, moment: &Moment, limit: usize) -> Result<Option<Vec<u8>>> {
    let mut t = to_c(moment)?;
    // The C library indexes its names by these; out of range they would lead anywhere.
    if !(0..12).contains(&t.tm_mon) || !(0..7).contains(&t.tm_wday) {
        return Err(Errno(libc::EINVAL));
    }
    t.tm_zone = moment.zone.as_ptr();
    let _one = crate::locale::lock();
    let mut size = 1024.min(limit.max(1));
    loop {
        let mut buffer = vec![0u8; size];
        // SAFETY: the buffer is as long as stated, format and zone are ended by a zero.
        let n = unsafe {
            libc::strftime(
                buffer.as_mut_ptr().cast(),
                buffer.len(),
                format.as_ptr(),
                &t,
            )
        };
        if n > 0 {
            buffer.truncate(n);
            return Ok(Some(buffer));
        }
        // Nothing can mean an empty result or a lack of room.
        if size >= limit || size > 256 * format.to_bytes().len().max(4) {
            return Ok(None);
        }
        size = size.saturating_mul(2).min(limit);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments() {
        let m = universal(86_400).unwrap();
        assert_eq!((m.year, m.month, m.day, m.weekday), (1970, 0, 2, 5));
        let l = local(1_700_000_000).unwrap();
        assert_eq!(seconds(&l), Ok(1_700_000_000));
        assert_eq!(universal(i64::MAX), Err(Errno(libc::EOVERFLOW)));
        assert_eq!(
            format(c"%Y-%m-%d", &m, 1000).unwrap().as_deref(),
            Some(b"1970-01-02".as_slice())
        );
        assert_eq!(format(c"", &m, 100).unwrap(), None);
        let wrong = Moment {
            year: i64::MAX,
            ..m.clone()
        };
        assert_eq!(format(c"%Y", &wrong, 10), Err(Errno(libc::EOVERFLOW)));
        let wrong = Moment { month: 99, ..m };
        assert_eq!(format(c"%B", &wrong, 10), Err(Errno(libc::EINVAL)));
    }
}
