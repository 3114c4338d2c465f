//! The tables of the type mapping (spec sql.md 2.5), row by row and in both directions: what CREATE TABLE registers for a
//! type, and the type that this schema is seen as.

use nutkin_types::data_type::MAX_LENGTH;
use nutkin_types::{DataType, LogicalType as T};
use serde_json::{Value, json};

use super::support::{fields, row_type, text_type};
use crate::mapping::{SchemaOptions, from_sql, to_sql};
use crate::{RegisteredSchema, SchemaKind};

/// The schema of a column `f`, and the type that comes back.
fn there_and_back(kind: SchemaKind, data_type: DataType) -> (String, DataType) {
    let text = from_sql(kind, &fields(&[("f", data_type)]), &SchemaOptions::default()).unwrap();
    let seen = to_sql(&RegisteredSchema::new(1, kind, text.clone())).unwrap();
    let T::Row { fields } = seen.logical else { panic!("{text}") };
    (text, fields[0].data_type.clone())
}

fn multiset(element: DataType) -> T {
    T::Multiset { element: Box::new(element) }
}

fn entry(key: &Value, value: &Value) -> Value {
    json!({"type": "record", "name": "MapEntry", "namespace": "io.confluent.connect.avro",
        "fields": [{"name": "key", "type": key}, {"name": "value", "type": value}]})
}

#[test]
fn avro() {
    let length = |kind: &str| json!({"type": kind, "flink.maxLength": 123, "flink.version": "1"});
    let time = |kind: &str, logical: &str| json!({"type": kind, "logicalType": logical});
    let precise = |kind: &str, logical: &str, precision: u8| json!({"type": kind, "logicalType": logical, "flink.precision": precision, "flink.version": "1"});
    for (logical, schema) in [
        (T::array(T::BigInt.not_null()), json!({"type": "array", "items": "long"})),
        (T::BigInt, json!("long")),
        (T::Binary { length: 123 }, json!({"type": "fixed", "name": "record_f", "size": 123})),
        (T::Boolean, json!("boolean")),
        (
            T::Char { length: 123 },
            json!({"type": "string", "flink.maxLength": 123, "flink.minLength": 123, "flink.version": "1"}),
        ),
        (T::Date, time("int", "date")),
        (
            T::Decimal { precision: 6, scale: 3 },
            json!({"type": "bytes", "logicalType": "decimal", "precision": 6, "scale": 3}),
        ),
        (T::Double, json!("double")),
        (T::Float, json!("float")),
        (T::Int, json!("int")),
        (T::map(text_type(), T::Boolean.not_null()), json!({"type": "map", "values": "boolean"})),
        (
            T::map(T::Int.not_null(), T::BYTES.not_null()),
            json!({"type": "array", "items": entry(&json!("int"), &json!("bytes"))}),
        ),
        (
            multiset(text_type()),
            json!({"type": "map", "values": "int", "flink.type": "multiset", "flink.version": "1"}),
        ),
        (
            multiset(T::BigInt.not_null()),
            json!({"type": "array", "items": entry(&json!("long"), &json!("int")), "flink.type": "multiset",
                "flink.version": "1"}),
        ),
        (
            row_type(&[("f0", T::BigInt.not_null())]),
            json!({"type": "record", "name": "record_f", "fields": [{"name": "f0", "type": "long"}]}),
        ),
        (T::SmallInt, json!({"type": "int", "connect.type": "int16"})),
        (T::STRING, json!("string")),
        (T::VarChar { length: 123 }, length("string")),
        (T::Time { precision: 3 }, time("int", "time-millis")),
        (T::Time { precision: 2 }, precise("int", "time-millis", 2)),
        (T::Timestamp { precision: 3 }, time("long", "local-timestamp-millis")),
        (T::Timestamp { precision: 2 }, precise("long", "local-timestamp-millis", 2)),
        (T::Timestamp { precision: 6 }, time("long", "local-timestamp-micros")),
        (T::Timestamp { precision: 4 }, precise("long", "local-timestamp-micros", 4)),
        (T::TimestampLtz { precision: 3 }, time("long", "timestamp-millis")),
        (T::TimestampLtz { precision: 0 }, precise("long", "timestamp-millis", 0)),
        (T::TimestampLtz { precision: 6 }, time("long", "timestamp-micros")),
        (T::TinyInt, json!({"type": "int", "connect.type": "int8"})),
        (T::VarBinary { length: 123 }, length("bytes")),
        (T::VarBinary { length: MAX_LENGTH }, json!("bytes")),
    ] {
        let (text, seen) = there_and_back(SchemaKind::Avro, logical.clone().not_null());
        let text: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(text["fields"][0]["type"], schema);
        assert_eq!(seen, logical.clone().not_null());
        let (text, seen) = there_and_back(SchemaKind::Avro, logical.clone().nullable());
        let text: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(text["fields"][0], json!({"name": "f", "type": ["null", schema], "default": null}));
        assert_eq!(seen, logical.nullable());
    }
}

