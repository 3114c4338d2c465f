//! Avro schemas to SQL types and back (spec sql.md 2.4 no. 3, 7; 2.5).

use nutkin_types::{DataType, LogicalType, RowField};
use proptest::prelude::*;
use serde_json::json;

use super::support::{columns, fields, limits, row_type, text_type};
use crate::mapping::{SchemaOptions, avro};
use crate::{FormatError, RegisteredSchema, SchemaKind, SchemaReference};

fn to_sql(text: &str) -> Result<DataType, FormatError> {
    avro::to_sql(&RegisteredSchema::new(1, SchemaKind::Avro, text))
}

fn from_sql(fields: &[RowField]) -> Result<serde_json::Value, FormatError> {
    Ok(serde_json::from_str(&avro::from_sql(fields, &SchemaOptions::default())?).unwrap())
}

/// Schema of a NOT NULL column `f`.
fn schema_of(logical: LogicalType) -> serde_json::Value {
    from_sql(&fields(&[("f", logical.not_null())])).unwrap()["fields"][0]["type"].clone()
}

proptest! {
    #[test]
    fn sql_types_survive(columns in columns(limits(SchemaKind::Avro))) {
        let text = avro::from_sql(&columns, &SchemaOptions::default()).unwrap();
        let row = LogicalType::Row { fields: columns.into() }.not_null();
        prop_assert_eq!(to_sql(&text).unwrap(), row);
        prop_assert!(apache_avro::Schema::parse_str(&text).is_ok(), "{}", text);
    }
}

#[test]
fn every_type_is_written_as_documented() {
    use LogicalType as T;
    assert_eq!(schema_of(T::TinyInt), json!({"type": "int", "connect.type": "int8"}));
    assert_eq!(schema_of(T::SmallInt), json!({"type": "int", "connect.type": "int16"}));
    assert_eq!(schema_of(T::STRING), json!("string"));
    let char_type = json!({"type": "string", "flink.maxLength": 5, "flink.minLength": 5, "flink.version": "1"});
    assert_eq!(schema_of(T::Char { length: 5 }), char_type);
    let binary = json!({"type": "fixed", "name": "record_f", "size": 3});
    assert_eq!(schema_of(T::Binary { length: 3 }), binary);
    let varbinary = json!({"type": "bytes", "flink.maxLength": 9, "flink.version": "1"});
    assert_eq!(schema_of(T::VarBinary { length: 9 }), varbinary);
    let time = json!({"type": "int", "flink.precision": 2, "flink.version": "1", "logicalType": "time-millis"});
    assert_eq!(schema_of(T::Time { precision: 2 }), time);
    assert_eq!(
        schema_of(T::Timestamp { precision: 3 }),
        json!({"type": "long", "logicalType": "local-timestamp-millis"})
    );
    let micros = json!({"type": "long", "flink.precision": 5, "flink.version": "1", "logicalType": "timestamp-micros"});
    assert_eq!(schema_of(T::TimestampLtz { precision: 5 }), micros);
    let map = T::map(text_type(), T::Boolean.not_null());
    assert_eq!(schema_of(map), json!({"type": "map", "values": "boolean"}));
    let multiset = T::Multiset { element: Box::new(text_type()) };
    let expected = json!({"type": "map", "values": "int", "flink.type": "multiset", "flink.version": "1"});
    assert_eq!(schema_of(multiset), expected);
    let entries = json!({"type": "array", "items": {
        "type": "record", "name": "MapEntry", "namespace": "io.confluent.connect.avro",
        "fields": [{"name": "key", "type": "int"}, {"name": "value", "type": "bytes"}]}});
    assert_eq!(schema_of(T::map(T::Int.not_null(), T::BYTES.not_null())), entries);
}

#[test]
fn records_are_named_after_their_path_and_nullable_fields_default_to_null() {
    let inner = row_type(&[("b", DataType::string())]);
    let schema = from_sql(&fields(&[("a", inner.nullable())])).unwrap();
    let expected = json!({"type": "record", "name": "record", "namespace": "org.apache.flink.avro.generated",
        "fields": [{"name": "a", "default": null, "type": ["null", {"type": "record", "name": "record_a",
            "fields": [{"name": "b", "type": ["null", "string"], "default": null}]}]}]});
    assert_eq!(schema, expected);
}

#[test]
fn comments_become_docs_and_come_back() {
    let mut columns = fields(&[("a", LogicalType::Int.not_null())]);
    columns[0].description = Some("number of things".to_owned());
    let text = avro::from_sql(&columns, &SchemaOptions::default()).unwrap();
    assert_eq!(to_sql(&text).unwrap(), LogicalType::Row { fields: columns.into() }.not_null());
}

