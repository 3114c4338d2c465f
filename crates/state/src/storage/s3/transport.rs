//! HTTP underneath the S3 client: this program's own hyper and rustls, with time-outs on everything that is waited for.
//!
//! Answers that refuse are cut down to the code and the message of S3's error document before anything else sees them: the
//! rest may hold key ids and whole signed requests, which belong in no log. Answers that no other try would change are made
//! errors here ([`Refused`]), so that nothing above repeats them.

use std::error::Error;
use std::fmt::{Display, Formatter};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use http::{Response, StatusCode};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector as TcpConnector;
use hyper_util::rt::TokioExecutor;
use object_store::ClientOptions;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpRequestBody, HttpResponse, HttpService,
};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const IDLE_CONNECTION: Duration = Duration::from_secs(20);
/// A body that is sent slower than this times out, in bytes per millisecond.
const SLOWEST: u64 = 128;
/// Longest text taken from an error document.
const MAX_TEXT: usize = 300;

type Hyper = Client<HttpsConnector<TcpConnector>, HttpRequestBody>;

/// An answer that says no, and would again.
#[derive(Debug)]
pub(super) struct Refused {
    pub status: StatusCode,
    text: String,
}

impl Display for Refused {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        write!(f, "the store answered {}: {}", self.status.as_u16(), self.text)
    }
}

impl Error for Refused {}

/// No answer, or half of one.
#[derive(Debug)]
struct Unanswered(String);

impl Display for Unanswered {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Unanswered {}

/// Hands its one client to the S3 client.
#[derive(Debug, Clone)]
pub(super) struct Connector {
    hyper: Hyper,
    answer: Duration,
}

impl Connector {
    /// `authority`: PEM text of the authorities to trust instead of the system's; `answer`: how long one answer may take.
    pub fn new(authority: Option<&str>, answer: Duration) -> Result<Connector, String> {
        let provider = rustls::crypto::ring::default_provider();
        let builder = match authority {
            Some(pem) => HttpsConnectorBuilder::new().with_tls_config(trusting(pem)?),
            None => match HttpsConnectorBuilder::new().with_provider_and_native_roots(provider.clone()) {
                Ok(builder) => builder,
                // A machine without certificates of its own.
                Err(_) => {
                    let builder = HttpsConnectorBuilder::new().with_provider_and_webpki_roots(Arc::new(provider));
                    builder.map_err(|error| error.to_string())?
                }
            },
        };
        let mut tcp = TcpConnector::new();
        tcp.set_connect_timeout(Some(CONNECT_TIMEOUT));
        tcp.set_nodelay(true);
        tcp.enforce_http(false);
        let connector = builder.https_or_http().enable_http1().wrap_connector(tcp);
        let hyper = Client::builder(TokioExecutor::new()).pool_idle_timeout(IDLE_CONNECTION).build(connector);
        Ok(Connector { hyper, answer })
    }

    async fn read(&self, mut body: Incoming, store: &str) -> Result<Bytes, HttpError> {
        let mut pieces = Vec::new();
        loop {
            let frame = tokio::time::timeout(self.answer, body.frame()).await.map_err(|_| self.timed_out(store))?;
            match frame {
                None => break,
                Some(Ok(frame)) => pieces.extend(frame.into_data().ok()),
                Some(Err(error)) => return Err(lost(store, &error)),
            }
        }
        Ok(match pieces.len() {
            0 | 1 => pieces.pop().unwrap_or_default(),
            _ => {
                let mut whole = BytesMut::with_capacity(pieces.iter().map(Bytes::len).sum());
                pieces.iter().for_each(|piece| whole.extend_from_slice(piece));
                whole.freeze()
            }
        })
    }

    fn timed_out(&self, store: &str) -> HttpError {
        let text = format!("no answer of {store} within {} s", self.answer.as_secs_f32());
        HttpError::new(HttpErrorKind::Timeout, Unanswered(text))
    }
}

fn trusting(pem: &str) -> Result<rustls::ClientConfig, String> {
    let mut roots = rustls::RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
        let certificate = certificate.map_err(|error| format!("AWS_CA_BUNDLE is no PEM file: {error}"))?;
        roots.add(certificate).map_err(|error| format!("a certificate of AWS_CA_BUNDLE cannot be used: {error}"))?;
    }
    if roots.is_empty() {
        return Err("AWS_CA_BUNDLE holds no certificate".to_owned());
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let versions = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    Ok(versions.map_err(|error| error.to_string())?.with_root_certificates(roots).with_no_client_auth())
}

/// The request may have taken effect.
fn lost(store: &str, error: &dyn Error) -> HttpError {
    let text = format!("the connection to {store} was lost: {}", super::innermost(error));
    HttpError::new(HttpErrorKind::Interrupted, Unanswered(text))
}

impl HttpConnector for Connector {
    fn connect(&self, _options: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(self.clone()))
    }
}

#[async_trait]
impl HttpService for Connector {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let store = request.uri().authority().map(ToString::to_string).unwrap_or_default();
        let sending = Duration::from_millis(request.body().content_length() as u64 / SLOWEST);
        let answer = tokio::time::timeout(self.answer + sending, self.hyper.request(request)).await;
        let response = answer.map_err(|_| self.timed_out(&store))?.map_err(|error| match error.is_connect() {
            true => {
                let text = format!("{store} cannot be reached: {}", super::innermost(&error));
                HttpError::new(HttpErrorKind::Connect, Unanswered(text))
            }
            false => lost(&store, &error),
        })?;
        let (parts, body) = response.into_parts();
        let content = self.read(body, &store).await?;
        if parts.status.is_success() || parts.status == StatusCode::NOT_MODIFIED {
            return Ok(Response::from_parts(parts, content.into()));
        }
        let (code, text) = explanation(&content);
        match judge(parts.status, &code) {
            Judgement::Pass => Ok(Response::from_parts(parts, text.into())),
            Judgement::Refuse => Err(HttpError::new(HttpErrorKind::Unknown, Refused { status: parts.status, text })),
        }
    }
}

/// What becomes of an answer that is not a success.
enum Judgement {
    /// The client above knows what it means, or tries again.
    Pass,
    Refuse,
}

fn judge(status: StatusCode, code: &str) -> Judgement {
    match status {
        // Of an object it says that there is none; of a bucket, that the settings are wrong.
        StatusCode::NOT_FOUND if code == "NoSuchBucket" => Judgement::Refuse,
        StatusCode::NOT_IMPLEMENTED => Judgement::Refuse,
        StatusCode::UNAUTHORIZED
        | StatusCode::FORBIDDEN
        | StatusCode::NOT_FOUND
        | StatusCode::REQUEST_TIMEOUT
        | StatusCode::CONFLICT
        | StatusCode::PRECONDITION_FAILED
        | StatusCode::TOO_MANY_REQUESTS => Judgement::Pass,
        status if status.is_server_error() => Judgement::Pass,
        _ => Judgement::Refuse,
    }
}

/// Code and text of an error document: `AccessDenied`, `AccessDenied: Access Denied`.
fn explanation(document: &[u8]) -> (String, String) {
    let document = String::from_utf8_lossy(document);
    let element = |name: &str| {
        let (_, rest) = document.split_once(&format!("<{name}>"))?;
        Some(rest.split_once("</")?.0.trim().chars().take(MAX_TEXT).collect::<String>())
    };
    match (element("Code"), element("Message")) {
        (Some(code), Some(message)) => (code.clone(), format!("{code}: {message}")),
        (Some(code), None) => (code.clone(), code),
        _ => (String::new(), "without an explanation".to_owned()),
    }
}
