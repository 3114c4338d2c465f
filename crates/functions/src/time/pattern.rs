//! Date and time patterns of `DATE_FORMAT`, `TO_TIMESTAMP` and their kin: the letters of java.time's DateTimeFormatter
//! that are in use: y u M d D H h k K m s S a E n, quotes, and plain characters.
//!
//! A pattern is compiled once into items; formatting and parsing walk the items.

use super::calendar::{DAY_MILLIS, DAYS, Date, MONTHS, iso_day_of_week};
use super::text::to_ticks;

#[derive(Debug, Clone, PartialEq, Eq)]
enum Item {
    /// A letter and how often it stands there.
    Field(char, usize),
    Literal(String),
}

/// A compiled pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    items: Vec<Item>,
}

impl Pattern {
    /// None for a pattern with letters that are not known or an open quote.
    pub fn compile(text: &str) -> Option<Pattern> {
        let mut items = Vec::new();
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            if c == '\'' {
                let mut literal = String::new();
                if chars.peek() == Some(&'\'') {
                    chars.next();
                    literal.push('\'');
                } else {
                    loop {
                        match chars.next()? {
                            '\'' if chars.peek() == Some(&'\'') => {
                                chars.next();
                                literal.push('\'');
                            }
                            '\'' => break,
                            other => literal.push(other),
                        }
                    }
                }
                items.push(Item::Literal(literal));
            } else if c.is_ascii_alphabetic() {
                let mut count = 1;
                while chars.peek() == Some(&c) {
                    chars.next();
                    count += 1;
                }
                if !"yuMLdDHhkKmsSaEnN".contains(c) {
                    return None;
                }
                items.push(Item::Field(c, count));
            } else {
                match items.last_mut() {
                    Some(Item::Literal(literal)) => literal.push(c),
                    _ => items.push(Item::Literal(c.to_string())),
                }
            }
        }
        Some(Pattern { items })
    }

    /// Appends local milliseconds and the nanoseconds below them.
    pub fn format(&self, millis: i64, below: i64, out: &mut String) {
        use std::fmt::Write;
        let days = millis.div_euclid(DAY_MILLIS) as i32;
        let of_day = millis.rem_euclid(DAY_MILLIS);
        let date = Date::from_days(days);
        let (hour, minute, second) = (of_day / 3_600_000, of_day / 60_000 % 60, of_day / 1000 % 60);
        let nanos = of_day % 1000 * 1_000_000 + below;
        for item in &self.items {
            let Item::Field(letter, count) = item else {
                if let Item::Literal(literal) = item {
                    out.push_str(literal);
                }
                continue;
            };
            let number = match letter {
                'y' | 'u' if *count == 2 => i64::from(date.year.rem_euclid(100)),
                'y' | 'u' => i64::from(date.year),
                'M' | 'L' => i64::from(date.month),
                'd' => i64::from(date.day),
                'D' => i64::from(date.day_of_year()),
                'H' => hour,
                'k' => (hour + 23) % 24 + 1,
                'K' => hour % 12,
                'h' => (hour + 11) % 12 + 1,
                'm' => minute,
                's' => second,
                'n' => nanos,
                'N' => of_day * 1_000_000 + below,
                _ => 0,
            };
            // Writing to a String cannot fail.
            let _ = match (letter, count) {
                ('M' | 'L', 3) => write!(out, "{}", short(name(&MONTHS, date.month as usize), 3)),
                ('M' | 'L', 4..) => write!(out, "{}", name(&MONTHS, date.month as usize)),
                ('E', 4..) => write!(out, "{}", name(&DAYS, iso_day_of_week(days) as usize)),
                ('E', _) => write!(out, "{}", short(name(&DAYS, iso_day_of_week(days) as usize), 3)),
                ('a', _) => write!(out, "{}", if hour < 12 { "AM" } else { "PM" }),
                ('S', count) => {
                    let digits = format!("{nanos:09}");
                    write!(
                        out,
                        "{}{}",
                        digits.get(..(*count).min(9)).unwrap_or(&digits),
                        "0".repeat(count.saturating_sub(9))
                    )
                }
                _ => write!(out, "{number:0width$}", width = *count),
            };
        }
    }

    /// Seconds since the epoch and nanoseconds of the second, local; None when the text does not match. What the pattern
    /// does not mention is 1970-01-01 00:00:00; text after the last field does not count.
    pub fn parse(&self, text: &str) -> Option<(i64, i64)> {
        let mut fields = Fields { year: 1970, month: 1, day: 1, ..Fields::default() };
        let mut rest = text;
        for (i, item) in self.items.iter().enumerate() {
            match item {
                Item::Literal(literal) => rest = rest.strip_prefix(literal.as_str())?,
                Item::Field(letter, count) => {
                    let adjacent = matches!(self.items.get(i + 1), Some(Item::Field(_, _)));
                    rest = fields.read(*letter, *count, adjacent, rest)?;
                }
            }
        }
        fields.finish()
    }

    /// As [`Pattern::parse`], in ticks.
    pub fn parse_ticks(&self, text: &str, per_second: i64) -> Option<i64> {
        to_ticks(self.parse(text)?, per_second)
    }
}

