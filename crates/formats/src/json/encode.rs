//! Columns into JSON texts.

use arrow_array::{ArrayRef, BinaryArray, BooleanArray, ListArray, MapArray, StringArray};
use arrow_buffer::NullBuffer;
use nutkin_types::map::map_keys;
use nutkin_types::{DataType, LogicalType, Moments, RowField};

use super::schema::{Form, Node};
use super::write;
use crate::arrays::{Values, null_not_allowed, nulls, text_key, value_error, values};
use crate::encoder::RowWriter;
use crate::error::FormatError;
use crate::fault::{Fault, Outcome};

/// A batch ready to be written.
pub(crate) struct Prepared<'a> {
    header: &'a [u8],
    root: Write<'a>,
}

/// How one type is written from one array; NULLs are seen to before.
enum Write<'a> {
    Null,
    Boolean(&'a BooleanArray),
    Int8(&'a [i8]),
    Int16(&'a [i16]),
    Int32(&'a [i32]),
    Int64(&'a [i64]),
    /// As milliseconds.
    Moments(Moments<'a>),
    Float32(&'a [f32]),
    Float64(&'a [f64]),
    Decimal(&'a [i128], u8),
    Text(&'a StringArray),
    Bytes(&'a BinaryArray),
    List(&'a ListArray, Box<Slot<'a>>),
    Map(&'a MapArray, &'a StringArray, Box<Slot<'a>>),
    Entries(&'a MapArray, Box<Slot<'a>>, Box<Slot<'a>>),
    Object(Vec<FieldWrite<'a>>),
    /// A ROW with one field set, as that field's value.
    Union(Vec<Slot<'a>>),
}

/// A value with its NULLs.
struct Slot<'a> {
    nulls: Option<&'a NullBuffer>,
    nullable: bool,
    write: Write<'a>,
}

struct FieldWrite<'a> {
    name: &'a str,
    /// `"name":`, escaped.
    key: Vec<u8>,
    /// True when NULL is left out, because the schema has no null there.
    omit_null: bool,
    slot: Slot<'a>,
}

impl<'a> Prepared<'a> {
    /// Matches `columns` with the schema. An object or union takes the columns as its fields; any other schema takes the
    /// only column.
    pub fn new(
        schema: &'a Node,
        fields: &'a [RowField],
        columns: &'a [ArrayRef],
        header: &'a [u8],
    ) -> Result<Prepared<'a>, FormatError> {
        let root = match (&schema.form, fields) {
            (Form::Row(_) | Form::Union(_), _) => row(schema, fields, columns, "")?,
            (_, [field]) => slot(schema, &field.data_type, &columns[0], &field.name)?.write,
            _ => return Err(FormatError::mismatch("", "the schema is no object, so it holds one column")),
        };
        Ok(Prepared { header, root })
    }
}

impl RowWriter for Prepared<'_> {
    fn write(&self, row: usize, out: &mut Vec<u8>) -> Result<bool, FormatError> {
        out.extend_from_slice(self.header);
        self.root.write(row, out).map_err(|fault| value_error(&fault, row))?;
        Ok(true)
    }
}

fn below(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

fn slot<'a>(node: &'a Node, data_type: &'a DataType, array: &'a ArrayRef, path: &str) -> Result<Slot<'a>, FormatError> {
    let mismatch = || FormatError::mismatch(path, format!("{data_type} cannot be written as {}", node.data_type));
    let write = match (values(array, &data_type.logical, path)?, &data_type.logical, &node.form) {
        (Values::Row(struct_array), LogicalType::Row { fields }, _) => row(node, fields, struct_array.columns(), path)?,
        (Values::List(list), LogicalType::Array { element }, Form::List(inner)) => {
            Write::List(list, Box::new(slot(inner, element, list.values(), path)?))
        }
        (Values::Map(map), logical, Form::Map { key: key_node, value: value_node }) => {
            let (key, value) = match logical {
                LogicalType::Map { key, value } => (&**key, &**value),
                LogicalType::Multiset { element } => (&**element, &COUNT),
                _ => return Err(mismatch()),
            };
            let value = Box::new(slot(value_node, value, map.values(), path)?);
            match values(map_keys(map), &key.logical, path)? {
                Values::Text(keys) => Write::Map(map, keys, value),
                _ => Write::Entries(map, Box::new(slot(key_node, key, map_keys(map), path)?), value),
            }
        }
        (array, logical, Form::Leaf) => leaf(array, logical, &node.data_type.logical).ok_or_else(mismatch)?,
        _ => return Err(mismatch()),
    };
    Ok(Slot { nulls: nulls(array), nullable: data_type.nullable && node.data_type.nullable, write })
}

/// The type of a multiset's counts.
static COUNT: DataType = DataType { logical: LogicalType::Int, nullable: false };

fn row<'a>(
    node: &'a Node,
    fields: &'a [RowField],
    columns: &'a [ArrayRef],
    path: &str,
) -> Result<Write<'a>, FormatError> {
    match &node.form {
        Form::Row(properties) => {
            let mut writes = Vec::with_capacity(fields.len());
            for (field, array) in fields.iter().zip(columns) {
                let path = below(path, &field.name);
                let property = properties.iter().find(|property| property.name == field.name);
                let property =
                    property.ok_or_else(|| FormatError::mismatch(&path, "the schema has no such property"))?;
                let mut key = Vec::new();
                write::text(&field.name, &mut key);
                key.push(b':');
                writes.push(FieldWrite {
                    name: &field.name,
                    key,
                    omit_null: !property.null_allowed,
                    slot: slot(&property.node, &field.data_type, array, &path)?,
                });
            }
            let missing = properties.iter().find(|property| {
                !property.node.data_type.nullable && !fields.iter().any(|field| field.name == property.name)
            });
            match missing {
                Some(property) => {
                    let cause = "the schema requires it, but it has no column";
                    Err(FormatError::mismatch(below(path, &property.name), cause))
                }
                None => Ok(Write::Object(writes)),
            }
        }
        Form::Union(branches) => {
            let mut writes = Vec::with_capacity(fields.len());
            for (field, array) in fields.iter().zip(columns) {
                let path = below(path, &field.name);
                let index = field.name.strip_prefix("connect_union_field_").and_then(|n| n.parse::<usize>().ok());
                let branch = index.and_then(|index| branches.get(index));
                let branch = branch.ok_or_else(|| FormatError::mismatch(&path, "the schema has no such branch"))?;
                writes.push(slot(&branch.node, &field.data_type, array, &path)?);
            }
            Ok(Write::Union(writes))
        }
        _ => Err(FormatError::mismatch(path, format!("a ROW cannot be written as {}", node.data_type))),
    }
}

fn leaf<'a>(array: Values<'a>, logical: &LogicalType, schema: &LogicalType) -> Option<Write<'a>> {
    let same = logical.family() == schema.family()
        || (logical.is_numeric() && schema.is_numeric())
        || *schema == LogicalType::STRING && logical.is_character_string();
    if !same {
        return None;
    }
    Some(match array {
        Values::Null => Write::Null,
        Values::Boolean(array) => Write::Boolean(array),
        Values::Int8(array) => Write::Int8(array),
        Values::Int16(array) => Write::Int16(array),
        Values::Int32(array) => Write::Int32(array),
        Values::Int64(array) => Write::Int64(array),
        Values::Moments(moments) => Write::Moments(moments),
        Values::Float32(array) => Write::Float32(array),
        Values::Float64(array) => Write::Float64(array),
        Values::Decimal(array) => Write::Decimal(array, logical.as_decimal()?.1),
        Values::Text(array) => Write::Text(array),
        Values::Bytes(array) => Write::Bytes(array),
        Values::List(_) | Values::Map(_) | Values::Row(_) => return None,
    })
}

impl Slot<'_> {
    fn is_null(&self, row: usize) -> bool {
        self.nulls.is_some_and(|nulls| nulls.is_null(row)) || matches!(self.write, Write::Null)
    }

    fn write(&self, row: usize, out: &mut Vec<u8>) -> Outcome {
        if !self.is_null(row) {
            return self.write.write(row, out);
        }
        if !self.nullable && !matches!(self.write, Write::Null) {
            return Err(null_not_allowed());
        }
        out.extend_from_slice(b"null");
        Ok(())
    }
}

fn span(offsets: &[i32], row: usize) -> std::ops::Range<usize> {
    offsets[row] as usize..offsets[row + 1] as usize
}

impl Write<'_> {
    fn write(&self, row: usize, out: &mut Vec<u8>) -> Outcome {
        match self {
            Write::Null => out.extend_from_slice(b"null"),
            Write::Boolean(array) => out.extend_from_slice(if array.value(row) { b"true" } else { b"false" }),
            Write::Int8(array) => write::integer(array[row].into(), out),
            Write::Int16(array) => write::integer(array[row].into(), out),
            Write::Int32(array) => write::integer(array[row].into(), out),
            Write::Int64(array) => write::integer(array[row], out),
            Write::Moments(moments) => write::integer(moments.get(row).millis(), out),
            Write::Float32(array) => {
                let value = array[row];
                write::float(value.is_finite().then_some(value), out).map_err(|()| not_finite())?;
            }
            Write::Float64(array) => {
                let value = array[row];
                write::float(value.is_finite().then_some(value), out).map_err(|()| not_finite())?;
            }
            Write::Decimal(array, scale) => write::decimal(array[row], *scale, out),
            Write::Text(array) => write::text(array.value(row), out),
            Write::Bytes(array) => write::base64(array.value(row), out),
            Write::List(list, element) => {
                out.push(b'[');
                for (place, index) in span(list.value_offsets(), row).enumerate() {
                    write::comma(place, out);
                    element.write(index, out)?;
                }
                out.push(b']');
            }
            Write::Map(map, keys, value) => {
                out.push(b'{');
                for (place, index) in span(map.value_offsets(), row).enumerate() {
                    write::comma(place, out);
                    write::text(text_key(keys, index)?, out);
                    out.push(b':');
                    value.write(index, out)?;
                }
                out.push(b'}');
            }
            Write::Entries(map, key, value) => {
                out.push(b'[');
                for (place, index) in span(map.value_offsets(), row).enumerate() {
                    write::comma(place, out);
                    out.extend_from_slice(b"{\"key\":");
                    key.write(index, out)?;
                    out.extend_from_slice(b",\"value\":");
                    value.write(index, out)?;
                    out.push(b'}');
                }
                out.push(b']');
            }
            Write::Object(fields) => object(fields, row, out)?,
            Write::Union(branches) => {
                let mut set = branches.iter().filter(|slot| !slot.is_null(row));
                match (set.next(), set.next()) {
                    (Some(slot), None) => slot.write.write(row, out)?,
                    (None, _) => return Err(Fault::new(0, "no field of the union is set")),
                    _ => return Err(Fault::new(0, "several fields are set, but a union holds one of them")),
                }
            }
        }
        Ok(())
    }
}

#[cold]
fn not_finite() -> Box<Fault> {
    Fault::new(0, "JSON has no NaN and no infinity")
}

fn object(fields: &[FieldWrite<'_>], row: usize, out: &mut Vec<u8>) -> Outcome {
    out.push(b'{');
    let mut place = 0;
    for field in fields {
        if field.omit_null && field.slot.nullable && field.slot.is_null(row) {
            continue;
        }
        write::comma(place, out);
        place += 1;
        out.extend_from_slice(&field.key);
        field.slot.write(row, out).map_err(|fault| fault.within(field.name))?;
    }
    out.push(b'}');
    Ok(())
}
