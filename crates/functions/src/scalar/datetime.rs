//! Functions on dates and times, by what they do.

pub(super) mod clock;
pub(super) mod extract;
pub(super) mod format;
pub(super) mod parse;
pub(super) mod round;
pub(super) mod shift;

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Time32MillisecondType};
use nutkin_types::{LogicalType as T, Moment};

use crate::time::calendar::DAY_MILLIS;
use crate::time::zone::TimeZone;

/// Local time of any date or time value: milliseconds since the epoch, and the nanoseconds below the millisecond.
pub(super) fn local(array: &dyn Array, logical: &T, row: usize, zone: TimeZone) -> (i64, i64) {
    match logical {
        T::Date => (i64::from(array.as_primitive::<Date32Type>().value(row)) * DAY_MILLIS, 0),
        T::Time { .. } => (i64::from(array.as_primitive::<Time32MillisecondType>().value(row)), 0),
        T::Timestamp { precision } => {
            let moment = Moment::of_array(array, *precision, row);
            (moment.millis(), moment.below_millis())
        }
        T::TimestampLtz { precision } => {
            let moment = Moment::of_array(array, *precision, row);
            (zone.to_local(moment.millis()), moment.below_millis())
        }
        _ => (0, 0),
    }
}
