//! What the unmodified confluent-kafka serializers send, recorded by
//! `tests/clients/confluent_registry.py --record`, gets the recorded answers.

use serde_json::Value;

use super::Api;

const GOLDEN: &str = include_str!("../../../../tests/clients/golden/confluent-kafka-registry.jsonl");

#[tokio::test]
async fn confluent_kafka_gets_what_it_got() {
    let api = Api::new().await;
    let mut requests = 0;
    for line in GOLDEN.lines() {
        let entry: Value = serde_json::from_str(line).unwrap();
        let query = entry["query"].as_str().unwrap();
        let separator = if query.is_empty() { "" } else { "?" };
        let path = format!("{}{separator}{query}", entry["path"].as_str().unwrap());
        let body = Some(entry["body"].clone()).filter(|body| !body.is_null());
        let (status, answer) = api.call(entry["method"].as_str().unwrap(), &path, body).await;
        assert_eq!((status, &answer), (entry["status"].as_u64().unwrap() as u16, &entry["answer"]), "{line}");
        requests += 1;
    }
    assert!(requests > 50, "only {requests} requests were recorded");
}
