//! Maps with a NULL key, which Flink has and no format of text keys: the row is refused by name, and others are written.

use nutkin_types::{DataType, LogicalType as T, RowField, Value};

use super::support::Table;
use crate::mapping::{SchemaOptions, from_sql};
use crate::{Encoder, FormatConfig, Framing, RegisteredSchema, Rows, SchemaKind};

fn encoded(kind: SchemaKind, key: DataType, rows: Vec<Vec<Value>>) -> Result<usize, String> {
    let columns = |key: DataType| vec![RowField::new("m", T::map(key, T::Int.nullable()).nullable())];
    // The schema is that of a map whose keys are not NULL, as registered ones are.
    let text = from_sql(kind, &columns(key.with_nullable(false)), &SchemaOptions::default()).unwrap();
    let config =
        FormatConfig { framing: Framing::Registry, ..FormatConfig::registry(RegisteredSchema::new(7, kind, text)) };
    let table = Table { columns: columns(key), rows };
    let encoder = Encoder::new(config, &table.columns).unwrap();
    let payloads =
        encoder.encode(&table.arrays(), &Rows::Range(0..table.rows.len())).map_err(|error| error.to_string())?;
    Ok(payloads.iter().count())
}

fn map(key: Value) -> Vec<Value> {
    vec![Value::Map(vec![(key, Value::Integer(1))])]
}

#[test]
fn a_null_key_is_refused() {
    for kind in [SchemaKind::Avro, SchemaKind::Json, SchemaKind::Protobuf] {
        for (key, some) in [(DataType::string(), Value::String("a".to_owned())), (T::Int.nullable(), Value::Integer(5))]
        {
            assert_eq!(encoded(kind, key.clone(), vec![map(some.clone())]), Ok(1));
            let error = encoded(kind, key, vec![map(some), map(Value::Null)]).unwrap_err();
            assert!(error.contains("NULL") && error.contains('m'), "{kind:?}: {error}");
        }
    }
}
