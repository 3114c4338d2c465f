//! `%t`: milliseconds since the epoch as parts of a date and time, in UTC and English.

use crate::time::calendar::{DAY_MILLIS, DAYS, Date, MONTHS, iso_day_of_week};

/// The part that `suffix` names; None of an unknown one, and of years that a date does not reach.
pub(super) fn part(suffix: char, millis: i64) -> Option<String> {
    let days = i32::try_from(millis.div_euclid(DAY_MILLIS)).ok()?;
    let (date, of_day) = (Date::from_days(days), millis.rem_euclid(DAY_MILLIS));
    let (hour, half_day) = (of_day / 3_600_000, (of_day / 3_600_000 + 11) % 12 + 1);
    let month = MONTHS.get(date.month as usize - 1)?;
    let day = DAYS.get(iso_day_of_week(days) as usize - 1)?;
    let joined = |pattern: &str| {
        let parts = pattern
            .chars()
            .map(|sign| if sign.is_ascii_alphabetic() { part(sign, millis) } else { Some(sign.to_string()) });
        parts.collect::<Option<String>>()
    };
    Some(match suffix {
        'H' => format!("{hour:02}"),
        'I' => format!("{half_day:02}"),
        'k' => hour.to_string(),
        'l' => half_day.to_string(),
        'M' => format!("{:02}", of_day / 60_000 % 60),
        'S' => format!("{:02}", of_day / 1000 % 60),
        'L' => format!("{:03}", of_day % 1000),
        'N' => format!("{:09}", of_day % 1000 * 1_000_000),
        'p' => if hour < 12 { "am" } else { "pm" }.to_owned(),
        'z' => "+0000".to_owned(),
        'Z' => "UTC".to_owned(),
        's' => millis.div_euclid(1000).to_string(),
        'Q' => millis.to_string(),
        'B' => (*month).to_owned(),
        'b' | 'h' => month.get(..3)?.to_owned(),
        'A' => (*day).to_owned(),
        'a' => day.get(..3)?.to_owned(),
        'C' => format!("{:02}", date.year / 100),
        'Y' => format!("{:04}", date.year),
        'y' => format!("{:02}", date.year.rem_euclid(100)),
        'j' => format!("{:03}", date.day_of_year()),
        'm' => format!("{:02}", date.month),
        'd' => format!("{:02}", date.day),
        'e' => date.day.to_string(),
        'R' => joined("H:M")?,
        'T' => joined("H:M:S")?,
        'r' => format!("{} {}", joined("I:M:S")?, part('p', millis)?.to_uppercase()),
        'D' => joined("m/d/y")?,
        'F' => joined("Y-m-d")?,
        'c' => joined("a b d T Z Y")?,
        _ => return None,
    })
}
