//! [`RowTable`]: whole rows by slot, in Arrow's row encoding, each with a time and a change kind.

use arrow_array::ArrayRef;
use arrow_row::{RowConverter, Rows, SortField};
use arrow_schema::DataType as ArrowType;

use crate::error::{Failure, FailureKind, Result};
use crate::state::arena::Arena;
use crate::state::dirty::Dirty;

#[derive(Debug)]
pub(crate) struct RowTable {
    converter: RowConverter,
    width: usize,
    rows: Arena,
    times: Vec<i64>,
    kinds: Vec<u8>,
    live: Vec<bool>,
    free: Vec<u32>,
    dirty: Dirty,
}

impl RowTable {
    pub fn new(types: &[ArrowType]) -> Result<RowTable> {
        let fields: Vec<SortField> = types.iter().map(|t| SortField::new(t.clone())).collect();
        if !RowConverter::supports_fields(&fields) {
            return Err(Failure::new(
                FailureKind::Unsupported,
                format!("state of the types {types:?} is not supported"),
            ));
        }
        Ok(RowTable {
            converter: RowConverter::new(fields)?,
            width: types.len(),
            rows: Arena::default(),
            times: Vec::new(),
            kinds: Vec::new(),
            live: Vec::new(),
            free: Vec::new(),
            dirty: Dirty::default(),
        })
    }

    /// Encodes the rows of a batch, to be given to [`RowTable::insert`] or [`RowTable::replace`].
    pub fn encode(&self, columns: &[ArrayRef]) -> Result<Rows> {
        Ok(self.converter.convert_columns(columns)?)
    }

    pub fn insert(&mut self, row: &[u8], time: i64, kind: u8) -> u32 {
        let slot = self.free.pop().unwrap_or(self.live.len() as u32);
        if slot as usize == self.live.len() {
            self.live.push(false);
            self.times.push(0);
            self.kinds.push(0);
        }
        self.live[slot as usize] = true;
        self.replace(slot, row, time, kind);
        slot
    }

    /// Puts another row into `slot`.
    pub fn replace(&mut self, slot: u32, row: &[u8], time: i64, kind: u8) {
        self.rows.set(slot, row);
        self.times[slot as usize] = time;
        self.kinds[slot as usize] = kind;
        self.dirty.mark(slot);
    }

    pub fn remove(&mut self, slot: u32) {
        if std::mem::replace(&mut self.live[slot as usize], false) {
            self.rows.clear(slot);
            self.free.push(slot);
            self.dirty.mark(slot);
        }
    }

    pub fn row(&self, slot: u32) -> &[u8] {
        self.rows.get(slot)
    }

    pub fn time(&self, slot: u32) -> i64 {
        self.times[slot as usize]
    }

    pub fn kind(&self, slot: u32) -> u8 {
        self.kinds[slot as usize]
    }

    pub fn is_live(&self, slot: u32) -> bool {
        self.live.get(slot as usize).copied().unwrap_or(false)
    }

    pub fn slots(&self) -> Vec<u32> {
        (0..self.live.len() as u32).filter(|&slot| self.live[slot as usize]).collect()
    }

    /// The rows of `slots` as columns.
    pub fn columns(&self, slots: &[u32]) -> Result<Vec<ArrayRef>> {
        self.decode(slots.iter().map(|&slot| self.rows.get(slot)))
    }

    /// Encoded rows as columns.
    pub fn decode<'a>(&self, rows: impl IntoIterator<Item = &'a [u8]>) -> Result<Vec<ArrayRef>> {
        if self.width == 0 {
            return Ok(Vec::new());
        }
        let parser = self.converter.parser();
        Ok(self.converter.convert_rows(rows.into_iter().map(|row| parser.parse(row)))?)
    }

    /// Slots changed since the last call, removed ones among them.
    pub fn take_dirty(&mut self) -> Vec<u32> {
        self.dirty.take()
    }

    pub fn memory(&self) -> usize {
        self.rows.memory() + self.dirty.memory() + self.live.capacity() * 10
    }
}
