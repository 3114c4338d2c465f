//! Cells of the results API: every scalar is text, NULL is null, nested values are arrays (clients' api-shapes, results).
//!
//! | type | text |
//! |---|---|
//! | BOOLEAN | `TRUE`, `FALSE` |
//! | numbers | decimal; `NaN`, `Infinity`, `-Infinity` |
//! | BINARY, VARBINARY | `x'7f02'` |
//! | DATE, TIME, TIMESTAMP | `2020-01-31`, `12:34:56[.f]`, `2020-01-31 12:34:56[.f]` |
//! | INTERVAL | `+1-06`, `+0 04:00:00.000` |
//! | VARIANT | its JSON text |
//! | ARRAY, ROW, STRUCTURED | array | MAP, MULTISET: array of pairs |

use arrow_schema::ArrowError;
use chrono::{DateTime, NaiveDate, NaiveTime};
use nutkin_functions::variant;
use nutkin_types::{Batch, LogicalType, Moment, Schema, Value as TypedValue};
use serde_json::Value;

use crate::protocol::ResultRow;

/// The rows of `batch`, whose columns are `schema`.
pub fn rows(batch: &Batch, schema: &Schema) -> Result<Vec<ResultRow>, ArrowError> {
    (0..batch.num_rows())
        .map(|index| {
            let cell = |(column, definition): (usize, &nutkin_types::Column)| {
                let logical = &definition.data_type.logical;
                Ok(cell(&TypedValue::from_array(batch.column(column), logical, index)?, logical))
            };
            let row = schema.columns.iter().enumerate().map(cell).collect::<Result<_, ArrowError>>()?;
            Ok(ResultRow { op: batch.kind(index) as u8, row })
        })
        .collect()
}

/// One value of type `logical`.
pub fn cell(value: &TypedValue, logical: &LogicalType) -> Value {
    match (value, logical) {
        (TypedValue::Null, _) => Value::Null,
        (TypedValue::List(items), LogicalType::Array { element }) => {
            Value::Array(items.iter().map(|item| cell(item, &element.logical)).collect())
        }
        (TypedValue::List(items), LogicalType::Row { fields } | LogicalType::Structured { fields, .. }) => {
            Value::Array(items.iter().zip(fields.iter()).map(|(i, f)| cell(i, &f.data_type.logical)).collect())
        }
        (TypedValue::Map(entries), LogicalType::Map { key, value }) => pairs(entries, &key.logical, &value.logical),
        (TypedValue::Map(entries), LogicalType::Multiset { element }) => {
            pairs(entries, &element.logical, &LogicalType::Int)
        }
        (scalar, logical) => Value::String(text(scalar, logical)),
    }
}

fn pairs(entries: &[(TypedValue, TypedValue)], key: &LogicalType, value: &LogicalType) -> Value {
    Value::Array(entries.iter().map(|(k, v)| Value::Array(vec![cell(k, key), cell(v, value)])).collect())
}

fn text(value: &TypedValue, logical: &LogicalType) -> String {
    match (value, logical) {
        (TypedValue::Boolean(b), _) => if *b { "TRUE" } else { "FALSE" }.to_owned(),
        (TypedValue::String(text), _) => text.clone(),
        (TypedValue::Bytes(bytes), LogicalType::Variant) => {
            let mut text = String::new();
            match variant::write_json(bytes, &mut text) {
                Ok(()) => text,
                Err(error) => error.to_string(),
            }
        }
        (TypedValue::Bytes(bytes), _) => format!("x'{}'", hex::encode(bytes)),
        (TypedValue::Double(d), LogicalType::Float) => float(*d, format!("{:?}", *d as f32)),
        (TypedValue::Double(d), _) => float(*d, format!("{d:?}")),
        (TypedValue::Decimal(unscaled), LogicalType::Decimal { scale, .. }) => decimal(*unscaled, *scale),
        (TypedValue::Integer(days), LogicalType::Date) => date(*days),
        (TypedValue::Integer(millis), LogicalType::Time { precision }) => {
            time_of_day(*millis * 1_000_000, (*precision).min(3))
        }
        (value, LogicalType::Timestamp { precision } | LogicalType::TimestampLtz { precision }) => {
            Moment::of_value(value, *precision)
                .map_or_else(|| format!("{value:?}"), |moment| timestamp(moment, *precision))
        }
        (TypedValue::Integer(months), LogicalType::IntervalYearMonth { .. }) => {
            let sign = if *months < 0 { '-' } else { '+' };
            format!("{sign}{}-{:02}", months.abs() / 12, months.abs() % 12)
        }
        (TypedValue::Integer(millis), LogicalType::IntervalDayTime { .. }) => {
            let (sign, rest) = (if *millis < 0 { '-' } else { '+' }, millis.unsigned_abs());
            let (days, rest) = (rest / 86_400_000, rest % 86_400_000);
            let (hours, minutes) = (rest / 3_600_000, rest / 60_000 % 60);
            format!("{sign}{days} {hours:02}:{minutes:02}:{:02}.{:03}", rest / 1000 % 60, rest % 1000)
        }
        (TypedValue::Integer(i), _) => i.to_string(),
        (other, _) => format!("{other:?}"),
    }
}

fn float(value: f64, finite: String) -> String {
    match value {
        _ if value.is_nan() => "NaN".to_owned(),
        _ if value.is_infinite() => if value > 0.0 { "Infinity" } else { "-Infinity" }.to_owned(),
        // Rust writes exponents as e16 where the original writes E16.
        _ => finite.replace('e', "E"),
    }
}

fn decimal(unscaled: i128, scale: u8) -> String {
    let digits = format!("{:0width$}", unscaled.unsigned_abs(), width = usize::from(scale) + 1);
    let (whole, fraction) = digits.split_at(digits.len() - usize::from(scale));
    let sign = if unscaled < 0 { "-" } else { "" };
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

fn date(days: i64) -> String {
    let date = i32::try_from(days).ok().and_then(NaiveDate::from_epoch_days);
    date.map_or_else(|| days.to_string(), |date| date.format("%Y-%m-%d").to_string())
}

fn time_of_day(nanos: i64, precision: u8) -> String {
    let seconds = u32::try_from(nanos / 1_000_000_000).unwrap_or(0);
    let time = NaiveTime::from_num_seconds_from_midnight_opt(seconds, 0).unwrap_or_default();
    let fraction = fraction(nanos.rem_euclid(1_000_000_000), precision);
    format!("{}{fraction}", time.format("%H:%M:%S"))
}

fn timestamp(moment: Moment, precision: u8) -> String {
    let Some(time) = DateTime::from_timestamp(moment.seconds(), 0) else { return moment.millis().to_string() };
    format!("{}{}", time.format("%Y-%m-%d %H:%M:%S"), fraction(moment.nano_of_second(), precision))
}

/// `.` and the first `precision` digits of the nanoseconds; nothing for precision 0.
fn fraction(nanos: i64, precision: u8) -> String {
    if precision == 0 {
        return String::new();
    }
    format!(".{}", &format!("{nanos:09}")[..usize::from(precision.min(9))])
}
