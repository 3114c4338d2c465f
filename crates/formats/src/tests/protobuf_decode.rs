//! Protobuf records: wire rules, message indexes, evolution, oneofs, and prost-reflect as the other side.

use nutkin_types::{DataType, LogicalType, Value};
use proptest::prelude::*;
use prost_reflect::DynamicMessage;
use prost_reflect::prost::Message;

use super::support::{Table, decode, fields, limits, row_type, rows, string, table, text_type};
use crate::mapping::{SchemaOptions, protobuf};
use crate::{Decoded, DecodedColumn, Decoder, FormatConfig, Framing, RegisteredSchema, SchemaKind};

fn schema(id: i32, text: &str) -> RegisteredSchema {
    RegisteredSchema::new(id, SchemaKind::Protobuf, format!("syntax = \"proto3\"; {text}"))
}

fn config(text: &str) -> FormatConfig {
    FormatConfig { framing: Framing::Registry, ..FormatConfig::registry(schema(1, text)) }
}

/// Reads bodies after schema id 1 and message index 0.
fn read(text: &str, columns: &[DecodedColumn], bodies: &[&[u8]]) -> Decoded {
    let framed: Vec<Vec<u8>> = bodies.iter().map(|body| [&[0, 0, 0, 0, 1, 0], *body].concat()).collect();
    let mut decoder = Decoder::new(config(text), columns).unwrap();
    decoder.decode(&framed.iter().map(|payload| Some(payload.as_slice())).collect::<Vec<_>>()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// The other crate reads what we write, and we what it writes.
    #[test]
    fn prost_reflect_reads_our_records(table in table(limits(SchemaKind::Protobuf))) {
        let text = protobuf::from_sql(&table.columns, &SchemaOptions::default()).unwrap();
        let config = FormatConfig {
            framing: Framing::Bare,
            ..FormatConfig::registry(RegisteredSchema::new(1, SchemaKind::Protobuf, text))
        };
        let compiled = crate::protobuf::compile_for_tests(config.schema.as_ref().unwrap());
        let message = compiled.messages().next().unwrap();
        for (payload, row) in table.encode(&config).iter().flatten().zip(&table.rows) {
            let theirs = DynamicMessage::decode(message.clone(), payload).unwrap();
            prop_assert_eq!(theirs.unknown_fields().count(), 0);
            let mut decoder = Decoder::new(config.clone(), &table.wanted()).unwrap();
            let decoded = decoder.decode(&[Some(&theirs.encode_to_vec())]).unwrap();
            prop_assert_eq!(decoded.errors, vec![]);
            prop_assert_eq!(&rows(&decoded.columns, &table.wanted())[0], row);
        }
    }
}

#[test]
fn absent_fields_take_their_defaults_and_the_last_one_counts() {
    let text = "message M { int32 a = 1; optional int32 b = 2; string s = 3; repeated int32 r = 4; enum E { X = 0; Y = 1; } E e = 5; }";
    let columns = [
        DecodedColumn::field("a", LogicalType::Int.not_null()),
        DecodedColumn::field("b", LogicalType::Int.nullable()),
        DecodedColumn::field("s", text_type()),
        DecodedColumn::field("r", LogicalType::array(LogicalType::Int.not_null()).not_null()),
        DecodedColumn::field("e", text_type()),
    ];
    // The second record has a twice, r packed and not, an unknown field, and an enum number without name.
    let second = [8, 1, 34, 2, 5, 6, 120, 7, 8, 9, 32, 7, 40, 3];
    let decoded = read(text, &columns, &[&[], &second]);
    assert_eq!(decoded.errors, vec![]);
    let list = |values: &[i64]| Value::List(values.iter().map(|&value| Value::Integer(value)).collect());
    let expected = [
        vec![Value::Integer(0), Value::Null, string(""), list(&[]), string("X")],
        vec![Value::Integer(9), Value::Null, string(""), list(&[5, 6, 7]), string("3")],
    ];
    assert_eq!(rows(&decoded.columns, &columns), expected);
}

#[test]
fn the_last_branch_of_a_oneof_counts() {
    let text = "message M { oneof one { int32 a = 1; string b = 2; int32 c = 3; } }";
    let one = row_type(&[("a", LogicalType::Int.nullable()), ("b", DataType::string())]).nullable();
    let columns = [DecodedColumn::field("one", one)];
    let decoded = read(text, &columns, &[&[8, 1, 18, 1, b'x'], &[8, 0], &[], &[24, 1]]);
    let value = |a: Value, b: Value| vec![Value::List(vec![a, b])];
    let expected = [
        value(Value::Null, string("x")),
        value(Value::Integer(0), Value::Null),
        vec![Value::Null],
        // c is set but not wanted.
        value(Value::Null, Value::Null),
    ];
    assert_eq!(rows(&decoded.columns, &columns), expected);
    let table = Table { columns: fields(&[("one", columns[0].data_type.clone())]), rows: expected[..3].to_vec() };
    assert_eq!(decode(&config(text), &table.wanted(), &table.encode(&config(text))), table.rows);
}

/// 2.4 no. 7: the message indexes choose the column.
#[test]
fn records_of_several_messages_fill_their_column() {
    let text = "message A { int32 x = 1; } message B { string y = 1; Inner i = 2; } message Inner { int32 z = 1; }";
    let columns = [
        DecodedColumn::field("B", row_type(&[("y", text_type())]).nullable()),
        DecodedColumn::field("A", row_type(&[("x", LogicalType::Int.not_null())]).nullable()),
    ];
    let payloads: [Option<&[u8]>; 4] = [
        Some(&[0, 0, 0, 0, 1, 0, 8, 5]),
        Some(&[0, 0, 0, 0, 1, 2, 2, 10, 1, b'q']),
        Some(&[0, 0, 0, 0, 1, 2, 4, 8, 5]),
        Some(&[0, 0, 0, 0, 1, 4, 0, 0, 8, 5]),
    ];
    let mut decoder = Decoder::new(config(text), &columns).unwrap();
    let decoded = decoder.decode(&payloads).unwrap();
    let expected = [
        vec![Value::Null, Value::List(vec![Value::Integer(5)])],
        vec![Value::List(vec![string("q")]), Value::Null],
        vec![Value::Null, Value::Null],
        vec![Value::Null, Value::Null],
    ];
    assert_eq!(rows(&decoded.columns, &columns), expected);
    let messages: Vec<&str> = decoded.errors.iter().map(|error| error.message.as_str()).collect();
    assert_eq!(messages.len(), 2);
    assert!(messages[0].contains("message 'Inner' is no column"), "{}", messages[0]);
    assert!(messages[1].contains("nested 2 levels deep"), "{}", messages[1]);
    let table = Table {
        columns: fields(&[("B", columns[0].data_type.clone()), ("A", columns[1].data_type.clone())]),
        rows: expected[..2].to_vec(),
    };
    let payloads = table.encode(&config(text));
    assert_eq!(payloads.get(0), Some(&[0u8, 0, 0, 0, 1, 0, 8, 5][..]));
    assert_eq!(payloads.get(1), Some(&[0u8, 0, 0, 0, 1, 2, 2, 10, 1, b'q'][..]));
}

#[test]
fn fields_are_found_by_name_and_renamed_ones_by_number() {
    let reader =
        schema(1, "message M { string kept = 1; int64 renamed = 2; int32 added = 3; optional bool later = 4; }");
    let writer = schema(2, "message M { int64 before = 2; string kept = 5; string gone = 6; }");
    let columns = [
        DecodedColumn::field("kept", text_type()),
        DecodedColumn::field("renamed", LogicalType::BigInt.not_null()),
        DecodedColumn::field("added", LogicalType::Int.not_null()),
        DecodedColumn::field("later", LogicalType::Boolean.nullable()),
    ];
    let mut decoder = Decoder::new(FormatConfig::registry(reader), &columns).unwrap();
    decoder.add_schema(&writer);
    let decoded = decoder.decode(&[Some(&[0, 0, 0, 0, 2, 0, 16, 7, 42, 1, b'k', 50, 1, b'g'])]).unwrap();
    assert_eq!(decoded.errors, vec![]);
    let expected = [string("k"), Value::Integer(7), Value::Integer(0), Value::Null];
    assert_eq!(rows(&decoded.columns, &columns), [expected]);
}

#[test]
fn wrong_wire_types_lengths_and_groups_are_errors_of_their_record() {
    let text = "message M { int32 a = 1; string s = 2; }";
    let columns = [DecodedColumn::field("a", LogicalType::Int.not_null()), DecodedColumn::field("s", text_type())];
    let deep = [0x1b; 10_000];
    let bodies: [&[u8]; 7] = [
        &[10, 0],
        &[18, 5, b'x'],
        &[18, 1, 0xff],
        &deep,
        &[12],
        &[8, 0xff, 0xff, 0xff, 0xff, 0xff, 1],
        &[0x1b, 0x1c, 8, 1],
    ];
    let decoded = read(text, &columns, &bodies);
    assert_eq!(decoded.errors.iter().map(|error| error.row).collect::<Vec<_>>(), [0, 1, 2, 3, 4, 5]);
    assert_eq!(decoded.errors[2].message, "field 's' at byte 8: the text is not valid UTF-8");
    assert_eq!(rows(&decoded.columns, &columns)[6], [Value::Integer(1), string("")]);
}

#[test]
fn foreign_schemas_are_written() {
    let text = r#"import "google/protobuf/wrappers.proto"; message M { uint32 u = 1; sint64 z = 2; fixed32 f = 3;
        google.protobuf.Int64Value w = 4; enum E { X = 0; Y = 5; } E e = 5; map<string, int32> m = 6; repeated string r = 7; }"#;
    let table = Table {
        columns: fields(&[
            ("u", LogicalType::BigInt.not_null()),
            ("z", LogicalType::BigInt.not_null()),
            ("f", LogicalType::BigInt.not_null()),
            ("w", LogicalType::BigInt.nullable()),
            ("e", text_type()),
            ("m", LogicalType::map(text_type(), LogicalType::Int.not_null()).not_null()),
            ("r", LogicalType::array(text_type()).not_null()),
        ]),
        rows: vec![
            vec![
                Value::Integer(4_000_000_000),
                Value::Integer(-3),
                Value::Integer(7),
                Value::Integer(0),
                string("Y"),
                Value::Map(vec![(string("k"), Value::Integer(0))]),
                Value::List(vec![string("a"), string("")]),
            ],
            vec![
                Value::Integer(0),
                Value::Integer(0),
                Value::Integer(0),
                Value::Null,
                string("X"),
                Value::Map(vec![]),
                Value::List(vec![]),
            ],
        ],
    };
    let payloads = table.encode(&config(text));
    assert_eq!(decode(&config(text), &table.wanted(), &payloads), table.rows);
    assert_eq!(payloads.get(1).map(<[u8]>::len), Some(6));
}
