//! TIMESTAMPADD and TIMESTAMPDIFF.

use std::sync::Arc;

use arrow_array::types::{Date32Type, Int32Type, Int64Type, Time32MillisecondType};
use nutkin_types::data_type::TypeFamily as F;
use nutkin_types::moment::moment_array;
use nutkin_types::{DataType, LogicalType as T, Moment, Value};

use super::local;
use crate::error::{EvaluationError, FunctionError, SignatureError};
use crate::registry::{Family, Kernel, ScalarFunction, Site};
use crate::signature::{Argument, Inferred, Of, Param, any_nullable};
use crate::time::calendar::{DAY_MILLIS, add_months};
use crate::time::unit::{Unit, months_between};

pub(in crate::scalar) const FUNCTIONS: &[ScalarFunction] = &[
    ScalarFunction::new(
        "TIMESTAMPADD",
        Family::Temporal,
        "TIMESTAMPADD(unit, count, timepoint)",
        "The time point moved by count units.",
        add_type,
        add,
    )
    .refuses_untyped_null()
    .examples(&[("TIMESTAMPADD(WEEK, 1, DATE '2003-01-02')", "2003-01-09")]),
    ScalarFunction::new(
        "TIMESTAMPDIFF",
        Family::Temporal,
        "TIMESTAMPDIFF(unit, timepoint1, timepoint2)",
        "Whole units from the first time point to the second.",
        diff_type,
        diff,
    )
    .refuses_untyped_null()
    .examples(&[("TIMESTAMPDIFF(DAY, TIMESTAMP '2003-01-02 10:00:00', TIMESTAMP '2003-01-03 10:00:00')", "1")]),
];

