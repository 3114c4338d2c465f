//! `org/v2`: organizations and environments.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::common::ObjectMeta;

#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Organization {
    pub api_version: String,
    pub kind: String,
    pub id: String,
    pub metadata: ObjectMeta,
    pub display_name: String,
    pub jit_enabled: bool,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Environment {
    pub api_version: String,
    pub kind: String,
    pub id: String,
    pub metadata: ObjectMeta,
    pub display_name: String,
    pub stream_governance_config: Option<StreamGovernance>,
}

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct StreamGovernance {
    /// ESSENTIALS or ADVANCED.
    pub package: String,
}
