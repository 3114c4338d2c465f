//! JSON to values.

use nutkin_functions::decimal;
use nutkin_functions::time::text as time_text;
use nutkin_functions::variant;
use nutkin_types::{LogicalType as T, Moment, Value};
use serde_json::Value as Json;

/// The value of type `logical` that `json` stands for.
///
/// # Errors
/// Says what cannot stand for which type.
pub fn read(json: &Json, logical: &T) -> Result<Value, String> {
    if json.is_null() {
        return Ok(Value::Null);
    }
    let value = match logical {
        T::Array { .. } | T::Map { .. } | T::Multiset { .. } | T::Row { .. } | T::Structured { .. } => {
            return nested(json, logical);
        }
        T::Variant => return variant::of_json(&json.to_string()).map(Value::Bytes).map_err(|error| error.to_string()),
        T::Boolean => json.as_bool().map(Value::Boolean),
        T::TinyInt | T::SmallInt | T::Int | T::BigInt | T::IntervalYearMonth { .. } => {
            integer(json).map(Value::Integer)
        }
        T::Float => double(json).map(|value| Value::Double(f64::from(value as f32))),
        T::Double => double(json).map(Value::Double),
        T::Decimal { precision, scale } => decimal::parse(&plain(json), *precision, *scale).map(Value::Decimal),
        T::Char { .. } | T::VarChar { .. } => json.as_str().map(|text| Value::String(text.to_owned())),
        T::Binary { .. } | T::VarBinary { .. } => {
            json.as_str().and_then(|text| hex::decode(text).ok()).map(Value::Bytes)
        }
        T::Date => json.as_str().and_then(time_text::parse_date).map(|days| Value::Integer(days.into())),
        T::Time { .. } => json.as_str().and_then(time_text::parse_time).map(|nanos| Value::Integer(nanos / 1_000_000)),
        T::Timestamp { precision } | T::TimestampLtz { precision } => {
            json.as_str().and_then(|text| timestamp(text, *precision))
        }
        T::IntervalDayTime { .. } => json.as_str().and_then(duration).map(Value::Integer),
        T::Null => None,
    };
    value.ok_or_else(|| format!("{json} is no {logical}"))
}

fn nested(json: &Json, logical: &T) -> Result<Value, String> {
    let bad = || format!("{json} is no {logical}");
    let pairs = |key: &T, value: &T| -> Result<Value, String> {
        if let Json::Object(entries) = json {
            let entries = entries.iter().map(|(k, v)| Ok((read(&Json::String(k.clone()), key)?, read(v, value)?)));
            return entries.collect::<Result<_, String>>().map(Value::Map);
        }
        let pair = |pair: &Json| match pair.as_array().map(Vec::as_slice) {
            Some([k, v]) => Ok((read(k, key)?, read(v, value)?)),
            _ => Err(bad()),
        };
        json.as_array().ok_or_else(bad)?.iter().map(pair).collect::<Result<_, _>>().map(Value::Map)
    };
    match logical {
        T::Array { element } => {
            let items = json.as_array().ok_or_else(bad)?.iter().map(|item| read(item, &element.logical));
            items.collect::<Result<_, _>>().map(Value::List)
        }
        T::Map { key, value } => pairs(&key.logical, &value.logical),
        T::Multiset { element } => pairs(&element.logical, &T::Int),
        T::Row { fields } | T::Structured { fields, .. } => {
            let cells: Vec<&Json> = match json {
                Json::Array(cells) if cells.len() == fields.len() => cells.iter().collect(),
                Json::Object(named) => fields.iter().map(|f| named.get(&f.name).unwrap_or(&Json::Null)).collect(),
                _ => return Err(bad()),
            };
            let values = cells.iter().zip(fields.iter()).map(|(cell, field)| read(cell, &field.data_type.logical));
            values.collect::<Result<_, _>>().map(Value::List)
        }
        _ => Err(bad()),
    }
}

/// A whole number; one that is written with a fraction of zero counts.
fn integer(json: &Json) -> Option<i64> {
    json.as_i64().or_else(|| json.as_f64().filter(|value| value.fract() == 0.0).map(|value| value as i64))
}

fn double(json: &Json) -> Option<f64> {
    match json.as_str() {
        Some("NaN") => Some(f64::NAN),
        Some("Infinity") => Some(f64::INFINITY),
        Some("-Infinity") => Some(f64::NEG_INFINITY),
        Some(text) => text.parse().ok(),
        None => json.as_f64(),
    }
}

/// The text of a number, however it is written.
fn plain(json: &Json) -> String {
    json.as_str().map_or_else(|| json.to_string(), str::to_owned)
}

fn timestamp(text: &str, precision: u8) -> Option<Value> {
    let text = text.trim_end_matches('Z').trim_end_matches(" UTC");
    let (seconds, nanos) = time_text::parse_timestamp(text)?;
    Moment::of_seconds(seconds, nanos)?.truncated(precision).value(precision)
}

/// Milliseconds of an ISO duration: `PT12H30M`, `PT-0.5S`.
fn duration(text: &str) -> Option<i64> {
    let mut total = 0.0;
    let mut number = String::new();
    for c in text.strip_prefix("PT")?.chars() {
        let size = match c {
            'H' => 3_600_000.0,
            'M' => 60_000.0,
            'S' => 1000.0,
            other => {
                number.push(other);
                continue;
            }
        };
        total += std::mem::take(&mut number).parse::<f64>().ok()? * size;
    }
    number.is_empty().then_some(total.round() as i64)
}
