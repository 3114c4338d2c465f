//! Columns into Avro records.
//!
//! For each batch the schema and the arrays are matched into a tree of [`Write`]; rows then walk that tree.

use arrow_array::{ArrayRef, BinaryArray, BooleanArray, ListArray, MapArray, StringArray};
use arrow_buffer::NullBuffer;
use hashbrown::HashMap;
use nutkin_types::map::map_keys;
use nutkin_types::{DataType, LogicalType, RowField};

use super::default::encode_default;
use super::schema::{AvroSchema, Logical, NodeId, Shape};
use super::write;
use crate::arrays::{Values, convert_ticks, null_not_allowed, nulls, text_key, value_error, values};
use crate::encoder::RowWriter;
use crate::error::FormatError;
use crate::fault::{Fault, Outcome};
use crate::number::{fits, rescale, twos_complement};

/// A batch ready to be written.
pub(crate) struct Prepared<'a> {
    pub header: &'a [u8],
    root: Write<'a>,
}

/// How one type is written from one array.
enum Write<'a> {
    Null,
    Boolean(&'a BooleanArray),
    Int8(&'a [i8]),
    Int16(&'a [i16]),
    Int32(&'a [i32]),
    Int64(&'a [i64]),
    Ticks {
        ticks: &'a [i64],
        from: i64,
        to: i64,
    },
    Float32(&'a [f32]),
    Float64(&'a [f64]),
    /// FLOAT into `double`.
    Widened(&'a [f32]),
    Text(&'a StringArray),
    Bytes(&'a BinaryArray),
    Fixed(&'a BinaryArray, usize),
    Decimal {
        unscaled: &'a [i128],
        size: Option<usize>,
        by: i8,
        precision: u8,
    },
    Enum(&'a StringArray, HashMap<&'a str, i64>),
    List(&'a ListArray, Box<Write<'a>>),
    Map(&'a MapArray, &'a StringArray, Box<Write<'a>>),
    Entries {
        map: &'a MapArray,
        key: Box<Write<'a>>,
        value: Box<Write<'a>>,
        key_first: bool,
    },
    Record(Vec<FieldWrite<'a>>),
    /// `["null", T]` either way round.
    Nullable {
        nulls: Option<&'a NullBuffer>,
        null_branch: i64,
        value: Box<Write<'a>>,
    },
    /// NULLs that the schema forbids, in an array that has some.
    Required {
        nulls: &'a NullBuffer,
        value: Box<Write<'a>>,
    },
    /// A ROW with one field set, as the branch of that field.
    Union {
        nulls: Option<&'a NullBuffer>,
        null_branch: Option<i64>,
        branches: Vec<BranchWrite<'a>>,
    },
}

enum FieldWrite<'a> {
    Column {
        name: &'a str,
        write: Write<'a>,
    },
    /// A field without column: its default.
    Constant(Vec<u8>),
}

struct BranchWrite<'a> {
    index: i64,
    name: &'a str,
    nulls: Option<&'a NullBuffer>,
    write: Write<'a>,
}

impl<'a> Prepared<'a> {
    /// Matches `columns` with the schema. A record or union takes the columns as its fields; any other schema takes the
    /// only column.
    pub fn new(
        schema: &'a AvroSchema,
        fields: &'a [RowField],
        columns: &'a [ArrayRef],
        header: &'a [u8],
    ) -> Result<Prepared<'a>, FormatError> {
        let matcher = Matcher { schema };
        let root = match (schema.shape(schema.root), fields) {
            (Shape::Record { .. }, _) => matcher.record(schema.root, fields, columns, "")?,
            (Shape::Union(branches), _) if matcher.is_row_union(branches) => {
                matcher.union(branches, fields, columns, None, "")?
            }
            (_, [field]) => matcher.value(schema.root, &field.data_type, &columns[0], &field.name)?,
            (shape, _) => {
                let cause = format!("the schema is '{}', which holds one column", shape.keyword());
                return Err(FormatError::mismatch("", cause));
            }
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

struct Matcher<'a> {
    schema: &'a AvroSchema,
}

fn below(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

impl<'a> Matcher<'a> {
    fn is_row_union(&self, branches: &[NodeId]) -> bool {
        let others = branches.iter().filter(|&&id| !matches!(self.schema.shape(id), Shape::Null)).count();
        others > 1 || (others == 1 && branches.len() == 1)
    }

    fn value(
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

    fn record(
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

    fn union(
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
        (Shape::Long, Values::Ticks(ticks, from)) => {
            let to = match schema_logical {
                Logical::TimestampMillis | Logical::LocalTimestampMillis => 1_000,
                Logical::TimestampMicros | Logical::LocalTimestampMicros => 1_000_000,
                Logical::TimestampNanos | Logical::LocalTimestampNanos => 1_000_000_000,
                _ => return None,
            };
            Write::Ticks { ticks, from, to }
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

impl Write<'_> {
    fn write(&self, row: usize, out: &mut Vec<u8>) -> Outcome {
        match self {
            Write::Null => {}
            Write::Boolean(array) => out.push(u8::from(array.value(row))),
            Write::Int8(array) => write::long(array[row].into(), out),
            Write::Int16(array) => write::long(array[row].into(), out),
            Write::Int32(array) => write::long(array[row].into(), out),
            Write::Int64(array) => write::long(array[row], out),
            Write::Ticks { ticks, from, to } => write::long(convert_ticks(ticks[row], *from, *to)?, out),
            Write::Float32(array) => out.extend_from_slice(&array[row].to_le_bytes()),
            Write::Float64(array) => out.extend_from_slice(&array[row].to_le_bytes()),
            Write::Widened(array) => out.extend_from_slice(&f64::from(array[row]).to_le_bytes()),
            Write::Text(array) => write::bytes(array.value(row).as_bytes(), out),
            Write::Bytes(array) => write::bytes(array.value(row), out),
            Write::Fixed(array, size) => fixed(array.value(row), *size, out)?,
            Write::Decimal { unscaled, size, by, precision } => decimal(unscaled[row], *size, *by, *precision, out)?,
            Write::Enum(array, symbols) => {
                let text = array.value(row);
                let index =
                    symbols.get(text).ok_or_else(|| Fault::new(0, format!("'{text}' is no symbol of the enum")))?;
                write::long(*index, out);
            }
            Write::List(list, element) => {
                let (start, end) = span(list.value_offsets(), row);
                write::block(end - start, out);
                (start..end).try_for_each(|index| element.write(index, out))?;
                write::end_of_blocks(out);
            }
            Write::Map(map, keys, value) => {
                let (start, end) = span(map.value_offsets(), row);
                write::block(end - start, out);
                for index in start..end {
                    write::bytes(text_key(keys, index)?.as_bytes(), out);
                    value.write(index, out)?;
                }
                write::end_of_blocks(out);
            }
            Write::Entries { map, key, value, key_first } => {
                let (start, end) = span(map.value_offsets(), row);
                let (first, second) = if *key_first { (key, value) } else { (value, key) };
                write::block(end - start, out);
                for index in start..end {
                    first.write(index, out)?;
                    second.write(index, out)?;
                }
                write::end_of_blocks(out);
            }
            Write::Record(fields) => {
                for field in fields {
                    match field {
                        FieldWrite::Column { name, write } => {
                            write.write(row, out).map_err(|fault| fault.within(name))?;
                        }
                        FieldWrite::Constant(bytes) => out.extend_from_slice(bytes),
                    }
                }
            }
            Write::Nullable { nulls, null_branch, value } => {
                if nulls.is_some_and(|nulls| nulls.is_null(row)) {
                    write::long(*null_branch, out);
                } else {
                    write::long(1 - *null_branch, out);
                    value.write(row, out)?;
                }
            }
            Write::Required { nulls, value } => {
                if nulls.is_null(row) {
                    return Err(null_not_allowed());
                }
                value.write(row, out)?;
            }
            Write::Union { nulls, null_branch, branches } => union(*nulls, *null_branch, branches, row, out)?,
        }
        Ok(())
    }
}

fn span(offsets: &[i32], row: usize) -> (usize, usize) {
    (offsets[row] as usize, offsets[row + 1] as usize)
}

fn fixed(value: &[u8], size: usize, out: &mut Vec<u8>) -> Outcome {
    if value.len() != size {
        return Err(Fault::new(0, format!("{} bytes where the schema's fixed has {size}", value.len())));
    }
    out.extend_from_slice(value);
    Ok(())
}

fn decimal(unscaled: i128, size: Option<usize>, by: i8, precision: u8, out: &mut Vec<u8>) -> Outcome {
    let value = rescale(unscaled, by).filter(|&value| fits(value, precision));
    let value = value.ok_or_else(|| Fault::new(0, format!("the decimal has more than {precision} digits")))?;
    let (wide, start) = twos_complement(value);
    let short = &wide[start..];
    match size {
        None => write::bytes(short, out),
        Some(size) if size >= short.len() => {
            let sign = if value < 0 { 0xff } else { 0 };
            out.extend(std::iter::repeat_n(sign, size - short.len()));
            out.extend_from_slice(short);
        }
        Some(size) => return Err(Fault::new(0, format!("the decimal does not fit {size} bytes"))),
    }
    Ok(())
}

fn union(
    nulls: Option<&NullBuffer>,
    null_branch: Option<i64>,
    branches: &[BranchWrite<'_>],
    row: usize,
    out: &mut Vec<u8>,
) -> Outcome {
    let is_null = nulls.is_some_and(|nulls| nulls.is_null(row));
    let mut set = branches.iter().filter(|branch| !is_null && !branch.nulls.is_some_and(|nulls| nulls.is_null(row)));
    match (set.next(), set.next(), null_branch) {
        (Some(branch), None, _) => {
            write::long(branch.index, out);
            branch.write.write(row, out).map_err(|fault| fault.within(branch.name))
        }
        (Some(a), Some(b), _) => {
            Err(Fault::new(0, format!("both '{}' and '{}' are set, but a union holds one of them", a.name, b.name)))
        }
        (None, _, Some(null_branch)) => {
            write::long(null_branch, out);
            Ok(())
        }
        (None, _, None) => Err(Fault::new(0, "no field is set, but the union has no null")),
    }
}
