//! Kafka clusters: databases in SQL (spec S002-004).

use serde::{Deserialize, Serialize};

use super::Resource;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct KafkaCluster {
    pub environment: String,
    pub display_name: String,
    pub cloud: String,
    pub region: String,
    /// Basic, Standard, ...: accepted and shown; it has no effect here.
    pub kind: String,
    pub availability: String,
    pub flavour: ClusterFlavour,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum ClusterFlavour {
    /// Served by this process on this port of the listen address.
    Embedded {
        port: u16,
        /// On loopback, without credentials; used only while the service allows it.
        anonymous_port: Option<u16>,
    },
    /// Somebody else's brokers.
    Attached {
        /// `host:port, ...`
        bootstrap_servers: String,
        /// PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL.
        security_protocol: String,
        /// Its own id for itself, if it has one: offsets and transactions that were kept are worthless at another cluster.
        kafka_cluster_id: Option<String>,
        /// Client properties, which hold credentials; [`crate::seal`].
        sealed_properties: String,
    },
}

impl Resource for KafkaCluster {
    const KIND: &'static str = "kafka_cluster";
    const TITLE: &'static str = "Kafka cluster";
    const PREFIX: &'static str = "lkc";

    fn parent(&self) -> &str {
        &self.environment
    }

    fn unique_name(&self) -> Option<&str> {
        Some(&self.display_name)
    }
}
