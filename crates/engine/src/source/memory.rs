//! [`MemorySource`]: a [`MemoryInput`] into batches with watermarks.
//!
//! The first subtask reads everything, in order, as one partition would. A batch is cut only where the watermark matters: before
//! a row that is behind it. So any batch size drops the same late rows as a watermark after every row.

use std::collections::VecDeque;
use std::ops::Range;

use arrow_array::cast::AsArray;
use arrow_array::types::TimestampMillisecondType;
use arrow_array::{RecordBatch, RecordBatchOptions, TimestampMillisecondArray, UInt8Array};
use arrow_schema::SchemaRef;
use async_trait::async_trait;
use nutkin_functions::{EvaluationContext, Evaluator, EvaluatorOptions};
use nutkin_plan::operators::{ScanColumn, ScanWatermark, TableSourceScan};
use nutkin_plan::table::{ColumnKind, Table};
use nutkin_plan::{ChangelogMode, Node};
use nutkin_types::arrow::arrow_schema;
use nutkin_types::value::array_of;
use nutkin_types::{Batch, LogicalType, Value};
use serde::{Deserialize, Serialize};

use crate::error::{Failure, FailureKind, Result};
use crate::memory::{MemoryInput, MemoryRead, MemoryRow, MemoryWatermarks};
use crate::runtime::element::END_OF_TIME;
use crate::source::{Source, SourceEvent};

/// Event time and watermark of a row, over the scan's columns.
struct Time {
    rowtime: Evaluator,
    watermark: Evaluator,
}

/// Where an output column comes from.
enum Origin {
    Stored(usize),
    Timestamp,
}

#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
struct State {
    /// Rows read.
    position: usize,
    /// The last watermark sent.
    watermark: Option<i64>,
}

pub(crate) struct MemorySource {
    input: MemoryInput,
    origins: Vec<(Origin, LogicalType)>,
    schema: SchemaRef,
    is_append: bool,
    time: Option<Time>,
    /// Batches are cut wherever the watermark rises.
    between_rows: bool,
    batch_rows: usize,
    state: State,
    /// The largest watermark that the rows so far allow.
    pending: Option<i64>,
    /// What was made of rows already read, and the state once it is sent.
    events: VecDeque<(SourceEvent, State)>,
    ended: bool,
    /// The one subtask whose position counts.
    is_reader: bool,
}

impl MemorySource {
    pub fn new(
        input: MemoryInput,
        table: &Table,
        scan: &TableSourceScan,
        node: &Node,
        evaluator: &EvaluatorOptions,
        batch_rows: usize,
    ) -> Result<MemorySource> {
        let time = match (&scan.watermark, input.watermarks()) {
            (None, _) | (_, MemoryWatermarks::AtEnd) => None,
            (Some(watermark), MemoryWatermarks::PerRow | MemoryWatermarks::BetweenRows) => {
                Some(time(watermark, evaluator)?)
            }
        };
        let origins = scan.columns.iter().zip(node.schema.columns.iter());
        let origins = origins.map(|(column, out)| Ok((origin(column, table)?, out.data_type.logical.clone())));
        Ok(MemorySource {
            origins: origins.collect::<Result<_>>()?,
            schema: arrow_schema(&node.schema),
            is_append: node.changelog_mode == ChangelogMode::Append,
            time,
            between_rows: input.watermarks() == MemoryWatermarks::BetweenRows,
            batch_rows: batch_rows.max(1),
            state: State::default(),
            pending: None,
            events: VecDeque::new(),
            ended: false,
            is_reader: true,
            input,
        })
    }

    /// Goes on where the checkpoint was; subtasks but the first have nothing to read.
    pub fn start(mut self, subtask: u32, restored: &[serde_json::Value]) -> Result<MemorySource> {
        if subtask > 0 {
            self.is_reader = false;
            self.end();
            return Ok(self);
        }
        for value in restored.iter().filter(|value| !value.is_null()) {
            self.state = State::deserialize(value)
                .map_err(|error| Failure::new(FailureKind::Incompatible, format!("memory position: {error}")))?;
        }
        self.pending = self.state.watermark;
        if let Some(watermark) = self.state.watermark {
            self.events.push_back((SourceEvent::Watermark(watermark), self.state));
        }
        Ok(self)
    }

    fn end(&mut self) {
        if !std::mem::replace(&mut self.ended, true) {
            self.events.push_back((SourceEvent::Watermark(END_OF_TIME), self.state));
            self.events.push_back((SourceEvent::End, self.state));
        }
    }

