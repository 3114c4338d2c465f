//! A small S3 server in this process that goes wrong on demand. It keeps one bucket, knows conditional PUT, metadata, paged
//! lists and uploads in parts, and looks at no signature: that is for the real server.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use parking_lot::Mutex;
use tokio::net::TcpListener;
use tokio::task::AbortHandle;

use crate::storage::S3Options;

const BUCKET: &str = "bucket";
const PAGE: usize = 1000;
const MARK: &str = "x-amz-meta-nutkin-mark";

/// What happens to a request instead of its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Answers with this status, and does nothing.
    Status(u16),
    /// Does what was asked, and ends the connection.
    CutAfterwards,
    /// Ends the connection, and does nothing.
    CutBefore,
    /// Does what was asked, and answers this much later.
    LateAnswer(Duration),
    /// Does what was asked this much later, long after the caller has gone.
    LateEffect(Duration),
}

#[derive(Debug, Clone)]
struct Object {
    content: Bytes,
    mark: Option<String>,
}

#[derive(Default)]
struct State {
    objects: BTreeMap<String, Object>,
    uploads: HashMap<String, BTreeMap<u32, Bytes>>,
    faults: Vec<(Method, Fault)>,
    requests: Vec<String>,
    ignores_conditions: bool,
    next_upload: u64,
}

#[derive(Clone)]
pub struct FakeS3 {
    state: Arc<Mutex<State>>,
    port: u16,
    server: Arc<Guard>,
}

struct Guard(AbortHandle);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.abort();
    }
}

type Answer = Response<Full<Bytes>>;

impl FakeS3 {
    pub async fn start() -> FakeS3 {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let state: Arc<Mutex<State>> = Arc::default();
        let served = state.clone();
        let server = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let state = served.clone();
                tokio::spawn(async move {
                    let service = service_fn(move |request| answer(state.clone(), request));
                    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
                });
            }
        });
        FakeS3 { state, port, server: Arc::new(Guard(server.abort_handle())) }
    }

    pub fn options(&self, prefix: &str) -> S3Options {
        S3Options {
            bucket: BUCKET.to_owned(),
            prefix: prefix.to_owned(),
            region: "us-east-1".to_owned(),
            endpoint: Some(format!("http://127.0.0.1:{}", self.port)),
            access_key_id: "the-key-id".to_owned(),
            secret_access_key: "the-secret-key".to_owned(),
            session_token: None,
            certificate_authority: None,
        }
    }

    /// Nobody listens any more.
    pub fn stop(&self) {
        self.server.0.abort();
    }

    /// The next requests with these methods go wrong, each once, in this order.
    pub fn fail(&self, faults: &[(Method, Fault)]) {
        self.state.lock().faults.extend_from_slice(faults);
    }

    /// Nothing goes wrong any more.
    pub fn heal(&self) {
        self.state.lock().faults.clear();
    }

    pub fn ignore_conditions(&self) {
        self.state.lock().ignores_conditions = true;
    }

    /// True when every fault has happened.
    pub fn has_failed(&self) -> bool {
        self.state.lock().faults.is_empty()
    }

    pub fn keys(&self) -> Vec<String> {
        self.state.lock().objects.keys().cloned().collect()
    }

    /// Waits until no upload is left open; fails when one stays.
    pub async fn no_unfinished_uploads(&self) {
        for _ in 0..200 {
            if self.state.lock().uploads.is_empty() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("an upload was neither completed nor taken back: {:?}", self.requests());
    }

    /// Requests so far, as `PUT key`.
    pub fn requests(&self) -> Vec<String> {
        self.state.lock().requests.clone()
    }

    /// Somebody else's object.
    pub fn put(&self, key: &str, content: &str) {
        let object = Object { content: Bytes::from(content.to_owned()), mark: Some("somebody else's".to_owned()) };
        self.state.lock().objects.insert(key.to_owned(), object);
    }

    pub fn delete(&self, key: &str) {
        self.state.lock().objects.remove(key);
    }
}

/// Without an answer the connection ends.
async fn answer(state: Arc<Mutex<State>>, request: Request<Incoming>) -> Result<Answer, std::io::Error> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map_err(std::io::Error::other)?.to_bytes();
    let call = Call::of(&parts.method, &parts.uri, parts.headers, body);
    let fault = {
        let mut state = state.lock();
        state.requests.push(format!("{} {}", call.method, call.key));
        let next = state.faults.iter().position(|(method, _)| *method == call.method);
        next.map(|next| state.faults.remove(next).1)
    };
    let cut = || Err(std::io::Error::other("cut"));
    match fault {
        None => Ok(state.lock().serve(&call)),
        Some(Fault::Status(status)) => Ok(refusal(status)),
        Some(Fault::CutBefore) => cut(),
        Some(Fault::CutAfterwards) => {
            state.lock().serve(&call);
            cut()
        }
        Some(Fault::LateAnswer(delay)) => {
            let answer = state.lock().serve(&call);
            tokio::time::sleep(delay).await;
            Ok(answer)
        }
        Some(Fault::LateEffect(delay)) => {
            tokio::spawn(async move {
                tokio::time::sleep(delay).await;
                state.lock().serve(&call);
            });
            cut()
        }
    }
}

struct Call {
    method: Method,
    key: String,
    query: HashMap<String, String>,
    headers: HeaderMap,
    body: Bytes,
}

