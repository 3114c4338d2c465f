//! The JSON schema that CREATE TABLE registers (spec sql.md 2.5).

use nutkin_types::data_type::MAX_LENGTH;
use nutkin_types::{DataType, LogicalType, RowField};
use serde_json::{Map, Value, json};

use super::leaf::{DATE, DECIMAL, TIME, TIMESTAMP};
use super::schema::unsupported;
use crate::error::FormatError;
use crate::mapping::SchemaOptions;

/// Title of the object without another option.
const TITLE: &str = "Record";

/// The text of a JSON schema of an object of `fields`. Nullable fields are `oneOf` null and the type; all others are
/// required; `connect.index` keeps the order.
///
/// # Errors
/// NUTKIN-3001 for a type that JSON Schema cannot say.
pub fn from_sql(fields: &[RowField], options: &SchemaOptions) -> Result<String, FormatError> {
    Ok(Value::Object(object(fields, options.record_name.as_deref().unwrap_or(TITLE), "")?).to_string())
}

fn object(fields: &[RowField], title: &str, path: &str) -> Result<Map<String, Value>, FormatError> {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for (index, field) in fields.iter().enumerate() {
        let path = if path.is_empty() { field.name.clone() } else { format!("{path}.{}", field.name) };
        let mut property = schema(&field.data_type, &format!("{title}_{}", field.name), &path)?;
        property.insert("connect.index".to_owned(), json!(index));
        if let Some(description) = &field.description {
            property.insert("description".to_owned(), json!(description));
        }
        if !field.data_type.nullable {
            required.push(json!(field.name));
        }
        properties.insert(field.name.clone(), Value::Object(property));
    }
    let mut object = typed("object");
    object.insert("properties".to_owned(), Value::Object(properties));
    if !required.is_empty() {
        object.insert("required".to_owned(), Value::Array(required));
    }
    if !fields.is_empty() {
        object.insert("additionalProperties".to_owned(), json!(false));
    }
    object.insert("title".to_owned(), json!(title));
    Ok(object)
}

fn typed(kind: &str) -> Map<String, Value> {
    Map::from_iter([("type".to_owned(), json!(kind))])
}

fn schema(data_type: &DataType, title: &str, path: &str) -> Result<Map<String, Value>, FormatError> {
    let schema = not_null(&data_type.logical, title, path)?;
    if data_type.nullable && data_type.logical != LogicalType::Null {
        return Ok(Map::from_iter([("oneOf".to_owned(), json!([{"type": "null"}, schema]))]));
    }
    Ok(schema)
}

