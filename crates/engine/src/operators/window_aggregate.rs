//! StreamWindowAggregate: one row per key and window, when the watermark passes the window's end.
//!
//! Rows are aggregated once, in the slice they fall into; a window merges the slices it is made of, so the cost per row does
//! not depend on how many windows overlap. A row whose slice has been put out already still counts for later windows of the
//! slice; when there are none it is late: dropped and counted. Windows live in local time (see [`WindowZone`]).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::TimestampMillisecondType;
use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions, TimestampMillisecondArray, UInt32Array};
use arrow_schema::{DataType as ArrowType, SchemaRef};
use nutkin_plan::operators::{WindowAggregate, WindowInput, WindowProperty};
use nutkin_plan::{AggregateCall, WindowSpec};
use nutkin_types::arrow::arrow_schema;
use nutkin_types::{Batch, LogicalType, Schema};
use serde::{Deserialize, Serialize};

use crate::error::{Failure, Result};
use crate::operators::aggregates::{Aggregates, columns_at, types_at};
use crate::operators::time::{WindowZone, event_times};
use crate::operators::window_table_function::rowtime;
use crate::operators::{Cx, Operator, OperatorOptions};
use crate::state::snapshot::{TableWriter, live_rows};
use crate::state::{KeyGroupRange, KeyIndex, Part, Snapshot, key_groups};

/// A window in local milliseconds, ordered by end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Window {
    end: i64,
    start: i64,
}

/// Aggregates of one slice by key.
struct Pane {
    index: KeyIndex,
    aggregates: Aggregates,
    /// Rows per slot, kept when rows can be taken back.
    counts: Vec<i64>,
}

/// What a pane is made from.
struct Recipe {
    calls: Vec<AggregateCall>,
    input: Schema,
    retracts: bool,
    key_types: Vec<ArrowType>,
}

struct WindowAggregateOperator {
    plan: WindowAggregate,
    recipe: Recipe,
    zone: WindowZone,
    /// window_time is TIMESTAMP_LTZ.
    is_instant: bool,
    /// By end of slice; for rows that carry their window, by the window's end.
    panes: BTreeMap<i64, Pane>,
    /// Windows that hold a pane and have not been put out.
    pending: BTreeSet<Window>,
    watermark: i64,
    types: Vec<ArrowType>,
    schema: SchemaRef,
    batch_rows: usize,
    range: KeyGroupRange,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Meta {
    watermark: i64,
}

/// Name of the state table.
const PANES: &str = "panes";

pub(super) fn create(plan: &WindowAggregate, options: &OperatorOptions<'_>) -> Result<Box<dyn Operator>> {
    let (WindowInput::Assign { window, .. } | WindowInput::Attached { window, .. }) = &plan.input;
    super::refuse_session(window, "StreamWindowAggregate")?;
    let input = options.input(0)?;
    let event_time = event_time_type(plan, input, options.output())?;
    let retracts = !options.input_is_append(0);
    let key_types = types_at(input, &plan.grouping);
    let mut types = key_types.clone();
    types.push(ArrowType::Int64);
    types.extend(Aggregates::new(&plan.calls, input, retracts)?.state_types());
    Ok(Box::new(WindowAggregateOperator {
        recipe: Recipe { calls: plan.calls.clone(), input: input.clone(), retracts, key_types },
        zone: WindowZone::new(&event_time, options.evaluator.time_zone),
        is_instant: matches!(event_time, LogicalType::TimestampLtz { .. }),
        plan: plan.clone(),
        panes: BTreeMap::new(),
        pending: BTreeSet::new(),
        watermark: i64::MIN,
        types,
        schema: arrow_schema(options.output()),
        batch_rows: options.batch_rows.max(1024),
        range: options.range,
    }))
}

/// Type of the event time that the windows were made from.
fn event_time_type(plan: &WindowAggregate, input: &Schema, output: &Schema) -> Result<LogicalType> {
    let missing = || Failure::internal("a window over a column that is not there");
    if let WindowInput::Assign { time_column, .. } = plan.input {
        return Ok(input.columns.get(time_column).ok_or_else(missing)?.data_type.logical.clone());
    }
    let first = plan.grouping.len() + plan.calls.len();
    let time = plan.properties.iter().position(|property| *property == WindowProperty::Time);
    let from_output = time.and_then(|time| output.columns.get(first + time));
    let found = from_output.or_else(|| input.columns.iter().find(|column| column.is_rowtime()));
    Ok(found.map_or(LogicalType::Timestamp { precision: 3 }, |column| column.data_type.logical.clone()))
}

impl Pane {
    fn new(recipe: &Recipe) -> Result<Pane> {
        Ok(Pane {
            index: KeyIndex::new(&recipe.key_types)?,
            aggregates: Aggregates::new(&recipe.calls, &recipe.input, recipe.retracts)?,
            counts: Vec::new(),
        })
    }

    fn grow(&mut self) {
        self.aggregates.resize(self.index.capacity());
        self.counts.resize(self.index.capacity(), 0);
    }

