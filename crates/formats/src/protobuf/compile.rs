//! Matching a writer's message with the table's, once per writer schema.
//!
//! Fields are found by name, because the table's columns are names; a field that was renamed and kept its number is found
//! by that.

use nutkin_types::arrow::ticks_per_second;
use nutkin_types::{DataType, LogicalType, RowField};
use prost_reflect::{EnumDescriptor, ExtensionDescriptor, FieldDescriptor, Kind, MessageDescriptor, Value};

use super::pool::ProtoSchema;
use super::program::{Absent, FieldOp, MessageOp, Numbers, Op};
use super::shape::{Meta, Shape, shape};
use crate::error::FormatError;

/// The program that reads messages `writer` as ROWs of `fields`; `reader` is the table's message.
pub(crate) fn compile(
    schema: &ProtoSchema,
    writer: &MessageDescriptor,
    reader: &MessageDescriptor,
    fields: &[RowField],
) -> Result<MessageOp, FormatError> {
    Compiler { meta: schema.field_meta.as_ref(), path: Vec::new() }.row(writer, reader, fields)
}

struct Compiler<'a> {
    meta: Option<&'a ExtensionDescriptor>,
    path: Vec<String>,
}

impl Compiler<'_> {
    fn mismatch(&self, cause: impl Into<String>) -> FormatError {
        FormatError::mismatch(self.path.join("."), cause)
    }

    fn row(
        &mut self,
        writer: &MessageDescriptor,
        reader: &MessageDescriptor,
        fields: &[RowField],
    ) -> Result<MessageOp, FormatError> {
        let mut ops = Vec::new();
        let mut absent = Vec::new();
        for (column, field) in fields.iter().enumerate() {
            self.path.push(field.name.clone());
            let is_oneof =
                |message: &MessageDescriptor| message.oneofs().any(|o| !o.is_synthetic() && o.name() == field.name);
            if is_oneof(writer) || is_oneof(reader) {
                absent.push(self.oneof(writer, reader, column, field, &mut ops)?);
            } else {
                absent.push(self.column(writer, reader, column, field, &mut ops)?);
            }
            self.path.pop();
        }
        Ok(MessageOp { fields: Numbers::new(ops), absent })
    }

    /// The writer's field for a column, and the reader's.
    fn find(
        &self,
        writer: &MessageDescriptor,
        reader: &MessageDescriptor,
        name: &str,
    ) -> Result<(Option<FieldDescriptor>, FieldDescriptor), FormatError> {
        let by_name = writer.get_field_by_name(name);
        let Some(known) = reader.get_field_by_name(name).or_else(|| by_name.clone()) else {
            return Err(self.mismatch(format!("message '{}' has no such field", reader.full_name())));
        };
        let renamed = || {
            let field = writer.get_field(known.number())?;
            reader.get_field_by_name(field.name()).is_none().then_some(field)
        };
        Ok((by_name.or_else(renamed), known))
    }

    fn column(
        &mut self,
        writer: &MessageDescriptor,
        reader: &MessageDescriptor,
        column: usize,
        field: &RowField,
        ops: &mut Vec<(u32, FieldOp)>,
    ) -> Result<Absent, FormatError> {
        let (written, known) = self.find(writer, reader, &field.name)?;
        let Some(written) = written else { return Ok(Self::absent(&known, &field.data_type)) };
        let absent = Self::absent(&written, &field.data_type);
        let op = self.field(&written, &known, &field.data_type)?;
        let repeated = written.is_list() || written.is_map();
        ops.push((written.number(), FieldOp { column, branch: None, repeated, op }));
        Ok(absent)
    }

    fn oneof(
        &mut self,
        writer: &MessageDescriptor,
        reader: &MessageDescriptor,
        column: usize,
        field: &RowField,
        ops: &mut Vec<(u32, FieldOp)>,
    ) -> Result<Absent, FormatError> {
        let LogicalType::Row { fields } = &field.data_type.logical else {
            return Err(self.mismatch(format!("it is a oneof, which is a ROW, not {}", field.data_type)));
        };
        for (branch, inner) in fields.iter().enumerate() {
            self.path.push(inner.name.clone());
            let (written, known) = self.find(writer, reader, &inner.name)?;
            if let Some(written) = written {
                let op = self.field(&written, &known, &inner.data_type)?;
                ops.push((written.number(), FieldOp { column, branch: Some(branch), repeated: false, op }));
            }
            self.path.pop();
        }
        // A branch that is not wanted still means that the oneof is set.
        let written = writer.oneofs().find(|oneof| oneof.name() == field.name);
        for other in written.iter().flat_map(|oneof| oneof.fields().collect::<Vec<_>>()) {
            if ops.iter().all(|(number, _)| *number != other.number()) {
                let unwanted = FieldOp { column, branch: Some(0), repeated: false, op: Op::Skip };
                ops.push((other.number(), unwanted));
            }
        }
        Ok(Absent::OneOf { nullable: field.data_type.nullable })
    }

    /// What the column gets when the message does not have the field.
    fn absent(field: &FieldDescriptor, data_type: &DataType) -> Absent {
        match &data_type.logical {
            _ if field.is_list() || field.is_map() => Absent::Close,
            _ if data_type.nullable => Absent::Null,
            LogicalType::Array { .. } | LogicalType::Map { .. } | LogicalType::Multiset { .. } => Absent::Close,
            _ => match (field.kind(), field.default_value()) {
                (Kind::Message(_), _) => Absent::Required,
                (Kind::Enum(kind), Value::EnumNumber(number)) => {
                    let name = kind.get_value(number).map(|value| value.name().to_owned());
                    Absent::Bytes(name.unwrap_or_else(|| number.to_string()).into_bytes().into())
                }
                (_, Value::Bool(value)) => Absent::Bool(value),
                (_, Value::I32(value)) => Absent::Integer(value.into()),
                (_, Value::I64(value)) => Absent::Integer(value),
                (_, Value::U32(value)) => Absent::Integer(value.into()),
                (_, Value::U64(value)) => Absent::Integer(value as i64),
                (_, Value::F32(value)) => Absent::Float(value.into()),
                (_, Value::F64(value)) => Absent::Float(value),
                (_, Value::String(value)) => Absent::Bytes(value.into_bytes().into()),
                (_, Value::Bytes(value)) => Absent::Bytes(value.to_vec().into()),
                _ => Absent::Required,
            },
        }
    }

    /// The operation for the value of a field, or for one element when it is repeated.
    fn field(
        &mut self,
        written: &FieldDescriptor,
        known: &FieldDescriptor,
        data_type: &DataType,
    ) -> Result<Op, FormatError> {
        let meta = Meta::of(written, self.meta);
        let written_shape = shape(written, &meta);
        let known_shape = shape(known, &Meta::of(known, self.meta));
        let wrong = |this: &Self| {
            this.mismatch(format!(
                "field '{}' of message '{}' cannot be read as {data_type}",
                written.name(),
                written.parent_message().full_name()
            ))
        };
        if written.is_group() {
            return Err(wrong(self));
        }
        match (&written_shape, &data_type.logical) {
            (Shape::Entry { key, value }, logical) => {
                let (key_type, value_type) = match logical {
                    LogicalType::Map { key, value } => (&**key, (**value).clone()),
                    LogicalType::Multiset { element } => (&**element, LogicalType::Int.not_null()),
                    _ => return Err(wrong(self)),
                };
                let (known_key, known_value) = match &known_shape {
                    Shape::Entry { key, value } => (key, value),
                    _ => (key, value),
                };
                Ok(Op::Entry(Box::new(self.entry((key, value), (known_key, known_value), key_type, &value_type)?)))
            }
            (_, LogicalType::Array { element }) if written.is_list() => {
                self.single(written, &written_shape, &known_shape, element)?.ok_or_else(|| wrong(self))
            }
            _ if written.is_list() || written.is_map() => Err(wrong(self)),
            _ => self.single(written, &written_shape, &known_shape, data_type)?.ok_or_else(|| wrong(self)),
        }
    }

    fn entry(
        &mut self,
        (key, value): (&FieldDescriptor, &FieldDescriptor),
        (known_key, known_value): (&FieldDescriptor, &FieldDescriptor),
        key_type: &DataType,
        value_type: &DataType,
    ) -> Result<MessageOp, FormatError> {
        // Maps hold no NULL keys.
        let key_type = key_type.with_nullable(false);
        let mut ops = Vec::new();
        let mut absent = Vec::new();
        for (column, field, known, data_type) in [(0, key, known_key, &key_type), (1, value, known_value, value_type)] {
            let repeated = field.is_list() || field.is_map();
            let op = self.field(field, known, data_type)?;
            ops.push((field.number(), FieldOp { column, branch: None, repeated, op }));
            let missing_key = column == 0 && field.supports_presence();
            absent.push(if missing_key { Absent::Required } else { Self::absent(field, data_type) });
        }
        Ok(MessageOp { fields: Numbers::new(ops), absent })
    }

    /// A message of one field as the value of that field.
    fn inner(
        &mut self,
        field: &FieldDescriptor,
        known: &FieldDescriptor,
        data_type: &DataType,
    ) -> Result<Op, FormatError> {
        let repeated = field.is_list() || field.is_map();
        let op = self.field(field, known, data_type)?;
        let absent = vec![Self::absent(field, data_type)];
        let fields = Numbers::new(vec![(field.number(), FieldOp { column: 0, branch: None, repeated, op })]);
        Ok(Op::Inner(Box::new(MessageOp { fields, absent })))
    }

    fn single(
        &mut self,
        written: &FieldDescriptor,
        written_shape: &Shape,
        known_shape: &Shape,
        data_type: &DataType,
    ) -> Result<Option<Op>, FormatError> {
        Ok(match (written_shape, &data_type.logical) {
            (Shape::Scalar, logical) => scalar(&written.kind(), logical),
            (Shape::Enum, logical) if logical.is_character_string() => {
                let Kind::Enum(kind) = written.kind() else { return Ok(None) };
                Some(Op::Enum(texts(&kind)))
            }
            (Shape::Timestamp, LogicalType::Timestamp { precision } | LogicalType::TimestampLtz { precision }) => {
                Some(Op::Timestamp { per_second: ticks_per_second(*precision) })
            }
            (Shape::Date, LogicalType::Date) => Some(Op::Date),
            (Shape::TimeOfDay, LogicalType::Time { .. }) => Some(Op::TimeOfDay),
            (Shape::Decimal, LogicalType::Decimal { precision, scale }) => {
                Some(Op::Decimal { precision: *precision, scale: *scale })
            }
            // A wrapper that is there holds a value, if only the default.
            (Shape::Wrapper(inner), _) => Some(self.inner(inner, inner, &data_type.with_nullable(false))?),
            (Shape::Wrapped(inner), _) => {
                let known_inner = if let Shape::Wrapped(known) = known_shape { known } else { inner };
                // The wrapper of a nullable list is there when the list is.
                let nullable = data_type.nullable && written.is_list();
                Some(self.inner(inner, known_inner, &data_type.with_nullable(nullable))?)
            }
            (Shape::Message(message), LogicalType::Row { fields }) => {
                let known_message = match known_shape {
                    Shape::Message(known) => known,
                    _ => message,
                };
                Some(Op::Row(Box::new(self.row(message, known_message, fields)?)))
            }
            _ => None,
        })
    }
}

