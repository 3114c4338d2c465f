//! Protobuf schemas to SQL types and back (spec sql.md 2.4 no. 7, 8; 2.5).

use nutkin_types::{DataType, LogicalType, RowField};
use proptest::prelude::*;

use super::support::{columns, fields, limits, row_type, text_type};
use crate::mapping::{SchemaOptions, protobuf};
use crate::{FormatError, RegisteredSchema, SchemaKind, SchemaReference};

fn to_sql(text: &str) -> Result<DataType, FormatError> {
    protobuf::to_sql(&RegisteredSchema::new(1, SchemaKind::Protobuf, text))
}

fn from_sql(fields: &[RowField]) -> Result<String, FormatError> {
    protobuf::from_sql(fields, &SchemaOptions::default())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn sql_types_survive(columns in columns(limits(SchemaKind::Protobuf))) {
        let text = from_sql(&columns).unwrap();
        let row = LogicalType::Row { fields: columns.into() }.not_null();
        prop_assert_eq!(to_sql(&text).unwrap(), row, "{}", text);
    }
}

#[test]
fn rows_lists_and_maps_are_written_as_documented() {
    let inner = row_type(&[("a", LogicalType::Float.not_null())]);
    let text = from_sql(&fields(&[
        ("meta", inner.nullable()),
        ("array", LogicalType::array(LogicalType::BigInt.not_null()).not_null()),
        ("map", LogicalType::map(DataType::string(), LogicalType::BigInt.nullable()).not_null()),
    ]))
    .unwrap();
    let expected = r#"syntax = "proto3";
package io.confluent.protobuf.generated;

message Row {
  optional meta_Row meta = 1;
  repeated int64 array = 2;
  repeated MapEntry map = 3;

  message meta_Row {
    float a = 1;
  }

  message MapEntry {
    optional string key = 1;
    optional int64 value = 2;
  }
}
"#;
    assert_eq!(text, expected);
}

#[test]
fn annotations_are_written_as_documented() {
    let mut columns = fields(&[("s", LogicalType::SmallInt.nullable()), ("d", LogicalType::Date.not_null())]);
    columns[0].description = Some("a \"number\"".to_owned());
    let expected = r#"syntax = "proto3";
package io.confluent.protobuf.generated;

import "confluent/meta.proto";
import "google/type/date.proto";

message Row {
  optional int32 s = 1 [(confluent.field_meta) = {
    doc: "a \"number\"",
    params: [
      {
        key: "connect.type",
        value: "int16"
      },
      {
        key: "flink.version",
        value: "1"
      }
    ]
  }];
  .google.type.Date d = 2 [(confluent.field_meta) = {
    params: [
      {
        key: "flink.notNull",
        value: "true"
      },
      {
        key: "flink.version",
        value: "1"
      }
    ]
  }];
}
"#;
    let text = from_sql(&columns).unwrap();
    assert_eq!(text, expected);
    assert_eq!(to_sql(&text).unwrap(), LogicalType::Row { fields: columns.into() }.not_null());
    // Registries hand such schemas out without the import of the annotations.
    let bare = text.replace("import \"confluent/meta.proto\";\n", "");
    assert_eq!(to_sql(&bare).unwrap(), to_sql(&text).unwrap());
}

#[test]
fn nullable_lists_and_elements_are_wrapped() {
    let list = LogicalType::array(LogicalType::BigInt.nullable());
    let text = from_sql(&fields(&[("e", list.clone().not_null()), ("n", list.nullable())])).unwrap();
    for part in [
        "repeated eElementWrapper e = 1 [(confluent.field_meta)",
        "  message eElementWrapper {\n    optional int64 value = 1;\n  }",
        "  nRepeatedWrapper n = 2 [(confluent.field_meta)",
        "key: \"flink.wrapped\",\n        value: \"true\"",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
}

/// 2.4 no. 8 and 2.5, types that do not come from SQL; a oneof stands after all other fields.
#[test]
fn foreign_types_are_read_as_documented() {
    let text = r#"syntax = "proto3"; import "google/protobuf/wrappers.proto"; import "google/protobuf/timestamp.proto";
        enum Color { RED = 0; BLUE = 1; }
        message M {
            uint32 u = 1; fixed64 f = 2; optional sint32 s = 3; google.protobuf.StringValue w = 4; Color c = 5;
            repeated string r = 6; map<string, int32> m = 7; google.protobuf.Timestamp t = 8; repeated N n = 9;
            oneof one { string a = 10; N b = 11; } bytes x = 12;
            message N { bool y = 1; }
        }"#;
    let inner = row_type(&[("y", LogicalType::Boolean.not_null())]);
    let expected = row_type(&[
        ("u", LogicalType::BigInt.not_null()),
        ("f", LogicalType::BigInt.not_null()),
        ("s", LogicalType::Int.nullable()),
        ("w", DataType::string()),
        ("c", text_type()),
        ("r", LogicalType::array(text_type()).not_null()),
        ("m", LogicalType::map(text_type(), LogicalType::Int.not_null()).not_null()),
        ("t", LogicalType::TimestampLtz { precision: 9 }.nullable()),
        ("n", LogicalType::array(inner.clone().nullable()).not_null()),
        ("x", LogicalType::BYTES.not_null()),
        ("one", row_type(&[("a", DataType::string()), ("b", inner.nullable())]).nullable()),
    ]);
    assert_eq!(to_sql(text).unwrap(), expected.not_null());
}

/// 2.4 no. 7: a column per message that no other one uses.
#[test]
fn several_messages_become_a_column_each() {
    let text = r#"syntax = "proto3"; message Purchase { string item = 1; Detail d = 2; } message Detail { int32 x = 1; }
        message Pageview { string url = 1; }"#;
    let detail = row_type(&[("x", LogicalType::Int.not_null())]);
    let expected = row_type(&[
        ("Purchase", row_type(&[("item", text_type()), ("d", detail.nullable())]).nullable()),
        ("Pageview", row_type(&[("url", text_type())]).nullable()),
    ]);
    assert_eq!(to_sql(text).unwrap(), expected.not_null());
}

#[test]
fn imports_are_references() {
    let text = r#"syntax = "proto3"; import "other.proto"; message M { p.Other o = 1; }"#;
    let mut schema = RegisteredSchema::new(1, SchemaKind::Protobuf, text);
    let missing = protobuf::to_sql(&schema).unwrap_err();
    assert_eq!((missing.code(), missing.to_string().contains("other.proto")), ("NUTKIN-3002", true), "{missing}");
    let other = r#"syntax = "proto3"; package p; message Other { int32 a = 1; }"#;
    schema.references.push(SchemaReference { name: "other.proto".to_owned(), text: other.to_owned() });
    let expected = row_type(&[("o", row_type(&[("a", LogicalType::Int.not_null())]).nullable())]);
    assert_eq!(protobuf::to_sql(&schema).unwrap(), expected.not_null());
}

#[test]
fn what_cannot_be_is_refused() {
    let recursive = r#"syntax = "proto3"; message M { M next = 1; }"#;
    assert_eq!(to_sql(recursive).unwrap_err().code(), "NUTKIN-3001");
    for text in ["", "message", "syntax = \"proto3\"; message M { X x = 1; }"] {
        assert_eq!(to_sql(text).unwrap_err().code(), "NUTKIN-3000", "{text}");
    }
    assert_eq!(from_sql(&fields(&[("a b", LogicalType::Int.nullable())])).unwrap_err().code(), "NUTKIN-3001");
    assert_eq!(from_sql(&fields(&[("a", LogicalType::Null.nullable())])).unwrap_err().code(), "NUTKIN-3001");
}
