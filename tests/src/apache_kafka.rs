//! A broker of Apache Kafka for one case, and the way to attach it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use nutkin_kafka::ClientConfig;

use crate::clients;
use crate::need::Part;
use crate::process;
use crate::service::{Service, free_ports};

/// A JVM on a busy machine.
const LIMIT: Duration = Duration::from_secs(240);
/// Settings of `kafka.sh` that are ports.
const PORTS: [&str; 6] = [
    "KAFKA_PORT",
    "KAFKA_CONTROLLER_PORT",
    "KAFKA_TLS_PORT",
    "KAFKA_MUTUAL_PORT",
    "KAFKA_PLAIN_PORT",
    "KAFKA_SCRAM_PORT",
];

/// What a case needs to have one.
pub const PARTS: [Part; 2] = [Part::Java, Part::KafkaJars];

/// Ends when dropped.
pub struct ApacheKafka {
    run: tempfile::TempDir,
    ports: [u16; 6],
    secured: bool,
}

impl ApacheKafka {
    /// With a listener without TLS and login only.
    pub async fn start() -> ApacheKafka {
        ApacheKafka::with(false).await
    }

    /// With listeners for TLS, mutual TLS, SASL/PLAIN, and SCRAM over TLS too.
    pub async fn secured() -> ApacheKafka {
        ApacheKafka::with(true).await
    }

    async fn with(secured: bool) -> ApacheKafka {
        let kafka = ApacheKafka { run: tempfile::tempdir().unwrap(), ports: free_ports(), secured };
        clients::finish(kafka.script("start").into(), "kafka.sh start", LIMIT).await;
        kafka
    }

    fn script(&self, verb: &str) -> Command {
        let mut command = Command::new(process::root().join("tests/peers/kafka.sh"));
        let jars = Part::KafkaJars.find().unwrap();
        command.arg(verb).env("PEERS_HOME", jars.parent().unwrap()).env("PEERS_RUN", self.run.path());
        command.env("PEERS_JAVA", Part::Java.find().unwrap()).env("PEERS_WAIT", (LIMIT.as_secs() - 20).to_string());
        for (name, port) in PORTS.iter().zip(self.ports) {
            command.env(name, port.to_string());
        }
        command.env("KAFKA_AUTO_CREATE", "false").env("KAFKA_SECURED", self.secured.to_string());
        command
    }

    /// `host:port` without TLS and login.
    pub fn bootstrap(&self) -> String {
        format!("127.0.0.1:{}", self.ports[0])
    }

    pub fn config(&self) -> ClientConfig {
        ClientConfig::new(self.bootstrap())
    }

    /// The script's property files by name: `tls`, `mutual`, `plain`, `scram-sha-256`, `scram-sha-512`, `refused-...`.
    pub fn properties(&self) -> Vec<(String, PathBuf)> {
        let folder = self.run.path().join(format!("kafka-{}.clients", self.ports[0]));
        let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let named = files.filter_map(|path| {
            let name = path.file_name()?.to_str()?.strip_suffix(".properties")?.to_owned();
            Some((name, path))
        });
        let mut found: Vec<_> = named.collect();
        found.sort();
        found
    }
}

impl Drop for ApacheKafka {
    fn drop(&mut self) {
        let _ = self.script("stop").output();
    }
}

/// `nutkin kafka attach NAME --config FILE`, not run yet.
pub fn attach(service: &Service, environment: &str, name: &str, properties: &Path) -> tokio::process::Command {
    let mut command = tokio::process::Command::new(process::nutkin());
    command.args(["kafka", "attach", name, "--environment", environment, "--config"]).arg(properties);
    command.env("NUTKIN_URL", service.url());
    command.env("NUTKIN_API_KEY", &service.admin.0).env("NUTKIN_API_SECRET", &service.admin.1);
    command
}
