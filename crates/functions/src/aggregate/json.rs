//! JSON_OBJECTAGG and JSON_ARRAYAGG. Their values come as JSON text: the analysis puts JSON_STRING around them, and with
//! NULL ON NULL a `null` in the place of NULL. NULL is left out here.

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::builder::StringBuilder;
use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, BooleanArray, StringArray};
use arrow_buffer::NullBuffer;
use nutkin_types::map::map_keys;
use nutkin_types::{DataType, LogicalType as T};

use super::codec::Bytes;
use super::rows::Rows;
use super::sequence::{Sequence, Show};
use super::{Accumulator, AggregateFunction, state};
use crate::error::{AggregateError, EvaluationError};
use crate::json::write::{by_utf16, separate, write_text};
use crate::signature::{Inferred, Param};

/// What Flink declares.
const RESULT: T = T::VarChar { length: 2000 };

pub(super) static JSON_ARRAYAGG: AggregateFunction = AggregateFunction {
    name: "JSON_ARRAYAGG",
    aliases: &[],
    signature: "JSON_ARRAYAGG(value [{ NULL | ABSENT } ON NULL])",
    description: "A JSON array of the values in the order they came. NULLs are left out unless NULL ON NULL.",
    retractable: true,
    types: |of, args| Ok(Inferred { arg_types: of.check(args, &[Param::Text], 0)?, result: RESULT.not_null() }),
    create: |options| {
        let arg = state::argument_type(options)?;
        Ok(Box::new(Sequence::<Bytes>::new(arg, options.result, Show::Json)?))
    },
};

pub(super) static JSON_OBJECTAGG: AggregateFunction = AggregateFunction {
    name: "JSON_OBJECTAGG",
    aliases: &[],
    signature: "JSON_OBJECTAGG([KEY] key VALUE value [{ NULL | ABSENT } ON NULL])",
    description: "A JSON object of the keys and values, sorted by key; a key that comes twice or is NULL is an error.",
    retractable: true,
    types: |of, args| {
        let arg_types = of.check(args, &[Param::Text, Param::Text], 0)?;
        Ok(Inferred { arg_types, result: RESULT.not_null() })
    },
    create: |_| Ok(Box::new(Objects { slots: Vec::new() })),
};

/// Key to JSON text.
#[derive(Default)]
struct Objects {
    slots: Vec<BTreeMap<String, String>>,
}

fn text(args: &[ArrayRef], index: usize) -> Result<&StringArray, AggregateError> {
    let array = state::column(args, index)?;
    array.as_string_opt::<i32>().ok_or_else(|| AggregateError::Internal("JSON_OBJECTAGG of no texts".to_owned()))
}

fn refused(value: String, reason: &str) -> AggregateError {
    let reason = reason.to_owned();
    AggregateError::Evaluation(EvaluationError::InvalidArgument { function: "JSON_OBJECTAGG", value, reason })
}

fn state_type() -> DataType {
    T::map(T::STRING.not_null(), T::STRING.not_null()).not_null()
}

impl Accumulator for Objects {
    fn resize(&mut self, slots: usize) {
        self.slots.resize(slots.max(self.slots.len()), BTreeMap::new());
    }

    fn update(
        &mut self,
        slots: &[u32],
        kinds: Option<&[u8]>,
        args: &[ArrayRef],
        filter: Option<&BooleanArray>,
    ) -> Result<(), AggregateError> {
        let (keys, values) = (text(args, 0)?, text(args, 1)?);
        let rows = Rows { slots, kinds, filter };
        let (mut without_key, mut twice) = (false, None);
        let is_key_null =
            keys.nulls().filter(|nulls| nulls.null_count() > 0).map(|nulls| NullBuffer::new(!nulls.inner()));
        if is_key_null.is_some() {
            rows.for_each(is_key_null.as_ref(), |_, _, _| without_key = true);
        }
        if without_key {
            return Err(refused("NULL".to_owned(), "a key must not be NULL"));
        }
        rows.for_each(values.nulls(), |row, slot, adds| {
            if adds {
                let before = self.slots[slot].insert(keys.value(row).to_owned(), values.value(row).to_owned());
                twice = twice.or(before.map(|_| row));
            } else if self.slots[slot].get(keys.value(row)).is_some_and(|known| known == values.value(row)) {
                self.slots[slot].remove(keys.value(row));
            }
        });
        match twice {
            None => Ok(()),
            Some(row) => Err(refused(keys.value(row).to_owned(), "the key is already present; keys must be unique")),
        }
    }

    fn merge(&mut self, into: &[u32], other: &dyn Accumulator, from: &[u32]) -> Result<(), AggregateError> {
        let other = state::same::<Objects>(other)?;
        for (&into, &from) in into.iter().zip(from) {
            let entries = other.slots[from as usize].iter().map(|(key, value)| (key.clone(), value.clone()));
            self.slots[into as usize].extend(entries);
        }
        Ok(())
    }

    fn values(&self, slots: &[u32]) -> Result<ArrayRef, AggregateError> {
        let (mut builder, mut out) = (StringBuilder::new(), String::new());
        for &slot in slots {
            let mut entries: Vec<_> = self.slots[slot as usize].iter().collect();
            entries.sort_by(|(a, _), (b, _)| by_utf16(a, b));
            out.clear();
            out.push('{');
            for (i, (key, value)) in entries.into_iter().enumerate() {
                separate(i, &mut out);
                write_text(key, &mut out);
                out.push(':');
                out.push_str(value);
            }
            out.push('}');
            builder.append_value(&out);
        }
        Ok(Arc::new(builder.finish()))
    }

    fn state_types(&self) -> Vec<DataType> {
        vec![state_type()]
    }

    fn export(&self, slots: &[u32]) -> Result<Vec<ArrayRef>, AggregateError> {
        let maps = slots.iter().map(|&slot| &self.slots[slot as usize]);
        let keys = StringArray::from_iter_values(maps.clone().flat_map(|map| map.keys()));
        let values = StringArray::from_iter_values(maps.clone().flat_map(|map| map.values()));
        let lengths = maps.map(BTreeMap::len).collect();
        Ok(vec![state::map(&state_type(), Arc::new(keys), Arc::new(values), lengths, None)?])
    }

    fn import(&mut self, slots: &[u32], columns: &[ArrayRef]) -> Result<(), AggregateError> {
        self.clear(slots);
        let broken = || AggregateError::Internal("the state of JSON_OBJECTAGG has another type".to_owned());
        let maps = state::column(columns, 0)?.as_map_opt().ok_or_else(broken)?;
        let keys = map_keys(maps).as_string_opt::<i32>().ok_or_else(broken)?;
        let values = maps.values().as_string_opt::<i32>().ok_or_else(broken)?;
        for (row, &slot) in slots.iter().enumerate() {
            let range = maps.offsets()[row] as usize..maps.offsets()[row + 1] as usize;
            let entries = range.map(|at| (keys.value(at).to_owned(), values.value(at).to_owned()));
            self.slots[slot as usize].extend(entries);
        }
        Ok(())
    }

    fn clear(&mut self, slots: &[u32]) {
        slots.iter().for_each(|&slot| self.slots[slot as usize].clear());
    }

    fn memory_size(&self) -> usize {
        let texts = self.slots.iter().flatten().map(|(key, value)| key.len() + value.len() + 2 * size_of::<String>());
        self.slots.capacity() * size_of::<BTreeMap<String, String>>() + texts.sum::<usize>()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
