//! OVER windows of an input that ends: all rows are kept, and every result is computed once, at the end.
//!
//! A frame that begins with its partition is folded once over all rows. Any other frame is folded for each row anew, as in Flink,
//! so that nothing is taken out of a sum again.

use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions, UInt32Array};
use arrow_schema::SchemaRef;
use nutkin_functions::aggregate::Read;
use nutkin_plan::operators::OverAggregate;
use nutkin_types::arrow::arrow_schema;
use nutkin_types::{Batch, Schema};

use super::frame::frames;
use super::sorted::Sorted;
use super::stored::Stored;
use super::{Arguments, ranking};
use crate::error::{Failure, Result};
use crate::operators::aggregates::types_at;
use crate::operators::{Cx, Operator, OperatorOptions};
use crate::runtime::element::END_OF_TIME;
use crate::state::{KeyGroupRange, Part, Snapshot};

/// Name of the state table.
const ROWS: &str = "rows";
/// Rows folded at a time into frames that are folded one by one.
const FOLDED: usize = 1 << 16;

struct WholeOver {
    over: OverAggregate,
    /// The calls that are aggregates.
    arguments: Arguments,
    input: Schema,
    rows: Stored,
    schema: SchemaRef,
    batch_rows: usize,
    range: KeyGroupRange,
}

pub(super) fn create(over: &OverAggregate, options: &OperatorOptions<'_>) -> Result<Box<dyn Operator>> {
    let input = options.input(0)?;
    let nothing = Sorted::new(&empty(input)?, 0, &over.partition, &over.order, input)?;
    let mut aggregates = Vec::new();
    for call in &over.calls {
        if ranking::compute(call, &nothing)?.is_none() {
            aggregates.push(call.clone());
        }
    }
    frames(&over.frame, &over.order, &nothing)?;
    let arguments = Arguments::new(&aggregates, input);
    arguments.aggregates(false)?;
    let every: Vec<usize> = (0..input.len()).collect();
    Ok(Box::new(WholeOver {
        arguments,
        rows: Stored::new(&types_at(input, &every), over.partition.clone())?,
        input: input.clone(),
        over: over.clone(),
        schema: arrow_schema(options.output()),
        batch_rows: options.batch_rows.max(1024),
        range: options.range,
    }))
}

fn empty(input: &Schema) -> Result<Vec<ArrayRef>> {
    Ok(RecordBatch::new_empty(arrow_schema(input)).columns().to_vec())
}

impl WholeOver {
    fn close(&mut self, cx: &mut Cx<'_>) -> Result<()> {
        let slots = self.rows.by_arrival();
        let columns = self.rows.columns(&slots)?;
        slots.iter().for_each(|&slot| self.rows.remove(slot));
        let sorted = Sorted::new(&columns, slots.len(), &self.over.partition, &self.over.order, &self.input)?;
        let results = self.results(&sorted)?;
        let options = RecordBatchOptions::new().with_row_count(Some(slots.len()));
        let columns = sorted.columns.into_iter().chain(results).collect();
        let rows = Batch::append(RecordBatch::try_new_with_options(self.schema.clone(), columns, &options)?);
        for start in (0..slots.len()).step_by(self.batch_rows) {
            cx.emit(rows.slice(start, self.batch_rows.min(slots.len() - start)));
        }
        Ok(())
    }

    /// A column per call.
    fn results(&self, sorted: &Sorted) -> Result<Vec<ArrayRef>> {
        let mut aggregated = self.aggregated(sorted)?.into_iter();
        let result = |call| match ranking::compute(call, sorted)? {
            Some(found) => Ok(found),
            None => aggregated.next().ok_or_else(|| Failure::internal("an aggregate without its result")),
        };
        self.over.calls.iter().map(result).collect()
    }

    fn aggregated(&self, sorted: &Sorted) -> Result<Vec<ArrayRef>> {
        if self.arguments.calls.is_empty() {
            return Ok(Vec::new());
        }
        let frames = frames(&self.over.frame, &self.over.order, sorted)?;
        let arguments: Vec<ArrayRef> =
            self.arguments.columns.iter().map(|&column| sorted.columns[column].clone()).collect();
        let from_start = frames.iter().zip(&sorted.partitions).all(|(frame, partition)| frame.0 == partition.0);
        if from_start { self.running(sorted, &frames, &arguments) } else { self.one_by_one(&frames, &arguments) }
    }

    /// Frames that begin with their partitions.
    fn running(&self, sorted: &Sorted, frames: &[(u32, u32)], arguments: &[ArrayRef]) -> Result<Vec<ArrayRef>> {
        let mut aggregates = self.arguments.aggregates(false)?;
        aggregates.resize(sorted.partition_of.iter().max().map_or(0, |&last| last as usize + 1));
        let read = |(frame, &slot): (&(u32, u32), &u32)| Read { after: frame.1, slot };
        let reads: Vec<Read> = frames.iter().zip(&sorted.partition_of).map(read).collect();
        aggregates.trace(&sorted.partition_of, None, arguments, &reads)
    }

    fn one_by_one(&self, frames: &[(u32, u32)], arguments: &[ArrayRef]) -> Result<Vec<ArrayRef>> {
        let mut aggregates = self.arguments.aggregates(false)?;
        let mut found: Vec<Vec<ArrayRef>> = vec![Vec::new(); self.arguments.calls.len()];
        let mut rest = frames;
        while !rest.is_empty() {
            let (mut rows, mut slots, mut count) = (Vec::new(), Vec::new(), 0);
            while let Some(&(from, to)) = rest.get(count).filter(|_| rows.len() < FOLDED) {
                rows.extend(from..to);
                slots.resize(rows.len(), count as u32);
                count += 1;
            }
            rest = &rest[count..];
            let rows = UInt32Array::from(rows);
            let taken = arguments.iter().map(|column| arrow_select::take::take(column, &rows, None));
            let taken = taken.collect::<std::result::Result<Vec<_>, _>>()?;
            let all: Vec<u32> = (0..count as u32).collect();
            aggregates.resize(count);
            aggregates.clear(&all);
            aggregates.trace(&slots, None, &taken, &[])?;
            let values = aggregates.values(&all)?;
            found.iter_mut().zip(values).for_each(|(found, values)| found.push(values));
        }
        let joined = found.iter().map(|parts| {
            arrow_select::concat::concat(&parts.iter().map(AsRef::as_ref).collect::<Vec<&dyn arrow_array::Array>>())
        });
        Ok(joined.collect::<std::result::Result<_, _>>()?)
    }
}

impl Operator for WholeOver {
    fn on_batch(&mut self, _port: usize, batch: Batch, _cx: &mut Cx<'_>) -> Result<()> {
        if !batch.is_append() {
            return Err(Failure::internal("an OVER window that waits for the end got a row that is taken back"));
        }
        self.rows.insert(batch.rows().columns(), batch.num_rows(), |_| 0)?;
        Ok(())
    }

    fn on_watermark(&mut self, watermark: i64, cx: &mut Cx<'_>) -> Result<()> {
        if watermark == END_OF_TIME { self.close(cx) } else { Ok(()) }
    }

    fn snapshot(&mut self, full: bool) -> Result<Snapshot> {
        Ok(Snapshot { meta: serde_json::Value::Null, tables: vec![self.rows.snapshot(ROWS, full)?] })
    }

    fn restore(&mut self, parts: &[Part]) -> Result<()> {
        let tables = parts.iter().filter_map(|part| part.tables.get(ROWS));
        tables.into_iter().try_for_each(|batches| self.rows.restore(batches, self.range))
    }

    fn state_bytes(&self) -> usize {
        self.rows.memory()
    }
}
