//! `iam/v2`: API keys and service accounts.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::common::{ObjectMeta, Reference};

#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct ApiKey {
    pub api_version: String,
    pub kind: String,
    pub id: String,
    pub metadata: ObjectMeta,
    pub spec: ApiKeySpec,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct ApiKeySpec {
    /// Only in the answer to the request that made the key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    pub owner: Option<Reference>,
    /// Absent for a key to the control plane.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource: Option<Reference>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct ServiceAccount {
    pub api_version: String,
    pub kind: String,
    pub id: String,
    pub metadata: ObjectMeta,
    pub display_name: Option<String>,
    pub description: Option<String>,
}