#[test]
fn json_schema() {
    let number = |connect: &str| json!({"type": "number", "connect.type": connect});
    let titled = |connect: &str, name: &str| json!({"type": "number", "connect.type": connect, "title": format!("org.apache.kafka.connect.data.{name}")});
    let with = |schema: Value, more: Value| {
        let mut schema = schema;
        schema.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        schema
    };
    let flink = |more: Value| with(more, json!({"flink.version": "1"}));
    let entries = |key: &Value, value: &Value| {
        json!({"type": "array", "connect.type": "map", "items": {"type": "object", "additionalProperties": false,
            "properties": {"key": key, "value": value}}})
    };
    let object = |value: &Value| json!({"type": "object", "connect.type": "map", "additionalProperties": value});
    for (logical, schema) in [
        (T::array(T::BigInt.not_null()), json!({"type": "array", "items": number("int64")})),
        (T::BigInt, number("int64")),
        (
            T::Binary { length: 123 },
            flink(json!({"type": "string", "flink.maxLength": 123, "flink.minLength": 123, "connect.type": "bytes"})),
        ),
        (T::Boolean, json!({"type": "boolean"})),
        (T::Char { length: 123 }, json!({"type": "string", "minLength": 123, "maxLength": 123})),
        (T::Date, titled("int32", "Date")),
        (
            T::Decimal { precision: 6, scale: 3 },
            with(
                titled("bytes", "Decimal"),
                json!({"connect.parameters": {"connect.decimal.precision": "6", "scale": "3"}}),
            ),
        ),
        (T::Double, number("float64")),
        (T::Float, number("float32")),
        (T::Int, number("int32")),
        (T::map(T::Int.not_null(), T::BigInt.not_null()), entries(&number("int32"), &number("int64"))),
        (T::map(text_type(), T::BigInt.not_null()), object(&number("int64"))),
        (
            multiset(T::Int.not_null()),
            with(entries(&number("int32"), &number("int32")), flink(json!({"flink.type": "multiset"}))),
        ),
        (multiset(text_type()), with(object(&number("int32")), flink(json!({"flink.type": "multiset"})))),
        (T::SmallInt, number("int16")),
        (T::Time { precision: 3 }, titled("int32", "Time")),
        (T::Time { precision: 2 }, with(titled("int32", "Time"), flink(json!({"flink.precision": 2})))),
        (T::Timestamp { precision: 3 }, with(number("int64"), flink(json!({"flink.type": "timestamp"})))),
        (
            T::Timestamp { precision: 2 },
            with(number("int64"), flink(json!({"flink.type": "timestamp", "flink.precision": 2}))),
        ),
        (T::TimestampLtz { precision: 3 }, titled("int64", "Timestamp")),
        (T::TimestampLtz { precision: 2 }, with(titled("int64", "Timestamp"), flink(json!({"flink.precision": 2})))),
        (T::TinyInt, number("int8")),
        (
            T::VarBinary { length: 123 },
            flink(json!({"type": "string", "flink.maxLength": 123, "connect.type": "bytes"})),
        ),
        (T::BYTES, json!({"type": "string", "connect.type": "bytes"})),
        (T::VarChar { length: 123 }, json!({"type": "string", "maxLength": 123})),
        (T::STRING, json!({"type": "string"})),
    ] {
        let (text, seen) = there_and_back(SchemaKind::Json, logical.clone().not_null());
        let text: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(text["properties"]["f"], with(schema.clone(), json!({"connect.index": 0})));
        assert_eq!(text["required"], json!(["f"]));
        assert_eq!(seen, logical.clone().not_null());
        let (text, seen) = there_and_back(SchemaKind::Json, logical.clone().nullable());
        let text: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(text["properties"]["f"], json!({"oneOf": [{"type": "null"}, schema], "connect.index": 0}));
        assert_eq!(seen, logical.nullable());
    }
}

