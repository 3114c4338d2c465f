//! Avro records: resolution of writer and reader, projection, corruption, and the apache-avro crate as the other side.

use apache_avro::reader::datum::GenericDatumReader;
use apache_avro::types::Value as Other;
use apache_avro::writer::datum::GenericDatumWriter;
use nutkin_types::{DataType, LogicalType, Value};
use proptest::prelude::*;

use super::support::{Table, decode, fields, limits, row_type, rows, sort_maps, string, table, text_type};
use crate::mapping::{SchemaOptions, avro};
use crate::{Decoded, DecodedColumn, Decoder, Encoder, FormatConfig, Framing, RegisteredSchema, Rows, SchemaKind};

fn schema(id: i32, text: &str) -> RegisteredSchema {
    RegisteredSchema::new(id, SchemaKind::Avro, text)
}

fn record(id: i32, fields: &str) -> RegisteredSchema {
    schema(id, &format!(r#"{{"type": "record", "name": "r", "fields": [{fields}]}}"#))
}

fn config_of(table: &Table) -> FormatConfig {
    let text = avro::from_sql(&table.columns, &SchemaOptions::default()).unwrap();
    FormatConfig { framing: Framing::Registry, ..FormatConfig::registry(schema(7, &text)) }
}

/// Decodes records that the other crate wrote with `writer`, as the columns of `reader`.
fn resolve(
    writer: &RegisteredSchema,
    reader: &RegisteredSchema,
    columns: &[DecodedColumn],
    values: &[Other],
) -> Decoded {
    let other = apache_avro::Schema::parse_str(&writer.text).unwrap();
    let payloads: Vec<Vec<u8>> = values
        .iter()
        .map(|value| {
            let mut payload = vec![0];
            payload.extend_from_slice(&writer.id.to_be_bytes());
            payload.extend(write_other(&other, value.clone()));
            payload
        })
        .collect();
    let mut decoder = Decoder::new(FormatConfig::registry(reader.clone()), columns).unwrap();
    decoder.add_schema(writer);
    decoder.decode(&payloads.iter().map(|payload| Some(payload.as_slice())).collect::<Vec<_>>()).unwrap()
}

fn write_other(schema: &apache_avro::Schema, value: Other) -> Vec<u8> {
    GenericDatumWriter::builder(schema).build().unwrap().write_value_to_vec(value).unwrap()
}

fn r(fields: &[(&str, Other)]) -> Other {
    Other::Record(fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect())
}

proptest! {
    /// The other crate reads what we write, and we what it writes.
    #[test]
    fn apache_avro_reads_our_records(table in table(limits(SchemaKind::Avro))) {
        let config = config_of(&table);
        let other = apache_avro::Schema::parse_str(&config.schema.as_ref().unwrap().text).unwrap();
        let bare = FormatConfig { framing: Framing::Bare, ..config.clone() };
        for (payload, row) in table.encode(&config).iter().flatten().zip(&table.rows) {
            let mut body = &payload[5..];
            let value = GenericDatumReader::builder(&other).build().unwrap().read_value(&mut body).unwrap();
            prop_assert!(body.is_empty());
            // It keeps maps in another order, and we read its form back.
            let theirs = write_other(&other, value);
            let mut decoder = Decoder::new(bare.clone(), &table.wanted()).unwrap();
            let decoded = decoder.decode(&[Some(&theirs)]).unwrap();
            prop_assert_eq!(decoded.errors, vec![]);
            let mut result = rows(&decoded.columns, &table.wanted());
            let mut expected = row.clone();
            result[0].iter_mut().chain(&mut expected).for_each(sort_maps);
            prop_assert_eq!(&result[0], &expected);
        }
    }
}

#[test]
fn fields_are_added_removed_renamed_and_promoted() {
    let writer = record(
        2,
        r#"{"name": "gone", "type": "string"}, {"name": "old", "type": "int"}, {"name": "wide", "type": "int"},
           {"name": "f", "type": "float"}"#,
    );
    let reader = record(
        1,
        r#"{"name": "wide", "type": "long"}, {"name": "new", "type": "int", "aliases": ["old"]},
           {"name": "f", "type": "double"},
           {"name": "added", "type": {"type": "array", "items": "int"}, "default": [1, 2]},
           {"name": "nullable", "type": ["null", "string"], "default": null}"#,
    );
    let ints = LogicalType::array(LogicalType::Int.not_null()).not_null();
    let columns = [
        DecodedColumn::field("wide", LogicalType::BigInt.not_null()),
        DecodedColumn::field("new", LogicalType::Int.not_null()),
        DecodedColumn::field("f", LogicalType::Double.not_null()),
        DecodedColumn::field("added", ints),
        DecodedColumn::field("nullable", DataType::string()),
    ];
    let value = r(&[
        ("gone", Other::String("x".to_owned())),
        ("old", Other::Int(-5)),
        ("wide", Other::Int(7)),
        ("f", Other::Float(0.5)),
    ]);
    let decoded = resolve(&writer, &reader, &columns, &[value]);
    assert_eq!(decoded.errors, vec![]);
    let default = Value::List(vec![Value::Integer(1), Value::Integer(2)]);
    let expected = [Value::Integer(7), Value::Integer(-5), Value::Double(0.5), default, Value::Null];
    assert_eq!(rows(&decoded.columns, &columns), [expected]);
}

#[test]
fn a_field_without_default_makes_the_writer_schema_unreadable() {
    let writer = record(2, r#"{"name": "a", "type": "int"}"#);
    let reader = record(1, r#"{"name": "a", "type": "int"}, {"name": "b", "type": "int"}"#);
    let columns = [DecodedColumn::field("b", LogicalType::Int.not_null())];
    let decoded = resolve(&writer, &reader, &columns, &[r(&[("a", Other::Int(1))])]);
    assert_eq!(decoded.errors.len(), 1);
    assert_eq!(decoded.errors[0].schema_id, Some(2));
    assert!(decoded.errors[0].message.contains("column 'b'"), "{}", decoded.errors[0].message);
}

#[test]
fn enums_are_text_and_unknown_symbols_take_the_default() {
    let writer = record(2, r#"{"name": "e", "type": {"type": "enum", "name": "e", "symbols": ["A", "B", "C"]}}"#);
    let reader =
        record(1, r#"{"name": "e", "type": {"type": "enum", "name": "e", "symbols": ["X", "A"], "default": "X"}}"#);
    let columns = [DecodedColumn::field("e", text_type())];
    let value = |index, symbol: &str| r(&[("e", Other::Enum(index, symbol.to_owned()))]);
    let decoded = resolve(&writer, &reader, &columns, &[value(0, "A"), value(2, "C")]);
    assert_eq!(decoded.errors, vec![]);
    assert_eq!(rows(&decoded.columns, &columns), [[string("A")], [string("X")]]);
}

#[test]
fn unions_fill_the_column_of_their_branch() {
    let text = r#"["null", "int", {"type": "record", "name": "u", "namespace": "n", "fields": [{"name": "a", "type": "string"}]}]"#;
    let columns = [
        DecodedColumn::field("n.u", row_type(&[("a", text_type())]).nullable()),
        DecodedColumn::field("int", LogicalType::Int.nullable()),
    ];
    let values = [
        Other::Union(1, Box::new(Other::Int(5))),
        Other::Union(2, Box::new(r(&[("a", Other::String("x".to_owned()))]))),
        Other::Union(0, Box::new(Other::Null)),
    ];
    let decoded = resolve(&schema(1, text), &schema(1, text), &columns, &values);
    assert_eq!(decoded.errors, vec![]);
    let expected = [
        vec![Value::Null, Value::Integer(5)],
        vec![Value::List(vec![string("x")]), Value::Null],
        vec![Value::Null, Value::Null],
    ];
    assert_eq!(rows(&decoded.columns, &columns), expected);
    let only_int = &columns[1..];
    let decoded = resolve(&schema(1, text), &schema(1, text), only_int, &values);
    assert_eq!(rows(&decoded.columns, only_int), [[Value::Integer(5)], [Value::Null], [Value::Null]]);
    // And back.
    let table = Table {
        columns: fields(&[("int", LogicalType::Int.nullable()), ("n.u", columns[0].data_type.clone())]),
        rows: vec![vec![Value::Integer(5), Value::Null], vec![Value::Null, Value::List(vec![string("x")])]],
    };
    let config = FormatConfig::registry(schema(1, text));
    assert_eq!(table.encode(&config).get(1), Some(&[0u8, 0, 0, 0, 1, 4, 2, b'x'][..]));
    assert_eq!(decode(&config, &table.wanted(), &table.encode(&config)), table.rows);
}

#[test]
fn nested_fields_are_read_alone() {
    let text = r#"{"name": "id", "type": "long"}, {"name": "p", "type": ["null", {"type": "record", "name": "p", "fields": [
        {"name": "a", "type": "string"}, {"name": "b", "type": "int"}]}]}"#;
    let columns = [
        DecodedColumn { path: vec!["p".to_owned(), "b".to_owned()], data_type: LogicalType::Int.not_null() },
        DecodedColumn::field("id", LogicalType::BigInt.not_null()),
    ];
    let inner = r(&[("a", Other::String("x".to_owned())), ("b", Other::Int(3))]);
    let values = [
        r(&[("id", Other::Long(1)), ("p", Other::Union(1, Box::new(inner)))]),
        r(&[("id", Other::Long(2)), ("p", Other::Union(0, Box::new(Other::Null)))]),
    ];
    let decoded = resolve(&record(1, text), &record(1, text), &columns, &values);
    assert_eq!(decoded.errors, vec![]);
    let expected = [[Value::Integer(3), Value::Integer(1)], [Value::Null, Value::Integer(2)]];
    assert_eq!(rows(&decoded.columns, &columns), expected);
}

#[test]
fn atomic_schemas_are_read_whole() {
    let columns = [DecodedColumn::whole(LogicalType::Int.not_null())];
    let decoded = resolve(&schema(1, "\"int\""), &schema(1, "\"int\""), &columns, &[Other::Int(-3)]);
    assert_eq!(rows(&decoded.columns, &columns), [[Value::Integer(-3)]]);
    let table =
        Table { columns: fields(&[("key", LogicalType::Int.not_null())]), rows: vec![vec![Value::Integer(-3)]] };
    let config = FormatConfig::registry(schema(1, "\"int\""));
    assert_eq!(table.encode(&config).get(0), Some(&[0u8, 0, 0, 0, 1, 5][..]));
}

#[test]
fn endless_arrays_and_lengths_are_errors() {
    let text = r#"{"name": "a", "type": {"type": "array", "items": "null"}}, {"name": "s", "type": "string"}"#;
    let columns = [DecodedColumn::field("a", LogicalType::array(LogicalType::Null.nullable()).not_null())];
    for columns in [&columns[..], &[]] {
        let config = FormatConfig { framing: Framing::Bare, ..FormatConfig::registry(record(1, text)) };
        let mut decoder = Decoder::new(config, columns).unwrap();
        let endless = [0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];
        let long_text = [0, 0xfe, 0xff, 0xff, 0xff, 0x0f];
        let decoded = decoder.decode(&[Some(&endless), Some(&long_text)]).unwrap();
        assert_eq!(decoded.errors.len(), 2);
    }
}

/// Blocks may say their size, by which they are skipped: reading and skipping must come to the same end.
#[test]
fn the_size_of_a_block_is_that_of_its_elements() {
    let text = r#"{"name": "a", "type": {"type": "array", "items": "int"}}, {"name": "id", "type": "int"}"#;
    let config = FormatConfig { framing: Framing::Bare, ..FormatConfig::registry(record(1, text)) };
    let columns = [
        DecodedColumn::field("a", LogicalType::array(LogicalType::Int.not_null()).not_null()),
        DecodedColumn::field("id", LogicalType::Int.not_null()),
    ];
    for (columns, row) in [(&columns[..], 1), (&columns[1..], 0)] {
        let mut decoder = Decoder::new(config.clone(), columns).unwrap();
        // Two elements in so many bytes (zigzag), the end of the array, the id.
        let payload = |size| [3, size, 2, 4, 0, 14];
        let decoded = decoder.decode(&[Some(&payload(4)), Some(&payload(2)), Some(&payload(6))]).unwrap();
        assert_eq!(decoded.errors.iter().map(|error| error.row).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(rows(&decoded.columns, columns)[0][row], Value::Integer(7));
    }
}

#[test]
fn recursive_values_are_skipped_to_a_limit() {
    let text = r#"{"name": "l", "type": ["null", {"type": "record", "name": "l", "fields": [
        {"name": "next", "type": ["null", "l"]}]}]}, {"name": "id", "type": "int"}"#;
    let columns = [DecodedColumn::field("id", LogicalType::Int.not_null())];
    let config = FormatConfig { framing: Framing::Bare, ..FormatConfig::registry(record(1, text)) };
    let mut decoder = Decoder::new(config, &columns).unwrap();
    let deep = vec![2u8; 100_000];
    let decoded = decoder.decode(&[Some(&[2, 2, 0, 14]), Some(&deep)]).unwrap();
    assert_eq!(rows(&decoded.columns, &columns), [[Value::Integer(7)], [Value::Null]]);
    assert!(decoded.errors[0].message.contains("nested deeper"), "{}", decoded.errors[0].message);
}

