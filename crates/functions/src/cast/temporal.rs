//! CAST among DATE, TIME, TIMESTAMP and TIMESTAMP_LTZ, and between intervals and integers.
//!
//! Everything goes through moments, local or instants; only TIMESTAMP_LTZ knows the session time zone.

use std::sync::Arc;

use arrow_array::types::{ArrowPrimitiveType, Date32Type, Time32MillisecondType};
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType as ArrowType;
use nutkin_types::arrow::arrow_type;
use nutkin_types::data_type::TypeFamily as F;
use nutkin_types::moment::moment_array;
use nutkin_types::{LogicalType as T, Moment};

use super::Plan;
use super::text::write_value;
use crate::args::Args;
use crate::error::EvaluationError;
use crate::registry::Kernel;
use crate::time::calendar::DAY_MILLIS;
use crate::time::text::split_millis;
use crate::time::zone::TimeZone;

/// The same values under another Arrow type of the same layout.
pub(crate) fn retype(array: &ArrayRef, target: &ArrowType) -> Result<ArrayRef, EvaluationError> {
    Ok(arrow_array::make_array(array.to_data().into_builder().data_type(target.clone()).build()?))
}

pub(super) fn kernel(plan: &Plan) -> Option<Kernel> {
    let (from, to, zone) = (plan.from.logical.clone(), plan.to.logical.clone(), plan.zone);
    let plan = plan.clone();
    match &to {
        T::Date => Some(Box::new(move |args| {
            // A TIMESTAMP is cut towards 1970, as in Flink: a time before it falls onto the next day.
            build::<Date32Type>(args, |array, row| {
                let millis = local_millis(array, &from, row, zone);
                let is_local = matches!(from, T::Timestamp { .. });
                let days = if is_local { millis / DAY_MILLIS } else { millis.div_euclid(DAY_MILLIS) };
                Ok(Some(days as i32))
            })
        })),
        T::Time { precision } => {
            let step = 10i32.pow(3 - u32::from((*precision).min(3)));
            Some(Box::new(move |args| {
                build::<Time32MillisecondType>(args, |array, row| {
                    Ok(Some(split_millis(local_millis(array, &from, row, zone)).1 / step * step))
                })
            }))
        }
        T::Timestamp { precision } | T::TimestampLtz { precision } => {
            let precision = *precision;
            let instant = matches!(to, T::TimestampLtz { .. });
            Some(Box::new(move |args| {
                let array = args.array(0)?;
                moment_array(&plan.to.logical, args.rows, |row| {
                    let row = args.position(0, row);
                    if array.is_null(row) {
                        return Ok(None);
                    }
                    let moment = moment(array.as_ref(), &from, row, precision, instant, zone);
                    if let Some(moment) = moment.within(precision) {
                        return Ok(Some(moment));
                    }
                    let mut value = String::new();
                    write_value(array.as_ref(), &from, row, zone, &mut value)?;
                    plan.fail(value, "it is not in the range of the type")
                })
            }))
        }
        _ => None,
    }
}

fn build<P: ArrowPrimitiveType>(
    args: &Args<'_>,
    value: impl Fn(&dyn Array, usize) -> Result<Option<P::Native>, EvaluationError>,
) -> Result<ArrayRef, EvaluationError> {
    let array = args.array(0)?;
    let built = args.build_numbers::<P>(|row| {
        let row = args.position(0, row);
        if array.is_valid(row) { value(array.as_ref(), row) } else { Ok(None) }
    })?;
    Ok(Arc::new(built))
}

/// Local milliseconds since the epoch of any date or time.
fn local_millis(array: &dyn Array, from: &T, row: usize, zone: TimeZone) -> i64 {
    use arrow_array::cast::AsArray;
    match from {
        T::Date => i64::from(array.as_primitive::<Date32Type>().value(row)) * DAY_MILLIS,
        T::Time { .. } => i64::from(array.as_primitive::<Time32MillisecondType>().value(row)),
        T::Timestamp { precision } => Moment::of_array(array, *precision, row).millis(),
        T::TimestampLtz { precision } => zone.to_local(Moment::of_array(array, *precision, row).millis()),
        _ => 0,
    }
}

/// The value with the digits of `precision`: an instant, or local time.
fn moment(array: &dyn Array, from: &T, row: usize, precision: u8, instant: bool, zone: TimeZone) -> Moment {
    let (source, is_instant) = match from {
        T::Timestamp { precision } => (Moment::of_array(array, *precision, row), false),
        T::TimestampLtz { precision } => (Moment::of_array(array, *precision, row), true),
        _ => (Moment::of_millis(local_millis(array, from, row, zone)), false),
    };
    let cut = source.truncated(precision);
    match (is_instant, instant) {
        (true, false) => zone.local_of(cut),
        (false, true) => zone.instant_of(cut),
        _ => cut,
    }
}

/// Intervals of one kind, and integers as months or milliseconds.
pub(super) fn interval(plan: &Plan) -> Option<Kernel> {
    let target = arrow_type(&plan.to.logical);
    if plan.from.family() == plan.to.family() {
        return Some(Box::new(|args| Ok(args.array(0)?.clone())));
    }
    let layout = |family| if family == F::IntervalYearMonth { ArrowType::Int32 } else { ArrowType::Int64 };
    let plain = layout(plan.to.family());
    Some(Box::new(move |args| retype(&arrow_cast::cast(args.array(0)?, &plain)?, &target)))
}
