//! Records of several subjects as one table (spec sql.md 2.3 subject-names, 2.4 no. 7).

use nutkin_types::{LogicalType, Value};

use super::support::{array, row_type, rows, string, text_type};
use crate::mapping::{COMBINED, combine, to_sql};
use crate::{
    DecodedColumn, Decoder, Encoder, FormatConfig, Framing, MissingSchema, RegisteredSchema, Rows, SchemaKind,
    SchemaReference,
};

fn members(kind: SchemaKind) -> Vec<(String, RegisteredSchema)> {
    let (order, shipment) = match kind {
        SchemaKind::Avro => (
            r#"{"type": "record", "name": "Order", "namespace": "e", "fields": [{"name": "id", "type": "string"},
                {"name": "at", "type": {"type": "record", "name": "Place", "fields": [{"name": "zip", "type": "string"}]}}]}"#,
            // The same nested name, and another type behind it.
            r#"{"type": "record", "name": "Shipment", "namespace": "e", "fields": [
                {"name": "to", "type": {"type": "record", "name": "Place", "fields": [{"name": "city", "type": "string"}]}}]}"#,
        ),
        SchemaKind::Json => (
            r##"{"type": "object", "properties": {"id": {"type": "string"}, "at": {"$ref": "#/definitions/p"}},
                "required": ["id", "at"], "definitions": {"p": {"type": "object", "properties": {"zip": {"type": "string"}}, "required": ["zip"]}}}"##,
            r##"{"type": "object", "properties": {"to": {"$ref": "#/definitions/p"}}, "required": ["to"],
                "definitions": {"p": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}}}"##,
        ),
        SchemaKind::Protobuf => (
            "syntax = \"proto3\"; package e; message Order { string id = 1; Place at = 2; message Place { string zip = 1; } }",
            "syntax = \"proto3\"; package e; message Shipment { Place to = 1; message Place { string city = 1; } }",
        ),
    };
    vec![
        ("e.Order".to_owned(), RegisteredSchema::new(11, kind, order)),
        ("e.Shipment".to_owned(), RegisteredSchema::new(12, kind, shipment)),
    ]
}

/// Each record is written under its own schema and fills its own column.
#[test]
fn records_of_each_subject_fill_its_column() {
    for (kind, order, shipment) in [
        (SchemaKind::Avro, "e.Order", "e.Shipment"),
        (SchemaKind::Json, "connect_union_field_0", "connect_union_field_1"),
        (SchemaKind::Protobuf, "Order", "Shipment"),
    ] {
        let members = members(kind);
        let combined = combine(&members).unwrap();
        assert_eq!((combined.id, combined.kind), (COMBINED, kind));
        let data_type = to_sql(&combined).unwrap();
        let LogicalType::Row { fields: found } = &data_type.logical else { panic!("{data_type}") };
        let names: Vec<&str> = found.iter().map(|field| field.name.as_str()).collect();
        assert_eq!(names, [order, shipment]);
        assert!(found.iter().all(|field| field.data_type.nullable));
        let wanted: Vec<DecodedColumn> =
            found.iter().map(|field| DecodedColumn::field(&field.name, field.data_type.clone())).collect();
        let mut payloads = Vec::new();
        for (_, schema) in &members {
            let LogicalType::Row { fields } = to_sql(schema).unwrap().logical else { panic!() };
            let row = |text: &str| Value::List(vec![string(text)]);
            let values = if fields.len() == 1 {
                vec![row("Ulm")]
            } else {
                fields
                    .iter()
                    .map(|field| match field.name.as_str() {
                        "id" => string("o-1"),
                        _ => row("89073"),
                    })
                    .collect()
            };
            let arrays: Vec<_> =
                values.iter().zip(fields.iter()).map(|(value, field)| array(&[value], &field.data_type)).collect();
            let encoder = Encoder::new(FormatConfig::registry(schema.clone()), &fields).unwrap();
            payloads.push(encoder.encode(&arrays, &Rows::Range(0..1)).unwrap().get(0).unwrap().to_vec());
        }
        let config = FormatConfig { framing: Framing::Registry, ..FormatConfig::registry(combined) };
        let mut decoder = Decoder::new(config, &wanted).unwrap();
        let payloads: Vec<Option<&[u8]>> = payloads.iter().map(|payload| Some(payload.as_slice())).collect();
        while let Err(MissingSchema { id }) = decoder.decode(&payloads) {
            let (_, schema) = members.iter().find(|(_, schema)| schema.id == id).expect("a schema of a member");
            decoder.add_schema(schema);
        }
        let decoded = decoder.decode(&payloads).unwrap();
        assert_eq!(decoded.errors, vec![], "{kind:?}");
        let found = rows(&decoded.columns, &wanted);
        assert!(found[0][1] == Value::Null && found[1][0] == Value::Null, "{found:?}");
        let text = format!("{found:?}");
        assert!(text.contains("o-1") && text.contains("89073") && text.contains("Ulm"), "{text}");
    }
}

#[test]
fn one_member_and_types_without_names() {
    let members = [
        ("a".to_owned(), RegisteredSchema::new(1, SchemaKind::Avro, r#""string""#)),
        ("b".to_owned(), RegisteredSchema::new(2, SchemaKind::Avro, r#"{"type": "array", "items": "int"}"#)),
    ];
    let expected = row_type(&[
        ("string", text_type().with_nullable(true)),
        ("array", LogicalType::array(LogicalType::Int.not_null()).nullable()),
    ]);
    assert_eq!(to_sql(&combine(&members).unwrap()).unwrap(), expected.not_null());
}

#[test]
fn what_cannot_stand_side_by_side_is_refused() {
    let mut mixed = members(SchemaKind::Avro);
    mixed.extend(members(SchemaKind::Json));
    let error = combine(&mixed).unwrap_err();
    assert!(error.code() == "NUTKIN-3000" && error.to_string().contains("e.Order"), "{error}");
    let mut differing = members(SchemaKind::Json);
    for ((_, schema), text) in differing.iter_mut().zip(["{\"type\": \"string\"}", "{\"type\": \"null\"}"]) {
        schema.references.push(SchemaReference { name: "common".to_owned(), text: text.to_owned() });
    }
    let error = combine(&differing).unwrap_err();
    assert!(error.code() == "NUTKIN-3000" && error.to_string().contains("common"), "{error}");
    let twice = members(SchemaKind::Avro);
    let twice = [twice[0].clone(), (String::from("other"), twice[0].1.clone())];
    assert_eq!(to_sql(&combine(&twice).unwrap()).unwrap_err().code(), "NUTKIN-3000");
}
