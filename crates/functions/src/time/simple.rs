//! Patterns of java.text.SimpleDateFormat, which Flink uses for texts that become texts or numbers: `DATE_FORMAT` of a text,
//! `FROM_UNIXTIME`, `UNIX_TIMESTAMP`, `CONVERT_TZ` and `TO_DATE` with a format. It reads leniently (month 13 is January of
//! the next year), knows zones, weeks begin on Sunday, and days before 1582-10-15 are Julian.

mod fields;
mod hybrid;
mod read;

use std::fmt::Write;

use super::calendar::{DAY_MILLIS, DAYS, MONTHS, iso_day_of_week};
use super::letters::{self, Piece};
use super::names;
use super::week;
use super::zone::TimeZone;

/// A compiled pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SimplePattern {
    pieces: Vec<Piece>,
}

impl SimplePattern {
    /// Errors are Java's words for what is wrong with the pattern.
    pub fn compile(text: &str) -> Result<SimplePattern, String> {
        let mut pieces: Vec<Piece> = Vec::new();
        for piece in letters::pieces(text)? {
            match piece {
                Piece::Field(letter, _) if !"GyYMLwWDdFEuaHkKhmsSzZX".contains(letter) => {
                    return Err(format!("Illegal pattern character '{letter}'"));
                }
                Piece::Field('X', count @ 4..) => return Err(format!("invalid ISO 8601 format: length={count}")),
                other => pieces.push(other),
            }
        }
        Ok(SimplePattern { pieces })
    }

    /// Appends an instant in milliseconds since the epoch as `zone` shows it.
    pub fn format(&self, instant: i64, zone: &TimeZone, out: &mut String) {
        let local = zone.to_local(instant);
        let days = local.div_euclid(DAY_MILLIS) as i32;
        let of_day = local.rem_euclid(DAY_MILLIS);
        let date = hybrid::date(days);
        let hour = of_day / 3_600_000;
        for piece in &self.pieces {
            let (letter, count) = match piece {
                Piece::Literal(text) => {
                    out.push_str(text);
                    continue;
                }
                Piece::Field(letter, count) => (*letter, *count),
                Piece::Sign(c) => {
                    out.push(*c);
                    continue;
                }
            };
            let of_era = |year: i32| i64::from(if year > 0 { year } else { 1 - year });
            let number = match letter {
                'y' => of_era(date.year),
                'Y' => of_era(hybrid::week(i64::from(days), date.year).0),
                'M' | 'L' => i64::from(date.month),
                'w' => i64::from(hybrid::week(i64::from(days), date.year).1),
                'W' => week::of_month(i64::from(days), date.day),
                'D' => i64::from(days) - hybrid::days(date.year, 0, 1) + 1,
                'd' => i64::from(date.day),
                'F' => i64::from((date.day - 1) / 7 + 1),
                'u' => i64::from(iso_day_of_week(days)),
                'H' => hour,
                'k' => (hour + 23) % 24 + 1,
                'K' => hour % 12,
                'h' => (hour + 11) % 12 + 1,
                'm' => of_day / 60_000 % 60,
                's' => of_day / 1000 % 60,
                'S' => of_day % 1000,
                _ => 0,
            };
            // Writing to a String cannot fail.
            let _ = match (letter, count) {
                ('G', _) => out.write_str(if date.year > 0 { "AD" } else { "BC" }),
                ('y' | 'Y', 2) => write!(out, "{:02}", number % 100),
                ('M' | 'L', 3) => out.write_str(names::short(&MONTHS, date.month as usize, 3)),
                ('M' | 'L', 4..) => out.write_str(names::long(&MONTHS, date.month as usize)),
                ('E', 4..) => out.write_str(names::long(&DAYS, iso_day_of_week(days) as usize)),
                ('E', _) => out.write_str(names::short(&DAYS, iso_day_of_week(days) as usize, 3)),
                ('a', _) => out.write_str(if hour < 12 { "AM" } else { "PM" }),
                ('z', _) => write_zone(zone, instant, count >= 4, out),
                ('Z', _) => write_offset(zone.offset_seconds(instant), 2, out),
                ('X', _) if zone.offset_seconds(instant) == 0 => out.write_str("Z"),
                ('X', count) => write_offset(zone.offset_seconds(instant), count, out),
                _ => write!(out, "{number:0count$}"),
            };
        }
    }

    /// The instant of a text in milliseconds since the epoch, without a zone of its own in `zone`; None when it does not match.
    /// What follows the last field does not count. `now` (milliseconds since the epoch) decides the century of a year of
    /// two digits: from 80 years before it.
    pub fn parse(&self, text: &str, zone: &TimeZone, now: i64) -> Option<i64> {
        read::read(&self.pieces, text, zone, now)
    }
}

/// `+01`, `+0100`, `+01:00` for forms 1, 2 and 3.
fn write_offset(seconds: i32, form: usize, out: &mut String) -> std::fmt::Result {
    let sign = if seconds < 0 { '-' } else { '+' };
    let (hours, minutes) = (seconds.abs() / 3600, seconds.abs() / 60 % 60);
    match form {
        1 => write!(out, "{sign}{hours:02}"),
        2 => write!(out, "{sign}{hours:02}{minutes:02}"),
        _ => write!(out, "{sign}{hours:02}:{minutes:02}"),
    }
}

/// The zone's name at an instant; one without a name is written `GMT-03:30`.
fn write_zone(zone: &TimeZone, instant: i64, long: bool, out: &mut String) -> std::fmt::Result {
    let known = zone.abbreviation(instant).filter(|name| name.bytes().all(|b| b.is_ascii_alphabetic()));
    match known.as_deref().and_then(|name| if long { names::zone_name(name) } else { Some(name) }) {
        Some(name) => out.write_str(name),
        None => {
            out.push_str("GMT");
            write_offset(zone.offset_seconds(instant), 3, out)
        }
    }
}
