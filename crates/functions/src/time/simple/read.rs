//! Reading a text by a pattern.

use super::fields::{Field, Fields};
use super::hybrid;
use crate::time::calendar::DAY_MILLIS;
use crate::time::letters::Piece;
use crate::time::names;
use crate::time::zone::TimeZone;

/// See [`super::SimplePattern::parse`].
pub fn read(pieces: &[Piece], text: &str, zone: &TimeZone, now: i64) -> Option<i64> {
    let mut fields = Fields::default();
    let mut rest = text;
    let century = century(now);
    let mut ambiguous = None;
    for (i, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Literal(literal) => rest = rest.strip_prefix(literal.as_str())?,
            Piece::Sign(c) => rest = rest.strip_prefix(*c)?,
            Piece::Field(letter, count) => {
                // Digits belong to a field as many as it has letters where the next field follows at once.
                let adjacent = matches!(pieces.get(i + 1), Some(Piece::Field(_, _)));
                let reader = Reader { letter: *letter, count: *count, adjacent, century };
                let (after, two_digits) = reader.field(&mut fields, rest.trim_start_matches([' ', '\t']))?;
                ambiguous = two_digits.or(ambiguous);
                rest = after;
            }
        }
    }
    if rest.len() == text.len() {
        return None;
    }
    let instant = fields.instant(zone);
    // The year 80 years ago is this century's where the day is before today's.
    match ambiguous {
        Some(year) if year == century.year && instant < century.start => {
            fields.set(Field::Year, year + 100);
            Some(fields.instant(zone))
        }
        _ => Some(instant),
    }
}

/// The hundred years that years of two digits lie in.
#[derive(Clone, Copy)]
struct Century {
    /// Its first day, milliseconds since the epoch.
    start: i64,
    year: i64,
}

/// 2026-01-01. Constants are folded where there is no clock, at the epoch: the century is never an earlier one than today's.
const EARLIEST_NOW: i64 = 1_767_225_600_000;

fn century(now: i64) -> Century {
    let now = now.max(EARLIEST_NOW);
    let days = now.div_euclid(DAY_MILLIS) as i32;
    let today = hybrid::date(days);
    let first = hybrid::days(today.year - 80, i64::from(today.month) - 1, i64::from(today.day));
    Century { start: first * DAY_MILLIS + now.rem_euclid(DAY_MILLIS), year: i64::from(today.year) - 80 }
}

struct Reader {
    letter: char,
    count: usize,
    adjacent: bool,
    century: Century,
}

impl Reader {
    /// Reads the field from the front of `text`: what follows, and the year if it had two digits.
    fn field<'a>(&self, fields: &mut Fields, text: &'a str) -> Option<(&'a str, Option<i64>)> {
        let field = match (self.letter, self.count) {
            ('M' | 'L', 3..) => return Some((named(fields, Field::Month, names::month(text)?, -1, text)?, None)),
            ('E', _) => {
                let (iso, length) = names::day(text)?;
                fields.set(Field::DayOfWeek, hybrid::calendar_weekday(iso as i64));
                return Some((text.get(length..)?, None));
            }
            ('a', _) => return Some((named(fields, Field::AmPm, either(text, ["AM", "PM"])?, -1, text)?, None)),
            ('G', _) => return Some((named(fields, Field::Era, either(text, ["BC", "AD"])?, -1, text)?, None)),
            ('z' | 'Z', _) => return Some((zone(fields, text)?, None)),
            ('X', count) => return Some((iso_zone(fields, text, count)?, None)),
            ('y', _) => Field::Year,
            ('Y', _) => Field::WeekYear,
            ('M' | 'L', _) => Field::Month,
            ('d', _) => Field::DayOfMonth,
            ('D', _) => Field::DayOfYear,
            ('w', _) => Field::WeekOfYear,
            ('W', _) => Field::WeekOfMonth,
            ('F', _) => Field::DayOfWeekInMonth,
            ('u', _) => Field::DayOfWeek,
            ('H' | 'k', _) => Field::HourOfDay,
            ('K' | 'h', _) => Field::Hour,
            ('m', _) => Field::Minute,
            ('s', _) => Field::Second,
            ('S', _) => Field::Millisecond,
            _ => return None,
        };
        let (value, length) = number(text, self.adjacent.then_some(self.count))?;
        let rest = text.get(length..)?;
        let plain = text.bytes().take(2).all(|b| b.is_ascii_digit());
        let value = match self.letter {
            'y' | 'Y' if self.count <= 2 && length == 2 && plain => {
                let first = self.century.year;
                let year = value + first / 100 * 100 + if value < first % 100 { 100 } else { 0 };
                fields.set(field, year);
                return Some((rest, Some(year)));
            }
            'M' | 'L' => value - 1,
            'u' => hybrid::calendar_weekday(value),
            'k' if value == 24 => 0,
            'h' if value == 12 => 0,
            _ => value,
        };
        fields.set(field, value);
        Some((rest, None))
    }
}

