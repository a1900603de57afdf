//! The proleptic Gregorian calendar: years, months, days, ordinals (1 is the first of January of the year 1), weeks.

/// The first year.
pub const MIN_YEAR: i32 = 1;
/// The last year.
pub const MAX_YEAR: i32 = 9999;
/// The last day of the last year.
pub const MAX_ORDINAL: i64 = 3_652_059;
/// The ordinal of the first of January 1970.
pub const EPOCH: i64 = 719_163;

/// Whether a year has 366 days.
pub fn is_leap(year: i32) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// The days of a month; 31 for what is no month.
pub fn days_in_month(year: i32, month: i32) -> i32 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// The days of a year before a month.
pub fn days_before_month(year: i32, month: i32) -> i32 {
    const BEFORE: [i32; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
    let before = usize::try_from(month - 1).ok().and_then(|i| BEFORE.get(i)).copied().unwrap_or(0);
    before + i32::from(month > 2 && is_leap(year))
}

/// The ordinal of a day; days beyond the end of the month run on.
pub fn ordinal(year: i32, month: i32, day: i32) -> i64 {
    let y = i64::from(year) - 1;
    let before = y * 365 + y.div_euclid(4) - y.div_euclid(100) + y.div_euclid(400);
    before + i64::from(days_before_month(year, month)) + i64::from(day)
}

/// Year, month and day of an ordinal.
pub fn from_ordinal(ordinal: i64) -> (i64, i32, i32) {
    // Counted in years that begin with March, in cycles of 400 years; day 0 is the first of March of the year 0.
    let n = ordinal + 305;
    let cycle = n.div_euclid(146_097);
    let day = n.rem_euclid(146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let in_year = day - (365 * year + year / 4 - year / 100);
    let month = (5 * in_year + 2) / 153;
    let in_month = in_year - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    (cycle * 400 + year + next, month as i32, in_month as i32)
}

/// The day of the week, 0 for Monday.
pub fn weekday(year: i32, month: i32, day: i32) -> i32 {
    (ordinal(year, month, day) + 6).rem_euclid(7) as i32
}

/// The ordinal of the Monday that begins the first ISO week of a year: the one with the first Thursday.
fn first_monday(year: i32) -> i64 {
    let first = ordinal(year, 1, 1);
    let day = (first + 6).rem_euclid(7);
    let monday = first - day;
    if day > 3 { monday + 7 } else { monday }
}

/// ISO year, week and day of the week (1 is Monday) of a day.
pub fn iso_calendar(year: i32, month: i32, day: i32) -> (i32, i32, i32) {
    let today = ordinal(year, month, day);
    let mut year = year;
    let mut since = today - first_monday(year);
    if since < 0 {
        year -= 1;
        since = today - first_monday(year);
    } else if since >= 52 * 7 && today >= first_monday(year + 1) {
        year += 1;
        since = today - first_monday(year);
    }
    (year, (since / 7 + 1) as i32, (since % 7 + 1) as i32)
}

/// What is wrong with an ISO date.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WrongIso {
    /// The year is out of range.
    Year,
    /// The year has no such week.
    Week,
    /// The week has no such day.
    Day,
}

/// Year, month and day of an ISO date.
pub fn from_iso(year: i32, week: i32, day: i32) -> Result<(i64, i32, i32), WrongIso> {
    if !(MIN_YEAR..=MAX_YEAR).contains(&year) {
        return Err(WrongIso::Year);
    }
    if !(1..=53).contains(&week) {
        return Err(WrongIso::Week);
    }
    if week == 53 && first_monday(year + 1) - first_monday(year) < 53 * 7 {
        return Err(WrongIso::Week);
    }
    if !(1..=7).contains(&day) {
        return Err(WrongIso::Day);
    }
    Ok(from_ordinal(first_monday(year) + i64::from((week - 1) * 7 + day - 1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinals() {
        assert_eq!(ordinal(1, 1, 1), 1);
        assert_eq!(ordinal(1970, 1, 1), EPOCH);
        assert_eq!(ordinal(9999, 12, 31), MAX_ORDINAL);
        let (mut y, mut m, mut d) = (1, 1, 1);
        for n in 1..=MAX_ORDINAL {
            assert_eq!(from_ordinal(n), (i64::from(y), m, d));
            d += 1;
            if d > days_in_month(y, m) {
                (m, d) = (m + 1, 1);
                if m > 12 {
                    (y, m) = (y + 1, 1);
                }
            }
        }
    }

    #[test]
    fn weeks() {
        for n in (1..=MAX_ORDINAL).step_by(13) {
            let (y, m, d) = from_ordinal(n);
            let (iy, w, wd) = iso_calendar(y as i32, m, d);
            if iy >= 1 {
                assert_eq!(from_iso(iy, w, wd), Ok((y, m, d)));
            }
        }
        assert_eq!(iso_calendar(2021, 1, 3), (2020, 53, 7));
        assert_eq!(from_iso(2021, 53, 1), Err(WrongIso::Week));
    }
}
