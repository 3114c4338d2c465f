//! DISTINCT for every aggregate function: counts each value per slot and passes on only first comers and last leavers.
//!
//! Several arguments (`COUNT(DISTINCT a, b)`) are one ROW to it, and so is one whose NULL is a value (`ARRAY_AGG(DISTINCT a)`).

use std::any::Any;
use std::borrow::Borrow;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, BooleanArray, StructArray, UInt32Array};
use arrow_buffer::NullBuffer;
use arrow_schema::DataType as ArrowType;
use hashbrown::HashMap;
use nutkin_types::arrow::arrow_type;
use nutkin_types::{DataType, LogicalType as T};

use super::codec::{Codec, with_codec};
use super::rows::Rows;
use super::{Accumulator, AggregateOptions, state};
use crate::error::AggregateError;

/// `inner` fed with each value once; with `keeps_nulls` NULL is a value too.
pub(super) fn distinct(
    inner: Box<dyn Accumulator>,
    options: &AggregateOptions<'_>,
    keeps_nulls: bool,
) -> Result<Box<dyn Accumulator>, AggregateError> {
    let value = match options.arg_types {
        [] => return Err(AggregateError::Internal("DISTINCT without an argument".to_owned())),
        [one] if !keeps_nulls => one.clone(),
        many => T::row(many.iter().enumerate().map(|(i, t)| (format!("f{i}"), t.with_nullable(true)))).not_null(),
    };
    let several = keeps_nulls || options.arg_types.len() > 1;
    with_codec!(value, C => Ok(Box::new(Distinct::<C> {
        codec: C::new(&value)?,
        value: value.clone(),
        several,
        keeps_nulls,
        inner,
        slots: Vec::new(),
        next_order: 0,
        entries: 0,
        heap: 0,
    })))
}

type Counts<K> = HashMap<K, Held, foldhash::fast::FixedState>;

/// One value of a slot.
struct Held {
    count: i64,
    /// Number of the value's arrival: values are merged and exported in this order, so that LISTAGG and its kin keep theirs.
    order: u64,
}

struct Distinct<C: Codec> {
    codec: C,
    value: DataType,
    several: bool,
    keeps_nulls: bool,
    inner: Box<dyn Accumulator>,
    slots: Vec<Counts<C::Key>>,
    next_order: u64,
    entries: usize,
    heap: usize,
}

/// What the change of a count means for the inner accumulator.
enum Effect {
    Appears,
    Disappears,
    Nothing,
}

impl<C: Codec> Distinct<C> {
    fn add(&mut self, slot: usize, value: &C::Ref, change: i64) -> Effect {
        let counts = &mut self.slots[slot];
        let (before, after) = match counts.get_mut(value) {
            Some(held) => {
                let before = held.count;
                held.count += change;
                let after = held.count;
                if after == 0 {
                    counts.remove(value);
                    self.entries -= 1;
                    self.heap -= C::heap_size(value);
                }
                (before, after)
            }
            None => {
                counts.insert(value.to_owned(), Held { count: change, order: self.next_order });
                self.next_order += 1;
                self.entries += 1;
                self.heap += C::heap_size(value);
                (0, change)
            }
        };
        match (before > 0, after > 0) {
            (false, true) => Effect::Appears,
            (true, false) => Effect::Disappears,
            _ => Effect::Nothing,
        }
    }

    /// The values of a slot with their counts, first comers first.
    fn in_order(&self, slot: u32) -> Vec<(&C::Ref, i64)> {
        let mut held: Vec<(&C::Key, &Held)> = self.slots[slot as usize].iter().collect();
        held.sort_unstable_by_key(|(_, held)| held.order);
        held.into_iter().map(|(key, held)| (key.borrow(), held.count)).collect()
    }

    /// The arguments as one column, and where one of them is NULL.
    fn combine(&self, args: &[ArrayRef]) -> Result<(ArrayRef, Option<NullBuffer>), AggregateError> {
        if !self.several {
            let array = state::argument(args)?.clone();
            let nulls = array.logical_nulls();
            return Ok((array, nulls));
        }
        let either = |n: Option<NullBuffer>, a: &ArrayRef| NullBuffer::union(n.as_ref(), a.logical_nulls().as_ref());
        let nulls = if self.keeps_nulls { None } else { args.iter().fold(None, either) };
        let ArrowType::Struct(fields) = arrow_type(&self.value.logical) else {
            return Err(AggregateError::Internal("DISTINCT values are no row".to_owned()));
        };
        Ok((Arc::new(StructArray::try_new(fields, args.to_vec(), None)?), nulls))
    }

    fn split(&self, values: ArrayRef) -> Vec<ArrayRef> {
        match values.as_struct_opt() {
            Some(rows) if self.several => rows.columns().to_vec(),
            _ => vec![values],
        }
    }
}

/// Values that appear or disappear by a merge.
struct Merged {
    /// For each value, which pair of slots it was merged by.
    pairs: Vec<usize>,
    effects: Vec<u8>,
    args: Vec<ArrayRef>,
}

impl Merged {
    fn kinds(&self) -> Option<&[u8]> {
        self.effects.iter().any(|&effect| effect != 0).then_some(self.effects.as_slice())
    }
}

