//! FLOOR and CEIL, of numbers and of times to a unit.

use std::sync::Arc;

use arrow_array::types::{Date32Type, Decimal128Type, Float32Type, Float64Type, Time32MillisecondType};
use nutkin_types::moment::moment_array;
use nutkin_types::{DataType, LogicalType as T, Moment, Value};

use super::local;
use crate::decimal;
use crate::error::{EvaluationError, FunctionError, SignatureError};
use crate::registry::{Family, Kernel, ScalarFunction, Site};
use crate::signature::{Argument, Inferred, Of, Param, any_nullable};
use crate::time::calendar::DAY_MILLIS;
use crate::time::unit::Unit;

pub(in crate::scalar) const FUNCTIONS: &[ScalarFunction] = &[
    ScalarFunction::new(
        "FLOOR",
        Family::Temporal,
        "FLOOR(numeric) or FLOOR(timepoint TO unit)",
        "The greatest whole number not above, or the start of the time unit.",
        infer,
        |site| compile(site, false),
    )
    .refuses_untyped_null()
    .examples(&[("FLOOR(TIME '12:44:31' TO MINUTE)", "12:44:00"), ("FLOOR(-3.5)", "-4")]),
    ScalarFunction::new(
        "CEIL",
        Family::Temporal,
        "CEIL(numeric) or CEIL(timepoint TO unit)",
        "The least whole number not below, or the start of the next time unit.",
        infer,
        |site| compile(site, true),
    )
    .refuses_untyped_null()
    .aliases(&["CEILING"])
    .examples(&[("CEIL(TIME '12:44:31' TO MINUTE)", "12:45:00"), ("CEIL(3.5)", "4")]),
];

fn infer(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    match args {
        [_] => {
            let arg_types = of.check(args, &[Param::Numeric], 0)?;
            let first = arg_types.first().cloned().ok_or_else(|| of.count(0))?;
            let logical = match first.logical {
                T::Decimal { precision, .. } => T::Decimal { precision, scale: 0 },
                other => other,
            };
            Ok(Inferred { arg_types, result: DataType::new(logical, any_nullable(args)) })
        }
        [point, unit] => {
            let point_type = of.accept(0, point, &Param::Temporal)?;
            let name = of.keyword(1, unit)?;
            // Flink divides by zero to round below the millisecond.
            let rounds = |unit: &Unit| unit.floor(0).is_some() && !matches!(unit, Unit::Microsecond | Unit::Nanosecond);
            let known = Unit::find(&name).filter(rounds);
            known.ok_or_else(|| of.reason(format!("{name} is not a time unit to round to")))?;
            Ok(Inferred { arg_types: vec![point_type.clone(), unit.data_type.clone()], result: point_type })
        }
        _ => Err(of.count(args.len())),
    }
}

fn compile(site: &Site<'_>, up: bool) -> Result<Kernel, FunctionError> {
    let inconsistent = || FunctionError::Inconsistent(format!("rounding {:?}", site.args));
    let first = site.args.first().ok_or_else(inconsistent)?.logical.clone();
    match site.literals.get(1) {
        None => number(&first, &site.result.logical, up).ok_or_else(inconsistent),
        Some(Some(Value::String(name))) => {
            time(first, Unit::find(name).ok_or_else(inconsistent)?, up, site).ok_or_else(inconsistent)
        }
        Some(_) => Err(inconsistent()),
    }
}

fn number(logical: &T, result: &T, up: bool) -> Option<Kernel> {
    Some(match (logical, result) {
        (T::Float, _) => Box::new(move |args| {
            let values = args.numbers::<Float32Type>(0)?;
            let round = |v: f32| if up { v.ceil() } else { v.floor() };
            Ok(Arc::new(args.build_numbers::<Float32Type>(|row| Ok(values.get(row).map(round)))?))
        }),
        (T::Double, _) => Box::new(move |args| {
            let values = args.numbers::<Float64Type>(0)?;
            let round = |v: f64| if up { v.ceil() } else { v.floor() };
            Ok(Arc::new(args.build_numbers::<Float64Type>(|row| Ok(values.get(row).map(round)))?))
        }),
        (T::Decimal { scale, .. }, T::Decimal { precision, .. }) => {
            let (power, precision) = (decimal::power_of_ten(*scale), *precision);
            Box::new(move |args| {
                let values = args.numbers::<Decimal128Type>(0)?;
                let round = |v: i128| {
                    let floor = v.div_euclid(power);
                    if up && v.rem_euclid(power) != 0 { floor + 1 } else { floor }
                };
                let array = args.build_numbers::<Decimal128Type>(|row| {
                    Ok(values.get(row).and_then(|v| decimal::fit(round(v), precision)))
                })?;
                Ok(Arc::new(array.with_precision_and_scale(precision, 0)?))
            })
        }
        _ => Box::new(|args| Ok(args.array(0)?.clone())),
    })
}

fn time(logical: T, unit: Unit, up: bool, site: &Site<'_>) -> Option<Kernel> {
    let zone = site.options.time_zone;
    let name = if up { "CEIL" } else { "FLOOR" };
    let unit_name = |unit: Unit| format!("{unit:?}").to_uppercase();
    let round = move |millis: i64, below: i64| {
        if up {
            // What lies below the millisecond counts for that unit only.
            unit.ceil(millis).map(|done| if below > 0 && unit.millis() == Some(1) { done + 1 } else { done })
        } else {
            unit.floor(millis)
        }
    };
    Some(match &logical {
        T::Date => Box::new(move |args| {
            let days = args.numbers::<Date32Type>(0)?;
            Ok(Arc::new(args.build_numbers::<Date32Type>(|row| {
                let Some(days) = days.get(row) else { return Ok(None) };
                // Flink's CEIL of a DATE to its day is the next day.
                let next_day = i64::from(up && unit == Unit::Day) * DAY_MILLIS;
                let rounded = round(i64::from(days) * DAY_MILLIS, 0).map(|millis| millis + next_day);
                let days = rounded.and_then(|millis| i32::try_from(millis.div_euclid(DAY_MILLIS)).ok());
                days.map(Some).ok_or_else(|| EvaluationError::beyond(name, unit_name(unit), &logical))
            })?))
        }),
        T::Time { .. } => Box::new(move |args| {
            let times = args.numbers::<Time32MillisecondType>(0)?;
            Ok(Arc::new(args.build_numbers::<Time32MillisecondType>(|row| {
                Ok(times.get(row).and_then(|time| round(i64::from(time), 0)).map(|millis| millis as i32))
            })?))
        }),
        T::Timestamp { precision } | T::TimestampLtz { precision } => {
            let precision = *precision;
            let instant = matches!(logical, T::TimestampLtz { .. });
            Box::new(move |args| {
                let array = args.array(0)?;
                moment_array(&logical, args.rows, |row| {
                    let row = args.position(0, row);
                    if array.is_null(row) {
                        return Ok(None);
                    }
                    let (millis, below) = local(array.as_ref(), &logical, row, zone);
                    let rounded = round(millis, below);
                    let rounded = rounded.map(|local| if instant { zone.to_instant(local) } else { local });
                    let rounded = rounded.and_then(|millis| Moment::of_millis(millis).within(precision));
                    rounded.map(Some).ok_or_else(|| EvaluationError::beyond(name, unit_name(unit), &logical))
                })
            })
        }
        _ => return None,
    })
}
