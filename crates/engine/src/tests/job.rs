//! Whole jobs without crashes.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use nutkin_plan::operators::*;
use nutkin_plan::table::BoundedMode;
use nutkin_plan::{ChangelogMode, Expr, WindowSpec};
use nutkin_state::{CheckpointStore, MemoryStorage};
use nutkin_types::{LogicalType, Value};

use crate::tests::fake::{FakeKafka, FakeStorage, Steps};
use crate::tests::plans::*;
use crate::{Job, JobContext, JobEvent, JobEvents, JobHandle, JobSpec, NoSchemas, RuntimeClock};

pub(crate) const WINDOW: i64 = 1000;

/// A process's surroundings: cluster and storage survive it.
pub(crate) struct World {
    pub kafka: FakeKafka,
    pub storage: Arc<MemoryStorage>,
}

impl World {
    pub fn new() -> World {
        World { kafka: FakeKafka::new(Arc::new(Steps::default())), storage: Arc::default() }
    }

    pub fn start(&self, spec: JobSpec) -> (JobHandle, JobEvents) {
        let storage = FakeStorage { inner: self.storage.clone(), steps: self.kafka.steps.clone() };
        let context = JobContext {
            clusters: Arc::new(self.kafka.clone()),
            schemas: Arc::new(NoSchemas),
            checkpoints: CheckpointStore::new(Arc::new(storage)),
            clock: Arc::new(RuntimeClock::starting_at(1_700_000_000_000)),
            memory: crate::MemoryTables::default(),
        };
        Job::start(spec, context)
    }
}

/// Runs in one thread on virtual time.
pub(crate) fn run<T>(test: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap().block_on(test)
}

pub(crate) async fn last_event(events: &mut JobEvents) -> JobEvent {
    loop {
        let event = events.next().await.expect("a terminal event");
        if event.is_terminal() {
            return event;
        }
    }
}

pub(crate) fn spec(plan: nutkin_plan::Plan, parallelism: u32) -> JobSpec {
    let mut spec = JobSpec::new("uid-1", "statement-1", plan);
    spec.parallelism = parallelism;
    spec.checkpoint_interval = Duration::from_millis(50);
    spec
}

/// Fills topic `in` and gives what [`counting_plan`] must write for tumbling windows.
pub(crate) fn fill(kafka: &FakeKafka, batches: i64) -> Vec<i64> {
    kafka.create_topic("in", 2);
    kafka.create_topic("out", 3);
    let mut counts: BTreeMap<(i64, i64), i64> = BTreeMap::new();
    for batch in 0..batches {
        for partition in 0..2 {
            let records: Vec<(i64, i64)> = (0..5)
                .map(|i| {
                    let time = batch * 100 + i * 20;
                    (time, (batch * 7 + i * 3 + partition) % 6)
                })
                .collect();
            for (time, value) in &records {
                *counts.entry((time.div_euclid(WINDOW), *value)).or_default() += 1;
            }
            kafka.append("in", partition as i32, number_batch(&records));
        }
    }
    let mut expected: Vec<i64> = counts.into_iter().map(|((_, value), count)| value * 1_000_000 + count).collect();
    expected.sort_unstable();
    expected
}

pub(crate) fn tumbling() -> WindowSpec {
    WindowSpec::Tumble { size: WINDOW, offset: 0 }
}

#[test]
fn a_bounded_job_writes_every_window_once_and_finishes() {
    for parallelism in 1..=3 {
        let world = World::new();
        let expected = fill(&world.kafka, 40);
        run(async {
            let plan = counting_plan(tumbling(), BoundedMode::LatestOffset);
            let (handle, mut events) = world.start(spec(plan, parallelism));
            assert_eq!(last_event(&mut events).await, JobEvent::Finished);
            let metrics = handle.metrics();
            assert_eq!(metrics.inputs[0].records, 400);
            assert_eq!(metrics.outputs[0].records, expected.len() as u64);
            assert!(handle.why_no_output().is_empty());
        });
        assert_eq!(committed_numbers(&world.kafka, "out"), expected);
        assert_eq!(world.kafka.open_count(), 0);
    }
}

