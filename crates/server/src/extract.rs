//! Bodies and queries whose refusals have the shape of every other error.

use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use nutkin_control::ControlError;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::Failure;
use crate::state::AppState;

/// A JSON body, of a request or of an answer.
pub struct Json<T>(pub T);

/// The query of the URL.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequest<AppState> for Json<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &AppState) -> Result<Json<T>, Failure> {
        match axum::Json::<T>::from_request(request, state).await {
            Ok(axum::Json(body)) => Ok(Json(body)),
            Err(rejection) => {
                let remedy = match &rejection {
                    JsonRejection::MissingJsonContentType(_) => " Send it as Content-Type: application/json.",
                    _ => "",
                };
                let text = format!("The request's body cannot be read: {}.{remedy}", rejection.body_text());
                Err(Failure(ControlError::Invalid(text)))
            }
        }
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

impl<T: DeserializeOwned> FromRequestParts<AppState> for Query<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Query<T>, Failure> {
        match axum::extract::Query::<T>::from_request_parts(parts, state).await {
            Ok(axum::extract::Query(query)) => Ok(Query(query)),
            Err(rejection) => {
                let rejection: QueryRejection = rejection;
                let text = format!("The query of the URL cannot be read: {}.", rejection.body_text());
                Err(Failure(ControlError::Invalid(text)))
            }
        }
    }
}
