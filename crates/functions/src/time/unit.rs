//! Time units of EXTRACT, FLOOR, CEIL, TIMESTAMPADD and TIMESTAMPDIFF.

use super::calendar::{DAY_MILLIS, Date, iso_day_of_week};

/// A unit or field of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    Nanosecond,
    Microsecond,
    Millisecond,
    Second,
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Quarter,
    Year,
    Decade,
    Century,
    Millennium,
    /// Day of the week, Sunday is 1.
    DayOfWeek,
    /// Day of the week, Monday is 1.
    IsoDayOfWeek,
    DayOfYear,
    IsoYear,
    Epoch,
}

impl Unit {
    /// The unit of this name, with or without `SQL_TSI_` and plural S.
    pub fn find(name: &str) -> Option<Unit> {
        let name = name.to_uppercase();
        let name = name.strip_prefix("SQL_TSI_").unwrap_or(&name);
        let singular = name.strip_suffix('S').unwrap_or(name);
        Some(match singular {
            "NANOSECOND" => Unit::Nanosecond,
            "MICROSECOND" | "FRAC_SECOND" => Unit::Microsecond,
            "MILLISECOND" => Unit::Millisecond,
            "SECOND" => Unit::Second,
            "MINUTE" => Unit::Minute,
            "HOUR" => Unit::Hour,
            "DAY" | "DAYOFMONTH" => Unit::Day,
            "WEEK" => Unit::Week,
            "MONTH" => Unit::Month,
            "QUARTER" => Unit::Quarter,
            "YEAR" => Unit::Year,
            "DECADE" => Unit::Decade,
            "CENTURY" => Unit::Century,
            "MILLENNIUM" => Unit::Millennium,
            "DOW" | "DAYOFWEEK" => Unit::DayOfWeek,
            "ISODOW" => Unit::IsoDayOfWeek,
            "DOY" | "DAYOFYEAR" => Unit::DayOfYear,
            "ISOYEAR" => Unit::IsoYear,
            "EPOCH" => Unit::Epoch,
            _ => return None,
        })
    }

    /// Milliseconds of units of fixed length from MILLISECOND to WEEK.
    pub fn millis(self) -> Option<i64> {
        Some(match self {
            Unit::Millisecond => 1,
            Unit::Second => 1000,
            Unit::Minute => 60_000,
            Unit::Hour => 3_600_000,
            Unit::Day => DAY_MILLIS,
            Unit::Week => 7 * DAY_MILLIS,
            _ => return None,
        })
    }

    /// Months of units from MONTH on.
    pub fn months(self) -> Option<i64> {
        Some(match self {
            Unit::Month => 1,
            Unit::Quarter => 3,
            Unit::Year => 12,
            Unit::Decade => 120,
            Unit::Century => 1200,
            Unit::Millennium => 12_000,
            _ => return None,
        })
    }

    /// The field of local milliseconds (and nanoseconds below them). Flink divides towards zero: before 1970 a part of a day
    /// belongs to the day after, and fields of the time of day are negative.
    pub fn extract(self, millis: i64, nanos: i64) -> i64 {
        let days = (millis / DAY_MILLIS) as i32;
        let of_day = millis % DAY_MILLIS;
        let date = || Date::from_days(days);
        match self {
            Unit::Nanosecond => of_day % 1000 * 1_000_000 + nanos,
            Unit::Microsecond => of_day % 1000 * 1000 + nanos / 1000,
            Unit::Millisecond => of_day % 1000,
            Unit::Second => of_day / 1000 % 60,
            Unit::Minute => of_day / 60_000 % 60,
            Unit::Hour => of_day / 3_600_000,
            Unit::Day => date().day.into(),
            Unit::Week => date().iso_week().1.into(),
            Unit::Month => date().month.into(),
            Unit::Quarter => i64::from(date().month.div_ceil(3)),
            Unit::Year => date().year.into(),
            Unit::Decade => i64::from(date().year.div_euclid(10)),
            Unit::Century => centuries(date().year, 100),
            Unit::Millennium => centuries(date().year, 1000),
            Unit::DayOfWeek => i64::from(iso_day_of_week(days) % 7 + 1),
            Unit::IsoDayOfWeek => iso_day_of_week(days).into(),
            Unit::DayOfYear => date().day_of_year().into(),
            Unit::IsoYear => date().iso_week().0.into(),
            Unit::Epoch => millis / 1000,
        }
    }

