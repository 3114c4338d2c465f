//! A job against a real broker, when `NUTKIN_TEST_KAFKA` names one (`host:port`, PLAINTEXT).

use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use nutkin_kafka::{Client, ClientConfig, NewTopic, PartitionBatch, Producer};
use nutkin_plan::table::BoundedMode;
use nutkin_state::{CheckpointStore, MemoryStorage};

use crate::cluster::{Cluster, Clusters, ReadOptions};
use crate::error::Failure;
use crate::tests::job::{last_event, spec, tumbling};
use crate::tests::plans::{counting_plan, number_batch};
use crate::{Job, JobContext, JobEvent, KafkaCluster, NoSchemas};

#[derive(Debug)]
struct OneCluster(Arc<dyn Cluster>);

#[async_trait]
impl Clusters for OneCluster {
    async fn cluster(&self, _cluster_id: &str) -> Result<Arc<dyn Cluster>, Failure> {
        Ok(self.0.clone())
    }
}

/// A name that no earlier run has used.
fn unique(name: &str) -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    format!("{name}-{}", now.as_nanos())
}

#[test]
fn a_job_that_is_cut_off_again_and_again_writes_everything_once() {
    let Ok(address) = std::env::var("NUTKIN_TEST_KAFKA") else {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "NUTKIN_TEST_KAFKA names no broker");
        // Unlike what is printed, this is seen of a test that passes.
        let _ = writeln!(std::io::stderr(), "skipped: a job on a real broker: NUTKIN_TEST_KAFKA names none");
        return;
    };
    let (input, output, uid) = (unique("nutkin-in"), unique("nutkin-out"), unique("uid"));
    let storage = Arc::new(MemoryStorage::default());
    let plan = {
        let mut plan = counting_plan(tumbling(), BoundedMode::LatestOffset);
        for table in &mut plan.tables {
            if let nutkin_plan::Connector::Kafka(kafka) = &mut table.connector {
                kafka.topic = if kafka.topic == "in" { input.clone() } else { output.clone() };
            }
        }
        plan
    };
    let expected = with_runtime(fill_topics(&address, &input, &output));
    let (mut finished, mut cuts) = (false, 0);
    for round in 0..60 {
        finished = with_runtime(async {
            let client = Client::connect(ClientConfig::new(address.clone())).await.unwrap();
            let context = JobContext::new(
                Arc::new(OneCluster(Arc::new(KafkaCluster::new(client)))),
                Arc::new(NoSchemas),
                CheckpointStore::new(storage.clone()),
            );
            let mut spec = spec(plan.clone(), 1 + round % 3);
            spec.statement_uid = uid.clone();
            spec.settings.batch_rows = 5;
            let (_handle, mut events) = Job::start(spec, context);
            let cut = Duration::from_millis(40 + u64::from(round) * 37 % 250);
            tokio::select! {
                event = last_event(&mut events) => {
                    assert_eq!(event, JobEvent::Finished);
                    true
                }
                () = tokio::time::sleep(cut), if round < 40 => false,
            }
        });
        if finished {
            break;
        }
        cuts += 1;
    }
    assert!(finished);
    assert!(cuts > 2, "the job was cut off {cuts} times only");
    eprintln!("finished after {cuts} cuts");
    assert_eq!(with_runtime(read_numbers(&address, &output)), expected);
}

/// Dropping the runtime ends everything that runs in it, as a crash would.
fn with_runtime<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(work)
}

async fn fill_topics(address: &str, input: &str, output: &str) -> Vec<i64> {
    let client = Client::connect(ClientConfig::new(address.to_owned())).await.unwrap();
    let topic = |name: &str, partitions| NewTopic {
        name: name.to_owned(),
        partitions: Some(partitions),
        replication_factor: Some(1),
        configs: Vec::new(),
    };
    let topics = [topic(input, 2), topic(output, 3)];
    for topic in &topics {
        client.admin().create_topic(topic).await.unwrap();
    }
    let mut counts = std::collections::BTreeMap::new();
    let mut producer = Producer::new(&client).await.unwrap();
    for batch in 0..8000i64 {
        let records: Vec<(i64, i64)> = (0..5).map(|i| (batch * 50 + i * 10, (batch * 7 + i * 3) % 6)).collect();
        for (time, value) in &records {
            *counts.entry((time.div_euclid(1000), *value)).or_insert(0i64) += 1;
        }
        let batch =
            PartitionBatch { topic: input.into(), partition: (batch % 2) as i32, batch: number_batch(&records) };
        producer.produce(vec![batch]).await.unwrap();
    }
    producer.flush().await.unwrap();
    let mut expected: Vec<i64> = counts.into_iter().map(|((_, value), count)| value * 1_000_000 + count).collect();
    expected.sort_unstable();
    expected
}

async fn read_numbers(address: &str, topic: &str) -> Vec<i64> {
    let client = Client::connect(ClientConfig::new(address.to_owned())).await.unwrap();
    let cluster = KafkaCluster::new(client);
    let isolation = nutkin_kafka::IsolationLevel::ReadCommitted;
    let partitions = cluster.partitions(topic).await.unwrap();
    let ends = cluster.offsets(topic, &partitions, nutkin_kafka::OffsetSpec::Latest, isolation).await.unwrap();
    let mut reader = cluster.reader(topic, ReadOptions { isolation, buffer_bytes: 1 << 20 }).await.unwrap();
    let mut left: std::collections::BTreeMap<i32, i64> = partitions
        .iter()
        .zip(ends)
        .map(|(partition, end)| (*partition, end.unwrap()))
        .filter(|(_, end)| *end > 0)
        .collect();
    left.keys().for_each(|partition| reader.assign(*partition, 0));
    let mut numbers = Vec::new();
    while !left.is_empty() {
        let Ok(fetched) = reader.next().await else { panic!("the output cannot be read") };
        let records = &fetched.records;
        numbers.extend((0..records.len()).map(|r| i64::from_be_bytes(records.value(r).unwrap().try_into().unwrap())));
        if left.get(&fetched.partition).is_some_and(|end| records.next_offset() >= *end) {
            left.remove(&fetched.partition);
        }
    }
    numbers.sort_unstable();
    numbers
}
