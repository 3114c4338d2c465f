//! Values to JSON.

use nutkin_functions::decimal;
use nutkin_functions::time::text as time_text;
use nutkin_functions::variant;
use nutkin_types::{LogicalType as T, Moment, Value};
use serde_json::{Value as Json, json};

/// The value in the encoding of case files.
pub fn write(value: &Value, logical: &T) -> Json {
    match (value, logical) {
        (Value::Null, _) => Json::Null,
        (Value::Boolean(b), _) => json!(b),
        (Value::Double(d), _) => double(*d, logical),
        (Value::Decimal(d), T::Decimal { scale, .. }) => text(|out| decimal::write(*d, *scale, out)),
        (Value::String(s), _) => json!(s),
        (Value::Bytes(bytes), T::Variant) => variant_json(bytes),
        (Value::Bytes(b), _) => json!(hex::encode(b)),
        (Value::Integer(v), T::Date) => text(|out| time_text::write_date(*v as i32, out)),
        (Value::Integer(v), T::Time { .. }) => {
            let precision = if v % 1000 == 0 { 0 } else { 3 };
            text(|out| time_text::write_time(*v as i32, precision, out))
        }
        (value, T::Timestamp { precision }) => timestamp(value, *precision, ""),
        (value, T::TimestampLtz { precision }) => timestamp(value, *precision, "Z"),
        (Value::Integer(v), T::IntervalDayTime { .. }) => json!(duration(*v)),
        (Value::Integer(v), _) => json!(v),
        (Value::List(items), T::Array { element }) => items.iter().map(|item| write(item, &element.logical)).collect(),
        (Value::List(items), T::Row { fields } | T::Structured { fields, .. }) => {
            items.iter().zip(fields.iter()).map(|(item, field)| write(item, &field.data_type.logical)).collect()
        }
        (Value::Map(pairs), T::Map { key, value }) => entries(pairs, &key.logical, &value.logical),
        (Value::Map(pairs), T::Multiset { element }) => entries(pairs, &element.logical, &T::Int),
        (other, _) => json!(format!("{other:?}")),
    }
}

fn double(value: f64, logical: &T) -> Json {
    if value.is_nan() {
        json!("NaN")
    } else if value.is_infinite() {
        json!(if value > 0.0 { "Infinity" } else { "-Infinity" })
    } else if *logical == T::Float {
        // The shortest text that gives the same FLOAT.
        (value as f32).to_string().parse::<f64>().map_or(Json::Null, |short| json!(short))
    } else {
        json!(value)
    }
}

/// The JSON value that a VARIANT holds; one of bytes that are none is their text.
fn variant_json(bytes: &[u8]) -> Json {
    let mut text = String::new();
    match variant::write_json(bytes, &mut text) {
        Ok(()) => serde_json::from_str(&text).unwrap_or(Json::String(text)),
        Err(_) => json!(hex::encode(bytes)),
    }
}

fn text(write: impl FnOnce(&mut String)) -> Json {
    let mut out = String::new();
    write(&mut out);
    Json::String(out)
}

fn entries(pairs: &[(Value, Value)], key: &T, value: &T) -> Json {
    pairs.iter().map(|(k, v)| json!([write(k, key), write(v, value)])).collect()
}

/// `2020-01-31T12:34:56.123`, with as many digits as the precision has.
fn timestamp(value: &Value, precision: u8, zone: &str) -> Json {
    let Some(moment) = Moment::of_value(value, precision) else { return json!(format!("{value:?}")) };
    let mut out = String::new();
    time_text::write_timestamp(moment, precision, &mut out);
    Json::String(out.replacen(' ', "T", 1) + zone)
}

/// `PT1H2M3.004S`, as Java prints a duration.
fn duration(millis: i64) -> String {
    if millis == 0 {
        return "PT0S".to_owned();
    }
    let (hours, minutes, rest) = (millis / 3_600_000, millis / 60_000 % 60, millis % 60_000);
    let mut out = String::from("PT");
    if hours != 0 {
        out += &format!("{hours}H");
    }
    if minutes != 0 {
        out += &format!("{minutes}M");
    }
    if rest != 0 {
        out += &format!("{}S", rest as f64 / 1000.0);
    }
    out
}
