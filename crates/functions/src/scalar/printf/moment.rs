//! `%t`: milliseconds since the epoch as parts of a date and time, in UTC and English.

use std::fmt::Write;

use crate::time::calendar::{DAY_MILLIS, DAYS, Date, MONTHS, iso_day_of_week};

/// Appends the part that `suffix` names; None of an unknown one, and of years that a date does not reach.
pub(super) fn part(suffix: char, millis: i64, out: &mut String) -> Option<()> {
    let days = i32::try_from(millis.div_euclid(DAY_MILLIS)).ok()?;
    let (date, of_day) = (Date::from_days(days), millis.rem_euclid(DAY_MILLIS));
    let (hour, half_day) = (of_day / 3_600_000, (of_day / 3_600_000 + 11) % 12 + 1);
    let month = MONTHS.get(date.month as usize - 1)?;
    let day = DAYS.get(iso_day_of_week(days) as usize - 1)?;
    let half = if hour < 12 { "am" } else { "pm" };
    let written = match suffix {
        'H' => write!(out, "{hour:02}"),
        'I' => write!(out, "{half_day:02}"),
        'k' => write!(out, "{hour}"),
        'l' => write!(out, "{half_day}"),
        'M' => write!(out, "{:02}", of_day / 60_000 % 60),
        'S' => write!(out, "{:02}", of_day / 1000 % 60),
        'L' => write!(out, "{:03}", of_day % 1000),
        'N' => write!(out, "{:09}", of_day % 1000 * 1_000_000),
        'p' => out.write_str(half),
        'z' => out.write_str("+0000"),
        'Z' => out.write_str("UTC"),
        's' => write!(out, "{}", millis.div_euclid(1000)),
        'Q' => write!(out, "{millis}"),
        'B' => out.write_str(month),
        'b' | 'h' => out.write_str(month.get(..3)?),
        'A' => out.write_str(day),
        'a' => out.write_str(day.get(..3)?),
        'C' => write!(out, "{:02}", date.year / 100),
        'Y' => write!(out, "{:04}", date.year),
        'y' => write!(out, "{:02}", date.year.rem_euclid(100)),
        'j' => write!(out, "{:03}", date.day_of_year()),
        'm' => write!(out, "{:02}", date.month),
        'd' => write!(out, "{:02}", date.day),
        'e' => write!(out, "{}", date.day),
        _ => return joined(suffix, millis, out),
    };
    written.ok()
}

/// Several parts with signs between them.
fn joined(suffix: char, millis: i64, out: &mut String) -> Option<()> {
    let parts = match suffix {
        'R' => "H:M",
        'T' => "H:M:S",
        'r' => "I:M:S p",
        'D' => "m/d/y",
        'F' => "Y-m-d",
        'c' => "a b d T Z Y",
        _ => return None,
    };
    let start = out.len();
    for sign in parts.chars() {
        if sign.is_ascii_alphabetic() {
            part(sign, millis, out)?;
        } else {
            out.push(sign);
        }
    }
    if suffix == 'r' {
        out[start..].make_ascii_uppercase();
    }
    Some(())
}
