//! [`Stored`]: rows in state with a time and a number of arrival, so that they come back in order after a restart.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{ArrayRef, Int64Array, RecordBatch};
use arrow_row::Rows;
use arrow_schema::DataType as ArrowType;

use crate::error::Result;
use crate::state::snapshot::{TableWriter, live_rows};
use crate::state::{KeyGroupRange, RowTable, TableSnapshot, key_groups};

pub(super) struct Stored {
    rows: RowTable,
    /// Number of arrival per slot.
    numbers: Vec<i64>,
    next: i64,
    /// Columns that name the key.
    keys: Vec<usize>,
    /// Of the state table: time, number, columns.
    types: Vec<ArrowType>,
    width: usize,
}

impl Stored {
    /// Rows of these types, keyed by the columns at `keys`.
    pub fn new(types: &[ArrowType], keys: Vec<usize>) -> Result<Stored> {
        let mut all = vec![ArrowType::Int64, ArrowType::Int64];
        all.extend_from_slice(types);
        let rows = RowTable::new(types)?;
        Ok(Stored { rows, numbers: Vec::new(), next: 0, keys, types: all, width: types.len() })
    }

    /// Keeps rows; row i has the time `times(i)`. Gives their slots.
    pub fn insert(&mut self, columns: &[ArrayRef], count: usize, times: impl Fn(usize) -> i64) -> Result<Vec<u32>> {
        let encoded = if self.width == 0 { None } else { Some(self.rows.encode(columns)?) };
        let mut slots = Vec::with_capacity(count);
        for row in 0..count {
            let bytes = encoded.as_ref().map(|encoded| encoded.row(row));
            let slot = self.rows.insert(bytes.as_ref().map_or(&[], |row| row.data()), times(row), 0);
            self.number(slot, self.next);
            self.next += 1;
            slots.push(slot);
        }
        Ok(slots)
    }

    fn number(&mut self, slot: u32, number: i64) {
        if self.numbers.len() <= slot as usize {
            self.numbers.resize(slot as usize + 1, 0);
        }
        self.numbers[slot as usize] = number;
    }

    pub fn remove(&mut self, slot: u32) {
        self.rows.remove(slot);
    }

    pub fn time(&self, slot: u32) -> i64 {
        self.rows.time(slot)
    }

    /// The rows of `slots` as columns.
    pub fn columns(&self, slots: &[u32]) -> Result<Vec<ArrayRef>> {
        self.rows.columns(slots)
    }

    /// Every slot, by time and arrival.
    pub fn in_order(&self) -> Vec<u32> {
        let mut slots = self.rows.slots();
        slots.sort_unstable_by_key(|&slot| (self.rows.time(slot), self.numbers[slot as usize]));
        slots
    }

    /// Every slot, by arrival.
    pub fn by_arrival(&self) -> Vec<u32> {
        let mut slots = self.rows.slots();
        slots.sort_unstable_by_key(|&slot| self.numbers[slot as usize]);
        slots
    }

    /// Rows encoded as they are kept.
    pub fn encode(&self, columns: &[ArrayRef]) -> Result<Rows> {
        self.rows.encode(columns)
    }

    pub fn row(&self, slot: u32) -> &[u8] {
        self.rows.row(slot)
    }

    pub fn snapshot(&mut self, name: &'static str, full: bool) -> Result<TableSnapshot> {
        let dirty = self.rows.take_dirty();
        let (live, dead) = match full {
            true => (self.rows.slots(), Vec::new()),
            false => dirty.into_iter().partition(|&slot| self.rows.is_live(slot)),
        };
        let mut table = TableWriter::new(name, full, &self.types);
        table.dead(0, &dead)?;
        table.live(0, &live, |slots| {
            let own = self.rows.columns(slots)?;
            let keys: Vec<ArrayRef> = self.keys.iter().map(|&key| own[key].clone()).collect();
            let groups = key_groups(&keys, slots.len())?;
            let times = slots.iter().map(|&slot| self.rows.time(slot));
            let numbers = slots.iter().map(|&slot| self.numbers[slot as usize]);
            let mut columns: Vec<ArrayRef> =
                vec![Arc::new(Int64Array::from_iter_values(times)), Arc::new(Int64Array::from_iter_values(numbers))];
            columns.extend(own);
            Ok((columns, groups))
        })?;
        Ok(table.finish())
    }

    /// Takes up the rows that former subtasks left of the key groups in `range`.
    pub fn restore(&mut self, batches: &[RecordBatch], range: KeyGroupRange) -> Result<()> {
        for restored in live_rows(batches, range, &self.types)? {
            let times = restored.columns[0].as_primitive::<Int64Type>();
            let numbers = restored.columns[1].as_primitive::<Int64Type>();
            let slots = self.insert(&restored.columns[2..], restored.rows, |row| times.value(row))?;
            for (row, &slot) in slots.iter().enumerate() {
                self.number(slot, numbers.value(row));
                self.next = self.next.max(numbers.value(row) + 1);
            }
        }
        Ok(())
    }

    pub fn memory(&self) -> usize {
        self.rows.memory() + self.numbers.capacity() * 8
    }
}
