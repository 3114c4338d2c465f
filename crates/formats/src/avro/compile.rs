//! Avro schema resolution, once per writer schema: by field name and alias, with defaults, promotions, unions and enums.
//!
//! Differences to the letter: a record's own name does not have to match where no union asks for it (as in Java), enums
//! are read as text, and timestamps of another unit are converted, because Avro calls them the same type.

use nutkin_types::arrow::ticks_per_second;
use nutkin_types::{DataType, LogicalType, RowField};

use super::default::encode_default;
use super::program::{EntryStep, Missing, Op, Program, RecordOp, Step};
use super::schema::{AvroSchema, Logical, Node, NodeId, Shape};
use super::skip::Skips;
use crate::error::FormatError;

/// The program that reads records of `writer` as `target`, a (projected) type of `reader`.
pub(crate) fn compile(writer: &AvroSchema, reader: &AvroSchema, target: &DataType) -> Result<Program, FormatError> {
    compile_at(writer, writer.root, reader, reader.root, target)
}

/// The same for types inside the schemas.
fn compile_at(
    writer: &AvroSchema,
    writer_node: NodeId,
    reader: &AvroSchema,
    reader_node: NodeId,
    target: &DataType,
) -> Result<Program, FormatError> {
    let mut compiler = Compiler { writer, reader, skips: Skips::default(), path: Vec::new() };
    let root = compiler.value(writer_node, reader_node, target)?;
    Ok(Program { root, skips: compiler.skips })
}

struct Compiler<'a> {
    writer: &'a AvroSchema,
    reader: &'a AvroSchema,
    skips: Skips,
    path: Vec<String>,
}

