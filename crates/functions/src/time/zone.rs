//! Time zones by TZDB id or offset, with java.time's rule for local times that do not exist or exist twice.

use chrono::{Duration, NaiveDateTime, Offset, TimeZone as _};
use chrono_tz::{OffsetName, Tz};
use nutkin_types::Moment;

use crate::error::EvaluationError;

/// A session or argument time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TimeZone {
    #[default]
    Utc,
    /// Seconds east of Greenwich.
    Fixed(i32),
    Named(Tz),
}

impl TimeZone {
    /// `UTC`, `Z`, `Europe/Berlin`, `GMT+03:00`, `UTC-8`, `+01:30`. Errors name the text.
    pub fn parse(text: &str) -> Result<TimeZone, EvaluationError> {
        TimeZone::find(text).ok_or_else(|| EvaluationError::InvalidArgument {
            function: "time zone",
            value: text.to_owned(),
            reason: "it is neither a TZDB id such as Europe/Berlin nor an offset such as GMT+03:00".to_owned(),
        })
    }

    fn find(text: &str) -> Option<TimeZone> {
        if matches!(text, "UTC" | "GMT" | "Z" | "UT") {
            return Some(TimeZone::Utc);
        }
        let offset = ["GMT", "UTC", "UT"].iter().find_map(|prefix| text.strip_prefix(prefix)).unwrap_or(text);
        if let Some(seconds) = parse_offset(offset) {
            return Some(if seconds == 0 { TimeZone::Utc } else { TimeZone::Fixed(seconds) });
        }
        TimeZone::named(text)
    }

    /// A zone as `java.util.TimeZone` reads it: a TZDB id, a short id, or an offset behind `GMT`; all else is GMT.
    pub fn lenient(text: &str) -> TimeZone {
        let offset = text.strip_prefix("GMT").and_then(|offset| {
            let negative = offset.starts_with('-');
            let digits = offset.strip_prefix(['+', '-'])?;
            let (hours, minutes) = match digits.split_once(':') {
                Some((hours, minutes)) => (hours, minutes),
                None if digits.len() > 2 => digits.split_at_checked(digits.len() - 2)?,
                None => (digits, "00"),
            };
            let (hours, minutes) = (number(hours)?, number(minutes).filter(|_| minutes.len() == 2)?);
            let seconds = hours * 3600 + minutes * 60;
            (hours < 24 && minutes < 60).then_some(if negative { -seconds } else { seconds })
        });
        match offset {
            Some(0) => TimeZone::Utc,
            Some(seconds) => TimeZone::Fixed(seconds),
            None => TimeZone::named(text).unwrap_or(TimeZone::Utc),
        }
    }

    /// A zone as `java.time.ZoneId` reads it, which knows no short ids.
    pub fn strict(text: &str) -> Option<TimeZone> {
        let is_short = short_id(text).is_some() || matches!(text, "EST" | "HST" | "MST");
        if is_short { None } else { TimeZone::find(text) }
    }

    fn named(text: &str) -> Option<TimeZone> {
        let zone = text.parse::<Tz>().ok().or_else(|| short_id(text)?.parse().ok());
        zone.map(TimeZone::Named)
    }

    /// Seconds to add to an instant (epoch milliseconds) for local time.
    pub fn offset_seconds(&self, epoch_millis: i64) -> i32 {
        match self {
            TimeZone::Utc => 0,
            TimeZone::Fixed(seconds) => *seconds,
            TimeZone::Named(zone) => {
                let seconds = epoch_millis.div_euclid(1000);
                match chrono::DateTime::from_timestamp(seconds, 0) {
                    Some(instant) => zone.offset_from_utc_datetime(&instant.naive_utc()).fix().local_minus_utc(),
                    None => 0,
                }
            }
        }
    }

