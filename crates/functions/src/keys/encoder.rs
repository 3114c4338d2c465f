//! [`KeyEncoder`]: the canonical bytes of key columns, row by row, in one reusable buffer.
//!
//! Per column: 0 for NULL; else 1 and the value: fixed-width values in little-endian at the width of their array, decimals
//! and timestamps of nanoseconds in 16 bytes, texts and bytes as a 4-byte length and the bytes, lists and maps as a 4-byte count and their elements, rows as
//! their fields. Floats are normalised: -0.0 is 0.0 and every NaN is the same, as in Flink's grouping. The encoding is part of the key hash's version and never changes within it.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Decimal128Type, DurationMillisecondType, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type, IntervalYearMonthType, Time32MillisecondType, TimestampMicrosecondType, TimestampMillisecondType,
    UInt8Type,
};
use arrow_array::{Array, ArrayRef};
use arrow_schema::{ArrowError, DataType as ArrowType, TimeUnit};
use nutkin_types::map::map_entries;

/// Encodes the keys of one batch at a time; keeps its buffers between batches.
#[derive(Debug, Default)]
pub struct KeyEncoder {
    bytes: Vec<u8>,
    /// Row i is `bytes[offsets[i]..offsets[i + 1]]`.
    offsets: Vec<usize>,
}

impl KeyEncoder {
    pub fn new() -> KeyEncoder {
        KeyEncoder::default()
    }

    /// Encodes `rows` rows of `columns`, replacing what was there. Errors for an array type that no SQL type maps to.
    pub fn encode(&mut self, columns: &[ArrayRef], rows: usize) -> Result<(), ArrowError> {
        self.bytes.clear();
        self.offsets.clear();
        self.offsets.push(0);
        for row in 0..rows {
            for column in columns {
                write(column.as_ref(), row, &mut self.bytes)?;
            }
            self.offsets.push(self.bytes.len());
        }
        Ok(())
    }

    /// Number of keys of the last batch.
    pub fn len(&self) -> usize {
        self.offsets.len().saturating_sub(1)
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Canonical bytes of row `row` of the last batch; empty past its end.
    pub fn key(&self, row: usize) -> &[u8] {
        match (self.offsets.get(row), self.offsets.get(row + 1)) {
            (Some(&start), Some(&end)) => &self.bytes[start..end],
            _ => &[],
        }
    }

    /// Key group of every row of the last batch, appended to `out`.
    pub fn key_groups(&self, out: &mut Vec<u8>) {
        out.extend((0..self.len()).map(|row| super::key_group(self.key(row))));
    }
}

/// Appends the canonical bytes of one value.
pub(crate) fn write(array: &dyn Array, row: usize, out: &mut Vec<u8>) -> Result<(), ArrowError> {
    if *array.data_type() == ArrowType::Null || array.is_null(row) {
        out.push(0);
        return Ok(());
    }
    out.push(1);
    match array.data_type() {
        ArrowType::Boolean => out.push(u8::from(array.as_boolean().value(row))),
        ArrowType::Int8 => out.extend(array.as_primitive::<Int8Type>().value(row).to_le_bytes()),
        ArrowType::UInt8 => out.extend(array.as_primitive::<UInt8Type>().value(row).to_le_bytes()),
        ArrowType::Int16 => out.extend(array.as_primitive::<Int16Type>().value(row).to_le_bytes()),
        ArrowType::Int32 => out.extend(array.as_primitive::<Int32Type>().value(row).to_le_bytes()),
        ArrowType::Int64 => out.extend(array.as_primitive::<Int64Type>().value(row).to_le_bytes()),
        ArrowType::Float32 => {
            out.extend(canonical_f32(array.as_primitive::<Float32Type>().value(row)).to_le_bytes());
        }
        ArrowType::Float64 => {
            out.extend(canonical_f64(array.as_primitive::<Float64Type>().value(row)).to_le_bytes());
        }
        ArrowType::Decimal128(_, _) => out.extend(array.as_primitive::<Decimal128Type>().value(row).to_le_bytes()),
        ArrowType::Date32 => out.extend(array.as_primitive::<Date32Type>().value(row).to_le_bytes()),
        ArrowType::Time32(_) => out.extend(array.as_primitive::<Time32MillisecondType>().value(row).to_le_bytes()),
        ArrowType::Timestamp(_, _) => out.extend(timestamp(array, row)?.to_le_bytes()),
        ArrowType::Interval(_) => out.extend(array.as_primitive::<IntervalYearMonthType>().value(row).to_le_bytes()),
        ArrowType::Duration(_) => out.extend(array.as_primitive::<DurationMillisecondType>().value(row).to_le_bytes()),
        ArrowType::Utf8 => sized(array.as_string::<i32>().value(row).as_bytes(), out),
        ArrowType::Binary => sized(array.as_binary::<i32>().value(row), out),
        ArrowType::List(_) => {
            let items = array.as_list::<i32>().value(row);
            out.extend((items.len() as u32).to_le_bytes());
            (0..items.len()).try_for_each(|i| write(items.as_ref(), i, out))?;
        }
        ArrowType::Map(_, _) => write_map(array, row, out)?,
        ArrowType::Struct(_) => {
            array.as_struct().columns().iter().try_for_each(|column| write(column.as_ref(), row, out))?;
        }
        other => return Err(ArrowError::NotYetImplemented(format!("keys of Arrow type {other}"))),
    }
    Ok(())
}

/// Entries sorted by their encoded key, since two maps with the same entries are equal in any order.
fn write_map(array: &dyn Array, row: usize, out: &mut Vec<u8>) -> Result<(), ArrowError> {
    let (keys, values) = map_entries(array.as_map(), row);
    let mut encoded = Vec::with_capacity(keys.len());
    for i in 0..keys.len() {
        let mut entry = Vec::new();
        write(keys.as_ref(), i, &mut entry)?;
        write(values.as_ref(), i, &mut entry)?;
        encoded.push(entry);
    }
    encoded.sort_unstable();
    out.extend((encoded.len() as u32).to_le_bytes());
    encoded.iter().for_each(|entry| out.extend(entry));
    Ok(())
}

fn sized(bytes: &[u8], out: &mut Vec<u8>) {
    out.extend((bytes.len() as u32).to_le_bytes());
    out.extend(bytes);
}

/// Ticks in whichever unit.
fn timestamp(array: &dyn Array, row: usize) -> Result<i64, ArrowError> {
    match array.data_type() {
        ArrowType::Timestamp(TimeUnit::Millisecond, _) => {
            Ok(array.as_primitive::<TimestampMillisecondType>().value(row))
        }
        ArrowType::Timestamp(TimeUnit::Microsecond, _) => {
            Ok(array.as_primitive::<TimestampMicrosecondType>().value(row))
        }
        other => Err(ArrowError::NotYetImplemented(format!("keys of Arrow type {other}"))),
    }
}

/// Bits of the value with one zero and one NaN.
pub(crate) fn canonical_f64(value: f64) -> u64 {
    if value.is_nan() { f64::NAN.to_bits() } else { (value + 0.0).to_bits() }
}

/// As [`canonical_f64`].
pub(crate) fn canonical_f32(value: f32) -> u32 {
    if value.is_nan() { f32::NAN.to_bits() } else { (value + 0.0).to_bits() }
}
