//! A statement that fails does not disturb its neighbours in the pool (spec S002-068).

use std::time::Duration;

use crate::service::{Options, Service};
use crate::topic::{Reader, Writer, framed, now_ms};
use crate::workplace::{PATIENCE, Workplace};

const FORMAT: &str = "'key.format' = 'raw', 'value.format' = 'json-registry'";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn failures_stay_where_they_are() {
    let service = Service::start(Options::default()).await;
    let place = Workplace::new(&service).await;
    for table in ["healthy", "fragile", "copies", "ratios"] {
        place
            .execute(&format!(
                "CREATE TABLE {table} (k STRING, v INT) DISTRIBUTED BY (k) INTO 1 BUCKETS WITH ({FORMAT})"
            ))
            .await;
    }
    place.run("good", "INSERT INTO copies SELECT k, v FROM healthy").await;
    place.run("divides", "INSERT INTO ratios SELECT k, 100 / v FROM fragile").await;
    place.run("reads", "INSERT INTO ratios SELECT k, v FROM fragile").await;
    let pools = service.pools();
    assert_eq!(pools.len(), 1, "one process per pool: {pools:?}");

    let client = place.kafka().await;
    let mut healthy = Writer::new(&client, "healthy").await;
    let mut fragile = Writer::new(&client, "fragile").await;
    let healthy_id = place.schema_id("healthy-value").await;
    let fragile_id = place.schema_id("fragile-value").await;
    let row = |id, v: i32| framed(id, format!("{{\"v\":{v}}}").as_bytes());
    healthy.put(now_ms(), b"a", &row(healthy_id, 1));
    healthy.flush().await;
    let mut copies = Reader::new(&client, "copies").await;
    copies.take(1, PATIENCE).await;

    fragile.put(now_ms(), b"zero", &row(fragile_id, 0));
    fragile.flush().await;
    let failed = failed(&place, "divides").await;
    assert!(failed.to_lowercase().contains("zero"), "{failed}");
    assert_eq!(place.statement("reads").await["status"]["phase"], "RUNNING");

    fragile.put(now_ms(), b"bad", b"not what the schema says");
    fragile.flush().await;
    let failed = self::failed(&place, "reads").await;
    // Where the record is, so that it can be found.
    assert!(failed.contains("fragile") && failed.contains("offset 1"), "{failed}");
    let exceptions = place.api.get(&format!("{}/exceptions", place.statement_path("reads"))).await.ok();
    assert!(exceptions["data"].as_array().is_some_and(|list| !list.is_empty()), "{exceptions}");

    healthy.put(now_ms(), b"a", &row(healthy_id, 2));
    healthy.flush().await;
    copies.take(1, PATIENCE).await;
    assert_eq!(place.statement("good").await["status"]["phase"], "RUNNING");
    assert_eq!(service.pools(), pools, "the pool was started anew");
}

async fn failed(place: &Workplace, name: &str) -> String {
    let begun = std::time::Instant::now();
    loop {
        let status = place.statement(name).await["status"].clone();
        if status["phase"] == "FAILED" {
            return status["detail"].as_str().unwrap().to_owned();
        }
        assert!(begun.elapsed() < PATIENCE, "{name}: {status}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
