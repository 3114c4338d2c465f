//! Values in the order they came: FIRST_VALUE and LAST_VALUE of an input that retracts, LISTAGG, ARRAY_AGG.
//!
//! A retraction removes the first equal value, found by a walk over the slot's values: cheap for the short lists these
//! functions are made for. A retraction that overtakes its value is remembered until the value comes.

use std::any::Any;
use std::borrow::Borrow;
use std::collections::VecDeque;

use arrow_array::builder::StringBuilder;
use arrow_array::{Array, ArrayRef, BooleanArray};
use nutkin_types::DataType;

use super::codec::Codec;
use super::rows::Rows;
use super::{Accumulator, state};
use crate::error::AggregateError;

/// What is made of the values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Show {
    First,
    Last,
    /// Texts with the separator between.
    Joined(String),
    /// A JSON array of JSON texts.
    Json,
    Array,
}

#[derive(Debug, Clone)]
struct Values<K> {
    held: VecDeque<K>,
    /// Retractions whose value has not come yet.
    owed: Vec<K>,
}

impl<K> Default for Values<K> {
    fn default() -> Values<K> {
        Values { held: VecDeque::new(), owed: Vec::new() }
    }
}

pub(super) struct Sequence<C: Codec> {
    codec: C,
    data_type: DataType,
    result: DataType,
    show: Show,
    slots: Vec<Values<C::Key>>,
    entries: usize,
    heap: usize,
}

impl<C: Codec> Sequence<C> {
    pub fn new(data_type: &DataType, result: &DataType, show: Show) -> Result<Sequence<C>, AggregateError> {
        let codec = C::new(data_type)?;
        let (data_type, result) = (data_type.clone(), result.clone());
        Ok(Sequence { codec, data_type, result, show, slots: Vec::new(), entries: 0, heap: 0 })
    }

    fn add(&mut self, slot: usize, value: &C::Ref) {
        let values = &mut self.slots[slot];
        if let Some(at) = values.owed.iter().position(|owed| owed.borrow() == value) {
            values.owed.swap_remove(at);
            self.forget(value);
            return;
        }
        values.held.push_back(value.to_owned());
        self.remember(value);
    }

    fn remove(&mut self, slot: usize, value: &C::Ref) {
        let values = &mut self.slots[slot];
        match values.held.iter().position(|held| held.borrow() == value) {
            Some(at) => {
                values.held.remove(at);
                self.forget(value);
            }
            None => {
                values.owed.push(value.to_owned());
                self.remember(value);
            }
        }
    }

    fn remember(&mut self, value: &C::Ref) {
        self.entries += 1;
        self.heap += C::heap_size(value);
    }

    fn forget(&mut self, value: &C::Ref) {
        self.entries -= 1;
        self.heap -= C::heap_size(value);
    }

    /// The texts of each slot between `open` and `close`; NULL of none when those are empty.
    fn joined(&self, slots: &[u32], open: &str, separator: &str, close: &str) -> Result<ArrayRef, AggregateError> {
        let all = self
            .codec
            .build(slots.iter().flat_map(|&slot| self.held(slot).iter().map(|value| Some(value.borrow()))))?;
        let texts = arrow_array::cast::AsArray::as_string_opt::<i32>(&all);
        let texts = texts.ok_or_else(|| AggregateError::Internal("an aggregation of texts got none".to_owned()))?;
        let (mut builder, mut joined, mut at) = (StringBuilder::new(), String::new(), 0);
        for &slot in slots {
            let count = self.held(slot).len();
            joined.clear();
            joined.push_str(open);
            for i in at..at + count {
                if i > at {
                    joined.push_str(separator);
                }
                joined.push_str(texts.value(i));
            }
            joined.push_str(close);
            at += count;
            builder.append_option((count > 0 || !close.is_empty()).then_some(&joined));
        }
        Ok(std::sync::Arc::new(builder.finish()))
    }

