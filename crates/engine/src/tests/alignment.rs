//! Watermark alignment (spec sql.md 2.6): nobody runs ahead of the slowest by more than the drift, nobody waits for ever, and
//! what comes out is the same.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use arrow_array::cast::AsArray;
use arrow_array::types::{Int64Type, TimestampMillisecondType};
use nutkin_functions::{Evaluator, EvaluatorOptions, TimeZone};
use nutkin_kafka::IsolationLevel;
use nutkin_plan::operators::*;
use nutkin_plan::table::{BoundedMode, Connector, StartupMode};
use nutkin_plan::{ChangelogMode, Expr, Operator, Plan};
use proptest::prelude::*;

use crate::clock::RuntimeClock;
use crate::source::alignment::{Alignment, HOLDS_NOBODY, NOT_BEGUN};
use crate::source::kafka::{KafkaSource, KafkaSourceOptions, WatermarkRule};
use crate::source::record::RecordDecoder;
use crate::source::watermark::Idleness;
use crate::source::{Source, SourceEvent};
use crate::telemetry::Telemetry;
use crate::tests::fake::{FakeKafka, Steps};
use crate::tests::job::{World, fill, last_event, run, spec, tumbling};
use crate::tests::plans::*;
use crate::{JobEvent, NoSchemas};

const DRIFT: i64 = 100;

/// A partition of a source: batches of event times.
type Log = Vec<Vec<i64>>;

/// Appends records whose value names their partition.
fn append(kafka: &FakeKafka, topic: &str, partition: usize, log: &Log) {
    for batch in log.iter().filter(|batch| !batch.is_empty()) {
        let records: Vec<(i64, i64)> = batch.iter().map(|&time| (time, partition as i64)).collect();
        kafka.append(topic, partition as i32, number_batch(&records));
    }
}

struct Reading {
    source: KafkaSource,
    telemetry: Arc<Telemetry>,
    /// Event times by partition, as they came.
    seen: BTreeMap<usize, Vec<i64>>,
    watermark: i64,
    idle: bool,
}

/// A source of all partitions of `topic`, in batches of `batch_rows`.
async fn read(
    kafka: &FakeKafka,
    topic: &str,
    alignment: Option<&Arc<Alignment>>,
    batch_rows: usize,
    bounded: BoundedMode,
    idleness: Idleness,
) -> Reading {
    let table = raw_topic(topic, bounded.clone());
    let columns = schema(&[("v", BIGINT), ("rowtime", INSTANT)]);
    let scan = TableSourceScan {
        table: 0,
        columns: vec![ScanColumn::Physical("v".to_owned()), ScanColumn::Rowtime],
        watermark: None,
    };
    let mut builder = PlanBuilder::new();
    builder.table(table.clone());
    let node = builder.node(scan.clone(), &[], columns, ChangelogMode::Append);
    let Connector::Kafka(kafka_table) = &table.connector else { panic!() };
    let zone = EvaluatorOptions { time_zone: TimeZone::parse("UTC").unwrap() };
    let rule = Evaluator::compile(&Expr::input(1, INSTANT.nullable()), &zone).unwrap();
    let telemetry = Arc::new(Telemetry::new(&builder.plan));
    let options = KafkaSourceOptions {
        table: topic.to_owned(),
        topic: topic.to_owned(),
        registry_id: String::new(),
        cluster: Arc::new(kafka.clone()),
        schemas: Arc::new(NoSchemas),
        clock: Arc::new(RuntimeClock::starting_at(1_700_000_000_000)),
        telemetry: telemetry.clone(),
        plan_node: node,
        subtask: 0,
        parallelism: 1,
        isolation: IsolationLevel::ReadCommitted,
        startup: StartupMode::EarliestOffset,
        bounded,
        decoder: RecordDecoder::new(&scan, &builder.plan.nodes[node], &table, kafka_table).unwrap(),
        watermark: Some(WatermarkRule::Largest(rule)),
        idleness,
        seat: alignment.map(Alignment::join),
        watermark_interval: Duration::from_millis(200),
        discovery_interval: Duration::from_secs(60),
        batch_rows,
        buffer_bytes: 1 << 20,
        warn: Arc::new(|_| {}),
    };
    let source = KafkaSource::start(options, &[]).await.unwrap();
    Reading { source, telemetry, seen: BTreeMap::new(), watermark: i64::MIN, idle: false }
}

