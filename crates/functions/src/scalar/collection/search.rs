//! What is read out of arrays and maps.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int32Type;
use arrow_array::{Array, ArrayRef, ListArray, UInt32Array};
use arrow_schema::DataType as ArrowType;
use nutkin_types::arrow::arrow_type;
use nutkin_types::map::map_keys;

use crate::args::Args;
use crate::error::{EvaluationError, FunctionError};
use crate::keys;
use crate::registry::{Kernel, Site};

fn other(array: &ArrayRef) -> EvaluationError {
    EvaluationError::Internal(format!("a collection function on {}", array.data_type()))
}

/// Start and length of the elements of `row` of a list or map; None for NULL.
fn extent(array: &ArrayRef, row: usize) -> Result<Option<(usize, usize)>, EvaluationError> {
    if array.is_null(row) {
        return Ok(None);
    }
    let offsets = match array.data_type() {
        ArrowType::List(_) => array.as_list::<i32>().offsets(),
        ArrowType::Map(_, _) => array.as_map().offsets(),
        _ => return Err(other(array)),
    };
    let (start, end) = (offsets[row] as usize, offsets[row + 1] as usize);
    Ok(Some((start, end - start)))
}

/// Keys of a map and what is looked for among them, both of one type: numbers of two types as the wider ones.
fn comparable(keys: &ArrayRef, wanted: &ArrayRef) -> Result<(ArrayRef, ArrayRef), EvaluationError> {
    let (one, other) = (keys.data_type(), wanted.data_type());
    if one == other || !one.is_numeric() || !other.is_numeric() {
        return Ok((keys.clone(), wanted.clone()));
    }
    let wide = if one.is_floating() || other.is_floating() { ArrowType::Float64 } else { ArrowType::Int64 };
    Ok((arrow_cast::cast(keys, &wide)?, arrow_cast::cast(wanted, &wide)?))
}

pub(super) fn item(args: &Args<'_>) -> Result<ArrayRef, EvaluationError> {
    let array = args.array(0)?;
    match array.data_type() {
        ArrowType::List(_) => {
            let indices = args.ints(1)?;
            let places: UInt32Array = args.build_numbers(|row| {
                let (Some((start, length)), Some(index)) = (extent(array, args.position(0, row))?, indices.get(row))
                else {
                    return Ok(None);
                };
                let inside = index >= 1 && index as usize <= length;
                Ok(inside.then(|| (start + index as usize - 1) as u32))
            })?;
            Ok(arrow_select::take::take(array.as_list::<i32>().values(), &places, None)?)
        }
        ArrowType::Map(_, _) => {
            let map = array.as_map();
            let (map_keys, wanted) = comparable(map_keys(map), args.array(1)?)?;
            let (mut key, mut bytes) = (Vec::new(), Vec::new());
            let places: UInt32Array = args.build_numbers(|row| {
                let place = args.position(1, row);
                let Some((start, length)) = extent(array, args.position(0, row))? else { return Ok(None) };
                if wanted.is_null(place) {
                    return Ok(None);
                }
                key.clear();
                keys::write_value(wanted.as_ref(), place, &mut key)?;
                for at in start..start + length {
                    bytes.clear();
                    keys::write_value(map_keys.as_ref(), at, &mut bytes)?;
                    if bytes == key {
                        return Ok(Some(at as u32));
                    }
                }
                Ok(None)
            })?;
            Ok(arrow_select::take::take(map.values(), &places, None)?)
        }
        _ => Err(other(array)),
    }
}

pub(super) fn cardinality(args: &Args<'_>) -> Result<ArrayRef, EvaluationError> {
    let array = args.array(0)?;
    Ok(Arc::new(args.build_numbers::<Int32Type>(|row| {
        Ok(extent(array, args.position(0, row))?.map(|(_, length)| length as i32))
    })?))
}

pub(super) fn element(args: &Args<'_>) -> Result<ArrayRef, EvaluationError> {
    let array = args.array(0)?;
    let places: UInt32Array = args.build_numbers(|row| match extent(array, args.position(0, row))? {
        None | Some((_, 0)) => Ok(None),
        Some((start, 1)) => Ok(Some(start as u32)),
        Some((_, length)) => Err(EvaluationError::InvalidArgument {
            function: "ELEMENT",
            value: format!("an array of {length}"),
            reason: "it has more than one element".to_owned(),
        }),
    })?;
    let values = array.as_list_opt::<i32>().ok_or_else(|| other(array))?.values();
    Ok(arrow_select::take::take(values, &places, None)?)
}

pub(super) fn contains(args: &Args<'_>) -> Result<ArrayRef, EvaluationError> {
    let (array, wanted) = (args.array(0)?, args.array(1)?);
    let values = array.as_list_opt::<i32>().ok_or_else(|| other(array))?.values();
    let (mut key, mut bytes) = (Vec::new(), Vec::new());
    args.build_booleans(|row| {
        let Some((start, length)) = extent(array, args.position(0, row))? else { return Ok(None) };
        key.clear();
        keys::write_value(wanted.as_ref(), args.position(1, row), &mut key)?;
        for at in start..start + length {
            bytes.clear();
            keys::write_value(values.as_ref(), at, &mut bytes)?;
            if bytes == key {
                return Ok(Some(true));
            }
        }
        Ok(Some(false))
    })
}

/// Keys or values of a map as a list that shares the map's offsets.
pub(super) fn map_part(site: &Site<'_>, keys: bool) -> Result<Kernel, FunctionError> {
    let ArrowType::List(field) = arrow_type(&site.result.logical) else {
        return Err(FunctionError::Inconsistent(format!("parts of a map as {}", site.result)));
    };
    Ok(Box::new(move |args| {
        let array = args.array(0)?;
        let map = array.as_map_opt().ok_or_else(|| other(array))?;
        let values = if keys { map_keys(map) } else { map.values() };
        Ok(Arc::new(ListArray::try_new(field.clone(), map.offsets().clone(), values.clone(), map.nulls().cloned())?))
    }))
}
