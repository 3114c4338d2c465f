//! ARRAY[...], MAP[...], ROW(...).

use std::sync::Arc;

use arrow_array::{Array, ArrayRef, ListArray, StructArray, UInt32Array};
use arrow_buffer::{NullBuffer, OffsetBuffer};
use arrow_schema::DataType as ArrowType;
use nutkin_types::LogicalType as T;
use nutkin_types::arrow::arrow_type;
use nutkin_types::map::map_array;

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

pub(super) fn array(site: &Site<'_>) -> Result<Kernel, FunctionError> {
    let ArrowType::List(field) = arrow_type(&site.result.logical) else { return Err(broken(site)) };
    let columns: Vec<usize> = (0..site.args.len()).collect();
    Ok(Box::new(move |args| {
        let values = interleave(args, &columns)?;
        let offsets = OffsetBuffer::from_repeated_length(columns.len(), args.rows);
        Ok(Arc::new(ListArray::try_new(field.clone(), offsets, values, None)?))
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

/// Maps of type `logical` with so many entries each.
pub(super) fn map_of(
    logical: &T,
    keys: ArrayRef,
    values: ArrayRef,
    lengths: Vec<usize>,
    valid: Vec<bool>,
) -> Result<ArrayRef, EvaluationError> {
    let nulls = valid.contains(&false).then(|| NullBuffer::from(valid));
    Ok(map_array(logical, OffsetBuffer::from_lengths(lengths), keys, values, nulls)?)
}

pub(super) fn row(site: &Site<'_>) -> Result<Kernel, FunctionError> {
    let ArrowType::Struct(fields) = arrow_type(&site.result.logical) else { return Err(broken(site)) };
    Ok(Box::new(move |args| {
        let columns = (0..args.len()).map(|i| args.expanded(i)).collect::<Result<Vec<_>, _>>()?;
        Ok(Arc::new(StructArray::try_new(fields.clone(), columns, None)?))
    }))
}
