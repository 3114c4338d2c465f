//! OVER windows in the order of a time attribute.
//!
//! By event time, rows wait until the watermark has passed them and then come out in order; by processing time they come out
//! at once. What a frame holds is folded into accumulators of its key: rows come in, and leave again where the frame has a
//! start. Rows of a frame with a start are kept, with just the columns that the aggregates read.

use std::collections::{BTreeMap, VecDeque};

use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions, UInt32Array};
use arrow_schema::{DataType as ArrowType, SchemaRef};
use nutkin_functions::aggregate::Read;
use nutkin_plan::operators::{FrameBound, FrameUnit, OverAggregate};
use nutkin_types::arrow::arrow_schema;
use nutkin_types::{Batch, RowKind, Value};

use super::stored::Stored;
use super::{Arguments, check_running, unsupported};
use crate::error::{Failure, Result};
use crate::operators::aggregates::{Aggregates, columns_at, types_at};
use crate::operators::time::event_times;
use crate::operators::{Cx, Operator, OperatorOptions};
use crate::state::{KeyGroupRange, KeyIndex, Part, Snapshot};

mod keyed;

/// Names of the state tables.
const WAITING: &str = "waiting";
const KEYS: &str = "keys";
const KEPT: &str = "kept";

/// How far back a frame reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Span {
    /// All rows before; with `peers` those of the same time too.
    Unbounded { peers: bool },
    /// So many rows before.
    Rows(usize),
    /// Rows at most so many milliseconds before.
    Range(i64),
}

struct TimeOver {
    partition: Vec<usize>,
    arguments: Vec<usize>,
    /// The column of event time; None of processing time.
    rowtime: Option<usize>,
    span: Span,
    ttl: Option<i64>,
    aggregates: Aggregates,
    waiting: Stored,
    /// Waiting rows by time, in order of arrival.
    due: BTreeMap<i64, Vec<u32>>,
    index: KeyIndex,
    /// Time of the last row that was put out, per key.
    last: Vec<i64>,
    /// Wall-clock time of the last row, per key.
    touched: Vec<i64>,
    /// Rows of bounded frames: key columns, then arguments.
    kept: Stored,
    /// Slots of `kept` in each key's frame, oldest first.
    frames: Vec<VecDeque<u32>>,
    /// Keys whose frame may be empty once the time has come.
    expiry: BTreeMap<i64, Vec<u32>>,
    key_types: Vec<ArrowType>,
    schema: SchemaRef,
    batch_rows: usize,
    range: KeyGroupRange,
    watermark: i64,
}

pub(super) fn create(
    over: &OverAggregate,
    by_event_time: bool,
    options: &OperatorOptions<'_>,
) -> Result<Box<dyn Operator>> {
    check_running(over)?;
    let input = options.input(0)?;
    let span = match span(over)? {
        // By processing time no two rows are peers.
        Span::Unbounded { .. } if !by_event_time => Span::Unbounded { peers: false },
        span => span,
    };
    let arguments = Arguments::new(&over.calls, input);
    let aggregates = arguments.aggregates(!matches!(span, Span::Unbounded { .. }))?;
    let key_types = types_at(input, &over.partition);
    let every: Vec<usize> = (0..input.len()).collect();
    let kept: Vec<ArrowType> = key_types.iter().cloned().chain(types_at(input, &arguments.columns)).collect();
    Ok(Box::new(TimeOver {
        rowtime: over.order.first().map(|key| key.column).filter(|_| by_event_time),
        span,
        ttl: over.state_ttl.filter(|_| !matches!(span, Span::Range(_))),
        aggregates,
        waiting: Stored::new(&types_at(input, &every), over.partition.clone())?,
        due: BTreeMap::new(),
        index: KeyIndex::new(&key_types)?,
        last: Vec::new(),
        touched: Vec::new(),
        kept: Stored::new(&kept, (0..key_types.len()).collect())?,
        frames: Vec::new(),
        expiry: BTreeMap::new(),
        partition: over.partition.clone(),
        arguments: arguments.columns,
        key_types,
        schema: arrow_schema(options.output()),
        batch_rows: options.batch_rows.max(1),
        range: options.range,
        watermark: i64::MIN,
    }))
}

