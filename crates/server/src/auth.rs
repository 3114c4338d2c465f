//! [`Caller`]: the principal behind a request, as an extractor. A handler that takes none is open to everybody.

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use nutkin_control::{Door, Principal};

use crate::error::Failure;
use crate::state::AppState;

/// Somebody with a valid key.
pub struct Caller(pub Principal);

/// Somebody whose key opens the control plane.
pub struct Administrator(pub Principal);

async fn principal(parts: &Parts, state: &AppState) -> Result<Principal, Failure> {
    let header = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    Ok(state.control.access.authenticate_header(header).await?)
}

impl FromRequestParts<AppState> for Caller {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Caller, Failure> {
        Ok(Caller(principal(parts, state).await?))
    }
}

impl FromRequestParts<AppState> for Administrator {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Administrator, Failure> {
        let principal = principal(parts, state).await?;
        principal.check(Door::ControlPlane)?;
        Ok(Administrator(principal))
    }
}
