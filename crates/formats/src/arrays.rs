//! Arrays of a batch as plain slices, for the encoders.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    Time32MillisecondType,
};
use arrow_array::{Array, ArrayRef, BinaryArray, BooleanArray, ListArray, MapArray, StringArray, StructArray};
use nutkin_types::{LogicalType, Moment, Moments};

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
    /// TIMESTAMP and TIMESTAMP_LTZ.
    Moments(Moments<'a>),
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
            Values::Moments(Moments::open(array.as_ref(), *precision)?)
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
        // No format carries these: their schemas refuse them.
        LogicalType::IntervalYearMonth { .. }
        | LogicalType::IntervalDayTime { .. }
        | LogicalType::Structured { .. }
        | LogicalType::Variant => return None,
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

/// Ticks of the moment at `row` of which `per_second` make a second; finer digits are cut off.
#[inline]
pub(crate) fn ticks(moments: &Moments<'_>, row: usize, per_second: i64) -> Outcome<i64> {
    moments.ticks(row, per_second).ok_or_else(|| out_of_range(moments.get(row), per_second))
}

#[cold]
fn out_of_range(moment: Moment, per_second: i64) -> Box<Fault> {
    let unit = if per_second == 1_000_000_000 { "nanoseconds from 1677-09-21 to 2262-04-11" } else { "microseconds" };
    let date = crate::temporal::date_text(moment.seconds().div_euclid(86_400));
    Fault::new(
        0,
        format!("the timestamp of {date} is out of range of the schema's type, which holds {unit} in 64 bits"),
    )
}