fn span(over: &OverAggregate) -> Result<Span> {
    if over.frame.end != FrameBound::CurrentRow {
        return Err(unsupported("An OVER window by time that does not end at CURRENT ROW cannot be run"));
    }
    let number = |value: &Value| match value {
        Value::Integer(number) if *number >= 0 => Ok(*number),
        other => Err(unsupported(format!("An OVER window that starts {other:?} PRECEDING cannot be run"))),
    };
    Ok(match (&over.frame.start, over.frame.unit) {
        (FrameBound::UnboundedPreceding, unit) => Span::Unbounded { peers: unit == FrameUnit::Range },
        (FrameBound::CurrentRow, FrameUnit::Rows) => Span::Rows(0),
        (FrameBound::CurrentRow, FrameUnit::Range) => Span::Range(0),
        (FrameBound::Preceding(rows), FrameUnit::Rows) => {
            Span::Rows(usize::try_from(number(rows)?).unwrap_or(usize::MAX))
        }
        (FrameBound::Preceding(distance), FrameUnit::Range) => Span::Range(number(distance)?),
        _ => return Err(unsupported("An OVER window by time that starts after the current row cannot be run")),
    })
}

/// Rows on their way through the accumulators.
#[derive(Default)]
struct Steps {
    slots: Vec<u32>,
    kinds: Vec<u8>,
    /// Slots in `kept` of the rows folded.
    rows: Vec<u32>,
    reads: Vec<Read>,
}

impl Steps {
    fn fold(&mut self, key: u32, row: u32, kind: RowKind) {
        self.slots.push(key);
        self.kinds.push(kind as u8);
        self.rows.push(row);
    }

    fn read(&mut self, key: u32) {
        self.reads.push(Read { after: self.slots.len() as u32, slot: key });
    }
}

impl TimeOver {
    /// Puts the rows out that are in `columns`, in order of time, with their results.
    fn put_out(&mut self, columns: &[ArrayRef], times: &[i64], cx: &mut Cx<'_>) -> Result<()> {
        let keys = self.keys_of(columns, times.len(), cx.now)?;
        let mut order: Vec<u32> = (0..times.len() as u32).collect();
        // Equal times of a key stand together; the sort is stable, so that rows keep the order of their arrival.
        order.sort_by_key(|&row| (times[row as usize], keys[row as usize]));
        let (columns, times, keys) = if order.is_sorted() {
            (columns.to_vec(), times.to_vec(), keys)
        } else {
            let rows = UInt32Array::from(order.clone());
            let taken = columns.iter().map(|column| arrow_select::take::take(column, &rows, None));
            (
                taken.collect::<Result<Vec<_>, _>>()?,
                order.iter().map(|&row| times[row as usize]).collect(),
                order.iter().map(|&row| keys[row as usize]).collect(),
            )
        };
        let results = match self.span {
            Span::Unbounded { peers } => self.run(&columns, &times, &keys, peers)?,
            Span::Rows(before) => self.slide(&columns, &times, &keys, |steps, over, rows| {
                over.step_rows(steps, rows, &keys, before);
            })?,
            Span::Range(before) => self.slide(&columns, &times, &keys, |steps, over, rows| {
                over.step_range(steps, rows, &keys, &times, before);
            })?,
        };
        for (&key, &time) in keys.iter().zip(&times) {
            self.last[key as usize] = time;
            self.index.touch(key);
        }
        let options = RecordBatchOptions::new().with_row_count(Some(times.len()));
        let columns = columns.into_iter().chain(results).collect();
        let rows = Batch::append(RecordBatch::try_new_with_options(self.schema.clone(), columns, &options)?);
        for start in (0..times.len()).step_by(self.batch_rows) {
            cx.emit(rows.slice(start, self.batch_rows.min(times.len() - start)));
        }
        Ok(())
    }

