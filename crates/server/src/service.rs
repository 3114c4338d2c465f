//! [`Service`]: the listeners.
//!
//! Plain HTTP on one port, the same over TLS on another, and the first Schema Registry at the root of a third. They are
//! bound before the control plane opens, so that its external URL is known, and served when it is ready.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;

use crate::paths::strip_prefixes;
use crate::routes;
use crate::state::AppState;

/// Where to listen. Port 0 takes a free one.
#[derive(Debug, Clone)]
pub struct Options {
    pub http: SocketAddr,
    pub https: Option<SocketAddr>,
    /// The first registry at its root.
    pub registry: Option<SocketAddr>,
    /// Takes the next free port where one is taken.
    pub any_port: bool,
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(
        "NUTKIN-6103: cannot listen on {address}: {source}. Choose another address with --listen, or end what uses it."
    )]
    Bind { address: SocketAddr, source: std::io::Error },
}

/// Bound, not yet serving.
pub struct Service {
    http: TcpListener,
    https: Option<TcpListener>,
    registry: Option<TcpListener>,
}

/// Addresses of a service, and the way to stop it.
#[derive(Debug, Clone)]
pub struct Handle {
    pub http: Option<SocketAddr>,
    pub https: Option<SocketAddr>,
    pub registry: Option<SocketAddr>,
    stop: watch::Sender<bool>,
}

impl Service {
    /// Binds the listeners.
    pub async fn bind(options: &Options) -> Result<Service, Error> {
        let http = bind(options.http, options.any_port).await?;
        let https = match options.https {
            Some(address) => Some(bind(address, options.any_port).await?),
            None => None,
        };
        let registry = match options.registry {
            Some(address) => Some(bind(address, options.any_port).await?),
            None => None,
        };
        Ok(Service { http, https, registry })
    }

    /// Address of the plain listener.
    pub fn http_address(&self) -> Option<SocketAddr> {
        self.http.local_addr().ok()
    }

    /// Begins to serve, in the background.
    pub fn serve(self, state: AppState, tls: Option<Arc<rustls::ServerConfig>>) -> Handle {
        let (stop, stopping) = watch::channel(false);
        let address = |listener: &TcpListener| listener.local_addr().ok();
        let handle = Handle {
            http: address(&self.http),
            https: self.https.as_ref().and_then(address),
            registry: self.registry.as_ref().and_then(address),
            stop,
        };
        let router = routes::all(state.clone());
        tokio::spawn(accept(self.http, None, router.clone(), stopping.clone()));
        if let (Some(listener), Some(config)) = (self.https, tls) {
            tokio::spawn(accept(listener, Some(TlsAcceptor::from(config)), router, stopping.clone()));
        }
        if let Some(listener) = self.registry {
            tokio::spawn(accept(listener, None, routes::first_registry(state), stopping));
        }
        handle
    }
}

impl Handle {
    /// Stops taking connections; those that are open end with their current request.
    pub fn shutdown(&self) {
        self.stop.send_replace(true);
    }
}

async fn bind(address: SocketAddr, any_port: bool) -> Result<TcpListener, Error> {
    let mut attempt = TcpListener::bind(address).await;
    let mut port = address.port();
    while any_port && attempt.is_err() && port < u16::MAX {
        port += 1;
        attempt = TcpListener::bind(SocketAddr::new(address.ip(), port)).await;
    }
    attempt.map_err(|source| Error::Bind { address, source })
}

async fn accept(listener: TcpListener, tls: Option<TlsAcceptor>, router: Router, mut stop: watch::Receiver<bool>) {
    let limit = Arc::new(tokio::sync::Semaphore::new(MAX_CONNECTIONS));
    loop {
        let Ok(permit) = limit.clone().acquire_owned().await else { return };
        let stream = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    tracing::warn!(%error, "accept");
                    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
                    continue;
                }
            },
            () = stopped(&mut stop) => return,
        };
        let (tls, router, stop) = (tls.clone(), router.clone(), stop.clone());
        tokio::spawn(async move {
            let _permit = permit;
            match tls {
                None => connection(stream, router, stop).await,
                Some(tls) => match tls.accept(stream).await {
                    Ok(stream) => connection(stream, router, stop).await,
                    Err(error) => tracing::debug!(%error, "TLS handshake"),
                },
            }
        });
    }
}

const MAX_CONNECTIONS: usize = 1000;

async fn connection<S>(stream: S, router: Router, mut stop: watch::Receiver<bool>)
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
{
    let service = hyper::service::service_fn(move |request: Request<hyper::body::Incoming>| {
        router.clone().oneshot(strip_prefixes(request))
    });
    let builder = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
    let served = builder.serve_connection_with_upgrades(TokioIo::new(stream), service);
    tokio::pin!(served);
    tokio::select! {
        result = served.as_mut() => {
            if let Err(error) = result {
                tracing::debug!(%error, "connection");
            }
        }
        () = stopped(&mut stop) => {
            served.as_mut().graceful_shutdown();
            let _ = served.await;
        }
    }
}

async fn stopped(stop: &mut watch::Receiver<bool>) {
    // An error means that nobody can ask for the end any more, which is the end too.
    let _ = stop.wait_for(|stop| *stop).await;
}
