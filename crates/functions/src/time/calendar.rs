//! Proleptic Gregorian calendar arithmetic on days and months.

use nutkin_types::Moment;

/// Milliseconds of a day.
pub const DAY_MILLIS: i64 = 86_400_000;

/// English, the first month first.
pub const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// English, the week from Monday on.
pub const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// A calendar date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    pub year: i32,
    /// 1 to 12.
    pub month: u32,
    /// 1 to 31.
    pub day: u32,
}

impl Date {
    /// The date `days` after 1970-01-01.
    pub fn from_days(days: i32) -> Date {
        // Counts in eras of 400 years that start on 1 March.
        let shifted = i64::from(days) + 719_468;
        let era = shifted.div_euclid(146_097);
        let day_of_era = shifted.rem_euclid(146_097);
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let march_month = (5 * day_of_year + 2) / 153;
        let day = (day_of_year - (153 * march_month + 2) / 5 + 1) as u32;
        let month = if march_month < 10 { march_month + 3 } else { march_month - 9 } as u32;
        let year = (year_of_era + era * 400 + i64::from(month <= 2)) as i32;
        Date { year, month, day }
    }

    /// The date when month and day exist.
    pub fn new(year: i32, month: u32, day: u32) -> Option<Date> {
        let valid = (1..=12).contains(&month) && day >= 1 && day <= days_in_month(year, month);
        valid.then_some(Date { year, month, day })
    }

    /// Days after 1970-01-01.
    pub fn to_days(self) -> i32 {
        let year = i64::from(self.year) - i64::from(self.month <= 2);
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let march_month = i64::from((self.month + 9) % 12);
        let day_of_year = (153 * march_month + 2) / 5 + i64::from(self.day) - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        (era * 146_097 + day_of_era - 719_468) as i32
    }

    /// The same day `months` later, or the last day of that month; None when no DATE holds it.
    pub fn add_months(self, months: i64) -> Option<Date> {
        let total = (i64::from(self.year) * 12 + i64::from(self.month) - 1).checked_add(months)?;
        let (year, month) = (i32::try_from(total.div_euclid(12)).ok()?, total.rem_euclid(12) as u32 + 1);
        // The years of the days that 32 bits count.
        (-5_877_640..=5_881_579).contains(&year).then(|| Date {
            year,
            month,
            day: self.day.min(days_in_month(year, month)),
        })
    }

    /// 1 to 366.
    pub fn day_of_year(self) -> i32 {
        self.to_days() - Date { year: self.year, month: 1, day: 1 }.to_days() + 1
    }

    /// ISO-8601 week and the year it belongs to.
    pub fn iso_week(self) -> (i32, i32) {
        let days = self.to_days();
        // Thursday of the same week decides the year.
        let thursday = days - iso_day_of_week(days) + 4;
        let year = Date::from_days(thursday).year;
        let first = Date { year, month: 1, day: 1 }.to_days();
        (year, (thursday - first) / 7 + 1)
    }
}

/// 1 for Monday to 7 for Sunday.
pub fn iso_day_of_week(days: i32) -> i32 {
    (days.wrapping_add(3)).rem_euclid(7) + 1
}

pub fn is_leap(year: i32) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// 28 to 31; 0 for a month outside 1..=12.
pub fn days_in_month(year: i32, month: u32) -> u32 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if is_leap(year) => 29,
        2 => 28,
        _ => 0,
    }
}

/// As [`add_months_millis`], with what lies below the millisecond.
pub fn add_months(moment: Moment, months: i64) -> Option<Moment> {
    Some(moment.with_millis(add_months_millis(moment.millis(), months)?))
}

/// `millis` since the epoch moved by `months`, time of day kept; None when no DATE holds the day.
pub fn add_months_millis(millis: i64, months: i64) -> Option<i64> {
    let days = i32::try_from(millis.div_euclid(DAY_MILLIS)).ok()?;
    let moved = Date::from_days(days).add_months(months)?.to_days();
    Some(i64::from(moved) * DAY_MILLIS + millis.rem_euclid(DAY_MILLIS))
}