    fn held(&self, slot: u32) -> &VecDeque<C::Key> {
        &self.slots[slot as usize].held
    }
}

impl<C: Codec> Accumulator for Sequence<C> {
    fn resize(&mut self, slots: usize) {
        self.slots.resize(slots.max(self.slots.len()), Values::default());
    }

    fn update(
        &mut self,
        slots: &[u32],
        kinds: Option<&[u8]>,
        args: &[ArrayRef],
        filter: Option<&BooleanArray>,
    ) -> Result<(), AggregateError> {
        let array = state::argument(args)?;
        let column = self.codec.open(array)?;
        // Only ARRAY_AGG keeps NULLs; its codec knows them.
        let nulls = array.logical_nulls().filter(|_| self.show != Show::Array);
        Rows { slots, kinds, filter }.for_each(nulls.as_ref(), |row, slot, adds| {
            let value = C::key(&column, row);
            if adds { self.add(slot, value) } else { self.remove(slot, value) }
        });
        Ok(())
    }

    fn merge(&mut self, into: &[u32], other: &dyn Accumulator, from: &[u32]) -> Result<(), AggregateError> {
        let other = state::same::<Sequence<C>>(other)?;
        for (&into, &from) in into.iter().zip(from) {
            let values = &other.slots[from as usize];
            values.held.iter().for_each(|value| self.add(into as usize, value.borrow()));
            values.owed.iter().for_each(|value| self.remove(into as usize, value.borrow()));
        }
        Ok(())
    }

    fn values(&self, slots: &[u32]) -> Result<ArrayRef, AggregateError> {
        match &self.show {
            Show::First => self.codec.build(slots.iter().map(|&slot| self.held(slot).front().map(Borrow::borrow))),
            Show::Last => self.codec.build(slots.iter().map(|&slot| self.held(slot).back().map(Borrow::borrow))),
            Show::Array => {
                let lists = slots.iter().map(|&slot| {
                    let held = self.held(slot);
                    (!held.is_empty()).then(|| held.iter().map(Borrow::borrow).collect())
                });
                state::lists(&self.codec, &self.result, lists)
            }
            Show::Joined(separator) => self.joined(slots, "", separator, ""),
            Show::Json => self.joined(slots, "[", ",", "]"),
        }
    }

    fn state_types(&self) -> Vec<DataType> {
        vec![state::list_type(&self.data_type), state::list_type(&self.data_type)]
    }

    fn export(&self, slots: &[u32]) -> Result<Vec<ArrayRef>, AggregateError> {
        let list_type = state::list_type(&self.data_type);
        let held = slots.iter().map(|&slot| Some(self.held(slot).iter().map(Borrow::borrow).collect()));
        let owed = slots.iter().map(|&slot| Some(self.slots[slot as usize].owed.iter().map(Borrow::borrow).collect()));
        Ok(vec![state::lists(&self.codec, &list_type, held)?, state::lists(&self.codec, &list_type, owed)?])
    }

    fn import(&mut self, slots: &[u32], columns: &[ArrayRef]) -> Result<(), AggregateError> {
        self.clear(slots);
        for (index, held) in [(0, true), (1, false)] {
            let array = state::column(columns, index)?.clone();
            let mut read = Vec::new();
            state::read_lists(&self.codec, &array, |row, key| read.push((row, key.to_owned())))?;
            for (row, key) in read {
                let slot = slots[row] as usize;
                if held { self.add(slot, key.borrow()) } else { self.remove(slot, key.borrow()) }
            }
        }
        Ok(())
    }

    fn clear(&mut self, slots: &[u32]) {
        for &slot in slots {
            let values = std::mem::take(&mut self.slots[slot as usize]);
            for value in values.held.iter().chain(&values.owed) {
                self.forget(value.borrow());
            }
        }
    }

    fn memory_size(&self) -> usize {
        self.slots.capacity() * size_of::<Values<C::Key>>() + self.entries * size_of::<C::Key>() + self.heap
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
