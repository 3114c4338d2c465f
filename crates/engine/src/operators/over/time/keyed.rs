//! What is kept per key: when it was last heard of, its accumulators and the rows in its frame.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{ArrayRef, Int64Array};
use arrow_schema::DataType as ArrowType;

use super::{KEYS, Span, TimeOver};
use crate::error::Result;
use crate::state::snapshot::{TableWriter, live_rows};
use crate::state::{Part, TableSnapshot, key_groups};

impl TimeOver {
    /// Slot of each row's key. Keys whose time to live is over begin anew.
    pub(super) fn keys_of(&mut self, columns: &[ArrayRef], rows: usize, now: i64) -> Result<Vec<u32>> {
        let keys: Vec<ArrayRef> = self.partition.iter().map(|&column| columns[column].clone()).collect();
        let (mut slots, mut new) = (Vec::new(), Vec::new());
        self.index.insert(&keys, rows, &mut slots, |slot| new.push(slot))?;
        self.grow();
        for slot in new {
            self.last[slot as usize] = i64::MIN;
            self.touched[slot as usize] = now;
        }
        for &slot in &slots {
            let before = std::mem::replace(&mut self.touched[slot as usize], now);
            if self.ttl.is_some_and(|ttl| now - before >= ttl) {
                self.forget(slot);
            }
        }
        Ok(slots)
    }

    fn grow(&mut self) {
        let slots = self.index.capacity();
        self.aggregates.resize(slots);
        self.last.resize(slots, i64::MIN);
        self.touched.resize(slots, 0);
        self.frames.resize_with(slots, VecDeque::new);
    }

    /// Empties the frame of a key.
    fn forget(&mut self, key: u32) {
        self.aggregates.clear(&[key]);
        for row in std::mem::take(&mut self.frames[key as usize]) {
            self.kept.remove(row);
        }
    }

    /// Looks at `key` again when rows up to the time `until` have left its frame.
    pub(super) fn schedule(&mut self, key: u32, until: i64) {
        let keys = self.expiry.entry(until).or_default();
        if keys.last() != Some(&key) {
            keys.push(key);
        }
    }

    /// Drops keys whose frames are empty at `time`.
    pub(super) fn drop_empty(&mut self, time: i64) {
        let Span::Range(before) = self.span else { return };
        let later = self.expiry.split_off(&time);
        for key in std::mem::replace(&mut self.expiry, later).into_values().flatten() {
            if self.index.is_live(key) && self.last[key as usize].saturating_add(before) < time {
                self.forget(key);
                self.index.remove(key);
            }
        }
    }

    /// Drops keys that nothing was heard of for too long at `now`. A key that is heard of again is looked at then.
    pub(super) fn expire(&mut self, now: i64) {
        let Some(ttl) = self.ttl else { return };
        for key in self.index.slots() {
            if now - self.touched[key as usize] >= ttl {
                self.forget(key);
                self.index.remove(key);
            }
        }
    }

    /// Of the state table: key, last time, wall-clock time, accumulators.
    fn types(&self) -> Vec<ArrowType> {
        let times = [ArrowType::Int64, ArrowType::Int64];
        self.key_types.iter().cloned().chain(times).chain(self.aggregates.state_types()).collect()
    }

    pub(super) fn snapshot_keys(&mut self, full: bool) -> Result<TableSnapshot> {
        let dirty = self.index.take_dirty();
        let (live, dead) = match full {
            true => (self.index.slots(), Vec::new()),
            false => dirty.into_iter().partition(|&slot| self.index.is_live(slot)),
        };
        let mut table = TableWriter::new(KEYS, full, &self.types());
        table.dead(0, &dead)?;
        table.live(0, &live, |slots| {
            let mut columns = self.index.columns(slots)?;
            let groups = key_groups(&columns, slots.len())?;
            for times in [&self.last, &self.touched] {
                let times = slots.iter().map(|&slot| times[slot as usize]);
                columns.push(Arc::new(Int64Array::from_iter_values(times)));
            }
            columns.extend(self.aggregates.export(slots)?);
            Ok((columns, groups))
        })?;
        Ok(table.finish())
    }

    pub(super) fn restore_keys(&mut self, part: &Part) -> Result<()> {
        let (width, types) = (self.key_types.len(), self.types());
        let Some(batches) = part.tables.get(KEYS) else { return Ok(()) };
        for restored in live_rows(batches, self.range, &types)? {
            let mut slots = Vec::new();
            self.index.insert(&restored.columns[..width], restored.rows, &mut slots, |_| {})?;
            self.grow();
            let last = restored.columns[width].as_primitive::<Int64Type>();
            let touched = restored.columns[width + 1].as_primitive::<Int64Type>();
            for (row, &slot) in slots.iter().enumerate() {
                self.last[slot as usize] = last.value(row);
                self.touched[slot as usize] = touched.value(row);
            }
            self.aggregates.import(&slots, &restored.columns[width + 2..])?;
        }
        Ok(())
    }

    /// Puts the kept rows back into their frames.
    pub(super) fn restore_frames(&mut self) -> Result<()> {
        let rows = self.kept.in_order();
        let columns = self.kept.columns(&rows)?;
        let mut keys = Vec::new();
        self.index.insert(&columns[..self.key_types.len().min(columns.len())], rows.len(), &mut keys, |_| {})?;
        self.grow();
        for (&key, row) in keys.iter().zip(rows) {
            self.frames[key as usize].push_back(row);
        }
        if let Span::Range(before) = self.span {
            let times: BTreeMap<u32, i64> =
                self.index.slots().into_iter().map(|key| (key, self.last[key as usize])).collect();
            times.into_iter().for_each(|(key, time)| self.schedule(key, time.saturating_add(before)));
        }
        Ok(())
    }
}