impl Compiler<'_> {
    fn mismatch(&self, cause: impl Into<String>) -> FormatError {
        FormatError::mismatch(self.path.join("."), cause)
    }

    fn value(&mut self, writer: NodeId, reader: NodeId, target: &DataType) -> Result<Op, FormatError> {
        match self.writer.shape(writer) {
            Shape::Union(branches) => self.writer_union(branches, reader, target),
            Shape::Null if target.nullable => Ok(Op::Null),
            Shape::Null => Err(self.mismatch("the schema says null, but the column is NOT NULL")),
            _ => self.against_reader(writer, reader, target),
        }
    }

    /// Every branch is resolved by itself; one that cannot be read fails only the records that use it.
    fn writer_union(&mut self, branches: &[NodeId], reader: NodeId, target: &DataType) -> Result<Op, FormatError> {
        let mut ops = Vec::with_capacity(branches.len());
        let mut readable = None;
        let mut failure = None;
        for &branch in branches {
            let op = match self.writer.shape(branch) {
                Shape::Null if target.nullable => Ok(Op::Null),
                Shape::Null => Ok(Op::Fail("it is null, but the column is NOT NULL".into())),
                _ => self.value(branch, reader, target),
            };
            match op {
                Ok(op) => {
                    if !matches!(op, Op::Null | Op::Fail(_)) {
                        readable = Some(());
                    }
                    ops.push(op);
                }
                Err(error) => {
                    ops.push(Op::Fail(error.to_string().into()));
                    failure = Some(error);
                }
            }
        }
        match (readable, failure) {
            (None, Some(error)) => Err(error),
            _ => Ok(flatten(ops)),
        }
    }

    /// A writer type that is no union and not null, against the reader's type.
    fn against_reader(&mut self, writer: NodeId, reader: NodeId, target: &DataType) -> Result<Op, FormatError> {
        let Shape::Union(branches) = self.reader.shape(reader) else { return self.single(writer, reader, target) };
        let others: Vec<NodeId> =
            branches.iter().copied().filter(|&id| !matches!(self.reader.shape(id), Shape::Null)).collect();
        let has_null = others.len() < branches.len();
        match others.as_slice() {
            [only] if has_null => self.single(writer, *only, target),
            _ => self.reader_union(writer, &others, target),
        }
    }

    /// A value of a union of several types is a ROW with one field set.
    fn reader_union(&mut self, writer: NodeId, branches: &[NodeId], target: &DataType) -> Result<Op, FormatError> {
        let LogicalType::Row { fields } = &target.logical else {
            return Err(self.mismatch(format!("the schema has a union of several types, not {target}")));
        };
        let exact = branches.iter().find(|&&branch| self.same_type(writer, branch));
        let branch = exact.or_else(|| branches.iter().find(|&&branch| self.promotes(writer, branch)));
        let Some(&branch) = branch else {
            let name = self.writer.branch_name(writer);
            return Err(self.mismatch(format!("the table's schema has no branch for '{name}'")));
        };
        let name = self.reader.branch_name(branch);
        let skip = self.skips.of(self.writer, writer);
        let field = match fields.iter().position(|field| field.name == name) {
            Some(index) => {
                self.path.push(name.to_owned());
                let op = self.single(writer, branch, &fields[index].data_type)?;
                self.path.pop();
                Some((index, Box::new(op)))
            }
            None => None,
        };
        Ok(Op::Branch { field, skip })
    }

    fn same_type(&self, writer: NodeId, reader: NodeId) -> bool {
        match (self.writer.shape(writer), self.reader.shape(reader)) {
            (Shape::Record { name: a, .. }, Shape::Record { name: b, .. })
            | (Shape::Enum { name: a, .. }, Shape::Enum { name: b, .. })
            | (Shape::Fixed { name: a, .. }, Shape::Fixed { name: b, .. }) => {
                a.full == b.full || b.aliases.contains(&a.full)
            }
            (a, b) => std::mem::discriminant(a) == std::mem::discriminant(b),
        }
    }

    fn promotes(&self, writer: NodeId, reader: NodeId) -> bool {
        match (self.writer.shape(writer), self.reader.shape(reader)) {
            // Named types whose namespace changed still are the same by their short name.
            (Shape::Record { name: a, .. }, Shape::Record { name: b, .. })
            | (Shape::Enum { name: a, .. }, Shape::Enum { name: b, .. })
            | (Shape::Fixed { name: a, .. }, Shape::Fixed { name: b, .. }) => a.simple() == b.simple(),
            (Shape::Int, Shape::Long | Shape::Float | Shape::Double)
            | (Shape::Long, Shape::Float | Shape::Double)
            | (Shape::Float, Shape::Double)
            | (Shape::String, Shape::Bytes)
            | (Shape::Bytes | Shape::Enum { .. }, Shape::String) => true,
            _ => false,
        }
    }

    /// Neither side is a union.
    fn single(&mut self, writer: NodeId, reader: NodeId, target: &DataType) -> Result<Op, FormatError> {
        let (w, r) = (self.writer.node(writer), self.reader.node(reader));
        match (&w.shape, &r.shape, &target.logical) {
            (Shape::Record { .. }, Shape::Record { .. }, LogicalType::Row { fields }) => {
                self.record(writer, reader, fields)
            }
            (Shape::Array(we), Shape::Array(re), LogicalType::Array { element }) => {
                let op = self.value(*we, *re, element)?;
                Ok(Op::List(Box::new(op)))
            }
            (Shape::Array(we), Shape::Array(re), LogicalType::Map { key, value }) => self.entries(*we, *re, key, value),
            (Shape::Array(we), Shape::Array(re), LogicalType::Multiset { element }) => {
                self.entries(*we, *re, element, &LogicalType::Int.not_null())
            }
            (Shape::Map(wv), Shape::Map(rv), LogicalType::Map { key, value }) if key.logical.is_character_string() => {
                let op = self.value(*wv, *rv, value)?;
                Ok(Op::Map(Box::new(op)))
            }
            (Shape::Map(wv), Shape::Map(rv), LogicalType::Multiset { element })
                if element.logical.is_character_string() =>
            {
                let op = self.value(*wv, *rv, &LogicalType::Int.not_null())?;
                Ok(Op::Map(Box::new(op)))
            }
            _ => leaf(w, r, &target.logical).ok_or_else(|| {
                let (from, to) = (w.shape.keyword(), r.shape.keyword());
                self.mismatch(format!("'{from}' of the writer's schema cannot be read as '{to}' into {target}"))
            }),
        }
    }

    fn record(&mut self, writer: NodeId, reader: NodeId, columns: &[RowField]) -> Result<Op, FormatError> {
        let (Shape::Record { fields: written, .. }, Shape::Record { fields: read, name }) =
            (self.writer.shape(writer), self.reader.shape(reader))
        else {
            return Err(self.mismatch("no record"));
        };
        let mut steps = Vec::with_capacity(written.len());
        let mut filled = vec![false; columns.len()];
        for field in written {
            // By name first, so that an alias never takes a field that exists.
            let reader_field = read.iter().find(|r| r.name == field.name).or_else(|| {
                let renamed = |r: &&super::schema::Field| {
                    r.aliases.contains(&field.name) && !written.iter().any(|w| w.name == r.name)
                };
                read.iter().find(renamed)
            });
            let wanted = reader_field.and_then(|r| Some((r, columns.iter().position(|c| c.name == r.name)?)));
            match wanted {
                Some((reader_field, index)) if !filled[index] => {
                    self.path.push(reader_field.name.clone());
                    let op = self.value(field.node, reader_field.node, &columns[index].data_type)?;
                    self.path.pop();
                    filled[index] = true;
                    steps.push(Step::Field { index, op });
                }
                _ => steps.push(Step::Skip(self.skips.of(self.writer, field.node))),
            }
        }
        let mut missing = Vec::new();
        for (index, column) in columns.iter().enumerate().filter(|(index, _)| !filled[*index]) {
            self.path.push(column.name.clone());
            let Some(field) = read.iter().find(|field| field.name == column.name) else {
                return Err(self.mismatch(format!("record '{}' has no such field", name.full)));
            };
            missing.push((index, self.absent(field, &column.data_type)?));
            self.path.pop();
        }
        Ok(Op::Record(RecordOp { steps, missing }))
    }

    fn absent(&self, field: &super::schema::Field, target: &DataType) -> Result<Missing, FormatError> {
        let Some(default) = &field.default else {
            return Err(self.mismatch("the writer's schema does not have the field, and it has no default"));
        };
        if default.is_null() && target.nullable {
            return Ok(Missing::Null);
        }
        let mut bytes = Vec::new();
        encode_default(self.reader, field.node, default, &mut bytes)
            .map_err(|cause| self.mismatch(format!("its default cannot be used: {cause}")))?;
        let program = compile_at(self.reader, field.node, self.reader, field.node, target)?;
        Ok(Missing::Default { bytes, program: Box::new(program) })
    }

    fn entries(&mut self, writer: NodeId, reader: NodeId, key: &DataType, value: &DataType) -> Result<Op, FormatError> {
        let Shape::Record { fields, .. } = self.writer.shape(writer) else {
            return Err(self.mismatch("the map's entries are no records of key and value"));
        };
        let Some((read_key, read_value)) = self.reader.map_entry(reader) else {
            return Err(self.mismatch("the map's entries are no records of key and value"));
        };
        let mut steps = Vec::with_capacity(fields.len());
        for field in fields {
            steps.push(match field.name.as_str() {
                // Maps hold no NULL keys.
                "key" => EntryStep::Key(self.value(field.node, read_key.node, &key.with_nullable(false))?),
                "value" => EntryStep::Value(self.value(field.node, read_value.node, value)?),
                _ => EntryStep::Skip(self.skips.of(self.writer, field.node)),
            });
        }
        let has = |wanted: fn(&EntryStep) -> bool| steps.iter().filter(|step| wanted(step)).count() == 1;
        if has(|step| matches!(step, EntryStep::Key(_))) && has(|step| matches!(step, EntryStep::Value(_))) {
            return Ok(Op::Entries(steps));
        }
        Err(self.mismatch("the map's entries are no records of key and value"))
    }
}

