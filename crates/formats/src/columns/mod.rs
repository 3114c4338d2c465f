//! [`ColumnBuilder`]: the columns that decoders write into.
//!
//! Arrow's own builders cannot forget what they hold, but a record may turn out to be bad after half of its fields were
//! written. These can: [`ColumnBuilder::truncate`] goes back to any earlier length, so a bad record costs nothing before
//! and after it. One enum variant per physical array, so that a decoder's inner loop dispatches on the variant and calls
//! no trait object. Validity bits exist only from the first NULL on.

mod bytes;
mod nested;
mod primitive;

use std::sync::Arc;

use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Decimal128Type, DurationMillisecondType, Float32Type, Float64Type, Int8Type,
    Int16Type, Int32Type, Int64Type, IntervalYearMonthType, Time32MillisecondType, TimestampMicrosecondType,
    TimestampMillisecondType,
};
use arrow_array::{Array, ArrayRef, BinaryArray, NullArray, PrimitiveArray, StringArray};
use arrow_buffer::ScalarBuffer;
use arrow_schema::ArrowError;
use nutkin_types::arrow::{NANOSECONDS, UTC};
use nutkin_types::{LogicalType, Moment};

pub(crate) use bytes::{BytesColumn, ColumnFull};
pub(crate) use nested::{ListColumn, MapColumn, RowColumn};
pub(crate) use primitive::{BooleanColumn, PrimitiveColumn, Validity};

/// A growing column of one logical type.
#[derive(Debug)]
pub(crate) enum ColumnBuilder {
    /// The type of a bare NULL: a count.
    Null(usize),
    Boolean(BooleanColumn),
    Int8(PrimitiveColumn<i8>),
    Int16(PrimitiveColumn<i16>),
    /// INT, DATE, TIME and months.
    Int32(PrimitiveColumn<i32>),
    /// BIGINT, TIMESTAMP and TIMESTAMP_LTZ of up to six digits, and milliseconds.
    Int64(PrimitiveColumn<i64>),
    Float32(PrimitiveColumn<f32>),
    Float64(PrimitiveColumn<f64>),
    /// DECIMAL, and TIMESTAMP and TIMESTAMP_LTZ of more than six digits as nanoseconds.
    Decimal(PrimitiveColumn<i128>),
    /// Text and bytes; writers of text check UTF-8 before.
    Bytes(BytesColumn),
    List(Box<ListColumn>),
    /// MAP, and MULTISET as map of element to count.
    Map(Box<MapColumn>),
    Row(Box<RowColumn>),
}

/// Calls the same method on whichever column it is.
macro_rules! each_column {
    ($self:expr, $column:ident => $body:expr, null $count:ident => $null:expr) => {
        match $self {
            ColumnBuilder::Null($count) => $null,
            ColumnBuilder::Boolean($column) => $body,
            ColumnBuilder::Int8($column) => $body,
            ColumnBuilder::Int16($column) => $body,
            ColumnBuilder::Int32($column) => $body,
            ColumnBuilder::Int64($column) => $body,
            ColumnBuilder::Float32($column) => $body,
            ColumnBuilder::Float64($column) => $body,
            ColumnBuilder::Decimal($column) => $body,
            ColumnBuilder::Bytes($column) => $body,
            ColumnBuilder::List($column) => $body,
            ColumnBuilder::Map($column) => $body,
            ColumnBuilder::Row($column) => $body,
        }
    };
}

impl ColumnBuilder {
    /// An empty column for `logical`.
    pub fn new(logical: &LogicalType) -> ColumnBuilder {
        match logical {
            LogicalType::Null => ColumnBuilder::Null(0),
            LogicalType::Boolean => ColumnBuilder::Boolean(BooleanColumn::default()),
            LogicalType::TinyInt => ColumnBuilder::Int8(PrimitiveColumn::default()),
            LogicalType::SmallInt => ColumnBuilder::Int16(PrimitiveColumn::default()),
            LogicalType::Int | LogicalType::Date | LogicalType::Time { .. } | LogicalType::IntervalYearMonth { .. } => {
                ColumnBuilder::Int32(PrimitiveColumn::default())
            }
            LogicalType::Decimal { .. }
            | LogicalType::Timestamp { precision: 7.. }
            | LogicalType::TimestampLtz { precision: 7.. } => ColumnBuilder::Decimal(PrimitiveColumn::default()),
            LogicalType::BigInt
            | LogicalType::Timestamp { .. }
            | LogicalType::TimestampLtz { .. }
            | LogicalType::IntervalDayTime { .. } => ColumnBuilder::Int64(PrimitiveColumn::default()),
            LogicalType::Float => ColumnBuilder::Float32(PrimitiveColumn::default()),
            LogicalType::Double => ColumnBuilder::Float64(PrimitiveColumn::default()),
            LogicalType::Char { .. }
            | LogicalType::VarChar { .. }
            | LogicalType::Binary { .. }
            | LogicalType::VarBinary { .. }
            | LogicalType::Variant => ColumnBuilder::Bytes(BytesColumn::default()),
            LogicalType::Array { element } => ColumnBuilder::List(Box::new(ListColumn::new(element))),
            LogicalType::Map { key, value } => ColumnBuilder::Map(Box::new(MapColumn::new(key, value))),
            LogicalType::Multiset { element } => {
                ColumnBuilder::Map(Box::new(MapColumn::new(element, &LogicalType::Int.not_null())))
            }
            LogicalType::Row { fields } | LogicalType::Structured { fields, .. } => {
                ColumnBuilder::Row(Box::new(RowColumn::new(fields)))
            }
        }
    }