    /// The short name at an instant (epoch milliseconds): `EST`, or digits such as `-03` where there is none.
    pub fn abbreviation(&self, epoch_millis: i64) -> Option<String> {
        match self {
            TimeZone::Utc => Some("UTC".to_owned()),
            TimeZone::Fixed(_) => None,
            TimeZone::Named(zone) => {
                let instant = chrono::DateTime::from_timestamp_millis(epoch_millis)?;
                zone.offset_from_utc_datetime(&instant.naive_utc()).abbreviation().map(str::to_owned)
            }
        }
    }

    /// Local milliseconds of an instant.
    pub fn to_local(&self, epoch_millis: i64) -> i64 {
        epoch_millis.saturating_add(i64::from(self.offset_seconds(epoch_millis)) * 1000)
    }

    /// Instant of local milliseconds: the earlier one when there are two, and times in a gap move forward by the gap.
    pub fn to_instant(&self, local_millis: i64) -> i64 {
        match self {
            TimeZone::Utc => local_millis,
            TimeZone::Fixed(seconds) => local_millis - i64::from(*seconds) * 1000,
            TimeZone::Named(zone) => {
                let Some(local) = local_datetime(local_millis) else { return local_millis };
                let seconds = match zone.offset_from_local_datetime(&local) {
                    chrono::LocalResult::Single(offset) | chrono::LocalResult::Ambiguous(offset, _) => {
                        offset.fix().local_minus_utc()
                    }
                    // In a gap java.time keeps the offset from before it.
                    chrono::LocalResult::None => local
                        .checked_sub_signed(Duration::hours(3))
                        .and_then(|before| zone.offset_from_local_datetime(&before).earliest())
                        .map_or(0, |offset| offset.fix().local_minus_utc()),
                };
                local_millis - i64::from(seconds) * 1000
            }
        }
    }

    /// Local time of an instant.
    pub fn local_of(&self, instant: Moment) -> Moment {
        instant.with_millis(self.to_local(instant.millis()))
    }

    /// Instant of a local time, as [`TimeZone::to_instant`].
    pub fn instant_of(&self, local: Moment) -> Moment {
        local.with_millis(self.to_instant(local.millis()))
    }
}

fn local_datetime(local_millis: i64) -> Option<NaiveDateTime> {
    chrono::DateTime::from_timestamp_millis(local_millis).map(|instant| instant.naive_utc())
}

/// `+03:00`, `-8`, `+0530`, `+05:30:15` in seconds.
pub fn parse_offset(text: &str) -> Option<i32> {
    let (sign, rest) = match text.as_bytes().first()? {
        b'+' => (1, text.get(1..)?),
        b'-' => (-1, text.get(1..)?),
        _ => return None,
    };
    let mut parts = [0i32; 3];
    if rest.contains(':') {
        let pieces: Vec<&str> = rest.split(':').collect();
        if pieces.len() > 3 {
            return None;
        }
        for (slot, piece) in parts.iter_mut().zip(&pieces) {
            *slot = number(piece)?;
        }
    } else if rest.len() <= 2 {
        parts[0] = number(rest)?;
    } else if rest.len() == 4 {
        parts[0] = number(rest.get(..2)?)?;
        parts[1] = number(rest.get(2..)?)?;
    } else {
        return None;
    }
    let in_range = parts[0] <= 18 && parts[1] < 60 && parts[2] < 60;
    in_range.then_some(sign * (parts[0] * 3600 + parts[1] * 60 + parts[2]))
}

fn number(text: &str) -> Option<i32> {
    let digits = !text.is_empty() && text.len() <= 2 && text.bytes().all(|b| b.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}

/// java.util.TimeZone's three-letter ids that TZDB does not hold.
fn short_id(text: &str) -> Option<&'static str> {
    Some(match text {
        "PST" => "America/Los_Angeles",
        "CST" => "America/Chicago",
        "JST" => "Asia/Tokyo",
        "CTT" => "Asia/Shanghai",
        "IST" => "Asia/Kolkata",
        "ECT" => "Europe/Paris",
        _ => return None,
    })
}
