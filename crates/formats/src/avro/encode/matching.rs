//! A schema and the arrays of a batch as a tree that rows walk.

use arrow_array::{ArrayRef, MapArray};
use arrow_buffer::NullBuffer;
use nutkin_types::map::map_keys;
use nutkin_types::{DataType, LogicalType, RowField};

use super::{BranchWrite, FieldWrite, Write};
use crate::arrays::{Values, nulls, values};
use crate::avro::default::encode_default;
use crate::avro::schema::{AvroSchema, Logical, NodeId, Shape};
use crate::error::FormatError;

pub(super) struct Matcher<'a> {
    pub schema: &'a AvroSchema,
}

fn below(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

impl<'a> Matcher<'a> {
    pub fn is_row_union(&self, branches: &[NodeId]) -> bool {
        let others = branches.iter().filter(|&&id| !matches!(self.schema.shape(id), Shape::Null)).count();
        others > 1 || (others == 1 && branches.len() == 1)
    }

    pub fn value(
        &self,
        node: NodeId,
        data_type: &'a DataType,
        array: &'a ArrayRef,
        path: &str,
    ) -> Result<Write<'a>, FormatError> {
        let Shape::Union(branches) = self.schema.shape(node) else {
            let value = self.not_null(node, data_type, array, path)?;
            if matches!(value, Write::Null) {
                return Ok(value);
            }
            return Ok(match nulls(array) {
                Some(nulls) => Write::Required { nulls, value: Box::new(value) },
                None => value,
            });
        };
        if let (true, LogicalType::Row { fields }) = (self.is_row_union(branches), &data_type.logical) {
            let Values::Row(row) = values(array, &data_type.logical, path)? else { return Ok(Write::Null) };
            return self.union(branches, fields, row.columns(), nulls(array), path);
        }
        let null_branch = branches.iter().position(|&id| matches!(self.schema.shape(id), Shape::Null));
        let value_branch = branches.iter().position(|&id| !matches!(self.schema.shape(id), Shape::Null));
        match (null_branch, value_branch) {
            (Some(null_branch), Some(value_branch)) if branches.len() == 2 => {
                let value = Box::new(self.not_null(branches[value_branch], data_type, array, path)?);
                let write = Write::Nullable { nulls: nulls(array), null_branch: null_branch as i64, value };
                Ok(match nulls(array) {
                    // The schema would take it, but the column says NOT NULL.
                    Some(nulls) if !data_type.nullable => Write::Required { nulls, value: Box::new(write) },
                    _ => write,
                })
            }
            _ => Err(FormatError::mismatch(path, "the schema has a union of several types, which needs a ROW")),
        }
    }

    fn not_null(
        &self,
        node: NodeId,
        data_type: &'a DataType,
        array: &'a ArrayRef,
        path: &str,
    ) -> Result<Write<'a>, FormatError> {
        let schema = self.schema.node(node);
        let array_values = values(array, &data_type.logical, path)?;
        let write = match (&schema.shape, array_values, &data_type.logical) {
            (Shape::Record { .. }, Values::Row(row), LogicalType::Row { fields }) => {
                Some(self.record(node, fields, row.columns(), path)?)
            }
            (Shape::Array(items), Values::List(list), LogicalType::Array { element }) => {
                Some(Write::List(list, Box::new(self.value(*items, element, list.values(), path)?)))
            }
            (Shape::Map(item), Values::Map(map), LogicalType::Map { key, value }) if text(key) => {
                self.map(*item, map, value, path)?
            }
            (Shape::Map(item), Values::Map(map), LogicalType::Multiset { element }) if text(element) => {
                self.map(*item, map, &COUNT, path)?
            }
            (Shape::Array(item), Values::Map(map), LogicalType::Map { key, value }) => {
                self.entries(*item, map, key, value, path)?
            }
            (Shape::Array(item), Values::Map(map), LogicalType::Multiset { element }) => {
                self.entries(*item, map, element, &COUNT, path)?
            }
            (shape, array_values, logical) => leaf(shape, schema.logical, array_values, logical),
        };
        write.ok_or_else(|| {
            let keyword = schema.shape.keyword();
            FormatError::mismatch(path, format!("{data_type} cannot be written as '{keyword}'"))
        })
    }

    fn map(
        &self,
        item: NodeId,
        map: &'a MapArray,
        value: &'a DataType,
        path: &str,
    ) -> Result<Option<Write<'a>>, FormatError> {
        let keys = values(map_keys(map), &LogicalType::STRING, path)?;
        let Values::Text(keys) = keys else { return Ok(None) };
        Ok(Some(Write::Map(map, keys, Box::new(self.value(item, value, map.values(), path)?))))
    }

    fn entries(
        &self,
        item: NodeId,
        map: &'a MapArray,
        key: &'a DataType,
        value: &'a DataType,
        path: &str,
    ) -> Result<Option<Write<'a>>, FormatError> {
        let Some((key_field, value_field)) = self.schema.map_entry(item) else { return Ok(None) };
        let Shape::Record { fields, .. } = self.schema.shape(item) else { return Ok(None) };
        let key_first = fields.first().is_some_and(|field| field.name == "key");
        let key = Box::new(self.value(key_field.node, key, map_keys(map), path)?);
        let value = Box::new(self.value(value_field.node, value, map.values(), path)?);
        Ok(Some(Write::Entries { map, key, value, key_first }))
    }

    pub fn record(
        &self,
        node: NodeId,
        fields: &'a [RowField],
        columns: &'a [ArrayRef],
        path: &str,
    ) -> Result<Write<'a>, FormatError> {
        let Shape::Record { fields: wanted, name } = self.schema.shape(node) else {
            return Err(FormatError::mismatch(path, "the schema is no record"));
        };
        let unknown = fields.iter().find(|field| !wanted.iter().any(|w| w.name == field.name));
        if let Some(unknown) = unknown {
            let cause = format!("record '{}' has no such field", name.full);
            return Err(FormatError::mismatch(below(path, &unknown.name), cause));
        }
        let mut writes = Vec::with_capacity(wanted.len());
        for field in wanted {
            let path = below(path, &field.name);
            let column = fields.iter().zip(columns).find(|(column, _)| column.name == field.name);
            writes.push(match (column, &field.default) {
                (Some((column, array)), _) => FieldWrite::Column {
                    name: &column.name,
                    write: self.value(field.node, &column.data_type, array, &path)?,
                },
                (None, Some(default)) => {
                    let mut bytes = Vec::new();
                    encode_default(self.schema, field.node, default, &mut bytes)
                        .map_err(|cause| FormatError::mismatch(&path, format!("its default is wrong: {cause}")))?;
                    FieldWrite::Constant(bytes)
                }
                (None, None) => {
                    return Err(FormatError::mismatch(path, "the schema's field has no column and no default"));
                }
            });
        }
        Ok(Write::Record(writes))
    }

    pub fn union(
        &self,
        branches: &[NodeId],
        fields: &'a [RowField],
        columns: &'a [ArrayRef],
        row_nulls: Option<&'a NullBuffer>,
        path: &str,
    ) -> Result<Write<'a>, FormatError> {
        let null_branch = branches.iter().position(|&id| matches!(self.schema.shape(id), Shape::Null));
        let mut writes = Vec::with_capacity(fields.len());
        for (field, array) in fields.iter().zip(columns) {
            let path = below(path, &field.name);
            let index = branches.iter().position(|&id| self.schema.branch_name(id) == field.name);
            let Some(index) = index else {
                return Err(FormatError::mismatch(path, "the schema's union has no such branch"));
            };
            writes.push(BranchWrite {
                index: index as i64,
                name: &field.name,
                nulls: nulls(array),
                write: self.not_null(branches[index], &field.data_type, array, &path)?,
            });
        }
        Ok(Write::Union { nulls: row_nulls, null_branch: null_branch.map(|index| index as i64), branches: writes })
    }
}

