//! Request bodies: limits, JSON, fields.

use axum::extract::rejection::BytesRejection;
use bytes::Bytes;
use serde_json::{Map, Value};

use crate::core::Registration;
use crate::error::Error;
use crate::model::{Reference, Schema, SchemaType};

/// A body as axum gives it: the bytes, or why there are none.
pub(crate) type Body = Result<Bytes, BytesRejection>;

/// The JSON object in a body.
pub(crate) fn object(body: Body) -> Result<Map<String, Value>, Error> {
    let bytes = body.map_err(|rejection| match rejection.status().as_u16() {
        413 => Error::TooLarge("Register operation failed because schema is too large".into()),
        _ => Error::BadRequest(rejection.to_string()),
    })?;
    // The reader stops at 128 levels.
    match serde_json::from_slice(&bytes) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => Err(Error::BadRequest("the body must be a JSON object".into())),
        Err(error) => Err(Error::BadRequest(format!("the body is not valid JSON: {error}"))),
    }
}

/// Fields of a registration that carry parts of Confluent's registry that are not built.
const NOT_BUILT: [&str; 4] = ["metadata", "ruleSet", "schemaTagsToAdd", "schemaTagsToRemove"];

/// A schema to register, look up or check. Unknown fields are ignored there, as in Confluent's registry.
pub(crate) fn registration(body: Body, normalize: bool) -> Result<Registration, Error> {
    let fields = object(body)?;
    if let Some(name) = NOT_BUILT.iter().find(|name| fields.get(**name).is_some_and(asks)) {
        return Err(Error::NotBuilt(format!("'{name}' of a schema")));
    }
    let schema_type = match fields.get("schemaType") {
        None | Some(Value::Null) => SchemaType::Avro,
        Some(Value::String(name)) => SchemaType::parse(name)?,
        Some(_) => return Err(Error::invalid_field("schemaType", "a string is expected")),
    };
    let schema = match fields.get("schema") {
        Some(Value::String(text)) if !text.trim().is_empty() => text.as_str(),
        None | Some(Value::Null | Value::String(_)) => return Err(Error::InvalidSchema("Empty schema".into())),
        Some(_) => return Err(Error::invalid_field("schema", "a string is expected")),
    };
    let references: Vec<Reference> = match fields.get("references") {
        None | Some(Value::Null) => Vec::new(),
        Some(list) => {
            serde_json::from_value(list.clone()).map_err(|e| Error::invalid_field("references", &e.to_string()))?
        }
    };
    Ok(Registration {
        schema: Schema { schema_type, schema: schema.into(), references },
        version: positive(&fields, "version")?,
        id: positive(&fields, "id")?,
        normalize,
    })
}

/// Whether a value asks for something: `null`, `{}` and `[]` do not.
fn asks(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => fields.values().any(asks),
        _ => true,
    }
}

/// A number from 1; clients that mean none send 0 or -1.
fn positive(fields: &Map<String, Value>, name: &str) -> Result<Option<i32>, Error> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => {
            let number = value.as_i64().and_then(|number| i32::try_from(number).ok());
            let number = number.ok_or_else(|| Error::invalid_field(name, "a number up to 2^31-1 is expected"))?;
            Ok(Some(number).filter(|number| *number > 0))
        }
    }
}
