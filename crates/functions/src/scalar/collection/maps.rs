//! MAP_ENTRIES, MAP_FROM_ARRAYS, MAP_UNION.

use std::collections::HashSet;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, ListArray, StructArray};
use arrow_schema::DataType as ArrowType;
use nutkin_types::map::map_keys;
use nutkin_types::{DataType, LogicalType as T};

use super::construct::map_of;
use super::lists::{Lists, element_field, keys};
use crate::error::{EvaluationError, FunctionError, SignatureError};
use crate::keys::KeyEncoder;
use crate::registry::{Family, Kernel, ScalarFunction, Site};
use crate::signature::{Argument, Inferred, Of, Param, any_nullable, is_nullable};

pub(in crate::scalar) const FUNCTIONS: &[ScalarFunction] = &[
    ScalarFunction::new(
        "MAP_ENTRIES",
        Family::Collection,
        "MAP_ENTRIES(map)",
        "The entries as an array of rows of key and value.",
        entries_type,
        entries,
    )
    .examples(&[("MAP_ENTRIES(MAP['a', 1])", "[(a, 1)]")]),
    ScalarFunction::new(
        "MAP_FROM_ARRAYS",
        Family::Collection,
        "MAP_FROM_ARRAYS(keys, values)",
        "A map of the keys and the values at the same places; an error if one array is longer.",
        from_arrays_type,
        from_arrays,
    )
    .examples(&[("MAP_FROM_ARRAYS(ARRAY['a', 'b'], ARRAY[1, 2])", "{a=1, b=2}")]),
    ScalarFunction::new(
        "MAP_UNION",
        Family::Collection,
        "MAP_UNION(map, ...)",
        "The entries of all maps, the last map's first; of equal keys the last map's counts. NULL if one map is NULL.",
        union_type,
        union,
    )
    .examples(&[("MAP_UNION(MAP['a', 1, 'b', 2], MAP['b', 3])", "{b=3, a=1}")]),
];

fn entries_type(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    let [arg] = args else { return Err(of.count(args.len())) };
    let T::Map { key, value } = &arg.data_type.logical else { return Err(of.wrong(0, arg.data_type, "a MAP")) };
    let row = T::row([("key", key.as_ref().clone()), ("value", value.as_ref().clone())]).nullable();
    let result = DataType::new(T::array(row), is_nullable(arg));
    Ok(Inferred { arg_types: vec![arg.data_type.clone()], result })
}

fn from_arrays_type(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    let arg_types = of.check(args, &[Param::Array, Param::Array], 0)?;
    match (&arg_types[0].logical, &arg_types[1].logical) {
        (T::Array { element: key }, T::Array { element: value }) => {
            let map = T::map(key.as_ref().clone(), value.as_ref().clone());
            Ok(Inferred { result: DataType::new(map, any_nullable(args)), arg_types })
        }
        _ => Err(of.count(args.len())),
    }
}

fn union_type(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    let common = of.common(args)?;
    if !matches!(common.logical, T::Map { .. }) {
        return Err(of.wrong(0, args[0].data_type, "a MAP"));
    }
    let arg_types = args.iter().map(|arg| DataType::new(common.logical.clone(), arg.data_type.nullable)).collect();
    Ok(Inferred { arg_types, result: common })
}

fn no_map(array: &ArrayRef) -> EvaluationError {
    EvaluationError::Internal(format!("a map function on {}", array.data_type()))
}

/// Keys and values are the map's own arrays.
fn entries(site: &Site<'_>) -> Result<Kernel, FunctionError> {
    let field = element_field(site)?;
    let ArrowType::Struct(fields) = field.data_type().clone() else {
        return Err(FunctionError::Inconsistent(format!("entries of a map as {}", site.result)));
    };
    Ok(Box::new(move |args| {
        let array = args.array(0)?;
        let map = array.as_map_opt().ok_or_else(|| no_map(array))?;
        let rows = StructArray::try_new(fields.clone(), vec![map_keys(map).clone(), map.values().clone()], None)?;
        Ok(Arc::new(ListArray::try_new(field.clone(), map.offsets().clone(), Arc::new(rows), map.nulls().cloned())?))
    }))
}