impl Call {
    fn of(method: &Method, uri: &http::Uri, headers: HeaderMap, body: Bytes) -> Call {
        let path = uri.path().trim_start_matches('/');
        let key = path.strip_prefix(BUCKET).unwrap_or(path).trim_start_matches('/').to_owned();
        let pairs = uri.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
        let query = pairs.map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (name.to_owned(), value.replace("%2F", "/"))
        });
        Call { method: method.clone(), key, query: query.collect(), headers, body }
    }

    fn has(&self, name: &str) -> bool {
        self.query.contains_key(name)
    }
}

impl State {
    fn serve(&mut self, call: &Call) -> Answer {
        match (&call.method, call.query.get("uploadId").cloned()) {
            (&Method::GET, _) if call.key.is_empty() => self.list(call),
            (&Method::GET | &Method::HEAD, _) => self.get(&call.key),
            (&Method::PUT, Some(upload)) => self.put_part(&upload, call),
            (&Method::PUT, None) => self.create(call),
            (&Method::POST, _) if call.has("uploads") => self.begin_upload(),
            (&Method::POST, Some(upload)) => self.complete(&upload, call),
            (&Method::DELETE, Some(upload)) => {
                self.uploads.remove(&upload);
                text(StatusCode::NO_CONTENT, String::new())
            }
            (&Method::DELETE, None) => {
                self.objects.remove(&call.key);
                text(StatusCode::NO_CONTENT, String::new())
            }
            _ => refusal(400),
        }
    }

    fn get(&self, key: &str) -> Answer {
        let Some(object) = self.objects.get(key) else { return refusal(404) };
        let mut response = Response::builder().header("etag", "\"1\"").header("content-length", object.content.len());
        if let Some(mark) = &object.mark {
            response = response.header(MARK, mark);
        }
        response.body(Full::new(object.content.clone())).unwrap()
    }

    fn create(&mut self, call: &Call) -> Answer {
        let conditional = call.headers.get("if-none-match").is_some_and(|value| value == "*");
        if conditional && !self.ignores_conditions && self.objects.contains_key(&call.key) {
            return refusal(412);
        }
        let mark = call.headers.get(MARK).map(|mark| mark.to_str().unwrap().to_owned());
        self.objects.insert(call.key.clone(), Object { content: call.body.clone(), mark });
        Response::builder().header("etag", "\"1\"").body(Full::default()).unwrap()
    }

    fn list(&self, call: &Call) -> Answer {
        let prefix = call.query.get("prefix").cloned().unwrap_or_default();
        let after = call.query.get("continuation-token").cloned().unwrap_or_default();
        let mut keys = self.objects.iter().filter(|(key, _)| key.starts_with(&prefix) && **key > after);
        let mut page = String::from("<ListBucketResult>");
        let mut last = String::new();
        for (key, object) in keys.by_ref().take(PAGE) {
            let size = object.content.len();
            page += &format!(
                "<Contents><Key>{key}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>\"1\"</ETag>\
                 <Size>{size}</Size></Contents>"
            );
            last = key.clone();
        }
        let more = keys.next().is_some();
        page += &format!("<IsTruncated>{more}</IsTruncated>");
        if more {
            page += &format!("<NextContinuationToken>{last}</NextContinuationToken>");
        }
        text(StatusCode::OK, page + "</ListBucketResult>")
    }

    fn begin_upload(&mut self) -> Answer {
        self.next_upload += 1;
        let id = format!("upload-{}", self.next_upload);
        self.uploads.insert(id.clone(), BTreeMap::new());
        let document = "InitiateMultipartUploadResult";
        text(StatusCode::OK, format!("<{document}><UploadId>{id}</UploadId></{document}>"))
    }

    fn put_part(&mut self, upload: &str, call: &Call) -> Answer {
        let number = call.query["partNumber"].parse().unwrap();
        let Some(parts) = self.uploads.get_mut(upload) else { return refusal(404) };
        parts.insert(number, call.body.clone());
        Response::builder().header("etag", format!("\"{number}\"")).body(Full::default()).unwrap()
    }

    fn complete(&mut self, upload: &str, call: &Call) -> Answer {
        let Some(parts) = self.uploads.remove(upload) else { return refusal(404) };
        let content = parts.values().fold(Vec::new(), |mut whole, part| {
            whole.extend_from_slice(part);
            whole
        });
        self.objects.insert(call.key.clone(), Object { content: content.into(), mark: None });
        let document = "CompleteMultipartUploadResult";
        text(StatusCode::OK, format!("<{document}><ETag>\"1\"</ETag></{document}>"))
    }
}

fn text(status: StatusCode, text: String) -> Answer {
    Response::builder().status(status).body(Full::new(Bytes::from(text))).unwrap()
}

/// As real servers refuse: with the key id and what was signed.
fn refusal(status: u16) -> Answer {
    let code = match status {
        404 => "NoSuchKey",
        412 => "PreconditionFailed",
        409 => "ConditionalRequestConflict",
        403 => "SignatureDoesNotMatch",
        501 => "NotImplemented",
        503 => "SlowDown",
        _ => "InternalError",
    };
    let document = format!(
        "<Error><Code>{code}</Code><Message>A message of {code}.</Message><AWSAccessKeyId>the-key-id</AWSAccessKeyId>\
         <StringToSign>what-was-signed</StringToSign></Error>"
    );
    text(StatusCode::from_u16(status).unwrap(), document)
}
