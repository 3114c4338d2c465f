//! What a sink does whose primary key is not the key of its rows: several rows may have the same primary key, and the one that
//! came last stands in the table. When it goes, the one before it is back.
//!
//! All rows are kept by primary key, in order of coming. A row is found again by its upsert key, or where there is none by all
//! of its values.

use arrow_array::ArrayRef;
use arrow_row::{RowConverter, SortField};
use nutkin_types::{Batch, RowKind};

use crate::error::Result;
use crate::operators::aggregates::{columns_at, types_at};
use crate::operators::keyed_rows::KeyedRows;
use crate::operators::{Cx, Operator, OperatorOptions};
use crate::state::{Part, Snapshot};

struct UpsertMaterializer {
    /// The columns that a row is found again by.
    upsert_key: Vec<usize>,
    upsert_keys: RowConverter,
    /// By primary key. Rows are numbered in order of coming.
    table: KeyedRows,
    next: i64,
    /// Rows of each primary key, the last one being that in the table.
    lists: Vec<Vec<Kept>>,
}

struct Kept {
    slot: u32,
    /// The upsert key, encoded.
    name: Box<[u8]>,
}

/// For a sink of rows with these keys; without an upsert key all columns are it.
pub(crate) fn create(
    primary_key: &[usize],
    upsert_key: &[usize],
    ttl: Option<i64>,
    options: &OperatorOptions<'_>,
) -> Result<Box<dyn Operator>> {
    let input = options.input(0)?;
    let upsert_key: Vec<usize> = match upsert_key {
        [] => (0..input.len()).collect(),
        key => key.to_vec(),
    };
    let names = types_at(input, &upsert_key).into_iter().map(SortField::new).collect();
    Ok(Box::new(UpsertMaterializer {
        upsert_key,
        upsert_keys: RowConverter::new(names)?,
        table: KeyedRows::new(input, primary_key, true, ttl, options.range)?,
        next: 0,
        lists: Vec::new(),
    }))
}

impl UpsertMaterializer {
    fn add(&mut self, key: u32, row: &[u8], name: &[u8]) -> RowKind {
        let (list, rows) = (&mut self.lists[key as usize], &mut self.table.rows);
        let kind = if list.is_empty() { RowKind::Insert } else { RowKind::UpdateAfter };
        match list.iter().find(|kept| *kept.name == *name) {
            Some(kept) => rows.replace(kept.slot, row, rows.time(kept.slot), 0),
            None => {
                list.push(Kept { slot: rows.insert(row, self.next, 0), name: name.into() });
                self.next += 1;
            }
        }
        kind
    }

    /// What the table has to hear when a row goes: that all have gone, or which one is the last now.
    fn remove(&mut self, key: u32, name: &[u8]) -> Option<Option<u32>> {
        let list = &mut self.lists[key as usize];
        let at = list.iter().position(|kept| *kept.name == *name)?;
        let kept = list.remove(at);
        self.table.rows.remove(kept.slot);
        match list.last() {
            None => Some(None),
            Some(last) => (at == list.len()).then_some(Some(last.slot)),
        }
    }

    /// Drops the rows of a key.
    fn empty(&mut self, key: u32) {
        for kept in std::mem::take(&mut self.lists[key as usize]) {
            self.table.rows.remove(kept.slot);
        }
    }
}

impl Operator for UpsertMaterializer {
    fn on_batch(&mut self, _port: usize, batch: Batch, cx: &mut Cx<'_>) -> Result<()> {
        let keys = self.table.keys(batch.rows().columns(), batch.num_rows())?;
        self.lists.resize_with(self.table.index.capacity(), Vec::new);
        let encoded = self.table.rows.encode(batch.rows().columns())?;
        let names = self.upsert_keys.convert_columns(&columns_at(&batch, &self.upsert_key))?;
        let mut out: Vec<(RowKind, Vec<u8>)> = Vec::with_capacity(keys.len());
        for (row, &key) in keys.iter().enumerate() {
            let name = names.row(row);
            if self.table.is_expired(key, cx.now) {
                self.empty(key);
            }
            self.table.touch(key, cx.now);
            if batch.kind(row).adds() {
                let kind = self.add(key, encoded.row(row).data(), name.data());
                out.push((kind, encoded.row(row).data().to_vec()));
                continue;
            }
            match self.remove(key, name.data()) {
                None => {}
                Some(None) => out.push((RowKind::Delete, encoded.row(row).data().to_vec())),
                Some(Some(last)) => out.push((RowKind::UpdateAfter, self.table.rows.row(last).to_vec())),
            }
        }
        for key in keys {
            if self.lists[key as usize].is_empty() {
                self.table.index.remove(key);
            }
        }
        cx.emit(self.table.batch(&out)?);
        Ok(())
    }

    fn on_watermark(&mut self, _watermark: i64, cx: &mut Cx<'_>) -> Result<()> {
        for key in self.table.expired(cx.now) {
            self.empty(key);
            self.table.index.remove(key);
        }
        Ok(())
    }

    fn snapshot(&mut self, full: bool) -> Result<Snapshot> {
        Ok(Snapshot { meta: serde_json::Value::Null, tables: vec![self.table.snapshot(full)?] })
    }

    fn restore(&mut self, parts: &[Part]) -> Result<()> {
        let restored = self.table.restore(parts)?;
        self.lists.resize_with(self.table.index.capacity(), Vec::new);
        for rows in restored {
            let named: Vec<ArrayRef> = self.upsert_key.iter().map(|&column| rows.columns[column].clone()).collect();
            let names = self.upsert_keys.convert_columns(&named)?;
            for (row, (&key, &slot)) in rows.keys.iter().zip(&rows.slots).enumerate() {
                self.lists[key as usize].push(Kept { slot, name: names.row(row).data().into() });
                self.next = self.next.max(self.table.rows.time(slot) + 1);
            }
        }
        let rows = &self.table.rows;
        self.lists.iter_mut().for_each(|list| list.sort_by_key(|kept| rows.time(kept.slot)));
        Ok(())
    }

    fn state_bytes(&self) -> usize {
        let names: usize = self.lists.iter().flatten().map(|kept| kept.name.len() + size_of::<Kept>()).sum();
        self.table.memory() + names + self.lists.capacity() * 32
    }
}
