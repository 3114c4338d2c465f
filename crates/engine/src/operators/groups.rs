//! [`Groups`]: accumulators by key, with the number of rows that they hold and the time of the last change, in state.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{ArrayRef, Int64Array};
use arrow_schema::DataType as ArrowType;

use crate::error::Result;
use crate::operators::aggregates::Aggregates;
use crate::state::snapshot::{TableWriter, live_rows};
use crate::state::{KeyGroupRange, KeyIndex, Part, TableSnapshot, key_groups};

pub(super) struct Groups {
    /// Of the state table: the key, count, time of the last change, accumulators.
    name: &'static str,
    types: Vec<ArrowType>,
    width: usize,
    range: KeyGroupRange,
    /// Milliseconds that a group is kept after its last change; None keeps it for ever.
    ttl: Option<i64>,
    pub index: KeyIndex,
    pub aggregates: Aggregates,
    /// Rows per slot.
    pub counts: Vec<i64>,
    /// Wall-clock time of the last change per slot.
    touched: Vec<i64>,
}

impl Groups {
    /// No groups yet, of keys of these types; `name` is that of the state table.
    pub fn new(
        name: &'static str,
        keys: &[ArrowType],
        aggregates: Aggregates,
        ttl: Option<i64>,
        range: KeyGroupRange,
    ) -> Result<Groups> {
        let numbers = [ArrowType::Int64, ArrowType::Int64];
        let types = keys.iter().cloned().chain(numbers).chain(aggregates.state_types()).collect();
        let (index, width) = (KeyIndex::new(keys)?, keys.len());
        let (counts, touched) = (Vec::new(), Vec::new());
        Ok(Groups { name, types, width, range, ttl, index, aggregates, counts, touched })
    }

    /// Slots of the keys in `rows` rows of `columns`, and those that are new, in order of their first rows.
    pub fn slots(&mut self, columns: &[ArrayRef], rows: usize, now: i64) -> Result<(Vec<u32>, Vec<u32>)> {
        let (mut slots, mut new) = (Vec::new(), Vec::new());
        self.index.insert(columns, rows, &mut slots, |slot| new.push(slot))?;
        let capacity = self.index.capacity();
        self.aggregates.resize(capacity);
        self.counts.resize(capacity, 0);
        self.touched.resize(capacity, now);
        self.aggregates.clear(&new);
        for &slot in &new {
            (self.counts[slot as usize], self.touched[slot as usize]) = (0, now);
        }
        Ok((slots, new))
    }

    /// The group changes now. True when its time to live was over: it is empty then.
    pub fn touch(&mut self, slot: u32, now: i64) -> bool {
        let expired = self.is_expired(slot, now);
        if expired {
            self.empty(slot);
        }
        self.touched[slot as usize] = now;
        expired
    }

    fn is_expired(&self, slot: u32, now: i64) -> bool {
        self.ttl.is_some_and(|ttl| now - self.touched[slot as usize] >= ttl)
    }

    /// What is kept of a group goes; its slot stays.
    fn empty(&mut self, slot: u32) {
        self.aggregates.clear(&[slot]);
        self.counts[slot as usize] = 0;
    }

    pub fn forget(&mut self, slot: u32) {
        self.empty(slot);
        self.index.remove(slot);
    }

    /// Forgets every group whose time to live is over.
    pub fn expire(&mut self, now: i64) {
        if self.ttl.is_none() {
            return;
        }
        for slot in self.index.slots() {
            if self.is_expired(slot, now) {
                self.forget(slot);
            }
        }
    }

    pub fn snapshot(&mut self, full: bool) -> Result<TableSnapshot> {
        let dirty = self.index.take_dirty();
        let (live, dead) = match full {
            true => (self.index.slots(), Vec::new()),
            false => dirty.into_iter().partition(|&slot| self.index.is_live(slot)),
        };
        let mut table = TableWriter::new(self.name, full, &self.types);
        table.dead(0, &dead)?;
        table.live(0, &live, |slots| {
            let mut columns = self.index.columns(slots)?;
            let groups = key_groups(&columns, slots.len())?;
            let number = |of: &[i64]| Int64Array::from_iter_values(slots.iter().map(|&slot| of[slot as usize]));
            columns.push(Arc::new(number(&self.counts)));
            columns.push(Arc::new(number(&self.touched)));
            columns.extend(self.aggregates.export(slots)?);
            Ok((columns, groups))
        })?;
        Ok(table.finish())
    }

    /// Takes up the groups of its key groups that former subtasks left.
    pub fn restore(&mut self, parts: &[Part]) -> Result<()> {
        let width = self.width;
        for batches in parts.iter().filter_map(|part| part.tables.get(self.name)) {
            for restored in live_rows(batches, self.range, &self.types)? {
                let (slots, _) = self.slots(&restored.columns[..width], restored.rows, 0)?;
                let counts = restored.columns[width].as_primitive::<Int64Type>();
                let touched = restored.columns[width + 1].as_primitive::<Int64Type>();
                for (row, &slot) in slots.iter().enumerate() {
                    self.counts[slot as usize] = counts.value(row);
                    self.touched[slot as usize] = touched.value(row);
                }
                self.aggregates.import(&slots, &restored.columns[width + 2..])?;
            }
        }
        Ok(())
    }

    /// Bytes held, roughly.
    pub fn memory(&self) -> usize {
        self.index.memory() + self.aggregates.memory() + self.counts.capacity() * 16
    }
}