impl Reading {
    /// Takes the next event if it comes within `wait`; gives the partition and the event times of a batch.
    async fn step(&mut self, wait: Duration) -> Option<(usize, Vec<i64>)> {
        let event = tokio::time::timeout(wait, self.source.next()).await.ok()?.unwrap();
        match event {
            SourceEvent::Batch(batch) => {
                let partition = batch.column(0).as_primitive::<Int64Type>().value(0) as usize;
                let times = batch.column(1).as_primitive::<TimestampMillisecondType>().values().to_vec();
                self.seen.entry(partition).or_default().extend(&times);
                return Some((partition, times));
            }
            SourceEvent::Watermark(watermark) => self.watermark = watermark,
            SourceEvent::Idle => self.idle = true,
            SourceEvent::Active => self.idle = false,
            SourceEvent::End => {}
        }
        None
    }

    fn largest(&self, partition: usize) -> Option<i64> {
        self.seen.get(&partition).and_then(|times| times.iter().copied().max())
    }

    fn has_unread(&self, partition: usize, log: &Log) -> bool {
        self.seen.get(&partition).map_or(0, Vec::len) < log.iter().map(Vec::len).sum()
    }
}

/// How far the slowest partition with unread records is; None when everything is read, `i64::MIN` when one has not begun.
fn slowest(readings: &[Reading], logs: &[Vec<Log>]) -> Option<i64> {
    let unread = readings.iter().zip(logs).flat_map(|(reading, logs)| {
        let unread = logs.iter().enumerate().filter(|(partition, log)| reading.has_unread(*partition, log));
        unread.map(|(partition, _)| reading.largest(partition).unwrap_or(i64::MIN))
    });
    unread.min()
}

/// Reads several sources in an arbitrary order of turns and checks the rule at every batch.
async fn check_rule(logs: Vec<Vec<Log>>, batch_rows: usize, turns: Vec<usize>, is_bounded: bool, idleness: Idleness) {
    let mut kafka = FakeKafka::new(Arc::new(Steps::default()));
    kafka.pace = Duration::from_millis(1);
    for (number, logs) in logs.iter().enumerate() {
        kafka.create_topic(&format!("t{number}"), logs.len());
        logs.iter().enumerate().for_each(|(partition, log)| append(&kafka, &format!("t{number}"), partition, log));
    }
    let alignment = Alignment::new(DRIFT).unwrap();
    let bounded = if is_bounded { BoundedMode::LatestOffset } else { BoundedMode::Unbounded };
    let mut readings = Vec::new();
    for number in 0..logs.len() {
        let topic = format!("t{number}");
        readings.push(read(&kafka, &topic, Some(&alignment), batch_rows, bounded.clone(), idleness).await);
    }
    // Enough for every record to come alone and for idleness to set in between.
    for turn in turns.iter().cycle().take(20_000) {
        let number = turn % readings.len();
        let ahead = |readings: &[Reading], partition: usize| readings[number].largest(partition);
        let before: Vec<Option<i64>> = (0..logs[number].len()).map(|p| ahead(&readings, p)).collect();
        let Some(limit) = slowest(&readings, &logs).map(|slowest| slowest.saturating_add(DRIFT)) else { break };
        if let Some((partition, times)) = readings[number].step(Duration::from_millis(300)).await {
            assert!(times.len() <= batch_rows);
            assert!(before[partition].is_none_or(|before| before <= limit), "{before:?} went on past {limit}");
        }
    }
    for (reading, logs) in readings.iter().zip(&logs) {
        for (partition, log) in logs.iter().enumerate() {
            let seen = reading.seen.get(&partition).cloned().unwrap_or_default();
            assert_eq!(seen, log.concat(), "partition {partition} came whole and in order");
        }
    }
}

