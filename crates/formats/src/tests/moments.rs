//! Timestamps of nanoseconds over the years 1 to 9999 in and out of each format, and what a format cannot hold.

use nutkin_types::{LogicalType as T, Moment, RowField, Value};
use proptest::prelude::*;

use super::support::{Table, rows};
use crate::{Decoder, Encoder, FormatConfig, Framing, RegisteredSchema, Rows, SchemaKind};

const SECOND: i128 = 1_000_000_000;
const YEARS: std::ops::Range<i128> = -62_135_596_800 * SECOND..253_402_300_800 * SECOND;

const NANOS: &str = r#"{"type": "record", "name": "r", "fields": [{"name": "t", "type": {"type": "long", "logicalType": "local-timestamp-nanos"}}]}"#;
const MICROS: &str = r#"{"type": "record", "name": "r", "fields": [{"name": "t", "type": {"type": "long", "logicalType": "local-timestamp-micros"}}]}"#;
const JSON: &str = r#"{"type": "object", "properties": {"t": {"type": "number", "connect.type": "int64", "flink.type": "timestamp", "flink.version": "1"}}}"#;
const PROTOBUF: &str =
    r#"syntax = "proto3"; import "google/protobuf/timestamp.proto"; message R { google.protobuf.Timestamp t = 1; }"#;

fn columns(precision: u8) -> Vec<RowField> {
    vec![RowField::new("t", T::Timestamp { precision }.nullable())]
}

fn config(kind: SchemaKind, schema: &str) -> FormatConfig {
    let schema = RegisteredSchema::new(7, kind, schema.to_owned());
    FormatConfig { framing: Framing::Registry, ..FormatConfig::registry(schema) }
}

/// The payload of one row of a TIMESTAMP of `precision`, by a schema.
fn encoded(kind: SchemaKind, schema: &str, value: Value, precision: u8) -> Result<Vec<u8>, String> {
    let table = Table { columns: columns(precision), rows: vec![vec![value]] };
    let encoder = Encoder::new(config(kind, schema), &table.columns).map_err(|error| error.to_string())?;
    let payloads = encoder.encode(&table.arrays(), &Rows::Range(0..1)).map_err(|error| error.to_string())?;
    Ok(payloads.iter().next().unwrap().unwrap().to_vec())
}

/// What a TIMESTAMP of `precision` is read from a payload.
fn decoded(kind: SchemaKind, schema: &str, payload: &[u8], precision: u8) -> Result<Value, String> {
    let columns = Table { columns: columns(precision), rows: Vec::new() }.wanted();
    let mut decoder = Decoder::new(config(kind, schema), &columns).unwrap();
    let decoded = decoder.decode(&[Some(payload)]).unwrap();
    match decoded.errors.first() {
        Some(error) => Err(error.message.clone()),
        None => Ok(rows(&decoded.columns, &columns)[0][0].clone()),
    }
}

fn nanoseconds(nanos: i128) -> Value {
    Moment::of_nanos(nanos).unwrap().value(9).unwrap()
}

proptest! {
    #[test]
    fn protobuf_holds_all_years(nanos in YEARS) {
        let payload = encoded(SchemaKind::Protobuf, PROTOBUF, nanoseconds(nanos), 9).unwrap();
        prop_assert_eq!(decoded(SchemaKind::Protobuf, PROTOBUF, &payload, 9), Ok(nanoseconds(nanos)));
    }

    #[test]
    fn avro_holds_nanoseconds_of_64_bits(nanos: i64) {
        let payload = encoded(SchemaKind::Avro, NANOS, nanoseconds(nanos.into()), 9).unwrap();
        prop_assert_eq!(decoded(SchemaKind::Avro, NANOS, &payload, 9), Ok(nanoseconds(nanos.into())));
        let micros = Moment::of_nanos(nanos.into()).unwrap().value(6).unwrap();
        prop_assert_eq!(decoded(SchemaKind::Avro, NANOS, &payload, 6), Ok(micros));
    }

    #[test]
    fn avro_holds_microseconds_of_all_years(nanos in YEARS) {
        let payload = encoded(SchemaKind::Avro, MICROS, nanoseconds(nanos), 9).unwrap();
        let cut = nanoseconds(nanos.div_euclid(1000) * 1000);
        prop_assert_eq!(decoded(SchemaKind::Avro, MICROS, &payload, 9), Ok(cut));
    }

    #[test]
    fn json_holds_milliseconds_of_all_years(nanos in YEARS) {
        let payload = encoded(SchemaKind::Json, JSON, nanoseconds(nanos), 9).unwrap();
        let cut = nanoseconds(nanos.div_euclid(1_000_000) * 1_000_000);
        prop_assert_eq!(decoded(SchemaKind::Json, JSON, &payload, 9), Ok(cut));
    }
}

#[test]
fn texts_of_json_have_all_digits() {
    let mut payload = vec![0, 0, 0, 0, 7];
    payload.extend_from_slice(br#"{"t": "0001-01-01T00:00:00.000000001"}"#);
    assert_eq!(decoded(SchemaKind::Json, JSON, &payload, 9), Ok(nanoseconds(YEARS.start + 1)));
}

#[test]
fn nanoseconds_beyond_64_bits_are_refused_by_row() {
    for nanos in [YEARS.start, i128::from(i64::MIN) - 1, i128::from(i64::MAX) + 1, YEARS.end - 1] {
        let error = encoded(SchemaKind::Avro, NANOS, nanoseconds(nanos), 9).unwrap_err();
        assert!(error.contains("out of range") && error.contains("1677"), "{error}");
    }
    let error = encoded(SchemaKind::Avro, NANOS, nanoseconds(YEARS.end - 1), 9).unwrap_err();
    assert!(error.contains("9999-12-31"), "{error}");
}
