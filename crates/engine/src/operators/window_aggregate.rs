//! StreamWindowAggregate: one row per key and window, when the watermark passes the window's end.
//!
//! Rows are aggregated once, in the slice they fall into; a window merges the slices it is made of, so the cost per row does
//! not depend on how many windows overlap. A row whose slice has been put out already still counts for later windows of the
//! slice; when there are none it is late: dropped and counted. Windows live in local time (see [`WindowZone`]).

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions, TimestampMillisecondArray, UInt32Array};
use arrow_schema::{DataType as ArrowType, SchemaRef};
use nutkin_functions::aggregate::lookup;
use nutkin_plan::operators::{GlobalWindowAggregate, WindowAggregate, WindowInput, WindowProperty};
use nutkin_plan::{AggregateCall, WindowSpec};
use nutkin_types::Batch;
use nutkin_types::arrow::arrow_schema;
use serde::{Deserialize, Serialize};

use crate::error::{Failure, Result};
use crate::operators::aggregates::{Aggregates, columns_at, typed, types_at};
use crate::operators::partials::Partials;
use crate::operators::time::WindowZone;
use crate::operators::window_table_function::rowtime;
use crate::operators::{Cx, Operator, OperatorOptions};
use crate::state::snapshot::{TableWriter, live_rows};
use crate::state::{KeyGroupRange, Part, Snapshot, key_groups};

mod pane;
pub(super) mod slices;

use pane::{Pane, Recipe};
use slices::{Slices, Window, is_instant};

struct WindowAggregateOperator {
    grouping: Vec<usize>,
    properties: Vec<WindowProperty>,
    slices: Slices,
    recipe: Recipe,
    /// Of a second phase.
    merge: Option<Partials>,
    /// window_time is TIMESTAMP_LTZ.
    is_instant: bool,
    /// By end of slice.
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
    let is_instant = is_instant(&plan.input, input)?;
    let recipe = Recipe {
        calls: typed(&plan.calls, input),
        latest_first: latest_first(window, &plan.calls),
        retracts: !options.input_is_append(0),
        key_types: types_at(input, &plan.grouping),
    };
    Ok(Box::new(WindowAggregateOperator {
        is_instant,
        ..operator(
            recipe,
            (&plan.grouping, &plan.properties),
            Slices::of_rows(&plan.input, WindowZone::of(is_instant, options.evaluator.time_zone)),
            options,
        )?
    }))
}

/// StreamGlobalWindowAggregate.
pub(super) fn create_global(plan: &GlobalWindowAggregate, options: &OperatorOptions<'_>) -> Result<Box<dyn Operator>> {
    super::refuse_session(&plan.window, "StreamGlobalWindowAggregate")?;
    let recipe = Recipe {
        calls: plan.calls.clone(),
        latest_first: latest_first(&plan.window, plan.calls.iter().map(|merged| &merged.call)),
        retracts: plan.retracts,
        key_types: types_at(options.input(0)?, &plan.grouping),
    };
    let merge = Partials::new(&plan.calls, plan.rows_column, plan.retracts)?;
    Ok(Box::new(WindowAggregateOperator {
        is_instant: plan.is_instant,
        merge: Some(merge),
        ..operator(
            recipe,
            (&plan.grouping, &plan.properties),
            Slices::of_partials(plan, WindowZone::of(plan.is_instant, options.evaluator.time_zone)),
            options,
        )?
    }))
}

/// Flink puts a sliding window together from its end: that is the order of what LISTAGG and ARRAY_AGG gather. What it has no
/// merge for is in the order of time.
fn latest_first<'a>(window: &WindowSpec, calls: impl IntoIterator<Item = &'a AggregateCall>) -> bool {
    let merges = |call: &AggregateCall| lookup(&call.function).is_some_and(|function| function.merges(true));
    matches!(window, WindowSpec::Hop { .. }) && calls.into_iter().all(merges)
}