/// The type of a multiset's counts.
static COUNT: DataType = DataType { logical: LogicalType::Int, nullable: false };

fn text(key: &DataType) -> bool {
    key.logical.is_character_string()
}

fn leaf<'a>(shape: &'a Shape, schema_logical: Logical, array: Values<'a>, logical: &LogicalType) -> Option<Write<'a>> {
    Some(match (shape, array) {
        (Shape::Null, Values::Null) => Write::Null,
        (Shape::Boolean, Values::Boolean(array)) => Write::Boolean(array),
        (Shape::Int | Shape::Long, Values::Int8(array)) => Write::Int8(array),
        (Shape::Int | Shape::Long, Values::Int16(array)) => Write::Int16(array),
        (Shape::Int | Shape::Long, Values::Int32(array)) => Write::Int32(array),
        (Shape::Long, Values::Int64(array)) => Write::Int64(array),
        (Shape::Long, Values::Moments(moments)) => {
            let per_second = match schema_logical {
                Logical::TimestampMillis | Logical::LocalTimestampMillis => 1_000,
                Logical::TimestampMicros | Logical::LocalTimestampMicros => 1_000_000,
                Logical::TimestampNanos | Logical::LocalTimestampNanos => 1_000_000_000,
                _ => return None,
            };
            Write::Ticks { moments, per_second }
        }
        (Shape::Float, Values::Float32(array)) => Write::Float32(array),
        (Shape::Double, Values::Float32(array)) => Write::Widened(array),
        (Shape::Double, Values::Float64(array)) => Write::Float64(array),
        (Shape::String, Values::Text(array)) => Write::Text(array),
        (Shape::Enum { symbols, .. }, Values::Text(array)) => {
            Write::Enum(array, symbols.iter().zip(0..).map(|(symbol, index)| (symbol.as_str(), index)).collect())
        }
        (Shape::Bytes, Values::Bytes(array)) => Write::Bytes(array),
        (Shape::Fixed { size, .. }, Values::Bytes(array)) => Write::Fixed(array, *size),
        (Shape::Bytes | Shape::Fixed { .. }, Values::Decimal(unscaled)) => {
            let Logical::Decimal { precision, scale } = schema_logical else { return None };
            let (_, own_scale) = logical.as_decimal()?;
            let size = if let Shape::Fixed { size, .. } = shape { Some(*size) } else { None };
            Write::Decimal { unscaled, size, by: scale as i8 - own_scale as i8, precision }
        }
        _ => return None,
    })
}
