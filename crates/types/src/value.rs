//! [`Value`]: one value of any type, for literals, constants, defaults and tests. Never used per row on a hot path.

use std::sync::Arc;

use arrow_array::builder::{BinaryBuilder, BooleanBuilder, Decimal128Builder, PrimitiveBuilder, StringBuilder};
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, DurationMillisecondType, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type, IntervalYearMonthType, Time32MillisecondType,
};
use arrow_array::{Array, ArrayRef, ListArray, NullArray, StructArray, new_null_array};
use arrow_buffer::{NullBuffer, OffsetBuffer};
use arrow_schema::{ArrowError, DataType as ArrowType};
use serde::{Deserialize, Serialize};

use crate::arrow::arrow_type;
use crate::data_type::{DataType, LogicalType};
use crate::map::map_array;
use crate::moment::{Moment, moment_array};

/// One value. Units are those of the Arrow array of its type ([`crate::arrow`]), so a value means something only beside
/// its [`DataType`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Value {
    Null,
    Boolean(bool),
    /// TINYINT to BIGINT, DATE (days), TIME (ms of the day), TIMESTAMP and TIMESTAMP_LTZ of up to six digits
    /// (milliseconds or microseconds, see [`crate::moment`]), intervals (months or ms).
    Integer(i64),
    /// FLOAT and DOUBLE.
    Double(f64),
    /// Unscaled value of a DECIMAL; nanoseconds of a TIMESTAMP or TIMESTAMP_LTZ of more than six digits.
    Decimal(#[serde(with = "wide")] i128),
    String(String),
    /// BINARY, VARBINARY, and a VARIANT in its encoding.
    Bytes(Vec<u8>),
    /// ARRAY elements, or fields of a ROW or STRUCTURED type.
    List(Vec<Value>),
    /// MAP and MULTISET entries.
    Map(Vec<(Value, Value)>),
}

impl Value {
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }

    /// An array of `length` times this value, of the Arrow type of `data_type`. Errors when the value does not fit it.
    pub fn to_array(&self, data_type: &DataType, length: usize) -> Result<ArrayRef, ArrowError> {
        let values: Vec<&Value> = std::iter::repeat_n(self, length).collect();
        array_of(&values, &data_type.logical)
    }

    /// Row `index` of `array`, which holds `logical`.
    pub fn from_array(array: &dyn Array, logical: &LogicalType, index: usize) -> Result<Value, ArrowError> {
        crate::value::read::read(array, logical, index)
    }
}

/// One array of `values`, each of type `logical`.
pub fn array_of(values: &[&Value], logical: &LogicalType) -> Result<ArrayRef, ArrowError> {
    match logical {
        LogicalType::Null => Ok(Arc::new(NullArray::new(values.len()))),
        LogicalType::Boolean => {
            let mut builder = BooleanBuilder::with_capacity(values.len());
            for value in values {
                match value {
                    Value::Null => builder.append_null(),
                    Value::Boolean(b) => builder.append_value(*b),
                    other => return Err(mismatch(other, logical)),
                }
            }
            Ok(Arc::new(builder.finish()))
        }
        LogicalType::TinyInt => integers::<Int8Type>(values, logical),
        LogicalType::SmallInt => integers::<Int16Type>(values, logical),
        LogicalType::Int => integers::<Int32Type>(values, logical),
        LogicalType::BigInt => integers::<Int64Type>(values, logical),
        LogicalType::Date => integers::<Date32Type>(values, logical),
        LogicalType::Time { .. } => integers::<Time32MillisecondType>(values, logical),
        LogicalType::Timestamp { precision } => timestamps(values, logical, *precision),
        LogicalType::TimestampLtz { precision } => timestamps(values, logical, *precision),
        LogicalType::IntervalYearMonth { .. } => integers::<IntervalYearMonthType>(values, logical),
        LogicalType::IntervalDayTime { .. } => integers::<DurationMillisecondType>(values, logical),
        LogicalType::Float => doubles::<Float32Type>(values, logical, |d| d as f32),
        LogicalType::Double => doubles::<Float64Type>(values, logical, |d| d),
        LogicalType::Decimal { precision, scale } => {
            let mut builder =
                Decimal128Builder::with_capacity(values.len()).with_precision_and_scale(*precision, *scale as i8)?;
            for value in values {
                match value {
                    Value::Null => builder.append_null(),
                    Value::Decimal(unscaled) => builder.append_value(*unscaled),
                    other => return Err(mismatch(other, logical)),
                }
            }
            Ok(Arc::new(builder.finish()))
        }
        LogicalType::Char { .. } | LogicalType::VarChar { .. } => {
            let mut builder = StringBuilder::new();
            for value in values {
                match value {
                    Value::Null => builder.append_null(),
                    Value::String(text) => builder.append_value(text),
                    other => return Err(mismatch(other, logical)),
                }
            }
            Ok(Arc::new(builder.finish()))
        }
        LogicalType::Binary { .. } | LogicalType::VarBinary { .. } | LogicalType::Variant => {
            let mut builder = BinaryBuilder::new();
            for value in values {
                match value {
                    Value::Null => builder.append_null(),
                    Value::Bytes(bytes) => builder.append_value(bytes),
                    other => return Err(mismatch(other, logical)),
                }
            }
            Ok(Arc::new(builder.finish()))
        }
        LogicalType::Array { element } => lists(values, logical, element),
        LogicalType::Map { key, value } => maps(values, logical, key, value),
        LogicalType::Multiset { element } => maps(values, logical, element, &LogicalType::Int.not_null()),
        LogicalType::Row { fields } | LogicalType::Structured { fields, .. } => {
            let ArrowType::Struct(arrow_fields) = arrow_type(logical) else { return Err(unreachable_type(logical)) };
            if fields.is_empty() {
                let validity = NullBuffer::from_iter(values.iter().map(|v| !v.is_null()));
                return Ok(Arc::new(StructArray::new_empty_fields(values.len(), Some(validity))));
            }
            let mut columns: Vec<Vec<&Value>> = vec![Vec::with_capacity(values.len()); fields.len()];
            for value in values {
                match value {
                    Value::Null => columns.iter_mut().for_each(|column| column.push(&Value::Null)),
                    Value::List(items) if items.len() == fields.len() => {
                        columns.iter_mut().zip(items).for_each(|(column, item)| column.push(item));
                    }
                    other => return Err(mismatch(other, logical)),
                }
            }
            let arrays = columns
                .iter()
                .zip(fields.iter())
                .map(|(column, field)| array_of(column, &field.data_type.logical))
                .collect::<Result<Vec<_>, _>>()?;
            let validity = NullBuffer::from_iter(values.iter().map(|v| !v.is_null()));
            Ok(Arc::new(StructArray::try_new(arrow_fields, arrays, Some(validity))?))
        }
    }
}

