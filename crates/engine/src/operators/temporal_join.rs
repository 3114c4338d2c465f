//! StreamTemporalJoin: each left row with the version of the right row that was valid at its event time.
//!
//! Left rows wait until the watermark has passed their time: then no older version can come on the right any more. The right
//! side keeps, per key, the versions since the last one that a waiting or coming row may still need. -U rows are not needed:
//! the +U or -D that goes with them ends the version.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Int64Type, UInt8Type};
use arrow_array::{Array, ArrayRef, BooleanArray, Int64Array, UInt8Array, UInt32Array};
use arrow_schema::{DataType as ArrowType, SchemaRef};
use nutkin_functions::Evaluator;
use nutkin_plan::operators::{TemporalJoin, TemporalJoinKind};
use nutkin_types::arrow::{arrow_schema, arrow_type};
use nutkin_types::{Batch, RowKind, Schema};

use crate::error::Result;
use crate::operators::aggregates::{columns_at, types_at};
use crate::operators::time::event_times;
use crate::operators::{Cx, Operator, OperatorOptions};
use crate::state::snapshot::{TableWriter, live_rows};
use crate::state::{KeyGroupRange, KeyIndex, Part, RowTable, Snapshot, key_groups};

const LEFT: &str = "left";
const RIGHT: &str = "right";

struct TemporalJoinOperator {
    plan: TemporalJoin,
    condition: Option<Evaluator>,
    left: RowTable,
    /// Waiting left rows by event time, in order of arrival.
    waiting: BTreeMap<i64, Vec<u32>>,
    right: RowTable,
    keys: KeyIndex,
    /// Versions per key, by the time from which they are valid.
    versions: Vec<BTreeMap<i64, u32>>,
    /// Wall-clock time of the last change per key.
    touched: Vec<i64>,
    /// Keys that may have versions nobody needs.
    untidy: BTreeSet<u32>,
    left_types: Vec<ArrowType>,
    right_types: Vec<ArrowType>,
    schema: SchemaRef,
    batch_rows: usize,
    range: KeyGroupRange,
}

pub(super) fn create(plan: &TemporalJoin, options: &OperatorOptions<'_>) -> Result<Box<dyn Operator>> {
    let (left, right) = (options.input(0)?, options.input(1)?);
    let condition = plan.condition.as_ref().map(|c| Evaluator::compile(c, &options.evaluator)).transpose()?;
    let (left_columns, right_columns) = (row_types(left), row_types(right));
    let with = |head: &[ArrowType], columns: &[ArrowType]| head.iter().chain(columns).cloned().collect();
    Ok(Box::new(TemporalJoinOperator {
        condition,
        left: RowTable::new(&left_columns)?,
        waiting: BTreeMap::new(),
        right: RowTable::new(&right_columns)?,
        keys: KeyIndex::new(&types_at(right, &plan.right_keys))?,
        versions: Vec::new(),
        touched: Vec::new(),
        untidy: BTreeSet::new(),
        left_types: with(&[ArrowType::Int64], &left_columns),
        right_types: with(&[ArrowType::Int64, ArrowType::UInt8, ArrowType::Int64], &right_columns),
        schema: arrow_schema(options.output()),
        batch_rows: options.batch_rows.max(1),
        plan: plan.clone(),
        range: options.range,
    }))
}

fn row_types(schema: &Schema) -> Vec<ArrowType> {
    schema.columns.iter().map(|column| arrow_type(&column.data_type.logical)).collect()
}

/// True where any of the key columns is NULL: such a row joins nothing.
fn null_keys(keys: &[ArrayRef], rows: usize) -> Vec<bool> {
    (0..rows).map(|row| keys.iter().any(|key| key.is_null(row))).collect()
}

impl TemporalJoinOperator {
    fn on_left(&mut self, batch: &Batch) -> Result<()> {
        let times = event_times(batch.column(self.plan.left_time))?;
        let encoded = self.left.encode(batch.rows().columns())?;
        for (row, &time) in times.values().iter().enumerate() {
            let slot = self.left.insert(encoded.row(row).data(), time, 0);
            self.waiting.entry(time).or_default().push(slot);
        }
        Ok(())
    }

    fn on_right(&mut self, batch: &Batch, now: i64) -> Result<()> {
        let keys = columns_at(batch, &self.plan.right_keys);
        let wanted: BooleanArray = null_keys(&keys, batch.num_rows())
            .into_iter()
            .enumerate()
            .map(|(row, null)| Some(!null && batch.kind(row) != RowKind::UpdateBefore))
            .collect();
        let batch = if wanted.true_count() == batch.num_rows() { batch.clone() } else { batch.filter(&wanted)? };
        let times = event_times(batch.column(self.plan.right_time))?;
        let encoded = self.right.encode(batch.rows().columns())?;
        let mut slots = Vec::new();
        self.keys.insert(&columns_at(&batch, &self.plan.right_keys), batch.num_rows(), &mut slots, |_| {})?;
        self.grow();
        for (row, &key) in slots.iter().enumerate() {
            self.put_version(key, times.value(row), encoded.row(row).data(), batch.kind(row), now);
        }
        Ok(())
    }

