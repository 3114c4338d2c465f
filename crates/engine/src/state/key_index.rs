//! [`KeyIndex`]: from key columns to slots and back.
//!
//! Keys are compared and kept as Arrow's row encoding, made for a whole batch at once; the hash is computed column by
//! column. One probe per row, no allocation per key.

use arrow_array::cast::AsArray;
use arrow_array::types::{Float32Type, Float64Type};
use arrow_array::{Array, ArrayRef};
use arrow_row::{RowConverter, SortField};
use arrow_schema::DataType as ArrowType;
use hashbrown::HashTable;
use nutkin_functions::keys::{KeyEncoder, hash_keys};
use std::sync::Arc;

use crate::error::{Failure, FailureKind, Result};
use crate::state::arena::Arena;
use crate::state::dirty::Dirty;

/// A slot that no key has.
pub(crate) const NO_SLOT: u32 = u32::MAX;

#[derive(Debug)]
pub(crate) struct KeyIndex {
    converter: RowConverter,
    width: usize,
    table: HashTable<u32>,
    hashes: Vec<u64>,
    live: Vec<bool>,
    keys: Arena,
    free: Vec<u32>,
    dirty: Dirty,
    scratch: Vec<u64>,
}

impl KeyIndex {
    /// An index of keys of these types; no types means that there is one key.
    pub fn new(types: &[ArrowType]) -> Result<KeyIndex> {
        let fields: Vec<SortField> = types.iter().map(|t| SortField::new(t.clone())).collect();
        if !RowConverter::supports_fields(&fields) {
            return Err(Failure::new(
                FailureKind::Unsupported,
                format!("keys of the types {types:?} are not supported"),
            ));
        }
        Ok(KeyIndex {
            converter: RowConverter::new(fields)?,
            width: types.len(),
            table: HashTable::new(),
            hashes: Vec::new(),
            live: Vec::new(),
            keys: Arena::default(),
            free: Vec::new(),
            dirty: Dirty::default(),
            scratch: Vec::new(),
        })
    }

    /// One more than the highest slot ever given out.
    pub fn capacity(&self) -> usize {
        self.live.len()
    }

    /// Slots of the keys in `rows` rows of `columns`, added where they are new; `on_new` hears of each new slot.
    pub fn insert(
        &mut self,
        columns: &[ArrayRef],
        rows: usize,
        out: &mut Vec<u32>,
        mut on_new: impl FnMut(u32),
    ) -> Result<()> {
        self.probe(columns, rows, out, Some(&mut on_new))
    }

    /// Slots of the keys, [`NO_SLOT`] where there is none.
    pub fn find(&mut self, columns: &[ArrayRef], rows: usize, out: &mut Vec<u32>) -> Result<()> {
        self.probe(columns, rows, out, None)
    }

    fn probe(
        &mut self,
        columns: &[ArrayRef],
        rows: usize,
        out: &mut Vec<u32>,
        mut on_new: Option<&mut dyn FnMut(u32)>,
    ) -> Result<()> {
        out.clear();
        out.reserve(rows);
        let columns: Vec<ArrayRef> = columns.iter().map(canonical_floats).collect();
        let mut hashes = std::mem::take(&mut self.scratch);
        hash_keys(&columns, rows, &mut hashes)?;
        let encoded = match self.width {
            0 => None,
            _ => Some(self.converter.convert_columns(&columns)?),
        };
        for (row, &hash) in hashes.iter().enumerate() {
            let key = encoded.as_ref().map(|encoded| encoded.row(row));
            let key: &[u8] = key.as_ref().map_or(&[], |key| key.data());
            let found = self.table.find(hash, |&slot| self.keys.get(slot) == key).copied();
            let slot = match (found, &mut on_new) {
                (Some(slot), _) => slot,
                (None, None) => NO_SLOT,
                (None, Some(on_new)) => {
                    let slot = self.add(hash, key);
                    on_new(slot);
                    slot
                }
            };
            out.push(slot);
        }
        self.scratch = hashes;
        Ok(())
    }

    fn add(&mut self, hash: u64, key: &[u8]) -> u32 {
        let slot = self.free.pop().unwrap_or(self.live.len() as u32);
        if slot as usize == self.live.len() {
            self.live.push(true);
            self.hashes.push(hash);
        } else {
            self.live[slot as usize] = true;
            self.hashes[slot as usize] = hash;
        }
        self.keys.set(slot, key);
        let hashes = &self.hashes;
        self.table.insert_unique(hash, slot, |&slot| hashes[slot as usize]);
        self.dirty.mark(slot);
        slot
    }

    /// Forgets the key of `slot`; the slot may be given to another key.
    pub fn remove(&mut self, slot: u32) {
        let index = slot as usize;
        if !self.live.get(index).copied().unwrap_or(false) {
            return;
        }
        if let Ok(entry) = self.table.find_entry(self.hashes[index], |&other| other == slot) {
            entry.remove();
        }
        self.live[index] = false;
        self.keys.clear(slot);
        self.free.push(slot);
        self.dirty.mark(slot);
    }

    /// Forgets all keys; the room that they took stays.
    pub fn reset(&mut self) {
        self.table.clear();
        self.hashes.clear();
        self.live.clear();
        self.free.clear();
        self.keys.reset();
        self.dirty.take();
    }

    pub fn is_live(&self, slot: u32) -> bool {
        self.live.get(slot as usize).copied().unwrap_or(false)
    }

    /// Every slot that has a key, ascending.
    pub fn slots(&self) -> Vec<u32> {
        (0..self.live.len() as u32).filter(|&slot| self.live[slot as usize]).collect()
    }

    /// The key columns of `slots`.
    pub fn columns(&self, slots: &[u32]) -> Result<Vec<ArrayRef>> {
        if self.width == 0 {
            return Ok(Vec::new());
        }
        let parser = self.converter.parser();
        Ok(self.converter.convert_rows(slots.iter().map(|&slot| parser.parse(self.keys.get(slot))))?)
    }

    /// Marks the values of `slot` as changed.
    pub fn touch(&mut self, slot: u32) {
        self.dirty.mark(slot);
    }

    /// Slots changed since the last call, removed ones among them.
    pub fn take_dirty(&mut self) -> Vec<u32> {
        self.dirty.take()
    }

    pub fn memory(&self) -> usize {
        self.table.allocation_size() + self.keys.memory() + self.dirty.memory() + self.live.capacity() * 9
    }
}

/// Key group of each row.
pub(crate) fn key_groups(columns: &[ArrayRef], rows: usize) -> Result<Vec<u8>> {
    let mut encoder = KeyEncoder::new();
    encoder.encode(columns, rows)?;
    let mut groups = Vec::with_capacity(rows);
    encoder.key_groups(&mut groups);
    Ok(groups)
}

/// One zero and one NaN, as in Flink's grouping; the row encoding tells them apart.
fn canonical_floats(column: &ArrayRef) -> ArrayRef {
    match column.data_type() {
        ArrowType::Float64 => {
            let unified = column
                .as_primitive::<Float64Type>()
                .unary::<_, Float64Type>(|v| if v.is_nan() { f64::NAN } else { v + 0.0 });
            Arc::new(unified)
        }
        ArrowType::Float32 => {
            let unified = column
                .as_primitive::<Float32Type>()
                .unary::<_, Float32Type>(|v| if v.is_nan() { f32::NAN } else { v + 0.0 });
            Arc::new(unified)
        }
        _ => column.clone(),
    }
}
