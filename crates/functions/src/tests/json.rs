//! Values of the recorded cases: JSON to values and back, in the encoding of the recordings.

use nutkin_types::{LogicalType as T, Moment, Value};
use serde_json::{Value as Json, json};

use crate::decimal;
use crate::time::text as time_text;

/// The value of type `logical` that `json` stands for.
pub fn read(json: &Json, logical: &T) -> Result<Value, String> {
    let bad = || format!("{json} as {logical}");
    if json.is_null() {
        return Ok(Value::Null);
    }
    Ok(match logical {
        T::Boolean => Value::Boolean(json.as_bool().ok_or_else(bad)?),
        T::TinyInt | T::SmallInt | T::Int | T::BigInt => Value::Integer(json.as_i64().ok_or_else(bad)?),
        T::IntervalYearMonth { .. } => Value::Integer(json.as_i64().ok_or_else(bad)?),
        T::Float | T::Double => Value::Double(match json.as_str() {
            Some("NaN") => f64::NAN,
            Some("Infinity") => f64::INFINITY,
            Some("-Infinity") => f64::NEG_INFINITY,
            _ => json.as_f64().ok_or_else(bad)?,
        }),
        T::Decimal { precision, scale } => {
            let text = json.as_str().map_or_else(|| json.to_string(), str::to_owned);
            Value::Decimal(decimal::parse(&text, *precision, *scale).ok_or_else(bad)?)
        }
        T::Char { .. } | T::VarChar { .. } => Value::String(json.as_str().ok_or_else(bad)?.to_owned()),
        T::Binary { .. } | T::VarBinary { .. } => {
            Value::Bytes(hex::decode(json.as_str().ok_or_else(bad)?).map_err(|_| bad())?)
        }
        T::Date => Value::Integer(time_text::parse_date(json.as_str().ok_or_else(bad)?).ok_or_else(bad)?.into()),
        T::Time { .. } => {
            Value::Integer(time_text::parse_time(json.as_str().ok_or_else(bad)?).ok_or_else(bad)? / 1_000_000)
        }
        T::Timestamp { precision } | T::TimestampLtz { precision } => {
            let text = json.as_str().ok_or_else(bad)?.trim_end_matches('Z');
            let (seconds, nanos) = time_text::parse_timestamp(text).ok_or_else(bad)?;
            Moment::of_seconds(seconds, nanos).and_then(|moment| moment.value(*precision)).ok_or_else(bad)?
        }
        T::IntervalDayTime { .. } => Value::Integer(duration(json.as_str().ok_or_else(bad)?).ok_or_else(bad)?),
        T::Array { element } => Value::List(
            json.as_array()
                .ok_or_else(bad)?
                .iter()
                .map(|item| read(item, &element.logical))
                .collect::<Result<_, _>>()?,
        ),
        T::Map { key, value } => {
            let pair = |pair: &Json| Ok::<_, String>((read(&pair[0], &key.logical)?, read(&pair[1], &value.logical)?));
            Value::Map(json.as_array().ok_or_else(bad)?.iter().map(pair).collect::<Result<_, _>>()?)
        }
        T::Multiset { element } => {
            let pair = |pair: &Json| Ok::<_, String>((read(&pair[0], &element.logical)?, read(&pair[1], &T::Int)?));
            Value::Map(json.as_array().ok_or_else(bad)?.iter().map(pair).collect::<Result<_, _>>()?)
        }
        T::Row { fields } => Value::List(
            json.as_array()
                .ok_or_else(bad)?
                .iter()
                .zip(fields.iter())
                .map(|(item, field)| read(item, &field.data_type.logical))
                .collect::<Result<_, _>>()?,
        ),
        _ => return Err(bad()),
    })
}

/// Milliseconds of an ISO duration: `PT12H30M`, `PT-0.5S`.
fn duration(text: &str) -> Option<i64> {
    let mut total = 0.0;
    let mut number = String::new();
    for c in text.strip_prefix("PT")?.chars() {
        match c {
            'H' | 'M' | 'S' => {
                let size = if c == 'H' {
                    3_600_000.0
                } else if c == 'M' {
                    60_000.0
                } else {
                    1000.0
                };
                total += std::mem::take(&mut number).parse::<f64>().ok()? * size;
            }
            other => number.push(other),
        }
    }
    Some(total.round() as i64)
}

/// The value in the recordings' encoding, comparable with [`same`].
pub fn write(value: &Value, logical: &T) -> Json {
    match (value, logical) {
        (Value::Null, _) => Json::Null,
        (Value::Boolean(b), _) => json!(b),
        (Value::Double(d), _) if d.is_nan() => json!("NaN"),
        (Value::Double(d), _) if d.is_infinite() => json!(if *d > 0.0 { "Infinity" } else { "-Infinity" }),
        (Value::Double(d), _) => json!(d),
        (Value::Decimal(d), T::Decimal { scale, .. }) => {
            let mut out = String::new();
            decimal::write(*d, *scale, &mut out);
            json!(out)
        }
        (Value::String(s), _) => json!(s),
        (Value::Bytes(b), _) => json!(hex::encode(b)),
        (Value::Integer(v), T::Date) => {
            let mut out = String::new();
            time_text::write_date(*v as i32, &mut out);
            json!(out)
        }
        (Value::Integer(v), T::Time { precision }) => {
            let mut out = String::new();
            time_text::write_time(*v as i32, *precision, &mut out);
            json!(out)
        }
        (value, T::Timestamp { precision } | T::TimestampLtz { precision }) => {
            let mut out = String::new();
            time_text::write_timestamp(Moment::of_value(value, *precision).unwrap(), 9, &mut out);
            json!(out.replace(' ', "T"))
        }
        (Value::Integer(v), T::IntervalDayTime { .. }) => json!({ "millis": v }),
        (Value::Integer(v), _) => json!(v),
        (Value::List(items), T::Array { element }) => items.iter().map(|item| write(item, &element.logical)).collect(),
        (Value::List(items), T::Row { fields }) => {
            items.iter().zip(fields.iter()).map(|(item, field)| write(item, &field.data_type.logical)).collect()
        }
        (Value::Map(pairs), T::Map { key, value }) => {
            pairs.iter().map(|(k, v)| json!([write(k, &key.logical), write(v, &value.logical)])).collect()
        }
        (other, _) => json!(format!("{other:?}")),
    }
}

/// True when the recorded `wanted` and the computed `given` mean the same value of type `logical`.
pub fn same(given: &Value, wanted: &Json, logical: &T) -> bool {
    let Ok(wanted_value) = read(wanted, logical) else { return false };
    equal(given, &wanted_value)
}

fn equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        // Transcendental functions of two mathematical libraries may differ in the last digit.
        (Value::Double(x), Value::Double(y)) => {
            x == y
                || (x.is_nan() && y.is_nan())
                || ((x - y).abs() <= 1e-12 * x.abs().max(y.abs()))
                || (*x as f32 == *y as f32 && (x.abs() as f32).is_finite() && *x == f64::from(*x as f32))
        }
        (Value::List(x), Value::List(y)) => x.len() == y.len() && x.iter().zip(y).all(|(x, y)| equal(x, y)),
        (Value::Map(x), Value::Map(y)) => {
            x.len() == y.len() && x.iter().all(|(k, v)| y.iter().any(|(l, w)| equal(k, l) && equal(v, w)))
        }
        _ => a == b,
    }
}
