//! LAG over a stream: the value some rows before, out of the last values of each slot.
//!
//! Values are only kept as far back as the offset of the last row reaches.

use std::any::Any;
use std::borrow::Borrow;
use std::collections::VecDeque;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, ArrayRef, BooleanArray, Int64Array};
use arrow_schema::DataType as ArrowType;
use nutkin_types::{DataType, LogicalType as T, Value, value};

use super::codec::{Codec, Nested, with_codec};
use super::rows::Rows;
use super::{Accumulator, AggregateFunction, AggregateOptions, state};
use crate::error::{AggregateError, SignatureError};
use crate::signature::{Argument, Inferred, Of};

pub(super) static LAG: AggregateFunction = AggregateFunction {
    name: "LAG",
    aliases: &[],
    signature: "LAG(value[, offset[, default]]) OVER (...)",
    description: "The value of the row that is offset rows (by default 1) before this one, or the default where there is none.",
    retractable: false,
    types,
    create: |options| {
        let arg = state::argument_type(options)?;
        match arg.logical {
            T::Map { .. } | T::Multiset { .. } => Ok(Box::new(Lag::<Nested>::new(options)?)),
            _ => with_codec!(arg, C => Ok(Box::new(Lag::<C>::new(options)?))),
        }
    },
};

fn types(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    let [value, ..] = args else { return Err(of.count(0)) };
    if args.len() > 3 {
        return Err(of.count(args.len()));
    }
    if value.data_type.logical == T::Variant {
        return Err(of.wrong(0, value.data_type, "any type but VARIANT"));
    }
    let types = [value.data_type.clone(), T::BigInt.not_null(), value.data_type.with_nullable(true)];
    Ok(Inferred { arg_types: types[..args.len()].to_vec(), result: value.data_type.with_nullable(true) })
}

/// The last values of a slot.
#[derive(Debug, Clone)]
struct Tail<K> {
    /// Oldest first; the value of the last row is the last.
    values: VecDeque<Option<K>>,
    /// Offset and default of the last row.
    offset: i64,
    default: Option<K>,
}

impl<K> Default for Tail<K> {
    fn default() -> Tail<K> {
        Tail { values: VecDeque::new(), offset: 1, default: None }
    }
}

struct Lag<C: Codec> {
    codec: C,
    data_type: DataType,
    /// Constants after the columns.
    literals: Vec<Value>,
    columns: usize,
    slots: Vec<Tail<C::Key>>,
}

impl<C: Codec> Lag<C> {
    fn new(options: &AggregateOptions<'_>) -> Result<Lag<C>, AggregateError> {
        let arg = state::argument_type(options)?;
        Ok(Lag {
            codec: C::new(arg)?,
            data_type: arg.with_nullable(true),
            literals: options.literals.to_vec(),
            columns: options.arg_types.len(),
            slots: Vec::new(),
        })
    }

    /// Argument `index` of all rows: a column that came, or a constant repeated.
    fn argument(
        &self,
        args: &[ArrayRef],
        index: usize,
        logical: &T,
        rows: usize,
    ) -> Result<Option<ArrayRef>, AggregateError> {
        if let Some(array) = args.get(index) {
            return Ok(Some(array.clone()));
        }
        let Some(literal) = index.checked_sub(self.columns).and_then(|at| self.literals.get(at)) else {
            return Ok(None);
        };
        let constants: Vec<&Value> = std::iter::repeat_n(literal, rows).collect();
        Ok(Some(value::array_of(&constants, logical)?))
    }

    fn keys(&self, array: Option<&ArrayRef>, rows: usize) -> Result<Vec<Option<C::Key>>, AggregateError> {
        let Some(array) = array else { return Ok(vec![None; rows]) };
        let (column, nulls) = (self.codec.open(array)?, array.logical_nulls());
        let key = |row| C::key(&column, row).to_owned();
        Ok((0..rows).map(|row| nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row)).then(|| key(row))).collect())
    }
}

impl<C: Codec> Accumulator for Lag<C> {
    fn resize(&mut self, slots: usize) {
        self.slots.resize(slots.max(self.slots.len()), Tail::default());
    }

