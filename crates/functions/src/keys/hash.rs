//! [`hash_keys`]: one 64-bit hash per row for hash tables, column by column.
//!
//! Not stable between versions: nothing stored may depend on it. Equal keys hash equally under the rules of
//! [`super::KeyEncoder`]. Fixed-width columns are mixed straight from their buffers; only nested columns go through the
//! encoder.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
};
use arrow_array::{Array, ArrayRef};
use arrow_schema::{ArrowError, DataType as ArrowType};

use super::encoder::{canonical_f32, canonical_f64, write};

const K: u64 = 0x9E37_79B9_7F4A_7C15;
const NULL: u64 = 0xA076_1D64_78BD_642F;

/// Replaces `out` by one hash per row of `columns` (all of one length); `rows` counts them, also when there is no column.
pub fn hash_keys(columns: &[ArrayRef], rows: usize, out: &mut Vec<u64>) -> Result<(), ArrowError> {
    out.clear();
    out.resize(rows, K);
    for column in columns {
        hash_column(column, out)?;
    }
    Ok(())
}

fn hash_column(column: &ArrayRef, out: &mut [u64]) -> Result<(), ArrowError> {
    match column.data_type() {
        ArrowType::Null => out.iter_mut().for_each(|hash| *hash = mix(*hash, NULL)),
        ArrowType::Boolean => {
            let array = column.as_boolean();
            rows(column, out, |row| u64::from(array.value(row)));
        }
        ArrowType::Int8 => fixed::<Int8Type>(column, out, |v| v as u64),
        ArrowType::Int16 => fixed::<Int16Type>(column, out, |v| v as u64),
        ArrowType::Int32 => fixed::<Int32Type>(column, out, |v| v as u64),
        ArrowType::Int64 => fixed::<Int64Type>(column, out, |v| v as u64),
        ArrowType::Float32 => fixed::<Float32Type>(column, out, |v| canonical_f32(v).into()),
        ArrowType::Float64 => fixed::<Float64Type>(column, out, canonical_f64),
        // The upper half of a negative number is all ones: folded in as it stands, n and -n - 1 would be the same.
        ArrowType::Decimal128(_, _) => {
            fixed::<Decimal128Type>(column, out, |v| (v as u64).wrapping_add(((v >> 64) as u64).wrapping_mul(NULL)));
        }
        ArrowType::Utf8 => {
            let array = column.as_string::<i32>();
            rows(column, out, |row| bytes(array.value(row).as_bytes()));
        }
        ArrowType::Binary => {
            let array = column.as_binary::<i32>();
            rows(column, out, |row| bytes(array.value(row)));
        }
        ArrowType::Date32 | ArrowType::Time32(_) | ArrowType::Interval(_) => {
            let data = column.to_data().into_builder().data_type(ArrowType::Int32).build()?;
            hash_column(&arrow_array::make_array(data), out)?;
        }
        ArrowType::Timestamp(_, _) | ArrowType::Duration(_) => {
            let data = column.to_data().into_builder().data_type(ArrowType::Int64).build()?;
            hash_column(&arrow_array::make_array(data), out)?;
        }
        _ => {
            let mut scratch = Vec::new();
            for (row, hash) in out.iter_mut().enumerate() {
                scratch.clear();
                write(column.as_ref(), row, &mut scratch)?;
                *hash = mix(*hash, bytes(&scratch));
            }
        }
    }
    Ok(())
}

fn fixed<T: ArrowPrimitiveType>(column: &ArrayRef, out: &mut [u64], word: impl Fn(T::Native) -> u64) {
    let array = column.as_primitive::<T>();
    if array.null_count() == 0 {
        out.iter_mut().zip(array.values()).for_each(|(hash, value)| *hash = mix(*hash, word(*value)));
    } else {
        rows(column, out, |row| word(array.value(row)));
    }
}

fn rows(column: &ArrayRef, out: &mut [u64], word: impl Fn(usize) -> u64) {
    for (row, hash) in out.iter_mut().enumerate() {
        *hash = mix(*hash, if column.is_null(row) { NULL } else { word(row) });
    }
}

/// Folds one word into a hash: a 64 by 64 bit multiplication whose halves are combined.
#[inline]
fn mix(hash: u64, word: u64) -> u64 {
    let product = u128::from(hash ^ word) * u128::from(K);
    let folded = (product as u64) ^ ((product >> 64) as u64);
    folded.wrapping_add(hash.rotate_left(29))
}

#[inline]
fn bytes(bytes: &[u8]) -> u64 {
    let mut hash = bytes.len() as u64;
    let mut chunks = bytes.chunks_exact(8);
    for chunk in &mut chunks {
        let mut word = [0; 8];
        word.copy_from_slice(chunk);
        hash = mix(hash, u64::from_le_bytes(word));
    }
    let tail = chunks.remainder().iter().fold(0u64, |word, &byte| word << 8 | u64::from(byte));
    mix(hash, tail)
}
