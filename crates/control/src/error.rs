//! Errors of the control plane, each with the HTTP status it becomes.

use crate::store::StoreError;

#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// 400: the request itself is wrong.
    #[error("{0}")]
    Invalid(String),
    /// 401
    #[error("{0}")]
    Unauthenticated(String),
    /// 403
    #[error("{0}")]
    Forbidden(String),
    /// 404
    #[error("{kind} {id} was not found. Check the name and that your key may see it.")]
    NotFound { kind: &'static str, id: String },
    /// 405
    #[error("{0}")]
    MethodNotAllowed(String),
    /// 409
    #[error("{0}")]
    Conflict(String),
    /// 429
    #[error("{0}")]
    TooMany(String),
    /// 500: not the caller's fault.
    #[error("{0}")]
    Internal(String),
}

impl ControlError {
    /// HTTP status.
    pub fn status(&self) -> u16 {
        match self {
            ControlError::Invalid(_) => 400,
            ControlError::Unauthenticated(_) => 401,
            ControlError::Forbidden(_) => 403,
            ControlError::NotFound { .. } => 404,
            ControlError::MethodNotAllowed(_) => 405,
            ControlError::Conflict(_) => 409,
            ControlError::TooMany(_) => 429,
            ControlError::Internal(_) => 500,
        }
    }

    /// `code` of the error body.
    pub fn code(&self) -> &'static str {
        match self {
            ControlError::Invalid(_) => "invalid_request",
            ControlError::Unauthenticated(_) => "unauthorized",
            ControlError::Forbidden(_) => "forbidden",
            ControlError::NotFound { .. } => "resource_not_found",
            ControlError::MethodNotAllowed(_) => "method_not_allowed",
            ControlError::Conflict(_) => "resource_conflict",
            ControlError::TooMany(_) => "rate_limit_exceeded",
            ControlError::Internal(_) => "internal_error",
        }
    }

    pub fn not_found(kind: &'static str, id: impl Into<String>) -> ControlError {
        ControlError::NotFound { kind, id: id.into() }
    }
}

impl From<StoreError> for ControlError {
    fn from(error: StoreError) -> ControlError {
        match error {
            StoreError::Exists { .. } | StoreError::Stale { .. } => ControlError::Conflict(error.to_string()),
            StoreError::NotFound { .. } => ControlError::Conflict(error.to_string()),
            StoreError::Database(_) => ControlError::Internal(error.to_string()),
        }
    }
}
