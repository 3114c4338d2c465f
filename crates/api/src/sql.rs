//! `sql/v1`: statements, their results and exceptions (spec L-01, L-06, statements.md 3.3).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Statement {
    pub api_version: String,
    pub kind: String,
    pub metadata: StatementMeta,
    /// Unique in its environment; given by the server when empty.
    pub name: String,
    pub organization_id: String,
    pub environment_id: String,
    pub spec: StatementSpec,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<StatementStatus>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct StatementMeta {
    #[serde(rename = "self", skip_serializing_if = "Option::is_none")]
    pub self_link: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uid: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct StatementSpec {
    /// The SQL text, up to 4 MB (spec L-03).
    pub statement: String,
    pub properties: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compute_pool_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub principal: Option<String>,
    pub stopped: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub execution_mode: Option<String>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct StatementStatus {
    /// PENDING, RUNNING, COMPLETED, DELETING, FAILING, FAILED, STOPPING, STOPPED or DEGRADED.
    pub phase: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scaling_status: Option<ScalingStatus>,
    pub detail: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<StatementWarning>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub traits: Option<StatementTraits>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network_kind: Option<String>,
    /// Topic to `partition:0,offset:23;partition:1,offset:65`; only for stopped statements (spec E-03).
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub latest_offsets: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latest_offsets_timestamp: Option<String>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct ScalingStatus {
    /// OK, PENDING_SCALE_DOWN, PENDING_SCALE_UP or POOL_EXHAUSTED.
    pub scaling_state: String,
    pub last_updated: String,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct StatementWarning {
    /// LOW, MODERATE or CRITICAL.
    pub severity: String,
    pub created_at: String,
    /// UPPER_SNAKE.
    pub reason: String,
    pub message: String,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct StatementTraits {
    pub sql_kind: String,
    pub is_bounded: bool,
    pub is_append_only: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upsert_columns: Option<Vec<u32>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schema: Option<ResultSchema>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub connection_refs: Vec<String>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct ResultSchema {
    pub columns: Vec<ResultColumn>,
}

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ResultColumn {
    pub name: String,
    #[serde(rename = "type")]
    pub data_type: ResultType,
}

/// A type of a result column. The parts that do not apply are absent.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(no_recursion)]
pub struct ResultType {
    /// BOOLEAN, INTEGER, VARCHAR, TIMESTAMP_WITH_LOCAL_TIME_ZONE, ...
    #[serde(rename = "type")]
    pub type_name: String,
    pub nullable: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub length: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub precision: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scale: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fractional_precision: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolution: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_type: Option<Box<ResultType>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value_type: Option<Box<ResultType>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub element_type: Option<Box<ResultType>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fields: Option<Vec<ResultField>>,
    /// The class of a STRUCTURED_TYPE.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class_name: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(no_recursion)]
pub struct ResultField {
    pub name: String,
    pub field_type: ResultType,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct StatementResult {
    pub api_version: String,
    pub kind: String,
    pub metadata: ResultMeta,
    pub results: ResultPage,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct ResultMeta {
    #[serde(rename = "self")]
    pub self_link: String,
    /// Absolute URL with `page_token`; empty when there is nothing more.
    pub next: String,
    pub created_at: String,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct ResultPage {
    pub data: Vec<ResultRow>,
}

/// One change. Cells are text, NULL is null, ROW and ARRAY are arrays, MAP is an array of pairs.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ResultRow {
    /// 0 +I, 1 -U, 2 +U, 3 -D.
    #[serde(default)]
    pub op: u8,
    pub row: Vec<serde_json::Value>,
}

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct StatementException {
    pub kind: String,
    pub name: String,
    pub message: String,
    pub timestamp: String,
}