/// Where the entries of the resulting maps are.
#[derive(Default)]
struct Entries {
    keys: Vec<(usize, usize)>,
    values: Vec<(usize, usize)>,
    lengths: Vec<usize>,
    valid: Vec<bool>,
}

impl Entries {
    fn row(&mut self, entries: impl Iterator<Item = ((usize, usize), (usize, usize))>) {
        let begun = self.keys.len();
        for (key, value) in entries {
            self.keys.push(key);
            self.values.push(value);
        }
        self.lengths.push(self.keys.len() - begun);
        self.valid.push(true);
    }

    fn null(&mut self) {
        self.lengths.push(0);
        self.valid.push(false);
    }

    fn finish(self, keys: &[&dyn Array], values: &[&dyn Array], map: &T) -> Result<ArrayRef, EvaluationError> {
        let keys = arrow_select::interleave::interleave(keys, &self.keys)?;
        let values = arrow_select::interleave::interleave(values, &self.values)?;
        map_of(map, keys, values, self.lengths, self.valid)
    }
}

/// As in Flink, a key that comes twice is kept twice.
fn from_arrays(site: &Site<'_>) -> Result<Kernel, FunctionError> {
    let map = site.result.logical.clone();
    Ok(Box::new(move |args| {
        let (key_lists, value_lists) = (Lists::of(args, 0)?, Lists::of(args, 1)?);
        let mut found = Entries::default();
        for row in 0..args.rows {
            let (Some(keys), Some(values)) = (key_lists.row(row), value_lists.row(row)) else {
                found.null();
                continue;
            };
            if keys.len() != values.len() {
                return Err(EvaluationError::InvalidArgument {
                    function: "MAP_FROM_ARRAYS",
                    value: format!("arrays of {} and {}", keys.len(), values.len()),
                    reason: format!(
                        "The length of the keys array {} is not equal to the length of the values array {}",
                        keys.len(),
                        values.len()
                    ),
                });
            }
            found.row(keys.zip(values).map(|(key, value)| ((0, key), (0, value))));
        }
        found.finish(&[key_lists.values().as_ref()], &[value_lists.values().as_ref()], &map)
    }))
}

/// Flink begins with the last map; of the maps before, the keys follow that are new.
fn union(site: &Site<'_>) -> Result<Kernel, FunctionError> {
    let map = site.result.logical.clone();
    Ok(Box::new(move |args| {
        let arrays = (0..args.len()).map(|i| args.array(i)).collect::<Result<Vec<_>, _>>()?;
        let maps = arrays
            .iter()
            .map(|array| array.as_map_opt().ok_or_else(|| no_map(array)))
            .collect::<Result<Vec<_>, _>>()?;
        let bytes = maps.iter().map(|map| keys(map_keys(map))).collect::<Result<Vec<KeyEncoder>, _>>()?;
        let (mut found, mut known) = (Entries::default(), HashSet::new());
        for row in 0..args.rows {
            if maps.iter().enumerate().any(|(i, map)| map.is_null(args.position(i, row))) {
                found.null();
                continue;
            }
            known.clear();
            let entries = maps.iter().enumerate().rev().flat_map(|(i, map)| {
                let place = args.position(i, row);
                let range = map.offsets()[place] as usize..map.offsets()[place + 1] as usize;
                range.map(move |at| (i, at))
            });
            found.row(entries.filter(|&(i, at)| known.insert(bytes[i].key(at))).map(|place| (place, place)));
        }
        let key_arrays: Vec<&dyn Array> = maps.iter().map(|map| map_keys(map).as_ref()).collect();
        let value_arrays: Vec<&dyn Array> = maps.iter().map(|map| map.values().as_ref()).collect();
        found.finish(&key_arrays, &value_arrays, &map)
    }))
}
