//! An HTTP server that answers from a list, and remembers what it was asked.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::Value;

use crate::{Client, Connection};

/// One request, as the server saw it.
#[derive(Debug, Clone)]
pub struct Seen {
    /// `GET /path?query`
    pub line: String,
    pub authorization: String,
    pub body: Value,
}

type Answer = Box<dyn FnMut(&Seen) -> (u16, Value) + Send>;

pub struct Server {
    pub url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Server {
    /// Answers every request with what the function says.
    pub async fn start(answer: impl FnMut(&Seen) -> (u16, Value) + Send + 'static) -> Server {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let answer: Arc<Mutex<Answer>> = Arc::new(Mutex::new(Box::new(answer)));
        let log = seen.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (answer, log) = (answer.clone(), log.clone());
                let service = service_fn(move |request: Request<hyper::body::Incoming>| {
                    let (answer, log) = (answer.clone(), log.clone());
                    async move { Ok::<_, Infallible>(respond(request, &answer, &log).await) }
                });
                tokio::spawn(
                    hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service),
                );
            }
        });
        Server { url, seen }
    }

    pub fn client(&self) -> Client {
        let credentials = Some(("key".to_owned(), "secret".to_owned()));
        Client::new(&Connection { url: self.url.clone(), credentials, ca_file: None }).unwrap()
    }

    /// Requests so far, as `GET /path?query`.
    pub fn lines(&self) -> Vec<String> {
        self.seen().into_iter().map(|seen| seen.line).collect()
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

async fn respond(
    request: Request<hyper::body::Incoming>,
    answer: &Mutex<Answer>,
    log: &Mutex<Vec<Seen>>,
) -> Response<Full<Bytes>> {
    let line = format!("{} {}", request.method(), request.uri());
    let header = request.headers().get(http::header::AUTHORIZATION);
    let authorization = header.map_or(String::new(), |value| value.to_str().unwrap().to_owned());
    let body = request.into_body().collect().await.unwrap().to_bytes();
    let seen = Seen { line, authorization, body: serde_json::from_slice(&body).unwrap_or_default() };
    log.lock().unwrap().push(seen.clone());
    let (status, body) = (answer.lock().unwrap())(&seen);
    let text = if body.is_null() { String::new() } else { body.to_string() };
    Response::builder().status(status).body(Full::new(Bytes::from(text))).unwrap()
}
