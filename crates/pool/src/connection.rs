//! The control plane's end of the socket to a pool.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures::{SinkExt, StreamExt};
use parking_lot::Mutex;
use tokio::net::UnixStream;
use tokio::sync::{mpsc, oneshot};
use tokio_util::codec::{Framed, LengthDelimitedCodec};

use crate::json;
use crate::protocol::{MAX_FRAME, PROTOCOL_VERSION, PoolEvent, PoolFrame, Request, RequestFrame, Response};

/// How long a pool may take to answer. Answers never wait for data, so this only ends with a stuck process.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);

#[derive(Debug, Clone, thiserror::Error)]
pub enum PoolError {
    #[error("the pool's process could not be started: {0}")]
    Start(String),
    #[error("the pool's process has ended")]
    Gone,
    #[error("the pool did not answer within {} s", ANSWER_TIMEOUT.as_secs())]
    Timeout,
    #[error("{0}")]
    Refused(String),
    #[error("the pool and the control plane do not understand each other: {0}")]
    Protocol(String),
}

/// Talks to one pool. Cheap to clone.
#[derive(Debug, Clone)]
pub struct PoolConnection {
    outgoing: mpsc::UnboundedSender<RequestFrame>,
    waiting: Arc<Waiting>,
    next_id: Arc<AtomicU64>,
}

#[derive(Debug, Default)]
struct Waiting {
    /// None once the pool is gone.
    replies: Mutex<Option<HashMap<u64, oneshot::Sender<Response>>>>,
    hang_up: tokio::sync::Notify,
}

pub(crate) fn framed(stream: UnixStream) -> Framed<UnixStream, LengthDelimitedCodec> {
    Framed::new(stream, LengthDelimitedCodec::builder().max_frame_length(MAX_FRAME).new_codec())
}

impl PoolConnection {
    /// Greets the pool at the other end of `stream`. The returned channel tells its events and closes when it is gone.
    pub async fn open(stream: UnixStream) -> Result<(PoolConnection, mpsc::UnboundedReceiver<PoolEvent>), PoolError> {
        let mut framed = framed(stream);
        let first = tokio::time::timeout(ANSWER_TIMEOUT, framed.next()).await.map_err(|_| PoolError::Timeout)?;
        let first = first.ok_or(PoolError::Gone)?.map_err(|e| PoolError::Protocol(e.to_string()))?;
        match parse(&first)? {
            PoolFrame::Hello { protocol: PROTOCOL_VERSION, pid } => tracing::debug!(pid, "pool connected"),
            PoolFrame::Hello { protocol, .. } => {
                let problem =
                    format!("the pool speaks version {protocol}, this service {PROTOCOL_VERSION}; restart the service");
                return Err(PoolError::Protocol(problem));
            }
            other => return Err(PoolError::Protocol(format!("it began with {other:?}"))),
        }
        let (outgoing, requests) = mpsc::unbounded_channel();
        let (events, received) = mpsc::unbounded_channel();
        let waiting = Arc::new(Waiting { replies: Mutex::new(Some(HashMap::new())), ..Waiting::default() });
        tokio::spawn(exchange(framed, requests, events, waiting.clone()));
        Ok((PoolConnection { outgoing, waiting, next_id: Arc::default() }, received))
    }

    /// Ends the connection, and with it the pool: it has nobody to work for.
    pub fn hang_up(&self) {
        self.waiting.hang_up.notify_one();
    }

    /// Sends `request` and waits for the answer.
    pub async fn request(&self, request: Request) -> Result<Response, PoolError> {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let (reply, answer) = oneshot::channel();
        match self.waiting.replies.lock().as_mut() {
            Some(replies) => replies.insert(id, reply),
            None => return Err(PoolError::Gone),
        };
        self.outgoing.send(RequestFrame { id, request }).map_err(|_| PoolError::Gone)?;
        match tokio::time::timeout(ANSWER_TIMEOUT, answer).await {
            Err(_) => {
                if let Some(replies) = self.waiting.replies.lock().as_mut() {
                    replies.remove(&id);
                }
                Err(PoolError::Timeout)
            }
            Ok(Err(_)) => Err(PoolError::Gone),
            Ok(Ok(Response::Refused { message })) => Err(PoolError::Refused(message)),
            Ok(Ok(response)) => Ok(response),
        }
    }
}

fn parse(frame: &[u8]) -> Result<PoolFrame, PoolError> {
    json::from_slice(frame).map_err(|e| PoolError::Protocol(e.to_string()))
}

/// Moves frames both ways until one side ends.
async fn exchange(
    mut framed: Framed<UnixStream, LengthDelimitedCodec>,
    mut requests: mpsc::UnboundedReceiver<RequestFrame>,
    events: mpsc::UnboundedSender<PoolEvent>,
    waiting: Arc<Waiting>,
) {
    loop {
        tokio::select! {
            () = waiting.hang_up.notified() => break,
            request = requests.recv() => {
                let Some(request) = request else { break };
                let Ok(content) = serde_json::to_vec(&request) else { continue };
                if framed.send(Bytes::from(content)).await.is_err() { break }
            }
            frame = framed.next() => {
                let Some(Ok(frame)) = frame else { break };
                match parse(&frame) {
                    Ok(PoolFrame::Reply { id, response }) => {
                        let reply = waiting.replies.lock().as_mut().and_then(|replies| replies.remove(&id));
                        if let Some(reply) = reply { let _ = reply.send(response); }
                    }
                    Ok(PoolFrame::Event(event)) => { let _ = events.send(event); }
                    Ok(PoolFrame::Hello { .. }) => {}
                    Err(error) => { tracing::error!(%error, "frame from pool"); break }
                }
            }
        }
    }
    // Dropping the senders wakes everybody who waits.
    waiting.replies.lock().take();
}
