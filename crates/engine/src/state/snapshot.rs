//! What operators hand over at a barrier and get back when they start.
//!
//! A table's file holds one row per changed slot: `$space` and `$slot` name it, `$live` is false when it was emptied,
//! `$group` is the key group, and the operator's own columns follow. A full file names every live slot; deltas come after
//! it and win over what is before them.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Int64Type, UInt8Type, UInt32Type};
use arrow_array::{ArrayRef, BooleanArray, Int64Array, RecordBatch, UInt8Array, UInt32Array, new_null_array};
use arrow_schema::{DataType as ArrowType, Field, Schema, SchemaRef};
use nutkin_functions::keys::KEY_GROUPS;

use crate::error::{Failure, FailureKind, Result};

/// Columns before the operator's own.
const HEAD: usize = 4;

/// The key groups of one subtask: `start..end` of [`KEY_GROUPS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct KeyGroupRange {
    pub start: usize,
    pub end: usize,
}

impl KeyGroupRange {
    /// Range of subtask `index` of `parallelism`.
    pub fn of(index: u32, parallelism: u32) -> KeyGroupRange {
        let bound = |i: u32| (i as usize * KEY_GROUPS).div_ceil(parallelism as usize);
        KeyGroupRange { start: bound(index), end: bound(index + 1) }
    }

    /// Subtask that owns `group`.
    pub fn owner(group: u8, parallelism: u32) -> u32 {
        (usize::from(group) * parallelism as usize / KEY_GROUPS) as u32
    }

    pub fn contains(&self, group: u8) -> bool {
        (self.start..self.end).contains(&usize::from(group))
    }
}

/// State of one operator of one subtask at a barrier.
#[derive(Debug, Default)]
pub(crate) struct Snapshot {
    /// Small things that are not keyed.
    pub meta: serde_json::Value,
    pub tables: Vec<TableSnapshot>,
}

/// Changed rows of one table.
#[derive(Debug)]
pub(crate) struct TableSnapshot {
    pub name: &'static str,
    /// True when nothing written before is needed.
    pub full: bool,
    pub schema: SchemaRef,
    pub batches: Vec<RecordBatch>,
}

/// What one former subtask left behind.
#[derive(Debug, Default)]
pub(crate) struct Part {
    pub meta: serde_json::Value,
    /// Batches per table, oldest first.
    pub tables: BTreeMap<String, Vec<RecordBatch>>,
}

/// Collects the rows of a [`TableSnapshot`].
#[derive(Debug)]
pub(crate) struct TableWriter {
    name: &'static str,
    full: bool,
    schema: SchemaRef,
    batches: Vec<RecordBatch>,
}

/// Rows per batch in a state file.
const CHUNK: usize = 8192;

impl TableWriter {
    /// A table whose own columns have these types.
    pub fn new(name: &'static str, full: bool, types: &[ArrowType]) -> TableWriter {
        let head = [
            Field::new("$space", ArrowType::Int64, false),
            Field::new("$slot", ArrowType::UInt32, false),
            Field::new("$live", ArrowType::Boolean, false),
            Field::new("$group", ArrowType::UInt8, false),
        ];
        let own = types.iter().enumerate().map(|(i, t)| Field::new(format!("c{i}"), t.clone(), true));
        let schema = Arc::new(Schema::new(head.into_iter().chain(own).collect::<Vec<_>>()));
        TableWriter { name, full, schema, batches: Vec::new() }
    }

    /// Adds live slots of `space`; `columns` makes their own columns and key groups for a chunk of slots.
    pub fn live(
        &mut self,
        space: i64,
        slots: &[u32],
        mut columns: impl FnMut(&[u32]) -> Result<(Vec<ArrayRef>, Vec<u8>)>,
    ) -> Result<()> {
        for chunk in slots.chunks(CHUNK) {
            let (own, groups) = columns(chunk)?;
            self.push(space, chunk, true, groups, own)?;
        }
        Ok(())
    }

    /// Adds slots of `space` that were emptied.
    pub fn dead(&mut self, space: i64, slots: &[u32]) -> Result<()> {
        if slots.is_empty() {
            return Ok(());
        }
        let own = self.schema.fields()[HEAD..].iter().map(|f| new_null_array(f.data_type(), slots.len())).collect();
        self.push(space, slots, false, vec![0; slots.len()], own)
    }

    fn push(&mut self, space: i64, slots: &[u32], live: bool, groups: Vec<u8>, own: Vec<ArrayRef>) -> Result<()> {
        let mut columns: Vec<ArrayRef> = vec![
            Arc::new(Int64Array::from_value(space, slots.len())),
            Arc::new(UInt32Array::from(slots.to_vec())),
            Arc::new(BooleanArray::from(vec![live; slots.len()])),
            Arc::new(UInt8Array::from(groups)),
        ];
        columns.extend(own);
        self.batches.push(RecordBatch::try_new(self.schema.clone(), columns)?);
        Ok(())
    }

    pub fn finish(self) -> TableSnapshot {
        TableSnapshot { name: self.name, full: self.full, schema: self.schema, batches: self.batches }
    }
}

/// Live rows of a restored table.
#[derive(Debug)]
pub(crate) struct RestoredRows {
    pub space: i64,
    pub columns: Vec<ArrayRef>,
    pub rows: usize,
}

/// The last state of every slot that is alive and in `range`, grouped by space.
pub(crate) fn live_rows(
    batches: &[RecordBatch],
    range: KeyGroupRange,
    types: &[ArrowType],
) -> Result<Vec<RestoredRows>> {
    let mut seen: HashSet<(i64, u32)> = HashSet::new();
    let mut found = Vec::new();
    for batch in batches.iter().rev() {
        check(batch, types)?;
        let spaces = batch.column(0).as_primitive::<Int64Type>();
        let slots = batch.column(1).as_primitive::<UInt32Type>();
        let live = batch.column(2).as_boolean();
        let groups = batch.column(3).as_primitive::<UInt8Type>();
        let mut by_space: BTreeMap<i64, Vec<u32>> = BTreeMap::new();
        for row in 0..batch.num_rows() {
            let newest = seen.insert((spaces.value(row), slots.value(row)));
            if newest && live.value(row) && range.contains(groups.value(row)) {
                by_space.entry(spaces.value(row)).or_default().push(row as u32);
            }
        }
        for (space, rows) in by_space {
            let indices = UInt32Array::from(rows);
            let columns = batch.columns()[HEAD..]
                .iter()
                .map(|column| arrow_select::take::take(column, &indices, None))
                .collect::<Result<Vec<_>, _>>()?;
            found.push(RestoredRows { space, columns, rows: indices.len() });
        }
    }
    // Older rows first, so that what depends on arrival order finds it.
    found.reverse();
    Ok(found)
}

fn check(batch: &RecordBatch, types: &[ArrowType]) -> Result<()> {
    let schema = batch.schema();
    let own: Vec<&ArrowType> = schema.fields().iter().skip(HEAD).map(|f| f.data_type()).collect();
    if own.len() == types.len() && own.iter().zip(types).all(|(a, b)| *a == b) {
        return Ok(());
    }
    Err(Failure::new(
        FailureKind::Incompatible,
        format!("the checkpoint holds columns of the types {own:?}, the operator keeps {types:?}"),
    ))
}
