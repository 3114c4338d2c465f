//! The README's second step: a table of one's own with an explicit watermark gives windows at once; without one the statement
//! says what it waits for (spec sql.md 2.6).

use std::collections::BTreeMap;
use std::time::Duration;

use regex::Regex;
use serde_json::json;

use crate::process::eventually;
use crate::service::{Options, Service};
use crate::topic::Writer;
use crate::workplace::{PATIENCE, Workplace};

const START: i64 = 1_767_225_600_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_explicit_watermark_gives_windows_and_the_default_one_says_why_it_waits() {
    let service = Service::start(Options::default()).await;
    let place = Workplace::new(&service).await;
    place
        .execute(
            "CREATE TABLE page_views (
               user_id STRING,
               url STRING,
               viewed_at TIMESTAMP_LTZ(3),
               WATERMARK FOR viewed_at AS viewed_at - INTERVAL '1' SECOND
             ) DISTRIBUTED INTO 1 BUCKETS WITH ('value.format' = 'json-registry')",
        )
        .await;
    place
        .execute("CREATE TABLE plain (user_id STRING, url STRING) DISTRIBUTED INTO 1 BUCKETS WITH ('value.format' = 'json-registry')")
        .await;
    let client = place.kafka().await;
    for topic in ["page_views", "plain"] {
        let mut writer = Writer::new(&client, topic).await;
        for number in 0..60 {
            let at = START + number * 1000;
            let row = json!({"user_id": format!("u{}", number % 5), "url": "/home", "viewed_at": at}).to_string();
            writer.put(at, b"any", row.as_bytes());
        }
        writer.flush().await;
    }
    let windows = |table: &str, time: &str| {
        format!(
            "SELECT window_start, user_id, COUNT(*) FROM TABLE(TUMBLE(TABLE {table}, DESCRIPTOR({time}), \
             INTERVAL '10' SECOND)) GROUP BY window_start, window_end, user_id"
        )
    };
    // The watermark is one second behind the 59th second: five windows are closed.
    let rows = place.query(&windows("page_views", "viewed_at"), 25).await;
    let mut counted = BTreeMap::new();
    for (op, row) in rows {
        assert_eq!(op, 0);
        let key = (row[0].as_str().unwrap().to_owned(), row[1].as_str().unwrap().to_owned());
        assert!(counted.insert(key, row[2].as_str().unwrap().to_owned()).is_none(), "{row:?} twice");
    }
    let mut expected = BTreeMap::new();
    for second in [0, 10, 20, 30, 40] {
        for user in 0..5 {
            let start = format!("2026-01-01 00:00:{second:02}");
            expected.insert((start, format!("u{user}")), "2".to_owned());
        }
    }
    let shortened: BTreeMap<_, _> =
        counted.into_iter().map(|((start, user), count)| ((start[..19].to_owned(), user), count)).collect();
    assert_eq!(shortened, expected);

    place.run("waits", &windows("plain", "$rowtime")).await;
    let says = Regex::new(r"partition 0 has seen 60 of the \d+ events it needs").unwrap();
    eventually("the reason in status.detail", PATIENCE, || async {
        let statement = place.statement("waits").await;
        let detail = statement["status"]["detail"].as_str().unwrap().to_owned();
        assert_eq!(statement["status"]["phase"], "RUNNING");
        says.is_match(&detail).then_some(())
    })
    .await;
    tokio::time::sleep(Duration::from_millis(10)).await;
}
