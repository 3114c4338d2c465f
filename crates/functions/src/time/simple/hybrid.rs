//! java.util.GregorianCalendar: Julian before 1582-10-15.

use crate::time::calendar::Date;
use crate::time::week;

/// 1582-10-15 in days after 1970-01-01.
const CUTOVER: i64 = -141_427;

/// The date of a day after 1970-01-01; years before 1 are 0, -1 and so on.
pub fn date(days: i32) -> Date {
    if i64::from(days) >= CUTOVER { Date::from_days(days) } else { julian_date(i64::from(days)) }
}

/// Days after 1970-01-01 of a day of a month counted from 0; both may lie beyond what year and month have.
pub fn days(year: i32, month: i64, day: i64) -> i64 {
    let year = i64::from(year) + month.div_euclid(12);
    let month = month.rem_euclid(12) as u32 + 1;
    let year = year.clamp(i64::from(i32::MIN) / 2, i64::from(i32::MAX) / 2) as i32;
    let gregorian = i64::from(Date { year, month, day: 1 }.to_days()) + day - 1;
    if gregorian >= CUTOVER { gregorian } else { julian_days(i64::from(year), month) + day - 1 }
}

/// Days after 1970-01-01 of the first day of a month of the Julian calendar.
fn julian_days(year: i64, month: u32) -> i64 {
    let year = year - i64::from(month <= 2);
    let march_month = i64::from((month + 9) % 12);
    // 0000-03-01 of the Julian calendar is two days before that of the Gregorian one.
    365 * year + year.div_euclid(4) + (153 * march_month + 2) / 5 - 719_470
}

fn julian_date(days: i64) -> Date {
    let shifted = days + 719_470;
    let cycle = shifted.div_euclid(1461);
    let day_of_cycle = shifted.rem_euclid(1461);
    let year_of_cycle = (day_of_cycle - day_of_cycle / 1460) / 365;
    let day_of_year = day_of_cycle - 365 * year_of_cycle;
    let march_month = (5 * day_of_year + 2) / 153;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 } as u32;
    let day = (day_of_year - (153 * march_month + 2) / 5 + 1) as u32;
    Date { year: (cycle * 4 + year_of_cycle + i64::from(month <= 2)) as i32, month, day }
}

/// Year of the week of a day, whose date has `year`, and its number in it.
pub fn week(day: i64, year: i32) -> (i32, i32) {
    week::of_year(day, year, |year| days(year, 0, 1))
}

/// The last day not after `days` that is `weekday`.
pub fn on_or_before(days: i64, wanted: i64) -> i64 {
    days - (week::weekday(days) - wanted).rem_euclid(7)
}

/// Sunday is 1 to java.util.Calendar, Monday 1 here.
pub fn calendar_weekday(iso: i64) -> i64 {
    if (1..=7).contains(&iso) { iso % 7 + 1 } else { iso }
}
