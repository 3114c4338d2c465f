//! StreamGroupAggregate: one result row per key, changed whenever a row of the key comes.
//!
//! All rows of a batch are folded first; each key that was touched gives at most one change. Where the order of changes is seen
//! that is done for runs of rows with different keys, which is Flink's changelog exactly. StreamGlobalGroupAggregate is the same over what a first phase has folded.

use arrow_array::{ArrayRef, BooleanArray};
use arrow_schema::SchemaRef;
use nutkin_plan::operators::{GlobalGroupAggregate, GroupAggregate};
use nutkin_types::arrow::arrow_schema;
use nutkin_types::{Batch, RowKind};

use crate::error::Result;
use crate::operators::aggregates::{Aggregates, columns_at, same_rows, types_at};
use crate::operators::changelog::{Changes, Side};
use crate::operators::groups::Groups;
use crate::operators::partials::Partials;
use crate::operators::runs::Runs;
use crate::operators::{Cx, Operator, OperatorOptions};
use crate::runtime::element::END_OF_TIME;
use crate::state::{Part, Snapshot};

struct GroupAggregateOperator {
    grouping: Vec<usize>,
    generate_update_before: bool,
    ttl: Option<i64>,
    retracts: bool,
    /// Where each row is answered by itself.
    runs: Option<Runs>,
    /// Results are put out once, at the end.
    at_end: bool,
    /// They have been.
    closed: bool,
    groups: Groups,
    /// Of a second phase.
    merge: Option<Partials>,
    /// Number of the batch that last had rows of the slot, and of the one that last found or gave it rows.
    marks: Vec<(u64, u64)>,
    batches: u64,
    schema: SchemaRef,
}

/// Rows of a batch put out at the end.
const ROWS_AT_END: usize = 4096;
/// Whether the results have been put out at the end.
const CLOSED: &str = "closed";
/// Name of the state table.
const GROUPS: &str = "groups";

pub(super) fn create(plan: &GroupAggregate, options: &OperatorOptions<'_>) -> Result<Box<dyn Operator>> {
    let retracts = !options.input_is_append(0);
    let aggregates = Aggregates::new(&plan.calls, options.input(0)?, retracts)?;
    let key_types = types_at(options.input(0)?, &plan.grouping);
    // Mini-batches are Flink's own way to answer many rows at once.
    let row_by_row = !plan.at_end && options.plan.mini_batch_rows.is_none() && options.row_by_row();
    Ok(Box::new(GroupAggregateOperator {
        generate_update_before: plan.generate_update_before,
        runs: row_by_row.then(|| Runs::new(&plan.grouping, &key_types)).transpose()?,
        at_end: plan.at_end,
        ..operator(&plan.grouping, aggregates, retracts, plan.state_ttl, options)?
    }))
}

/// StreamGlobalGroupAggregate.
pub(super) fn create_global(plan: &GlobalGroupAggregate, options: &OperatorOptions<'_>) -> Result<Box<dyn Operator>> {
    let aggregates = Aggregates::of(&plan.calls, plan.retracts)?;
    Ok(Box::new(GroupAggregateOperator {
        generate_update_before: plan.generate_update_before,
        merge: Some(Partials::new(&plan.calls, plan.rows_column, plan.retracts)?),
        ..operator(&plan.grouping, aggregates, plan.retracts, plan.state_ttl, options)?
    }))
}

fn operator(
    grouping: &[usize],
    aggregates: Aggregates,
    retracts: bool,
    ttl: Option<i64>,
    options: &OperatorOptions<'_>,
) -> Result<GroupAggregateOperator> {
    let key_types = types_at(options.input(0)?, grouping);
    Ok(GroupAggregateOperator {
        grouping: grouping.to_vec(),
        generate_update_before: false,
        ttl,
        retracts,
        runs: None,
        at_end: false,
        closed: false,
        groups: Groups::new(GROUPS, &key_types, aggregates, ttl, options.range)?,
        merge: None,
        marks: Vec::new(),
        batches: 0,
        schema: arrow_schema(options.output()),
    })
}

