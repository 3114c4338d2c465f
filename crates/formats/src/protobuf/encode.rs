//! Matching columns with messages, batch by batch; [`super::write`] then writes the rows.

use arrow_array::ArrayRef;
use nutkin_types::map::map_keys;
use nutkin_types::{DataType, LogicalType, RowField};
use prost_reflect::{ExtensionDescriptor, FieldDescriptor, Kind, MessageDescriptor, OneofDescriptor};

use super::pool::ProtoSchema;
use super::roots::{messages, write_index};
use super::shape::{Meta, Roots, Shape, declared, oneof, roots, shape};
use super::wire::{Wire, tag};
use super::write::{FieldWrite, MessageWrite, Prepared, Root, Write};
use crate::arrays::{Values, nulls, values};
use crate::error::FormatError;

/// Matches `columns` with the schema: with the fields of its message, or with its messages when there are several.
pub(crate) fn prepare<'a>(
    schema: &'a ProtoSchema,
    fields: &'a [RowField],
    columns: &'a [ArrayRef],
    header: &'a [u8],
    framed: bool,
) -> Result<Prepared<'a>, FormatError> {
    let matcher = Matcher { meta: schema.field_meta.as_ref() };
    let prefix = |index: usize| {
        let mut prefix = header.to_vec();
        if framed {
            write_index(index, &mut prefix);
        }
        prefix
    };
    match roots(schema) {
        None => Err(super::pool::invalid("", "it has no message")),
        Some(Roots::Single(index, message)) => {
            let message = matcher.message(&message, fields, columns, "")?;
            Ok(Prepared { roots: vec![Root { name: "", prefix: prefix(index), nulls: None, message }], several: false })
        }
        Some(Roots::Several(known)) => {
            let mut prepared = Vec::with_capacity(fields.len());
            for (field, array) in fields.iter().zip(columns) {
                let found = known.iter().find(|(_, message)| message.name() == field.name);
                let (Some((index, message)), LogicalType::Row { fields: inner }) = (found, &field.data_type.logical)
                else {
                    return Err(FormatError::mismatch(&field.name, "the schema has no such message"));
                };
                let Values::Row(row) = values(array, &field.data_type.logical, &field.name)? else {
                    return Err(FormatError::mismatch(&field.name, "a message is a ROW"));
                };
                let message = matcher.message(message, inner, row.columns(), &field.name)?;
                prepared.push(Root { name: &field.name, prefix: prefix(*index), nulls: nulls(array), message });
            }
            debug_assert!(messages(schema).len() >= known.len());
            Ok(Prepared { roots: prepared, several: true })
        }
    }
}

struct Matcher<'m> {
    meta: Option<&'m ExtensionDescriptor>,
}