#[test]
fn a_job_stopped_with_a_savepoint_goes_on_where_it_was() {
    let world = World::new();
    let expected = fill(&world.kafka, 40);
    let plan = counting_plan(tumbling(), BoundedMode::LatestOffset);
    let first = run(async {
        let (handle, mut events) = world.start(spec(plan.clone(), 2));
        tokio::time::sleep(Duration::from_millis(170)).await;
        handle.stop_with_savepoint();
        last_event(&mut events).await
    });
    let JobEvent::Stopped { savepoint: Some(_), offsets } = first else { panic!("{first:?}") };
    assert!(offsets[0].partitions.values().all(|&offset| offset > 0));
    assert_eq!(world.kafka.open_count(), 0);
    // Another parallelism reads the same state.
    let second = run(async {
        let (_, mut events) = world.start(spec(plan, 3));
        last_event(&mut events).await
    });
    assert_eq!(second, JobEvent::Finished);
    assert_eq!(committed_numbers(&world.kafka, "out"), expected);
}

#[test]
fn a_generator_feeds_windows_into_a_topic() {
    let mut builder = PlanBuilder::new();
    let append = ChangelogMode::Append;
    let source = builder.table(generator("orders"));
    let target = builder.table(keyed_topic("out", "window_start", "n", BIGINT, append));
    let scanned = schema(&[("price", LogicalType::Double), ("rowtime", INSTANT)]);
    let scan = TableSourceScan {
        table: source,
        columns: vec![ScanColumn::Physical("price".to_owned()), ScanColumn::Rowtime],
        watermark: Some(ScanWatermark::MaxSeen { rowtime: Expr::input(1, INSTANT.nullable()) }),
    };
    let scan = builder.node(scan, &[], scanned.clone(), append);
    let exchange = builder.node(Exchange { kind: ExchangeKind::Single }, &[scan], scanned, append);
    let aggregate = WindowAggregate {
        grouping: vec![],
        calls: vec![call("n", "COUNT", vec![0], BIGINT)],
        input: WindowInput::Assign { window: tumbling(), time_column: 1 },
        properties: vec![],
    };
    let aggregate = builder.node(aggregate, &[exchange], schema(&[("n", BIGINT)]), append);
    let column = Expr::input(0, BIGINT.nullable());
    let calc = Calc { projection: vec![column.clone(), column], condition: None };
    let out = schema(&[("window_start", BIGINT), ("n", BIGINT)]);
    let calc = builder.node(calc, &[aggregate], out.clone(), append);
    let sink = Sink { target: SinkTarget::Table(target), upsert_materialize: false, state_ttl: None };
    builder.node(sink, &[calc], out, append);
    let world = World::new();
    world.kafka.create_topic("out", 3);
    run(async {
        let (handle, mut events) = world.start(spec(builder.plan, 2));
        tokio::time::sleep(Duration::from_millis(10_500)).await;
        handle.stop_with_savepoint();
        assert!(matches!(last_event(&mut events).await, JobEvent::Stopped { savepoint: Some(_), .. }));
    });
    // 50 rows a second from a start that is a whole second: ten windows, all of them full.
    assert_eq!(committed_numbers(&world.kafka, "out"), vec![50; 10]);
}

#[test]
fn constant_rows_come_out_as_foreground_results() {
    let mut builder = PlanBuilder::new();
    let append = ChangelogMode::Append;
    let columns = schema(&[("v", BIGINT)]);
    let rows = (1..=5).map(|v| vec![Value::Integer(v)]).collect();
    let values = builder.node(Values { rows }, &[], columns.clone(), append);
    let limit = builder.node(Exchange { kind: ExchangeKind::Single }, &[values], columns.clone(), append);
    let limit = builder.node(Limit { offset: 1, fetch: 3 }, &[limit], columns.clone(), append);
    builder.node(
        Sink { target: SinkTarget::Collect, upsert_materialize: false, state_ttl: None },
        &[limit],
        columns,
        append,
    );
    let world = World::new();
    run(async {
        let (handle, mut events) = world.start(spec(builder.plan, 1));
        assert_eq!(last_event(&mut events).await, JobEvent::Finished);
        let first = handle.results(0, 2).unwrap();
        assert_eq!(first.batches.iter().map(|batch| batch.num_rows()).sum::<usize>(), 2);
        assert_eq!(first.next, Some(2));
        assert_eq!(handle.results(0, 2).unwrap().next, Some(2));
        let second = handle.results(2, 10).unwrap();
        assert_eq!(second.batches.iter().map(|batch| batch.num_rows()).sum::<usize>(), 1);
        assert_eq!(second.next, None);
        assert!(handle.results(0, 1).is_err());
    });
}