    /// Frames without a start: every row is folded once.
    fn run(&mut self, columns: &[ArrayRef], times: &[i64], keys: &[u32], peers: bool) -> Result<Vec<ArrayRef>> {
        let arguments: Vec<ArrayRef> = self.arguments.iter().map(|&column| columns[column].clone()).collect();
        let mut reads = Vec::with_capacity(keys.len());
        let mut row = 0;
        while row < keys.len() {
            let group = if peers { group(times, keys, row) } else { 1 };
            let after = (row + group) as u32;
            reads.extend(std::iter::repeat_n(Read { after, slot: keys[row] }, group));
            row += group;
        }
        self.aggregates.trace(keys, None, &arguments, &reads)
    }

    /// Frames with a start: `step` says which rows come in, which leave, and when the results are read.
    fn slide(
        &mut self,
        columns: &[ArrayRef],
        times: &[i64],
        keys: &[u32],
        step: impl FnOnce(&mut Steps, &mut TimeOver, &[u32]),
    ) -> Result<Vec<ArrayRef>> {
        let kept: Vec<ArrayRef> =
            self.partition.iter().chain(&self.arguments).map(|&column| columns[column].clone()).collect();
        let rows = self.kept.insert(&kept, keys.len(), |row| times[row])?;
        let mut steps = Steps::default();
        step(&mut steps, self, &rows);
        let mut arguments = self.kept.columns(&steps.rows)?;
        arguments.drain(..self.partition.len());
        let results = self.aggregates.trace(&steps.slots, Some(&steps.kinds), &arguments, &steps.reads)?;
        let left = steps.rows.iter().zip(&steps.kinds).filter(|(_, kind)| **kind == RowKind::Delete as u8);
        left.for_each(|(&row, _)| self.kept.remove(row));
        Ok(results)
    }

    /// `rows` before the current row: the oldest leaves, then the new one comes.
    fn step_rows(&mut self, steps: &mut Steps, rows: &[u32], keys: &[u32], before: usize) {
        for (&row, &key) in rows.iter().zip(keys) {
            let frame = &mut self.frames[key as usize];
            if frame.len() > before
                && let Some(oldest) = frame.pop_front()
            {
                steps.fold(key, oldest, RowKind::Delete);
            }
            frame.push_back(row);
            steps.fold(key, row, RowKind::Insert);
            steps.read(key);
        }
    }

    /// Rows of the last `before` milliseconds; those of one time come together.
    fn step_range(&mut self, steps: &mut Steps, rows: &[u32], keys: &[u32], times: &[i64], before: i64) {
        let mut first = 0;
        while first < rows.len() {
            let (key, time, count) = (keys[first], times[first], group(times, keys, first));
            let start = time.saturating_sub(before);
            let frame = &mut self.frames[key as usize];
            while let Some(oldest) = frame.pop_front_if(|oldest| self.kept.time(*oldest) < start) {
                steps.fold(key, oldest, RowKind::Delete);
            }
            for &row in &rows[first..first + count] {
                frame.push_back(row);
                steps.fold(key, row, RowKind::Insert);
            }
            (0..count).for_each(|_| steps.read(key));
            self.schedule(key, time.saturating_add(before));
            first += count;
        }
    }

    /// Rows that are not late wait.
    fn keep_waiting(&mut self, batch: &Batch, rowtime: usize, cx: &Cx<'_>) -> Result<()> {
        let times = event_times(batch.column(rowtime))?;
        let mut known = Vec::new();
        if !matches!(self.span, Span::Unbounded { .. }) {
            self.index.find(&columns_at(batch, &self.partition), batch.num_rows(), &mut known)?;
        }
        // Without a frame that has a start, the watermark decides; with one, what the key has put out, as in Flink.
        let bound = |row: usize| match known.get(row) {
            None => self.watermark,
            Some(&key) => self.last.get(key as usize).copied().unwrap_or(i64::MIN),
        };
        let in_time: Vec<bool> =
            times.values().iter().enumerate().map(|(row, &time)| time > bound(row) || bound(row) == i64::MIN).collect();
        let late = times.values().iter().zip(&in_time).filter(|(_, in_time)| !**in_time).map(|(time, _)| *time);
        if let Some(oldest) = late.clone().min() {
            cx.telemetry.late(late.count() as u64, self.watermark.saturating_sub(oldest));
        }
        let batch = match in_time.contains(&false) {
            true => batch.filter(&in_time.into())?,
            false => batch.clone(),
        };
        let times = event_times(batch.column(rowtime))?;
        let slots = self.waiting.insert(batch.rows().columns(), batch.num_rows(), |row| times.value(row))?;
        for (&slot, &time) in slots.iter().zip(times.values()) {
            self.due.entry(time).or_default().push(slot);
        }
        Ok(())
    }
}

