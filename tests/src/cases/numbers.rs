//! The pipelines that kills must not disturb: numbered records per key, a copy of them, their totals, and windows of them;
//! and what must come out, computed from what went in.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use nutkin_kafka::{Client, partition_for_key};
use serde_json::json;

use crate::topic::{Record, Writer, framed};
use crate::workplace::Workplace;

const PARTITIONS: i32 = 3;
const KEYS: usize = 12;
/// Event time of the first record of each key, and between two of them.
const FIRST_MS: i64 = 1_700_000_000_000;
const STEP_MS: i64 = 20;
const WINDOW_MS: i64 = 1000;
/// Event time of the records that close every window before them.
const LAST_MS: i64 = FIRST_MS + 1_000_000_000;

const FORMAT: &str = "'key.format' = 'raw', 'value.format' = 'json-registry'";

/// Makes the four tables.
pub async fn create_tables(place: &Workplace) {
    for (name, columns) in [
        (
            "numbers",
            "k STRING, seq BIGINT, at_ms BIGINT, ts AS TO_TIMESTAMP_LTZ(at_ms, 3), \
             WATERMARK FOR ts AS ts - INTERVAL '1' SECOND",
        ),
        ("copies", "k STRING, seq BIGINT, doubled BIGINT"),
        ("totals", "k STRING, n BIGINT, total BIGINT, PRIMARY KEY (k) NOT ENFORCED"),
        ("windows", "k STRING, window_start TIMESTAMP(3), n BIGINT, total BIGINT"),
    ] {
        let sql =
            format!("CREATE TABLE {name} ({columns}) DISTRIBUTED BY (k) INTO {PARTITIONS} BUCKETS WITH ({FORMAT})");
        place.execute(&sql).await;
    }
}

/// Statement name and text of the pipelines: stateless, by key, by window.
pub const COPY: (&str, &str) = ("copy", "INSERT INTO copies SELECT k, seq, seq * 2 FROM numbers");
pub const TOTAL: (&str, &str) = ("total", "INSERT INTO totals SELECT k, COUNT(*), SUM(seq) FROM numbers GROUP BY k");
pub const WINDOW: (&str, &str) = (
    "window",
    "INSERT INTO windows SELECT k, window_start, COUNT(*), SUM(seq)
     FROM TABLE(TUMBLE(TABLE numbers, DESCRIPTOR(ts), INTERVAL '1' SECOND)) GROUP BY k, window_start, window_end",
);

/// Records written per key.
pub type Counts = BTreeMap<String, i64>;

/// Writes the next number of every key, again and again, until told to end.
pub struct Input {
    stop: Arc<AtomicBool>,
    task: tokio::task::JoinHandle<(Writer, u32, Counts)>,
}

impl Input {
    pub async fn start(place: &Workplace, client: &Client, pause: Duration) -> Input {
        let schema_id = place.schema_id("numbers-value").await;
        let writer = Writer::new(client, "numbers").await;
        Input::go_on(writer, schema_id, Counts::new(), pause)
    }

    fn go_on(mut writer: Writer, schema_id: u32, mut counts: Counts, pause: Duration) -> Input {
        let stop = Arc::new(AtomicBool::new(false));
        let told = stop.clone();
        let task = tokio::spawn(async move {
            while !told.load(Ordering::Relaxed) {
                for number in 0..KEYS {
                    let key = format!("key-{number}");
                    let seq = counts.entry(key.clone()).or_insert(0);
                    put(&mut writer, schema_id, &key, *seq, FIRST_MS + *seq * STEP_MS);
                    *seq += 1;
                }
                writer.flush().await;
                tokio::time::sleep(pause).await;
            }
            (writer, schema_id, counts)
        });
        Input { stop, task }
    }

