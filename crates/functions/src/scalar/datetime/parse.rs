//! TO_TIMESTAMP, TO_TIMESTAMP_LTZ, TO_DATE, UNIX_TIMESTAMP: times out of texts and numbers.

use std::sync::Arc;

use arrow_array::types::{Date32Type, Float64Type, Int64Type, TimestampMillisecondType};
use nutkin_types::arrow::arrow_type;
use nutkin_types::{LogicalType as T, Moment, Value};

use super::format::Formats;
use crate::error::{EvaluationError, FunctionError, SignatureError};
use crate::registry::{Determinism, Family, Kernel, ScalarFunction, Site};
use crate::signature::{Argument, Inferred, Of, Param, nullable};
use crate::time::java;
use crate::time::pattern::Pattern;
use crate::time::simple::SimplePattern;
use crate::time::text as time_text;
use crate::time::zone::TimeZone;

pub(in crate::scalar) const FUNCTIONS: &[ScalarFunction] = &[
    ScalarFunction::new(
        "TO_TIMESTAMP",
        Family::Temporal,
        "TO_TIMESTAMP(string[, format])",
        "The text as TIMESTAMP(3), by default in the form yyyy-MM-dd HH:mm:ss; NULL if it does not match.",
        |of, args| nullable(of, args, &[Param::Text, Param::Text], 1, T::Timestamp { precision: 3 }),
        to_timestamp,
    )
    .refuses_untyped_null()
    .examples(&[("TO_TIMESTAMP('1970-01-01 00:00:44')", "1970-01-01 00:00:44.000")]),
    ScalarFunction::new(
        "TO_TIMESTAMP_LTZ",
        Family::Temporal,
        "TO_TIMESTAMP_LTZ(numeric[, precision]) or TO_TIMESTAMP_LTZ(string[, format[, timezone]])",
        "The instant of epoch seconds (precision 0) or milliseconds (3, the default), or of a text.",
        to_ltz_type,
        to_ltz,
    )
    .examples(&[("TO_TIMESTAMP_LTZ(1000, 3)", "1970-01-01 00:00:01.000")]),
    ScalarFunction::new(
        "TO_DATE",
        Family::Temporal,
        "TO_DATE(string[, format])",
        "The text as DATE, by default in the form yyyy-MM-dd; NULL if it does not match.",
        |of, args| nullable(of, args, &[Param::Text, Param::Text], 1, T::Date),
        to_date,
    )
    .refuses_untyped_null()
    .examples(&[("TO_DATE('2018-03-18')", "2018-03-18")]),
    ScalarFunction::new(
        "UNIX_TIMESTAMP",
        Family::Temporal,
        "UNIX_TIMESTAMP() or UNIX_TIMESTAMP(string[, format])",
        "Seconds since 1970-01-01 UTC now, or of a text in the session time zone.",
        |of, args| {
            let arg_types = of.check(args, &[Param::Text, Param::Text], 2)?;
            let nullable = crate::signature::any_nullable(args);
            Ok(Inferred { arg_types, result: nutkin_types::DataType::new(T::BigInt, nullable) })
        },
        unix_timestamp,
    )
    .refuses_untyped_null()
    .examples(&[("UNIX_TIMESTAMP('1970-01-01 00:00:44')", "44")])
    .determinism(Determinism::Dynamic),
];

fn to_timestamp(site: &Site<'_>) -> Result<Kernel, FunctionError> {
    millis_of_text(site, "TO_TIMESTAMP", TimeZone::Utc)
}

/// Timestamps in milliseconds of texts in `zone`, without a format in the form that CAST reads.
fn millis_of_text(site: &Site<'_>, function: &'static str, zone: TimeZone) -> Result<Kernel, FunctionError> {
    let formats = if site.args.len() > 1 { Some(Formats::<Pattern>::new(site, 1, function, true)?) } else { None };
    let target = arrow_type(&site.result.logical);
    let constant_zone = site.args.len() < 3;
    let instant = matches!(site.result.logical, T::TimestampLtz { .. });
    Ok(Box::new(move |args| {
        let texts = args.texts(0)?;
        let zones = if constant_zone { None } else { Some(args.texts(2)?) };
        let mut last = None;
        let array = args.build_numbers::<TimestampMillisecondType>(|row| {
            let Some(text) = texts.get(row) else { return Ok(None) };
            let parsed = match &formats {
                None if instant => Some(java::instant(text).ok_or_else(|| unread(function, text))?),
                None => time_text::read_timestamp(text),
                Some(formats) => match formats.of(args, 1, row, &mut last, function)? {
                    None => None,
                    // What does not match is read once more, without the format.
                    Some(pattern) => pattern.parse(text).or_else(|| java::jdbc_timestamp(text)),
                },
            };
            let zone = match &zones {
                None => zone,
                Some(zones) => match zones.get(row) {
                    None => return Ok(None),
                    Some(name) => match TimeZone::strict(name) {
                        Some(zone) => zone,
                        None => return Ok(None),
                    },
                },
            };
            let local = parsed.and_then(|(seconds, nanos)| Moment::of_seconds(seconds, nanos));
            Ok(local.map(|local| zone.to_instant(local.millis())))
        })?;
        Ok(Arc::new(array.with_data_type(target.clone())))
    }))
}

