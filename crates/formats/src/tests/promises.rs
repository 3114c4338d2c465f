//! What every format promises: rows come back, a projection is the full row with columns left out, a bad record harms no
//! other, and no bytes can do worse than an error.

use nutkin_types::Value;
use proptest::prelude::*;

use super::support::{Table, decode, limits, rows, table};
use crate::mapping::{SchemaOptions, from_sql, to_sql};
use crate::{DecodedColumn, Decoder, Encoder, FormatConfig, Framing, RegisteredSchema, SchemaKind};

fn config(kind: SchemaKind, table: &Table) -> FormatConfig {
    let text = from_sql(kind, &table.columns, &SchemaOptions::default()).unwrap();
    FormatConfig { framing: Framing::Registry, ..FormatConfig::registry(RegisteredSchema::new(7, kind, text)) }
}

/// How one record is damaged.
#[derive(Debug, Clone)]
struct Damage {
    record: prop::sample::Index,
    at: prop::sample::Index,
    with: u8,
    cut: bool,
}

fn damage() -> impl Strategy<Value = Damage> {
    (any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<u8>(), any::<bool>())
        .prop_map(|(record, at, with, cut)| Damage { record, at, with, cut })
}

fn rows_survive(kind: SchemaKind, table: &Table) {
    let config = config(kind, table);
    assert_eq!(decode(&config, &table.wanted(), &table.encode(&config)), table.rows);
}

fn projection_is_a_selection(kind: SchemaKind, table: &Table, pick: u8) {
    let config = config(kind, table);
    let chosen: Vec<usize> = (0..table.columns.len()).filter(|i| pick >> i & 1 == 1).rev().collect();
    if chosen.is_empty() {
        return;
    }
    let wanted = table.wanted();
    let wanted: Vec<DecodedColumn> = chosen.iter().map(|&i| wanted[i].clone()).collect();
    let select = |row: &Vec<Value>| chosen.iter().map(|&i| row[i].clone()).collect::<Vec<_>>();
    let expected: Vec<Vec<Value>> = table.rows.iter().map(select).collect();
    assert_eq!(decode(&config, &wanted, &table.encode(&config)), expected);
}

fn damage_stays_in_its_row(kind: SchemaKind, table: &Table, damage: &Damage) {
    let config = config(kind, table);
    let payloads = table.encode(&config);
    let victim = damage.record.index(table.rows.len());
    let mut bad = payloads.get(victim).unwrap().to_vec();
    let place = 5 + damage.at.index(bad.len().max(6) - 5);
    match bad.get_mut(place) {
        Some(byte) if !damage.cut => *byte = damage.with,
        _ => bad.truncate(place),
    }
    let mut inputs: Vec<Option<&[u8]>> = payloads.iter().collect();
    inputs[victim] = Some(&bad);
    let wanted = table.wanted();
    let mut decoder = Decoder::new(config, &wanted).unwrap();
    let decoded = decoder.decode(&inputs).unwrap();
    let result = rows(&decoded.columns, &wanted);
    for (index, row) in table.rows.iter().enumerate().filter(|(index, _)| *index != victim) {
        assert_eq!(&result[index], row);
    }
    for error in decoded.errors {
        assert_eq!(error.row, victim);
        assert_eq!(error.schema_id, Some(7));
        assert!(result[victim].iter().all(Value::is_null));
    }
}

fn any_bytes_are_safe(kind: SchemaKind, table: &Table, bytes: &[u8]) {
    let config = FormatConfig { framing: Framing::Bare, ..config(kind, table) };
    let mut decoder = Decoder::new(config, &table.wanted()).unwrap();
    let decoded = decoder.decode(&[Some(bytes), None]).unwrap();
    assert!(decoded.columns.iter().all(|column| column.len() == 2));
}

/// Damaged schema texts are refused or read, but never worse.
fn any_schema_is_safe(kind: SchemaKind, table: &Table, damage: &Damage) {
    let mut text = from_sql(kind, &table.columns, &SchemaOptions::default()).unwrap().into_bytes();
    let place = damage.at.index(text.len());
    if damage.cut {
        text.truncate(place);
    } else {
        text[place] = damage.with & 0x7f;
    }
    let schema = RegisteredSchema::new(1, kind, String::from_utf8_lossy(&text));
    let _ = to_sql(&schema);
    let _ = Decoder::new(FormatConfig::registry(schema.clone()), &table.wanted());
    let _ = Encoder::new(FormatConfig::registry(schema), &table.columns);
}

macro_rules! promises {
    ($module:ident, $kind:expr) => {
        mod $module {
            use super::*;

            proptest! {
                #[test]
                fn rows_survive(table in table(limits($kind))) {
                    super::rows_survive($kind, &table);
                }

                #[test]
                fn projection_is_a_selection(table in table(limits($kind)), pick in any::<u8>()) {
                    super::projection_is_a_selection($kind, &table, pick);
                }

                #[test]
                fn damage_stays_in_its_row(table in table(limits($kind)), damage in damage()) {
                    super::damage_stays_in_its_row($kind, &table, &damage);
                }

                #[test]
                fn any_schema_is_safe(table in table(limits($kind)), damage in damage()) {
                    super::any_schema_is_safe($kind, &table, &damage);
                }

                #[test]
                fn any_bytes_are_safe(
                    table in table(limits($kind)),
                    bytes in prop::collection::vec(any::<u8>(), 0..80),
                ) {
                    super::any_bytes_are_safe($kind, &table, &bytes);
                }
            }
        }
    };
}

promises!(avro, SchemaKind::Avro);
promises!(json, SchemaKind::Json);
promises!(protobuf, SchemaKind::Protobuf);

/// Each type holds the next one twice: sixty lines that stand for 2^60 fields.
#[test]
fn schemas_that_unfold_without_end_are_refused() {
    let names: Vec<String> = (0..60).map(|n| format!("T{n}")).collect();
    let pairs = || names.iter().zip(&names[1..]);
    let last = |text: &str| text.replace("%", &names[59]);
    let mut avro = last(r#"{"type":"record","name":"%","fields":[]}"#);
    for (name, next) in pairs().rev() {
        let second = format!(r#"{{"name":"b","type":"{next}"}}"#);
        avro = format!(r#"{{"type":"record","name":"{name}","fields":[{{"name":"a","type":{avro}}},{second}]}}"#);
    }
    let json_type = |(name, next): (&String, &String)| {
        let target = format!(r##"{{"$ref":"#/$defs/{next}"}}"##);
        format!(r#""{name}":{{"type":"object","properties":{{"a":{target},"b":{target}}}}}"#)
    };
    let types: Vec<String> = pairs().map(json_type).collect();
    let json = format!(r##"{{"$ref":"#/$defs/T0","$defs":{{{},"T59":{{"type":"boolean"}}}}}}"##, types.join(","));
    let messages: Vec<String> =
        pairs().map(|(name, next)| format!("message {name} {{ {next} a = 1; {next} b = 2; }}")).collect();
    let protobuf = format!("syntax = \"proto3\"; {} message T59 {{}}", messages.join(" "));
    for (kind, text) in [(SchemaKind::Avro, avro), (SchemaKind::Json, json), (SchemaKind::Protobuf, protobuf)] {
        let error = to_sql(&RegisteredSchema::new(1, kind, text)).unwrap_err();
        assert!(error.code() == "NUTKIN-3001" || error.code() == "NUTKIN-3000", "{error}");
    }
}