fn operator(
    recipe: Recipe,
    (grouping, properties): (&[usize], &[WindowProperty]),
    slices: Slices,
    options: &OperatorOptions<'_>,
) -> Result<WindowAggregateOperator> {
    let mut types = recipe.key_types.clone();
    types.push(ArrowType::Int64);
    types.extend(Aggregates::of(&recipe.calls, recipe.retracts)?.state_types());
    Ok(WindowAggregateOperator {
        grouping: grouping.to_vec(),
        properties: properties.to_vec(),
        slices,
        recipe,
        merge: None,
        is_instant: false,
        panes: BTreeMap::new(),
        pending: BTreeSet::new(),
        watermark: i64::MIN,
        types,
        schema: arrow_schema(options.output()),
        batch_rows: options.batch_rows.max(1024),
        range: options.range,
    })
}

impl WindowAggregateOperator {
    fn has_ended(&self, window: &Window) -> bool {
        self.slices.zone.has_ended(window.end, self.watermark)
    }

    fn pane(&mut self, end: i64) -> Result<&mut Pane> {
        Ok(match self.panes.entry(end) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => entry.insert(Pane::new(&self.recipe)?),
        })
    }

    fn add(&mut self, end: i64, batch: &Batch, cx: &mut Cx<'_>) -> Result<()> {
        let windows = self.slices.windows_of(end);
        let open: Vec<Window> = windows.iter().copied().filter(|window| !self.has_ended(window)).collect();
        if open.is_empty() {
            return self.drop_late(windows.last().map_or(end, |window| window.end), batch, cx);
        }
        self.pending.extend(open);
        let keys = columns_at(batch, &self.grouping);
        let mut merge = self.merge.take();
        let updated = self.pane(end)?.update(&keys, batch, merge.as_mut());
        self.merge = merge;
        updated
    }

    /// Rows of windows that have all ended, the last at `end`.
    fn drop_late(&self, end: i64, batch: &Batch, cx: &mut Cx<'_>) -> Result<()> {
        let rows = match &self.merge {
            None => batch.num_rows() as u64,
            Some(merge) => merge.counts(batch)?.iter().map(|count| count.unsigned_abs()).sum(),
        };
        cx.telemetry.late(rows, self.watermark.saturating_sub(self.slices.zone.instant(end) - 1));
        Ok(())
    }

    fn fire(&mut self, window: Window, cx: &mut Cx<'_>) -> Result<()> {
        let mut panes = self.slices.slices_of(window);
        panes.retain(|pane| self.panes.contains_key(pane));
        if self.recipe.latest_first {
            panes.reverse();
        }
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
            for property in &self.properties {
                columns.push(match property {
                    WindowProperty::Start => {
                        Arc::new(TimestampMillisecondArray::from_value(window.start, slots.len())) as ArrayRef
                    }
                    WindowProperty::End => Arc::new(TimestampMillisecondArray::from_value(window.end, slots.len())),
                    WindowProperty::Time => {
                        let time = self.slices.zone.window_time(window.end);
                        rowtime(vec![time; slots.len()], self.is_instant)
                    }
                });
            }
            let options = RecordBatchOptions::new().with_row_count(Some(slots.len()));
            cx.emit(Batch::append(RecordBatch::try_new_with_options(self.schema.clone(), columns, &options)?));
        }
        Ok(())
    }

    fn drop_ended(&mut self) {
        let is_over = |&&pane: &&i64| self.slices.windows_of(pane).last().is_none_or(|window| self.has_ended(window));
        let ended: Vec<i64> = self.panes.keys().filter(is_over).copied().collect();
        ended.iter().for_each(|pane| drop(self.panes.remove(pane)));
    }
}

impl Operator for WindowAggregateOperator {
    fn on_batch(&mut self, _port: usize, batch: Batch, cx: &mut Cx<'_>) -> Result<()> {
        let panes = self.slices.ends(&batch)?;
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
            if !self.has_ended(&window) {
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
        let width = self.grouping.len();
        let mut smallest = i64::MAX;
        for part in parts {
            let meta: Meta = serde_json::from_value(part.meta.clone())
                .map_err(|error| Failure::internal(format!("the state of a window aggregation: {error}")))?;
            smallest = smallest.min(meta.watermark);
            // What the former subtask had put out already is left behind: its files may still hold it.
            self.watermark = meta.watermark;
            for restored in part.tables.get(PANES).map_or(Ok(Vec::new()), |b| live_rows(b, self.range, &self.types))? {
                let mut open = self.slices.windows_of(restored.space);
                open.retain(|window| !self.has_ended(window));
                if open.is_empty() {
                    continue;
                }
                self.pending.extend(open);
                let pane = self.pane(restored.space)?;
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
