//! MAP and MULTISET as Arrow arrays.
//!
//! Arrow's map has no NULL keys, Flink's may have one. So the key is wrapped: the key field of the entries is a struct
//! without NULLs of one nullable field, which holds the keys. It costs no bytes, and kernels of Arrow take the array
//! as the map it is. Only this file knows of the wrapper; all others build and read maps with what is here.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{ArrayRef, MapArray, StructArray};
use arrow_buffer::{NullBuffer, OffsetBuffer};
use arrow_schema::{ArrowError, DataType as ArrowType, Field, Fields};

use crate::arrow::{arrow_type, field};
use crate::data_type::{DataType, LogicalType};

/// The Arrow type of maps from `key` to `value`.
pub(crate) fn map_type(key: &DataType, value: &DataType) -> ArrowType {
    let wrapped = ArrowType::Struct(Fields::from(vec![field("key", key)]));
    let entries = Fields::from(vec![Field::new("key", wrapped, false), field("value", value)]);
    ArrowType::Map(Arc::new(Field::new("entries", ArrowType::Struct(entries), false)), false)
}

/// A map array of `logical`, which is a MAP or MULTISET: row i has the entries `offsets[i]..offsets[i + 1]` of `keys`
/// and `values`. Errors when the parts have other types or lengths.
pub fn map_array(
    logical: &LogicalType,
    offsets: OffsetBuffer<i32>,
    keys: ArrayRef,
    values: ArrayRef,
    nulls: Option<NullBuffer>,
) -> Result<ArrayRef, ArrowError> {
    let no_map = || ArrowError::SchemaError(format!("{logical} is no map"));
    let ArrowType::Map(entries, sorted) = arrow_type(logical) else { return Err(no_map()) };
    let ArrowType::Struct(fields) = entries.data_type() else { return Err(no_map()) };
    let Some(ArrowType::Struct(wrapped)) = fields.first().map(|key| key.data_type()) else { return Err(no_map()) };
    let keys = Arc::new(StructArray::try_new(wrapped.clone(), vec![keys], None)?);
    let pairs = StructArray::try_new(fields.clone(), vec![keys, values], None)?;
    Ok(Arc::new(MapArray::try_new(entries, offsets, pairs, nulls, sorted)?))
}

/// The keys of all entries of `map`, in which its offsets point.
pub fn map_keys(map: &MapArray) -> &ArrayRef {
    unwrapped(map.keys())
}

/// Keys and values of row `row` of `map`, which must not be past its end.
pub fn map_entries(map: &MapArray, row: usize) -> (ArrayRef, ArrayRef) {
    let entries = map.value(row);
    (unwrapped(entries.column(0)).clone(), entries.column(1).clone())
}

fn unwrapped(keys: &ArrayRef) -> &ArrayRef {
    keys.as_struct_opt().and_then(|wrapper| wrapper.columns().first()).unwrap_or(keys)
}