impl GroupAggregateOperator {
    fn fold(&mut self, batch: &Batch, cx: &mut Cx<'_>) -> Result<()> {
        let (slots, is_new) = self.groups.slots(&columns_at(batch, &self.grouping), batch.num_rows(), cx.now)?;
        let (touched, existed) = self.touched_slots(&slots, &is_new, cx.now);
        let existing: Vec<u32> = touched.iter().zip(&existed).filter(|(_, e)| **e).map(|(s, _)| *s).collect();
        let old = if self.at_end { Vec::new() } else { self.groups.aggregates.values(&existing)? };
        self.update(batch, &slots)?;
        let alive: Vec<bool> = touched.iter().map(|&slot| self.is_alive(slot)).collect();
        if !self.at_end {
            let new = self.groups.aggregates.values(&touched)?;
            self.emit(&touched, &existed, &alive, old, new, cx)?;
        }
        for (&slot, alive) in touched.iter().zip(alive) {
            if alive {
                self.groups.index.touch(slot);
            } else {
                self.groups.forget(slot);
            }
        }
        Ok(())
    }

    fn is_alive(&self, slot: u32) -> bool {
        !self.retracts || self.groups.counts[slot as usize] > 0
    }

    /// Every group, at the end of the input; without keys the row of no rows where there were none.
    fn close(&mut self, cx: &mut Cx<'_>) -> Result<()> {
        if !self.at_end || std::mem::replace(&mut self.closed, true) {
            return Ok(());
        }
        let mut slots = self.groups.index.slots();
        if slots.is_empty() && self.grouping.is_empty() {
            slots = self.groups.slots(&[], 1, cx.now)?.0;
        }
        for slots in slots.chunks(ROWS_AT_END) {
            let (old, new) = (self.groups.aggregates.values(&[])?, self.groups.aggregates.values(slots)?);
            self.emit(slots, &vec![false; slots.len()], &vec![true; slots.len()], old, new, cx)?;
        }
        slots.into_iter().for_each(|slot| self.groups.forget(slot));
        Ok(())
    }

    /// Each slot once, in order of first touch, and whether it had a result before. A slot past its time to live counts as
    /// new.
    fn touched_slots(&mut self, slots: &[u32], new: &[u32], now: i64) -> (Vec<u32>, Vec<bool>) {
        self.batches += 1;
        self.marks.resize(self.groups.index.capacity(), (0, 0));
        // New slots are named in the order in which their first rows stand.
        let mut new = new.iter().peekable();
        let (mut touched, mut existed) = (Vec::new(), Vec::new());
        for &slot in slots {
            let mark = &mut self.marks[slot as usize];
            if mark.0 == self.batches {
                continue;
            }
            mark.0 = self.batches;
            let expired = self.groups.touch(slot, now);
            let before = new.next_if_eq(&&slot).is_none() && !expired;
            if before {
                mark.1 = self.batches;
            }
            touched.push(slot);
            existed.push(before);
        }
        (touched, existed)
    }

    /// Folds the rows. A retraction of a key without rows is dropped, as in Flink: its insert was expired or never seen.
    fn update(&mut self, batch: &Batch, slots: &[u32]) -> Result<()> {
        if let Some(merge) = &mut self.merge {
            for (count, &slot) in merge.counts(batch)?.iter().zip(slots) {
                self.groups.counts[slot as usize] += count;
            }
            return merge.merge(batch, slots, &mut self.groups.aggregates);
        }
        let Some(kinds) = batch.kinds().filter(|_| self.retracts) else {
            if self.retracts {
                slots.iter().for_each(|&slot| self.groups.counts[slot as usize] += 1);
            }
            return self.groups.aggregates.update(slots, batch);
        };
        let mut kept = Vec::with_capacity(slots.len());
        for (&slot, &kind) in slots.iter().zip(kinds) {
            let adds = RowKind::from_byte(kind).is_some_and(RowKind::adds);
            let open = &mut self.marks[slot as usize].1;
            if adds {
                *open = self.batches;
            }
            let keep = *open == self.batches;
            if keep {
                self.groups.counts[slot as usize] += if adds { 1 } else { -1 };
            }
            kept.push(keep);
        }
        if !kept.contains(&false) {
            return self.groups.aggregates.update(slots, batch);
        }
        let slots: Vec<u32> = slots.iter().zip(&kept).filter(|(_, k)| **k).map(|(s, _)| *s).collect();
        self.groups.aggregates.update(&slots, &batch.filter(&BooleanArray::from(kept))?)
    }