#[test]
fn errors_name_field_and_byte() {
    let text = r#"{"name": "a", "type": {"type": "record", "name": "n", "fields": [{"name": "s", "type": "string"}]}}"#;
    let columns = [DecodedColumn::field("a", row_type(&[("s", text_type())]).not_null())];
    let mut decoder = Decoder::new(FormatConfig::registry(record(1, text)), &columns).unwrap();
    let decoded = decoder.decode(&[Some(&[0, 0, 0, 0, 1, 4, b'x', 0xff])]).unwrap();
    assert_eq!(decoded.errors[0].message, "field 'a.s' at byte 7: the text is not valid UTF-8");
}

#[test]
fn null_in_not_null_names_column_and_row() {
    let columns = fields(&[("a", LogicalType::Int.not_null())]);
    let text = avro::from_sql(&columns, &SchemaOptions::default()).unwrap();
    let encoder = Encoder::new(FormatConfig::registry(schema(1, &text)), &columns).unwrap();
    let array = super::support::array(&[&Value::Integer(1), &Value::Null], &columns[0].data_type);
    assert!(encoder.encode(std::slice::from_ref(&array), &Rows::Indices(&[0])).is_ok());
    let error = encoder.encode(&[array], &Rows::Range(0..2)).unwrap_err();
    assert_eq!(error.code(), "NUTKIN-3005");
    assert!(error.to_string().contains("column 'a', row 1"), "{error}");
}

#[test]
fn a_column_that_the_schema_lacks_is_refused_at_once() {
    let reader = record(1, r#"{"name": "a", "type": "int"}"#);
    let column = [DecodedColumn::field("b", LogicalType::Int.nullable())];
    let error = Decoder::new(FormatConfig::registry(reader.clone()), &column).unwrap_err();
    assert_eq!(error.code(), "NUTKIN-3004");
    let columns = fields(&[("b", LogicalType::Int.nullable())]);
    assert_eq!(Encoder::new(FormatConfig::registry(reader), &columns).unwrap_err().code(), "NUTKIN-3004");
}