    /// Ends, after one more record in each partition that closes all windows. Gives what was written.
    pub async fn finish(self) -> Counts {
        self.stop.store(true, Ordering::Relaxed);
        let (mut writer, schema_id, mut counts) = self.task.await.unwrap();
        for partition in 0..PARTITIONS {
            let mut names = (0..).map(|number| format!("last-{number}"));
            let key = names.find(|name| partition_for_key(name.as_bytes(), PARTITIONS) == partition).unwrap();
            put(&mut writer, schema_id, &key, 0, LAST_MS);
            counts.insert(key, 1);
        }
        writer.flush().await;
        counts
    }
}

fn put(writer: &mut Writer, schema_id: u32, key: &str, seq: i64, at_ms: i64) {
    let value = json!({"seq": seq, "at_ms": at_ms}).to_string();
    writer.put(crate::topic::now_ms(), key.as_bytes(), &framed(schema_id, value.as_bytes()));
}

/// Follows a topic of numbered records and fails at the first that is missing, doubled or out of order.
#[derive(Default)]
pub struct InOrder {
    next: Counts,
    pub records: i64,
}

impl InOrder {
    #[track_caller]
    pub fn take(&mut self, topic: &str, records: &[Record]) {
        for record in records {
            let next = self.next.entry(record.key_text()).or_insert(0);
            let row = record.json();
            assert_eq!(row["seq"], *next, "{topic}: {} comes where {next} should: {record:?}", row["seq"]);
            if topic == "copies" {
                assert_eq!(row["doubled"], *next * 2, "{record:?}");
            }
            *next += 1;
            self.records += 1;
        }
    }

    #[track_caller]
    pub fn is_all(&self, topic: &str, written: &Counts) {
        assert_eq!(&self.next, written, "records of {topic}");
    }
}

/// Number of copies, final totals and closed windows that `written` must lead to.
pub fn copies_of(written: &Counts) -> usize {
    written.values().sum::<i64>() as usize
}

/// Count and sum per key.
pub fn totals_of(written: &Counts) -> BTreeMap<String, (i64, i64)> {
    written.iter().map(|(key, n)| (key.clone(), (*n, n * (n - 1) / 2))).collect()
}

/// Count and sum per key and window.
pub fn windows_of(written: &Counts) -> BTreeMap<(String, i64), (i64, i64)> {
    let mut windows = BTreeMap::new();
    for (key, n) in written.iter().filter(|(key, _)| !key.starts_with("last-")) {
        for seq in 0..*n {
            let at = FIRST_MS + seq * STEP_MS;
            let window = windows.entry((key.clone(), at - at % WINDOW_MS)).or_insert((0, 0));
            window.0 += 1;
            window.1 += seq;
        }
    }
    windows
}

/// The newest total per key. A count that does not grow would have counted something twice, or forgotten it.
#[track_caller]
pub fn totals_in(records: &[Record]) -> BTreeMap<String, (i64, i64)> {
    let mut totals: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    for record in records {
        let row = record.json();
        let new = (row["n"].as_i64().unwrap(), row["total"].as_i64().unwrap());
        let old = totals.insert(record.key_text(), new);
        assert!(old.is_none_or(|old| old.0 < new.0), "{} went from {old:?} to {new:?}", record.key_text());
        assert_eq!(new.1, new.0 * (new.0 - 1) / 2, "{} after {} records: {record:?}", record.key_text(), new.0);
    }
    totals
}

/// Each window once.
#[track_caller]
pub fn windows_in(records: &[Record]) -> BTreeMap<(String, i64), (i64, i64)> {
    let mut windows = BTreeMap::new();
    for record in records {
        let row = record.json();
        let start = row["window_start"].as_i64().unwrap_or_else(|| panic!("{row}"));
        let counted = (row["n"].as_i64().unwrap(), row["total"].as_i64().unwrap());
        let twice = windows.insert((record.key_text(), start), counted);
        assert!(twice.is_none(), "window {start} of {} came twice: {twice:?} and {counted:?}", record.key_text());
    }
    windows
}
