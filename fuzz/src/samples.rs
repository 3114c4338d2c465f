//! Valid samples that several targets use: SQL texts, one table with rows, and its schemas.

use std::sync::{Arc, LazyLock};

use arrow_array::ArrayRef;
use nutkin_formats::mapping::{SchemaOptions, from_sql};
use nutkin_formats::{DecodedColumn, Decoder, FormatConfig, RegisteredSchema, SchemaKind};
use nutkin_types::data_type::MAX_LENGTH;
use nutkin_types::{LogicalType, RowField};

/// The id of every sample schema.
pub const SCHEMA_ID: i32 = 7;

/// The SQL room's own corpus, one statement each.
pub fn statements() -> impl Iterator<Item = &'static str> {
    const SCRIPTS: [&str; 2] = [
        include_str!("../../crates/sql/tests-data/queries.sql"),
        include_str!("../../crates/sql/tests-data/statements.sql"),
    ];
    SCRIPTS.into_iter().flat_map(|script| {
        let statements = nutkin_sql::parse_statements(script).unwrap();
        statements.into_iter().map(|(_, span)| span.text(script))
    })
}

/// Columns of every type that Avro, JSON Schema and Protobuf can hold.
pub fn columns() -> Vec<RowField> {
    let text = || LogicalType::VarChar { length: MAX_LENGTH };
    let inner = LogicalType::row([("a", LogicalType::Int.not_null()), ("b", text().nullable())]);
    [
        ("id", LogicalType::BigInt.not_null()),
        ("flag", LogicalType::Boolean.nullable()),
        ("tiny", LogicalType::TinyInt.nullable()),
        ("small", LogicalType::SmallInt.not_null()),
        ("number", LogicalType::Int.nullable()),
        ("real", LogicalType::Float.nullable()),
        ("price", LogicalType::Double.not_null()),
        ("amount", LogicalType::Decimal { precision: 12, scale: 2 }.nullable()),
        ("name", text().not_null()),
        ("code", LogicalType::Char { length: 3 }.nullable()),
        ("body", LogicalType::BYTES.nullable()),
        ("day", LogicalType::Date.nullable()),
        ("hour", LogicalType::Time { precision: 3 }.nullable()),
        ("local_time", LogicalType::Timestamp { precision: 3 }.nullable()),
        ("instant", LogicalType::TimestampLtz { precision: 3 }.not_null()),
        ("tags", LogicalType::array(text().nullable()).nullable()),
        ("scores", LogicalType::map(text().not_null(), LogicalType::Int.nullable()).nullable()),
        ("inner", inner.clone().nullable()),
        ("inners", LogicalType::array(inner.nullable()).not_null()),
    ]
    .into_iter()
    .map(|(name, data_type)| RowField::new(name, data_type))
    .collect()
}

/// Every column as one to decode.
pub fn wanted(columns: &[RowField]) -> Vec<DecodedColumn> {
    columns.iter().map(|column| DecodedColumn::field(&column.name, column.data_type.clone())).collect()
}

/// The schema of [`columns`] in a language.
pub fn schema(kind: SchemaKind) -> RegisteredSchema {
    let text = from_sql(kind, &columns(), &SchemaOptions::default()).unwrap();
    RegisteredSchema::new(SCHEMA_ID, kind, text)
}

/// Rows of [`columns`]: full, empty, at the edges.
pub fn rows() -> Vec<ArrayRef> {
    static ROWS: LazyLock<Vec<ArrayRef>> = LazyLock::new(|| {
        const TEXTS: [&str; 3] = [
            r#"{"id": 1, "flag": true, "tiny": 2, "small": 3, "number": 4, "real": 0.5, "price": 9.99, "amount": 12.34, "name": "Ann \u00e9\ud834\udd1e",
                "code": "abc", "body": "AAEC/w==", "day": 20000, "hour": 3600000, "local_time": 1700000000000, "instant": 1700000000123, "tags": ["x", null, ""],
                "scores": {"a": 1, "b": null}, "inner": {"a": 5, "b": "y"}, "inners": [{"a": 6, "b": null}, null]}"#,
            r#"{"id": -9223372036854775808, "small": -32768, "price": -1e300, "name": "", "instant": -1, "inners": []}"#,
            r#"{"id": 9223372036854775807, "flag": false, "tiny": -128, "small": 32767, "number": 2147483647, "real": 3.4e38, "price": 0, "amount": -9999999999.99,
                "name": "long enough for more than one byte of length: ......................................................................................................",
                "body": "", "tags": [], "scores": {}, "instant": 0, "inners": [{"a": -1, "b": ""}]}"#,
        ];
        let columns = columns();
        let mut decoder = Decoder::new(FormatConfig::registry(schema(SchemaKind::Json)), &wanted(&columns)).unwrap();
        let payloads = TEXTS.map(|text| Some(text.as_bytes()));
        let decoded = decoder.decode(&payloads).unwrap();
        assert_eq!(decoded.errors, vec![]);
        decoded.columns
    });
    ROWS.iter().map(Arc::clone).collect()
}

