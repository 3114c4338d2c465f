//! MIN, MAX, FIRST_VALUE, LAST_VALUE of an append-only input: one value per slot.

use std::any::Any;

use arrow_array::{Array, ArrayRef, BooleanArray};
use nutkin_types::DataType;

use super::codec::Codec;
use super::rows::{Rows, Step};
use super::{Accumulator, Read, state};
use crate::error::AggregateError;

/// Which value stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keep {
    Least,
    Greatest,
    First,
    Last,
}

pub(super) struct Single<C: Codec> {
    codec: C,
    data_type: DataType,
    keep: Keep,
    slots: Vec<Option<C::Key>>,
    heap: usize,
}

impl<C: Codec> Single<C> {
    pub fn new(data_type: &DataType, keep: Keep) -> Result<Single<C>, AggregateError> {
        Ok(Single { codec: C::new(data_type)?, data_type: data_type.clone(), keep, slots: Vec::new(), heap: 0 })
    }

    fn offer(&mut self, slot: usize, value: &C::Ref) {
        use std::borrow::Borrow;
        let taken = match (&self.slots[slot], self.keep) {
            (None, _) | (Some(_), Keep::Last) => true,
            (Some(_), Keep::First) => false,
            (Some(held), Keep::Least) => value < held.borrow() && self.are_ordered(value, held),
            (Some(held), Keep::Greatest) => value > held.borrow() && self.are_ordered(value, held),
        };
        if taken {
            self.put(slot, Some(value.to_owned()));
        }
    }

    /// A NaN stays when it came first, and does not replace another value, as in Flink.
    fn are_ordered(&self, value: &C::Ref, held: &C::Key) -> bool {
        use std::borrow::Borrow;
        C::is_ordered(value, &self.data_type) && C::is_ordered(held.borrow(), &self.data_type)
    }

    fn put(&mut self, slot: usize, value: Option<C::Key>) {
        use std::borrow::Borrow;
        let size = |key: &Option<C::Key>| key.as_ref().map_or(0, |key| C::heap_size(key.borrow()));
        self.heap = self.heap + size(&value) - size(&self.slots[slot]);
        self.slots[slot] = value;
    }
}

fn retraction() -> AggregateError {
    AggregateError::Internal("a retraction reached an append-only accumulator".to_owned())
}

impl<C: Codec> Accumulator for Single<C> {
    fn resize(&mut self, slots: usize) {
        self.slots.resize(slots.max(self.slots.len()), None);
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
        let mut retracted = false;
        Rows { slots, kinds, filter }.for_each(nulls.as_ref(), |row, slot, adds| {
            retracted |= !adds;
            self.offer(slot, C::key(&column, row));
        });
        if retracted { Err(retraction()) } else { Ok(()) }
    }

    fn trace(
        &mut self,
        slots: &[u32],
        kinds: Option<&[u8]>,
        args: &[ArrayRef],
        filter: Option<&BooleanArray>,
        reads: &[Read],
    ) -> Result<ArrayRef, AggregateError> {
        use std::borrow::Borrow;
        let array = state::argument(args)?;
        let column = self.codec.open(array)?;
        let (mut retracted, mut found) = (false, Vec::with_capacity(reads.len()));
        let nulls = array.logical_nulls();
        Rows { slots, kinds, filter }.for_each_and_read(nulls.as_ref(), reads, |step| match step {
            Step::Row { row, slot, adds } => {
                retracted |= !adds;
                self.offer(slot, C::key(&column, row));
            }
            Step::Read { slot } => found.push(self.slots[slot].clone()),
        });
        if retracted {
            return Err(retraction());
        }
        self.codec.build(found.iter().map(|value| value.as_ref().map(Borrow::borrow)))
    }

    fn merge(&mut self, into: &[u32], other: &dyn Accumulator, from: &[u32]) -> Result<(), AggregateError> {
        use std::borrow::Borrow;
        let other = state::same::<Single<C>>(other)?;
        for (&into, &from) in into.iter().zip(from) {
            if let Some(value) = &other.slots[from as usize] {
                self.offer(into as usize, value.borrow());
            }
        }
        Ok(())
    }

    fn values(&self, slots: &[u32]) -> Result<ArrayRef, AggregateError> {
        use std::borrow::Borrow;
        self.codec.build(slots.iter().map(|&slot| self.slots[slot as usize].as_ref().map(Borrow::borrow)))
    }

    fn state_types(&self) -> Vec<DataType> {
        vec![self.data_type.with_nullable(true)]
    }

    fn export(&self, slots: &[u32]) -> Result<Vec<ArrayRef>, AggregateError> {
        Ok(vec![self.values(slots)?])
    }

    fn import(&mut self, slots: &[u32], columns: &[ArrayRef]) -> Result<(), AggregateError> {
        let array = state::column(columns, 0)?;
        let column = self.codec.open(array)?;
        let nulls = array.logical_nulls();
        for (row, &slot) in slots.iter().enumerate() {
            let valid = nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row));
            self.put(slot as usize, valid.then(|| C::key(&column, row).to_owned()));
        }
        Ok(())
    }

    fn clear(&mut self, slots: &[u32]) {
        slots.iter().for_each(|&slot| self.put(slot as usize, None));
    }

    fn memory_size(&self) -> usize {
        self.slots.capacity() * size_of::<Option<C::Key>>() + self.heap
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