/// The annotations of field `f`, in the order of the text.
fn params(text: &str) -> Vec<(String, String)> {
    let parts: Vec<&str> = text.split('"').collect();
    let quoted = |word: &str| {
        let places = parts.iter().enumerate().filter(move |(_, part)| part.trim_end().ends_with(word));
        places.map(|(at, _)| parts[at + 1].to_owned()).collect::<Vec<_>>()
    };
    let pairs = quoted("key:").into_iter().zip(quoted("value:"));
    pairs.filter(|(key, _)| key != "flink.version").collect()
}

#[test]
fn protobuf() {
    let date = ".google.type.Date";
    let timestamp = ".google.protobuf.Timestamp";
    for (logical, kind, annotations) in [
        (T::BigInt, "int64", vec![]),
        (T::Binary { length: 123 }, "bytes", vec![("flink.maxLength", "123"), ("flink.minLength", "123")]),
        (T::Boolean, "bool", vec![]),
        (T::Char { length: 123 }, "string", vec![("flink.maxLength", "123"), ("flink.minLength", "123")]),
        (T::Date, date, vec![]),
        (T::Decimal { precision: 5, scale: 1 }, ".confluent.type.Decimal", vec![("precision", "5"), ("scale", "1")]),
        (T::Double, "double", vec![]),
        (T::Float, "float", vec![]),
        (T::Int, "int32", vec![]),
        (T::SmallInt, "int32", vec![("connect.type", "int16")]),
        (T::Timestamp { precision: 3 }, timestamp, vec![("flink.type", "timestamp"), ("flink.precision", "3")]),
        (T::Timestamp { precision: 9 }, timestamp, vec![("flink.type", "timestamp")]),
        (T::TimestampLtz { precision: 3 }, timestamp, vec![("flink.precision", "3")]),
        (T::TimestampLtz { precision: 9 }, timestamp, vec![]),
        (T::Time { precision: 3 }, ".google.type.TimeOfDay", vec![("flink.precision", "3")]),
        (T::TinyInt, "int32", vec![("connect.type", "int8")]),
        (T::VarBinary { length: 123 }, "bytes", vec![("flink.maxLength", "123")]),
        (T::BYTES, "bytes", vec![]),
        (T::VarChar { length: 123 }, "string", vec![("flink.maxLength", "123")]),
        (T::STRING, "string", vec![]),
        (row_type(&[("a", T::Float.not_null())]), "f_Row", vec![]),
    ] {
        let expected = |more: Option<(&str, &str)>| -> Vec<(String, String)> {
            let all = more.into_iter().chain(annotations.iter().copied());
            all.map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
        };
        let (text, seen) = there_and_back(SchemaKind::Protobuf, logical.clone().nullable());
        assert!(text.contains(&format!("  optional {kind} f = 1")), "{text}");
        assert_eq!(params(&text), expected(None), "{text}");
        assert_eq!(seen, logical.clone().nullable());
        // Messages are nullable unless an annotation says otherwise.
        let is_message = kind.starts_with('.') || kind == "f_Row";
        let (text, seen) = there_and_back(SchemaKind::Protobuf, logical.clone().not_null());
        assert!(text.contains(&format!("\n  {kind} f = 1")), "{text}");
        assert_eq!(params(&text), expected(is_message.then_some(("flink.notNull", "true"))), "{text}");
        assert_eq!(seen, logical.not_null());
    }
    for (logical, parts) in [
        (T::array(T::BigInt.not_null()), vec!["  repeated int64 f = 1;"]),
        (
            T::map(DataType::string(), T::BigInt.nullable()),
            vec![
                "  repeated FEntry f = 1;",
                "message FEntry {\n    optional string key = 1;\n    optional int64 value = 2;",
            ],
        ),
        (
            multiset(DataType::string()),
            vec!["  repeated FEntry f = 1 [", "\"multiset\"", "optional string key = 1;\n    int32 value = 2;"],
        ),
        (
            T::array(T::BigInt.nullable()),
            vec![
                "  repeated fElementWrapper f = 1 [",
                "\"flink.wrapped\"",
                "message fElementWrapper {\n    optional int64 value = 1;",
            ],
        ),
    ] {
        let (text, seen) = there_and_back(SchemaKind::Protobuf, logical.clone().not_null());
        assert!(parts.iter().all(|part| text.contains(part)), "{text}");
        assert_eq!(seen, logical.clone().not_null());
        let (text, seen) = there_and_back(SchemaKind::Protobuf, logical.clone().nullable());
        assert!(text.contains("  fRepeatedWrapper f = 1 [") && text.contains("\"flink.wrapped\""), "{text}");
        assert_eq!(seen, logical.nullable());
    }
}