/// Schema texts of all three languages, with what the sample table does not have: references, unions, recursion, defaults.
pub const SCHEMAS: &[(SchemaKind, &str)] = &[
    (SchemaKind::Avro, r#""int""#),
    (SchemaKind::Avro, r#"["null", "string", {"type": "array", "items": "long"}]"#),
    (
        SchemaKind::Avro,
        r#"{"type": "record", "name": "a.b.Order", "aliases": ["Old"], "doc": "d", "fields": [
            {"name": "id", "type": {"type": "fixed", "name": "Id", "size": 16}, "order": "ignore"},
            {"name": "state", "type": {"type": "enum", "name": "State", "symbols": ["NEW", "OLD"], "default": "NEW"}, "default": "OLD"},
            {"name": "next", "type": ["null", "a.b.Order"], "default": null, "aliases": ["following"]},
            {"name": "other", "type": ["int", "string", "Id"], "default": 3},
            {"name": "amount", "type": {"type": "bytes", "logicalType": "decimal", "precision": 20, "scale": 4}, "default": "\u0001"},
            {"name": "map", "type": {"type": "map", "values": ["null", "double"]}, "default": {"a": null}}]}"#,
    ),
    (
        SchemaKind::Avro,
        r#"{"type": "record", "name": "Order", "fields": [
            {"name": "id", "type": "long"}, {"name": "note", "type": ["null", "string"], "default": null},
            {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
            {"name": "local", "type": {"type": "long", "logicalType": "local-timestamp-micros"}},
            {"name": "day", "type": {"type": "int", "logicalType": "date"}}, {"name": "uuid", "type": {"type": "string", "logicalType": "uuid"}}]}"#,
    ),
    (SchemaKind::Json, r#"{"type": "number"}"#),
    (
        SchemaKind::Json,
        r##"{"$schema": "http://json-schema.org/draft-07/schema#", "title": "Order", "type": "object", "additionalProperties": false, "required": ["id"],
            "properties": {"id": {"type": "integer", "minimum": 0}, "kind": {"enum": ["a", "b", 1, null]}, "const": {"const": {"x": [1]}},
            "price": {"oneOf": [{"type": "null"}, {"type": "number", "connect.index": 0}]}, "text": {"type": "string", "pattern": "^a+$", "maxLength": 10},
            "list": {"type": "array", "items": {"$ref": "#/definitions/Item"}, "maxItems": 3, "uniqueItems": true},
            "tuple": {"type": "array", "items": [{"type": "string"}, {"type": "boolean"}], "additionalItems": false},
            "map": {"type": "object", "connect.type": "map", "additionalProperties": {"type": "integer", "connect.type": "int16"}},
            "any": {"anyOf": [{"type": "string"}, {"not": {"type": "object"}}]}, "all": {"allOf": [{"minimum": 1}, {"multipleOf": 0.5}]}},
            "patternProperties": {"^x-": true}, "dependencies": {"kind": ["id"]}, "definitions": {"Item": {"type": "object", "properties": {"n": {"type": "integer"}}}}}"##,
    ),
    (
        SchemaKind::Json,
        r##"{"$id": "http://example.com/tree.json", "$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object",
            "properties": {"value": {"type": ["string", "null"]}, "children": {"type": "array", "prefixItems": [true], "items": {"$ref": "#"}}},
            "$defs": {"x": {"$anchor": "here"}}, "if": {"required": ["value"]}, "then": {"minProperties": 1}, "else": false, "unevaluatedProperties": false}"##,
    ),
    (
        SchemaKind::Protobuf,
        r#"syntax = "proto3"; package a.b; import "google/protobuf/timestamp.proto"; import "google/protobuf/wrappers.proto";
            option java_package = "x"; message Order { int64 id = 1; optional string name = 2; repeated double prices = 3 [packed = true];
            map<string, Item> items = 4; State state = 5; oneof payment { string card = 6; Item voucher = 7; } google.protobuf.Timestamp at = 8;
            google.protobuf.Int32Value wrapped = 9; bytes body = 10; fixed64 f = 11; sint32 s = 12; reserved 13, 20 to 30; reserved "old";
            message Item { uint32 n = 1; float f = 2; Item next = 3; } enum State { option allow_alias = true; NEW = 0; OLD = 1; AGED = 1; } }
            service S { rpc Get (Order) returns (stream Order); }"#,
    ),
    (
        SchemaKind::Protobuf,
        r#"syntax = "proto2"; message M { required int32 a = 1; optional string b = 2 [default = "x\n", deprecated = true]; repeated group G = 3 { optional bool c = 4; }
            extensions 100 to max; } extend M { optional int32 e = 100; } enum E { A = -1; B = 0x10; }"#,
    ),
];

/// All schema texts: those above and those of the sample table.
pub fn schema_texts() -> Vec<Vec<u8>> {
    let own = [SchemaKind::Avro, SchemaKind::Json, SchemaKind::Protobuf].map(|kind| schema(kind).text);
    SCHEMAS.iter().map(|(_, text)| (*text).to_owned()).chain(own).map(String::into_bytes).collect()
}