    fn grow(&mut self) {
        self.versions.resize_with(self.keys.capacity(), BTreeMap::new);
        self.touched.resize(self.keys.capacity(), 0);
    }

    fn put_version(&mut self, key: u32, time: i64, row: &[u8], kind: RowKind, now: i64) {
        let slot = self.right.insert(row, time, kind as u8);
        let versions = &mut self.versions[key as usize];
        if let Some(replaced) = versions.insert(time, slot) {
            self.right.remove(replaced);
        }
        if versions.len() > 1 || !kind.adds() {
            self.untidy.insert(key);
        }
        self.touched[key as usize] = now;
    }

    /// The version of `key` that is valid at `time`.
    fn version_at(&self, key: u32, time: i64) -> Option<u32> {
        let (_, &slot) = self.versions.get(key as usize)?.range(..=time).next_back()?;
        RowKind::from_byte(self.right.kind(slot)).is_some_and(RowKind::adds).then_some(slot)
    }

    fn join(&mut self, slots: &[u32], cx: &mut Cx<'_>) -> Result<()> {
        let left = self.left.columns(slots)?;
        let left_keys: Vec<ArrayRef> = self.plan.left_keys.iter().map(|&key| left[key].clone()).collect();
        let nulls = null_keys(&left_keys, slots.len());
        let mut keys = Vec::new();
        self.keys.find(&left_keys, slots.len(), &mut keys)?;
        let matches: Vec<Option<u32>> = slots
            .iter()
            .zip(&keys)
            .zip(&nulls)
            .map(|((&slot, &key), &null)| if null { None } else { self.version_at(key, self.left.time(slot)) })
            .collect();
        let found: Vec<u32> = matches.iter().flatten().copied().collect();
        let mut next = 0u32;
        let right_row: UInt32Array = matches
            .iter()
            .map(|found| {
                found.map(|_| {
                    next += 1;
                    next - 1
                })
            })
            .collect();
        let right = self.right.columns(&found)?;
        let mut matched: BooleanArray = matches.iter().map(|found| Some(found.is_some())).collect();
        if let Some(condition) = self.condition.as_ref().filter(|_| !found.is_empty()) {
            let left_rows = UInt32Array::from_iter_values(
                matches.iter().enumerate().filter(|(_, found)| found.is_some()).map(|(row, _)| row as u32),
            );
            let mut columns =
                left.iter().map(|c| arrow_select::take::take(c, &left_rows, None)).collect::<Result<Vec<_>, _>>()?;
            columns.extend(right.iter().cloned());
            let truth = condition.evaluate_columns(&columns, found.len(), &cx.evaluation())?;
            let truth = truth.as_boolean();
            let holds = |row: u32| truth.is_valid(row as usize) && truth.value(row as usize);
            matched = right_row.iter().map(|row| Some(row.is_some_and(holds))).collect();
        }
        let right_row: UInt32Array =
            right_row.iter().zip(&matched).map(|(row, matched)| row.filter(|_| matched == Some(true))).collect();
        let mut columns = left;
        for column in &right {
            columns.push(arrow_select::take::take(column, &right_row, None)?);
        }
        let joined = Batch::append(arrow_array::RecordBatch::try_new(self.schema.clone(), columns)?);
        cx.emit(match self.plan.kind {
            TemporalJoinKind::Left => joined,
            TemporalJoinKind::Inner => joined.filter(&matched)?,
        });
        Ok(())
    }

    /// Drops versions that no coming row can ask for.
    fn tidy(&mut self, watermark: i64, now: i64) {
        let expired = |touched: i64| self.plan.state_ttl.is_some_and(|ttl| now - touched >= ttl);
        if self.plan.state_ttl.is_some() {
            let old = self.keys.slots().into_iter().filter(|&key| expired(self.touched[key as usize]));
            self.untidy.extend(old.collect::<Vec<_>>());
        }
        for key in std::mem::take(&mut self.untidy) {
            let is_expired = expired(self.touched[key as usize]);
            let versions = &mut self.versions[key as usize];
            let valid_from = versions.range(..=watermark).next_back().map(|(&time, &slot)| (time, slot));
            let mut dropped = Vec::new();
            if let Some((time, slot)) = valid_from {
                let gone = is_expired || !RowKind::from_byte(self.right.kind(slot)).is_some_and(RowKind::adds);
                let kept = versions.split_off(&time);
                dropped.extend(std::mem::replace(versions, kept).into_values());
                if gone {
                    dropped.extend(versions.remove(&time));
                }
            }
            dropped.into_iter().for_each(|slot| self.right.remove(slot));
            match versions.len() {
                0 => self.keys.remove(key),
                1 if versions.values().all(|&slot| self.right.kind(slot) != RowKind::Delete as u8) => {}
                _ => drop(self.untidy.insert(key)),
            }
        }
    }

