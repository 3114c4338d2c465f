//! One authenticated connection to a broker.
//!
//! Requests are pipelined: a writer task sends frames in the order they were started, a reader task
//! hands each answer to whoever waits for its correlation id. A broker works on one request of a
//! connection at a time, so callers that may wait long (fetches) have connections of their own.
//! A connection never recovers: after any failure, or an answer that is late, it is dead, every
//! waiter gets [`Error::Disconnected`], and the client opens another.

mod handshake;
mod stream;

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicI32, Ordering},
    },
    time::{Duration, Instant},
};

use bytes::{BufMut, Bytes, BytesMut};
use kafka_protocol::{
    messages::{RequestHeader, ResponseHeader},
    protocol::{Decodable, Encodable, HeaderVersion, Request, StrBytes, VersionRange},
};
use parking_lot::Mutex;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    sync::{mpsc, oneshot},
    task::JoinHandle,
};

use crate::{ClientConfig, Error, Result, frame, frame::FrameError};
use stream::BoxedStream;
pub(crate) use stream::Dialer;

type Answer = Result<Bytes>;

/// Requests that wait for an answer; `None` once the connection is dead.
type Waiters = Arc<Mutex<Option<HashMap<i32, oneshot::Sender<Answer>>>>>;

struct Outgoing {
    frame: Bytes,
}

/// A connection; dropped, it closes.
pub(crate) struct Connection {
    address: Arc<str>,
    client_id: StrBytes,
    request_timeout: Duration,
    correlation: AtomicI32,
    outgoing: mpsc::UnboundedSender<Outgoing>,
    waiters: Waiters,
    offered: Offered,
    // A broker that limits the life of a SASL session closes it some time after this.
    expires: Option<Instant>,
    tasks: [JoinHandle<()>; 2],
}

/// What the broker said it can do.
#[derive(Debug, Default)]
struct Offered {
    versions: HashMap<i16, VersionRange>,
    features: HashMap<String, i16>,
}

/// An answer on its way.
pub(crate) struct Pending {
    answer: oneshot::Receiver<Answer>,
    operation: &'static str,
}

impl Connection {
    /// Connects, asks for versions, logs in.
    pub async fn open(dialer: &Dialer, config: &ClientConfig, address: &str) -> Result<Self> {
        let open = async {
            let stream = dialer.dial(address).await?;
            let mut connection = Self::start_tasks(stream, config, address);
            handshake::run(&mut connection, config).await?;
            Ok(connection)
        };
        match tokio::time::timeout(config.connect_timeout, open).await {
            Ok(result) => result,
            Err(_) => Err(Error::Disconnected {
                address: address.to_owned(),
                problem: format!("not ready within {} ms", config.connect_timeout.as_millis()),
            }),
        }
    }

    fn start_tasks(stream: BoxedStream, config: &ClientConfig, address: &str) -> Self {
        let address: Arc<str> = address.into();
        let waiters: Waiters = Arc::new(Mutex::new(Some(HashMap::new())));
        let (reader, writer) = tokio::io::split(stream);
        let (outgoing, queue) = mpsc::unbounded_channel();
        let read = tokio::spawn(read_loop(reader, waiters.clone(), address.clone(), config.max_response));
        let write = tokio::spawn(write_loop(writer, queue, waiters.clone(), address.clone()));
        Self {
            address,
            client_id: StrBytes::from_string(config.client_id.clone()),
            request_timeout: config.request_timeout,
            correlation: AtomicI32::new(0),
            outgoing,
            waiters,
            offered: Offered::default(),
            expires: None,
            tasks: [read, write],
        }
    }

    /// `host:port`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Whether new requests can be sent.
    pub fn usable(&self) -> bool {
        self.waiters.lock().is_some() && self.expires.is_none_or(|at| Instant::now() < at)
    }