    /// Start of the unit that holds local milliseconds; None for a unit that nothing is rounded to.
    pub fn floor(self, millis: i64) -> Option<i64> {
        let days = day_of(millis);
        Some(match self {
            Unit::Week => i64::from(days - iso_day_of_week(days) % 7) * DAY_MILLIS,
            Unit::Nanosecond | Unit::Microsecond => millis,
            _ if self.millis().is_some() => {
                let size = self.millis()?;
                millis - millis.rem_euclid(size)
            }
            _ => {
                let first = self.first_month(Date::from_days(days))?;
                i64::from(first.to_days()) * DAY_MILLIS
            }
        })
    }

    /// Start of the next unit, or the time itself when a unit starts there. Weeks and longer units look at the day only: any
    /// time of a unit's first day belongs to that day, as in Flink.
    pub fn ceil(self, millis: i64) -> Option<i64> {
        let is_of_days = self == Unit::Week || self.months().is_some();
        let millis = if is_of_days { millis / DAY_MILLIS * DAY_MILLIS } else { millis };
        let floor = self.floor(millis)?;
        // Flink takes the next decade, century or millennium even where one starts.
        let always = matches!(self, Unit::Decade | Unit::Century | Unit::Millennium);
        if floor == millis && !always {
            return Some(millis);
        }
        if let Some(size) = self.millis() {
            return Some(floor + size);
        }
        let date = Date::from_days(floor.div_euclid(DAY_MILLIS) as i32);
        Some(i64::from(date.add_months(self.months()?)?.to_days()) * DAY_MILLIS)
    }

    fn first_month(self, date: Date) -> Option<Date> {
        let start = |year, month| Date { year, month, day: 1 };
        Some(match self {
            Unit::Month => start(date.year, date.month),
            Unit::Quarter => start(date.year, (date.month - 1) / 3 * 3 + 1),
            Unit::Year => start(date.year, 1),
            Unit::Decade => start(date.year.div_euclid(10) * 10, 1),
            Unit::Century => start((date.year - 1).div_euclid(100) * 100 + 1, 1),
            Unit::Millennium => start((date.year - 1).div_euclid(1000) * 1000 + 1, 1),
            _ => return None,
        })
    }
}

/// The day of local milliseconds to weeks and longer units. Flink divides towards zero: before 1970 a part of a day belongs to
/// the day after.
fn day_of(millis: i64) -> i32 {
    (millis / DAY_MILLIS) as i32
}

fn centuries(year: i32, size: i32) -> i64 {
    i64::from(if year > 0 { (year + size - 1) / size } else { (year - size + 1) / size })
}

/// Whole months from `from` to `to`, both local milliseconds. A day that the month has not is its last: from 31 January to
/// 29 February is a month, and so it is backwards, as in Flink.
pub fn months_between(from: i64, to: i64) -> i64 {
    let split = |millis: i64| (Date::from_days(millis.div_euclid(DAY_MILLIS) as i32), millis.rem_euclid(DAY_MILLIS));
    let ((from, from_time), (to, to_time)) = (split(from), split(to));
    let (early, late) = if from <= to { (from, to) } else { (to, from) };
    let number = |date: Date| i64::from(date.year) * 12 + i64::from(date.month);
    let moved = |date: Date, months: i64| date.add_months(months).unwrap_or(to);
    let mut months = number(late) - number(early);
    if moved(early, months) > late {
        months -= 1;
    }
    let months = if from <= to { months } else { -months };
    // The time decides when the days agree, but forward only.
    if moved(from, months) == to && to_time < from_time { months - 1 } else { months }
}
