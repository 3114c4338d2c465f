//! Default values: JSON in the schema, Avro's binary form for the program that fills them in.

use serde_json::Value;

use super::schema::{AvroSchema, NodeId, Shape};
use super::write;

/// Appends `value` as a value of `node`. A union's default is of its first branch; later ones are tried too, because
/// generators get it wrong.
pub(crate) fn encode_default(
    schema: &AvroSchema,
    node: NodeId,
    value: &Value,
    out: &mut Vec<u8>,
) -> Result<(), String> {
    let shape = schema.shape(node);
    let wrong = || format!("{value} is no {}", shape.keyword());
    match (shape, value) {
        (Shape::Null, Value::Null) => {}
        (Shape::Boolean, Value::Bool(value)) => out.push(u8::from(*value)),
        (Shape::Int, Value::Number(number)) => {
            let value = number.as_i64().and_then(|n| i32::try_from(n).ok()).ok_or_else(wrong)?;
            write::long(value.into(), out);
        }
        (Shape::Long, Value::Number(number)) => write::long(number.as_i64().ok_or_else(wrong)?, out),
        (Shape::Float, value) => out.extend_from_slice(&(number(value).ok_or_else(wrong)? as f32).to_le_bytes()),
        (Shape::Double, value) => out.extend_from_slice(&number(value).ok_or_else(wrong)?.to_le_bytes()),
        (Shape::String, Value::String(text)) => write::bytes(text.as_bytes(), out),
        (Shape::Bytes, Value::String(text)) => write::bytes(&latin1(text).ok_or_else(wrong)?, out),
        (Shape::Fixed { size, .. }, Value::String(text)) => {
            let bytes = latin1(text).filter(|bytes| bytes.len() == *size).ok_or_else(wrong)?;
            out.extend_from_slice(&bytes);
        }
        (Shape::Enum { symbols, .. }, Value::String(text)) => {
            let index = symbols.iter().position(|symbol| symbol == text).ok_or_else(wrong)?;
            write::long(index as i64, out);
        }
        (Shape::Array(element), Value::Array(items)) => {
            write::block(items.len(), out);
            for item in items {
                encode_default(schema, *element, item, out)?;
            }
            write::end_of_blocks(out);
        }
        (Shape::Map(values), Value::Object(entries)) => {
            write::block(entries.len(), out);
            for (key, value) in entries {
                write::bytes(key.as_bytes(), out);
                encode_default(schema, *values, value, out)?;
            }
            write::end_of_blocks(out);
        }
        (Shape::Record { fields, .. }, Value::Object(object)) => {
            for field in fields {
                let value = object.get(&field.name).or(field.default.as_ref());
                let value = value.ok_or_else(|| format!("it has no value for '{}'", field.name))?;
                encode_default(schema, field.node, value, out)?;
            }
        }
        (Shape::Union(branches), value) => {
            let start = out.len();
            for (index, &branch) in branches.iter().enumerate() {
                write::long(index as i64, out);
                if encode_default(schema, branch, value, out).is_ok() {
                    return Ok(());
                }
                out.truncate(start);
            }
            return Err(wrong());
        }
        _ => return Err(wrong()),
    }
    Ok(())
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => match text.as_str() {
            "NaN" => Some(f64::NAN),
            "Infinity" | "INF" => Some(f64::INFINITY),
            "-Infinity" | "-INF" => Some(f64::NEG_INFINITY),
            _ => None,
        },
        _ => None,
    }
}

/// Avro writes bytes as text of code points 0 to 255.
fn latin1(text: &str) -> Option<Vec<u8>> {
    text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect()
}