    fn update(&mut self, keys: &[ArrayRef], batch: &Batch) -> Result<()> {
        let mut slots = Vec::new();
        self.index.insert(keys, batch.num_rows(), &mut slots, |_| {})?;
        self.grow();
        for (row, &slot) in slots.iter().enumerate() {
            self.counts[slot as usize] += batch.kind(row).sign();
            self.index.touch(slot);
        }
        self.aggregates.update(&slots, batch)
    }

    /// Folds all of `other` into this pane.
    fn merge(&mut self, other: &Pane) -> Result<()> {
        let from = other.index.slots();
        let mut into = Vec::new();
        self.index.insert(&other.index.columns(&from)?, from.len(), &mut into, |_| {})?;
        self.grow();
        for (&into, &from) in into.iter().zip(&from) {
            self.counts[into as usize] += other.counts[from as usize];
        }
        self.aggregates.merge(&into, &other.aggregates, &from)
    }

    fn memory(&self) -> usize {
        self.index.memory() + self.aggregates.memory() + self.counts.capacity() * 8
    }
}

impl WindowAggregateOperator {
    /// Windows that the pane `pane` belongs to, earliest end first.
    fn windows_of(&self, pane: i64) -> Vec<Window> {
        match self.plan.input {
            WindowInput::Assign { window, .. } => {
                let windows = window.windows_of_slice(pane).into_iter();
                windows.map(|(start, end)| Window { end, start }).collect()
            }
            // The pane is the window itself; its start follows from the kind of window.
            WindowInput::Attached { window, .. } => {
                let start = match window {
                    WindowSpec::Tumble { size, .. } | WindowSpec::Hop { size, .. } => pane - size,
                    WindowSpec::Session { gap } => pane - gap,
                    WindowSpec::Cumulate { step, max, offset } => pane - step - (pane - step - offset).rem_euclid(max),
                };
                vec![Window { end: pane, start }]
            }
        }
    }

    /// Panes that make up a window.
    fn panes_of(&self, window: Window) -> Vec<i64> {
        match self.plan.input {
            WindowInput::Assign { window: spec, .. } => spec.slices_of_window(window.start, window.end).collect(),
            WindowInput::Attached { .. } => vec![window.end],
        }
    }

    /// The pane of each row.
    fn assign(&self, batch: &Batch) -> Result<Vec<i64>> {
        match self.plan.input {
            WindowInput::Assign { window, time_column } => {
                let times = event_times(batch.column(time_column))?;
                Ok(times.values().iter().map(|&time| window.slice_end(self.zone.local(time))).collect())
            }
            WindowInput::Attached { end_column, .. } => {
                let ends = batch.column(end_column).as_primitive_opt::<TimestampMillisecondType>();
                let ends = ends.ok_or_else(|| Failure::internal("window_end is not TIMESTAMP(3)"))?;
                Ok(ends.values().to_vec())
            }
        }
    }

    fn add(&mut self, pane: i64, batch: &Batch, cx: &mut Cx<'_>) -> Result<()> {
        let windows = self.windows_of(pane);
        let open: Vec<Window> =
            windows.iter().copied().filter(|window| !self.zone.has_ended(window.end, self.watermark)).collect();
        if open.is_empty() {
            let end = windows.last().map_or(pane, |window| window.end);
            let lateness = self.watermark.saturating_sub(self.zone.instant(end) - 1);
            cx.telemetry.late(batch.num_rows() as u64, lateness);
            return Ok(());
        }
        self.pending.extend(open);
        let keys = columns_at(batch, &self.plan.grouping);
        let state = match self.panes.entry(pane) {
            std::collections::btree_map::Entry::Occupied(entry) => entry.into_mut(),
            std::collections::btree_map::Entry::Vacant(entry) => entry.insert(Pane::new(&self.recipe)?),
        };
        state.update(&keys, batch)
    }

    fn fire(&mut self, window: Window, cx: &mut Cx<'_>) -> Result<()> {
        let panes: Vec<i64> = self.panes_of(window).into_iter().filter(|p| self.panes.contains_key(p)).collect();
        match panes[..] {
            [] => Ok(()),
            [only] => match self.panes.get(&only) {
                Some(pane) => self.emit(window, pane, cx),
                None => Ok(()),
            },
            _ => {
                let mut merged = Pane::new(&self.recipe)?;
                for pane in panes.iter().filter_map(|pane| self.panes.get(pane)) {
                    merged.merge(pane)?;
                }
                self.emit(window, &merged, cx)
            }
        }
    }