    fn emit(
        &self,
        touched: &[u32],
        existed: &[bool],
        alive: &[bool],
        old: Vec<ArrayRef>,
        new: Vec<ArrayRef>,
        cx: &mut Cx<'_>,
    ) -> Result<()> {
        let existing: Vec<usize> = existed.iter().enumerate().filter(|(_, e)| **e).map(|(i, _)| i).collect();
        let indices = arrow_array::UInt32Array::from_iter_values(existing.iter().map(|&i| i as u32));
        let new_of_existing =
            new.iter().map(|c| arrow_select::take::take(c, &indices, None)).collect::<Result<Vec<_>, _>>()?;
        // With a time to live Flink sends unchanged results on, because they renew the state behind.
        let unchanged = match self.ttl {
            Some(_) => vec![false; existing.len()],
            None => same_rows(&old, &new_of_existing, existing.len())?,
        };
        let mut changes = Changes::default();
        let mut old_row = 0;
        for row in 0..touched.len() {
            match (existed[row], alive[row]) {
                (false, true) => changes.push(RowKind::Insert, Side::New, row),
                (false, false) => {}
                (true, true) => {
                    if !unchanged[old_row] {
                        if self.generate_update_before {
                            changes.push(RowKind::UpdateBefore, Side::Old, old_row);
                        }
                        changes.push(RowKind::UpdateAfter, Side::New, row);
                    }
                }
                (true, false) => changes.push(RowKind::Delete, Side::Old, old_row),
            }
            old_row += usize::from(existed[row]);
        }
        if changes.is_empty() {
            return Ok(());
        }
        let existing_slots: Vec<u32> = existing.iter().map(|&i| touched[i]).collect();
        let old_columns: Vec<ArrayRef> = self.groups.index.columns(&existing_slots)?.into_iter().chain(old).collect();
        let new_columns: Vec<ArrayRef> = self.groups.index.columns(touched)?.into_iter().chain(new).collect();
        cx.emit(changes.batch(&self.schema, &old_columns, &new_columns)?);
        Ok(())
    }
}

impl Operator for GroupAggregateOperator {
    fn on_batch(&mut self, _port: usize, batch: Batch, cx: &mut Cx<'_>) -> Result<()> {
        match &mut self.runs {
            None => self.fold(&batch, cx),
            Some(runs) => runs.split(&batch)?.iter().try_for_each(|run| self.fold(run, cx)),
        }
    }

    fn on_watermark(&mut self, watermark: i64, cx: &mut Cx<'_>) -> Result<()> {
        self.groups.expire(cx.now);
        if watermark == END_OF_TIME {
            self.close(cx)?;
        }
        Ok(())
    }

    fn snapshot(&mut self, full: bool) -> Result<Snapshot> {
        let meta = serde_json::json!({ CLOSED: self.closed });
        Ok(Snapshot { meta, tables: vec![self.groups.snapshot(full)?] })
    }

    fn restore(&mut self, parts: &[Part]) -> Result<()> {
        self.closed = parts.iter().any(|part| part.meta.get(CLOSED) == Some(&serde_json::Value::Bool(true)));
        self.groups.restore(parts)
    }

    fn state_bytes(&self) -> usize {
        self.groups.memory() + self.marks.capacity() * 16
    }
}
