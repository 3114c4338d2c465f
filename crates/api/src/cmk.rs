//! `cmk/v2`: Kafka clusters.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::common::{ObjectMeta, Reference};

#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
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
pub struct ClusterSpec {
    pub display_name: String,
    pub availability: String,
    pub cloud: String,
    pub region: String,
    pub config: ClusterConfig,
    /// `SASL_SSL://host:port`; the same address serves clients without TLS
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kafka_bootstrap_endpoint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http_endpoint: Option<String>,
    /// Further listeners by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub endpoints: BTreeMap<String, ClusterEndpoint>,
    pub environment: Option<Reference>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct ClusterEndpoint {
    pub kafka_bootstrap_endpoint: String,
    pub connection_type: String,
}

/// Only `kind` has an effect here; the others of the original size hardware.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct ClusterConfig {
    /// Basic, Standard, Enterprise, Dedicated or Freight.
    pub kind: String,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct ClusterStatus {
    /// PROVISIONING, PROVISIONED or FAILED.
    pub phase: String,
}
