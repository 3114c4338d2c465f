//! What unions promise: a row with one branch set comes back with that branch set, alone, nullable and in arrays.

use nutkin_types::{DataType, LogicalType, Value};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::support::{Table, decode, value};
use crate::mapping::to_sql;
use crate::{FormatConfig, RegisteredSchema, SchemaKind};

/// A value of `data_type`, in which a ROW that begins with field `first` is a union.
fn cell(data_type: &DataType, first: &'static str) -> BoxedStrategy<Value> {
    let some = match &data_type.logical {
        LogicalType::Row { fields } if fields[0].name == first => {
            let branches: Vec<_> =
                fields.iter().map(|field| cell(&field.data_type.with_nullable(false), first)).collect();
            let one = move |(chosen, values): (usize, Vec<Value>)| {
                let values = values.into_iter().enumerate();
                Value::List(values.map(|(n, value)| if n == chosen { value } else { Value::Null }).collect())
            };
            (0..fields.len(), branches).prop_map(one).boxed()
        }
        LogicalType::Row { fields } => {
            let values: Vec<_> = fields.iter().map(|field| cell(&field.data_type, first)).collect();
            values.prop_map(Value::List).boxed()
        }
        LogicalType::Array { element } => {
            // Repeated fields of Protobuf hold no NULL, though their type allows it.
            let element = cell(&element.with_nullable(false), first);
            prop::collection::vec(element, 0..4).prop_map(Value::List).boxed()
        }
        _ => return value(data_type),
    };
    if data_type.nullable { prop_oneof![1 => Just(Value::Null), 4 => some].boxed() } else { some }
}

/// Rows of the record that `schema` describes.
fn table(schema: &RegisteredSchema, first: &'static str) -> BoxedStrategy<Table> {
    let LogicalType::Row { fields } = to_sql(schema).unwrap().logical else { panic!("no record") };
    let row: Vec<_> = fields.iter().map(|field| cell(&field.data_type, first)).collect();
    let rows = prop::collection::vec(row, 1..6);
    rows.prop_map(move |rows| Table { columns: fields.to_vec(), rows }).boxed()
}

fn comes_back(schema: &RegisteredSchema, table: &Table) {
    let config = FormatConfig::registry(schema.clone());
    assert_eq!(decode(&config, &table.wanted(), &table.encode(&config)), table.rows);
}

fn json_schema() -> RegisteredSchema {
    let object = |names: [&str; 2]| {
        let text = json!({"type": "string"});
        json!({"type": "object", "required": names, "properties": {names[0]: text.clone(), names[1]: text}})
    };
    let branches = vec![
        json!({"type": "string"}),
        json!({"type": "integer"}),
        json!({"type": "number"}),
        json!({"type": "boolean"}),
        json!({"type": "array", "items": {"type": "integer"}}),
        object(["id", "amount"]),
        object(["id", "to"]),
    ];
    let union = json!({"oneOf": branches.clone()});
    let nullable: Vec<Json> = std::iter::once(json!({"type": "null"})).chain(branches).collect();
    let properties = json!({"u": union.clone(), "n": {"oneOf": nullable}, "us": {"type": "array", "items": union}});
    let text = json!({"type": "object", "required": ["u", "us"], "properties": properties});
    RegisteredSchema::new(1, SchemaKind::Json, text.to_string())
}

fn avro_schema() -> RegisteredSchema {
    let branches = |name: &str| {
        vec![
            json!("string"),
            json!("long"),
            json!("double"),
            json!("boolean"),
            json!("bytes"),
            json!({"type": "array", "items": ["null", "int"]}),
            json!({"type": "map", "values": "int"}),
            json!({"type": "record", "name": name, "fields": [{"name": "x", "type": ["null", "string"]}]}),
        ]
    };
    // null stands neither first nor last.
    let mut nullable = branches("B");
    nullable.insert(3, json!("null"));
    let fields = json!([
        {"name": "u", "type": branches("A")},
        {"name": "n", "type": nullable},
        {"name": "us", "type": {"type": "array", "items": branches("C")}},
    ]);
    let text = json!({"type": "record", "name": "R", "fields": fields});
    RegisteredSchema::new(1, SchemaKind::Avro, text.to_string())
}

fn protobuf_schema() -> RegisteredSchema {
    let text = r#"syntax = "proto3";
        message M {
            oneof n { string first = 1; int64 b = 2; double c = 3; bool d = 4; bytes e = 5; N f = 6; }
            repeated Inner us = 7;
            Inner u = 8;
            message Inner { int32 before = 1; oneof one { string first = 2; sint32 b = 3; N c = 4; } string after = 5; }
            message N { int32 x = 1; repeated string ys = 2; }
        }"#;
    RegisteredSchema::new(1, SchemaKind::Protobuf, text)
}

proptest! {
    #[test]
    fn json(table in table(&json_schema(), "connect_union_field_0")) {
        comes_back(&json_schema(), &table);
    }

    #[test]
    fn avro(table in table(&avro_schema(), "string")) {
        comes_back(&avro_schema(), &table);
    }

    #[test]
    fn protobuf(table in table(&protobuf_schema(), "first")) {
        comes_back(&protobuf_schema(), &table);
    }
}
