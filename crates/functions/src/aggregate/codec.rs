//! How accumulators keep values of any type: as 64-bit or 128-bit integers or as bytes, ordered and hashed as the values are.
//!
//! A codec opens a column once per batch and then hands out borrowed keys per row, so that updates allocate only when a
//! new text or nested value is stored.

use std::borrow::Borrow;
use std::fmt::Debug;
use std::hash::Hash;
use std::sync::Arc;

use arrow_array::builder::{BinaryBuilder, BooleanBuilder, StringBuilder};
use arrow_array::cast::AsArray;
use arrow_array::types::{Decimal128Type, Float32Type, Float64Type, Int64Type};
use arrow_array::{Array, ArrayRef, BinaryArray, Decimal128Array, Float32Array, Float64Array, Int32Array, Int64Array};
use arrow_buffer::ScalarBuffer;
use arrow_row::{RowConverter, Rows, SortField};
use arrow_schema::{ArrowError, DataType as ArrowType};
use nutkin_types::arrow::arrow_type;
use nutkin_types::{DataType, LogicalType as T};

use crate::cast::retype;
use crate::error::AggregateError;

/// Stores values of one SQL type as keys.
pub(super) trait Codec: Send + Sync + Sized + 'static {
    type Ref: ?Sized + Hash + Ord + ToOwned<Owned = Self::Key>;
    type Key: Borrow<Self::Ref> + Clone + Hash + Ord + Debug + Send + Sync;
    type Column;

    fn new(data_type: &DataType) -> Result<Self, AggregateError>;
    /// A column ready to hand out keys.
    fn open(&self, array: &ArrayRef) -> Result<Self::Column, AggregateError>;
    /// Key of a row that is not NULL.
    fn key(column: &Self::Column, row: usize) -> &Self::Ref;
    /// The values of keys.
    fn build<'a>(&self, keys: impl Iterator<Item = Option<&'a Self::Ref>>) -> Result<ArrayRef, AggregateError>;
    /// False of NaN, which is neither less nor greater than another value.
    fn is_ordered(_: &Self::Ref, _: &DataType) -> bool {
        true
    }
    /// Bytes of a key beyond its own size.
    fn heap_size(_: &Self::Ref) -> usize {
        0
    }
}

/// Everything of at most 64 bits.
pub(super) struct Words(ArrowType);

impl Codec for Words {
    type Ref = i64;
    type Key = i64;
    type Column = ScalarBuffer<i64>;

    fn new(data_type: &DataType) -> Result<Self, AggregateError> {
        Ok(Words(arrow_type(&data_type.logical)))
    }

    fn open(&self, array: &ArrayRef) -> Result<ScalarBuffer<i64>, AggregateError> {
        let wide = |array: &ArrayRef| -> Result<ScalarBuffer<i64>, AggregateError> {
            Ok(arrow_cast::cast(array, &ArrowType::Int64)?.as_primitive::<Int64Type>().values().clone())
        };
        match array.data_type() {
            ArrowType::Float64 => {
                Ok(array.as_primitive::<Float64Type>().values().iter().map(|&v| ordered(v)).collect())
            }
            ArrowType::Float32 => {
                Ok(array.as_primitive::<Float32Type>().values().iter().map(|&v| ordered(f64::from(v))).collect())
            }
            ArrowType::Date32 | ArrowType::Time32(_) | ArrowType::Interval(_) => {
                wide(&retype(array, &ArrowType::Int32)?)
            }
            ArrowType::Timestamp(_, _) | ArrowType::Duration(_) => wide(&retype(array, &ArrowType::Int64)?),
            _ => wide(array),
        }
    }

    fn key(column: &ScalarBuffer<i64>, row: usize) -> &i64 {
        &column[row]
    }

    fn is_ordered(key: &i64, data_type: &DataType) -> bool {
        *key != ordered(f64::NAN) || !matches!(data_type.logical, T::Float | T::Double)
    }

    fn build<'a>(&self, keys: impl Iterator<Item = Option<&'a i64>>) -> Result<ArrayRef, AggregateError> {
        let keys = keys.map(|key| key.copied());
        Ok(match &self.0 {
            ArrowType::Boolean => {
                let mut builder = BooleanBuilder::new();
                keys.for_each(|key| builder.append_option(key.map(|key| key != 0)));
                Arc::new(builder.finish())
            }
            ArrowType::Float64 => Arc::new(Float64Array::from_iter(keys.map(|key| key.map(unordered)))),
            ArrowType::Float32 => {
                Arc::new(Float32Array::from_iter(keys.map(|key| key.map(|key| unordered(key) as f32))))
            }
            ArrowType::Date32 | ArrowType::Time32(_) | ArrowType::Interval(_) => {
                let plain: ArrayRef = Arc::new(Int32Array::from_iter(keys.map(|key| key.map(|key| key as i32))));
                retype(&plain, &self.0)?
            }
            ArrowType::Timestamp(_, _) | ArrowType::Duration(_) => {
                let plain: ArrayRef = Arc::new(Int64Array::from_iter(keys));
                retype(&plain, &self.0)?
            }
            other => {
                let plain: ArrayRef = Arc::new(Int64Array::from_iter(keys));
                arrow_cast::cast(&plain, other)?
            }
        })
    }
}

/// Bits of a float that order as the floats do, with one zero and one NaN above all.
fn ordered(value: f64) -> i64 {
    let bits = if value.is_nan() { f64::NAN.to_bits() } else { (value + 0.0).to_bits() } as i64;
    bits ^ (((bits >> 63) as u64) >> 1) as i64
}

