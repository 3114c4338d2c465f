//! Reading one [`Value`] out of an array.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Decimal128Type, DurationMillisecondType, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type, IntervalYearMonthType, Time32MillisecondType,
};
use arrow_array::{Array, ArrayRef};
use arrow_schema::ArrowError;

use super::Value;
use crate::arrow::{NANOSECONDS, arrow_type};
use crate::data_type::LogicalType;
use crate::map::map_entries;
use crate::moment::Moments;

pub(super) fn read(array: &dyn Array, logical: &LogicalType, index: usize) -> Result<Value, ArrowError> {
    if index >= array.len() {
        let message = format!("row {index} of an array of {}", array.len());
        return Err(ArrowError::InvalidArgumentError(message));
    }
    if *logical == LogicalType::Null || array.is_null(index) {
        return Ok(Value::Null);
    }
    check(array, logical)?;
    let value = match logical {
        LogicalType::Null => Value::Null,
        LogicalType::Boolean => Value::Boolean(array.as_boolean().value(index)),
        LogicalType::TinyInt => Value::Integer(array.as_primitive::<Int8Type>().value(index).into()),
        LogicalType::SmallInt => Value::Integer(array.as_primitive::<Int16Type>().value(index).into()),
        LogicalType::Int => Value::Integer(array.as_primitive::<Int32Type>().value(index).into()),
        LogicalType::BigInt => Value::Integer(array.as_primitive::<Int64Type>().value(index)),
        LogicalType::Float => Value::Double(array.as_primitive::<Float32Type>().value(index).into()),
        LogicalType::Double => Value::Double(array.as_primitive::<Float64Type>().value(index)),
        LogicalType::Decimal { .. } => Value::Decimal(array.as_primitive::<Decimal128Type>().value(index)),
        LogicalType::Char { .. } | LogicalType::VarChar { .. } => {
            Value::String(array.as_string::<i32>().value(index).to_owned())
        }
        LogicalType::Binary { .. } | LogicalType::VarBinary { .. } | LogicalType::Variant => {
            Value::Bytes(array.as_binary::<i32>().value(index).to_vec())
        }
        LogicalType::Date => Value::Integer(array.as_primitive::<Date32Type>().value(index).into()),
        LogicalType::Time { .. } => Value::Integer(array.as_primitive::<Time32MillisecondType>().value(index).into()),
        LogicalType::Timestamp { precision } | LogicalType::TimestampLtz { precision } => {
            let moment = Moments::open(array, *precision).map(|moments| moments.get(index));
            moment.and_then(|moment| moment.value(*precision)).ok_or_else(|| mistyped(array, logical))?
        }
        LogicalType::IntervalYearMonth { .. } => {
            Value::Integer(array.as_primitive::<IntervalYearMonthType>().value(index).into())
        }
        LogicalType::IntervalDayTime { .. } => {
            Value::Integer(array.as_primitive::<DurationMillisecondType>().value(index))
        }
        LogicalType::Array { element } => {
            Value::List(read_all(&array.as_list::<i32>().value(index), &element.logical)?)
        }
        LogicalType::Map { key, value } => read_map(array, index, &key.logical, &value.logical)?,
        LogicalType::Multiset { element } => read_map(array, index, &element.logical, &LogicalType::Int)?,
        LogicalType::Row { fields } | LogicalType::Structured { fields, .. } => {
            let columns = array.as_struct();
            let values = fields.iter().enumerate().map(|(i, f)| read(columns.column(i), &f.data_type.logical, index));
            Value::List(values.collect::<Result<_, _>>()?)
        }
    };
    Ok(value)
}

fn read_all(array: &ArrayRef, logical: &LogicalType) -> Result<Vec<Value>, ArrowError> {
    (0..array.len()).map(|i| read(array, logical, i)).collect()
}

fn read_map(array: &dyn Array, index: usize, key: &LogicalType, value: &LogicalType) -> Result<Value, ArrowError> {
    let (keys, values) = map_entries(array.as_map(), index);
    Ok(Value::Map(read_all(&keys, key)?.into_iter().zip(read_all(&values, value)?).collect()))
}

/// The typed accessors of Arrow panic on another type, so the type is checked first. Field names and nullability inside
/// nested types may differ.
fn check(array: &dyn Array, logical: &LogicalType) -> Result<(), ArrowError> {
    let expected = arrow_type(logical);
    let same = match (array.data_type(), &expected) {
        (arrow_schema::DataType::Timestamp(a, _), arrow_schema::DataType::Timestamp(b, _)) => a == b,
        (arrow_schema::DataType::Struct(a), arrow_schema::DataType::Struct(b)) => a.len() == b.len(),
        (a, b) if *a == NANOSECONDS || *b == NANOSECONDS => a == b,
        (a, b) => std::mem::discriminant(a) == std::mem::discriminant(b),
    };
    if same { Ok(()) } else { Err(mistyped(array, logical)) }
}

fn mistyped(array: &dyn Array, logical: &LogicalType) -> ArrowError {
    ArrowError::SchemaError(format!("{logical} cannot be read from an array of {}", array.data_type()))
}
