//! Reading and writing dates, times and timestamps as CAST does.

use std::fmt::Write;

use nutkin_types::Moment;

use super::calendar::{DAY_MILLIS, Date};

/// `2020-01-31`. Of a year beyond 9999 only the last four digits are written, as in Flink.
pub fn write_date(days: i32, out: &mut String) {
    let date = Date::from_days(days);
    let year = if date.year > 9999 { date.year % 10_000 } else { date.year };
    // Writing to a String cannot fail.
    let _ = write!(out, "{year:04}-{:02}-{:02}", date.month, date.day);
}

/// `12:34:56`, with `precision` (at most 3) fractional digits.
pub fn write_time(millis: i32, precision: u8, out: &mut String) {
    let seconds = millis / 1000;
    let _ = write!(out, "{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    write_fraction(i64::from(millis % 1000) * 1_000_000, precision.min(3), out);
}

/// `2020-01-31 12:34:56.123` of a local moment, with `precision` fractional digits.
pub fn write_timestamp(local: Moment, precision: u8, out: &mut String) {
    let seconds = local.seconds();
    write_date(seconds.div_euclid(86_400) as i32, out);
    let of_day = seconds.rem_euclid(86_400);
    let _ = write!(out, " {:02}:{:02}:{:02}", of_day / 3600, of_day / 60 % 60, of_day % 60);
    write_fraction(local.nano_of_second(), precision, out);
}

fn write_fraction(nanos: i64, precision: u8, out: &mut String) {
    if precision == 0 {
        return;
    }
    let mut digits = [b'0'; 9];
    let mut rest = nanos;
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    out.push('.');
    out.extend(digits.iter().take(precision as usize).map(|&b| b as char));
}

/// `+1-02`: years and months.
pub fn write_months(months: i32, out: &mut String) {
    let sign = if months < 0 { '-' } else { '+' };
    let months = months.unsigned_abs();
    let _ = write!(out, "{sign}{}-{:02}", months / 12, months % 12);
}

/// `+2 03:04:05.006`: days and time.
pub fn write_millis(millis: i64, out: &mut String) {
    let sign = if millis < 0 { '-' } else { '+' };
    let millis = millis.unsigned_abs();
    let seconds = millis / 1000;
    let (days, of_day) = (seconds / 86_400, seconds % 86_400);
    let _ = write!(
        out,
        "{sign}{days} {:02}:{:02}:{:02}.{:03}",
        of_day / 3600,
        of_day / 60 % 60,
        of_day % 60,
        millis % 1000
    );
}

fn number(text: &str, most: usize) -> Option<u32> {
    let plain = !text.is_empty() && text.len() <= most && text.bytes().all(|b| b.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

/// Days of `2020-1-31`, also with a year or year and month only; None when it is no date.
pub fn parse_date(text: &str) -> Option<i32> {
    let text = text.trim();
    // A time of day after the date is cut off.
    let text = text.split_once(' ').map_or(text, |(date, _)| date);
    let mut parts = text.splitn(3, '-');
    let year = number(parts.next()?, 4)?;
    let month = parts.next().map_or(Some(1), |part| number(part, 2))?;
    let day = parts.next().map_or(Some(1), |part| number(part, 2))?;
    Some(Date::new(year as i32, month, day)?.to_days())
}

/// Nanoseconds of the day of `12:34:56.789`; seconds and minutes may be missing.
pub fn parse_time(text: &str) -> Option<i64> {
    let text = text.trim();
    let (clock, fraction) = match text.split_once('.') {
        Some((clock, fraction)) => (clock, Some(fraction)),
        None => (text, None),
    };
    let mut parts = clock.splitn(3, ':');
    let hour = number(parts.next()?, 2)?;
    let minute = parts.next().map_or(Some(0), |part| number(part, 2))?;
    let second = parts.next().map_or(Some(0), |part| number(part, 2))?;
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let nanos = match fraction {
        None => 0,
        Some(_) if clock.matches(':').count() < 2 => return None,
        Some(digits) => fraction_nanos(digits)?,
    };
    Some(i64::from(hour * 3600 + minute * 60 + second) * 1_000_000_000 + nanos)
}

/// Nanoseconds of the digits after the point.
pub fn fraction_nanos(digits: &str) -> Option<i64> {
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let value: i64 = digits.get(..digits.len().min(9))?.parse().ok()?;
    Some(value * 10i64.pow(9 - digits.len().min(9) as u32))
}

/// A timestamp as seconds since the epoch and nanoseconds of the second: `2020-01-31[ 12:34:56[.789]]`, blank or T
/// between, or a date alone; None when it is none.
pub fn parse_timestamp(text: &str) -> Option<(i64, i64)> {
    let text = text.trim();
    let (date, clock) = match text.find([' ', 'T']) {
        None => (text, None),
        Some(at) => (text.get(..at)?, Some(text.get(at + 1..)?)),
    };
    // A date of a timestamp has all its parts.
    if date.split('-').count() != 3 {
        return None;
    }
    let days = i64::from(parse_date(date)?);
    let nanos = match clock {
        None => 0,
        Some(clock) if clock.contains(':') => parse_time(clock)?,
        Some(_) => return None,
    };
    Some((days * 86_400 + nanos / 1_000_000_000, nanos % 1_000_000_000))
}

/// As [`parse_timestamp`] of a text in a query, where Flink is stricter: a date of four digits of the year, month and day,
/// alone or with one blank and hours, minutes and seconds, nothing around them, and no year 0, though a DATE may have it.
/// A day that the month does not have is its last one, and 24:00:00 the midnight after.
pub fn read_timestamp(text: &str) -> Option<(i64, i64)> {
    let (date, clock) = text.split_once(' ').map_or((text, None), |(date, clock)| (date, Some(clock)));
    let mut parts = date.split('-');
    let year = parts.next().filter(|year| year.len() == 4)?;
    let (year, month, day) = (number(year, 4)?, number(parts.next()?, 2)?, number(parts.next()?, 2)?);
    if year == 0 || day > 31 || parts.next().is_some() {
        return None;
    }
    let last = |day: u32| (28..=day).rev().find_map(|day| Date::new(year as i32, month, day));
    let days = i64::from(Date::new(year as i32, month, day).or_else(|| last(day))?.to_days());
    let nanos = clock.map_or(Some(0), read_clock)?;
    Some((days * 86_400 + nanos / 1_000_000_000, nanos % 1_000_000_000))
}

/// Nanoseconds of `1:2:3[.45]` or `24:00:00`.
fn read_clock(text: &str) -> Option<i64> {
    let (clock, fraction) = text.split_once('.').map_or((text, ""), |(clock, fraction)| (clock, fraction));
    if clock.matches(':').count() != 2 || fraction.len() > 9 {
        return None;
    }
    let nanos = if fraction.is_empty() { 0 } else { fraction_nanos(fraction)? };
    match clock {
        "24:00:00" if nanos == 0 => Some(86_400_000_000_000),
        _ if clock.starts_with(' ') => None,
        _ => Some(parse_time(clock)? + nanos),
    }
}

/// Days and milliseconds of the day of epoch milliseconds.
pub fn split_millis(millis: i64) -> (i32, i32) {
    (millis.div_euclid(DAY_MILLIS) as i32, millis.rem_euclid(DAY_MILLIS) as i32)
}
