//! Estimates of EXPLAIN from what is in the topics.

use std::time::{SystemTime, UNIX_EPOCH};

use nutkin_kafka::{BatchBuilder, Compression, PartitionBatch, Producer};
use serde_json::Value;

use super::support::World;

async fn explained(world: &World, sql: &str) -> Value {
    let done = world.done(&format!("EXPLAIN JSON_EXECUTION_PLAN {sql}")).await;
    serde_json::from_str(&done.rows()[0][0]).unwrap()
}

fn rate(document: &Value, name: &str) -> f64 {
    let operators = document["operators"].as_array().unwrap();
    let operator = operators.iter().find(|operator| operator["name"] == name).unwrap();
    operator["estimate"]["rows_per_second"].as_f64().unwrap()
}

async fn fill(world: &World, topic: &str, partition: i32, count: usize, timestamp: i64) {
    let mut producer = Producer::new(&world.client).await.unwrap();
    let mut builder = BatchBuilder::new(Compression::None);
    for _ in 0..count {
        builder.append(timestamp, None, Some(b"x"), &[]).unwrap();
    }
    let batch = builder.build().unwrap().unwrap();
    producer.produce(vec![PartitionBatch { topic: topic.into(), partition, batch }]).await.unwrap();
    producer.flush().await.unwrap();
}

/// 36 records of this hour in two partitions are one in 100 seconds; 86400 old ones are one a second of the day that state is
/// kept for. Offsets say it, no record is read.
#[tokio::test]
async fn rates_come_from_the_offsets_of_the_topic() {
    let world = World::new().await;
    let now = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap();
    for topic in ["recent", "past", "unused"] {
        world.topic(topic, 2, &[]).await;
    }
    fill(&world, "recent", 0, 30, now).await;
    fill(&world, "recent", 1, 6, now).await;
    for _ in 0..4 {
        fill(&world, "past", 1, 21_600, now - 7_200_000).await;
    }
    let document = explained(&world, "SELECT val FROM recent").await;
    assert_eq!(document["estimate"]["from_statistics"], true);
    assert!((rate(&document, "StreamTableSourceScan") - 0.01).abs() < 1e-9, "{document}");
    let document = explained(&world, "SELECT val, COUNT(*) FROM past GROUP BY val").await;
    assert!((rate(&document, "StreamTableSourceScan") - 1.0).abs() < 1e-9, "{document}");
    assert!(document["estimate"]["state_bytes"].as_f64().unwrap() > 0.0);
    let document = explained(&world, "SELECT val FROM unused").await;
    assert_eq!(
        (rate(&document, "StreamTableSourceScan"), &document["estimate"]["from_statistics"]),
        (0.0, &true.into())
    );
    let document = explained(&world, "SELECT order_id FROM examples.marketplace.orders").await;
    assert_eq!(
        (rate(&document, "StreamTableSourceScan"), &document["estimate"]["from_statistics"]),
        (50.0, &true.into())
    );
    // A plain EXPLAIN asks for no offsets.
    world.done("EXPLAIN SELECT val FROM recent").await;
    world.end().await;
}
