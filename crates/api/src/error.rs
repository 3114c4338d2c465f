//! The error body of the control plane and of the Flink API.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// `{"errors": [...]}`; clients print `detail`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ErrorBody {
    pub errors: Vec<ApiError>,
}

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ApiError {
    /// Unique to this answer; the server's log names it too.
    pub id: String,
    /// The HTTP status as text.
    pub status: String,
    /// `resource_not_found`, `invalid_request`, ...
    pub code: String,
    pub title: String,
    pub detail: String,
    pub source: ErrorSource,
}

/// What in the request is wrong.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct ErrorSource {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parameter: Option<String>,
}
