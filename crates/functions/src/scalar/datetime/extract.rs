//! EXTRACT and the functions named after one field.

use std::sync::Arc;

use arrow_array::types::{DurationMillisecondType, Int64Type, IntervalYearMonthType};
use nutkin_types::data_type::TypeFamily as F;
use nutkin_types::{DataType, LogicalType as T, Value};

use super::local;
use crate::error::{FunctionError, SignatureError};
use crate::registry::{Family, Kernel, ScalarFunction, Site};
use crate::signature::{Argument, Inferred, Of, Param, any_nullable, strict};
use crate::time::unit::Unit;

macro_rules! field {
    ($name:literal, $signature:literal, $what:literal, $unit:ident, $example:literal, $value:literal) => {
        ScalarFunction::new($name, Family::Temporal, $signature, $what, one, |site| compile_field(site, Unit::$unit))
            .examples(&[($example, $value)])
    };
}

pub(in crate::scalar) const FUNCTIONS: &[ScalarFunction] = &[
    ScalarFunction::new(
        "EXTRACT",
        Family::Temporal,
        "EXTRACT(unit FROM temporal)",
        "A field of a date, time, timestamp or interval as BIGINT.",
        extract_type,
        compile,
    )
    .refuses_untyped_null()
    .examples(&[("EXTRACT(DAY FROM DATE '2006-06-05')", "5")]),
    field!("YEAR", "YEAR(date)", "The year.", Year, "YEAR(DATE '1994-09-27')", "1994"),
    field!("QUARTER", "QUARTER(date)", "The quarter, 1 to 4.", Quarter, "QUARTER(DATE '1994-09-27')", "3"),
    field!("MONTH", "MONTH(date)", "The month, 1 to 12.", Month, "MONTH(DATE '1994-09-27')", "9"),
    field!(
        "WEEK",
        "WEEK(date)",
        "The week of the year, 1 to 53, after ISO 8601.",
        Week,
        "WEEK(DATE '1994-09-27')",
        "39"
    ),
    field!(
        "DAYOFYEAR",
        "DAYOFYEAR(date)",
        "The day of the year, 1 to 366.",
        DayOfYear,
        "DAYOFYEAR(DATE '1994-09-27')",
        "270"
    ),
    field!(
        "DAYOFMONTH",
        "DAYOFMONTH(date)",
        "The day of the month, 1 to 31.",
        Day,
        "DAYOFMONTH(DATE '1994-09-27')",
        "27"
    ),
    field!(
        "DAYOFWEEK",
        "DAYOFWEEK(date)",
        "The day of the week, Sunday is 1.",
        DayOfWeek,
        "DAYOFWEEK(DATE '1994-09-27')",
        "3"
    ),
    field!("HOUR", "HOUR(timestamp)", "The hour, 0 to 23.", Hour, "HOUR(TIMESTAMP '1994-09-27 13:14:15')", "13"),
    field!(
        "MINUTE",
        "MINUTE(timestamp)",
        "The minute, 0 to 59.",
        Minute,
        "MINUTE(TIMESTAMP '1994-09-27 13:14:15')",
        "14"
    ),
    field!(
        "SECOND",
        "SECOND(timestamp)",
        "The second, 0 to 59.",
        Second,
        "SECOND(TIMESTAMP '1994-09-27 13:14:15')",
        "15"
    ),
];

fn one(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    if let [arg] = args
        && arg.data_type.logical.is_interval()
    {
        let result = DataType::new(T::BigInt, arg.data_type.nullable);
        return Ok(Inferred { arg_types: vec![arg.data_type.clone()], result });
    }
    let inferred = strict(of, args, &[Param::Temporal], 0, T::BigInt)?;
    match (Unit::find(of.function), args) {
        (Some(unit), [arg]) => applies(of, unit, of.function, arg).map(|()| inferred),
        _ => Ok(inferred),
    }
}

