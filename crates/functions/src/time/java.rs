//! Texts of times as two parsers of Java read them that Flink falls back to.

use super::calendar::{Date, days_in_month};
use super::text::fraction_nanos;

/// `2024-2-9 1:4:6[.5]` as `java.sql.Timestamp` reads it, in seconds since the epoch and nanoseconds: blanks around it do not
/// count, and days and hours that are too many go over into the next month or day. A date alone is its midnight.
pub fn jdbc_timestamp(text: &str) -> Option<(i64, i64)> {
    let Some((date, clock)) = text.trim().split_once(' ') else {
        let (year, month, day) = date_parts(text)?;
        let days = i64::from(Date::new(year, month, day)?.to_days());
        return Some((days * 86_400, 0));
    };
    let (year, month, day) = date_parts(date)?;
    let (clock, nanos) = match clock.trim().split_once('.') {
        Some((clock, digits)) => (clock, fraction_nanos(digits)?),
        None => (clock.trim(), 0),
    };
    let [hour, minute, second] = three(clock, ':')?;
    let first = Date::new(year, month, 1)?.to_days();
    let days = i64::from(first) + i64::from(day) - 1;
    let of_day = number(hour, 9)? * 3600 + number(minute, 9)? * 60 + number(second, 9)?;
    Some((days * 86_400 + of_day, nanos))
}

/// `2024-02-29[ 12:34:56[.789]]`, as TO_TIMESTAMP_LTZ reads a text without a format: a day beyond the end of its month is the
/// last one.
pub fn instant(text: &str) -> Option<(i64, i64)> {
    let (date, clock) = text.split_once(' ').map_or((text, None), |(date, clock)| (date, Some(clock)));
    let (year, month, day) = date_parts(date)?;
    let days = i64::from(Date::new(year, month, day.min(days_in_month(year, month)))?.to_days());
    let Some(clock) = clock else { return Some((days * 86_400, 0)) };
    let (clock, nanos) = match clock.split_once('.') {
        Some((clock, digits)) => (clock, fraction_nanos(digits)?),
        None => (clock, 0),
    };
    let [hour, minute, second] = three(clock, ':')?;
    let (hour, minute, second) = (number(hour, 2)?, number(minute, 2)?, number(second, 2)?);
    (hour < 24 && minute < 60 && second < 60).then_some((days * 86_400 + hour * 3600 + minute * 60 + second, nanos))
}

/// Year, month 1 to 12, day 1 to 31.
fn date_parts(text: &str) -> Option<(i32, u32, u32)> {
    let [year, month, day] = three(text, '-')?;
    let year = (year.len() == 4).then(|| number(year, 4))??;
    let (month, day) = (number(month, 2)?, number(day, 2)?);
    let fits = (1..=12).contains(&month) && (1..=31).contains(&day);
    fits.then_some((year as i32, month as u32, day as u32))
}

/// The parts of `text`, if there are three.
fn three(text: &str, between: char) -> Option<[&str; 3]> {
    let mut parts = text.split(between);
    let found = [parts.next()?, parts.next()?, parts.next()?];
    parts.next().is_none().then_some(found)
}

fn number(text: &str, most: usize) -> Option<i64> {
    let plain = !text.is_empty() && text.len() <= most && text.bytes().all(|b| b.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}
