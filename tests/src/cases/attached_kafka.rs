//! Clusters of Apache Kafka that are attached by `nutkin kafka attach`: with TLS and logins of all kinds, and once more.

use std::time::Duration;

use serde_json::{Value, json};

use super::numbers::{self, COPY, InOrder, Input};
use crate::apache_kafka::{self, ApacheKafka, attach};
use crate::clients;
use crate::need::need;
use crate::scene::{Cluster, Scene};
use crate::service::{Options, Service};
use crate::topic::{Reader, read_all};
use crate::workplace::{Workplace, id};

const LIMIT: Duration = Duration::from_secs(60);

/// The clusters of an environment.
async fn clusters(place: &Workplace) -> Vec<Value> {
    let path = format!("/cmk/v2/clusters?environment={}", place.environment);
    place.api.get(&path).await.ok()["data"].as_array().unwrap().clone()
}

/// The properties are those that Kafka's own tools read: certificates by files, logins by JAAS.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn statements_read_and_write_over_tls_and_with_every_login() {
    if !need(&apache_kafka::PARTS) {
        return;
    }
    let kafka = ApacheKafka::secured().await;
    let service = Service::start(Options::default()).await;
    let own = Workplace::new(&service).await;
    let (refused, accepted): (Vec<_>, Vec<_>) =
        kafka.properties().into_iter().partition(|(name, _)| name.starts_with("refused"));
    let names: Vec<&str> = accepted.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["mutual", "plain", "scram-sha-256", "scram-sha-512", "tls"]);
    assert!(refused.len() >= 3, "{refused:?}");

    for (name, file) in &refused {
        let output = attach(&service, &own.environment, name, file).output().await.unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && told.contains("NUTKIN-4103"), "{name}: {told}");
        assert!(!told.contains("-secret"), "{name}: {told}");
    }
    assert_eq!(clusters(&own).await.len(), 1, "what was refused is attached");

    for (name, file) in &accepted {
        let printed = clients::finish(attach(&service, &own.environment, name, file), "attach", LIMIT).await;
        let protocol = match name.as_str() {
            "plain" => "SASL_PLAINTEXT://",
            "tls" | "mutual" => "SSL://",
            _ => "SASL_SSL://",
        };
        assert!(printed.contains(&format!(" {protocol}127.0.0.1:")), "{printed}");
        let place = own.clone().on(name, kafka.config());
        let (source, copy) = (format!("{name}_in").replace('-', "_"), format!("{name}_out").replace('-', "_"));
        for table in [&source, &copy] {
            place
                .execute(&format!("CREATE TABLE {table} (k STRING, n BIGINT) DISTRIBUTED BY (k) INTO 2 BUCKETS"))
                .await;
        }
        place.run(&format!("{name}-copy"), &format!("INSERT INTO {copy} SELECT k, n + 1 FROM {source}")).await;
        place.execute(&format!("INSERT INTO {source} VALUES ('a', 1), ('b', 2), ('c', 3)")).await;
        let rows = Reader::new(&kafka_client(&kafka).await, &copy).await.take(3, LIMIT).await;
        assert_eq!(rows.len(), 3, "{name}");
        let rows = place.query(&format!("SELECT n FROM {copy}"), 3).await;
        let mut numbers: Vec<String> = rows.iter().map(|(_, row)| row[0].as_str().unwrap().to_owned()).collect();
        numbers.sort();
        assert_eq!(numbers, ["2", "3", "4"], "{name}");
    }
    // Credentials are told to nobody.
    let shown = json!(clusters(&own).await).to_string() + &service.log() + &service.printed();
    assert!(!shown.contains("-secret") && !shown.contains("PRIVATE KEY"), "{shown}");
}

async fn kafka_client(kafka: &ApacheKafka) -> nutkin_kafka::Client {
    nutkin_kafka::Client::connect(kafka.config()).await.unwrap()
}

/// As after a change of password: the same cluster, and what runs on it runs on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn attached_again_it_is_the_same_cluster() {
    let Some(mut scene) = Scene::start(Cluster::ApacheKafka, Options::default(), &[]).await else { return };
    let place = scene.place.clone();
    let foreign = async |place: &Workplace| {
        let all = clusters(place).await;
        all.into_iter().find(|cluster| cluster["spec"]["display_name"] == "foreign").unwrap()
    };
    let first = foreign(&place).await;
    let address = format!("PLAINTEXT://{}", scene.kafka.as_ref().unwrap().bootstrap());
    assert_eq!(first["spec"]["kafka_bootstrap_endpoint"], address.as_str());
    numbers::create_tables(&place).await;
    let client = place.kafka().await;
    let input = Input::start(&place, &client, Duration::from_millis(50)).await;
    place.run(COPY.0, COPY.1).await;

    let file = scene.service.scratch().join("client.properties");
    let text = std::fs::read_to_string(&file).unwrap() + "client.id=renamed\n";
    std::fs::write(&file, text).unwrap();
    let again = attach(&scene.service, &place.environment, "foreign", &file);
    clients::finish(again, "nutkin kafka attach", LIMIT).await;
    let second = foreign(&place).await;
    assert_eq!(id(&second), id(&first));
    assert_ne!(second["metadata"]["resource_version"], first["metadata"]["resource_version"]);
    scene.service.kill9();
    scene.service.restart().await;

    let written = input.finish().await;
    scene.catch_up("copies", |records| records.len() >= numbers::copies_of(&written)).await;
    let mut order = InOrder::default();
    order.take("copies", &read_all(&client, "copies").await);
    order.is_all("copies", &written);
}