    pub fn len(&self) -> usize {
        each_column!(self, column => column.len(), null count => *count)
    }

    pub fn append_null(&mut self) {
        each_column!(self, column => column.append_null(), null count => *count += 1)
    }

    /// Appends a moment to a column of timestamps of `per_second` ticks; None when the column cannot hold it.
    #[inline]
    pub fn append_moment(&mut self, moment: Moment, per_second: i64) -> Option<()> {
        match self {
            ColumnBuilder::Int64(column) => column.append(moment.ticks(per_second)?),
            ColumnBuilder::Decimal(column) => column.append(moment.nanos()),
            _ => return None,
        }
        Some(())
    }

    /// Forgets everything from row `length` on, also what an unfinished row has written.
    pub fn truncate(&mut self, length: usize) {
        each_column!(self, column => column.truncate(length), null count => *count = length)
    }

    /// The array of `logical` that was built; the column is empty afterwards.
    pub fn finish(&mut self, logical: &LogicalType) -> Result<ArrayRef, ArrowError> {
        match self {
            ColumnBuilder::Null(count) => Ok(Arc::new(NullArray::new(std::mem::take(count)))),
            ColumnBuilder::Boolean(column) => Ok(column.finish()),
            ColumnBuilder::Int8(column) => primitive::<Int8Type>(column),
            ColumnBuilder::Int16(column) => primitive::<Int16Type>(column),
            ColumnBuilder::Int32(column) => match logical {
                LogicalType::Date => primitive::<Date32Type>(column),
                LogicalType::Time { .. } => primitive::<Time32MillisecondType>(column),
                LogicalType::IntervalYearMonth { .. } => primitive::<IntervalYearMonthType>(column),
                _ => primitive::<Int32Type>(column),
            },
            ColumnBuilder::Int64(column) => match logical {
                LogicalType::Timestamp { precision } => timestamps(column, *precision, None),
                LogicalType::TimestampLtz { precision } => timestamps(column, *precision, Some(UTC)),
                LogicalType::IntervalDayTime { .. } => primitive::<DurationMillisecondType>(column),
                _ => primitive::<Int64Type>(column),
            },
            ColumnBuilder::Float32(column) => primitive::<Float32Type>(column),
            ColumnBuilder::Float64(column) => primitive::<Float64Type>(column),
            ColumnBuilder::Decimal(column) => {
                let (values, nulls) = column.take();
                let array = PrimitiveArray::<Decimal128Type>::try_new(ScalarBuffer::from(values), nulls)?;
                if matches!(logical, LogicalType::Timestamp { .. } | LogicalType::TimestampLtz { .. }) {
                    return Ok(Arc::new(array.with_data_type(NANOSECONDS)));
                }
                let (precision, scale) = logical.as_decimal().unwrap_or((38, 0));
                Ok(Arc::new(array.with_precision_and_scale(precision, scale as i8)?))
            }
            ColumnBuilder::Bytes(column) => {
                let (offsets, data, nulls) = column.take();
                if logical.is_character_string() {
                    return Ok(Arc::new(StringArray::try_new(offsets, data, nulls)?));
                }
                Ok(Arc::new(BinaryArray::try_new(offsets, data, nulls)?))
            }
            ColumnBuilder::List(column) => column.finish(logical),
            ColumnBuilder::Map(column) => column.finish(logical),
            ColumnBuilder::Row(column) => column.finish(logical),
        }
    }
}

fn primitive<T: ArrowPrimitiveType>(column: &mut PrimitiveColumn<T::Native>) -> Result<ArrayRef, ArrowError> {
    let (values, nulls) = column.take();
    Ok(Arc::new(PrimitiveArray::<T>::try_new(ScalarBuffer::from(values), nulls)?))
}

fn timestamps(column: &mut PrimitiveColumn<i64>, precision: u8, zone: Option<&str>) -> Result<ArrayRef, ArrowError> {
    let (values, nulls) = column.take();
    let values = ScalarBuffer::from(values);
    let zone = zone.map(Arc::<str>::from);
    Ok(match precision {
        0..=3 => Arc::new(PrimitiveArray::<TimestampMillisecondType>::try_new(values, nulls)?.with_timezone_opt(zone)),
        _ => Arc::new(PrimitiveArray::<TimestampMicrosecondType>::try_new(values, nulls)?.with_timezone_opt(zone)),
    })
}

/// A column that is not of the kind the program was compiled for: a defect of this crate, told as an error.
pub(crate) fn wrong_column(array: &dyn Array) -> ArrowError {
    ArrowError::SchemaError(format!("a column of {} where the program expects another type", array.data_type()))
}
