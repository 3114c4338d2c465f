//! Answers: the content type of the API, and errors in Confluent's shape.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use serde_json::json;

use crate::error::Error;

/// The content type of the API.
pub(crate) const CONTENT_TYPE: &str = "application/vnd.schemaregistry.v1+json";

/// A JSON answer.
pub(crate) struct Reply<T>(pub T);

/// What every endpoint gives.
pub(crate) type Answer<T> = Result<Reply<T>, Error>;

impl<T: Serialize> IntoResponse for Reply<T> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.0) {
            Ok(bytes) => json_response(StatusCode::OK, bytes),
            Err(error) => failure(&Error::Internal(error.to_string())),
        }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        failure(&self)
    }
}

/// An error answer.
pub(crate) fn failure(error: &Error) -> Response {
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if status.is_server_error() {
        tracing::error!(%error, "schema registry request failed");
    }
    let body = json!({"error_code": error.error_code(), "message": error.to_string()});
    let mut response = json_response(status, body.to_string().into_bytes());
    if status == StatusCode::UNAUTHORIZED {
        let challenge = HeaderValue::from_static("Basic realm=\"Schema Registry\"");
        response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    }
    response
}

/// A schema's text as it is: the body of the `/schema` endpoints.
pub(crate) fn text(schema: String) -> Response {
    json_response(StatusCode::OK, schema.into_bytes())
}

fn json_response(status: StatusCode, bytes: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(bytes));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(CONTENT_TYPE));
    response
}
