//! Protobuf schemas to SQL types (spec sql.md 2.4 no. 7, 8; 2.5).

use nutkin_types::data_type::MAX_LENGTH;
use nutkin_types::{DataType, LogicalType, RowField};
use prost_reflect::{ExtensionDescriptor, FieldDescriptor, Kind, MessageDescriptor, OneofDescriptor};

use super::pool::{self, ProtoSchema};
use super::shape::{Meta, Roots, Shape, declared, oneof, roots, shape};
use crate::error::FormatError;
use crate::mapping::MAX_FIELDS;
use crate::schema::RegisteredSchema;

pub use super::emit::from_sql;

/// The SQL type of a Protobuf schema: a ROW of the message's fields, or of a nullable ROW per message when there are
/// several.
///
/// # Errors
/// NUTKIN-3000, 3001 (a recursive message) or 3002.
pub fn to_sql(schema: &RegisteredSchema) -> Result<DataType, FormatError> {
    type_of(&pool::compile(schema)?)
}

pub(super) fn unsupported(path: &[String], what: impl Into<String>, remedy: &str) -> FormatError {
    FormatError::UnsupportedType {
        format: "Protobuf",
        path: path.join("."),
        what: what.into(),
        remedy: remedy.to_owned(),
    }
}

fn type_of(schema: &ProtoSchema) -> Result<DataType, FormatError> {
    let mut mapper = Mapper { meta: schema.field_meta.as_ref(), path: Vec::new(), messages: Vec::new(), fields: 0 };
    match roots(schema) {
        None => Err(pool::invalid("", "it has no message")),
        Some(Roots::Single(_, message)) => Ok(mapper.message(&message)?.not_null()),
        Some(Roots::Several(messages)) => {
            let mut fields = Vec::with_capacity(messages.len());
            for (_, message) in messages {
                fields.push(RowField::new(message.name(), mapper.message(&message)?.nullable()));
            }
            Ok(LogicalType::Row { fields: fields.into() }.not_null())
        }
    }
}

struct Mapper<'a> {
    meta: Option<&'a ExtensionDescriptor>,
    path: Vec<String>,
    /// Messages on the way down, to find cycles.
    messages: Vec<String>,
    fields: usize,
}

