//! Dates and times as text: SQL (`2024-05-01 12:30:00.123`) and ISO 8601 (`2024-05-01T12:30:00.123Z`) forms.

use nutkin_types::Moment;

/// Days since 1970-01-01 of a date of the proleptic Gregorian calendar.
pub(crate) fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// Year, month and day of a day since 1970-01-01.
pub(crate) fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day_of_year - (153 * shifted + 2) / 5 + 1)
}

/// `yyyy-MM-dd` of a day since 1970-01-01.
pub(crate) fn date_text(days: i64) -> String {
    let (year, month, day) = civil_from_days(days);
    format!("{year:04}-{month:02}-{day:02}")
}

/// `digits` digits at the start of `text`, and the rest.
fn digits(text: &[u8], count: usize) -> Option<(i64, &[u8])> {
    let (head, rest) = text.split_at_checked(count)?;
    let mut value = 0;
    for byte in head {
        if !byte.is_ascii_digit() {
            return None;
        }
        value = value * 10 + i64::from(byte - b'0');
    }
    Some((value, rest))
}

fn expect(text: &[u8], byte: u8) -> Option<&[u8]> {
    text.strip_prefix(&[byte])
}

fn date_prefix(text: &[u8]) -> Option<(i64, &[u8])> {
    let (year, rest) = digits(text, 4)?;
    let (month, rest) = digits(expect(rest, b'-')?, 2)?;
    let (day, rest) = digits(expect(rest, b'-')?, 2)?;
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => return None,
    };
    (1..=last).contains(&day).then(|| (days_from_civil(year, month, day), rest))
}

/// Nanoseconds of the day. Seconds may be left out, as ISO 8601 allows.
fn time_prefix(text: &[u8]) -> Option<(i64, &[u8])> {
    let (hour, rest) = digits(text, 2)?;
    let (minute, mut rest) = digits(expect(rest, b':')?, 2)?;
    let (mut second, mut nanos) = (0, 0);
    if let Some(after) = expect(rest, b':') {
        (second, rest) = digits(after, 2)?;
        if let Some(fraction) = expect(rest, b'.') {
            let length = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
            if !(1..=9).contains(&length) {
                return None;
            }
            let (value, after) = digits(fraction, length)?;
            nanos = value * 10i64.pow(9 - length as u32);
            rest = after;
        }
    }
    let valid = hour < 24 && minute < 60 && second < 60;
    valid.then(|| (((hour * 60 + minute) * 60 + second) * 1_000_000_000 + nanos, rest))
}

/// Days of `yyyy-MM-dd`.
pub(crate) fn parse_date(text: &[u8]) -> Option<i32> {
    match date_prefix(text)? {
        (days, []) => i32::try_from(days).ok(),
        _ => None,
    }
}

/// Milliseconds of the day of `HH:mm:ss[.fraction]`, with or without a final `Z`.
pub(crate) fn parse_time(text: &[u8]) -> Option<i32> {
    match time_prefix(text)? {
        (nanos, [] | b"Z") => i32::try_from(nanos / 1_000_000).ok(),
        _ => None,
    }
}

/// The moment of a date and time joined by a blank or `T`. A final `Z` is taken; an
/// offset such as `+02:00` only for an instant.
pub(crate) fn parse_timestamp(text: &[u8], instant: bool) -> Option<Moment> {
    let (days, rest) = date_prefix(text)?;
    let (nanos, rest) = time_prefix(rest.strip_prefix(b" ").or_else(|| rest.strip_prefix(b"T"))?)?;
    let offset = match rest {
        [] | b"Z" => 0,
        [sign @ (b'+' | b'-'), rest @ ..] if instant => {
            let (hours, rest) = digits(rest, 2)?;
            let (minutes, rest) = digits(rest.strip_prefix(b":").unwrap_or(rest), 2)?;
            if !rest.is_empty() || hours > 18 || minutes > 59 {
                return None;
            }
            let seconds = (hours * 60 + minutes) * 60;
            if *sign == b'-' { -seconds } else { seconds }
        }
        _ => return None,
    };
    let seconds = days * 86_400 + nanos / 1_000_000_000 - offset;
    Moment::of_seconds(seconds, nanos % 1_000_000_000)
}