    fn emit(&self, window: Window, pane: &Pane, cx: &mut Cx<'_>) -> Result<()> {
        let mut slots = pane.index.slots();
        slots.retain(|&slot| !self.recipe.retracts || pane.counts[slot as usize] > 0);
        for slots in slots.chunks(self.batch_rows) {
            let mut columns = pane.index.columns(slots)?;
            columns.extend(pane.aggregates.values(slots)?);
            for property in &self.plan.properties {
                columns.push(match property {
                    WindowProperty::Start => {
                        Arc::new(TimestampMillisecondArray::from_value(window.start, slots.len())) as ArrayRef
                    }
                    WindowProperty::End => Arc::new(TimestampMillisecondArray::from_value(window.end, slots.len())),
                    WindowProperty::Time => {
                        rowtime(vec![self.zone.window_time(window.end); slots.len()], self.is_instant)
                    }
                });
            }
            let options = RecordBatchOptions::new().with_row_count(Some(slots.len()));
            cx.emit(Batch::append(RecordBatch::try_new_with_options(self.schema.clone(), columns, &options)?));
        }
        Ok(())
    }

    fn drop_ended(&mut self) {
        let zone = self.zone;
        let watermark = self.watermark;
        let ended: Vec<i64> = self
            .panes
            .keys()
            .copied()
            .filter(|&pane| self.windows_of(pane).last().is_none_or(|window| zone.has_ended(window.end, watermark)))
            .collect();
        ended.iter().for_each(|pane| drop(self.panes.remove(pane)));
    }
}

impl Operator for WindowAggregateOperator {
    fn on_batch(&mut self, _port: usize, batch: Batch, cx: &mut Cx<'_>) -> Result<()> {
        let panes = self.assign(&batch)?;
        let Some(&first) = panes.first() else { return Ok(()) };
        if panes.iter().all(|&pane| pane == first) {
            return self.add(first, &batch, cx);
        }
        let mut rows: BTreeMap<i64, Vec<u32>> = BTreeMap::new();
        for (row, &pane) in panes.iter().enumerate() {
            rows.entry(pane).or_default().push(row as u32);
        }
        rows.into_iter().try_for_each(|(pane, rows)| self.add(pane, &batch.take(&UInt32Array::from(rows))?, cx))
    }

    fn on_watermark(&mut self, watermark: i64, cx: &mut Cx<'_>) -> Result<()> {
        self.watermark = watermark;
        while let Some(window) = self.pending.first().copied() {
            if !self.zone.has_ended(window.end, watermark) {
                break;
            }
            self.pending.pop_first();
            self.fire(window, cx)?;
        }
        self.drop_ended();
        Ok(())
    }

    fn snapshot(&mut self, full: bool) -> Result<Snapshot> {
        let mut table = TableWriter::new(PANES, full, &self.types);
        for (&pane, state) in &mut self.panes {
            let dirty = state.index.take_dirty();
            let slots = if full { state.index.slots() } else { dirty };
            let Pane { index, aggregates, counts } = state;
            table.live(pane, &slots, |slots| {
                let mut columns = index.columns(slots)?;
                let groups = key_groups(&columns, slots.len())?;
                let counts = slots.iter().map(|&slot| counts[slot as usize]);
                columns.push(Arc::new(arrow_array::Int64Array::from_iter_values(counts)));
                columns.extend(aggregates.export(slots)?);
                Ok((columns, groups))
            })?;
        }
        let meta = serde_json::to_value(Meta { watermark: self.watermark });
        let meta = meta.map_err(|error| Failure::internal(error.to_string()))?;
        Ok(Snapshot { meta, tables: vec![table.finish()] })
    }

    fn restore(&mut self, parts: &[Part]) -> Result<()> {
        let width = self.plan.grouping.len();
        let mut smallest = i64::MAX;
        for part in parts {
            let meta: Meta = serde_json::from_value(part.meta.clone())
                .map_err(|error| Failure::internal(format!("the state of a window aggregation: {error}")))?;
            smallest = smallest.min(meta.watermark);
            // What the former subtask had put out already is left behind: its files may still hold it.
            self.watermark = meta.watermark;
            for restored in part.tables.get(PANES).map_or(Ok(Vec::new()), |b| live_rows(b, self.range, &self.types))? {
                let windows = self.windows_of(restored.space);
                let open: Vec<Window> =
                    windows.into_iter().filter(|w| !self.zone.has_ended(w.end, meta.watermark)).collect();
                if open.is_empty() {
                    continue;
                }
                self.pending.extend(open);
                let pane = match self.panes.entry(restored.space) {
                    std::collections::btree_map::Entry::Occupied(entry) => entry.into_mut(),
                    std::collections::btree_map::Entry::Vacant(entry) => entry.insert(Pane::new(&self.recipe)?),
                };
                let mut slots = Vec::new();
                pane.index.insert(&restored.columns[..width], restored.rows, &mut slots, |_| {})?;
                pane.grow();
                let counts = restored.columns[width].as_primitive::<arrow_array::types::Int64Type>();
                for (row, &slot) in slots.iter().enumerate() {
                    pane.counts[slot as usize] = counts.value(row);
                }
                pane.aggregates.import(&slots, &restored.columns[width + 1..])?;
            }
        }
        self.watermark = if parts.is_empty() { i64::MIN } else { smallest };
        Ok(())
    }

    fn state_bytes(&self) -> usize {
        self.panes.values().map(Pane::memory).sum()
    }
}