/// Refuses units that values of the type do not have.
fn applies(of: Of, unit: Unit, name: &str, source: &Argument<'_>) -> Result<(), SignatureError> {
    let given = source.data_type;
    let below = matches!(unit, Unit::Microsecond | Unit::Nanosecond);
    let of_day = matches!(unit, Unit::Millisecond | Unit::Second | Unit::Minute | Unit::Hour);
    let of_years = matches!(unit, Unit::Month | Unit::Quarter | Unit::Year | Unit::Century | Unit::Millennium);
    let is_field = match given.logical {
        T::IntervalYearMonth { .. } => of_years,
        T::IntervalDayTime { .. } => of_day || unit == Unit::Day,
        _ => true,
    };
    if !is_field {
        return Err(of.reason(format!("unit {name} can not be applied to {given} variable")));
    }
    match given.logical {
        T::Date | T::Time { .. } if below => {
            Err(of.reason(format!("unit {name} can not be applied to {given} variable")))
        }
        T::Time { .. } if !of_day => Err(of.reason(format!("unit {name} can not be applied to time variable"))),
        _ => Ok(()),
    }
}

fn extract_type(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    let [unit, source] = args else { return Err(of.count(args.len())) };
    let name = of.keyword(0, unit)?;
    let found = Unit::find(&name).ok_or_else(|| of.reason(format!("{name} is not a time unit")))?;
    applies(of, found, &name, source)?;
    let logical = &source.data_type.logical;
    let source_type =
        if logical.is_interval() { source.data_type.clone() } else { of.accept(1, source, &Param::Temporal)? };
    Ok(Inferred {
        arg_types: vec![unit.data_type.clone(), source_type],
        result: DataType::new(T::BigInt, any_nullable(&args[1..])),
    })
}

fn compile(site: &Site<'_>) -> Result<Kernel, FunctionError> {
    let unit = match site.literals.first() {
        Some(Some(Value::String(name))) => Unit::find(name),
        _ => None,
    };
    let unit = unit.ok_or_else(|| FunctionError::Inconsistent("EXTRACT without a unit".to_owned()))?;
    kernel(site, 1, unit)
}

fn compile_field(site: &Site<'_>, unit: Unit) -> Result<Kernel, FunctionError> {
    kernel(site, 0, unit)
}

fn kernel(site: &Site<'_>, source: usize, unit: Unit) -> Result<Kernel, FunctionError> {
    let logical = site.args.get(source).map(|t| t.logical.clone());
    let logical = logical.ok_or_else(|| FunctionError::Inconsistent("EXTRACT without a source".to_owned()))?;
    let zone = site.options.time_zone;
    match logical.family() {
        F::IntervalYearMonth => Ok(Box::new(move |args| {
            let values = args.numbers::<IntervalYearMonthType>(source)?;
            Ok(Arc::new(
                args.build_numbers::<Int64Type>(|row| Ok(values.get(row).map(|m| of_months(i64::from(m), unit))))?,
            ))
        })),
        F::IntervalDayTime => Ok(Box::new(move |args| {
            let values = args.numbers::<DurationMillisecondType>(source)?;
            Ok(Arc::new(args.build_numbers::<Int64Type>(|row| Ok(values.get(row).map(|m| of_duration(m, unit))))?))
        })),
        _ => Ok(Box::new(move |args| {
            let array = args.array(source)?;
            Ok(Arc::new(args.build_numbers::<Int64Type>(|row| {
                let row = args.position(source, row);
                if array.is_null(row) {
                    return Ok(None);
                }
                let (millis, nanos) = local(array.as_ref(), &logical, row, zone);
                Ok(Some(unit.extract(millis, nanos)))
            })?))
        })),
    }
}

fn of_months(months: i64, unit: Unit) -> i64 {
    match unit {
        Unit::Month => months % 12,
        Unit::Quarter => months % 12 / 3 + 1,
        other => other.months().map_or(0, |size| months / size),
    }
}

fn of_duration(millis: i64, unit: Unit) -> i64 {
    match unit {
        Unit::Day => millis / 86_400_000,
        Unit::Hour => millis / 3_600_000 % 24,
        Unit::Minute => millis / 60_000 % 60,
        Unit::Second => millis / 1000 % 60,
        Unit::Millisecond => millis % 60_000,
        Unit::Epoch => millis / 1000,
        _ => 0,
    }
}
