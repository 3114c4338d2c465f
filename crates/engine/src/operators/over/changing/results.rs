//! The results of the rows behind a change, before and after it, and what is put out of them.

use std::collections::BTreeMap;

use arrow_array::{Array, ArrayRef, UInt32Array};
use nutkin_functions::aggregate::Read;
use nutkin_types::RowKind;

use super::{Change, ChangingOver};
use crate::error::Result;
use crate::operators::Cx;
use crate::operators::aggregates::same_rows;
use crate::operators::changelog::{Changes, Side};

/// Rows with their results.
struct Computed {
    rows: Vec<u32>,
    /// Columns of the input, then results.
    columns: Vec<ArrayRef>,
}

impl ChangingOver {
    pub(super) fn put_out(
        &mut self,
        changes: &[Change],
        coming: &BTreeMap<u32, RowKind>,
        cx: &mut Cx<'_>,
    ) -> Result<()> {
        let again: Vec<&Change> = changes.iter().filter(|change| !self.goes_on(change)).collect();
        let keys: Vec<u32> = again.iter().map(|change| change.key).collect();
        self.aggregates.clear(&keys);
        let kept: Vec<(u32, Vec<u32>)> = again.iter().map(|c| (c.key, c.before[..c.same].to_vec())).collect();
        self.compute(&kept, false)?;
        let state = self.aggregates.export(&keys)?;
        let before: Vec<(u32, Vec<u32>)> = changes.iter().map(|c| (c.key, c.before[c.same..].to_vec())).collect();
        let old = self.compute(&before, true)?;
        self.aggregates.clear(&keys);
        self.aggregates.import(&keys, &state)?;
        let after = changes.iter().map(|c| (c.key, self.partitions[c.key as usize][c.same..].to_vec()));
        let after: Vec<(u32, Vec<u32>)> = after.collect();
        let new = self.compute(&after, true)?;
        for change in changes {
            self.folded[change.key as usize] = self.partitions[change.key as usize].len();
        }
        self.emit(&old, &new, coming, cx)
    }

    /// True when rows only come at the end, and the accumulators hold all before.
    fn goes_on(&self, change: &Change) -> bool {
        change.same == change.before.len() && self.folded[change.key as usize] == change.before.len()
    }

    /// Folds the rows of each partition, in order; with `read` their results are read on the way.
    fn compute(&mut self, parts: &[(u32, Vec<u32>)], read: bool) -> Result<Computed> {
        let (mut slots, mut rows, mut reads) = (Vec::new(), Vec::new(), Vec::new());
        for (key, part) in parts {
            let same = |a: &u32, b: &u32| self.peers && self.places.get(*a) == self.places.get(*b);
            for peers in part.chunk_by(same) {
                rows.extend_from_slice(peers);
                slots.resize(rows.len(), *key);
                let after = rows.len() as u32;
                reads.extend(std::iter::repeat_n(Read { after, slot: *key }, if read { peers.len() } else { 0 }));
            }
        }
        let mut columns = self.rows.columns(&rows)?;
        let arguments: Vec<ArrayRef> = self.arguments.iter().map(|&column| columns[column].clone()).collect();
        columns.extend(self.aggregates.trace(&slots, None, &arguments, &reads)?);
        Ok(Computed { rows, columns })
    }

    /// Deletes first, so that a row with the same key may follow; then updates and inserts in order.
    fn emit(&self, old: &Computed, new: &Computed, coming: &BTreeMap<u32, RowKind>, cx: &mut Cx<'_>) -> Result<()> {
        let old_at: BTreeMap<u32, usize> = old.rows.iter().enumerate().map(|(at, &slot)| (slot, at)).collect();
        let new_at: BTreeMap<u32, usize> = new.rows.iter().enumerate().map(|(at, &slot)| (slot, at)).collect();
        let unchanged = self.unchanged(old, new, &old_at)?;
        let mut changes = Changes::default();
        for (at, slot) in old.rows.iter().enumerate() {
            if !new_at.contains_key(slot) {
                changes.push(RowKind::Delete, Side::Old, at);
            }
        }
        for (at, slot) in new.rows.iter().enumerate() {
            match old_at.get(slot) {
                None => changes.push(coming.get(slot).copied().unwrap_or(RowKind::Insert), Side::New, at),
                Some(_) if unchanged[at] => {}
                Some(&before) => {
                    if self.generate_update_before {
                        changes.push(RowKind::UpdateBefore, Side::Old, before);
                    }
                    changes.push(RowKind::UpdateAfter, Side::New, at);
                }
            }
        }
        if !changes.is_empty() {
            cx.emit(changes.batch(&self.schema, &old.columns, &new.columns)?);
        }
        Ok(())
    }

    /// New rows that were there before with the same results. Row by row they are sent all the same, as Flink does, and with a
    /// time to live, because they renew the state behind.
    fn unchanged(&self, old: &Computed, new: &Computed, old_at: &BTreeMap<u32, usize>) -> Result<Vec<bool>> {
        if self.row_by_row || self.ttl.is_some() {
            return Ok(vec![false; new.rows.len()]);
        }
        let before: UInt32Array = new.rows.iter().map(|slot| old_at.get(slot).map(|&at| at as u32)).collect();
        let width = self.width;
        let taken = old.columns[width..].iter().map(|column| arrow_select::take::take(column, &before, None));
        let taken = taken.collect::<std::result::Result<Vec<_>, _>>()?;
        let mut same = same_rows(&taken, &new.columns[width..], new.rows.len())?;
        same.iter_mut().enumerate().for_each(|(row, same)| *same &= before.is_valid(row));
        Ok(same)
    }
}
