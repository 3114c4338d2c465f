//! [`GeneratorSource`]: rows of `examples`, paced by the wall clock.
//!
//! Row n is due at a time that follows from n and the rate alone, so all statements see the same rows, the checkpoint holds
//! one number, and a restart neither repeats nor skips rows: what came due meanwhile comes at once. So it is after a wait for
//! other sources that are behind in event time. The first subtask makes them all; the rates are those of a tutorial.

use std::sync::Arc;
use std::time::Duration;

use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions, UInt8Array};
use arrow_schema::SchemaRef;
use async_trait::async_trait;
use nutkin_generate::{Clock as RowClock, Generator, Table as GeneratedTable, timestamps};
use nutkin_plan::operators::{ScanColumn, TableSourceScan};
use nutkin_plan::table::{GeneratorTable, MetadataKey};
use nutkin_plan::{ChangelogMode, Node};
use nutkin_types::arrow::arrow_schema;
use nutkin_types::{Batch, RowKind};
use serde::{Deserialize, Serialize};

use crate::clock::Clock;
use crate::error::{Failure, FailureKind, Result};
use crate::job::metrics::PartitionMetrics;
use crate::source::alignment::Seat;
use crate::source::{Source, SourceEvent};
use crate::telemetry::{PartitionProgress, Telemetry};

pub(crate) struct GeneratorOptions {
    pub rows: GeneratedRows,
    pub clock: Arc<dyn Clock>,
    pub telemetry: Arc<Telemetry>,
    pub plan_node: usize,
    pub subtask: u32,
    pub batch_rows: usize,
    /// True when something above needs event time.
    pub watermarks: bool,
    /// None when nobody has to wait for others, or there are no watermarks here.
    pub seat: Option<Seat>,
}

/// The columns of a scan, made from row numbers.
pub(crate) struct GeneratedRows {
    table: GeneratedTable,
    rows_per_second: u32,
    generator: Generator,
    /// Per output column: a generated column, or the row's time.
    outputs: Vec<Option<usize>>,
    is_upsert: bool,
    schema: SchemaRef,
}

impl GeneratedRows {
    pub fn new(table: &GeneratorTable, scan: &TableSourceScan, node: &Node) -> Result<GeneratedRows> {
        let refuse = |problem: String| Failure::new(FailureKind::Unsupported, problem);
        let generated = GeneratedTable::from_name(&table.table)
            .ok_or_else(|| refuse(format!("there is no generated table '{}'", table.table)))?;
        let schema = generated.schema();
        let (mut projection, mut outputs) = (Vec::new(), Vec::new());
        for column in &scan.columns {
            outputs.push(match column {
                ScanColumn::Rowtime | ScanColumn::Metadata(MetadataKey::Timestamp) => None,
                ScanColumn::Metadata(key) => {
                    return Err(refuse(format!("generated tables have no metadata '{}'", key.name())));
                }
                ScanColumn::Physical(name) => {
                    let missing = || refuse(format!("the generated table '{}' has no column {name}", table.table));
                    projection.push(schema.index_of(name).ok_or_else(missing)?);
                    Some(projection.len() - 1)
                }
            });
        }
        let generator = Generator::new(generated, table.seed)
            .with_projection(&projection)
            .map_err(|error| Failure::internal(error.to_string()))?;
        Ok(GeneratedRows {
            table: generated,
            rows_per_second: table.rows_per_second,
            generator,
            outputs,
            is_upsert: node.changelog_mode != ChangelogMode::Append,
            schema: arrow_schema(&node.schema),
        })
    }

