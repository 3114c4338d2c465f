//! HTTP underneath the client: connections, authentication, retries, errors.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::{Method, Request, StatusCode, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

use super::ClientOptions;
use crate::error::Error;
use crate::http::CONTENT_TYPE;

/// Largest answer that is read.
const MAX_ANSWER: usize = 64 << 20;
const MAX_BACKOFF: Duration = Duration::from_secs(5);

type Hyper = hyper_util::client::legacy::Client<HttpsConnector<HttpConnector>, Full<Bytes>>;

pub(super) struct Transport {
    hyper: Hyper,
    bases: Vec<String>,
    /// The address that answered last.
    current: AtomicUsize,
    authorization: Option<String>,
    options: ClientOptions,
}

/// Why a try failed: for good, or worth another.
enum Failure {
    Final(Error),
    Again(Error),
}

impl Transport {
    pub fn new(options: ClientOptions) -> Result<Self, Error> {
        let bases: Vec<_> = options.urls.iter().map(|url| url.trim().trim_end_matches('/').to_owned()).collect();
        let usable = |base: &String| {
            let uri: Result<http::Uri, _> = base.parse();
            uri.is_ok_and(|uri| uri.host().is_some() && matches!(uri.scheme_str(), Some("http" | "https")))
        };
        if bases.is_empty() || !bases.iter().all(usable) {
            return Err(Error::BadRequest(format!(
                "a schema registry URL must look like http://host:port or https://host:port/path, not {:?}",
                options.urls
            )));
        }
        let tls = match &options.tls {
            Some(tls) => HttpsConnectorBuilder::new().with_tls_config(tls.clone()),
            None => {
                let provider = rustls::crypto::ring::default_provider();
                match HttpsConnectorBuilder::new().with_provider_and_native_roots(provider.clone()) {
                    Ok(builder) => builder,
                    // A machine without certificates of its own.
                    Err(_) => HttpsConnectorBuilder::new()
                        .with_provider_and_webpki_roots(Arc::new(provider))
                        .map_err(|e| Error::Internal(e.to_string()))?,
                }
            }
        };
        let connector = tls.https_or_http().enable_http1().build();
        let hyper = hyper_util::client::legacy::Client::builder(TokioExecutor::new())
            .pool_idle_timeout(Duration::from_secs(30))
            .build(connector);
        let authorization = options
            .basic_auth
            .as_ref()
            .map(|(user, password)| format!("Basic {}", BASE64_STANDARD.encode(format!("{user}:{password}"))));
        Ok(Self { hyper, bases, current: AtomicUsize::new(0), authorization, options })
    }

    pub fn unreachable(&self, reason: String) -> Error {
        Error::Unreachable { url: self.bases.join(","), reason }
    }

    /// Sends a request, again if need be, and gives the JSON of the answer.
    pub async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value, Error> {
        let body = Bytes::from(body.map(Value::to_string).unwrap_or_default());
        // A repeated deletion would meet what the first one did.
        let retries = if method == Method::DELETE { 0 } else { self.options.retries };
        let mut pause = self.options.backoff;
        let mut tries = 0;
        loop {
            let at = self.current.load(Ordering::Relaxed) % self.bases.len();
            let sent = self.once(&self.bases[at], method.clone(), path, body.clone());
            let failure = match tokio::time::timeout(self.options.timeout, sent).await {
                Ok(Ok(value)) => return Ok(value),
                Ok(Err(failure)) => failure,
                Err(_) => Failure::Again(self.unreachable(format!("no answer within {:?}", self.options.timeout))),
            };
            match failure {
                Failure::Final(error) => return Err(error),
                Failure::Again(error) if tries >= retries => return Err(error),
                Failure::Again(error) => tracing::debug!(%error, "trying the schema registry again"),
            }
            self.current.store(at + 1, Ordering::Relaxed);
            tries += 1;
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(MAX_BACKOFF);
        }
    }

    async fn once(&self, base: &str, method: Method, path: &str, body: Bytes) -> Result<Value, Failure> {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{base}{path}"))
            .header(header::ACCEPT, format!("{CONTENT_TYPE}, application/json"));
        if !body.is_empty() {
            request = request.header(header::CONTENT_TYPE, CONTENT_TYPE);
        }
        if let Some(authorization) = &self.authorization {
            request = request.header(header::AUTHORIZATION, authorization);
        }
        if let Some(cluster) = &self.options.target_cluster {
            request = request.header("target-sr-cluster", cluster);
        }
        let request = request
            .body(Full::new(body))
            .map_err(|e| Failure::Final(Error::BadRequest(format!("unusable URL or header: {e}"))))?;
        let response = self.hyper.request(request).await;
        let response = response.map_err(|e| Failure::Again(self.unreachable(causes(&e))))?;
        let status = response.status();
        let bytes = Limited::new(response.into_body(), MAX_ANSWER).collect().await;
        let bytes = bytes.map_err(|e| Failure::Again(self.unreachable(e.to_string())))?.to_bytes();
        if status.is_success() {
            if bytes.is_empty() {
                return Ok(Value::Null);
            }
            return serde_json::from_slice(&bytes)
                .map_err(|e| Failure::Final(self.unreachable(format!("its answer is not JSON ({e})"))));
        }
        let error = remote(status, &bytes);
        let again = status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS;
        Err(if again { Failure::Again(error) } else { Failure::Final(error) })
    }
}

/// The error in an answer, whatever its shape.
fn remote(status: StatusCode, bytes: &[u8]) -> Error {
    let body: Value = serde_json::from_slice(bytes).unwrap_or_default();
    let code = body["error_code"].as_u64().and_then(|code| u32::try_from(code).ok());
    let message = body["message"].as_str().map(str::to_owned).unwrap_or_else(|| {
        let text = String::from_utf8_lossy(bytes);
        let start: String = text.trim().chars().take(200).collect();
        if start.is_empty() { status.to_string() } else { format!("{status}: {start}") }
    });
    Error::Remote { status: status.as_u16(), error_code: code.unwrap_or(u32::from(status.as_u16())), message }
}

fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