impl Mapper<'_> {
    fn message(&mut self, message: &MessageDescriptor) -> Result<LogicalType, FormatError> {
        let name = message.full_name().to_owned();
        if self.messages.contains(&name) {
            return Err(unsupported(&self.path, format!("the recursive message '{name}'"), "SQL types are finite"));
        }
        self.messages.push(name);
        self.fields += message.fields().len();
        if self.fields > MAX_FIELDS {
            return Err(unsupported(&self.path, format!("more than {MAX_FIELDS} fields"), "split the schema"));
        }
        let mut fields: Vec<RowField> = Vec::new();
        for field in declared(message).iter().filter(|field| oneof(field).is_none()) {
            fields.push(self.field(field)?);
        }
        // As the original has them: oneofs after all other fields.
        for oneof in message.oneofs().filter(|oneof| !oneof.is_synthetic()) {
            fields.push(self.oneof(message, &oneof)?);
        }
        self.messages.pop();
        Ok(LogicalType::Row { fields: fields.into() })
    }

    /// A ROW with a nullable field per branch.
    fn oneof(&mut self, message: &MessageDescriptor, oneof: &OneofDescriptor) -> Result<RowField, FormatError> {
        self.path.push(oneof.name().to_owned());
        let mut branches = Vec::new();
        for branch in declared(message) {
            if super::shape::oneof(&branch).is_some_and(|of| of.name() == oneof.name()) {
                let mut column = self.field(&branch)?;
                column.data_type.nullable = true;
                branches.push(column);
            }
        }
        self.path.pop();
        Ok(RowField::new(oneof.name(), LogicalType::Row { fields: branches.into() }.nullable()))
    }

    fn field(&mut self, field: &FieldDescriptor) -> Result<RowField, FormatError> {
        let meta = Meta::of(field, self.meta);
        self.path.push(field.name().to_owned());
        let data_type = self.data_type(field, &meta)?;
        self.path.pop();
        Ok(RowField { name: field.name().to_owned(), data_type, description: meta.doc })
    }

    fn data_type(&mut self, field: &FieldDescriptor, meta: &Meta) -> Result<DataType, FormatError> {
        if field.is_group() {
            return Err(unsupported(&self.path, "a group", "use a message"));
        }
        let shape = shape(field, meta);
        if let Shape::Entry { key, value } = &shape {
            let key = self.inner(key)?;
            if meta.is_multiset() {
                return Ok(LogicalType::Multiset { element: Box::new(key) }.not_null());
            }
            return Ok(LogicalType::map(key, self.inner(value)?).not_null());
        }
        if field.is_list() {
            let element = self.element(field, &shape, meta)?;
            return Ok(LogicalType::array(element).not_null());
        }
        match &shape {
            // Flink wraps what is repeated to make it nullable.
            Shape::Wrapped(inner) => {
                let mut wrapped = self.inner(inner)?.with_nullable(true);
                if let (true, LogicalType::Map { key, .. }) = (meta.is_multiset(), &wrapped.logical) {
                    wrapped.logical = LogicalType::Multiset { element: key.clone() };
                }
                Ok(wrapped)
            }
            Shape::Scalar | Shape::Enum => {
                let has_default = field.field_descriptor_proto().default_value.is_some();
                let nullable = field.supports_presence() && !has_default && !required(field);
                Ok(DataType::new(self.logical(field, &shape, meta)?, nullable))
            }
            _ => Ok(DataType::new(
                self.logical(field, &shape, meta)?,
                !meta.is_true("flink.notNull") && !required(field),
            )),
        }
    }

    /// The type of a field inside a wrapper or an entry.
    fn inner(&mut self, field: &FieldDescriptor) -> Result<DataType, FormatError> {
        let meta = Meta::of(field, self.meta);
        self.data_type(field, &meta)
    }

    /// Elements of type message are nullable, others are not (2.5).
    fn element(&mut self, field: &FieldDescriptor, shape: &Shape, meta: &Meta) -> Result<DataType, FormatError> {
        match shape {
            Shape::Wrapped(inner) => self.inner(inner),
            Shape::Scalar | Shape::Enum => Ok(self.logical(field, shape, meta)?.not_null()),
            _ => Ok(DataType::new(self.logical(field, shape, meta)?, !meta.is_true("flink.notNull"))),
        }
    }

    fn logical(&mut self, field: &FieldDescriptor, shape: &Shape, meta: &Meta) -> Result<LogicalType, FormatError> {
        let precision = || meta.number::<u8>("flink.precision").unwrap_or(9).min(9);
        Ok(match shape {
            Shape::Scalar => scalar(&field.kind(), meta),
            Shape::Enum => LogicalType::STRING,
            Shape::Timestamp if meta.get("flink.type") == Some("timestamp") => {
                LogicalType::Timestamp { precision: precision() }
            }
            Shape::Timestamp => LogicalType::TimestampLtz { precision: precision() },
            Shape::Date => LogicalType::Date,
            // No finer than milliseconds (2.5).
            Shape::TimeOfDay => LogicalType::Time { precision: precision().min(3) },
            Shape::Decimal => self.decimal(meta)?,
            Shape::Wrapper(inner) => scalar(&inner.kind(), meta),
            Shape::Message(message) => self.message(message)?,
            Shape::Wrapped(_) | Shape::Entry { .. } => {
                return Err(unsupported(&self.path, "a wrapper or map entry here", "use a plain message"));
            }
        })
    }

    fn decimal(&self, meta: &Meta) -> Result<LogicalType, FormatError> {
        let precision = meta.number::<u8>("precision").unwrap_or(38);
        let scale = meta.number::<u8>("scale").unwrap_or(if meta.get("precision").is_some() { 0 } else { 18 });
        if !(1..=38).contains(&precision) || scale > precision {
            let remedy = "use a precision of 1 to 38 and a scale up to it";
            return Err(unsupported(&self.path, format!("DECIMAL({precision}, {scale})"), remedy));
        }
        Ok(LogicalType::Decimal { precision, scale })
    }
}

fn required(field: &FieldDescriptor) -> bool {
    field.cardinality() == prost_reflect::Cardinality::Required
}

fn scalar(kind: &Kind, meta: &Meta) -> LogicalType {
    let length = |key: &str| meta.number::<u32>(key).map(|length| length.clamp(1, MAX_LENGTH));
    let lengths = (length("flink.minLength"), length("flink.maxLength"));
    match (kind, lengths) {
        (Kind::Double, _) => LogicalType::Double,
        (Kind::Float, _) => LogicalType::Float,
        (Kind::Int32 | Kind::Sint32 | Kind::Sfixed32, _) => match meta.get("connect.type") {
            Some("int8") => LogicalType::TinyInt,
            Some("int16") => LogicalType::SmallInt,
            _ => LogicalType::Int,
        },
        (Kind::Bool, _) => LogicalType::Boolean,
        (Kind::String, (Some(min), Some(max))) if min == max => LogicalType::Char { length: max },
        (Kind::String, (_, max)) => LogicalType::VarChar { length: max.unwrap_or(MAX_LENGTH) },
        (Kind::Bytes, (Some(min), Some(max))) if min == max => LogicalType::Binary { length: max },
        (Kind::Bytes, (_, max)) => LogicalType::VarBinary { length: max.unwrap_or(MAX_LENGTH) },
        _ => LogicalType::BigInt,
    }
}