fn not_null(logical: &LogicalType, title: &str, path: &str) -> Result<Map<String, Value>, FormatError> {
    Ok(match logical {
        LogicalType::Null => typed("null"),
        LogicalType::Boolean => typed("boolean"),
        LogicalType::TinyInt => number("int8"),
        LogicalType::SmallInt => number("int16"),
        LogicalType::Int => number("int32"),
        LogicalType::BigInt => number("int64"),
        LogicalType::Float => number("float32"),
        LogicalType::Double => number("float64"),
        LogicalType::Decimal { precision, scale } => {
            let mut map = titled("bytes", DECIMAL);
            let parameters = json!({"connect.decimal.precision": precision.to_string(), "scale": scale.to_string()});
            map.insert("connect.parameters".to_owned(), parameters);
            map
        }
        LogicalType::Char { length } => text(Some(*length), Some(*length)),
        LogicalType::VarChar { length: MAX_LENGTH } => text(None, None),
        LogicalType::VarChar { length } => text(None, Some(*length)),
        LogicalType::Binary { length } => bytes(&[("flink.minLength", *length), ("flink.maxLength", *length)]),
        LogicalType::VarBinary { length: MAX_LENGTH } => bytes(&[]),
        LogicalType::VarBinary { length } => bytes(&[("flink.maxLength", *length)]),
        LogicalType::Date => titled("int32", DATE),
        LogicalType::Time { precision: precision @ 0..=3 } => temporal(titled("int32", TIME), *precision),
        LogicalType::TimestampLtz { precision: precision @ 0..=3 } => temporal(titled("int64", TIMESTAMP), *precision),
        LogicalType::Timestamp { precision: precision @ 0..=3 } => {
            let mut map = temporal(number("int64"), *precision);
            map.insert("flink.version".to_owned(), json!("1"));
            map.insert("flink.type".to_owned(), json!("timestamp"));
            map
        }
        LogicalType::Time { .. } | LogicalType::Timestamp { .. } | LogicalType::TimestampLtz { .. } => {
            return Err(unsupported(path, logical.to_string(), "use a precision of at most 3"));
        }
        LogicalType::IntervalYearMonth { .. } | LogicalType::IntervalDayTime { .. } => {
            return Err(unsupported(path, logical.to_string(), "store the interval as BIGINT or STRING"));
        }
        LogicalType::Array { element } => {
            let mut map = typed("array");
            map.insert("items".to_owned(), Value::Object(schema(element, title, path)?));
            map
        }
        LogicalType::Map { key, value } => map(key, value, title, path)?,
        LogicalType::Multiset { element } => {
            let mut map = map(element, &LogicalType::Int.not_null(), title, path)?;
            map.insert("flink.version".to_owned(), json!("1"));
            map.insert("flink.type".to_owned(), json!("multiset"));
            map
        }
        LogicalType::Row { fields } => object(fields, title, path)?,
        LogicalType::Structured { .. } => {
            return Err(unsupported(path, logical.to_string(), "store it as ROW with the same fields"));
        }
        LogicalType::Variant => {
            return Err(unsupported(path, logical.to_string(), "store the JSON text as STRING"));
        }
    })
}

fn map(key: &DataType, value: &DataType, title: &str, path: &str) -> Result<Map<String, Value>, FormatError> {
    let mut map = if key.logical.is_character_string() {
        let mut map = typed("object");
        map.insert("additionalProperties".to_owned(), Value::Object(schema(value, title, path)?));
        map
    } else {
        let key = schema(key, &format!("{title}_key"), path)?;
        let value = schema(value, &format!("{title}_value"), path)?;
        let entry =
            json!({"type": "object", "properties": {"key": key, "value": value}, "additionalProperties": false});
        let mut map = typed("array");
        map.insert("items".to_owned(), entry);
        map
    };
    map.insert("connect.type".to_owned(), json!("map"));
    Ok(map)
}

fn number(connect_type: &str) -> Map<String, Value> {
    let mut map = typed("number");
    map.insert("connect.type".to_owned(), json!(connect_type));
    map
}

fn titled(connect_type: &str, title: &str) -> Map<String, Value> {
    let mut map = typed("number");
    map.insert("title".to_owned(), json!(title));
    map.insert("connect.type".to_owned(), json!(connect_type));
    map
}

fn temporal(mut map: Map<String, Value>, precision: u8) -> Map<String, Value> {
    if precision != 3 {
        map.insert("flink.version".to_owned(), json!("1"));
        map.insert("flink.precision".to_owned(), json!(precision));
    }
    map
}

fn text(min: Option<u32>, max: Option<u32>) -> Map<String, Value> {
    let mut map = typed("string");
    map.extend(min.map(|length| ("minLength".to_owned(), json!(length))));
    map.extend(max.map(|length| ("maxLength".to_owned(), json!(length))));
    map
}

fn bytes(lengths: &[(&str, u32)]) -> Map<String, Value> {
    let mut map = typed("string");
    map.extend(lengths.iter().map(|(key, length)| ((*key).to_owned(), json!(length))));
    if !lengths.is_empty() {
        map.insert("flink.version".to_owned(), json!("1"));
    }
    map.insert("connect.type".to_owned(), json!("bytes"));
    map
}
