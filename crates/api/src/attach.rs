//! `nutkin/v1`: what the original has no endpoint for. Attaching a Kafka cluster; the answer is a [`crate::cmk::Cluster`].

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A Kafka cluster to attach. Unlike the requests of the original this one refuses fields that it does not know.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AttachCluster {
    /// Id of the environment.
    pub environment: String,
    /// Name, which is also that of the database.
    pub display_name: String,
    pub cloud: String,
    pub region: String,
    /// Text of a `client.properties` as Kafka's own tools read it. Certificates and keys are in it as PEM, not as files. No
    /// answer gives it back.
    pub properties: String,
}

impl std::fmt::Debug for AttachCluster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AttachCluster")
            .field("environment", &self.environment)
            .field("display_name", &self.display_name)
            .finish_non_exhaustive()
    }
}
