//! Event times of rows, and windows in the session time zone (Flink's rules).

use arrow_array::cast::AsArray;
use arrow_array::types::TimestampMillisecondType;
use arrow_array::{Array, ArrayRef, TimestampMillisecondArray};
use nutkin_functions::TimeZone;
use nutkin_types::LogicalType;

use crate::error::{Failure, FailureKind, Result};

/// A column of event times in milliseconds; never NULL.
pub(super) fn event_times(column: &ArrayRef) -> Result<&TimestampMillisecondArray> {
    let times = column.as_primitive_opt::<TimestampMillisecondType>().ok_or_else(|| {
        Failure::new(FailureKind::Unsupported, format!("an event time of the Arrow type {}", column.data_type()))
    })?;
    if times.null_count() > 0 {
        return Err(Failure::new(
            FailureKind::Evaluation,
            "RowTime field should not be null. Filter such rows out before the window or join, or make the column NOT NULL",
        ));
    }
    Ok(times)
}

const HOUR: i64 = 3_600_000;

/// Windows are cut in local time when the event time is TIMESTAMP_LTZ, and as they are when it is TIMESTAMP.
#[derive(Debug, Clone, Copy)]
pub(super) struct WindowZone(TimeZone);

impl WindowZone {
    pub fn new(event_time: &LogicalType, session: TimeZone) -> WindowZone {
        WindowZone::of(matches!(event_time, LogicalType::TimestampLtz { .. }), session)
    }

    /// Of event times that are TIMESTAMP_LTZ, or else TIMESTAMP.
    pub fn of(is_instant: bool, session: TimeZone) -> WindowZone {
        WindowZone(if is_instant { session } else { TimeZone::Utc })
    }

    /// Local milliseconds of an event time.
    pub fn local(&self, event_time: i64) -> i64 {
        match self.0 {
            TimeZone::Utc => event_time,
            zone => zone.to_local(event_time),
        }
    }

    /// Instant of a local time, as Flink's timers have it: at the end of a doubled hour, and at the start of what follows a
    /// missing one.
    pub fn instant(&self, local: i64) -> i64 {
        if self.0 == TimeZone::Utc {
            return local;
        }
        let first = self.0.to_instant(local);
        let next = self.0.to_instant(local.saturating_add(HOUR));
        if first == next {
            first - first.rem_euclid(HOUR)
        } else if next - first > HOUR {
            first + HOUR
        } else {
            first
        }
    }

    /// True when a watermark says that no row of a window ending at `end` (local) comes any more.
    pub fn has_ended(&self, end: i64, watermark: i64) -> bool {
        watermark > i64::MIN && watermark >= self.instant(end) - 1
    }

    /// `window_time` of a window ending at `end`, in the unit of the event time.
    pub fn window_time(&self, end: i64) -> i64 {
        self.instant(end) - 1
    }
}