fn below(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

impl Matcher<'_> {
    fn message<'a>(
        &self,
        message: &MessageDescriptor,
        fields: &'a [RowField],
        columns: &'a [ArrayRef],
        path: &str,
    ) -> Result<MessageWrite<'a>, FormatError> {
        let find = |name: &str| fields.iter().zip(columns).find(|(field, _)| field.name == name);
        let unknown = fields.iter().find(|field| {
            let is_oneof = message.oneofs().any(|oneof| !oneof.is_synthetic() && oneof.name() == field.name);
            !is_oneof && message.get_field_by_name(&field.name).is_none()
        });
        if let Some(unknown) = unknown {
            let cause = format!("message '{}' has no such field", message.full_name());
            return Err(FormatError::mismatch(below(path, &unknown.name), cause));
        }
        let mut writes = Vec::with_capacity(fields.len());
        let mut seen: Vec<String> = Vec::new();
        for descriptor in declared(message) {
            let name = match oneof(&descriptor) {
                Some(oneof) => oneof.name().to_owned(),
                None => descriptor.name().to_owned(),
            };
            if seen.contains(&name) {
                continue;
            }
            let path = below(path, &name);
            match (find(&name), oneof(&descriptor)) {
                (Some((field, array)), None) => writes.push(self.field(&descriptor, field, array, &path)?),
                (Some((field, array)), Some(oneof)) => writes.push(self.oneof(&oneof, field, array, &path)?),
                (None, _) if descriptor.cardinality() == prost_reflect::Cardinality::Required => {
                    return Err(FormatError::mismatch(path, "the schema requires it, but it has no column"));
                }
                (None, _) => {}
            }
            seen.push(name);
        }
        Ok(MessageWrite { fields: writes })
    }

    fn oneof<'a>(
        &self,
        oneof: &OneofDescriptor,
        field: &'a RowField,
        array: &'a ArrayRef,
        path: &str,
    ) -> Result<FieldWrite<'a>, FormatError> {
        let (Values::Row(row), LogicalType::Row { fields }) =
            (values(array, &field.data_type.logical, path)?, &field.data_type.logical)
        else {
            return Err(FormatError::mismatch(path, "a oneof is a ROW"));
        };
        let mut branches = Vec::with_capacity(fields.len());
        for (inner, array) in fields.iter().zip(row.columns()) {
            let path = below(path, &inner.name);
            let descriptor = oneof.fields().find(|descriptor| descriptor.name() == inner.name);
            let descriptor = descriptor.ok_or_else(|| FormatError::mismatch(&path, "the oneof has no such field"))?;
            branches.push(self.field(&descriptor, inner, array, &path)?);
        }
        Ok(FieldWrite {
            name: &field.name,
            tag: Vec::new(),
            nulls: nulls(array),
            nullable: field.data_type.nullable,
            presence: true,
            write: Write::OneOf(branches),
        })
    }

    fn field<'a>(
        &self,
        descriptor: &FieldDescriptor,
        field: &'a RowField,
        array: &'a ArrayRef,
        path: &str,
    ) -> Result<FieldWrite<'a>, FormatError> {
        self.value(descriptor, &field.name, &field.data_type, array, path)
    }

    fn value<'a>(
        &self,
        descriptor: &FieldDescriptor,
        name: &'a str,
        data_type: &'a DataType,
        array: &'a ArrayRef,
        path: &str,
    ) -> Result<FieldWrite<'a>, FormatError> {
        let meta = Meta::of(descriptor, self.meta);
        let shape = shape(descriptor, &meta);
        let mismatch = || {
            let cause = format!("{data_type} cannot be written as field '{}' of the schema", descriptor.name());
            FormatError::mismatch(path, cause)
        };
        let repeated = descriptor.is_list() || descriptor.is_map();
        let write = match (&shape, values(array, &data_type.logical, path)?, &data_type.logical) {
            _ if descriptor.is_group() => return Err(mismatch()),
            (Shape::Entry { key, value }, Values::Map(map), logical) => {
                let (key_type, value_type) = match logical {
                    LogicalType::Map { key, value } => (&**key, &**value),
                    LogicalType::Multiset { element } => (&**element, &COUNT),
                    _ => return Err(mismatch()),
                };
                // An entry without a key would be read as the default key.
                let key = self.value(key, "key", key_type, map_keys(map), path)?;
                Write::Map {
                    map,
                    key: Box::new(FieldWrite { nullable: false, ..key }),
                    value: Box::new(self.value(value, "value", value_type, map.values(), path)?),
                }
            }
            (_, Values::List(list), LogicalType::Array { element }) if descriptor.is_list() => {
                let inner = self.single(descriptor, &shape, element, list.values(), path)?.ok_or_else(mismatch)?;
                // Only Flink's wrapper can say that an element is NULL.
                let wrapped = matches!(shape, Shape::Wrapped(_));
                Write::List {
                    list,
                    nulls: nulls(list.values()).filter(|_| !wrapped),
                    packed: descriptor.is_packed(),
                    element: Box::new(inner),
                }
            }
            _ if repeated => return Err(mismatch()),
            _ => self.single(descriptor, &shape, data_type, array, path)?.ok_or_else(mismatch)?,
        };
        Ok(FieldWrite {
            name,
            tag: tag(descriptor.number(), wire(descriptor, &write)),
            nulls: nulls(array),
            nullable: data_type.nullable && !repeated && descriptor.supports_presence(),
            presence: descriptor.supports_presence(),
            write,
        })
    }

    fn single<'a>(
        &self,
        descriptor: &FieldDescriptor,
        shape: &Shape,
        data_type: &'a DataType,
        array: &'a ArrayRef,
        path: &str,
    ) -> Result<Option<Write<'a>>, FormatError> {
        let logical = &data_type.logical;
        Ok(match (shape, values(array, logical, path)?) {
            (Shape::Wrapped(inner) | Shape::Wrapper(inner), _) => {
                let mut field = self.value(inner, "value", data_type, array, path)?;
                // The wrapper is there or not; what is in it then never is NULL, except an element.
                field.nullable |= descriptor.is_list() && data_type.nullable && inner.supports_presence();
                Some(Write::Inner(Box::new(field)))
            }
            (Shape::Message(message), Values::Row(row)) => {
                let LogicalType::Row { fields } = logical else { return Ok(None) };
                Some(Write::Row(self.message(message, fields, row.columns(), path)?))
            }
            (Shape::Timestamp, Values::Moments(moments)) => Some(Write::Timestamp(moments)),
            (Shape::Date, Values::Int32(days)) if *logical == LogicalType::Date => Some(Write::Date(days)),
            (Shape::TimeOfDay, Values::Int32(millis)) if matches!(logical, LogicalType::Time { .. }) => {
                Some(Write::TimeOfDay(millis))
            }
            (Shape::Decimal, Values::Decimal(unscaled)) => {
                logical.as_decimal().map(|(precision, scale)| Write::Decimal { unscaled, precision, scale })
            }
            (Shape::Enum, Values::Text(array)) => {
                let Kind::Enum(kind) = descriptor.kind() else { return Ok(None) };
                let numbers = kind.values().map(|value| (value.name().to_owned(), value.number())).collect();
                Some(Write::Enum(array, numbers))
            }
            (Shape::Scalar, array) => scalar(&descriptor.kind(), array),
            _ => None,
        })
    }
}

