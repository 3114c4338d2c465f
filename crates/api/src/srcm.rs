//! `srcm/v3`: Schema Registry clusters.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::cmk::ClusterStatus;
use crate::common::{ObjectMeta, Reference};

#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = SchemaRegistryCluster)]
pub struct Cluster {
    pub api_version: String,
    pub kind: String,
    pub id: String,
    pub metadata: ObjectMeta,
    pub spec: ClusterSpec,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<ClusterStatus>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = SchemaRegistryClusterSpec)]
pub struct ClusterSpec {
    pub display_name: String,
    pub package: String,
    pub http_endpoint: String,
    pub cloud: String,
    pub region: String,
    pub environment: Option<Reference>,
}
