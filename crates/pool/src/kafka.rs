//! Kafka clusters of a job, from the client properties that came with it.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use nutkin_engine::{Cluster, Clusters, Failure, FailureKind, KafkaCluster};
use nutkin_kafka::{Client, ClientConfig};
use tokio::sync::Mutex;

/// Connects to each cluster when a job first asks for it.
pub struct ConfiguredClusters {
    properties: BTreeMap<String, String>,
    connected: Mutex<BTreeMap<String, Arc<dyn Cluster>>>,
}

impl std::fmt::Debug for ConfiguredClusters {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("ConfiguredClusters").field(&self.properties.keys()).finish()
    }
}

impl ConfiguredClusters {
    /// `properties`: cluster id to Kafka client properties.
    pub fn new(properties: BTreeMap<String, String>) -> ConfiguredClusters {
        ConfiguredClusters { properties, connected: Mutex::default() }
    }
}

#[async_trait]
impl Clusters for ConfiguredClusters {
    async fn cluster(&self, cluster_id: &str) -> Result<Arc<dyn Cluster>, Failure> {
        let mut connected = self.connected.lock().await;
        if let Some(cluster) = connected.get(cluster_id) {
            return Ok(cluster.clone());
        }
        let properties = self.properties.get(cluster_id).ok_or_else(|| {
            Failure::new(FailureKind::Internal, format!("the statement was not told how to reach {cluster_id}"))
        })?;
        let unusable = |e: nutkin_kafka::Error| Failure::new(FailureKind::Unreachable, e.to_string());
        let config = ClientConfig::from_properties(properties).map_err(unusable)?;
        let client = Client::connect(config).await.map_err(unusable)?;
        let cluster: Arc<dyn Cluster> = Arc::new(KafkaCluster::new(client));
        connected.insert(cluster_id.to_owned(), cluster.clone());
        Ok(cluster)
    }
}