/// The common union of null and one type has an operation of its own.
fn flatten(mut ops: Vec<Op>) -> Op {
    if ops.len() == 2
        && let Some(null_branch) = ops.iter().position(|op| matches!(op, Op::Null))
        && !matches!(ops[1 - null_branch], Op::Null)
    {
        let value = Box::new(ops.swap_remove(1 - null_branch));
        return Op::Nullable { null_branch, value };
    }
    Op::Union(ops)
}

fn leaf(writer: &Node, reader: &Node, target: &LogicalType) -> Option<Op> {
    use LogicalType as T;
    Some(match (&writer.shape, &reader.shape, target) {
        (Shape::Boolean, Shape::Boolean, T::Boolean) => Op::Boolean,
        (Shape::Int, Shape::Int, T::TinyInt | T::SmallInt | T::Int | T::Date | T::Time { .. }) => Op::Integer,
        (Shape::Int, Shape::Int | Shape::Long, T::BigInt) | (Shape::Long, Shape::Long, T::BigInt) => Op::Integer,
        (Shape::Int | Shape::Long, Shape::Long, T::Timestamp { precision } | T::TimestampLtz { precision }) => {
            let from = unit(writer.logical).or_else(|| unit(reader.logical))?;
            let to = ticks_per_second(*precision);
            if to >= from {
                Op::Ticks { multiply: to / from, divide: 1 }
            } else {
                Op::Ticks { multiply: 1, divide: from / to }
            }
        }
        (Shape::Int | Shape::Long, Shape::Float, T::Float) | (Shape::Int | Shape::Long, Shape::Double, T::Double) => {
            Op::IntegerToFloat
        }
        (Shape::Float, Shape::Float, T::Float) | (Shape::Float, Shape::Double, T::Double) => Op::Float,
        (Shape::Double, Shape::Double, T::Double) => Op::Double,
        (Shape::String, Shape::String | Shape::Bytes, T::Char { .. } | T::VarChar { .. }) => Op::Text,
        (Shape::Bytes, Shape::String, T::Char { .. } | T::VarChar { .. }) => Op::Text,
        (Shape::Bytes | Shape::String, Shape::Bytes, T::Binary { .. } | T::VarBinary { .. }) => Op::Bytes,
        (Shape::Fixed { size, .. }, Shape::Fixed { size: wanted, .. }, T::Binary { .. } | T::VarBinary { .. })
            if size == wanted =>
        {
            Op::Fixed(*size)
        }
        (Shape::Bytes | Shape::Fixed { .. }, Shape::Bytes | Shape::Fixed { .. }, T::Decimal { precision, scale }) => {
            let written = match (writer.logical, reader.logical) {
                (Logical::Decimal { scale, .. }, _) | (_, Logical::Decimal { scale, .. }) => scale,
                _ => return None,
            };
            let size = match writer.shape {
                Shape::Fixed { size, .. } => Some(size),
                _ => None,
            };
            Op::Decimal { size, rescale: *scale as i8 - written as i8, precision: *precision }
        }
        (
            Shape::Enum { symbols, .. },
            Shape::Enum { symbols: known, default, .. },
            T::Char { .. } | T::VarChar { .. },
        ) => {
            let text = |symbol: &String| {
                let symbol = if known.contains(symbol) { Some(symbol) } else { default.as_ref() };
                symbol.map(|symbol| symbol.as_str().into())
            };
            Op::Enum(symbols.iter().map(text).collect())
        }
        (Shape::Enum { symbols, .. }, Shape::String, T::Char { .. } | T::VarChar { .. }) => {
            Op::Enum(symbols.iter().map(|symbol| Some(symbol.as_str().into())).collect())
        }
        (Shape::String, Shape::Enum { .. }, T::Char { .. } | T::VarChar { .. }) => Op::Text,
        _ => return None,
    })
}

fn unit(logical: Logical) -> Option<i64> {
    match logical {
        Logical::TimestampMillis | Logical::LocalTimestampMillis => Some(1_000),
        Logical::TimestampMicros | Logical::LocalTimestampMicros => Some(1_000_000),
        Logical::TimestampNanos | Logical::LocalTimestampNanos => Some(1_000_000_000),
        _ => None,
    }
}