/// Event times that wander forward, from anywhere.
fn log() -> impl Strategy<Value = Log> {
    let steps = prop::collection::vec(prop::collection::vec(-50..4 * DRIFT, 1..6), 0..8);
    (0..20 * DRIFT, steps).prop_map(|(start, steps)| {
        let mut time = 1_000_000 + start;
        let mut next = |step: i64| {
            time += step;
            time
        };
        steps.into_iter().map(|batch| batch.into_iter().map(&mut next).collect()).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_partition_starts_a_batch_more_than_the_drift_ahead_of_the_slowest(
        logs in prop::collection::vec(prop::collection::vec(log(), 1..4), 1..4),
        batch_rows in 1usize..5,
        turns in prop::collection::vec(0usize..6, 1..12),
        is_bounded in any::<bool>(),
        idles in any::<bool>(),
    ) {
        // Every source gets its turn, whatever was drawn.
        let turns = turns.into_iter().chain(0..3).collect();
        let idleness = if idles { Idleness::After(5_000) } else { Idleness::Never };
        run(check_rule(logs, batch_rows, turns, is_bounded, idleness));
    }
}

#[test]
fn a_seat_holds_others_back_until_it_is_given_up() {
    assert!(Alignment::new(0).is_none());
    let alignment = Alignment::new(DRIFT).unwrap();
    let mut first = alignment.join();
    assert_eq!(first.report(1_000), 1_000 + DRIFT);
    let mut second = alignment.join();
    assert_eq!(first.report(1_000), NOT_BEGUN + DRIFT);
    assert_eq!(second.report(7_000), 1_000 + DRIFT);
    let third = alignment.join();
    assert_eq!(second.report(7_000), NOT_BEGUN + DRIFT);
    drop(third);
    assert_eq!(second.report(7_000), 1_000 + DRIFT);
    assert_eq!(first.report(HOLDS_NOBODY), 7_000 + DRIFT);
    drop(second);
    assert_eq!(first.report(HOLDS_NOBODY), HOLDS_NOBODY);
}

#[test]
fn a_quiet_partition_holds_others_back_until_it_is_idle_and_they_do_not_become_idle_meanwhile() {
    let mut kafka = FakeKafka::new(Arc::new(Steps::default()));
    kafka.pace = Duration::from_millis(1);
    kafka.create_topic("t", 3);
    append(&kafka, "t", 0, &vec![vec![0]]);
    let far: Vec<i64> = (0..50).map(|i| i * 40).collect();
    append(&kafka, "t", 1, &vec![far.clone()]);
    run(async {
        let alignment = Alignment::new(DRIFT).unwrap();
        let (unbounded, idleness) = (BoundedMode::Unbounded, Idleness::After(10_000));
        let mut reading = read(&kafka, "t", Some(&alignment), 1, unbounded, idleness).await;
        let pass = async |reading: &mut Reading, millis: u64| {
            let end = tokio::time::Instant::now() + Duration::from_millis(millis);
            while tokio::time::Instant::now() < end {
                reading.step(Duration::from_millis(50)).await;
            }
        };
        pass(&mut reading, 9_000).await;
        // 80 is within the drift of 0; the batch that began there is the last. Partition 2 is empty and holds nobody back.
        assert_eq!(reading.largest(1), Some(120));
        let partitions = reading.telemetry.snapshot().inputs[0].partitions.clone();
        let states: Vec<(bool, bool)> = partitions.iter().map(|p| (p.blocked, p.idle)).collect();
        assert_eq!(states, vec![(false, false), (true, false), (false, false)]);
        assert_eq!(partitions[1].position, 4);
        pass(&mut reading, 3_000).await;
        assert_eq!(reading.seen[&1], far);
        // Partition 1 was blocked for almost as long as it takes to be idle, and is not: its watermark counts.
        let partitions = reading.telemetry.snapshot().inputs[0].partitions.clone();
        let states: Vec<(bool, bool)> = partitions.iter().map(|p| (p.blocked, p.idle)).collect();
        assert_eq!(states, vec![(false, true), (false, false), (false, true)]);
        assert_eq!(reading.watermark, 1960);
        // An old event makes partition 0 active again, and the next of partition 1 waits for it.
        append(&kafka, "t", 0, &vec![vec![10]]);
        append(&kafka, "t", 1, &vec![vec![2000], vec![2001]]);
        pass(&mut reading, 2_000).await;
        assert_eq!(reading.largest(0), Some(10));
        assert!(reading.seen[&1].len() <= far.len() + 1);
        pass(&mut reading, 15_000).await;
        assert_eq!(reading.largest(1), Some(2001));
    });
}

#[test]
fn a_busy_subtask_does_not_make_its_partitions_idle() {
    let mut kafka = FakeKafka::new(Arc::new(Steps::default()));
    kafka.pace = Duration::from_millis(1);
    kafka.create_topic("t", 1);
    append(&kafka, "t", 0, &vec![vec![0]]);
    run(async {
        let (unbounded, idleness) = (BoundedMode::Unbounded, Idleness::After(1_000));
        let mut reading = read(&kafka, "t", None, 1, unbounded, idleness).await;
        while reading.seen.is_empty() {
            reading.step(Duration::from_millis(50)).await;
        }
        // Nobody asks for a minute: there was no room downstream.
        tokio::time::sleep(Duration::from_secs(60)).await;
        for _ in 0..8 {
            reading.step(Duration::from_millis(100)).await;
        }
        assert!(!reading.idle);
        for _ in 0..20 {
            reading.step(Duration::from_millis(100)).await;
        }
        assert!(reading.idle);
    });
}

/// `counting_plan` over two topics of which the second is some windows ahead.
fn union_plan(bounded: BoundedMode) -> Plan {
    let mut plan = counting_plan(tumbling(), bounded.clone());
    plan.tables.push(raw_topic("in2", bounded));
    let Plan { nodes, .. } = &mut plan;
    let mut second = nodes[0].clone();
    second.id = nutkin_plan::OperatorId("second".to_owned());
    let Operator::TableSourceScan(scan) = &mut second.operator else { panic!() };
    scan.table = 2;
    let mut union = nodes[0].clone();
    union.id = nutkin_plan::OperatorId("union".to_owned());
    union.operator = Union {}.into();
    union.inputs = vec![0, 1];
    for node in &mut nodes[1..] {
        node.inputs.iter_mut().for_each(|input| *input += 2);
    }
    nodes.insert(1, second);
    nodes.insert(2, union);
    plan
}

#[test]
fn results_are_the_same_with_and_without_alignment_also_over_a_savepoint() {
    for (drift, parallelism, stop_at) in [(0, 1, 0), (1, 1, 0), (1, 2, 170), (500, 3, 0), (100, 2, 230)] {
        let world = World::new();
        let mut expected = fill(&world.kafka, 30);
        world.kafka.create_topic("in2", 3);
        let mut counts: BTreeMap<(i64, i64), i64> = BTreeMap::new();
        for i in 0..60i64 {
            // Far ahead of `in`, and partition 1 of it stays empty.
            let records: Vec<(i64, i64)> = (0..4).map(|j| (20_000 + i * 70 + j, 6 + j % 3)).collect();
            records.iter().for_each(|(time, value)| *counts.entry((time / 1000, *value)).or_default() += 1);
            world.kafka.append("in2", (i % 2 * 2) as i32, number_batch(&records));
        }
        expected.extend(counts.into_iter().map(|((_, value), count)| value * 1_000_000 + count));
        expected.sort_unstable();
        let mut plan = union_plan(BoundedMode::LatestOffset);
        plan.scan.allowed_drift = Some(drift);
        plan.check().unwrap();
        if stop_at > 0 {
            run(async {
                let (handle, mut events) = world.start(spec(plan.clone(), parallelism));
                tokio::time::sleep(Duration::from_millis(stop_at)).await;
                handle.stop_with_savepoint();
                assert!(matches!(last_event(&mut events).await, JobEvent::Stopped { savepoint: Some(_), .. }));
            });
        }
        run(async {
            let (handle, mut events) = world.start(spec(plan, parallelism));
            assert_eq!(last_event(&mut events).await, JobEvent::Finished, "drift {drift}");
            assert_eq!(handle.metrics().late_records, 0);
        });
        assert_eq!(committed_numbers(&world.kafka, "out"), expected, "drift {drift}");
    }
}