/// The type of a multiset's counts.
static COUNT: DataType = DataType { logical: LogicalType::Int, nullable: false };

fn scalar<'a>(kind: &Kind, array: Values<'a>) -> Option<Write<'a>> {
    Some(match (kind, array) {
        (Kind::Bool, Values::Boolean(array)) => Write::Bool(array),
        (Kind::Int32 | Kind::Int64 | Kind::Sint32 | Kind::Sint64, Values::Int8(array)) => {
            Write::Int8(array, is_zigzag(kind))
        }
        (Kind::Int32 | Kind::Int64 | Kind::Sint32 | Kind::Sint64, Values::Int16(array)) => {
            Write::Int16(array, is_zigzag(kind))
        }
        (Kind::Int32 | Kind::Int64 | Kind::Sint32 | Kind::Sint64, Values::Int32(array)) => {
            Write::Int32(array, is_zigzag(kind))
        }
        (Kind::Int64 | Kind::Sint64 | Kind::Uint64, Values::Int64(array)) => Write::Int64(array, is_zigzag(kind)),
        (Kind::Uint32, Values::Int64(array)) => Write::Uint32(array),
        (Kind::Fixed32, Values::Int64(array)) => Write::Fixed32(array),
        (Kind::Sfixed32, Values::Int32(array)) => Write::Sfixed32(array),
        (Kind::Fixed64 | Kind::Sfixed64, Values::Int64(array)) => Write::Fixed64(array),
        (Kind::Float, Values::Float32(array)) => Write::Float32(array),
        (Kind::Double, Values::Float32(array)) => Write::Widened(array),
        (Kind::Double, Values::Float64(array)) => Write::Float64(array),
        (Kind::String, Values::Text(array)) => Write::Text(array),
        (Kind::Bytes, Values::Bytes(array)) => Write::Bytes(array),
        _ => return None,
    })
}

fn is_zigzag(kind: &Kind) -> bool {
    matches!(kind, Kind::Sint32 | Kind::Sint64)
}

/// How the field is delimited; a packed list as bytes.
fn wire(descriptor: &FieldDescriptor, write: &Write<'_>) -> Wire {
    if matches!(write, Write::List { packed: true, .. }) {
        return Wire::Bytes;
    }
    match descriptor.kind() {
        Kind::Double | Kind::Fixed64 | Kind::Sfixed64 => Wire::Fixed64,
        Kind::Float | Kind::Fixed32 | Kind::Sfixed32 => Wire::Fixed32,
        Kind::String | Kind::Bytes | Kind::Message(_) => Wire::Bytes,
        _ => Wire::Varint,
    }
}
