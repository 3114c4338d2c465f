//! Types.

use super::{List, optional};
use crate::ast::{DataType, DataTypeKind, RowField, TimeZoneKind};
use std::fmt::{self, Display, Formatter};

impl Display for DataType {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)?;
        f.write_str(match self.nullable {
            Some(true) => " NULL",
            Some(false) => " NOT NULL",
            None => "",
        })
    }
}

impl Display for DataTypeKind {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            DataTypeKind::Char(length) => sized(f, "CHAR", *length),
            DataTypeKind::Varchar(length) => sized(f, "VARCHAR", *length),
            DataTypeKind::Binary(length) => sized(f, "BINARY", *length),
            DataTypeKind::Varbinary(length) => sized(f, "VARBINARY", *length),
            DataTypeKind::Time(precision) => sized(f, "TIME", *precision),
            DataTypeKind::Decimal { precision, scale } => match (precision, scale) {
                (Some(precision), Some(scale)) => write!(f, "DECIMAL({precision}, {scale})"),
                (precision, _) => sized(f, "DECIMAL", *precision),
            },
            DataTypeKind::Timestamp { precision, zone } => match zone {
                TimeZoneKind::Without => sized(f, "TIMESTAMP", *precision),
                TimeZoneKind::Local => sized(f, "TIMESTAMP_LTZ", *precision),
                TimeZoneKind::With => {
                    sized(f, "TIMESTAMP", *precision)?;
                    f.write_str(" WITH TIME ZONE")
                }
            },
            DataTypeKind::Interval(qualifier) => write!(f, "INTERVAL {qualifier}"),
            DataTypeKind::Array(element) => write!(f, "ARRAY<{element}>"),
            DataTypeKind::Multiset(element) => write!(f, "MULTISET<{element}>"),
            DataTypeKind::Map(key, value) => write!(f, "MAP<{key}, {value}>"),
            DataTypeKind::Row(fields) => write!(f, "ROW<{}>", List(fields)),
            DataTypeKind::Structured { class, fields } if fields.is_empty() => write!(f, "STRUCTURED<{class}>"),
            DataTypeKind::Structured { class, fields } => write!(f, "STRUCTURED<{class}, {}>", List(fields)),
            DataTypeKind::Raw { class, serializer } => write!(f, "RAW({class}, {serializer})"),
            DataTypeKind::Named(name) => name.fmt(f),
            simple => f.write_str(keyword(simple)),
        }
    }
}

/// Types that are one word.
fn keyword(kind: &DataTypeKind) -> &'static str {
    match kind {
        DataTypeKind::String => "STRING",
        DataTypeKind::Boolean => "BOOLEAN",
        DataTypeKind::Bytes => "BYTES",
        DataTypeKind::TinyInt => "TINYINT",
        DataTypeKind::SmallInt => "SMALLINT",
        DataTypeKind::Int => "INT",
        DataTypeKind::BigInt => "BIGINT",
        DataTypeKind::Float => "FLOAT",
        DataTypeKind::Real => "REAL",
        DataTypeKind::Double => "DOUBLE",
        DataTypeKind::Date => "DATE",
        DataTypeKind::Variant => "VARIANT",
        _ => "NULL",
    }
}

fn sized(f: &mut Formatter<'_>, name: &str, size: Option<u32>) -> fmt::Result {
    match size {
        Some(size) => write!(f, "{name}({size})"),
        None => f.write_str(name),
    }
}

impl Display for RowField {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.data_type)?;
        optional(f, "", self.comment.as_ref())
    }
}
