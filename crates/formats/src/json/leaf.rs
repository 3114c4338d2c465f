//! Strings and numbers of a JSON Schema as SQL types (spec sql.md 2.5).

use nutkin_types::LogicalType;
use nutkin_types::data_type::MAX_LENGTH;
use serde_json::Value;

use super::schema::{connect_type, unsupported};
use crate::error::FormatError;

pub(crate) const DATE: &str = "org.apache.kafka.connect.data.Date";
pub(crate) const TIME: &str = "org.apache.kafka.connect.data.Time";
pub(crate) const TIMESTAMP: &str = "org.apache.kafka.connect.data.Timestamp";
pub(crate) const DECIMAL: &str = "org.apache.kafka.connect.data.Decimal";

fn title(schema: &Value) -> Option<&str> {
    schema.get("title").and_then(Value::as_str)
}

fn length(schema: &Value, key: &str) -> Option<u32> {
    let value = schema.get(key).and_then(Value::as_u64)?;
    Some(u32::try_from(value).unwrap_or(MAX_LENGTH).clamp(1, MAX_LENGTH))
}

pub(crate) fn string_type(schema: &Value, path: &str) -> Result<LogicalType, FormatError> {
    if title(schema) == Some(DECIMAL) {
        return decimal_type(schema, path);
    }
    if connect_type(schema) == Some("bytes") {
        return Ok(match (length(schema, "flink.minLength"), length(schema, "flink.maxLength")) {
            (Some(min), Some(max)) if min == max => LogicalType::Binary { length: max },
            (_, max) => LogicalType::VarBinary { length: max.unwrap_or(MAX_LENGTH) },
        });
    }
    Ok(match (length(schema, "minLength"), length(schema, "maxLength")) {
        (Some(min), Some(max)) if min == max => LogicalType::Char { length: max },
        (_, max) => LogicalType::VarChar { length: max.unwrap_or(MAX_LENGTH) },
    })
}

pub(crate) fn number_type(kind: &str, schema: &Value, path: &str) -> Result<LogicalType, FormatError> {
    let precision = schema.get("flink.precision").and_then(Value::as_u64).map_or(3, |p| p.min(3) as u8);
    if schema.get("flink.type").is_some_and(|name| name == "timestamp") {
        return Ok(LogicalType::Timestamp { precision });
    }
    Ok(match (title(schema), connect_type(schema)) {
        (Some(DATE), _) => LogicalType::Date,
        (Some(TIME), _) => LogicalType::Time { precision },
        (Some(TIMESTAMP), _) => LogicalType::TimestampLtz { precision },
        (Some(DECIMAL), _) => decimal_type(schema, path)?,
        (_, Some("int8")) => LogicalType::TinyInt,
        (_, Some("int16")) => LogicalType::SmallInt,
        (_, Some("int32")) => LogicalType::Int,
        (_, Some("int64")) => LogicalType::BigInt,
        (_, Some("float32")) => LogicalType::Float,
        (_, Some("float64")) => LogicalType::Double,
        _ if kind == "integer" => LogicalType::BigInt,
        _ => LogicalType::Double,
    })
}

/// Precision and scale stand as texts in `connect.parameters`.
fn decimal_type(schema: &Value, path: &str) -> Result<LogicalType, FormatError> {
    let parameter = |key: &str| match schema.get("connect.parameters").and_then(|map| map.get(key)) {
        Some(Value::String(text)) => text.parse::<u8>().ok(),
        Some(Value::Number(number)) => number.as_u64().and_then(|n| u8::try_from(n).ok()),
        _ => None,
    };
    let precision = parameter("connect.decimal.precision").unwrap_or(38);
    let scale = parameter("scale").unwrap_or(0);
    if !(1..=38).contains(&precision) || scale > precision {
        let what = format!("DECIMAL({precision}, {scale})");
        return Err(unsupported(path, what, "use a precision of 1 to 38 and a scale up to it"));
    }
    Ok(LogicalType::Decimal { precision, scale })
}
