//! Weeks as the United States count them: from Sunday on, and the week with 1 January is the year's first.

use super::calendar::Date;

/// 0 for Sunday to 6 for Saturday.
fn weekday(days: i32) -> i32 {
    (days.wrapping_add(4)).rem_euclid(7)
}

/// The year a day's week belongs to, and the number of the week.
pub fn of_year(days: i32) -> (i32, i32) {
    let year = Date::from_days(days).year;
    let first = |year| Date { year, month: 1, day: 1 }.to_days();
    if days + 6 - weekday(days) >= first(year + 1) {
        return (year + 1, 1);
    }
    (year, (days - first(year) + weekday(first(year))) / 7 + 1)
}

/// The number of a day's week in its month.
pub fn of_month(days: i32) -> i32 {
    let day = Date::from_days(days).day as i32;
    (day - 1 + weekday(days - day + 1)) / 7 + 1
}

/// Days after 1970-01-01 of a day of a week; Sunday is 1. None when there is none.
pub fn day(year: i32, week: i32, weekday_from_1: i32) -> Option<i32> {
    let first = Date::new(year, 1, 1)?.to_days();
    let fits = (1..=53).contains(&week) && (1..=7).contains(&weekday_from_1);
    fits.then(|| first - weekday(first) + 7 * (week - 1) + weekday_from_1 - 1)
}
