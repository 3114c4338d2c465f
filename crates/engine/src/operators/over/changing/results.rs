//! The results of the rows behind a change, before and after it, and what is put out of them.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

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
        self.emit(changes, &old, &new, coming, cx)
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

    /// Where each row is answered by itself, the changes of one partition come after those of the one before; otherwise what
    /// goes comes first, so that a row with the same key may follow from another partition.
    fn emit(
        &self,
        parts: &[Change],
        old: &Computed,
        new: &Computed,
        coming: &BTreeMap<u32, RowKind>,
        cx: &mut Cx<'_>,
    ) -> Result<()> {
        let old_at: BTreeMap<u32, usize> = old.rows.iter().enumerate().map(|(at, &slot)| (slot, at)).collect();
        let differences = Differences {
            unchanged: self.unchanged(old, new, &old_at)?,
            old_at,
            new: new.rows.iter().copied().collect(),
            coming,
            generate_update_before: self.generate_update_before,
        };
        let mut changes = Changes::default();
        match self.runs {
            None => differences.push(old, 0..old.rows.len(), new, 0..new.rows.len(), &mut changes),
            Some(_) => {
                let (mut old_start, mut new_start) = (0, 0);
                for part in parts {
                    let old_end = old_start + part.before.len() - part.same;
                    let new_end = new_start + self.partitions[part.key as usize].len() - part.same;
                    differences.push(old, old_start..old_end, new, new_start..new_end, &mut changes);
                    (old_start, new_start) = (old_end, new_end);
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
        if self.runs.is_some() || self.ttl.is_some() {
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

/// What the rows behind a change were and have become.
struct Differences<'a> {
    old_at: BTreeMap<u32, usize>,
    new: BTreeSet<u32>,
    /// By place among the new rows.
    unchanged: Vec<bool>,
    coming: &'a BTreeMap<u32, RowKind>,
    generate_update_before: bool,
}

impl Differences<'_> {
    /// Deletes, then updates and inserts in order.
    fn push(&self, old: &Computed, gone: Range<usize>, new: &Computed, come: Range<usize>, changes: &mut Changes) {
        for at in gone.filter(|&at| !self.new.contains(&old.rows[at])) {
            changes.push(RowKind::Delete, Side::Old, at);
        }
        for at in come.filter(|&at| !self.unchanged[at]) {
            let slot = new.rows[at];
            match self.old_at.get(&slot) {
                None => changes.push(self.coming.get(&slot).copied().unwrap_or(RowKind::Insert), Side::New, at),
                Some(&before) => {
                    if self.generate_update_before {
                        changes.push(RowKind::UpdateBefore, Side::Old, before);
                    }
                    changes.push(RowKind::UpdateAfter, Side::New, at);
                }
            }
        }
    }
}
