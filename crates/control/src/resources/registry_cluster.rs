//! Schema Registry clusters: one per environment (spec S002-065).

use serde::{Deserialize, Serialize};

use super::Resource;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RegistryCluster {
    pub environment: String,
    pub cloud: String,
    pub region: String,
}

impl Resource for RegistryCluster {
    const KIND: &'static str = "registry_cluster";
    const TITLE: &'static str = "Schema Registry cluster";
    const PREFIX: &'static str = "lsrc";

    fn parent(&self) -> &str {
        &self.environment
    }

    /// The same for all, so that the store refuses a second one in an environment.
    fn unique_name(&self) -> Option<&str> {
        Some("Stream Governance Package")
    }
}
