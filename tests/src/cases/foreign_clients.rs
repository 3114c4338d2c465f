//! Clients that nobody here wrote, against the brokers and registries that the service runs, over TLS and without.

use std::path::PathBuf;
use std::time::Duration;

use tokio::process::Command;

use crate::clients;
use crate::need::{Part, need};
use crate::service::{Options, Service};
use crate::workplace::Workplace;

const LIMIT: Duration = Duration::from_secs(180);

/// The authority that the service made, as clients are told to trust it.
fn authority(service: &Service) -> PathBuf {
    service.data_dir().join("tls/ca.pem")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn librdkafka_and_the_confluent_registry_clients() {
    if !need(&[Part::Python]) {
        return;
    }
    let service = Service::start(Options { anonymous_kafka: true, ..Options::default() }).await;
    let place = Workplace::new(&service).await;
    let printed = clients::python("confluent_registry.py", &[&service.registry_url()], LIMIT).await;
    println!("{printed}");
    // One address for both: what a tool is given, and what the broker tells it in Metadata.
    let (user, password) = &place.kafka_key;
    let authority = authority(&service).display().to_string();
    for login in [&[user.as_str(), password][..], &[user, password, &authority]] {
        let arguments = [&[place.bootstrap.as_str()], login].concat();
        println!("{}", clients::python("librdkafka_broker.py", &arguments, LIMIT).await);
    }
}

/// The tools of Apache Kafka; `brief` only puts records in and takes them out.
async fn tools(service: &Service, place: &Workplace, protocol: &str, brief: &str) {
    let (user, password) = &place.kafka_key;
    let config = service.scratch().join("client.properties");
    let login = format!(
        "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"{user}\" password=\"{password}\";"
    );
    let mut properties = format!("security.protocol={protocol}\nsasl.mechanism=PLAIN\nsasl.jaas.config={login}\n");
    if protocol == "SASL_SSL" {
        let authority = authority(service).display().to_string();
        properties.push_str(&format!("ssl.truststore.type=PEM\nssl.truststore.location={authority}\n"));
    }
    std::fs::write(&config, properties).unwrap();
    let mut command = Command::new(clients::script("kafka_tools_broker.sh"));
    command.arg(&place.bootstrap).arg(&config).arg(brief);
    command.env("KAFKA_JARS", Part::KafkaJars.find().unwrap()).env("JAVA", Part::Java.find().unwrap());
    println!("{}", clients::finish(command, "kafka_tools_broker.sh", 2 * LIMIT).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tools_of_apache_kafka() {
    if !need(&[Part::Java, Part::KafkaJars]) {
        return;
    }
    let service = Service::start(Options::default()).await;
    let place = Workplace::new(&service).await;
    // As the original is spoken to; and the same port without TLS.
    tools(&service, &place, "SASL_SSL", "").await;
    tools(&service, &place, "SASL_PLAINTEXT", "brief").await;
}
