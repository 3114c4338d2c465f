//! Values with how often each came: MIN and MAX of an input that retracts, and COLLECT.
//!
//! A count may be below zero for a while when a retraction overtakes its value; such values do not show.

use std::any::Any;
use std::borrow::Borrow;
use std::collections::BTreeMap;

use arrow_array::{Array, ArrayRef, BooleanArray};
use nutkin_types::DataType;

use super::codec::Codec;
use super::rows::{Rows, Step};
use super::trace::{Folded, step_by_step};
use super::{Accumulator, Read, state};
use crate::error::AggregateError;

/// What is made of the counted values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Show {
    Least,
    Greatest,
    /// A MULTISET of all.
    All,
}

pub(super) struct Counted<C: Codec> {
    codec: C,
    data_type: DataType,
    result: DataType,
    show: Show,
    slots: Vec<BTreeMap<C::Key, i64>>,
    entries: usize,
    heap: usize,
}

impl<C: Codec> Counted<C> {
    pub fn new(data_type: &DataType, result: &DataType, show: Show) -> Result<Counted<C>, AggregateError> {
        let codec = C::new(data_type)?;
        let (data_type, result) = (data_type.clone(), result.clone());
        Ok(Counted { codec, data_type, result, show, slots: Vec::new(), entries: 0, heap: 0 })
    }

    fn add(&mut self, slot: usize, value: &C::Ref, change: i64) {
        let values = &mut self.slots[slot];
        match values.get_mut(value) {
            Some(count) => {
                *count += change;
                if *count == 0 {
                    values.remove(value);
                    self.entries -= 1;
                    self.heap -= C::heap_size(value);
                }
            }
            None => {
                values.insert(value.to_owned(), change);
                self.entries += 1;
                self.heap += C::heap_size(value);
            }
        }
    }

    fn shown(&self, slot: u32) -> impl DoubleEndedIterator<Item = (&C::Key, i64)> {
        self.slots[slot as usize].iter().map(|(key, count)| (key, *count)).filter(|(_, count)| *count > 0)
    }

    /// The least or the greatest value that shows.
    fn extreme(&self, slot: u32) -> Option<&C::Key> {
        let mut shown = self.shown(slot);
        let found = if self.show == Show::Greatest { shown.next_back() } else { shown.next() };
        found.map(|(key, _)| key)
    }
}

impl<C: Codec> Accumulator for Counted<C> {
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
        let array = state::argument(args)?;
        let column = self.codec.open(array)?;
        let nulls = array.logical_nulls();
        Rows { slots, kinds, filter }.for_each(nulls.as_ref(), |row, slot, adds| {
            self.add(slot, C::key(&column, row), if adds { 1 } else { -1 });
        });
        Ok(())
    }

    fn trace(
        &mut self,
        slots: &[u32],
        kinds: Option<&[u8]>,
        args: &[ArrayRef],
        filter: Option<&BooleanArray>,
        reads: &[Read],
    ) -> Result<ArrayRef, AggregateError> {
        if self.show == Show::All {
            return step_by_step(self, &Folded { slots, kinds, args, filter }, reads);
        }
        let array = state::argument(args)?;
        let column = self.codec.open(array)?;
        let (nulls, mut found) = (array.logical_nulls(), Vec::with_capacity(reads.len()));
        Rows { slots, kinds, filter }.for_each_and_read(nulls.as_ref(), reads, |step| match step {
            Step::Row { row, slot, adds } => self.add(slot, C::key(&column, row), if adds { 1 } else { -1 }),
            Step::Read { slot } => found.push(self.extreme(slot as u32).cloned()),
        });
        self.codec.build(found.iter().map(|value| value.as_ref().map(Borrow::borrow)))
    }

    fn merge(&mut self, into: &[u32], other: &dyn Accumulator, from: &[u32]) -> Result<(), AggregateError> {
        let other = state::same::<Counted<C>>(other)?;
        for (&into, &from) in into.iter().zip(from) {
            for (value, count) in &other.slots[from as usize] {
                self.add(into as usize, value.borrow(), *count);
            }
        }
        Ok(())
    }

    fn values(&self, slots: &[u32]) -> Result<ArrayRef, AggregateError> {
        match self.show {
            Show::Least | Show::Greatest => {
                self.codec.build(slots.iter().map(|&slot| self.extreme(slot).map(Borrow::borrow)))
            }
            Show::All => {
                let (mut keys, mut counts, mut lengths) = (Vec::new(), Vec::new(), Vec::new());
                for &slot in slots {
                    let before = keys.len();
                    for (key, count) in self.shown(slot) {
                        keys.push(Some(key.borrow()));
                        counts.push(count);
                    }
                    lengths.push(keys.len() - before);
                }
                let keys = self.codec.build(keys.into_iter())?;
                state::map(&self.result, keys, state::int_counts(counts), lengths, None)
            }
        }
    }

    fn state_types(&self) -> Vec<DataType> {
        vec![state::counts_type(&self.data_type)]
    }

    fn export(&self, slots: &[u32]) -> Result<Vec<ArrayRef>, AggregateError> {
        let entries = slots
            .iter()
            .map(|&slot| self.slots[slot as usize].iter().map(|(key, count)| (key.borrow(), *count)).collect());
        Ok(vec![state::counts(&self.codec, &self.data_type, entries)?])
    }

    fn import(&mut self, slots: &[u32], columns: &[ArrayRef]) -> Result<(), AggregateError> {
        self.clear(slots);
        let array = state::column(columns, 0)?.clone();
        let mut read = Vec::new();
        state::read_counts(&self.codec, &array, |row, key, count| read.push((row, key.to_owned(), count)))?;
        for (row, key, count) in read {
            self.add(slots[row] as usize, key.borrow(), count);
        }
        Ok(())
    }

    fn clear(&mut self, slots: &[u32]) {
        for &slot in slots {
            let values = std::mem::take(&mut self.slots[slot as usize]);
            self.entries -= values.len();
            self.heap -= values.keys().map(|key| C::heap_size(key.borrow())).sum::<usize>();
        }
    }

    fn memory_size(&self) -> usize {
        self.slots.capacity() * size_of::<BTreeMap<C::Key, i64>>()
            + self.entries * (size_of::<C::Key>() + size_of::<i64>())
            + self.heap
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