fn named<'a>(fields: &mut Fields, field: Field, found: (usize, usize), plus: i64, text: &'a str) -> Option<&'a str> {
    fields.set(field, found.0 as i64 + plus);
    text.get(found.1..)
}

/// Number (from 1) and length of the one of two words that `text` begins with.
fn either(text: &str, words: [&str; 2]) -> Option<(usize, usize)> {
    let start = text.get(..2)?;
    words.iter().position(|word| start.eq_ignore_ascii_case(word)).map(|at| (at + 1, 2))
}

/// A whole number at the front of `text` and its length; with `width` of exactly so many characters.
fn number(text: &str, width: Option<usize>) -> Option<(i64, usize)> {
    let within = match width {
        Some(width) => text.get(..width)?,
        None => text,
    };
    let digits = within.strip_prefix('-').unwrap_or(within);
    let length = digits.bytes().take_while(u8::is_ascii_digit).count();
    let value: i64 = digits.get(..length)?.parse().ok()?;
    let sign = within.len() - digits.len();
    // Java takes the low 32 bits.
    let value = i64::from(value as i32);
    Some((if sign == 1 { -value } else { value }, sign + length))
}

/// `GMT`, `GMT+3:30`, `+0330`, or a name.
fn zone<'a>(fields: &mut Fields, text: &'a str) -> Option<&'a str> {
    if let Some(digits) = text.strip_prefix(['+', '-']) {
        return offset(fields, digits, text.starts_with('-'), 0, false);
    }
    if text.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("GMT")) {
        let rest = text.get(3..)?;
        return match rest.strip_prefix(['+', '-']) {
            Some(digits) => offset(fields, digits, rest.starts_with('-'), 0, true),
            None => {
                fields.set(Field::Offset, 0);
                Some(rest)
            }
        };
    }
    let (minutes, length) = names::zone(text)?;
    fields.set(Field::Offset, i64::from(minutes) * 60_000);
    text.get(length..)
}

/// `Z`, or `+03`, `+0330`, `+03:30` by the number of letters.
fn iso_zone<'a>(fields: &mut Fields, text: &'a str, count: usize) -> Option<&'a str> {
    if let Some(rest) = text.strip_prefix('Z') {
        fields.set(Field::Offset, 0);
        return Some(rest);
    }
    let digits = text.strip_prefix(['+', '-'])?;
    offset(fields, digits, text.starts_with('-'), count, count == 3)
}

/// Hours, and unless `count` is 1 minutes, after the sign. Only behind GMT (`count` 0 and a colon) may an hour have one digit.
fn offset<'a>(fields: &mut Fields, text: &'a str, west: bool, count: usize, colon: bool) -> Option<&'a str> {
    let digits = |text: &str| text.bytes().take(2).take_while(u8::is_ascii_digit).count();
    let length = digits(text);
    if length == 0 || (length == 1 && (count > 0 || !colon)) {
        return None;
    }
    let hours: i64 = text.get(..length)?.parse().ok()?;
    let mut rest = text.get(length..)?;
    let mut minutes = 0;
    if count != 1 {
        rest = if colon { rest.strip_prefix(':')? } else { rest };
        if digits(rest) < 2 {
            return None;
        }
        minutes = rest.get(..2)?.parse().ok()?;
        rest = rest.get(2..)?;
    }
    if hours > 23 || minutes > 59 {
        return None;
    }
    let total = (hours * 60 + minutes) * 60_000;
    fields.set(Field::Offset, if west { -total } else { total });
    Some(rest)
}
