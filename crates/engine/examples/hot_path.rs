//! What a statement costs without a broker: JSON records in memory -> decode -> operators -> blackhole, on one thread.
//!
//! `cargo run --release -p nutkin-engine --example hot_path -- q17 2000000 [events.jsonl]` prints CPU seconds per million
//! events. Queries: decode (one small column), q0, q1, q2, q17, tumble. Without a file the records are auction-site bids, persons and auctions
//! in Nexmark's proportions, of about 335 bytes. Meant to be looked at with `perf record` and callgrind.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a tool for developers")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::BytesMut;
use nutkin_engine::cluster::{
    Cluster, Clusters, EndOutcome, FetchError, Fetched, ReadOptions, Reader, TransactionWriter,
};
use nutkin_engine::{Failure, FailureKind, Job, JobContext, JobEvent, JobSpec, NoSchemas};
use nutkin_kafka::{
    BatchBuilder, Compression, DecodeOptions, IsolationLevel, OffsetSpec, ProducerIdentity, RawBatch, decode_records,
};
use nutkin_plan::Plan;
use nutkin_state::{CheckpointStore, MemoryStorage};

#[path = "hot_path/plans.rs"]
mod plans;
#[path = "hot_path/records.rs"]
mod records;

const RECORDS_PER_BATCH: usize = 1000;

/// One partition that repeats the same batches up to `end` records.
#[derive(Debug, Clone)]
struct Tape {
    batches: Arc<Vec<RawBatch>>,
    end: i64,
}

struct TapeReader {
    tape: Tape,
    next: i64,
    reading: BTreeSet<i32>,
}

#[async_trait]
impl Reader for TapeReader {
    async fn next(&mut self) -> Result<Fetched, FetchError> {
        if self.reading.is_empty() || self.next >= self.tape.end {
            return std::future::pending().await;
        }
        let number = self.next as usize / RECORDS_PER_BATCH % self.tape.batches.len();
        // What the broker does: the first eight bytes are the offset of the first record.
        let mut bytes = BytesMut::from(&self.tape.batches[number].as_bytes()[..]);
        bytes[..8].copy_from_slice(&self.next.to_be_bytes());
        let records = decode_records(bytes.freeze(), &DecodeOptions::default()).expect("a whole batch");
        self.next = records.next_offset();
        Ok(Fetched { partition: 0, records, end_offset: self.tape.end })
    }

    fn assign(&mut self, partition: i32, offset: i64) {
        self.next = offset;
        self.reading.insert(partition);
    }

    fn unassign(&mut self, partition: i32) {
        self.reading.remove(&partition);
    }

    fn pause(&mut self, _partition: i32, _paused: bool) {}

    fn end_offset(&self, _partition: i32) -> Option<i64> {
        Some(self.tape.end)
    }
}

#[async_trait]
impl Clusters for Tape {
    async fn cluster(&self, _cluster_id: &str) -> Result<Arc<dyn Cluster>, Failure> {
        Ok(Arc::new(self.clone()))
    }
}

fn refused<T>() -> Result<T, Failure> {
    Err(Failure::new(FailureKind::Unsupported, "the tape is only read"))
}

#[async_trait]
impl Cluster for Tape {
    async fn partitions(&self, _topic: &str) -> Result<Vec<i32>, Failure> {
        Ok(vec![0])
    }

    async fn offsets(
        &self,
        _topic: &str,
        partitions: &[i32],
        spec: OffsetSpec,
        _isolation: IsolationLevel,
    ) -> Result<Vec<Option<i64>>, Failure> {
        let offset = if matches!(spec, OffsetSpec::Earliest) { 0 } else { self.end };
        Ok(vec![Some(offset); partitions.len()])
    }

    async fn reader(&self, _topic: &str, _options: ReadOptions) -> Result<Box<dyn Reader>, Failure> {
        Ok(Box::new(TapeReader { tape: self.clone(), next: 0, reading: BTreeSet::new() }))
    }

    async fn begin(&self, _id: &str, _timeout: Duration) -> Result<Box<dyn TransactionWriter>, Failure> {
        refused()
    }

    async fn commit(&self, _id: &str, _identity: ProducerIdentity) -> Result<EndOutcome, Failure> {
        refused()
    }

    async fn fence(&self, _id: &str) -> Result<(), Failure> {
        refused()
    }

    async fn open_transactions(&self, _prefix: &str) -> Result<Vec<String>, Failure> {
        Ok(Vec::new())
    }

    async fn marker(&self, _group: &str, _topic: &str) -> Result<Option<u64>, Failure> {
        Ok(None)
    }
}

fn tape(lines: &[Vec<u8>], events: usize) -> Tape {
    let batch = |lines: &[Vec<u8>]| {
        let mut builder = BatchBuilder::new(Compression::None);
        for line in lines {
            builder.append(1_700_000_000_000, None, Some(line), &[]).expect("a record fits");
        }
        builder.build().expect("a batch").expect("records")
    };
    let batches = lines.chunks_exact(RECORDS_PER_BATCH).map(batch).collect();
    Tape { batches: Arc::new(batches), end: (events / RECORDS_PER_BATCH * RECORDS_PER_BATCH) as i64 }
}

/// CPU seconds of this process, user and system.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    // Clock ticks are hundredths of a second on Linux.
    (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / 100.0
}

fn run(plan: Plan, tape: Tape) -> BTreeMap<String, u64> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let checkpoints = CheckpointStore::new(Arc::new(MemoryStorage::default()));
        let context = JobContext::new(Arc::new(tape), Arc::new(NoSchemas), checkpoints);
        let mut spec = JobSpec::new("uid", "hot-path", plan);
        spec.checkpoint_interval = Duration::from_secs(10);
        let (handle, mut events) = Job::start(spec, context);
        loop {
            match events.next().await.expect("an end") {
                JobEvent::Failed { cause } => panic!("{cause}"),
                JobEvent::Finished => break,
                _ => {}
            }
        }
        let metrics = handle.metrics();
        let operators = metrics.tasks.into_iter().flat_map(|task| task.operators);
        operators.map(|operator| (format!("{} {}", operator.id, operator.name), operator.records_in)).collect()
    })
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let query = arguments.first().map_or("q0", String::as_str);
    let events: usize = arguments.get(1).map_or(1_000_000, |text| text.parse().expect("a number of events"));
    let lines: Vec<Vec<u8>> = match arguments.get(2) {
        Some(path) => std::fs::read(path).unwrap().split(|&b| b == b'\n').map(<[u8]>::to_vec).collect(),
        None => records::events(events.clamp(RECORDS_PER_BATCH, 200_000)),
    };
    let bytes: usize = lines.iter().map(Vec::len).sum();
    let average = bytes / lines.len();
    let tape = tape(&lines, events);
    drop(lines);
    let plan = plans::plan(query);
    let before = cpu_seconds();
    let operators = run(plan, tape.clone());
    let seconds = cpu_seconds() - before;
    let millions = tape.end as f64 / 1e6;
    println!("{query}: {:.3} CPU s per million events of {average} bytes", seconds / millions);
    for (operator, rows) in operators {
        println!("    {operator}: {rows} rows in");
    }
}