    fn batch(&self, clock: &RowClock, first: u64, count: u64) -> Result<Batch> {
        let rows = first..first + count;
        let generated = self.generator.rows(rows.clone()).map_err(|error| Failure::internal(error.to_string()))?;
        let columns: Vec<ArrayRef> = self
            .outputs
            .iter()
            .map(|output| match output {
                Some(column) => generated.column(*column).clone(),
                None => timestamps(clock, rows.clone()),
            })
            .collect();
        let options = RecordBatchOptions::new().with_row_count(Some(count as usize));
        let batch = RecordBatch::try_new_with_options(self.schema.clone(), columns, &options)?;
        match self.is_upsert {
            true => Ok(Batch::changelog(batch, UInt8Array::from_value(RowKind::UpdateAfter as u8, count as usize))?),
            false => Ok(Batch::append(batch)),
        }
    }
}

pub(crate) struct GeneratorSource {
    options: GeneratorOptions,
    clock: RowClock,
    state: State,
    /// Watermark to send before the next batch.
    watermark: Option<i64>,
    idle_sent: bool,
}

#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
struct State {
    next_row: u64,
}

/// Rows that come due within this time travel together.
const LINGER: Duration = Duration::from_millis(20);

impl GeneratorSource {
    pub fn new(options: GeneratorOptions, restored: &[serde_json::Value]) -> Result<GeneratorSource> {
        let clock = RowClock::new(options.rows.table, options.rows.rows_per_second);
        let mut state = State { next_row: clock.first_row(options.clock.now_millis()) };
        for value in restored.iter().filter(|value| !value.is_null()) {
            state = State::deserialize(value)
                .map_err(|error| Failure::new(FailureKind::Incompatible, format!("generator position: {error}")))?;
        }
        Ok(GeneratorSource { options, clock, state, watermark: None, idle_sent: false })
    }

    /// Ends when the next row is not too far ahead of other sources.
    async fn wait_for_others(&mut self) {
        let next = self.clock.timestamp(self.state.next_row);
        while let Some(seat) = &mut self.options.seat
            && next > seat.report(next)
        {
            self.report(self.clock.timestamp(self.state.next_row.saturating_sub(1)), true);
            if let Some(seat) = &mut self.options.seat {
                seat.changed().await;
            }
        }
    }

    fn report(&self, watermark: i64, blocked: bool) {
        let counters = &self.options.telemetry.nodes[self.options.plan_node];
        counters.set_watermark(self.options.subtask, watermark);
        counters.set_partition(PartitionProgress {
            pending: None,
            metrics: PartitionMetrics {
                partition: 0,
                position: i64::try_from(self.state.next_row).unwrap_or(i64::MAX),
                watermark,
                idle: false,
                blocked,
                events_seen: self.state.next_row,
                events_needed: None,
            },
        });
    }
}

#[async_trait]
impl Source for GeneratorSource {
    async fn next(&mut self) -> Result<SourceEvent> {
        if self.options.subtask > 0 {
            if std::mem::replace(&mut self.idle_sent, true) {
                return std::future::pending().await;
            }
            return Ok(SourceEvent::Idle);
        }
        if let Some(watermark) = self.watermark.take() {
            return Ok(SourceEvent::Watermark(watermark));
        }
        loop {
            self.wait_for_others().await;
            let now = self.options.clock.now_millis();
            let due = self.clock.rows_until(now);
            let count = due.saturating_sub(self.state.next_row).min(self.options.batch_rows.max(1) as u64);
            if count > 0 {
                let batch = self.options.rows.batch(&self.clock, self.state.next_row, count)?;
                self.state.next_row += count;
                // The largest time seen (spec sample-data).
                let watermark = self.clock.timestamp(self.state.next_row - 1);
                if self.options.watermarks {
                    self.watermark = Some(watermark);
                }
                self.report(watermark, false);
                return Ok(SourceEvent::Batch(batch));
            }
            let wait = self.clock.timestamp(self.state.next_row).saturating_sub(now).max(0) as u64;
            self.options.clock.sleep(Duration::from_millis(wait).max(LINGER)).await;
        }
    }

    fn snapshot(&mut self) -> Result<serde_json::Value> {
        if self.options.subtask > 0 {
            return Ok(serde_json::Value::Null);
        }
        serde_json::to_value(self.state).map_err(|error| Failure::internal(error.to_string()))
    }
}