fn unread(function: &'static str, text: &str) -> EvaluationError {
    EvaluationError::InvalidArgument {
        function,
        value: text.to_owned(),
        reason: "it is no time of the form 2024-12-31 23:59:59; give the format, and what does not fit is NULL"
            .to_owned(),
    }
}

fn to_ltz_type(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    let first = args.first().ok_or_else(|| of.count(0))?;
    let precision = match (first.data_type.logical.is_numeric(), args.get(1).and_then(|arg| arg.literal)) {
        (true, Some(Value::Integer(precision))) if !matches!(precision, 0 | 3) => {
            return Err(of.reason(format!("precision {precision} is neither 0 for seconds nor 3 for milliseconds")));
        }
        _ => 3,
    };
    let result = T::TimestampLtz { precision };
    if !first.data_type.logical.is_numeric() {
        return nullable(of, args, &[Param::Text, Param::Text, Param::Text], 2, result);
    }
    let number = match first.data_type.logical {
        T::Float | T::Double => Param::Double,
        // Of a DECIMAL the fraction is cut before it counts.
        T::Decimal { .. } => {
            let mut inferred = nullable(of, args, &[Param::Numeric, Param::Int], 1, result)?;
            inferred.arg_types[0].logical = T::BigInt;
            return Ok(inferred);
        }
        _ => Param::BigInt,
    };
    nullable(of, args, &[number, Param::Int], 1, result)
}

fn to_ltz(site: &Site<'_>) -> Result<Kernel, FunctionError> {
    let first = site.args.first().map(|t| t.logical.clone());
    if first.as_ref().is_some_and(T::is_character_string) {
        // A text is read in UTC unless a zone is given.
        return millis_of_text(site, "TO_TIMESTAMP_LTZ", TimeZone::Utc);
    }
    let target = arrow_type(&site.result.logical);
    let floating = first == Some(T::Double);
    Ok(Box::new(move |args| {
        let precisions = if args.len() > 1 { Some(args.ints(1)?) } else { None };
        let scale = |row| match &precisions {
            None => Some(1),
            Some(precisions) => precisions.get(row).map(|p| if p == 0 { 1000 } else { 1 }),
        };
        let (doubles, integers) = if floating {
            (Some(args.numbers::<Float64Type>(0)?), None)
        } else {
            (None, Some(args.numbers::<Int64Type>(0)?))
        };
        let array = args.build_numbers::<TimestampMillisecondType>(|row| {
            let Some(scale) = scale(row) else { return Ok(None) };
            if let Some(value) = integers.as_ref().and_then(|values| values.get(row)) {
                return Ok(value.checked_mul(scale).filter(|millis| in_range(*millis)));
            }
            let value = doubles.as_ref().and_then(|values| values.get(row));
            Ok(value.map(|value| (value * scale as f64) as i64).filter(|millis| in_range(*millis)))
        })?;
        Ok(Arc::new(array.with_data_type(target.clone())))
    }))
}

/// Years 0 to 9999.
fn in_range(millis: i64) -> bool {
    (-62_167_219_200_000..253_402_300_800_000).contains(&millis)
}

fn to_date(site: &Site<'_>) -> Result<Kernel, FunctionError> {
    let formats =
        if site.args.len() > 1 { Some(Formats::<SimplePattern>::new(site, 1, "TO_DATE", false)?) } else { None };
    Ok(Box::new(move |args| {
        let texts = args.texts(0)?;
        let mut last = None;
        Ok(Arc::new(args.build_numbers::<Date32Type>(|row| {
            let Some(text) = texts.get(row) else { return Ok(None) };
            match &formats {
                None => Ok(time_text::parse_date(text)),
                Some(formats) => match formats.of(args, 1, row, &mut last, "TO_DATE")? {
                    None => Ok(None),
                    Some(pattern) => {
                        // Java would make a day far in the future of a text that does not match; NULL is what is documented.
                        let instant = pattern.parse(text, &TimeZone::Utc, args.context.now_millis);
                        Ok(instant.map(|instant| (instant / 86_400_000) as i32))
                    }
                },
            }
        })?))
    }))
}

fn unix_timestamp(site: &Site<'_>) -> Result<Kernel, FunctionError> {
    if site.args.is_empty() {
        return Ok(Box::new(|args| {
            let seconds = args.context.now_millis.div_euclid(1000);
            Ok(Arc::new(arrow_array::Int64Array::from_value(seconds, args.rows)))
        }));
    }
    let formats = Formats::<SimplePattern>::new(site, 1, "UNIX_TIMESTAMP", false)?;
    let zone = site.options.time_zone;
    Ok(Box::new(move |args| {
        let texts = args.texts(0)?;
        let mut last = None;
        Ok(Arc::new(args.build_numbers::<Int64Type>(|row| {
            let Some(text) = texts.get(row) else { return Ok(None) };
            let Some(pattern) = formats.of(args, 1, row, &mut last, "UNIX_TIMESTAMP")? else { return Ok(None) };
            // A text that does not match gives the lowest BIGINT, as in Flink.
            let instant = pattern.parse(text, &zone, args.context.now_millis);
            Ok(Some(instant.map_or(i64::MIN, |instant| instant / 1000)))
        })?))
    }))
}
