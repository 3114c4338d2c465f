//! Headers, unknown schemas, bare bodies, and the names of formats (spec sql.md 2.3, 2.4 no. 11).

use nutkin_types::{LogicalType, Value};

use super::support::rows;
use crate::{DecodedColumn, Decoder, FormatConfig, FormatKind, Framing, MissingSchema, RegisteredSchema, SchemaKind};

fn schema(id: i32) -> RegisteredSchema {
    let text = r#"{"type":"record","name":"r","fields":[{"name":"a","type":"int"}]}"#;
    RegisteredSchema::new(id, SchemaKind::Avro, text)
}

fn column() -> [DecodedColumn; 1] {
    [DecodedColumn::field("a", LogicalType::Int.nullable())]
}

fn config(framing: Framing) -> FormatConfig {
    FormatConfig { framing, ..FormatConfig::registry(schema(1)) }
}

#[test]
fn a_record_of_an_unknown_schema_stops_the_batch_until_it_is_known() {
    let mut decoder = Decoder::new(config(Framing::Registry), &column()).unwrap();
    let payloads: [Option<&[u8]>; 3] =
        [Some(&[0, 0, 0, 0, 1, 2]), Some(&[0, 0, 0, 0, 9, 4]), Some(&[0, 0, 0, 0, 8, 4])];
    assert_eq!(decoder.decode(&payloads).unwrap_err(), MissingSchema { id: 9 });
    decoder.add_schema(&schema(9));
    assert_eq!(decoder.decode(&payloads).unwrap_err(), MissingSchema { id: 8 });
    decoder.add_unknown_schema(8, "the registry has no such id");
    let decoded = decoder.decode(&payloads).unwrap();
    assert_eq!(rows(&decoded.columns, &column()), [[Value::Integer(1)], [Value::Integer(2)], [Value::Null]]);
    assert_eq!(decoded.errors.len(), 1);
    assert_eq!((decoded.errors[0].row, decoded.errors[0].schema_id), (2, Some(8)));
    assert!(decoded.errors[0].message.contains("the registry has no such id"));
}

#[test]
fn bare_bodies_are_read_where_the_framing_allows() {
    let bare: &[u8] = &[84];
    let mut strict = Decoder::new(config(Framing::Registry), &column()).unwrap();
    let decoded = strict.decode(&[Some(bare)]).unwrap();
    assert_eq!(decoded.errors.len(), 1);
    for framing in [Framing::RegistryOrBare, Framing::Bare] {
        let mut decoder = Decoder::new(config(framing), &column()).unwrap();
        let decoded = decoder.decode(&[Some(bare)]).unwrap();
        assert_eq!(decoded.errors, vec![]);
        assert_eq!(rows(&decoded.columns, &column()), [[Value::Integer(42)]]);
    }
}

#[test]
fn no_columns_still_check_the_records() {
    let mut decoder = Decoder::new(config(Framing::Registry), &[]).unwrap();
    let decoded = decoder.decode(&[Some(&[0, 0, 0, 0, 1, 2]), Some(&[0, 0, 0, 0, 1]), None]).unwrap();
    assert!(decoded.columns.is_empty());
    assert_eq!(decoded.errors.len(), 1);
    assert_eq!(decoded.errors[0].row, 1);
}

#[test]
fn formats_are_known_by_their_option_names() {
    for kind in [FormatKind::Raw, FormatKind::Avro, FormatKind::Json, FormatKind::Protobuf] {
        assert_eq!(FormatKind::from_option(kind.option_name()), Ok(kind));
    }
    let refused = FormatKind::from_option("avro-debezium-registry").unwrap_err();
    assert_eq!(refused.code(), "NUTKIN-3003");
    assert!(refused.to_string().contains("avro-debezium-registry"));
    assert_eq!(FormatKind::from_option("csv").unwrap_err().code(), "NUTKIN-3003");
}

#[test]
fn a_schema_of_another_kind_is_refused() {
    let json = RegisteredSchema::new(1, SchemaKind::Json, "{}");
    let config = FormatConfig { schema: Some(json), ..config(Framing::Registry) };
    assert_eq!(Decoder::new(config, &column()).unwrap_err().code(), "NUTKIN-3003");
}
