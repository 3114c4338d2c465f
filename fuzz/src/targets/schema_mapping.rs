//! Schema texts to SQL types: what maps can be decoded, and a type that can be written comes back (spec sql.md 2.4, 2.5).

use nutkin_formats::mapping::{SchemaOptions, from_sql, to_sql};
use nutkin_formats::{DecodedColumn, Decoder, Encoder, FormatConfig, RegisteredSchema, SchemaKind};
use nutkin_types::LogicalType;

use crate::mutate::JSON;
use crate::payloads::{decode, valid};
use crate::run::{Check, Target};
use crate::samples::{SCHEMA_ID, schema_texts, wanted};

pub const TARGET: Target = Target { samples: schema_texts, mutations: JSON, check, a_minute: 240_000 };

/// Bodies that mean something in one format or another.
const BODIES: [&[u8]; 5] = [
    b"{\"id\": 1, \"inner\": {\"a\": [1, \"x\"]}}",
    b"\x00\x00\x00\x00\x07\x00\x08\x01\x12\x03abc",
    b"\x00\x00\x00\x00\x07\x02\x06abc\x04\x02\x02\x00",
    b"",
    b"12",
];

fn check() -> Check {
    Box::new(|input| {
        let text = String::from_utf8_lossy(input);
        let kinds = [SchemaKind::Avro, SchemaKind::Json, SchemaKind::Protobuf];
        kinds.into_iter().fold(false, |read, kind| mapped(&RegisteredSchema::new(SCHEMA_ID, kind, &*text)) | read)
    })
}

/// Whether the schema has an SQL type.
fn mapped(schema: &RegisteredSchema) -> bool {
    let data_type = match to_sql(schema) {
        Ok(data_type) => data_type,
        Err(error) => {
            assert!(error.code().starts_with("NUTKIN-30") && !error.to_string().is_empty());
            return false;
        }
    };
    let config = FormatConfig::registry(schema.clone());
    let columns = match &data_type.logical {
        LogicalType::Row { fields } => wanted(fields),
        _ => vec![DecodedColumn::whole(data_type.clone())],
    };
    let mut decoder = Decoder::new(config.clone(), &columns).unwrap_or_else(|error| panic!("mapped, but: {error}"));
    let batch = BODIES.map(Some);
    valid(&decode(&mut decoder, &config, &batch), batch.len());
    let LogicalType::Row { fields } = &data_type.logical else { return true };
    let _ = Encoder::new(config, fields);
    // Not every type that a schema can hold can be written as any schema of that language.
    let Ok(text) = from_sql(schema.kind, fields, &SchemaOptions::default()) else { return true };
    let again = to_sql(&RegisteredSchema::new(SCHEMA_ID, schema.kind, &*text));
    let again = again.unwrap_or_else(|error| panic!("{text}\nwritten, then: {error}"));
    assert_eq!(again.logical, data_type.logical, "written: {text}");
    true
}
