//! What happens first on a connection: ApiVersions, then SASL.

use std::time::{Duration, Instant};

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use bytes::{Buf, Bytes};
use kafka_protocol::{
    messages::{ApiVersionsRequest, ApiVersionsResponse, SaslAuthenticateRequest, SaslHandshakeRequest},
    protocol::{Decodable, StrBytes, VersionRange},
};

use super::{Connection, Offered};
use crate::{ClientConfig, Error, Result, config::Sasl, error::ErrorCode, sasl::Login};

/// Newest form whose request every broker can at least refuse in a form we can read.
const API_VERSIONS: i16 = 3;
const UNSUPPORTED_VERSION: i16 = 35;

pub(super) async fn run(connection: &mut Connection, config: &ClientConfig) -> Result<()> {
    let answer = api_versions(connection, API_VERSIONS).await?;
    connection.offered = Offered {
        versions: answer
            .api_keys
            .iter()
            .map(|k| (k.api_key, VersionRange { min: k.min_version, max: k.max_version }))
            .collect(),
        features: answer.finalized_features.iter().map(|f| (f.name.to_string(), f.max_version_level)).collect(),
    };
    match &config.sasl {
        Some(sasl) => log_in(connection, sasl).await,
        None => Ok(()),
    }
}

async fn api_versions(connection: &Connection, version: i16) -> Result<ApiVersionsResponse> {
    let request = ApiVersionsRequest::default()
        .with_client_software_name(StrBytes::from_static_str("nutkin"))
        .with_client_software_version(StrBytes::from_static_str(env!("CARGO_PKG_VERSION")));
    let pending = connection.start(&request, version)?;
    let answer = connection.finish(pending, connection.request_timeout).await?;
    let mut body = answer.slice(4.min(answer.len())..);
    let malformed = |e: String| connection.malformed("ApiVersions", e);
    if body.len() < 2 {
        return Err(malformed("too short".to_owned()));
    }
    let code = body.clone().get_i16();
    if code == UNSUPPORTED_VERSION && version > 0 {
        return Box::pin(api_versions(connection, 0)).await;
    }
    if let Some(code) = ErrorCode::from_wire(code) {
        return Err(Error::broker(format!("ApiVersions at {}", connection.address()), code));
    }
    ApiVersionsResponse::decode(&mut body, version).map_err(|e| malformed(e.to_string()))
}

async fn log_in(connection: &mut Connection, sasl: &Sasl) -> Result<()> {
    let refused = |problem: String| Error::Authentication { address: connection.address().to_owned(), problem };
    let mechanism = sasl.mechanism.name();
    let handshake = SaslHandshakeRequest::default().with_mechanism(StrBytes::from_static_str(mechanism));
    let answer = connection.call_within(&handshake, 1, 1).await?;
    if answer.error_code != 0 {
        let offered: Vec<&str> = answer.mechanisms.iter().map(StrBytes::as_str).collect();
        return Err(refused(format!("the broker offers {}, sasl.mechanism is {mechanism}", offered.join(", "))));
    }
    let mut nonce = [0; 24];
    getrandom::fill(&mut nonce).map_err(|e| refused(format!("no randomness: {e}")))?;
    let (mut login, mut message) = Login::start(sasl, BASE64.encode(nonce));
    loop {
        let request = SaslAuthenticateRequest::default().with_auth_bytes(Bytes::from(message));
        let answer = connection.call(&request).await?;
        if let Some(code) = ErrorCode::from_wire(answer.error_code) {
            let words = answer.error_message.as_deref().unwrap_or_default();
            return Err(refused(format!("{code}: {words}")));
        }
        match login.step(&answer.auth_bytes).map_err(&refused)? {
            Some(next) => message = next,
            None => {
                connection.expires = expiry(answer.session_lifetime_ms);
                return Ok(());
            }
        }
    }
}

// A little before the broker would close it.
fn expiry(lifetime_ms: i64) -> Option<Instant> {
    let lifetime = u64::try_from(lifetime_ms).ok().filter(|ms| *ms > 0)?;
    Instant::now().checked_add(Duration::from_millis(lifetime).mul_f64(0.85))
}
