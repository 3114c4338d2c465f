//! `fcpm/v2`: compute pools and regions.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::common::{ObjectMeta, Reference};

#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct ComputePool {
    pub api_version: String,
    pub kind: String,
    pub id: String,
    pub metadata: ObjectMeta,
    pub spec: ComputePoolSpec,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<ComputePoolStatus>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct ComputePoolSpec {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cloud: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_cfu: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enable_ai: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_pool: Option<bool>,
    pub environment: Option<Reference>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network: Option<Reference>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct ComputePoolStatus {
    /// PROVISIONING, PROVISIONED, FAILED or DEPROVISIONING.
    pub phase: String,
    pub current_cfu: u32,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Region {
    pub api_version: String,
    pub kind: String,
    pub id: String,
    pub metadata: ObjectMeta,
    pub display_name: String,
    pub cloud: String,
    pub region_name: String,
    pub http_endpoint: String,
    pub private_http_endpoint: String,
}