    /// Level of a finalized feature, 0 when the broker has none.
    pub fn feature(&self, name: &str) -> i16 {
        self.offered.features.get(name).copied().unwrap_or(0)
    }

    /// Newest version of `R` that both sides know, within `min..=max`.
    pub fn version<R: Request>(&self, min: i16, max: i16) -> Result<i16> {
        let ours = R::VERSIONS;
        let theirs = self.offered.versions.get(&R::KEY);
        let range = theirs.map(|t| (t.min.max(ours.min).max(min), t.max.min(ours.max).min(max)));
        match range {
            Some((low, high)) if low <= high => Ok(high),
            _ => Err(Error::Unsupported {
                address: self.address.to_string(),
                feature: format!(
                    "{} in a version of {}..={}{}",
                    operation::<R>(),
                    ours.min.max(min),
                    ours.max.min(max),
                    theirs.map(|t| format!(" (it offers {}..={})", t.min, t.max)).unwrap_or_default()
                ),
            }),
        }
    }

    /// Sends a request and waits for the answer, in the newest common version.
    pub async fn call<R: Request>(&self, request: &R) -> Result<R::Response> {
        self.call_within(request, 0, i16::MAX).await
    }

    /// The same, in a version of `min..=max`.
    pub async fn call_within<R: Request>(&self, request: &R, min: i16, max: i16) -> Result<R::Response> {
        let version = self.version::<R>(min, max)?;
        let pending = self.start(request, version)?;
        let body = self.finish(pending, self.request_timeout).await?;
        self.decode::<R>(body, version)
    }

    /// Puts a request on the wire; the answer is collected with [`Self::finish`].
    pub fn start<R: Request>(&self, request: &R, version: i16) -> Result<Pending> {
        let correlation = self.correlation.fetch_add(1, Ordering::Relaxed);
        let frame = self.encode(request, version, correlation)?;
        let (sender, answer) = oneshot::channel();
        match self.waiters.lock().as_mut() {
            Some(waiters) => waiters.insert(correlation, sender),
            None => return Err(self.disconnected("it was closed before")),
        };
        if self.outgoing.send(Outgoing { frame }).is_err() {
            return Err(self.disconnected("it was closed before"));
        }
        Ok(Pending { answer, operation: operation::<R>() })
    }

    /// The answer's bytes, response header included.
    pub async fn finish(&self, pending: Pending, timeout: Duration) -> Result<Bytes> {
        match tokio::time::timeout(timeout, pending.answer).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err(self.disconnected("it was closed before the answer came")),
            Err(_) => {
                let error = Error::TimedOut {
                    operation: format!("{} to {}", pending.operation, self.address),
                    after: timeout,
                    last: None,
                };
                close(&self.waiters, &self.disconnected("an answer is overdue"));
                Err(error)
            }
        }
    }

    /// Decodes what [`Self::finish`] gave.
    pub fn decode<R: Request>(&self, mut answer: Bytes, version: i16) -> Result<R::Response> {
        let decoded = ResponseHeader::decode(&mut answer, R::Response::header_version(version))
            .and_then(|_| R::Response::decode(&mut answer, version));
        decoded.map_err(|e| self.malformed(operation::<R>(), e.to_string()))
    }

    pub fn malformed(&self, operation: &str, problem: String) -> Error {
        Error::Malformed { operation: operation.to_owned(), address: self.address.to_string(), problem }
    }

    fn encode<R: Request>(&self, request: &R, version: i16, correlation: i32) -> Result<Bytes> {
        let header = RequestHeader::default()
            .with_request_api_key(R::KEY)
            .with_request_api_version(version)
            .with_correlation_id(correlation)
            .with_client_id(Some(self.client_id.clone()));
        let mut frame = BytesMut::new();
        let encoded = request.compute_size(version).and_then(|size| {
            frame.reserve(size + 64 + self.client_id.len());
            frame.put_i32(0);
            header.encode(&mut frame, R::header_version(version))?;
            request.encode(&mut frame, version)
        });
        encoded.map_err(|e| Error::invalid(format!("{} cannot be encoded: {e}", operation::<R>())))?;
        let length = i32::try_from(frame.len() - 4).map_err(|_| Error::invalid("a request is larger than 2 GiB"))?;
        frame[..4].copy_from_slice(&length.to_be_bytes());
        Ok(frame.freeze())
    }

    fn disconnected(&self, problem: &str) -> Error {
        disconnected(&self.address, problem)
    }
}

