//! API keys (spec S002-041).

use serde::{Deserialize, Serialize};

use super::Resource;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ApiKey {
    /// `u-...` or `sa-...`
    pub owner: String,
    pub scope: KeyScope,
    pub display_name: String,
    pub description: String,
    /// Keyed hash; the secret itself is shown once and kept nowhere.
    pub secret_hash: String,
}

/// What a key opens.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum KeyScope {
    /// Everything its owner may do.
    Global,
    /// The control plane.
    Cloud,
    /// Statements of an environment and region, the region as `aws.us-east-1`.
    Flink {
        environment: String,
        region: String,
    },
    Kafka {
        cluster: String,
    },
    Registry {
        cluster: String,
    },
}

impl Resource for ApiKey {
    const KIND: &'static str = "api_key";
    const TITLE: &'static str = "API key";
    const PREFIX: &'static str = "key";

    fn parent(&self) -> &str {
        &self.owner
    }

    fn unique_name(&self) -> Option<&str> {
        None
    }
}