fn unit_of(of: Of, args: &[Argument<'_>]) -> Result<Unit, SignatureError> {
    let first = args.first().ok_or_else(|| of.count(0))?;
    let name = of.keyword(0, first)?;
    let unit = Unit::find(&name).ok_or_else(|| of.reason(format!("{name} is not a time unit")))?;
    if unit.millis().is_none() && unit.months().is_none() && !matches!(unit, Unit::Microsecond | Unit::Nanosecond) {
        return Err(of.reason(format!("{name} is not a unit to count in")));
    }
    Ok(unit)
}

fn literal_unit(site: &Site<'_>) -> Result<Unit, FunctionError> {
    let unit = match site.literals.first() {
        Some(Some(Value::String(name))) => Unit::find(name),
        _ => None,
    };
    unit.ok_or_else(|| FunctionError::Inconsistent("a time function without its unit".to_owned()))
}

fn add_type(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    let unit = unit_of(of, args)?;
    let [name, count, point] = args else { return Err(of.count(args.len())) };
    let count_type = of.accept(1, count, &Param::BigInt)?;
    let point_type = of.accept(2, point, &Param::Temporal)?;
    let below_day = unit.millis().is_none_or(|millis| millis < DAY_MILLIS) && unit.months().is_none();
    let logical = match &point_type.logical {
        T::Date if below_day => T::Timestamp { precision: 6 },
        T::Timestamp { precision } if unit == Unit::Millisecond => T::Timestamp { precision: (*precision).max(3) },
        T::TimestampLtz { precision } if unit == Unit::Millisecond => {
            T::TimestampLtz { precision: (*precision).max(3) }
        }
        other => other.clone(),
    };
    let is_timestamp = matches!(logical.family(), F::Timestamp | F::TimestampLtz);
    let source = if is_timestamp { logical.clone() } else { point_type.logical.clone() };
    Ok(Inferred {
        arg_types: vec![name.data_type.clone(), count_type, DataType::new(source, point_type.nullable)],
        result: DataType::new(logical, any_nullable(&args[1..])),
    })
}

fn add(site: &Site<'_>) -> Result<Kernel, FunctionError> {
    let unit = literal_unit(site)?;
    let logical = site.result.logical.clone();
    let beyond = move |count: i64, logical: &T| EvaluationError::beyond("TIMESTAMPADD", count, logical);
    match &site.result.logical {
        T::Date => Ok(Box::new(move |args| {
            let (counts, days) = (args.bigints(1)?, args.numbers::<Date32Type>(2)?);
            Ok(Arc::new(args.build_numbers::<Date32Type>(|row| {
                let Some((count, days)) = counts.get(row).zip(days.get(row)) else { return Ok(None) };
                let moved = moved(Moment::of_millis(i64::from(days) * DAY_MILLIS), count, unit);
                let days = moved.and_then(|moment| i32::try_from(moment.millis().div_euclid(DAY_MILLIS)).ok());
                days.map(Some).ok_or_else(|| beyond(count, &logical))
            })?))
        })),
        // A time of day goes round, in whole seconds; months do not move it.
        T::Time { .. } => Ok(Box::new(move |args| {
            let (counts, times) = (args.bigints(1)?, args.numbers::<Time32MillisecondType>(2)?);
            let millis = unit.millis().unwrap_or(0);
            Ok(Arc::new(args.build_numbers::<Time32MillisecondType>(|row| {
                Ok(counts.get(row).zip(times.get(row)).map(|(count, time)| {
                    let moved = i128::from(time) + i128::from(count) * i128::from(millis);
                    moved.rem_euclid(i128::from(DAY_MILLIS)) as i32 / 1000 * 1000
                }))
            })?))
        })),
        T::Timestamp { precision } | T::TimestampLtz { precision } => {
            let precision = *precision;
            Ok(Box::new(move |args| {
                let (counts, array) = (args.bigints(1)?, args.array(2)?);
                moment_array(&logical, args.rows, |row| {
                    let place = args.position(2, row);
                    let Some(count) = counts.get(row).filter(|_| array.is_valid(place)) else { return Ok(None) };
                    let moved = moved(Moment::of_array(array.as_ref(), precision, place), count, unit);
                    let moved = moved.and_then(|moment| moment.within(precision));
                    moved.map(Some).ok_or_else(|| beyond(count, &logical))
                })
            }))
        }
        other => Err(FunctionError::Inconsistent(format!("TIMESTAMPADD to {other}"))),
    }
}

/// `start` moved by `count` units; None when no moment is there.
fn moved(start: Moment, count: i64, unit: Unit) -> Option<Moment> {
    if let Some(size) = unit.months() {
        return add_months(start, count.checked_mul(size)?);
    }
    match unit {
        Unit::Microsecond => start.plus_nanos(i128::from(count) * 1000),
        Unit::Nanosecond => start.plus_nanos(count.into()),
        _ => start.plus_millis(count.checked_mul(unit.millis()?)?),
    }
}

fn diff_type(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    let unit = unit_of(of, args)?;
    let arg_types = of.check(args, &[Param::Text, Param::Temporal, Param::Temporal], 0)?;
    let instants = arg_types.iter().skip(1).filter(|t| t.family() == F::TimestampLtz).count();
    if instants == 1 {
        return Err(of.reason("a TIMESTAMP_LTZ can only be compared with another one"));
    }
    let logical = if unit == Unit::Nanosecond { T::BigInt } else { T::Int };
    Ok(Inferred { arg_types, result: DataType::new(logical, any_nullable(&args[1..])) })
}

/// Units of `unit` from `start` to `end`, in milliseconds. Flink counts in whole seconds below them too, and DECADE counts years.
fn units_between(unit: Unit, start: i64, end: i64) -> i64 {
    let seconds = (end - start) / 1000;
    match (unit, unit.months(), unit.millis()) {
        (Unit::Decade, ..) => months_between(start, end) / 12,
        (Unit::Millisecond, ..) => seconds.wrapping_mul(1000),
        (Unit::Microsecond, ..) => seconds.wrapping_mul(1_000_000),
        (_, Some(size), _) => months_between(start, end) / size,
        (_, _, Some(size)) => (end - start) / size,
        _ => seconds.wrapping_mul(1_000_000_000),
    }
}

fn diff(site: &Site<'_>) -> Result<Kernel, FunctionError> {
    let unit = literal_unit(site)?;
    let [_, from, to] = site.args else {
        return Err(FunctionError::Inconsistent("TIMESTAMPDIFF takes three arguments".to_owned()));
    };
    let (from, to, zone) = (from.logical.clone(), to.logical.clone(), site.options.time_zone);
    // Two instants are compared as such; one instant and one local time meet in the session time zone.
    let both_instants = from.family() == F::TimestampLtz && to.family() == F::TimestampLtz;
    let zone = if both_instants && unit.months().is_none() { crate::time::zone::TimeZone::Utc } else { zone };
    Ok(Box::new(move |args| {
        let (first, second) = (args.array(1)?, args.array(2)?);
        let units = |row| {
            let (i, j) = (args.position(1, row), args.position(2, row));
            if first.is_null(i) || second.is_null(j) {
                return None;
            }
            let ((start, _), (end, _)) = (local(first.as_ref(), &from, i, zone), local(second.as_ref(), &to, j, zone));
            Some(units_between(unit, start, end))
        };
        Ok(match unit {
            Unit::Nanosecond => Arc::new(args.build_numbers::<Int64Type>(|row| Ok(units(row)))?),
            _ => Arc::new(args.build_numbers::<Int32Type>(|row| Ok(units(row).map(|units| units as i32)))?),
        })
    }))
}