#[cfg(test)]
impl Connection {
    pub fn cut(&self) {
        self.tasks.iter().for_each(JoinHandle::abort);
        close(&self.waiters, &self.disconnected("it was cut by a test"));
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
        close(&self.waiters, &self.disconnected("it was closed by this client"));
    }
}

/// The request's name, for texts.
pub(crate) fn operation<R>() -> &'static str {
    let name = std::any::type_name::<R>();
    let name = name.rsplit("::").next().unwrap_or(name);
    name.strip_suffix("Request").unwrap_or(name)
}

/// Marks the connection dead and tells every waiter.
fn close(waiters: &Waiters, error: &Error) {
    let waiting = waiters.lock().take();
    for (_, waiter) in waiting.into_iter().flatten() {
        // A waiter that gave up has dropped its end.
        let _ = waiter.send(Err(error.clone()));
    }
}

fn disconnected(address: &str, problem: impl Into<String>) -> Error {
    Error::Disconnected { address: address.to_owned(), problem: problem.into() }
}

async fn write_loop(
    mut writer: tokio::io::WriteHalf<BoxedStream>,
    mut queue: mpsc::UnboundedReceiver<Outgoing>,
    waiters: Waiters,
    address: Arc<str>,
) {
    while let Some(Outgoing { frame }) = queue.recv().await {
        let written = async {
            writer.write_all(&frame).await?;
            writer.flush().await
        };
        if let Err(error) = written.await {
            close(&waiters, &stream::io_error(&address, error));
            return;
        }
    }
}

/// Read in steps, so that a length alone cannot make us allocate.
const READ_STEP: usize = 1 << 20;

async fn read_loop(mut reader: tokio::io::ReadHalf<BoxedStream>, waiters: Waiters, address: Arc<str>, limit: usize) {
    let mut buffer = BytesMut::with_capacity(16 * 1024);
    let error = loop {
        match next_frame(&mut buffer, limit) {
            Ok(Some((correlation, frame))) => {
                let waiter = waiters.lock().as_mut().and_then(|w| w.remove(&correlation));
                match waiter {
                    // A waiter that gave up has dropped its end.
                    Some(waiter) => drop(waiter.send(Ok(frame))),
                    None => {
                        let problem = format!("an answer to nothing (correlation id {correlation})");
                        break disconnected(&address, problem);
                    }
                }
                continue;
            }
            Ok(None) => {}
            Err(error) => break disconnected(&address, error.to_string()),
        }
        let missing =
            buffer.first_chunk::<4>().map_or(4, |l| u32::from_be_bytes(*l) as usize + 4).saturating_sub(buffer.len());
        buffer.reserve(missing.clamp(4096, READ_STEP));
        match reader.read_buf(&mut buffer).await {
            Ok(0) => break disconnected(&address, "the broker closed it"),
            Ok(_) => {}
            Err(error) => break stream::io_error(&address, error),
        }
    };
    close(&waiters, &error);
}

fn next_frame(buffer: &mut BytesMut, limit: usize) -> std::result::Result<Option<(i32, Bytes)>, FrameError> {
    let Some(frame) = frame::take_frame(buffer, limit)? else {
        return Ok(None);
    };
    let correlation = frame
        .first_chunk::<4>()
        .map(|c| i32::from_be_bytes(*c))
        .ok_or(FrameError { length: frame.len() as i64, limit })?;
    Ok(Some((correlation, frame)))
}
