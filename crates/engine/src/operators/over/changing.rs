//! OVER windows in an order that is not time: a row may come or go anywhere, and the results of those after it change.
//!
//! All rows of a partition are kept in order. After a batch the old and the new order are compared: up to the first difference
//! nothing changes; the rest is computed twice, for what is taken back and for what is sent instead. Rows that only come at
//! the end of their partition go on from where its accumulators stand. Where the order of changes is seen that is done for runs
//! of rows of different partitions, which is Flink's changelog.

use std::collections::{BTreeMap, BTreeSet};

use arrow_array::{ArrayRef, BooleanArray};
use arrow_row::RowConverter;
use arrow_schema::SchemaRef;
use nutkin_plan::operators::{FrameBound, FrameUnit, OverAggregate};
use nutkin_types::arrow::arrow_schema;
use nutkin_types::{Batch, RowKind};

use super::sorted::order_converter;
use super::stored::Stored;
use super::{Arguments, check_running, unsupported};
use crate::error::Result;
use crate::operators::aggregates::{Aggregates, columns_at, types_at};
use crate::operators::runs::Runs;
use crate::operators::{Cx, Operator, OperatorOptions};
use crate::state::{Arena, KeyGroupRange, KeyIndex, Part, Snapshot};

mod results;

/// Name of the state table.
const ROWS: &str = "rows";

struct ChangingOver {
    partition: Vec<usize>,
    order: Vec<usize>,
    converter: RowConverter,
    /// Rows with equal order share a result.
    peers: bool,
    generate_update_before: bool,
    ttl: Option<i64>,
    /// Where each row is answered by itself.
    runs: Option<Runs>,
    arguments: Vec<usize>,
    aggregates: Aggregates,
    index: KeyIndex,
    /// Slots of `rows` in order, per partition.
    partitions: Vec<Vec<u32>>,
    /// How many of them the accumulators hold, per partition: all, or none after a restart.
    folded: Vec<usize>,
    /// Wall-clock time of the last change, per partition.
    touched: Vec<i64>,
    rows: Stored,
    /// How many columns they have.
    width: usize,
    /// Bytes that order the rows, by slot.
    places: Arena,
    schema: SchemaRef,
    range: KeyGroupRange,
}

pub(super) fn create(over: &OverAggregate, options: &OperatorOptions<'_>) -> Result<Box<dyn Operator>> {
    check_running(over)?;
    if over.frame.start != FrameBound::UnboundedPreceding || over.frame.end != FrameBound::CurrentRow {
        return Err(unsupported(
            "An OVER window that is not ordered by time runs from UNBOUNDED PRECEDING to CURRENT ROW only",
        ));
    }
    let input = options.input(0)?;
    let arguments = Arguments::new(&over.calls, input);
    let key_types = types_at(input, &over.partition);
    let every: Vec<usize> = (0..input.len()).collect();
    Ok(Box::new(ChangingOver {
        aggregates: arguments.aggregates(false)?,
        partition: over.partition.clone(),
        order: over.order.iter().map(|key| key.column).collect(),
        converter: order_converter(&over.order, input)?,
        peers: over.frame.unit == FrameUnit::Range,
        generate_update_before: over.generate_update_before,
        ttl: over.state_ttl,
        runs: options.row_by_row().then(|| Runs::new(&over.partition, &key_types)).transpose()?,
        arguments: arguments.columns,
        index: KeyIndex::new(&key_types)?,
        partitions: Vec::new(),
        folded: Vec::new(),
        touched: Vec::new(),
        rows: Stored::new(&types_at(input, &every), over.partition.clone())?,
        width: input.len(),
        places: Arena::default(),
        schema: arrow_schema(options.output()),
        range: options.range,
    }))
}

/// A partition that a batch changes.
struct Change {
    key: u32,
    before: Vec<u32>,
    /// Rows before this place are the same and have the same results.
    same: usize,
}

impl ChangingOver {
    fn apply(&mut self, batch: &Batch, cx: &mut Cx<'_>) -> Result<()> {
        let mut keys = Vec::new();
        self.index.insert(&columns_at(batch, &self.partition), batch.num_rows(), &mut keys, |_| {})?;
        self.grow();
        let (mut before, mut seen) = (Vec::new(), BTreeSet::new());
        for &key in &keys {
            self.touch(key, cx.now);
            if seen.insert(key) {
                before.push((key, self.partitions[key as usize].clone()));
            }
        }
        let (coming, going) = self.move_rows(batch, &keys, cx.now)?;
        let changes: Vec<Change> = before.into_iter().map(|(key, before)| self.compare(key, before)).collect();
        self.put_out(&changes, &coming, cx)?;
        for slot in going {
            self.rows.remove(slot);
            self.places.clear(slot);
        }
        for change in changes {
            if self.partitions[change.key as usize].is_empty() {
                self.forget(change.key);
            }
        }
        Ok(())
    }