fn texts(kind: &EnumDescriptor) -> hashbrown::HashMap<i32, Box<str>> {
    let mut texts = hashbrown::HashMap::new();
    for value in kind.values() {
        texts.entry(value.number()).or_insert_with(|| value.name().into());
    }
    texts
}

fn scalar(kind: &Kind, logical: &LogicalType) -> Option<Op> {
    use LogicalType as T;
    Some(match (kind, logical) {
        (Kind::Bool, T::Boolean) => Op::Bool,
        (Kind::Int32 | Kind::Int64 | Kind::Uint32 | Kind::Uint64, T::TinyInt | T::SmallInt | T::Int | T::BigInt) => {
            Op::Varint { zigzag: false }
        }
        (Kind::Sint32 | Kind::Sint64, T::TinyInt | T::SmallInt | T::Int | T::BigInt) => Op::Varint { zigzag: true },
        // Unsigned 32 bits only fit BIGINT, signed ones may be narrower.
        (Kind::Fixed32, T::BigInt) => Op::Fixed32 { signed: false },
        (Kind::Sfixed32, T::TinyInt | T::SmallInt | T::Int | T::BigInt) => Op::Fixed32 { signed: true },
        (Kind::Fixed64 | Kind::Sfixed64, T::BigInt) => Op::Fixed64,
        (Kind::Float, T::Float | T::Double) => Op::Float,
        (Kind::Double, T::Double) => Op::Double,
        (Kind::String, T::Char { .. } | T::VarChar { .. }) => Op::Text,
        (Kind::Bytes, T::Binary { .. } | T::VarBinary { .. }) => Op::Bytes,
        _ => return None,
    })
}
