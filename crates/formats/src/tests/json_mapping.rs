//! JSON schemas to SQL types and back (spec sql.md 2.4 no. 7, 8; 2.5).

use nutkin_types::{DataType, LogicalType, RowField};
use proptest::prelude::*;
use serde_json::json;

use super::support::{columns, fields, limits, row_type, text_type};
use crate::mapping::{SchemaOptions, json};
use crate::{FormatError, RegisteredSchema, SchemaKind, SchemaReference};

fn to_sql(schema: &serde_json::Value) -> Result<DataType, FormatError> {
    json::to_sql(&RegisteredSchema::new(1, SchemaKind::Json, schema.to_string()))
}

fn from_sql(fields: &[RowField]) -> Result<serde_json::Value, FormatError> {
    Ok(serde_json::from_str(&json::from_sql(fields, &SchemaOptions::default())?).unwrap())
}

/// Schema of a NOT NULL column `f`, without its index.
fn schema_of(logical: LogicalType) -> serde_json::Value {
    let mut schema = from_sql(&fields(&[("f", logical.not_null())])).unwrap()["properties"]["f"].clone();
    schema.as_object_mut().unwrap().remove("connect.index");
    schema
}

proptest! {
    #[test]
    fn sql_types_survive(columns in columns(limits(SchemaKind::Json))) {
        let text = json::from_sql(&columns, &SchemaOptions::default()).unwrap();
        let row = LogicalType::Row { fields: columns.into() }.not_null();
        let schema = RegisteredSchema::new(1, SchemaKind::Json, text);
        prop_assert_eq!(json::to_sql(&schema).unwrap(), row);
    }
}

#[test]
fn every_type_is_written_as_documented() {
    use LogicalType as T;
    assert_eq!(schema_of(T::BigInt), json!({"type": "number", "connect.type": "int64"}));
    assert_eq!(schema_of(T::Boolean), json!({"type": "boolean"}));
    assert_eq!(schema_of(T::Char { length: 3 }), json!({"type": "string", "minLength": 3, "maxLength": 3}));
    let binary = json!({"type": "string", "flink.maxLength": 3, "flink.minLength": 3, "flink.version": "1",
        "connect.type": "bytes"});
    assert_eq!(schema_of(T::Binary { length: 3 }), binary);
    let date = json!({"type": "number", "title": "org.apache.kafka.connect.data.Date", "connect.type": "int32"});
    assert_eq!(schema_of(T::Date), date);
    let decimal = json!({"type": "number", "title": "org.apache.kafka.connect.data.Decimal", "connect.type": "bytes",
        "connect.parameters": {"connect.decimal.precision": "10", "scale": "2"}});
    assert_eq!(schema_of(T::Decimal { precision: 10, scale: 2 }), decimal);
    let time = json!({"type": "number", "title": "org.apache.kafka.connect.data.Time", "flink.precision": 2,
        "connect.type": "int32", "flink.version": "1"});
    assert_eq!(schema_of(T::Time { precision: 2 }), time);
    let timestamp = json!({"type": "number", "connect.type": "int64", "flink.version": "1", "flink.type": "timestamp"});
    assert_eq!(schema_of(T::Timestamp { precision: 3 }), timestamp);
    let ltz = json!({"type": "number", "title": "org.apache.kafka.connect.data.Timestamp", "connect.type": "int64"});
    assert_eq!(schema_of(T::TimestampLtz { precision: 3 }), ltz);
    let map = json!({"type": "object", "connect.type": "map",
        "additionalProperties": {"type": "number", "connect.type": "int64"}});
    assert_eq!(schema_of(T::map(text_type(), T::BigInt.not_null())), map);
    let multiset = json!({"type": "array", "connect.type": "map", "flink.type": "multiset", "flink.version": "1",
        "items": {"type": "object", "additionalProperties": false, "properties": {
            "key": {"type": "number", "connect.type": "int32"}, "value": {"type": "number", "connect.type": "int32"}}}});
    assert_eq!(schema_of(T::Multiset { element: Box::new(T::Int.not_null()) }), multiset);
}

#[test]
fn objects_keep_order_titles_and_nullability() {
    let inner = row_type(&[("x", LogicalType::TinyInt.nullable())]);
    let schema = from_sql(&fields(&[("b", inner.not_null()), ("a", DataType::string())])).unwrap();
    let expected = json!({"type": "object", "title": "Record", "additionalProperties": false, "required": ["b"],
        "properties": {
            "b": {"type": "object", "title": "Record_b", "additionalProperties": false, "connect.index": 0,
                "properties": {"x": {"connect.index": 0,
                    "oneOf": [{"type": "null"}, {"type": "number", "connect.type": "int8"}]}}},
            "a": {"oneOf": [{"type": "null"}, {"type": "string"}], "connect.index": 1}}});
    assert_eq!(schema, expected);
}