#[test]
fn a_missing_topic_is_waited_for_and_a_bad_value_is_not() {
    let world = World::new();
    world.kafka.create_topic("out", 1);
    let plan = counting_plan(tumbling(), BoundedMode::LatestOffset);
    run(async {
        let (handle, mut events) = world.start(spec(plan.clone(), 1));
        let JobEvent::Restarting { cause, attempt: 1, .. } = events.next().await.unwrap() else { panic!() };
        assert_eq!((cause.class(), cause.is_recoverable()), (crate::FailureClass::User, true));
        handle.cancel();
        assert!(matches!(last_event(&mut events).await, JobEvent::Stopped { savepoint: None, .. }));
    });
    world.kafka.create_topic("in", 1);
    let mut builder = nutkin_kafka::BatchBuilder::new(nutkin_kafka::Compression::None);
    builder.append(5, None, Some(b"not eight"), &[]).unwrap();
    world.kafka.append("in", 0, builder.build().unwrap().unwrap());
    run(async {
        let (_, mut events) = world.start(spec(plan, 1));
        let JobEvent::Failed { cause } = last_event(&mut events).await else { panic!() };
        assert_eq!(cause.code(), "NUTKIN-5101");
        let position = cause.position.unwrap();
        assert_eq!((position.partition, position.offset), (0, 0));
    });
}

#[test]
fn a_panic_fails_the_statement_and_nothing_else() {
    let mut world = World::new();
    fill(&world.kafka, 1);
    world.kafka.panic_on_read = true;
    run(async {
        let (_, mut events) = world.start(spec(counting_plan(tumbling(), BoundedMode::LatestOffset), 2));
        let JobEvent::Failed { cause } = last_event(&mut events).await else { panic!() };
        assert_eq!((cause.kind, cause.class()), (crate::FailureKind::Internal, crate::FailureClass::System));
        assert!(cause.message.contains("a defect"), "{}", cause.message);
    });
}

#[test]
fn a_statement_without_a_usable_watermark_says_so() {
    let world = World::new();
    world.kafka.create_topic("in", 2);
    world.kafka.create_topic("out", 1);
    let records: Vec<(i64, i64)> = (0..100).map(|i| (1_700_000_000_000 + i, 1)).collect();
    world.kafka.append("in", 0, number_batch(&records));
    let mut plan = counting_plan(tumbling(), BoundedMode::Unbounded);
    let nutkin_plan::Operator::TableSourceScan(scan) = &mut plan.nodes[0].operator else { panic!() };
    scan.watermark = Some(ScanWatermark::Source { rowtime: Expr::input(1, INSTANT.nullable()) });
    run(async {
        let (handle, _events) = world.start(spec(plan, 1));
        tokio::time::sleep(Duration::from_secs(1)).await;
        let reasons: Vec<String> = handle.why_no_output().iter().map(ToString::to_string).collect();
        assert_eq!(reasons.len(), 2, "{reasons:?}");
        assert!(reasons[0].contains("partition 0 has seen 100 of the 251 events it needs"), "{reasons:?}");
        assert!(reasons[1].contains("partition 1 of `env`.`cluster`.`in` has no events"), "{reasons:?}");
        assert_eq!(handle.metrics().inputs[0].watermark, i64::MIN);
        // The empty partition becomes idle, and enough events end the margin.
        let more: Vec<(i64, i64)> = (0..1500).map(|i| (1_700_000_000_200 + i * 10, 1)).collect();
        world.kafka.append("in", 0, number_batch(&more));
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert!(!handle.why_no_output().is_empty());
        let last: Vec<(i64, i64)> = (0..10).map(|i| (1_700_000_016_000 + i, 1)).collect();
        tokio::time::sleep(Duration::from_secs(13)).await;
        world.kafka.append("in", 0, number_batch(&last));
        tokio::time::sleep(Duration::from_secs(2)).await;
        assert_eq!(handle.why_no_output(), vec![]);
        let metrics = handle.metrics();
        assert_eq!(metrics.inputs[0].watermark, 1_700_000_016_009 - 50);
        assert!(metrics.inputs[0].partitions[1].idle);
        assert_eq!(metrics.inputs[0].pending_records, Some(0));
        handle.cancel();
    });
    assert_eq!(committed_numbers(&world.kafka, "out").len(), 15);
}
