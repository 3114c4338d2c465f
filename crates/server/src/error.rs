//! Errors as answers.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use nutkin_api::error::ErrorSource;
use nutkin_api::{ApiError, ErrorBody};
use nutkin_control::ControlError;

/// What a handler fails with.
#[derive(Debug)]
pub struct Failure(pub ControlError);

pub type Result<T, E = Failure> = std::result::Result<T, E>;

impl From<ControlError> for Failure {
    fn from(error: ControlError) -> Failure {
        Failure(error)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let id = uuid::Uuid::new_v4().simple().to_string();
        let status = StatusCode::from_u16(self.0.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        // The inside of a failure that is not the caller's is for the log, not for the caller.
        let detail = match &self.0 {
            ControlError::Internal(detail) => {
                tracing::error!(%id, %detail, "request failed");
                format!("The service failed to carry out the request. Its log says why under the id {id}.")
            }
            other => other.to_string(),
        };
        let error = ApiError {
            id,
            status: status.as_u16().to_string(),
            code: self.0.code().to_owned(),
            title: status.canonical_reason().unwrap_or("Error").to_owned(),
            detail,
            source: ErrorSource::default(),
        };
        let mut response = (status, Json(ErrorBody { errors: vec![error] })).into_response();
        if status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"Nutkin\""));
        }
        response
    }
}
