//! Arrays of a batch as plain slices, for the encoders.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    Time32MillisecondType, TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
};
use arrow_array::{Array, ArrayRef, BinaryArray, BooleanArray, ListArray, MapArray, StringArray, StructArray};
use arrow_schema::TimeUnit;
use nutkin_types::LogicalType;
use nutkin_types::arrow::{ticks_per_second, timestamp_unit};

use crate::error::FormatError;
use crate::fault::{Fault, Outcome};

/// The values of an array, whatever their NULLs.
pub(crate) enum Values<'a> {
    Null,
    Boolean(&'a BooleanArray),
    Int8(&'a [i8]),
    Int16(&'a [i16]),
    /// INT, DATE and TIME.
    Int32(&'a [i32]),
    Int64(&'a [i64]),
    /// TIMESTAMP and TIMESTAMP_LTZ, with their ticks in a second.
    Ticks(&'a [i64], i64),
    Float32(&'a [f32]),
    Float64(&'a [f64]),
    Decimal(&'a [i128]),
    Text(&'a StringArray),
    Bytes(&'a BinaryArray),
    List(&'a ListArray),
    /// MAP and MULTISET.
    Map(&'a MapArray),
    Row(&'a StructArray),
}

/// The values of `array`, which must be the one of `logical`.
pub(crate) fn values<'a>(array: &'a ArrayRef, logical: &LogicalType, column: &str) -> Result<Values<'a>, FormatError> {
    find(array, logical).ok_or_else(|| {
        FormatError::mismatch(column, format!("an array of {} where {logical} is expected", array.data_type()))
    })
}

fn find<'a>(array: &'a ArrayRef, logical: &LogicalType) -> Option<Values<'a>> {
    Some(match logical {
        LogicalType::Null => Values::Null,
        LogicalType::Boolean => Values::Boolean(array.as_boolean_opt()?),
        LogicalType::TinyInt => Values::Int8(array.as_primitive_opt::<Int8Type>()?.values()),
        LogicalType::SmallInt => Values::Int16(array.as_primitive_opt::<Int16Type>()?.values()),
        LogicalType::Int => Values::Int32(array.as_primitive_opt::<Int32Type>()?.values()),
        LogicalType::Date => Values::Int32(array.as_primitive_opt::<Date32Type>()?.values()),
        LogicalType::Time { .. } => Values::Int32(array.as_primitive_opt::<Time32MillisecondType>()?.values()),
        LogicalType::BigInt => Values::Int64(array.as_primitive_opt::<Int64Type>()?.values()),
        LogicalType::Timestamp { precision } | LogicalType::TimestampLtz { precision } => {
            let unit = timestamp_unit(*precision);
            let ticks: &[i64] = match unit {
                TimeUnit::Microsecond => array.as_primitive_opt::<TimestampMicrosecondType>()?.values(),
                TimeUnit::Nanosecond => array.as_primitive_opt::<TimestampNanosecondType>()?.values(),
                _ => array.as_primitive_opt::<TimestampMillisecondType>()?.values(),
            };
            Values::Ticks(ticks, ticks_per_second(unit))
        }
        LogicalType::Float => Values::Float32(array.as_primitive_opt::<Float32Type>()?.values()),
        LogicalType::Double => Values::Float64(array.as_primitive_opt::<Float64Type>()?.values()),
        LogicalType::Decimal { .. } => Values::Decimal(array.as_primitive_opt::<Decimal128Type>()?.values()),
        LogicalType::Char { .. } | LogicalType::VarChar { .. } => Values::Text(array.as_string_opt()?),
        LogicalType::Binary { .. } | LogicalType::VarBinary { .. } => Values::Bytes(array.as_binary_opt()?),
        LogicalType::Array { .. } => Values::List(array.as_list_opt()?),
        LogicalType::Map { .. } | LogicalType::Multiset { .. } => Values::Map(array.as_map_opt()?),
        LogicalType::Row { fields } => {
            let row = array.as_struct_opt()?;
            if row.num_columns() != fields.len() {
                return None;
            }
            Values::Row(row)
        }
        LogicalType::IntervalYearMonth { .. } | LogicalType::IntervalDayTime { .. } => return None,
    })
}

/// The NULLs of an array if it has any.
pub(crate) fn nulls(array: &dyn Array) -> Option<&arrow_buffer::NullBuffer> {
    array.nulls().filter(|nulls| nulls.null_count() > 0)
}

#[cold]
pub(crate) fn null_not_allowed() -> Box<Fault> {
    Fault::new(0, "it is NULL, but NULL is not allowed here")
}

/// The text keys of a map; an error for NULL, which neither JSON nor Avro has as a key.
#[inline]
pub(crate) fn text_key(keys: &StringArray, index: usize) -> Outcome<&str> {
    if keys.is_null(index) { Err(null_key()) } else { Ok(keys.value(index)) }
}

#[cold]
fn null_key() -> Box<Fault> {
    Fault::new(
        0,
        "a key of the map is NULL, which the format cannot hold; leave it out, or use a value that stands for it",
    )
}

/// The value error of a row.
#[cold]
pub(crate) fn value_error(fault: &Fault, row: usize) -> FormatError {
    FormatError::InvalidValue { column: fault.path(), row, cause: fault.cause().to_owned() }
}

/// `ticks` of `from` a second as ticks of `to` a second; finer digits are cut off.
#[inline]
pub(crate) fn convert_ticks(ticks: i64, from: i64, to: i64) -> Outcome<i64> {
    if from == to {
        return Ok(ticks);
    }
    if from > to {
        return Ok(ticks.div_euclid(from / to));
    }
    ticks.checked_mul(to / from).ok_or_else(|| Fault::new(0, format!("the timestamp {ticks} is out of range")))
}