#[test]
fn what_json_schema_cannot_hold_is_refused() {
    for logical in [LogicalType::Timestamp { precision: 6 }, LogicalType::Time { precision: 6 }] {
        assert_eq!(from_sql(&fields(&[("a", logical.nullable())])).unwrap_err().code(), "NUTKIN-3001");
    }
}

/// 2.5, types that do not come from SQL; without `connect.index` properties stand by name.
#[test]
fn foreign_types_are_read_as_documented() {
    let schema = json!({"type": "object", "required": ["n"], "properties": {
        "n": {"type": "integer"}, "d": {"type": "number"}, "e": {"enum": ["A", "B"]}, "l": {"type": ["null", "string"]},
        "m": {"type": "object", "additionalProperties": {"type": "boolean"}}}});
    let expected = row_type(&[
        ("d", LogicalType::Double.nullable()),
        ("e", DataType::string()),
        ("l", DataType::string()),
        ("m", LogicalType::map(text_type(), LogicalType::Boolean.not_null()).nullable()),
        ("n", LogicalType::BigInt.not_null()),
    ]);
    assert_eq!(to_sql(&schema).unwrap(), expected.not_null());
}

/// 2.4 no. 7, also through references.
#[test]
fn one_of_becomes_a_row_with_a_column_per_branch() {
    let order =
        json!({"title": "Order", "type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}});
    let schema = json!({"type": "object", "oneOf": [{"$ref": "order.json"}, {"$ref": "#/definitions/ship"}, {"type": "null"}],
        "definitions": {"ship": {"type": "object", "properties": {"to": {"type": "string"}}}}});
    let mut registered = RegisteredSchema::new(1, SchemaKind::Json, schema.to_string());
    assert_eq!(json::to_sql(&registered).unwrap_err().code(), "NUTKIN-3002");
    registered.references.push(SchemaReference { name: "order.json".to_owned(), text: order.to_string() });
    let expected = row_type(&[
        ("connect_union_field_0", row_type(&[("id", text_type())]).nullable()),
        ("connect_union_field_1", row_type(&[("to", DataType::string())]).nullable()),
    ]);
    assert_eq!(json::to_sql(&registered).unwrap(), expected.nullable());
}

#[test]
fn parts_of_all_of_are_put_together() {
    let schema = json!({"allOf": [
        {"type": "object", "properties": {"a": {"type": "boolean"}}, "required": ["a"]},
        {"properties": {"b": {"type": "boolean"}}}]});
    let expected = row_type(&[("a", LogicalType::Boolean.not_null()), ("b", LogicalType::Boolean.nullable())]);
    assert_eq!(to_sql(&schema).unwrap(), expected.not_null());
}

/// 2.5: the parts and the schema around them are one ROW, whose columns stand by name; any part may require them.
#[test]
fn parts_of_all_of_are_put_together_through_references() {
    let schema = json!({"type": "object", "title": "IdentifyUser",
        "allOf": [{"$ref": "#/definitions/Base"}, {"$ref": "#/definitions/Base2"}, {"required": ["old"]}],
        "properties": {"old": {"type": "string"}, "new": {"type": "string"}},
        "definitions": {
            "Base": {"properties": {"id": {"type": "string"}, "type": {"type": "string"}}, "required": ["id"]},
            "Base2": {"properties": {"id2": {"type": "integer", "connect.type": "int32", "connect.index": 0}}}}});
    let expected = row_type(&[
        ("id2", LogicalType::Int.nullable()),
        ("id", text_type()),
        ("new", DataType::string()),
        ("old", text_type()),
        ("type", DataType::string()),
    ]);
    assert_eq!(to_sql(&schema).unwrap(), expected.not_null());
}

/// 2.4 no. 7 and 2.5: anyOf is as oneOf, a union of one is that one, and tuples have no type.
#[test]
fn combined_schemas_are_rows_unless_one_branch_is_left() {
    let any = json!({"anyOf": [{"type": "integer"}, {"type": "string"}]});
    let expected = row_type(&[
        ("connect_union_field_0", LogicalType::BigInt.nullable()),
        ("connect_union_field_1", DataType::string()),
    ]);
    assert_eq!(to_sql(&any).unwrap(), expected.not_null());
    assert_eq!(to_sql(&json!({"oneOf": [{"type": "boolean"}]})).unwrap(), LogicalType::Boolean.not_null());
    let nullable = json!({"anyOf": [{"type": "boolean"}, {"type": "null"}]});
    assert_eq!(to_sql(&nullable).unwrap(), LogicalType::Boolean.nullable());
    let inside = json!({"type": "object", "properties": {"u": {"oneOf": [
        {"type": "null"}, {"type": "object", "title": "A", "properties": {"a": {"type": "boolean"}}}, {"type": "number"}]}}});
    let union = row_type(&[
        ("connect_union_field_0", row_type(&[("a", LogicalType::Boolean.nullable())]).nullable()),
        ("connect_union_field_1", LogicalType::Double.nullable()),
    ]);
    assert_eq!(to_sql(&inside).unwrap(), row_type(&[("u", union.nullable())]).not_null());
    // Branches that only narrow the object are no branches of a union.
    let narrowed = json!({"type": "object", "properties": {"a": {"type": "boolean"}, "b": {"type": "boolean"}},
        "anyOf": [{"required": ["a"]}, {"required": ["b"]}]});
    let expected = row_type(&[("a", LogicalType::Boolean.nullable()), ("b", LogicalType::Boolean.nullable())]);
    assert_eq!(to_sql(&narrowed).unwrap(), expected.not_null());
    let tuple = json!({"type": "array", "items": [{"type": "string"}, {"type": "integer"}]});
    assert_eq!(to_sql(&tuple).unwrap_err().code(), "NUTKIN-3001");
}

/// 2.5: the titles and properties by which Kafka Connect keeps its types, on integers as well as on numbers.
#[test]
fn connect_types_are_read_as_documented() {
    let connect = "org.apache.kafka.connect.data";
    let decimal = json!({"type": "number", "title": format!("{connect}.Decimal"), "connect.type": "bytes",
        "connect.parameters": {"scale": "2", "connect.decimal.precision": "8"}});
    let bytes = json!({"type": "string", "connect.type": "bytes", "flink.maxLength": 4, "flink.minLength": 4});
    let entries = json!({"type": "array", "connect.type": "map", "items": {"type": "object", "properties": {
        "key": {"type": "integer", "connect.type": "int32"}, "value": {"type": "string"}}}});
    for (schema, expected) in [
        (json!({"type": "integer", "connect.type": "int8"}), LogicalType::TinyInt),
        (json!({"type": "integer", "connect.type": "int16"}), LogicalType::SmallInt),
        (json!({"type": "number", "connect.type": "int32"}), LogicalType::Int),
        (json!({"type": "number", "connect.type": "float32"}), LogicalType::Float),
        (json!({"type": "number", "connect.type": "float64"}), LogicalType::Double),
        (json!({"type": "integer", "title": format!("{connect}.Date"), "connect.type": "int32"}), LogicalType::Date),
        (
            json!({"type": "integer", "title": format!("{connect}.Time"), "connect.type": "int32"}),
            LogicalType::Time { precision: 3 },
        ),
        (
            json!({"type": "integer", "title": format!("{connect}.Timestamp"), "connect.type": "int64"}),
            LogicalType::TimestampLtz { precision: 3 },
        ),
        (
            json!({"type": "number", "connect.type": "int64", "flink.type": "timestamp", "flink.precision": 1,
                "title": format!("{connect}.Timestamp")}),
            LogicalType::Timestamp { precision: 1 },
        ),
        (decimal, LogicalType::Decimal { precision: 8, scale: 2 }),
        (bytes, LogicalType::Binary { length: 4 }),
        (json!({"type": "string", "maxLength": 9}), LogicalType::VarChar { length: 9 }),
        (entries, LogicalType::map(LogicalType::Int.not_null(), text_type())),
    ] {
        assert_eq!(to_sql(&schema).unwrap(), expected.not_null(), "{schema}");
    }
}

#[test]
fn recursive_and_invalid_schemas_are_refused() {
    let recursive = json!({"type": "object", "properties": {"next": {"$ref": "#"}}});
    assert_eq!(to_sql(&recursive).unwrap_err().code(), "NUTKIN-3001");
    let counts = json!({"type": "object", "connect.type": "map", "flink.type": "multiset",
        "additionalProperties": {"type": "number", "connect.type": "int64"}});
    assert_eq!(to_sql(&counts).unwrap_err().code(), "NUTKIN-3001");
    assert_eq!(to_sql(&json!({"type": "strange"})).unwrap_err().code(), "NUTKIN-3000");
    let text = RegisteredSchema::new(1, SchemaKind::Json, "{");
    assert_eq!(json::to_sql(&text).unwrap_err().code(), "NUTKIN-3000");
}