#[test]
fn what_avro_cannot_hold_is_refused() {
    use nutkin_types::data_type::YearMonthResolution;
    let interval = LogicalType::IntervalYearMonth { resolution: YearMonthResolution::Month, precision: 2 };
    for (name, logical) in [
        ("a", interval),
        ("a.b", LogicalType::Int),
        ("9", LogicalType::Int),
        ("t", LogicalType::Timestamp { precision: 9 }),
        ("v", LogicalType::Variant),
        ("o", LogicalType::Structured { class: "C".into(), fields: [].into() }),
    ] {
        let error = from_sql(&fields(&[(name, logical.nullable())])).unwrap_err();
        assert_eq!(error.code(), "NUTKIN-3001", "{error}");
    }
}

/// 2.4 no. 7: one nullable column per branch, named by type, or by full name.
#[test]
fn unions_become_rows_with_a_column_per_branch() {
    let text = r#"["int", "string", {"type": "record", "name": "User", "namespace": "org.myorg.avro", "fields": [
        {"name": "uid", "type": "int"}]}]"#;
    let user = row_type(&[("uid", LogicalType::Int.not_null())]);
    let expected = row_type(&[
        ("int", LogicalType::Int.nullable()),
        ("string", DataType::string()),
        ("org.myorg.avro.User", user.nullable()),
    ]);
    assert_eq!(to_sql(text).unwrap(), expected.clone().not_null());
    let with_null = text.replacen('[', "[\"null\", ", 1);
    assert_eq!(to_sql(&with_null).unwrap(), expected.nullable());
}

/// 2.4 no. 3 and 2.5, types that do not come from SQL.
#[test]
fn foreign_types_are_read_as_documented() {
    assert_eq!(to_sql("\"int\"").unwrap(), LogicalType::Int.not_null());
    assert_eq!(to_sql(r#"["null", "string"]"#).unwrap(), DataType::string());
    assert_eq!(to_sql(r#"{"type": "long", "logicalType": "time-micros"}"#).unwrap(), LogicalType::BigInt.not_null());
    assert_eq!(to_sql(r#"{"type": "enum", "name": "e", "symbols": ["A"]}"#).unwrap(), text_type());
    assert_eq!(to_sql(r#"{"type": "string", "logicalType": "uuid"}"#).unwrap(), text_type());
    let duration = r#"{"type": "fixed", "name": "d", "size": 12, "logicalType": "duration"}"#;
    assert_eq!(to_sql(duration).unwrap(), LogicalType::Binary { length: 12 }.not_null());
    let decimal = r#"{"type": "fixed", "name": "d", "size": 8, "logicalType": "decimal", "precision": 10, "scale": 2}"#;
    assert_eq!(to_sql(decimal).unwrap(), LogicalType::Decimal { precision: 10, scale: 2 }.not_null());
}

#[test]
fn references_are_resolved_by_name() {
    let purchase =
        r#"{"type": "record", "name": "Purchase", "namespace": "a.b", "fields": [{"name": "item", "type": "string"}]}"#;
    let mut schema = RegisteredSchema::new(1, SchemaKind::Avro, r#"["a.b.Purchase", "int"]"#);
    let missing = avro::to_sql(&schema).unwrap_err();
    assert_eq!(missing.code(), "NUTKIN-3002");
    assert!(missing.to_string().contains("a.b.Purchase"));
    schema.references.push(SchemaReference { name: "a.b.Purchase".to_owned(), text: purchase.to_owned() });
    let expected = row_type(&[
        ("a.b.Purchase", row_type(&[("item", text_type())]).nullable()),
        ("int", LogicalType::Int.nullable()),
    ]);
    assert_eq!(avro::to_sql(&schema).unwrap(), expected.not_null());
}

#[test]
fn recursive_records_and_bad_schemas_are_refused() {
    let list = r#"{"type": "record", "name": "l", "fields": [{"name": "next", "type": ["null", "l"]}]}"#;
    assert_eq!(to_sql(list).unwrap_err().code(), "NUTKIN-3001");
    for text in [
        "{",
        "{}",
        r#"{"type": "record", "name": "r"}"#,
        r#"["int", "int"]"#,
        r#"{"type": "fixed", "name": "f"}"#,
        r#"{"type": "enum", "name": "e", "symbols": []}"#,
        r#"[["int"]]"#,
        "7",
    ] {
        assert_eq!(to_sql(text).unwrap_err().code(), "NUTKIN-3000", "{text}");
    }
}
