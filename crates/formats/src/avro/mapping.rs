//! Avro schemas to SQL types and back (spec sql.md 2.5).

use nutkin_types::data_type::MAX_LENGTH;
use nutkin_types::{DataType, LogicalType, RowField};

use super::parse::parse;
use super::schema::{Attributes, AvroSchema, Logical, NodeId, Shape};
use crate::error::FormatError;
use crate::mapping::MAX_FIELDS;
use crate::schema::RegisteredSchema;

pub use super::emit::from_sql;

/// The SQL type of an Avro schema: ROW for a record and for a union of several types, else the atomic type.
///
/// # Errors
/// NUTKIN-3000, 3001 (a recursive type) or 3002.
pub fn to_sql(schema: &RegisteredSchema) -> Result<DataType, FormatError> {
    let schema = parse(schema)?;
    type_of(&schema, schema.root, &mut Trail::default())
}

/// Fields and records on the way down, for messages and to find cycles.
#[derive(Default)]
struct Trail {
    path: Vec<String>,
    records: Vec<NodeId>,
    fields: usize,
}

fn type_of(schema: &AvroSchema, id: NodeId, trail: &mut Trail) -> Result<DataType, FormatError> {
    let node = schema.node(id);
    let logical = match &node.shape {
        Shape::Union(branches) => return union_type(schema, branches, trail),
        Shape::Null => return Ok(LogicalType::Null.nullable()),
        Shape::Boolean => LogicalType::Boolean,
        Shape::Int => int_type(node.logical, &node.attributes),
        Shape::Long => long_type(node.logical, &node.attributes),
        Shape::Float => LogicalType::Float,
        Shape::Double => LogicalType::Double,
        Shape::Bytes => match node.logical {
            Logical::Decimal { precision, scale } => LogicalType::Decimal { precision, scale },
            _ => LogicalType::VarBinary { length: node.attributes.max_length.unwrap_or(MAX_LENGTH).max(1) },
        },
        Shape::String => string_type(&node.attributes),
        Shape::Fixed { size, .. } => match node.logical {
            Logical::Decimal { precision, scale } => LogicalType::Decimal { precision, scale },
            _ => LogicalType::Binary { length: (*size as u32).max(1) },
        },
        Shape::Enum { .. } => LogicalType::STRING,
        Shape::Array(element) => array_type(schema, *element, node.attributes.multiset, trail)?,
        Shape::Map(values) => {
            if node.attributes.multiset {
                LogicalType::Multiset { element: Box::new(LogicalType::STRING.not_null()) }
            } else {
                LogicalType::map(LogicalType::STRING.not_null(), type_of(schema, *values, trail)?)
            }
        }
        Shape::Record { fields, name } => {
            if trail.records.contains(&id) {
                return Err(unsupported(
                    trail,
                    format!("the recursive record '{}'", name.full),
                    "SQL types are finite",
                ));
            }
            trail.records.push(id);
            let mut columns = Vec::with_capacity(fields.len());
            trail.fields += fields.len();
            if trail.fields > MAX_FIELDS {
                return Err(unsupported(trail, format!("more than {MAX_FIELDS} fields"), "split the schema"));
            }
            for field in fields {
                trail.path.push(field.name.clone());
                let data_type = type_of(schema, field.node, trail)?;
                trail.path.pop();
                let description = field.doc.clone();
                columns.push(RowField { name: field.name.clone(), data_type, description });
            }
            trail.records.pop();
            LogicalType::Row { fields: columns.into() }
        }
    };
    Ok(logical.not_null())
}

fn unsupported(trail: &Trail, what: String, remedy: &str) -> FormatError {
    FormatError::UnsupportedType { format: "Avro", path: trail.path.join("."), what, remedy: remedy.to_owned() }
}

fn int_type(logical: Logical, attributes: &Attributes) -> LogicalType {
    match (logical, attributes.connect_type.as_deref()) {
        (Logical::Date, _) => LogicalType::Date,
        (Logical::TimeMillis, _) => LogicalType::Time { precision: attributes.precision.unwrap_or(3).min(3) },
        (_, Some("int8")) => LogicalType::TinyInt,
        (_, Some("int16")) => LogicalType::SmallInt,
        _ => LogicalType::Int,
    }
}

fn long_type(logical: Logical, attributes: &Attributes) -> LogicalType {
    let precision = |highest: u8| attributes.precision.unwrap_or(highest).min(highest);
    match logical {
        Logical::TimestampMillis => LogicalType::TimestampLtz { precision: precision(3) },
        Logical::TimestampMicros => LogicalType::TimestampLtz { precision: precision(6) },
        Logical::TimestampNanos => LogicalType::TimestampLtz { precision: precision(9) },
        Logical::LocalTimestampMillis => LogicalType::Timestamp { precision: precision(3) },
        Logical::LocalTimestampMicros => LogicalType::Timestamp { precision: precision(6) },
        Logical::LocalTimestampNanos => LogicalType::Timestamp { precision: precision(9) },
        _ => LogicalType::BigInt,
    }
}

fn string_type(attributes: &Attributes) -> LogicalType {
    match (attributes.min_length, attributes.max_length) {
        (Some(min), Some(max)) if min == max => LogicalType::Char { length: max.max(1) },
        (_, Some(max)) => LogicalType::VarChar { length: max.max(1) },
        _ => LogicalType::STRING,
    }
}

fn array_type(
    schema: &AvroSchema,
    element: NodeId,
    multiset: bool,
    trail: &mut Trail,
) -> Result<LogicalType, FormatError> {
    let Some((key, value)) = schema.map_entry(element) else {
        return Ok(LogicalType::array(type_of(schema, element, trail)?));
    };
    let key = type_of(schema, key.node, trail)?;
    if multiset {
        return Ok(LogicalType::Multiset { element: Box::new(key) });
    }
    Ok(LogicalType::map(key, type_of(schema, value.node, trail)?))
}

/// null and one other: that other, nullable. Else a ROW with a nullable field per branch (spec sql.md 2.4 no. 7).
fn union_type(schema: &AvroSchema, branches: &[NodeId], trail: &mut Trail) -> Result<DataType, FormatError> {
    let is_null = |id: &&NodeId| matches!(schema.shape(**id), Shape::Null);
    let nullable = branches.iter().any(|id| is_null(&id));
    let others: Vec<NodeId> = branches.iter().filter(|id| !is_null(id)).copied().collect();
    match others.as_slice() {
        [] => Ok(LogicalType::Null.nullable()),
        [only] if nullable => Ok(type_of(schema, *only, trail)?.with_nullable(true)),
        others => {
            let mut fields = Vec::with_capacity(others.len());
            for &id in others {
                let name = schema.branch_name(id).to_owned();
                trail.path.push(name.clone());
                let data_type = type_of(schema, id, trail)?.with_nullable(true);
                trail.path.pop();
                fields.push(RowField::new(name, data_type));
            }
            Ok(DataType::new(LogicalType::Row { fields: fields.into() }, nullable))
        }
    }
}
