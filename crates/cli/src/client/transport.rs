//! HTTP underneath the client: connections, authentication, tries, errors.
//!
//! A request that changes nothing is tried again when the connection breaks or the service is busy; any other only when the
//! service said that it did not look at it (429).

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::{Method, Request, StatusCode, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use nutkin_api::ErrorBody;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use serde_json::Value;

use crate::connection::Connection;
use crate::error::{Error, Result};

/// Largest answer that is read.
const MAX_ANSWER: usize = 256 << 20;
const TIMEOUT: Duration = Duration::from_secs(60);
const TRIES: u32 = 4;
const FIRST_PAUSE: Duration = Duration::from_millis(200);

type Hyper = hyper_util::client::legacy::Client<HttpsConnector<HttpConnector>, Full<Bytes>>;

pub(super) struct Transport {
    hyper: Hyper,
    base: String,
    authorization: Option<String>,
}

impl Transport {
    pub fn new(connection: &Connection) -> Result<Transport> {
        let base = connection.url.trim_end_matches('/').to_owned();
        let uri: Option<http::Uri> = base.parse().ok();
        let usable = |uri: http::Uri| uri.host().is_some() && matches!(uri.scheme_str(), Some("http" | "https"));
        if !uri.is_some_and(usable) {
            let text = format!("'{base}' is not a URL such as http://host:8080 or https://host:8443.");
            return Err(Error::Configuration(text));
        }
        let tls = HttpsConnectorBuilder::new().with_tls_config(tls_config(connection.ca_file.as_deref())?);
        let hyper = hyper_util::client::legacy::Client::builder(TokioExecutor::new())
            .pool_idle_timeout(Duration::from_secs(30))
            .build(tls.https_or_http().enable_http1().build());
        let authorization = connection
            .credentials
            .as_ref()
            .map(|(key, secret)| format!("Basic {}", BASE64_STANDARD.encode(format!("{key}:{secret}"))));
        Ok(Transport { hyper, base, authorization })
    }

    pub fn base(&self) -> &str {
        &self.base
    }

    pub fn not_this_api(&self, path: &str, reason: &str) -> Error {
        Error::Answer { url: format!("{}{path}", self.base), reason: reason.to_owned() }
    }

    /// Sends a request and gives the body of its answer.
    pub async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Bytes> {
        let body = body.map(|body| Bytes::from(body.to_string()));
        let (mut pause, mut tries) = (FIRST_PAUSE, 1);
        loop {
            let sent = tokio::time::timeout(TIMEOUT, self.once(&method, path, body.clone())).await;
            let error = match sent {
                Ok(Ok(answer)) => return Ok(answer),
                Ok(Err(error)) => error,
                Err(_) => self.unreachable(format!("no answer within {} s", TIMEOUT.as_secs())),
            };
            let again = match &error {
                Error::Refused { status: 429, .. } => true,
                Error::Refused { status: 502..=504, .. } | Error::Unreachable { .. } => method == Method::GET,
                _ => false,
            };
            if !again || tries == TRIES {
                return Err(error);
            }
            tokio::time::sleep(pause).await;
            (pause, tries) = (pause * 2, tries + 1);
        }
    }

    async fn once(&self, method: &Method, path: &str, body: Option<Bytes>) -> Result<Bytes> {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base))
            .header(header::ACCEPT, "application/json")
            .header(header::USER_AGENT, concat!("nutkin/", env!("CARGO_PKG_VERSION")));
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        if let Some(authorization) = &self.authorization {
            request = request.header(header::AUTHORIZATION, authorization);
        }
        let request = request
            .body(Full::new(body.unwrap_or_default()))
            .map_err(|e| Error::Configuration(format!("{}{path} cannot be asked for: {e}.", self.base)))?;
        let response = self.hyper.request(request).await.map_err(|e| self.unreachable(causes(&e)))?;
        let status = response.status();
        let bytes = Limited::new(response.into_body(), MAX_ANSWER).collect().await;
        let bytes = bytes.map_err(|e| self.unreachable(e.to_string()))?.to_bytes();
        if status.is_success() { Ok(bytes) } else { Err(self.refusal(status, &bytes)) }
    }

    fn unreachable(&self, reason: String) -> Error {
        Error::Unreachable { url: self.base.clone(), reason }
    }

    /// The error in an answer: what its body says, else its status.
    fn refusal(&self, status: StatusCode, bytes: &[u8]) -> Error {
        let body: Option<ErrorBody> = serde_json::from_slice(bytes).ok();
        let first = body.and_then(|body| body.errors.into_iter().next());
        let (code, mut detail) = match first {
            Some(error) if !error.detail.is_empty() => (error.code, error.detail),
            Some(error) => (error.code, error.title),
            None => {
                let text: String = String::from_utf8_lossy(bytes).trim().chars().take(200).collect();
                (
                    String::new(),
                    format!("{} answered {status}{}{text}", self.base, if text.is_empty() { "" } else { ": " }),
                )
            }
        };
        if status == StatusCode::UNAUTHORIZED && self.authorization.is_none() {
            detail.push_str(
                " No API key was given: use --api-key and --api-secret, or NUTKIN_API_KEY and NUTKIN_API_SECRET.",
            );
        }
        Error::Refused { status: status.as_u16(), code, detail }
    }
}

/// TLS with one's own authority, the system's, or the web's where the system has none.
fn tls_config(ca_file: Option<&Path>) -> Result<rustls::ClientConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let unusable = |reason: String| Error::Configuration(format!("TLS cannot be set up: {reason}."));
    let builder = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|e| unusable(e.to_string()))?;
    let Some(path) = ca_file else {
        use hyper_rustls::ConfigBuilderExt as _;
        return Ok(match builder.clone().with_native_roots() {
            Ok(builder) => builder.with_no_client_auth(),
            Err(_) => builder.with_webpki_roots().with_no_client_auth(),
        });
    };
    let broken = |reason: String| Error::Configuration(format!("the CA file {}: {reason}.", path.display()));
    let mut roots = rustls::RootCertStore::empty();
    let certificates = CertificateDer::pem_file_iter(path).map_err(|e| broken(e.to_string()))?;
    for certificate in certificates {
        roots.add(certificate.map_err(|e| broken(e.to_string()))?).map_err(|e| broken(e.to_string()))?;
    }
    if roots.is_empty() {
        return Err(broken("it holds no certificate".to_owned()));
    }
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
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
