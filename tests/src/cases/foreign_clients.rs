//! Clients that nobody here wrote, against the brokers and registries that the service runs.

use std::time::Duration;

use tokio::process::Command;

use crate::clients;
use crate::need::{Part, need};
use crate::service::{Options, Service};
use crate::workplace::Workplace;

const LIMIT: Duration = Duration::from_secs(180);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn librdkafka_and_the_confluent_registry_clients() {
    if !need(&[Part::Python]) {
        return;
    }
    let service = Service::start(Options { anonymous_kafka: true, ..Options::default() }).await;
    let place = Workplace::new(&service).await;
    let printed = clients::python("confluent_registry.py", &[&service.registry_url()], LIMIT).await;
    println!("{printed}");
    let (user, password) = &place.kafka_key;
    let printed = clients::python("librdkafka_broker.py", &[&place.bootstrap, user, password], LIMIT).await;
    println!("{printed}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tools_of_apache_kafka() {
    if !need(&[Part::Java, Part::KafkaJars]) {
        return;
    }
    let service = Service::start(Options::default()).await;
    let place = Workplace::new(&service).await;
    let (user, password) = &place.kafka_key;
    let config = service.scratch().join("client.properties");
    let login = format!(
        "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"{user}\" password=\"{password}\";"
    );
    let properties = format!("security.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\nsasl.jaas.config={login}\n");
    std::fs::write(&config, properties).unwrap();
    let mut command = Command::new(clients::script("kafka_tools_broker.sh"));
    command.arg(&place.bootstrap).arg(&config);
    command.env("KAFKA_JARS", Part::KafkaJars.find().unwrap()).env("JAVA", Part::Java.find().unwrap());
    println!("{}", clients::finish(command, "kafka_tools_broker.sh", 2 * LIMIT).await);
}