    fn batch(&self, rows: &[MemoryRow]) -> Result<Batch> {
        let columns = self.origins.iter().map(|(origin, logical)| match origin {
            Origin::Timestamp => {
                let times = TimestampMillisecondArray::from_iter_values(rows.iter().map(|row| row.timestamp));
                Ok(std::sync::Arc::new(times.with_timezone(nutkin_types::arrow::UTC)) as arrow_array::ArrayRef)
            }
            Origin::Stored(index) => {
                let cells: Vec<&Value> =
                    rows.iter().map(|row| row.values.get(*index).unwrap_or(&Value::Null)).collect();
                Ok(array_of(&cells, logical)?)
            }
        });
        let options = RecordBatchOptions::new().with_row_count(Some(rows.len()));
        let columns = columns.collect::<Result<Vec<_>>>()?;
        let batch = RecordBatch::try_new_with_options(self.schema.clone(), columns, &options)?;
        if self.is_append {
            return Ok(Batch::append(batch));
        }
        Ok(Batch::changelog(batch, UInt8Array::from_iter_values(rows.iter().map(|row| row.kind as u8)))?)
    }

    /// Queues `rows` with the watermarks between them.
    fn take(&mut self, rows: &[MemoryRow]) -> Result<()> {
        let batch = self.batch(rows)?;
        let mut state = self.events.back().map_or(self.state, |(_, state)| *state);
        let Some(time) = &self.time else {
            state.position += rows.len();
            self.events.push_back((SourceEvent::Batch(batch), state));
            return Ok(());
        };
        let context = EvaluationContext { current_watermark: state.watermark, ..EvaluationContext::streaming(0) };
        let rowtimes = millis(&time.rowtime, &batch, &context)?;
        let watermarks = millis(&time.watermark, &batch, &context)?;
        let mut begin = 0;
        for row in 0..rows.len() {
            let is_behind = rowtimes[row].is_some_and(|time| Some(time) <= self.pending);
            if (is_behind || self.between_rows) && self.pending > state.watermark {
                self.queue(&batch, begin..row, &mut state);
                begin = row;
            }
            self.pending = self.pending.max(watermarks[row]);
        }
        self.queue(&batch, begin..rows.len(), &mut state);
        Ok(())
    }

    /// Rows, then the watermark that they allow.
    fn queue(&mut self, batch: &Batch, rows: Range<usize>, state: &mut State) {
        state.position += rows.len();
        if !rows.is_empty() {
            self.events.push_back((SourceEvent::Batch(batch.slice(rows.start, rows.len())), *state));
        }
        if let Some(watermark) = self.pending.filter(|_| self.pending > state.watermark) {
            state.watermark = Some(watermark);
            self.events.push_back((SourceEvent::Watermark(watermark), *state));
        }
    }
}

fn time(watermark: &ScanWatermark, evaluator: &EvaluatorOptions) -> Result<Time> {
    let (rowtime, watermark) = match watermark {
        ScanWatermark::MaxSeen { rowtime } => (rowtime, rowtime),
        ScanWatermark::Expression { rowtime, watermark } => (rowtime, watermark),
        ScanWatermark::Source { .. } => {
            let problem = "a table in memory has no source watermark. Declare a WATERMARK with an expression";
            return Err(Failure::new(FailureKind::Unsupported, problem));
        }
    };
    Ok(Time { rowtime: Evaluator::compile(rowtime, evaluator)?, watermark: Evaluator::compile(watermark, evaluator)? })
}

fn origin(column: &ScanColumn, table: &Table) -> Result<Origin> {
    let mut stored = table.columns.iter().filter(|column| !matches!(column.kind, ColumnKind::Computed { .. }));
    let place = match column {
        ScanColumn::Rowtime => return Ok(Origin::Timestamp),
        ScanColumn::Physical(name) => stored.position(|stored| stored.name == *name),
        ScanColumn::Metadata(wanted) => {
            stored.position(|stored| matches!(&stored.kind, ColumnKind::Metadata { key, .. } if key == wanted))
        }
    };
    let missing = || Failure::internal(format!("{} has no column for {column:?}", table.path));
    place.map(Origin::Stored).ok_or_else(missing)
}

fn millis(evaluator: &Evaluator, batch: &Batch, context: &EvaluationContext) -> Result<Vec<Option<i64>>> {
    let values = evaluator.evaluate(batch.rows(), context)?;
    let Some(times) = values.as_primitive_opt::<TimestampMillisecondType>() else {
        let problem = format!("a watermark of type {}", values.data_type());
        return Err(Failure::new(FailureKind::Unsupported, problem));
    };
    Ok(times.iter().collect())
}

#[async_trait]
impl Source for MemorySource {
    async fn next(&mut self) -> Result<SourceEvent> {
        loop {
            if let Some((event, state)) = self.events.pop_front() {
                self.state = state;
                return Ok(event);
            }
            if self.ended {
                return std::future::pending().await;
            }
            let input = self.input.clone();
            // Registered before looking, so that no change in between is missed.
            let changed = input.changed();
            tokio::pin!(changed);
            changed.as_mut().enable();
            match input.read(self.state.position, self.batch_rows) {
                MemoryRead::Rows(rows) => self.take(&rows)?,
                MemoryRead::End => self.end(),
                MemoryRead::Wait => changed.await,
            }
        }
    }

    fn snapshot(&mut self) -> Result<serde_json::Value> {
        if !self.is_reader {
            return Ok(serde_json::Value::Null);
        }
        serde_json::to_value(self.state).map_err(|error| Failure::internal(error.to_string()))
    }
}
