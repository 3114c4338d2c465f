//! A local time as text.

use std::fmt::Write;

use super::Item;
use crate::time::calendar::{DAY_MILLIS, DAYS, Date, MONTHS, iso_day_of_week};
use crate::time::names;
use crate::time::week;

/// What Java says when a pattern wants what a local time does not have.
const NO_ZONE: &str = "Unable to extract ZoneId from temporal";

/// English names of the times of day that letter B stands for, with the first hour of each.
const PERIODS: [(i64, &str); 5] =
    [(6, "at night"), (12, "in the morning"), (18, "in the afternoon"), (21, "in the evening"), (24, "at night")];

/// A local time in parts.
pub struct Moment {
    date: Date,
    days: i32,
    /// Nanoseconds of the day.
    of_day: i64,
}

impl Moment {
    /// Of milliseconds and the nanoseconds below them.
    pub fn new(millis: i64, below: i64) -> Moment {
        let days = millis.div_euclid(DAY_MILLIS) as i32;
        Moment { date: Date::from_days(days), days, of_day: millis.rem_euclid(DAY_MILLIS) * 1_000_000 + below }
    }

    /// Appends the items.
    pub fn write(&self, items: &[Item], out: &mut String) -> Result<(), &'static str> {
        for item in items {
            match item {
                Item::Literal(text) => out.push_str(text),
                Item::Field(letter, count) => self.field(*letter, *count, out)?,
                Item::Padded(width, inner) => {
                    let start = out.len();
                    self.write(std::slice::from_ref(inner.as_ref()), out)?;
                    let missing = width.saturating_sub(out.len() - start);
                    out.insert_str(start, &" ".repeat(missing));
                }
                Item::Optional(inner) => {
                    let start = out.len();
                    if self.write(inner, out).is_err() {
                        out.truncate(start);
                    }
                }
            }
        }
        Ok(())
    }

    fn field(&self, letter: char, count: usize, out: &mut String) -> Result<(), &'static str> {
        let hour = self.of_day / 3_600_000_000_000;
        let year_of_era = if self.date.year > 0 { self.date.year } else { 1 - self.date.year };
        let iso_day = iso_day_of_week(self.days);
        let quarter = self.date.month.div_ceil(3);
        let number = match letter {
            'y' => i64::from(year_of_era),
            'u' => i64::from(self.date.year),
            'Y' => i64::from(self.week().0),
            'Q' | 'q' => i64::from(quarter),
            'M' | 'L' => i64::from(self.date.month),
            'w' => i64::from(self.week().1),
            'W' => week::of_month(i64::from(self.days), self.date.day),
            'd' => i64::from(self.date.day),
            'D' => i64::from(self.date.day_of_year()),
            'F' => i64::from((self.date.day - 1) % 7 + 1),
            'e' | 'c' => i64::from(iso_day % 7 + 1),
            'H' => hour,
            'k' => (hour + 23) % 24 + 1,
            'K' => hour % 12,
            'h' => (hour + 11) % 12 + 1,
            'm' => self.of_day / 60_000_000_000 % 60,
            's' => self.of_day / 1_000_000_000 % 60,
            'A' => self.of_day / 1_000_000,
            'N' => self.of_day,
            'n' | 'S' => self.of_day % 1_000_000_000,
            'O' | 'V' | 'X' | 'Z' | 'v' | 'x' | 'z' => return Err(NO_ZONE),
            _ => 0,
        };
        let era = |ad: &'static str, bc: &'static str| if self.date.year > 0 { ad } else { bc };
        // Writing to a String cannot fail.
        let _ = match (letter, count) {
            ('G', 4) => out.write_str(era("Anno Domini", "Before Christ")),
            ('G', 5) => out.write_str(era("A", "B")),
            ('G', _) => out.write_str(era("AD", "BC")),
            ('y' | 'u' | 'Y', 2) => write!(out, "{:02}", number.rem_euclid(100)),
            ('y' | 'u' | 'Y', 4..) if number >= 10i64.saturating_pow(count as u32) => write!(out, "+{number}"),
            ('Q' | 'q', 3) => write!(out, "Q{quarter}"),
            ('Q' | 'q', 4) => out
                .write_str(["1st", "2nd", "3rd", "4th"].get(quarter as usize - 1).unwrap_or(&""))
                .and_then(|()| out.write_str(" quarter")),
            ('Q' | 'q', 5) => write!(out, "{quarter}"),
            ('M' | 'L', 3) => out.write_str(names::short(&MONTHS, self.date.month as usize, 3)),
            ('M' | 'L', 4) => out.write_str(names::long(&MONTHS, self.date.month as usize)),
            ('M' | 'L', 5) => out.write_str(names::short(&MONTHS, self.date.month as usize, 1)),
            ('E' | 'e' | 'c', 4) => out.write_str(names::long(&DAYS, iso_day as usize)),
            ('E' | 'e' | 'c', 5) => out.write_str(names::short(&DAYS, iso_day as usize, 1)),
            ('E', _) | ('e' | 'c', 3) => out.write_str(names::short(&DAYS, iso_day as usize, 3)),
            ('a', _) => out.write_str(if hour < 12 { "AM" } else { "PM" }),
            ('B', _) => out.write_str(self.period()),
            ('S', _) => write!(out, "{:0count$}", number / 10i64.pow(9u32.saturating_sub(count as u32))),
            _ if number < 0 => write!(out, "-{:0count$}", -number),
            _ => write!(out, "{number:0count$}"),
        };
        Ok(())
    }

    fn week(&self) -> (i32, i32) {
        let first = |year| i64::from(Date { year, month: 1, day: 1 }.to_days());
        week::of_year(i64::from(self.days), self.date.year, first)
    }

    fn period(&self) -> &'static str {
        let hour = self.of_day / 3_600_000_000_000;
        match self.of_day / 60_000_000_000 {
            0 => "midnight",
            720 => "noon",
            _ => PERIODS.iter().find(|(end, _)| hour < *end).map_or("at night", |(_, name)| name),
        }
    }
}
