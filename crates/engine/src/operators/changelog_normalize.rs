//! StreamChangelogNormalize: an upsert stream with full rows before and after each change.
//!
//! The last row of every key is kept. Only the last row per key of a batch counts, unless the order of rows is seen behind.

use nutkin_plan::operators::ChangelogNormalize;
use nutkin_types::{Batch, RowKind};

use crate::error::Result;
use crate::operators::keyed_rows::KeyedRows;
use crate::operators::{Cx, Operator, OperatorOptions};
use crate::runtime::element::END_OF_TIME;
use crate::state::{Part, Snapshot};

/// No row is kept for a key.
const NO_ROW: u32 = u32::MAX;
/// Rows of a batch put out at the end.
const ROWS_AT_END: usize = 4096;

struct ChangelogNormalizeOperator {
    row_by_row: bool,
    /// Rows are put out once, at the end.
    at_end: bool,
    /// Changes renew the state behind even where they change nothing.
    has_ttl: bool,
    table: KeyedRows,
    /// Row of each key.
    row_of: Vec<u32>,
    /// The last row of each key in the batch at hand; of other keys it says nothing.
    last: Vec<usize>,
}

pub(super) fn create(plan: &ChangelogNormalize, options: &OperatorOptions<'_>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(ChangelogNormalizeOperator {
        row_by_row: options.row_by_row(),
        at_end: plan.at_end,
        has_ttl: plan.state_ttl.is_some(),
        table: KeyedRows::new(options.input(0)?, &plan.key, false, plan.state_ttl, options.range)?,
        row_of: Vec::new(),
        last: Vec::new(),
    }))
}

impl ChangelogNormalizeOperator {
    /// The row of the key goes.
    fn empty(&mut self, key: u32) {
        let row = std::mem::replace(&mut self.row_of[key as usize], NO_ROW);
        if row != NO_ROW {
            self.table.rows.remove(row);
        }
    }

    /// The last row of every key, at the end of the input. What has been put out is not kept: a second end finds nothing.
    fn close(&mut self, cx: &mut Cx<'_>) -> Result<()> {
        for keys in self.table.index.slots().chunks(ROWS_AT_END) {
            let rows = keys.iter().map(|&key| self.row_of[key as usize]).filter(|&row| row != NO_ROW);
            cx.emit(self.table.inserts(&rows.collect::<Vec<u32>>())?);
            for &key in keys {
                self.empty(key);
                self.table.index.remove(key);
            }
        }
        Ok(())
    }

    /// What a row of the key is to those behind.
    fn change(&mut self, key: u32, adds: bool, new: &[u8], now: i64, out: &mut Vec<(RowKind, Vec<u8>)>) {
        if self.table.is_expired(key, now) {
            self.empty(key);
        }
        let kept = self.row_of[key as usize];
        match (adds, kept) {
            (true, NO_ROW) => {
                self.row_of[key as usize] = self.table.rows.insert(new, 0, 0);
                out.push((RowKind::Insert, new.to_vec()));
            }
            (true, kept) => {
                let old = self.table.rows.row(kept);
                if old == new && !self.has_ttl {
                    return;
                }
                out.push((RowKind::UpdateBefore, old.to_vec()));
                out.push((RowKind::UpdateAfter, new.to_vec()));
                self.table.rows.replace(kept, new, 0, 0);
            }
            (false, NO_ROW) => {}
            (false, kept) => {
                out.push((RowKind::Delete, self.table.rows.row(kept).to_vec()));
                self.empty(key);
            }
        }
        self.table.touch(key, now);
    }
}

impl Operator for ChangelogNormalizeOperator {
    fn on_batch(&mut self, _port: usize, batch: Batch, cx: &mut Cx<'_>) -> Result<()> {
        let keys = self.table.keys(batch.rows().columns(), batch.num_rows())?;
        self.row_of.resize(self.table.index.capacity(), NO_ROW);
        let encoded = self.table.rows.encode(batch.rows().columns())?;
        self.last.resize(self.table.index.capacity(), 0);
        keys.iter().enumerate().for_each(|(row, &key)| self.last[key as usize] = row);
        let mut out: Vec<(RowKind, Vec<u8>)> = Vec::new();
        for (row, &key) in keys.iter().enumerate() {
            let kind = batch.kind(row);
            if kind != RowKind::UpdateBefore && (self.row_by_row || self.last[key as usize] == row) {
                self.change(key, kind.adds(), encoded.row(row).data(), cx.now, &mut out);
            }
        }
        for key in keys {
            if self.row_of[key as usize] == NO_ROW {
                self.table.index.remove(key);
            }
        }
        if !self.at_end {
            cx.emit(self.table.batch(&out)?);
        }
        Ok(())
    }

    fn on_watermark(&mut self, watermark: i64, cx: &mut Cx<'_>) -> Result<()> {
        if self.at_end && watermark == END_OF_TIME {
            return self.close(cx);
        }
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
        self.row_of.resize(self.table.index.capacity(), NO_ROW);
        for (key, slot) in restored.iter().flat_map(|rows| rows.keys.iter().zip(&rows.slots)) {
            self.row_of[*key as usize] = *slot;
        }
        Ok(())
    }

    fn state_bytes(&self) -> usize {
        self.table.memory() + self.row_of.capacity() * 4 + self.last.capacity() * 8
    }
}
