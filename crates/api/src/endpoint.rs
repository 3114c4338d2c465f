//! `endpoint/v1`: addresses by service and region.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::common::{ObjectMeta, Reference};

#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Endpoint {
    pub api_version: String,
    pub kind: String,
    pub id: String,
    pub metadata: ObjectMeta,
    pub cloud: String,
    pub region: String,
    /// KAFKA, SCHEMA_REGISTRY or FLINK.
    pub service: String,
    pub is_private: bool,
    pub connection_type: String,
    pub endpoint: String,
    pub endpoint_type: String,
    pub environment: Option<Reference>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource: Option<Reference>,
}
