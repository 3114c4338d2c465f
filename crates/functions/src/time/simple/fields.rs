//! The fields that were read, and the instant they mean by java.util.Calendar's rules: of fields that contradict each other
//! those that were set last decide.

use super::hybrid;
use crate::time::calendar::DAY_MILLIS;
use crate::time::week;
use crate::time::zone::TimeZone;

/// Fields of java.util.Calendar that a pattern can set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    Era,
    Year,
    WeekYear,
    /// From 0.
    Month,
    WeekOfMonth,
    WeekOfYear,
    DayOfMonth,
    DayOfYear,
    /// Sunday is 1.
    DayOfWeek,
    DayOfWeekInMonth,
    /// 1 after noon.
    AmPm,
    /// Of half a day.
    Hour,
    HourOfDay,
    Minute,
    Second,
    Millisecond,
    /// Milliseconds east of Greenwich.
    Offset,
}

const FIELDS: usize = Field::Offset as usize + 1;

#[derive(Debug, Default)]
pub struct Fields {
    values: [i64; FIELDS],
    /// When each was set, from 1; 0 was not.
    stamps: [u32; FIELDS],
    last: u32,
}

impl Fields {
    pub fn set(&mut self, field: Field, value: i64) {
        self.last += 1;
        self.values[field as usize] = value;
        self.stamps[field as usize] = self.last;
    }

    fn stamp(&self, field: Field) -> u32 {
        self.stamps[field as usize]
    }

    fn get(&self, field: Field) -> Option<i64> {
        (self.stamp(field) > 0).then(|| self.values[field as usize])
    }

    /// When the later of two was set; 0 when one was not.
    fn both(&self, a: Field, b: Field) -> u32 {
        let (a, b) = (self.stamp(a), self.stamp(b));
        if a == 0 || b == 0 { 0 } else { a.max(b) }
    }

    /// Milliseconds since the epoch.
    pub fn instant(&self, zone: &TimeZone) -> i64 {
        let time = self.hour() * 3_600_000
            + self.get(Field::Minute).unwrap_or(0) * 60_000
            + self.get(Field::Second).unwrap_or(0) * 1000
            + self.get(Field::Millisecond).unwrap_or(0);
        let local = self.day().saturating_mul(DAY_MILLIS).saturating_add(time);
        match self.get(Field::Offset) {
            Some(offset) => local.saturating_sub(offset),
            None => zone.to_instant(local),
        }
    }

    fn hour(&self) -> i64 {
        let (of_day, half) = (self.stamp(Field::HourOfDay), self.both(Field::Hour, Field::AmPm));
        let half = if half.max(of_day) == 0 { self.stamp(Field::Hour).max(self.stamp(Field::AmPm)) } else { half };
        if half > of_day {
            self.get(Field::Hour).unwrap_or(0) + 12 * self.get(Field::AmPm).unwrap_or(0)
        } else {
            self.get(Field::HourOfDay).unwrap_or(0)
        }
    }

    /// Days after 1970-01-01.
    fn day(&self) -> i64 {
        if self.stamp(Field::WeekYear) > self.stamp(Field::Year) {
            return self.day_of_week_year();
        }
        let year = self.get(Field::Year).unwrap_or(1970);
        let year = if self.get(Field::Era) == Some(0) { 1 - year } else { year };
        let year = year.clamp(-300_000_000, 300_000_000) as i32;
        let weekday = self.get(Field::DayOfWeek).map(|day| (day - 1).rem_euclid(7));
        match self.deciding() {
            Deciding::DayOfYear => hybrid::days(year, 0, self.get(Field::DayOfYear).unwrap_or(1)),
            Deciding::WeekOfYear => {
                in_week(hybrid::days(year, 0, 1), weekday, self.get(Field::WeekOfYear).unwrap_or(1))
            }
            deciding => {
                let month = self.get(Field::Month).unwrap_or(0);
                let first = hybrid::days(year, month, 1);
                match deciding {
                    Deciding::WeekOfMonth => in_week(first, weekday, self.get(Field::WeekOfMonth).unwrap_or(1)),
                    Deciding::DayOfWeekInMonth => {
                        let number = self.get(Field::DayOfWeekInMonth).unwrap_or(1);
                        let start = if number >= 0 {
                            first + 7 * number - 1
                        } else {
                            hybrid::days(year, month + 1, 1) + 7 * (number + 1) - 1
                        };
                        hybrid::on_or_before(start, weekday.unwrap_or(0))
                    }
                    _ => hybrid::days(year, month, self.get(Field::DayOfMonth).unwrap_or(1)),
                }
            }
        }
    }

    fn day_of_week_year(&self) -> i64 {
        let year = self.get(Field::WeekYear).unwrap_or(1970).clamp(-300_000_000, 300_000_000) as i32;
        let first = hybrid::days(year, 0, 1);
        let weekday = self.get(Field::DayOfWeek).unwrap_or(1) - 1;
        first - week::weekday(first) + weekday + 7 * (self.get(Field::WeekOfYear).unwrap_or(1) - 1)
    }

    fn deciding(&self) -> Deciding {
        use Field as F;
        let of_month = self.stamp(F::DayOfMonth);
        let mut candidates = [
            (of_month, Deciding::DayOfMonth),
            (self.both(F::WeekOfMonth, F::DayOfWeek), Deciding::WeekOfMonth),
            (self.both(F::DayOfWeekInMonth, F::DayOfWeek), Deciding::DayOfWeekInMonth),
            (self.stamp(F::DayOfYear), Deciding::DayOfYear),
            (self.both(F::WeekOfYear, F::DayOfWeek), Deciding::WeekOfYear),
        ];
        if candidates.iter().all(|(stamp, _)| *stamp == 0) {
            candidates = [
                (0, Deciding::DayOfMonth),
                (self.stamp(F::WeekOfMonth), Deciding::WeekOfMonth),
                (self.stamp(F::DayOfWeekInMonth).max(self.stamp(F::DayOfWeek)), Deciding::DayOfWeekInMonth),
                (0, Deciding::DayOfYear),
                (self.stamp(F::WeekOfYear), Deciding::WeekOfYear),
            ];
        }
        let mut best = candidates[0];
        for candidate in candidates {
            if candidate.0 > best.0 {
                best = candidate;
            }
        }
        // Weeks of both kinds with the same day: the kind that was set last.
        match best.1 {
            Deciding::WeekOfMonth if self.stamp(F::WeekOfMonth) < self.stamp(F::WeekOfYear) => Deciding::WeekOfYear,
            Deciding::DayOfWeekInMonth if self.stamp(F::DayOfWeekInMonth) < self.stamp(F::WeekOfYear) => {
                Deciding::WeekOfYear
            }
            other => other,
        }
    }
}

/// The weekday, or Sunday, of the week that `number` counts from the one with the day `first` on.
fn in_week(first: i64, weekday: Option<i64>, number: i64) -> i64 {
    hybrid::on_or_before(first, 0) + weekday.unwrap_or(0) + 7 * (number - 1)
}

/// What decides the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deciding {
    DayOfMonth,
    WeekOfMonth,
    DayOfWeekInMonth,
    DayOfYear,
    WeekOfYear,
}
