//! A client and a broker for tests.

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::{BufMut, Bytes, BytesMut};
use kafka_protocol::messages::{RequestHeader, TopicName};
use kafka_protocol::protocol::{Decodable, Encodable, HeaderVersion, Request, StrBytes};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::{Authenticator, Authorizer, Handle, Listener, Operation, Options, Principal, Resource, Security, Service};

pub fn s(text: &'static str) -> StrBytes {
    StrBytes::from_static_str(text)
}

pub fn topic(name: &'static str) -> TopicName {
    TopicName(s(name))
}

/// Users by name with their passwords; `admin` may do everything, others may only read topic `open`.
pub struct Users(pub HashMap<&'static str, &'static str>);

#[async_trait]
impl Authenticator for Users {
    async fn authenticate(&self, cluster: &str, user: &str, password: &str) -> Option<Principal> {
        (cluster == "lkc-test" && self.0.get(user) == Some(&password)).then(|| Principal::user(user))
    }
}

impl Authorizer for Users {
    fn allowed(&self, principal: &Principal, operation: Operation, resource: Resource<'_>) -> bool {
        let reading = matches!(operation, Operation::Read | Operation::Describe);
        principal.name == "User:admin" || (reading && resource == Resource::Topic("open"))
    }
}

pub fn options(dir: &Path, security: Security) -> Options {
    let listener = Listener::new(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), security);
    let mut options = Options::new("lkc-test", dir, listener);
    options.initial_rebalance_delay = std::time::Duration::ZERO;
    options
}

pub fn admin() -> Security {
    Security::Anonymous(Principal::user("admin"))
}

/// Starts a broker; it runs until the handle's shutdown.
pub async fn start(options: Options) -> Handle {
    let users = || Users([("admin", "secret"), ("reader", "r")].into());
    let (service, handle) = Service::start(options, Arc::new(users()), Arc::new(users())).await.unwrap();
    tokio::spawn(service.run());
    handle
}

/// What requests go over.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

pub struct Client {
    stream: Box<dyn Stream>,
    correlation: i32,
}

impl Client {
    pub async fn connect(handle: &Handle) -> Self {
        Self::over(TcpStream::connect(handle.addresses()[0]).await.unwrap())
    }

    pub fn over(stream: impl Stream + 'static) -> Self {
        Self { stream: Box::new(stream), correlation: 0 }
    }

    pub async fn raw(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
    }

    /// The next frame; `None` when the broker closed the connection.
    pub async fn frame(&mut self) -> Option<Bytes> {
        let len = self.stream.read_i32().await.ok()?;
        let mut bytes = vec![0; len as usize];
        self.stream.read_exact(&mut bytes).await.ok()?;
        Some(bytes.into())
    }

    pub async fn try_ask<R: Request>(&mut self, request: &R, version: i16) -> Option<R::Response> {
        self.correlation += 1;
        let mut out = BytesMut::new();
        let header = RequestHeader::default()
            .with_request_api_key(R::KEY)
            .with_request_api_version(version)
            .with_correlation_id(self.correlation)
            .with_client_id(Some(s("test")));
        header.encode(&mut out, R::header_version(version)).unwrap();
        request.encode(&mut out, version).unwrap();
        let mut frame = BytesMut::new();
        frame.put_i32(out.len() as i32);
        frame.extend_from_slice(&out);
        self.raw(&frame).await;
        let mut answer = self.frame().await?;
        let header =
            kafka_protocol::messages::ResponseHeader::decode(&mut answer, R::Response::header_version(version))
                .unwrap();
        assert_eq!(header.correlation_id, self.correlation);
        Some(R::Response::decode(&mut answer, version).unwrap())
    }

    pub async fn ask<R: Request>(&mut self, request: &R, version: i16) -> R::Response {
        self.try_ask(request, version).await.expect("the broker closed the connection")
    }
}