    /// Puts rows into their partitions and takes others out. Gives the kinds of the rows that came by slot, and the slots of
    /// those that are gone; these still hold their rows.
    fn move_rows(&mut self, batch: &Batch, keys: &[u32], now: i64) -> Result<(BTreeMap<u32, RowKind>, Vec<u32>)> {
        let places = self.converter.convert_columns(&columns_at(batch, &self.order))?;
        let encoded = self.rows.encode(batch.rows().columns())?;
        let adds: BooleanArray = (0..keys.len()).map(|row| Some(batch.kind(row).adds())).collect();
        let added = batch.filter(&adds)?;
        let mut slots = self.rows.insert(added.rows().columns(), added.num_rows(), |_| now)?.into_iter();
        let (mut coming, mut going) = (BTreeMap::new(), Vec::new());
        for (row, &key) in keys.iter().enumerate() {
            let place = places.row(row);
            let slot = if batch.kind(row).adds() { slots.next() } else { None };
            match slot {
                Some(slot) => {
                    self.places.set(slot, place.data());
                    coming.insert(slot, batch.kind(row));
                    self.put(key, slot);
                }
                // A row that is not there has expired, as in Flink.
                None => going.extend(self.take(key, place.data(), encoded.row(row).data())),
            }
        }
        Ok((coming, going))
    }

    /// Puts a row behind those that are not after it.
    fn put(&mut self, key: u32, slot: u32) {
        let (places, rows) = (&self.places, &mut self.partitions[key as usize]);
        let at = rows.partition_point(|&other| places.get(other) <= places.get(slot));
        rows.insert(at, slot);
    }

    /// Takes the first row out that is the same.
    fn take(&mut self, key: u32, place: &[u8], row: &[u8]) -> Option<u32> {
        let (places, rows) = (&self.places, &mut self.partitions[key as usize]);
        let first = rows.partition_point(|&other| places.get(other) < place);
        let equal = rows[first..].iter().take_while(|&&other| places.get(other) == place);
        let found = equal.enumerate().find(|(_, other)| self.rows.row(**other) == row)?;
        Some(rows.remove(first + found.0))
    }

    /// How far the order of a partition is what it was.
    fn compare(&self, key: u32, before: Vec<u32>) -> Change {
        let rows = &self.partitions[key as usize];
        let mut same = before.iter().zip(rows).take_while(|(a, b)| a == b).count();
        if self.peers {
            let changed = [before.get(same), rows.get(same)];
            let is_peer =
                |slot: u32| changed.iter().flatten().any(|&&other| self.places.get(other) == self.places.get(slot));
            while same > 0 && is_peer(rows[same - 1]) {
                same -= 1;
            }
        }
        Change { key, before, same }
    }

    fn grow(&mut self) {
        let slots = self.index.capacity();
        self.aggregates.resize(slots);
        self.partitions.resize_with(slots, Vec::new);
        self.folded.resize(slots, 0);
        self.touched.resize(slots, 0);
    }

    /// A change of the partition now; one whose time to live is over begins anew.
    fn touch(&mut self, key: u32, now: i64) {
        let before = std::mem::replace(&mut self.touched[key as usize], now);
        if self.ttl.is_some_and(|ttl| now - before >= ttl) {
            self.empty(key);
        }
    }

    fn empty(&mut self, key: u32) {
        for slot in std::mem::take(&mut self.partitions[key as usize]) {
            self.rows.remove(slot);
            self.places.clear(slot);
        }
        self.aggregates.clear(&[key]);
        self.folded[key as usize] = 0;
    }

    fn forget(&mut self, key: u32) {
        self.empty(key);
        self.index.remove(key);
    }
}

impl Operator for ChangingOver {
    fn on_batch(&mut self, _port: usize, batch: Batch, cx: &mut Cx<'_>) -> Result<()> {
        match &mut self.runs {
            None => self.apply(&batch, cx),
            Some(runs) => runs.split(&batch)?.iter().try_for_each(|run| self.apply(run, cx)),
        }
    }

    fn on_watermark(&mut self, _watermark: i64, cx: &mut Cx<'_>) -> Result<()> {
        let Some(ttl) = self.ttl else { return Ok(()) };
        for key in self.index.slots() {
            if cx.now - self.touched[key as usize] >= ttl {
                self.forget(key);
            }
        }
        Ok(())
    }

    fn snapshot(&mut self, full: bool) -> Result<Snapshot> {
        Ok(Snapshot { meta: serde_json::Value::Null, tables: vec![self.rows.snapshot(ROWS, full)?] })
    }

    fn restore(&mut self, parts: &[Part]) -> Result<()> {
        for batches in parts.iter().filter_map(|part| part.tables.get(ROWS)) {
            self.rows.restore(batches, self.range)?;
        }
        let slots = self.rows.by_arrival();
        let columns = self.rows.columns(&slots)?;
        let column = |column: &usize| columns[*column].clone();
        let order: Vec<ArrayRef> = self.order.iter().map(column).collect();
        let places = self.converter.convert_columns(&order)?;
        let partition: Vec<ArrayRef> = self.partition.iter().map(column).collect();
        let mut keys = Vec::new();
        self.index.insert(&partition, slots.len(), &mut keys, |_| {})?;
        self.grow();
        for (row, (&slot, &key)) in slots.iter().zip(&keys).enumerate() {
            self.places.set(slot, places.row(row).data());
            self.partitions[key as usize].push(slot);
            let touched = &mut self.touched[key as usize];
            *touched = (*touched).max(self.rows.time(slot));
        }
        let places = &self.places;
        self.partitions.iter_mut().for_each(|rows| rows.sort_by(|&a, &b| places.get(a).cmp(places.get(b))));
        Ok(())
    }

    fn state_bytes(&self) -> usize {
        let partitions: usize = self.partitions.iter().map(|rows| rows.capacity() * 4 + 40).sum();
        self.rows.memory() + self.places.memory() + self.index.memory() + self.aggregates.memory() + partitions
    }
}