    fn update(
        &mut self,
        slots: &[u32],
        kinds: Option<&[u8]>,
        args: &[ArrayRef],
        filter: Option<&BooleanArray>,
    ) -> Result<(), AggregateError> {
        let rows = slots.len();
        let offsets = self.argument(args, 1, &T::BigInt, rows)?;
        let offsets = offsets.map(|offsets| arrow_cast::cast(&offsets, &ArrowType::Int64)).transpose()?;
        let offsets = offsets.as_ref().map(|offsets| offsets.as_primitive::<Int64Type>());
        let logical = self.data_type.logical.clone();
        let defaults = self.argument(args, 2, &logical, rows)?;
        let mut values = self.keys(Some(state::argument(args)?), rows)?;
        let mut defaults = self.keys(defaults.as_ref(), rows)?;
        Rows { slots, kinds, filter }.for_each(None, |row, slot, _| {
            let tail = &mut self.slots[slot];
            tail.offset = offsets.map_or(1, |offsets| offsets.value(row)).max(0);
            tail.default = defaults[row].take();
            tail.values.push_back(values[row].take());
            while tail.values.len() as i64 > tail.offset + 1 {
                tail.values.pop_front();
            }
        });
        Ok(())
    }

    fn merge(&mut self, into: &[u32], other: &dyn Accumulator, from: &[u32]) -> Result<(), AggregateError> {
        let other = state::same::<Lag<C>>(other)?;
        for (&into, &from) in into.iter().zip(from) {
            self.slots[into as usize] = other.slots[from as usize].clone();
        }
        Ok(())
    }

    fn values(&self, slots: &[u32]) -> Result<ArrayRef, AggregateError> {
        self.codec.build(slots.iter().map(|&slot| {
            let tail = &self.slots[slot as usize];
            let found =
                if (tail.values.len() as i64) > tail.offset { tail.values.front() } else { Some(&tail.default) };
            found.and_then(|value| value.as_ref()).map(Borrow::borrow)
        }))
    }

    fn state_types(&self) -> Vec<DataType> {
        let values = T::array(T::Boolean.not_null()).not_null();
        vec![state::list_type(&self.data_type), values, T::BigInt.not_null(), self.data_type.clone()]
    }

    fn export(&self, slots: &[u32]) -> Result<Vec<ArrayRef>, AggregateError> {
        let tails = || slots.iter().map(|&slot| &self.slots[slot as usize]);
        let known = tails().map(|tail| Some(tail.values.iter().flatten().map(Borrow::borrow).collect()));
        let known = state::lists(&self.codec, &state::list_type(&self.data_type), known)?;
        let present: Vec<Value> = tails()
            .map(|tail| Value::List(tail.values.iter().map(|value| Value::Boolean(value.is_some())).collect()))
            .collect();
        let present = value::array_of(&present.iter().collect::<Vec<_>>(), &T::array(T::Boolean.not_null()))?;
        let offsets = Int64Array::from_iter_values(tails().map(|tail| tail.offset));
        let defaults = self.codec.build(tails().map(|tail| tail.default.as_ref().map(Borrow::borrow)))?;
        Ok(vec![known, present, std::sync::Arc::new(offsets), defaults])
    }

    fn import(&mut self, slots: &[u32], columns: &[ArrayRef]) -> Result<(), AggregateError> {
        let mut known: Vec<VecDeque<C::Key>> = vec![VecDeque::new(); slots.len()];
        state::read_lists(&self.codec, state::column(columns, 0)?, |row, key| known[row].push_back(key.to_owned()))?;
        let present = state::column(columns, 1)?.as_list_opt::<i32>();
        let present = present.ok_or_else(|| AggregateError::Internal("the state of LAG has no lists".to_owned()))?;
        let offsets = state::numbers::<Int64Type>(columns, 2)?;
        let defaults = self.keys(Some(state::column(columns, 3)?), slots.len())?;
        for (row, (&slot, default)) in slots.iter().zip(defaults).enumerate() {
            let flags = present.value(row);
            let flags = flags.as_boolean();
            let values = flags.iter().map(|flag| if flag == Some(true) { known[row].pop_front() } else { None });
            self.slots[slot as usize] = Tail { values: values.collect(), offset: offsets.value(row), default };
        }
        Ok(())
    }

    fn clear(&mut self, slots: &[u32]) {
        slots.iter().for_each(|&slot| self.slots[slot as usize] = Tail::default());
    }

    fn memory_size(&self) -> usize {
        let heap = |key: &Option<C::Key>| key.as_ref().map_or(0, |key| C::heap_size(key.borrow()));
        let values = self.slots.iter().map(|tail| {
            tail.values.iter().map(heap).sum::<usize>() + tail.values.capacity() * size_of::<Option<C::Key>>()
        });
        values.sum::<usize>() + self.slots.capacity() * size_of::<Tail<C::Key>>()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
