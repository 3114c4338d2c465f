//! ARRAY[...], MAP[...], ROW(...).

use std::sync::Arc;

use arrow_array::{Array, ArrayRef, ListArray, MapArray, StructArray, UInt32Array};
use arrow_buffer::{NullBuffer, OffsetBuffer};
use arrow_schema::{DataType as ArrowType, Field, Fields};
use nutkin_types::LogicalType as T;
use nutkin_types::arrow::arrow_type;

use crate::args::Args;
use crate::error::{EvaluationError, FunctionError};
use crate::keys;
use crate::registry::{Kernel, Site};

fn broken(site: &Site<'_>) -> FunctionError {
    FunctionError::Inconsistent(format!("a constructor of {}", site.result))
}

/// Values of the arguments row by row: argument 0 of row 0, argument 1 of row 0, ...
fn interleave(args: &Args<'_>, columns: &[usize]) -> Result<ArrayRef, EvaluationError> {
    let arrays: Vec<&dyn Array> =
        columns.iter().filter_map(|&i| args.columns.get(i)).map(|c| c.array.as_ref()).collect();
    let mut places = Vec::with_capacity(args.rows * columns.len());
    for row in 0..args.rows {
        places.extend(columns.iter().enumerate().map(|(array, &i)| (array, args.position(i, row))));
    }
    Ok(arrow_select::interleave::interleave(&arrays, &places)?)
}

/// The field, nullable where the values need it.
pub(super) fn relaxed(field: &Arc<Field>, values: &ArrayRef) -> Arc<Field> {
    if values.null_count() > 0 { Arc::new(field.as_ref().clone().with_nullable(true)) } else { field.clone() }
}

pub(super) fn array(site: &Site<'_>) -> Result<Kernel, FunctionError> {
    let ArrowType::List(field) = arrow_type(&site.result.logical) else { return Err(broken(site)) };
    let columns: Vec<usize> = (0..site.args.len()).collect();
    Ok(Box::new(move |args| {
        let values = interleave(args, &columns)?;
        let offsets = OffsetBuffer::from_repeated_length(columns.len(), args.rows);
        Ok(Arc::new(ListArray::try_new(relaxed(&field, &values), offsets, values, None)?))
    }))
}

pub(super) fn map(site: &Site<'_>) -> Result<Kernel, FunctionError> {
    let logical = site.result.logical.clone();
    let pairs = site.args.len() / 2;
    Ok(Box::new(move |args| {
        let keys = interleave(args, &(0..pairs).map(|i| 2 * i).collect::<Vec<_>>())?;
        let values = interleave(args, &(0..pairs).map(|i| 2 * i + 1).collect::<Vec<_>>())?;
        // Of equal keys the last pair counts, at the place of the first.
        let (mut kept, mut lengths) = (Vec::new(), Vec::with_capacity(args.rows));
        let mut seen: Vec<(Vec<u8>, u32)> = Vec::with_capacity(pairs);
        for row in 0..args.rows {
            seen.clear();
            for at in row * pairs..(row + 1) * pairs {
                let mut bytes = Vec::new();
                keys::write_value(keys.as_ref(), at, &mut bytes)?;
                match seen.iter_mut().find(|(known, _)| *known == bytes) {
                    Some(entry) => entry.1 = at as u32,
                    None => seen.push((bytes, at as u32)),
                }
            }
            lengths.push(seen.len());
            kept.extend(seen.iter().map(|(_, at)| *at));
        }
        let kept = UInt32Array::from(kept);
        let keys = arrow_select::take::take(&keys, &kept, None)?;
        let values = arrow_select::take::take(&values, &kept, None)?;
        map_of(&logical, keys, values, lengths, vec![true; args.rows])
    }))
}

/// Maps of type `logical` with so many entries each. Arrow's map type has no NULL keys, which Flink's may have: they are an error.
pub(super) fn map_of(
    logical: &T,
    keys: ArrayRef,
    values: ArrayRef,
    lengths: Vec<usize>,
    valid: Vec<bool>,
) -> Result<ArrayRef, EvaluationError> {
    if keys.null_count() > 0 {
        return Err(EvaluationError::InvalidArgument {
            function: "MAP",
            value: "NULL".to_owned(),
            reason: "a NULL key cannot be held; leave such pairs out, or use a key that stands for it".to_owned(),
        });
    }
    let inconsistent = || EvaluationError::Internal(format!("a map as {logical}"));
    let ArrowType::Map(entries, sorted) = arrow_type(logical) else { return Err(inconsistent()) };
    let ArrowType::Struct(fields) = entries.data_type() else { return Err(inconsistent()) };
    let [key, value] = fields.as_ref() else { return Err(inconsistent()) };
    let fields = Fields::from(vec![key.clone(), relaxed(value, &values)]);
    let entries = Arc::new(entries.as_ref().clone().with_data_type(ArrowType::Struct(fields.clone())));
    let pairs = StructArray::try_new(fields, vec![keys, values], None)?;
    let nulls = valid.contains(&false).then(|| NullBuffer::from(valid));
    Ok(Arc::new(MapArray::try_new(entries, OffsetBuffer::from_lengths(lengths), pairs, nulls, sorted)?))
}

pub(super) fn row(site: &Site<'_>) -> Result<Kernel, FunctionError> {
    let ArrowType::Struct(fields) = arrow_type(&site.result.logical) else { return Err(broken(site)) };
    Ok(Box::new(move |args| {
        let columns = (0..args.len()).map(|i| args.expanded(i)).collect::<Result<Vec<_>, _>>()?;
        Ok(Arc::new(StructArray::try_new(fields.clone(), columns, None)?))
    }))
}
