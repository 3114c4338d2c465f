//! A text as a local time.

use super::Item;
use crate::time::calendar::{DAYS, Date, MONTHS, days_in_month};
use crate::time::names;
use crate::time::week;
use crate::time::zone::TimeZone;

/// See [`super::Pattern::parse`].
pub fn read(items: &[Item], text: &str) -> Option<(i64, i64)> {
    let mut fields = Fields { year: 1970, month: 1, day: 1, ..Fields::default() };
    if fields.items(items, text)?.is_empty() { fields.finish() } else { None }
}

#[derive(Clone, Default)]
struct Fields {
    year: i32,
    /// Of the era: 1 - year before it.
    before_christ: bool,
    month: u32,
    day: u32,
    day_of_year: Option<i32>,
    /// Year, number and day (Sunday is 1) of a week.
    week_year: Option<i32>,
    week: Option<i32>,
    week_day: Option<i32>,
    hour: i64,
    half_hour: Option<i64>,
    afternoon: Option<bool>,
    minute: i64,
    second: i64,
    nanos: i64,
    of_day: Option<i64>,
}

impl Fields {
    /// Reads the items from the front of `text` and returns what follows.
    fn items<'a>(&mut self, items: &[Item], text: &'a str) -> Option<&'a str> {
        let mut rest = text;
        for (i, item) in items.iter().enumerate() {
            rest = match item {
                Item::Literal(literal) => rest.strip_prefix(literal.as_str())?,
                Item::Optional(inner) => {
                    let before = self.clone();
                    match self.items(inner, rest) {
                        Some(after) => after,
                        None => {
                            *self = before;
                            rest
                        }
                    }
                }
                Item::Padded(width, inner) => {
                    let (padded, after) = rest.split_at_checked(*width)?;
                    let left = self.items(std::slice::from_ref(inner.as_ref()), padded.trim_start_matches(' '))?;
                    if !left.is_empty() {
                        return None;
                    }
                    after
                }
                Item::Field(letter, count) => {
                    let adjacent = matches!(items.get(i + 1), Some(Item::Field(_, _)));
                    self.field(*letter, *count, adjacent, rest)?
                }
            };
        }
        Some(rest)
    }

    fn field<'a>(&mut self, letter: char, count: usize, adjacent: bool, text: &'a str) -> Option<&'a str> {
        let named = |names: &'static [&'static str]| {
            let length = match count {
                3 => 3,
                4 => usize::MAX,
                _ => 1,
            };
            names::starting(names, text, length, |a, b| a == b)
        };
        match (letter, count) {
            ('M' | 'L', 3..) => {
                let (at, length) = named(&MONTHS)?;
                self.month = at as u32;
                return text.get(length..);
            }
            ('E', 1..=3) => return text.get(names::starting(&DAYS, text, 3, |a, b| a == b)?.1..),
            ('E', _) | ('e' | 'c', 3..) => return text.get(named(&DAYS)?.1..),
            ('a', _) => {
                self.afternoon = Some(match text.get(..2)? {
                    "AM" => false,
                    "PM" => true,
                    _ => return None,
                });
                return text.get(2..);
            }
            ('G', 1..=3) => {
                self.before_christ = match text.get(..2)? {
                    "AD" => false,
                    "BC" => true,
                    _ => return None,
                };
                return text.get(2..);
            }
            ('O' | 'V' | 'X' | 'Z' | 'v' | 'x' | 'z', _) => return zone(letter, text),
            _ => {}
        }
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let most = match letter {
            _ if adjacent || letter == 'S' => count,
            'y' | 'u' | 'Y' => count.max(4),
            'D' => 3,
            'A' | 'n' | 'N' => 19,
            _ => 2.max(count),
        };
        let taken = digits.min(most);
        // One letter admits a single digit, more letters want as many digits.
        if taken == 0 || (taken < count && (count > 1 || letter == 'S')) {
            return None;
        }
        let (number_text, rest) = text.split_at(taken);
        let number: i64 = number_text.parse().ok()?;
        let year = || if count == 2 { 2000 + number as i32 } else { number as i32 };
        match letter {
            'y' | 'u' => self.year = year(),
            'Y' => self.week_year = Some(year()),
            'w' => self.week = Some(number as i32),
            'e' | 'c' => self.week_day = Some(number as i32),
            'M' | 'L' => self.month = number as u32,
            'd' => self.day = number as u32,
            'D' => self.day_of_year = Some(number as i32),
            'H' => self.hour = number,
            'k' => self.hour = number % 24,
            'K' => self.half_hour = Some(number),
            'h' => self.half_hour = Some(number % 12),
            'm' => self.minute = number,
            's' => self.second = number,
            'S' => self.nanos = number.checked_mul(10i64.pow(9u32.saturating_sub(taken as u32)))?,
            'n' => self.nanos = number,
            'A' => self.of_day = Some(number.checked_mul(1_000_000)?),
            'N' => self.of_day = Some(number),
            _ => return None,
        }
        Some(rest)
    }

    fn finish(self) -> Option<(i64, i64)> {
        let year = if self.before_christ { 1 - self.year } else { self.year };
        let days = match (self.week_year, self.day_of_year) {
            (Some(year), _) => week::day(year, self.week?, self.week_day?)?,
            (None, Some(day)) => Date::new(year, 1, 1)?.to_days() + day - 1,
            (None, None) => {
                // A day beyond the end of its month is the last one.
                let day = if self.day <= 31 { self.day.min(days_in_month(year, self.month)) } else { self.day };
                Date::new(year, self.month, day)?.to_days()
            }
        };
        if let Some(of_day) = self.of_day.filter(|nanos| (0..86_400_000_000_000).contains(nanos)) {
            return Some((i64::from(days) * 86_400 + of_day / 1_000_000_000, of_day % 1_000_000_000));
        }
        let hour = match self.half_hour {
            Some(half) => half + if self.afternoon == Some(true) { 12 } else { 0 },
            None => self.hour,
        };
        // 24:00 is the end of the day to Java, and Flink takes the day and the time for themselves.
        let hour = if hour == 24 && self.minute == 0 && self.second == 0 && self.nanos == 0 { 0 } else { hour };
        let valid = (0..24).contains(&hour) && (0..60).contains(&self.minute) && (0..60).contains(&self.second);
        let seconds = i64::from(days) * 86_400 + hour * 3600 + self.minute * 60 + self.second;
        valid.then_some((seconds, self.nanos))
    }
}

/// What follows a time zone: an offset, `Z` for the letter X, or for z and V a name.
fn zone(letter: char, text: &str) -> Option<&str> {
    if letter == 'X' && text.starts_with('Z') {
        return text.get(1..);
    }
    let end = text.find([' ', ',', ']', ')']).unwrap_or(text.len());
    let name = text.get(..end)?;
    let known = match letter {
        'X' | 'x' | 'Z' => name.starts_with(['+', '-']) && TimeZone::parse(name).is_ok(),
        'O' => name.starts_with("GMT") && TimeZone::parse(name).is_ok(),
        _ => TimeZone::parse(name).is_ok() || names::zone(name).is_some_and(|(_, length)| length == name.len()),
    };
    if known { text.get(end..) } else { None }
}
