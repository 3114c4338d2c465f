//! One connection: reads a request, answers it, reads the next.
//!
//! Answers go out in the order of the requests and a request is read when the one before is answered, as clients rely on.
//! A frame is buffered as it arrives, so that a claimed length reserves nothing. Anything malformed closes the connection
//! with a logged reason.

use std::sync::Arc;

use bytes::{Buf, BufMut, Bytes, BytesMut};
use kafka_protocol::messages::ApiKey;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::frame::{Frame, FrameError, decode_frame};
use super::sasl::{Login, check_plain};
use crate::access::Principal;
use crate::api::{self, Call, Outcome};
use crate::broker::Broker;
use crate::options::Security;

/// Largest frame before the client is known.
const MAX_LOGIN_FRAME: usize = 64 << 10;
/// Largest request other than Produce.
const MAX_SMALL_FRAME: usize = 16 << 20;

struct Connection<'a, S> {
    broker: &'a Arc<Broker>,
    stream: S,
    peer: &'a str,
    listener: usize,
    login: Login,
    buffer: BytesMut,
}

/// Serves a connection until it ends; the error says why the broker closed it.
pub async fn run<S>(broker: &Arc<Broker>, stream: S, peer: &str, listener: usize) -> Result<(), String>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    let security = broker.options.listeners.get(listener).map(|listener| &listener.security);
    let login = match security {
        Some(Security::Anonymous(principal)) => Login::Done(principal.clone()),
        _ => Login::Expected,
    };
    let mut connection = Connection { broker, stream, peer, listener, login, buffer: BytesMut::new() };
    let mut stop = broker.stopping();
    loop {
        let frame = tokio::select! {
            frame = connection.read_frame() => frame?,
            _ = stop.wait_for(|stop| *stop) => return Ok(()),
        };
        let Some(frame) = frame else { return Ok(()) };
        connection.answer(frame).await?;
        // A connection that once carried a large request gives the memory back.
        if connection.buffer.is_empty() && connection.buffer.capacity() > 1 << 20 {
            connection.buffer = BytesMut::new();
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Connection<'_, S> {
    /// Reads until `len` bytes are buffered; `false` when the stream ended cleanly before the first.
    async fn fill(&mut self, len: usize) -> Result<bool, String> {
        while self.buffer.len() < len {
            self.buffer.reserve((len - self.buffer.len()).clamp(512, 256 << 10));
            let read = self.stream.read_buf(&mut self.buffer).await;
            match read {
                Ok(0) if self.buffer.is_empty() => return Ok(false),
                Ok(0) => return Err("the client closed in the middle of a request".to_owned()),
                Ok(_) => {}
                // The client is gone: nothing that anybody could act on.
                Err(error) => {
                    tracing::debug!(peer = self.peer, %error, "a Kafka connection broke");
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    fn limit(&self, api_key: i16) -> usize {
        match self.login {
            Login::Done(_) if api_key == ApiKey::Produce as i16 => self.broker.options.max_request_bytes,
            Login::Done(_) => MAX_SMALL_FRAME.min(self.broker.options.max_request_bytes),
            _ => MAX_LOGIN_FRAME,
        }
    }

    async fn read_frame(&mut self) -> Result<Option<Bytes>, String> {
        if !self.fill(4).await? {
            return Ok(None);
        }
        let Ok(len) = usize::try_from((&self.buffer[..4]).get_i32()) else {
            return Err("a request has a negative length".to_owned());
        };
        if len >= 2 {
            if !self.fill(6).await? {
                return Ok(None);
            }
            let api_key = (&self.buffer[4..6]).get_i16();
            let limit = self.limit(api_key);
            if len > limit {
                return Err(format!("a request (API key {api_key}) has {len} bytes, more than {limit}"));
            }
        }
        if !self.fill(4 + len).await? {
            return Ok(None);
        }
        self.buffer.advance(4);
        Ok(Some(self.buffer.split_to(len).freeze()))
    }

    async fn write_frame(&mut self, bytes: &[u8]) -> Result<(), String> {
        let sent = async {
            self.stream.write_all(bytes).await?;
            self.stream.flush().await
        };
        let sent: std::io::Result<()> = sent.await;
        if let Err(error) = sent {
            // The next read ends the connection.
            tracing::debug!(peer = self.peer, %error, "an answer could not be sent");
        }
        Ok(())
    }

    async fn answer(&mut self, frame: Bytes) -> Result<(), String> {
        if matches!(self.login, Login::BareToken) {
            let principal = check_plain(self.broker, &frame).await?;
            self.login = Login::Done(principal);
            return self.write_frame(&0i32.to_be_bytes()).await;
        }
        let frame = match decode_frame(frame) {
            Ok(frame) => frame,
            Err(FrameError::UnsupportedVersion { api_key, correlation_id, .. })
                if api_key == ApiKey::ApiVersions as i16 =>
            {
                // The client learns what is served from an answer in the oldest version.
                let mut out = start(correlation_id);
                api::api_versions::unsupported(&mut out)?;
                return self.write_frame(&finish(out)).await;
            }
            Err(error) => return Err(error.to_string()),
        };
        self.dispatch(frame).await
    }

    async fn dispatch(&mut self, frame: Frame) -> Result<(), String> {
        let api = api::find(frame.api_key).ok_or_else(|| "an API disappeared".to_owned())?;
        let nobody = Principal { name: String::new() };
        let principal = match &self.login {
            Login::Done(principal) => principal.clone(),
            _ if api.before_login => nobody,
            _ => return Err(format!("{:?} came before the client authenticated", api.key)),
        };
        let mut call = Call {
            broker: self.broker,
            principal: &principal,
            client_id: &frame.client_id,
            version: frame.version,
            peer: self.peer,
            listener: self.listener,
            login: self.login.clone(),
        };
        let outcome = (api.handle)(&mut call, frame.body, start(frame.correlation_id)).await;
        let login = call.login;
        self.login = login;
        match outcome {
            Outcome::Reply(out) => self.write_frame(&finish(out)).await,
            Outcome::Silent => Ok(()),
            Outcome::ReplyAndClose(out, reason) => {
                self.write_frame(&finish(out)).await?;
                Err(reason)
            }
            Outcome::Close(reason) => Err(format!("{:?} version {}: {reason}", api.key, frame.version)),
        }
    }
}

/// A response up to its correlation id; the length comes last.
fn start(correlation_id: i32) -> BytesMut {
    let mut out = BytesMut::with_capacity(256);
    out.put_i32(0);
    out.put_i32(correlation_id);
    out
}

fn finish(mut out: BytesMut) -> Bytes {
    let len = (out.len() - 4) as u32;
    out[..4].copy_from_slice(&len.to_be_bytes());
    out.freeze()
}
