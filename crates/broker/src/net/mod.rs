//! Sockets: accepts connections within their limit, and serves each in a task of its own.

pub mod connection;
pub mod frame;
pub mod sasl;
pub mod shape;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;

use crate::broker::Broker;
use crate::options::{Encryption, Listener};

/// How long a client has for the TLS handshake.
const TLS_HANDSHAKE: Duration = Duration::from_secs(10);
/// First byte of a TLS ClientHello (RFC 8446, 5.1). A Kafka request begins with its length, and one of 0x16.. bytes, 352 MiB
/// or more, is refused anyway: the byte tells the two apart.
const TLS_HANDSHAKE_RECORD: u8 = 0x16;

/// Accepts connections until the broker stops.
pub async fn accept(broker: Arc<Broker>, socket: TcpListener, listener: usize, limit: Arc<Semaphore>) {
    let mut connections = JoinSet::new();
    let mut stop = broker.stopping();
    loop {
        let accepted = tokio::select! {
            accepted = socket.accept() => accepted,
            _ = stop.wait_for(|stop| *stop) => break,
        };
        while connections.try_join_next().is_some() {}
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Mostly a lack of file descriptors: waiting lets others close theirs.
                tracing::warn!(%error, "a Kafka connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let Ok(permit) = Arc::clone(&limit).try_acquire_owned() else {
            tracing::warn!(%peer, limit = broker.options.max_connections, "too many Kafka connections, closing one");
            continue;
        };
        let broker = Arc::clone(&broker);
        connections.spawn(async move { serve(broker, stream, peer.ip().to_string(), listener, permit).await });
    }
    // Requests in work are answered; whoever waits for data is answered at once, because the wait ends too.
    let _ =
        tokio::time::timeout(Duration::from_secs(5), async { while connections.join_next().await.is_some() {} }).await;
}

async fn serve(broker: Arc<Broker>, stream: TcpStream, peer: String, at: usize, _permit: OwnedSemaphorePermit) {
    let _ = stream.set_nodelay(true);
    let listener: Option<&Listener> = broker.options.listeners.get(at);
    let Some(listener) = listener else { return };
    let ended = match &listener.encryption {
        Encryption::Plain => connection::run(&broker, stream, &peer, at).await,
        Encryption::Required(config) => run_encrypted(&broker, stream, &peer, at, config).await,
        Encryption::Offered(config) => match first_byte(&broker, &stream).await {
            None => Ok(()),
            Some(TLS_HANDSHAKE_RECORD) => run_encrypted(&broker, stream, &peer, at, config).await,
            Some(_) => connection::run(&broker, stream, &peer, at).await,
        },
    };
    if let Err(reason) = ended {
        tracing::info!(peer, reason, "closed a Kafka connection");
    }
}

/// What a client begins with, left to be read again; `None` when it said nothing until it or the broker ended.
async fn first_byte(broker: &Broker, stream: &TcpStream) -> Option<u8> {
    let (mut byte, mut stop) = ([0], broker.stopping());
    tokio::select! {
        peeked = stream.peek(&mut byte) => matches!(peeked, Ok(1..)).then_some(byte[0]),
        _ = stop.wait_for(|stop| *stop) => None,
    }
}

async fn run_encrypted(
    broker: &Arc<Broker>,
    stream: TcpStream,
    peer: &str,
    at: usize,
    config: &Arc<rustls::ServerConfig>,
) -> Result<(), String> {
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::clone(config));
    match tokio::time::timeout(TLS_HANDSHAKE, acceptor.accept(stream)).await {
        Ok(Ok(stream)) => connection::run(broker, stream, peer, at).await,
        Ok(Err(error)) => Err(format!("TLS handshake: {error}")),
        Err(_) => Err("no TLS handshake in time".to_owned()),
    }
}