impl<C: Codec> Distinct<C> {
    /// Adds the counts of slot `from[i]` of `other` to those of slot `into[i]`; None when no value comes or goes by it.
    fn merge_values(
        &mut self,
        into: &[u32],
        other: &Distinct<C>,
        from: &[u32],
    ) -> Result<Option<Merged>, AggregateError> {
        let (mut keys, mut pairs, mut effects) = (Vec::new(), Vec::new(), Vec::new());
        for (pair, (&into, &from)) in into.iter().zip(from).enumerate() {
            for (value, count) in other.in_order(from) {
                let effect = match self.add(into as usize, value, count) {
                    Effect::Appears => 0u8,
                    Effect::Disappears => 3,
                    Effect::Nothing => continue,
                };
                keys.push(Some(value));
                pairs.push(pair);
                effects.push(effect);
            }
        }
        if keys.is_empty() {
            return Ok(None);
        }
        let args = self.split(self.codec.build(keys.into_iter())?);
        Ok(Some(Merged { pairs, effects, args }))
    }
}

impl<C: Codec> Accumulator for Distinct<C> {
    fn resize(&mut self, slots: usize) {
        self.slots.resize_with(slots.max(self.slots.len()), Counts::default);
        self.inner.resize(slots);
    }

    fn update(
        &mut self,
        slots: &[u32],
        kinds: Option<&[u8]>,
        args: &[ArrayRef],
        filter: Option<&BooleanArray>,
    ) -> Result<(), AggregateError> {
        let (values, nulls) = self.combine(args)?;
        let column = self.codec.open(&values)?;
        let (mut rows, mut changed, mut effects) = (Vec::new(), Vec::new(), Vec::new());
        Rows { slots, kinds, filter }.for_each(nulls.as_ref(), |row, slot, adds| {
            let effect = match self.add(slot, C::key(&column, row), if adds { 1 } else { -1 }) {
                Effect::Appears => 0u8,
                Effect::Disappears => 3,
                Effect::Nothing => return,
            };
            rows.push(row as u32);
            changed.push(slot as u32);
            effects.push(effect);
        });
        if rows.is_empty() {
            return Ok(());
        }
        let rows = UInt32Array::from(rows);
        let args = args.iter().map(|arg| arrow_select::take::take(arg, &rows, None)).collect::<Result<Vec<_>, _>>()?;
        let kinds = effects.iter().any(|&effect| effect != 0).then_some(effects.as_slice());
        self.inner.update(&changed, kinds, &args, None)
    }

    fn merge(&mut self, into: &[u32], other: &dyn Accumulator, from: &[u32]) -> Result<(), AggregateError> {
        let Some(changes) = self.merge_values(into, state::same(other)?, from)? else { return Ok(()) };
        let slots: Vec<u32> = changes.pairs.iter().map(|&pair| into[pair]).collect();
        self.inner.update(&slots, changes.kinds(), &changes.args, None)
    }

    fn merge_distinct(
        &mut self,
        into: &[u32],
        other: &dyn Accumulator,
        from: &[u32],
        fresh: &mut dyn Accumulator,
        fresh_into: &[u32],
    ) -> Result<(), AggregateError> {
        let Some(changes) = self.merge_values(into, state::same(other)?, from)? else { return Ok(()) };
        let slots: Vec<u32> = changes.pairs.iter().map(|&pair| into[pair]).collect();
        self.inner.update(&slots, changes.kinds(), &changes.args, None)?;
        let slots: Vec<u32> = changes.pairs.iter().map(|&pair| fresh_into[pair]).collect();
        fresh.update(&slots, changes.kinds(), &changes.args, None)
    }

    fn values(&self, slots: &[u32]) -> Result<ArrayRef, AggregateError> {
        self.inner.values(slots)
    }

    fn state_types(&self) -> Vec<DataType> {
        let mut types = vec![state::counts_type(&self.value)];
        types.extend(self.inner.state_types());
        types
    }

    fn export(&self, slots: &[u32]) -> Result<Vec<ArrayRef>, AggregateError> {
        let entries = slots.iter().map(|&slot| self.in_order(slot));
        let mut columns = vec![state::counts(&self.codec, &self.value, entries)?];
        columns.extend(self.inner.export(slots)?);
        Ok(columns)
    }

    fn import(&mut self, slots: &[u32], columns: &[ArrayRef]) -> Result<(), AggregateError> {
        self.clear(slots);
        let array = state::column(columns, 0)?.clone();
        let mut read = Vec::new();
        state::read_counts(&self.codec, &array, |row, key, count| read.push((row, key.to_owned(), count)))?;
        for (row, key, count) in read {
            self.add(slots[row] as usize, key.borrow(), count);
        }
        self.inner.import(slots, columns.get(1..).unwrap_or(&[]))
    }

    fn clear(&mut self, slots: &[u32]) {
        for &slot in slots {
            let counts = std::mem::take(&mut self.slots[slot as usize]);
            self.entries -= counts.len();
            self.heap -= counts.keys().map(|key| C::heap_size(key.borrow())).sum::<usize>();
        }
        self.inner.clear(slots);
    }

    fn memory_size(&self) -> usize {
        self.slots.capacity() * size_of::<Counts<C::Key>>()
            + self.entries * (size_of::<(C::Key, Held)>() + 1) * 8 / 7
            + self.heap
            + self.inner.memory_size()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
