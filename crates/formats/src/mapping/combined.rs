//! Schemas of several subjects as one (spec sql.md 2.3 `subject-names`, 2.4 no. 7).
//!
//! A topic whose records are registered under their own names (RecordNameStrategy, TopicRecordNameStrategy) has several
//! schemas. As a table it has a nullable column for each, as a topic has whose one schema is their union: so the union is
//! what is made here. No record names it, each names its own.

use serde_json::{Value, json};

use crate::error::FormatError;
use crate::schema::{RegisteredSchema, SchemaKind, SchemaReference};

/// Id of a combined schema: registries count from 1.
pub const COMBINED: i32 = -1;

/// The schema that records of all `members`, subject and schema, are read as. There must be at least one, and all of a kind.
///
/// # Errors
/// NUTKIN-3000 when a member is invalid, or two of them cannot stand side by side.
pub fn combine(members: &[(String, RegisteredSchema)]) -> Result<RegisteredSchema, FormatError> {
    let kind = members.first().map_or(SchemaKind::Avro, |(_, schema)| schema.kind);
    if let Some((subject, other)) = members.iter().find(|(_, schema)| schema.kind != kind) {
        let cause = format!("it is of kind {}, and the first subject of kind {}", other.kind.name(), kind.name());
        return Err(FormatError::InvalidSchema { kind, place: format!("subject '{subject}'"), cause });
    }
    let mut references: Vec<SchemaReference> = Vec::new();
    for (_, schema) in members {
        for reference in &schema.references {
            add(kind, reference.clone(), &mut references)?;
        }
    }
    let text = match kind {
        SchemaKind::Avro => avro(members, &mut references)?,
        SchemaKind::Json => {
            let branches: Vec<Value> = members.iter().map(|(subject, _)| json!({"$ref": subject})).collect();
            json!({"oneOf": branches}).to_string()
        }
        SchemaKind::Protobuf => {
            let import = |(subject, _): &(String, RegisteredSchema)| format!("import public {};\n", json!(subject));
            let imports: String = members.iter().map(import).collect();
            format!("syntax = \"proto3\";\n{imports}")
        }
    };
    if kind != SchemaKind::Avro {
        for (subject, schema) in members {
            let member = SchemaReference { name: subject.clone(), text: schema.text.clone() };
            add(kind, member, &mut references)?;
        }
    }
    Ok(RegisteredSchema { id: COMBINED, kind, text, references })
}

/// One name stands for one text, except in Avro, where each text defines names for those after it.
fn add(kind: SchemaKind, new: SchemaReference, to: &mut Vec<SchemaReference>) -> Result<(), FormatError> {
    match to.iter().find(|known| known.name == new.name) {
        Some(known) if known.text == new.text => Ok(()),
        Some(_) if kind != SchemaKind::Avro => {
            let cause = "two of the subjects refer to different schemas by this name".to_owned();
            Err(FormatError::InvalidSchema { kind, place: format!("reference '{}'", new.name), cause })
        }
        _ => {
            to.push(new);
            Ok(())
        }
    }
}

/// A union of names where the types have them, of the types themselves elsewhere.
fn avro(members: &[(String, RegisteredSchema)], references: &mut Vec<SchemaReference>) -> Result<String, FormatError> {
    let mut branches = Vec::with_capacity(members.len());
    for (_, schema) in members {
        match crate::avro::name_of(schema)? {
            Some(name) => {
                references.push(SchemaReference { name: name.clone(), text: schema.text.clone() });
                branches.push(json!(name));
            }
            None => branches.push(serde_json::from_str(&schema.text).unwrap_or_else(|_| json!(schema.text))),
        }
    }
    Ok(Value::Array(branches).to_string())
}