fn name(names: &'static [&'static str], number: usize) -> &'static str {
    names.get(number.wrapping_sub(1)).copied().unwrap_or("")
}

fn short(name: &str, length: usize) -> &str {
    name.get(..length).unwrap_or(name)
}

#[derive(Default)]
struct Fields {
    year: i32,
    month: u32,
    day: u32,
    day_of_year: Option<i32>,
    hour: i64,
    half_hour: Option<i64>,
    afternoon: Option<bool>,
    minute: i64,
    second: i64,
    nanos: i64,
}

impl Fields {
    /// Reads one field from the front of `text` and returns what follows.
    fn read<'a>(&mut self, letter: char, count: usize, adjacent: bool, text: &'a str) -> Option<&'a str> {
        match (letter, count) {
            ('M' | 'L', 3..) => {
                let (at, length) = find_name(&MONTHS, text, count == 3)?;
                self.month = at as u32;
                return text.get(length..);
            }
            ('E', _) => return text.get(find_name(&DAYS, text, count < 4)?.1..),
            ('a', _) => {
                self.afternoon = Some(match text.get(..2)?.to_ascii_uppercase().as_str() {
                    "AM" => false,
                    "PM" => true,
                    _ => return None,
                });
                return text.get(2..);
            }
            _ => {}
        }
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let most = match letter {
            _ if adjacent || letter == 'S' => count,
            'y' | 'u' => count.max(4),
            'D' => 3,
            'n' | 'N' => 19,
            _ => 2.max(count),
        };
        let taken = digits.min(most);
        // One letter admits a single digit, more letters want as many digits.
        if taken == 0 || (taken < count && (count > 1 || letter == 'S')) {
            return None;
        }
        let (number_text, rest) = text.split_at(taken);
        let number: i64 = number_text.parse().ok()?;
        match letter {
            'y' | 'u' => self.year = if count == 2 { 2000 + number as i32 } else { number as i32 },
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
            _ => return None,
        }
        Some(rest)
    }

    fn finish(self) -> Option<(i64, i64)> {
        let days = match self.day_of_year {
            Some(day) => Date::new(self.year, 1, 1)?.to_days() + day - 1,
            None => Date::new(self.year, self.month, self.day)?.to_days(),
        };
        let hour = match self.half_hour {
            Some(half) => half + if self.afternoon == Some(true) { 12 } else { 0 },
            None => self.hour,
        };
        let valid = (0..24).contains(&hour) && (0..60).contains(&self.minute) && (0..60).contains(&self.second);
        let seconds = i64::from(days) * 86_400 + hour * 3600 + self.minute * 60 + self.second;
        valid.then_some((seconds, self.nanos))
    }
}

/// Number (from 1) and length of the name that `text` starts with, in any case.
fn find_name(names: &'static [&'static str], text: &str, shortened: bool) -> Option<(usize, usize)> {
    names.iter().enumerate().find_map(|(i, name)| {
        let wanted = if shortened { short(name, 3) } else { name };
        let start = text.get(..wanted.len())?;
        start.eq_ignore_ascii_case(wanted).then_some((i + 1, wanted.len()))
    })
}
