//! Weeks as the United States count them: from Sunday on, and the week with 1 January is the year's first.

use super::calendar::Date;

/// 0 for Sunday to 6 for Saturday.
pub fn weekday(days: i64) -> i64 {
    (days + 4).rem_euclid(7)
}

/// The year that the week of a day of `year` belongs to, and the number of the week. `first` gives the first day of a year.
pub fn of_year(day: i64, year: i32, first: impl Fn(i32) -> i64) -> (i32, i32) {
    if day + 6 - weekday(day) >= first(year + 1) {
        return (year + 1, 1);
    }
    let start = first(year);
    (year, ((day - start + weekday(start)) / 7 + 1) as i32)
}

/// The number of a day's week in its month, of which it is the day `of_month`.
pub fn of_month(day: i64, of_month: u32) -> i64 {
    let first = day - i64::from(of_month) + 1;
    (day - first + weekday(first)) / 7 + 1
}

/// Days after 1970-01-01 of a day of a week; Sunday is 1. None when there is none.
pub fn day(year: i32, week: i32, weekday_from_1: i32) -> Option<i32> {
    let first = Date::new(year, 1, 1)?.to_days();
    let fits = (1..=53).contains(&week) && (1..=7).contains(&weekday_from_1);
    fits.then(|| first - weekday(i64::from(first)) as i32 + 7 * (week - 1) + weekday_from_1 - 1)
}
