//! `cmk/v2`: Kafka clusters.

use http::Method;
use nutkin_api::attach::AttachCluster;
use nutkin_api::cmk::Cluster;
use serde_json::json;

use super::{Client, encode};
use crate::error::Result;

impl Client {
    /// Kafka clusters of an environment.
    pub async fn clusters(&self, environment: &str) -> Result<Vec<Cluster>> {
        self.list(&format!("/cmk/v2/clusters?environment={}", encode(environment))).await
    }

    pub async fn cluster(&self, environment: &str, id: &str) -> Result<Cluster> {
        self.get(&format!("/cmk/v2/clusters/{}?environment={}", encode(id), encode(environment))).await
    }

    /// Makes a Kafka cluster. `kind` is Basic, Standard, Enterprise, Dedicated or Freight.
    pub async fn create_cluster(
        &self,
        environment: &str,
        name: &str,
        cloud: &str,
        region: &str,
        kind: &str,
        availability: &str,
    ) -> Result<Cluster> {
        let body = json!({"spec": {
            "display_name": name,
            "availability": availability,
            "cloud": cloud,
            "region": region,
            "config": {"kind": kind},
            "environment": {"id": environment},
        }});
        self.call(Method::POST, "/cmk/v2/clusters", Some(body)).await
    }

    /// Attaches a Kafka cluster that runs elsewhere, or changes the properties by which it is reached.
    pub async fn attach_cluster(&self, cluster: &AttachCluster) -> Result<Cluster> {
        self.call(Method::POST, "/nutkin/v1/kafka-clusters:attach", Some(json!(cluster))).await
    }

    pub async fn delete_cluster(&self, environment: &str, id: &str) -> Result<()> {
        self.delete(&format!("/cmk/v2/clusters/{}?environment={}", encode(id), encode(environment))).await
    }
}