    fn snapshot_side(&mut self, is_left: bool, full: bool) -> Result<crate::state::TableSnapshot> {
        let (name, types) = if is_left { (LEFT, &self.left_types) } else { (RIGHT, &self.right_types) };
        let rows = if is_left { &mut self.left } else { &mut self.right };
        let dirty = rows.take_dirty();
        let (live, dead) = match full {
            true => (rows.slots(), Vec::new()),
            false => dirty.into_iter().partition(|&slot| rows.is_live(slot)),
        };
        let rows = &*rows;
        let key_columns = if is_left { &self.plan.left_keys } else { &self.plan.right_keys };
        let mut table = TableWriter::new(name, full, types);
        table.dead(0, &dead)?;
        table.live(0, &live, |slots| {
            let own = rows.columns(slots)?;
            let keys: Vec<ArrayRef> = key_columns.iter().map(|&key| own[key].clone()).collect();
            let groups = key_groups(&keys, slots.len())?;
            let times = slots.iter().map(|&slot| rows.time(slot));
            let mut columns: Vec<ArrayRef> = vec![Arc::new(Int64Array::from_iter_values(times))];
            if !is_left {
                let kinds = slots.iter().map(|&slot| rows.kind(slot));
                columns.push(Arc::new(UInt8Array::from_iter_values(kinds)));
                let mut found = Vec::new();
                self.keys.find(&keys, slots.len(), &mut found)?;
                let touched = found.iter().map(|&key| self.touched.get(key as usize).copied().unwrap_or(0));
                columns.push(Arc::new(Int64Array::from_iter_values(touched)));
            }
            columns.extend(own);
            Ok((columns, groups))
        })?;
        Ok(table.finish())
    }
}

impl Operator for TemporalJoinOperator {
    fn on_batch(&mut self, port: usize, batch: Batch, cx: &mut Cx<'_>) -> Result<()> {
        if port == 0 { self.on_left(&batch) } else { self.on_right(&batch, cx.now) }
    }

    fn on_watermark(&mut self, watermark: i64, cx: &mut Cx<'_>) -> Result<()> {
        let later = match watermark.checked_add(1) {
            Some(next) => self.waiting.split_off(&next),
            None => BTreeMap::new(),
        };
        let ready: Vec<u32> = std::mem::replace(&mut self.waiting, later).into_values().flatten().collect();
        for slots in ready.chunks(self.batch_rows) {
            self.join(slots, cx)?;
        }
        ready.into_iter().for_each(|slot| self.left.remove(slot));
        self.tidy(watermark, cx.now);
        Ok(())
    }

    fn snapshot(&mut self, full: bool) -> Result<Snapshot> {
        let tables = vec![self.snapshot_side(true, full)?, self.snapshot_side(false, full)?];
        Ok(Snapshot { meta: serde_json::Value::Null, tables })
    }

    fn restore(&mut self, parts: &[Part]) -> Result<()> {
        for part in parts {
            for restored in
                part.tables.get(LEFT).map_or(Ok(Vec::new()), |b| live_rows(b, self.range, &self.left_types))?
            {
                let times = restored.columns[0].as_primitive::<Int64Type>();
                let encoded = self.left.encode(&restored.columns[1..])?;
                for row in 0..restored.rows {
                    let slot = self.left.insert(encoded.row(row).data(), times.value(row), 0);
                    self.waiting.entry(times.value(row)).or_default().push(slot);
                }
            }
            for restored in
                part.tables.get(RIGHT).map_or(Ok(Vec::new()), |b| live_rows(b, self.range, &self.right_types))?
            {
                let times = restored.columns[0].as_primitive::<Int64Type>();
                let kinds = restored.columns[1].as_primitive::<UInt8Type>();
                let touched = restored.columns[2].as_primitive::<Int64Type>();
                let columns = &restored.columns[3..];
                let encoded = self.right.encode(columns)?;
                let keys: Vec<ArrayRef> = self.plan.right_keys.iter().map(|&key| columns[key].clone()).collect();
                let mut slots = Vec::new();
                self.keys.insert(&keys, restored.rows, &mut slots, |_| {})?;
                self.grow();
                for (row, &key) in slots.iter().enumerate() {
                    let kind = RowKind::from_byte(kinds.value(row)).unwrap_or(RowKind::Insert);
                    self.put_version(key, times.value(row), encoded.row(row).data(), kind, touched.value(row));
                }
            }
        }
        Ok(())
    }

    fn state_bytes(&self) -> usize {
        let versions: usize = self.versions.iter().map(|versions| versions.len() * 24 + 24).sum();
        self.left.memory() + self.right.memory() + self.keys.memory() + versions + self.touched.capacity() * 8
    }
}
