//! The byte stream below a connection: TCP, with TLS where configured.

use rustls::pki_types::ServerName;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::TlsConnector;

use crate::{ClientConfig, Error, Result, config::split_address, tls};

/// Either kind of stream.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

pub(super) type BoxedStream = Box<dyn Stream>;

/// Opens streams with one client's TLS settings.
pub(crate) struct Dialer {
    tls: Option<TlsConnector>,
}

impl Dialer {
    /// Reads the certificates once.
    pub fn new(config: &ClientConfig) -> Result<Self> {
        let tls = match &config.tls {
            None => None,
            Some(settings) => Some(TlsConnector::from(tls::client_config(settings)?)),
        };
        Ok(Self { tls })
    }

    pub(super) async fn dial(&self, address: &str) -> Result<BoxedStream> {
        let (host, port) =
            split_address(address).ok_or_else(|| Error::invalid(format!("'{address}' is not host:port")))?;
        let failed = |e: std::io::Error| Error::Disconnected { address: address.to_owned(), problem: e.to_string() };
        // Tries every address the name stands for.
        let tcp = TcpStream::connect((host, port)).await.map_err(failed)?;
        tcp.set_nodelay(true).map_err(failed)?;
        let Some(connector) = &self.tls else {
            return Ok(Box::new(tcp));
        };
        let name = ServerName::try_from(host.to_owned())
            .map_err(|_| Error::invalid(format!("'{host}' is not a host name or address")))?;
        let stream = connector.connect(name, tcp).await.map_err(|e| io_error(address, e))?;
        Ok(Box::new(stream))
    }
}

/// What a failed read or write means. A certificate that either side does not trust stays so: not
/// worth a retry, unlike a lost connection.
pub(super) fn io_error(address: &str, error: std::io::Error) -> Error {
    let tls = error.get_ref().and_then(|e| e.downcast_ref::<rustls::Error>());
    let refused = matches!(tls, Some(rustls::Error::InvalidCertificate(_) | rustls::Error::AlertReceived(_)));
    let (address, problem) = (address.to_owned(), error.to_string());
    if refused { Error::Authentication { address, problem } } else { Error::Disconnected { address, problem } }
}