fn unordered(key: i64) -> f64 {
    f64::from_bits((key ^ (((key >> 63) as u64) >> 1) as i64) as u64)
}

/// DECIMAL, and timestamps of nanoseconds.
pub(super) struct Decimals(ArrowType);

impl Codec for Decimals {
    type Ref = i128;
    type Key = i128;
    type Column = ScalarBuffer<i128>;

    fn new(data_type: &DataType) -> Result<Self, AggregateError> {
        Ok(Decimals(arrow_type(&data_type.logical)))
    }

    fn open(&self, array: &ArrayRef) -> Result<ScalarBuffer<i128>, AggregateError> {
        let decimals = array.as_primitive_opt::<Decimal128Type>().ok_or_else(|| unexpected(array))?;
        Ok(decimals.values().clone())
    }

    fn key(column: &ScalarBuffer<i128>, row: usize) -> &i128 {
        &column[row]
    }

    fn build<'a>(&self, keys: impl Iterator<Item = Option<&'a i128>>) -> Result<ArrayRef, AggregateError> {
        Ok(Arc::new(Decimal128Array::from_iter(keys.map(|key| key.copied())).with_data_type(self.0.clone())))
    }
}

/// Texts and byte strings.
pub(super) struct Bytes(ArrowType);

impl Codec for Bytes {
    type Ref = [u8];
    type Key = Vec<u8>;
    type Column = BinaryArray;

    fn new(data_type: &DataType) -> Result<Self, AggregateError> {
        Ok(Bytes(arrow_type(&data_type.logical)))
    }

    fn open(&self, array: &ArrayRef) -> Result<BinaryArray, AggregateError> {
        let bytes = arrow_cast::cast(array, &ArrowType::Binary)?;
        bytes.as_binary_opt::<i32>().cloned().ok_or_else(|| unexpected(array))
    }

    fn key(column: &BinaryArray, row: usize) -> &[u8] {
        column.value(row)
    }

    fn build<'a>(&self, keys: impl Iterator<Item = Option<&'a [u8]>>) -> Result<ArrayRef, AggregateError> {
        if self.0 == ArrowType::Utf8 {
            let mut builder = StringBuilder::new();
            keys.for_each(|key| builder.append_option(key.map(|key| String::from_utf8_lossy(key))));
            return Ok(Arc::new(builder.finish()));
        }
        let mut builder = BinaryBuilder::new();
        keys.for_each(|key| builder.append_option(key));
        Ok(Arc::new(builder.finish()))
    }

    fn heap_size(key: &[u8]) -> usize {
        key.len()
    }
}

/// Nested values, in the row format of Arrow.
pub(super) struct Nested {
    converter: RowConverter,
    arrow: ArrowType,
}

impl Codec for Nested {
    type Ref = [u8];
    type Key = Vec<u8>;
    type Column = Rows;

    fn new(data_type: &DataType) -> Result<Self, AggregateError> {
        let arrow = arrow_type(&data_type.logical);
        let converter = RowConverter::new(vec![SortField::new(arrow.clone())])?;
        Ok(Nested { converter, arrow })
    }

    fn open(&self, array: &ArrayRef) -> Result<Rows, AggregateError> {
        Ok(self.converter.convert_columns(std::slice::from_ref(array))?)
    }

    fn key(column: &Rows, row: usize) -> &[u8] {
        column.row(row).data()
    }

    fn build<'a>(&self, keys: impl Iterator<Item = Option<&'a [u8]>>) -> Result<ArrayRef, AggregateError> {
        let parser = self.converter.parser();
        let null = self.converter.convert_columns(&[arrow_array::new_null_array(&self.arrow, 1)])?;
        let keys: Vec<Vec<u8>> =
            keys.map(|key| key.map_or_else(|| null.row(0).data().to_vec(), <[u8]>::to_vec)).collect();
        let mut arrays = self.converter.convert_rows(keys.iter().map(|key| parser.parse(key)))?;
        arrays.pop().ok_or_else(|| AggregateError::Internal("no column came out of the row format".to_owned()))
    }

    fn heap_size(key: &[u8]) -> usize {
        key.len()
    }
}

fn unexpected(array: &ArrayRef) -> AggregateError {
    ArrowError::SchemaError(format!("an aggregate function got {}", array.data_type())).into()
}

/// Which codec keeps values of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    Words,
    Decimals,
    Bytes,
    Nested,
}

pub(super) fn layout(logical: &T) -> Layout {
    match logical {
        T::Decimal { .. } | T::Timestamp { precision: 7.. } | T::TimestampLtz { precision: 7.. } => Layout::Decimals,
        T::Char { .. } | T::VarChar { .. } | T::Binary { .. } | T::VarBinary { .. } | T::Variant => Layout::Bytes,
        T::Null => Layout::Nested,
        nested if nested.is_nested() => Layout::Nested,
        _ => Layout::Words,
    }
}

/// `$make` with `$codec` standing for the codec of `$data_type`.
macro_rules! with_codec {
    ($data_type:expr, $codec:ident => $make:expr) => {
        match $crate::aggregate::codec::layout(&$data_type.logical) {
            $crate::aggregate::codec::Layout::Words => {
                type $codec = $crate::aggregate::codec::Words;
                $make
            }
            $crate::aggregate::codec::Layout::Decimals => {
                type $codec = $crate::aggregate::codec::Decimals;
                $make
            }
            $crate::aggregate::codec::Layout::Bytes => {
                type $codec = $crate::aggregate::codec::Bytes;
                $make
            }
            $crate::aggregate::codec::Layout::Nested => {
                type $codec = $crate::aggregate::codec::Nested;
                $make
            }
        }
    };
}
pub(super) use with_codec;