/// How many rows from `first` on have the same time and key.
fn group(times: &[i64], keys: &[u32], first: usize) -> usize {
    let same = |row: &usize| times[*row] == times[first] && keys[*row] == keys[first];
    (first..times.len()).take_while(same).count()
}

/// Waiting rows are put out in parts of about so many.
const PART: usize = 8192;

impl Operator for TimeOver {
    fn on_batch(&mut self, _port: usize, batch: Batch, cx: &mut Cx<'_>) -> Result<()> {
        match self.rowtime {
            Some(rowtime) => self.keep_waiting(&batch, rowtime, cx),
            None => {
                self.drop_empty(cx.now);
                self.put_out(batch.rows().columns(), &vec![cx.now; batch.num_rows()], cx)
            }
        }
    }

    fn on_watermark(&mut self, watermark: i64, cx: &mut Cx<'_>) -> Result<()> {
        self.watermark = watermark;
        let later = match watermark.checked_add(1) {
            Some(next) => self.due.split_off(&next),
            None => BTreeMap::new(),
        };
        let mut ready = std::mem::replace(&mut self.due, later).into_values().peekable();
        while ready.peek().is_some() {
            let mut slots = Vec::new();
            while let Some(more) = ready.next_if(|_| slots.len() < PART) {
                slots.extend(more);
            }
            let columns = self.waiting.columns(&slots)?;
            let times: Vec<i64> = slots.iter().map(|&slot| self.waiting.time(slot)).collect();
            slots.into_iter().for_each(|slot| self.waiting.remove(slot));
            self.put_out(&columns, &times, cx)?;
        }
        let time = if self.rowtime.is_some() { watermark } else { cx.now };
        self.drop_empty(time);
        self.expire(cx.now);
        Ok(())
    }

    fn snapshot(&mut self, full: bool) -> Result<Snapshot> {
        let mut tables = vec![self.snapshot_keys(full)?, self.waiting.snapshot(WAITING, full)?];
        if !matches!(self.span, Span::Unbounded { .. }) {
            tables.push(self.kept.snapshot(KEPT, full)?);
        }
        Ok(Snapshot { meta: serde_json::Value::from(self.watermark), tables })
    }

    fn restore(&mut self, parts: &[Part]) -> Result<()> {
        let mut watermark = None;
        for part in parts {
            let own =
                part.meta.as_i64().ok_or_else(|| Failure::internal("the state of an OVER window has no watermark"))?;
            watermark = Some(watermark.map_or(own, |least: i64| least.min(own)));
            self.restore_keys(part)?;
            self.waiting.restore(part.tables.get(WAITING).map_or(&[], Vec::as_slice), self.range)?;
            self.kept.restore(part.tables.get(KEPT).map_or(&[], Vec::as_slice), self.range)?;
        }
        self.watermark = watermark.unwrap_or(i64::MIN);
        for slot in self.waiting.in_order() {
            self.due.entry(self.waiting.time(slot)).or_default().push(slot);
        }
        self.restore_frames()
    }

    fn state_bytes(&self) -> usize {
        let frames: usize = self.frames.iter().map(|frame| frame.capacity() * 4).sum();
        let keys = self.index.memory() + self.index.capacity() * (16 + size_of::<VecDeque<u32>>());
        keys + frames + self.aggregates.memory() + self.waiting.memory() + self.kept.memory()
    }
}