fn integers<T: ArrowPrimitiveType>(values: &[&Value], logical: &LogicalType) -> Result<ArrayRef, ArrowError>
where
    T::Native: TryFrom<i64>,
{
    let mut builder = PrimitiveBuilder::<T>::with_capacity(values.len());
    for value in values {
        match value {
            Value::Null => builder.append_null(),
            Value::Integer(i) => builder.append_value(T::Native::try_from(*i).map_err(|_| mismatch(value, logical))?),
            other => return Err(mismatch(other, logical)),
        }
    }
    Ok(Arc::new(builder.finish()))
}

fn timestamps(values: &[&Value], logical: &LogicalType, precision: u8) -> Result<ArrayRef, ArrowError> {
    moment_array(logical, values.len(), |row| match values[row] {
        Value::Null => Ok(None),
        value => Moment::of_value(value, precision).map(Some).ok_or_else(|| mismatch(value, logical)),
    })
}

fn doubles<T: ArrowPrimitiveType>(
    values: &[&Value],
    logical: &LogicalType,
    narrow: impl Fn(f64) -> T::Native,
) -> Result<ArrayRef, ArrowError> {
    let mut builder = PrimitiveBuilder::<T>::with_capacity(values.len());
    for value in values {
        match value {
            Value::Null => builder.append_null(),
            Value::Double(d) => builder.append_value(narrow(*d)),
            other => return Err(mismatch(other, logical)),
        }
    }
    Ok(Arc::new(builder.finish()))
}

fn lists(values: &[&Value], logical: &LogicalType, element: &DataType) -> Result<ArrayRef, ArrowError> {
    let ArrowType::List(field) = arrow_type(logical) else { return Err(unreachable_type(logical)) };
    let mut lengths = Vec::with_capacity(values.len());
    let mut items = Vec::new();
    for value in values {
        match value {
            Value::Null => lengths.push(0),
            Value::List(elements) => {
                lengths.push(elements.len());
                items.extend(elements.iter());
            }
            other => return Err(mismatch(other, logical)),
        }
    }
    let child = array_of(&items, &element.logical)?;
    let validity = NullBuffer::from_iter(values.iter().map(|v| !v.is_null()));
    Ok(Arc::new(ListArray::try_new(field, OffsetBuffer::from_lengths(lengths), child, Some(validity))?))
}

fn maps(
    values: &[&Value],
    logical: &LogicalType,
    key: &DataType,
    value_type: &DataType,
) -> Result<ArrayRef, ArrowError> {
    let mut lengths = Vec::with_capacity(values.len());
    let (mut keys, mut items) = (Vec::new(), Vec::new());
    for value in values {
        match value {
            Value::Null => lengths.push(0),
            Value::Map(pairs) => {
                lengths.push(pairs.len());
                for (k, v) in pairs {
                    keys.push(k);
                    items.push(v);
                }
            }
            other => return Err(mismatch(other, logical)),
        }
    }
    let (keys, items) = (array_of(&keys, &key.logical)?, array_of(&items, &value_type.logical)?);
    let validity = NullBuffer::from_iter(values.iter().map(|v| !v.is_null()));
    map_array(logical, OffsetBuffer::from_lengths(lengths), keys, items, Some(validity))
}

/// An array of `length` NULLs of the Arrow type of `logical`.
pub fn null_array(logical: &LogicalType, length: usize) -> ArrayRef {
    new_null_array(&arrow_type(logical), length)
}

fn mismatch(value: &Value, logical: &LogicalType) -> ArrowError {
    ArrowError::InvalidArgumentError(format!("value {value:?} does not fit type {logical}"))
}

fn unreachable_type(logical: &LogicalType) -> ArrowError {
    ArrowError::SchemaError(format!("no nested Arrow type for {logical}"))
}

mod read;
mod wide;
