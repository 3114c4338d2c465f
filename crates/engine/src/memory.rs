//! [`MemoryTables`]: tables whose rows are in this process, for running plans without a broker.
//!
//! An input is a log that its owner appends to and at last closes; sources read it by position, so a checkpoint holds a number.
//! An output keeps what sinks wrote together with the checkpoint it belongs to, so that a restored job takes back what its
//! checkpoint does not know: exactly once, as with transactions. It is for `nutkin test`; nothing in the
//! service makes such tables. The price of simplicity: all rows stay in memory.

use std::collections::BTreeMap;
use std::sync::Arc;

use nutkin_plan::TablePath;
use nutkin_types::{Batch, RowKind, Value};
use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio::sync::futures::Notified;

mod cluster;
pub(crate) mod constraints;

pub use cluster::MemoryCluster;
pub use constraints::{Constraints, Depth, LengthRule, NullRule};

/// One change of an input.
#[derive(Debug, Clone, PartialEq)]
pub struct MemoryRow {
    pub kind: RowKind,
    /// The record's timestamp, which `$rowtime` shows: milliseconds since the epoch.
    pub timestamp: i64,
    /// Values of the physical and metadata columns in the order of the table's definition.
    pub values: Vec<Value>,
}

/// When a source of memory tables tells its watermark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MemoryWatermarks {
    /// After every row: which rows are late is decided by the data alone, whatever the batches.
    #[default]
    PerRow,
    /// After every row, and each row sees the one before it: for plans that show the watermark in their rows.
    BetweenRows,
    /// Only at the end of the input: nothing is late.
    AtEnd,
}

/// The inputs and outputs of jobs, by path. Cloning shares them.
#[derive(Debug, Clone, Default)]
pub struct MemoryTables {
    inputs: Arc<Mutex<BTreeMap<TablePath, MemoryInput>>>,
    outputs: Arc<Mutex<BTreeMap<TablePath, MemoryOutput>>>,
}

impl MemoryTables {
    /// The input at `path`, made empty when it is asked for first.
    pub fn input(&self, path: &TablePath) -> MemoryInput {
        self.inputs.lock().entry(path.clone()).or_default().clone()
    }

    /// The output at `path`, made empty when it is asked for first.
    pub fn output(&self, path: &TablePath) -> MemoryOutput {
        self.outputs.lock().entry(path.clone()).or_default().clone()
    }
}

/// Rows to be read. Cloning shares them.
#[derive(Debug, Clone, Default)]
pub struct MemoryInput {
    log: Arc<Mutex<Log>>,
    changed: Arc<Notify>,
}

#[derive(Debug, Default)]
struct Log {
    rows: Vec<MemoryRow>,
    closed: bool,
    watermarks: MemoryWatermarks,
}

/// What a source finds at its position.
#[derive(Debug)]
pub(crate) enum MemoryRead {
    Rows(Vec<MemoryRow>),
    /// Nothing yet.
    Wait,
    End,
}

impl MemoryInput {
    /// Adds rows at the end.
    pub fn append(&self, rows: impl IntoIterator<Item = MemoryRow>) {
        self.log.lock().rows.extend(rows);
        self.changed.notify_waiters();
    }

    /// Nothing more will come: sources that have read all rows end.
    pub fn close(&self) {
        self.log.lock().closed = true;
        self.changed.notify_waiters();
    }

    /// When watermarks come; to be set before a job starts.
    pub fn set_watermarks(&self, watermarks: MemoryWatermarks) {
        self.log.lock().watermarks = watermarks;
    }

    pub(crate) fn watermarks(&self) -> MemoryWatermarks {
        self.log.lock().watermarks
    }

    /// Up to `most` rows from `position` on.
    pub(crate) fn read(&self, position: usize, most: usize) -> MemoryRead {
        let log = self.log.lock();
        let rest = log.rows.get(position..).unwrap_or_default();
        match rest.is_empty() {
            false => MemoryRead::Rows(rest.iter().take(most.max(1)).cloned().collect()),
            true if log.closed => MemoryRead::End,
            true => MemoryRead::Wait,
        }
    }

    /// Ends when something may have changed since this was called.
    pub(crate) fn changed(&self) -> Notified<'_> {
        self.changed.notified()
    }
}

/// Rows that sinks wrote. Cloning shares them.
#[derive(Debug, Clone, Default)]
pub struct MemoryOutput {
    written: Arc<Mutex<Vec<(u64, Batch)>>>,
    constraints: Arc<Mutex<Constraints>>,
}

impl MemoryOutput {
    /// What becomes of rows that the columns do not allow; to be set before a job starts.
    pub fn set_constraints(&self, constraints: Constraints) {
        *self.constraints.lock() = constraints;
    }

    pub(crate) fn constraints(&self) -> Constraints {
        *self.constraints.lock()
    }

    /// Everything written and not taken back, in the order of writing; its columns are the table's persisted ones.
    pub fn batches(&self) -> Vec<Batch> {
        self.written.lock().iter().map(|(_, batch)| batch.clone()).collect()
    }

    pub(crate) fn push(&self, epoch: u64, batch: Batch) {
        self.written.lock().push((epoch, batch));
    }

    /// Takes back what belongs to checkpoint `epoch` or a later one: a job starts before it.
    pub(crate) fn take_back(&self, epoch: u64) {
        self.written.lock().retain(|(of, _)| *of < epoch);
    }
}
