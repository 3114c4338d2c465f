//! Types as written, and the types that several values share.

use nutkin_sql::ast::{
    DataType as Written, DataTypeKind, IntervalQualifier, RowField as WrittenField, TimeUnit, TimeZoneKind,
};
use nutkin_types::cast::common_type;
use nutkin_types::class_name;
use nutkin_types::data_type::{
    DEFAULT_DECIMAL_PRECISION, DEFAULT_TIMESTAMP_PRECISION, MAX_DECIMAL_PRECISION, MAX_LENGTH, RowField,
};
use nutkin_types::{DataType, LogicalType};

use super::interval;
use crate::error::{ErrorKind, PlannerError, Result};

/// The type that is written, with Flink's defaults.
pub(crate) fn data_type(written: &Written) -> Result<DataType> {
    let logical = logical(&written.kind).map_err(|error| error.at(written.span))?;
    Ok(DataType::new(logical, written.is_nullable()))
}

fn logical(kind: &DataTypeKind) -> Result<LogicalType> {
    Ok(match kind {
        DataTypeKind::Char(length) => LogicalType::Char { length: sized("CHAR", *length, 1)? },
        DataTypeKind::Varchar(length) => LogicalType::VarChar { length: sized("VARCHAR", *length, MAX_LENGTH)? },
        DataTypeKind::String => LogicalType::STRING,
        DataTypeKind::Boolean => LogicalType::Boolean,
        DataTypeKind::Binary(length) => LogicalType::Binary { length: sized("BINARY", *length, 1)? },
        DataTypeKind::Varbinary(length) => LogicalType::VarBinary { length: sized("VARBINARY", *length, MAX_LENGTH)? },
        DataTypeKind::Bytes => LogicalType::BYTES,
        DataTypeKind::Decimal { precision, scale } => decimal(*precision, *scale)?,
        DataTypeKind::TinyInt => LogicalType::TinyInt,
        DataTypeKind::SmallInt => LogicalType::SmallInt,
        DataTypeKind::Int => LogicalType::Int,
        DataTypeKind::BigInt => LogicalType::BigInt,
        DataTypeKind::Float | DataTypeKind::Real => LogicalType::Float,
        DataTypeKind::Double => LogicalType::Double,
        DataTypeKind::Date => LogicalType::Date,
        DataTypeKind::Time(precision) => LogicalType::Time { precision: fraction("TIME", *precision, 0)? },
        DataTypeKind::Timestamp { precision, zone } => {
            let precision = fraction("TIMESTAMP", *precision, DEFAULT_TIMESTAMP_PRECISION)?;
            match zone {
                TimeZoneKind::Without => LogicalType::Timestamp { precision },
                TimeZoneKind::Local => LogicalType::TimestampLtz { precision },
                TimeZoneKind::With => {
                    return Err(PlannerError::new(ErrorKind::Refused, "TIMESTAMP WITH TIME ZONE is not supported")
                        .with_remedy("Use TIMESTAMP_LTZ, an instant shown in the session's time zone."));
                }
            }
        }
        DataTypeKind::Interval(qualifier) => interval_type(*qualifier),
        DataTypeKind::Array(element) => LogicalType::array(data_type(element)?),
        DataTypeKind::Multiset(element) => LogicalType::Multiset { element: Box::new(data_type(element)?) },
        DataTypeKind::Map(key, value) => LogicalType::map(data_type(key)?, data_type(value)?),
        DataTypeKind::Row(fields) => {
            let described = |field: &WrittenField| {
                let description = field.comment.as_ref().map(|comment| comment.value.clone());
                Ok(RowField { description, ..row_field(field)? })
            };
            LogicalType::Row { fields: fields.iter().map(described).collect::<Result<_>>()? }
        }
        DataTypeKind::Structured { class, fields } => {
            class_name::check(&class.value).map_err(|cause| PlannerError::new(ErrorKind::Type, cause))?;
            // Flink forgets the comments of attributes.
            let fields = fields.iter().map(row_field).collect::<Result<_>>()?;
            LogicalType::Structured { class: class.value.as_str().into(), fields }
        }
        DataTypeKind::Null => LogicalType::Null,
        DataTypeKind::Raw { .. } => return Err(PlannerError::not_built("The type RAW")),
        DataTypeKind::Variant => LogicalType::Variant,
        DataTypeKind::Named(name) => {
            let name: Vec<&str> = name.values().collect();
            return Err(PlannerError::new(ErrorKind::NotFound, format!("Unknown type '{}'", name.join(".")))
                .with_remedy("Write the type out: ROW<name type, ...>, or STRUCTURED<'class', name type, ...>."));
        }
    })
}

fn row_field(field: &WrittenField) -> Result<RowField> {
    Ok(RowField::new(field.name.value.clone(), data_type(&field.data_type)?))
}

fn sized(name: &str, length: Option<u32>, default: u32) -> Result<u32> {
    let length = length.unwrap_or(default);
    if length == 0 || length > MAX_LENGTH {
        let cause = format!("The length of {name} must be between 1 and {MAX_LENGTH}, but is {length}");
        return Err(PlannerError::new(ErrorKind::Type, cause));
    }
    Ok(length)
}

fn decimal(precision: Option<u32>, scale: Option<u32>) -> Result<LogicalType> {
    let precision = precision.unwrap_or(DEFAULT_DECIMAL_PRECISION.into());
    let scale = scale.unwrap_or(0);
    match (u8::try_from(precision), u8::try_from(scale)) {
        (Ok(p @ 1..=MAX_DECIMAL_PRECISION), Ok(s)) if s <= p => Ok(LogicalType::Decimal { precision: p, scale: s }),
        _ => {
            let cause = format!(
                "DECIMAL({precision}, {scale}) is out of range: the precision must be between 1 and 38, the scale between 0 and the precision"
            );
            Err(PlannerError::new(ErrorKind::Type, cause))
        }
    }
}

fn fraction(name: &str, precision: Option<u32>, default: u8) -> Result<u8> {
    match precision {
        None => Ok(default),
        Some(precision) => u8::try_from(precision).ok().filter(|p| *p <= 9).ok_or_else(|| {
            let cause = format!("The precision of {name} must be between 0 and 9, but is {precision}");
            PlannerError::new(ErrorKind::Type, cause)
        }),
    }
}

fn interval_type(qualifier: IntervalQualifier) -> LogicalType {
    match qualifier.start {
        TimeUnit::Year | TimeUnit::Quarter | TimeUnit::Month => interval::YEAR_MONTH,
        _ => interval::DAY_TIME,
    }
}

/// The type of a column that holds values of both types (UNION, VALUES, CASE). Texts of different lengths vary: Flink
/// makes VARCHAR of `'a'` and `'bc'`.
pub(crate) fn union_type(a: &DataType, b: &DataType) -> Option<DataType> {
    let common = common_type(a, b)?;
    let varying = match (&a.logical, &b.logical) {
        (LogicalType::Char { length: x }, LogicalType::Char { length: y }) if x != y => {
            LogicalType::VarChar { length: *x.max(y) }
        }
        (LogicalType::Binary { length: x }, LogicalType::Binary { length: y }) if x != y => {
            LogicalType::VarBinary { length: *x.max(y) }
        }
        _ => return Some(common),
    };
    Some(DataType::new(varying, common.nullable))
}
