//! TLS on the port that also speaks plain Kafka, on one that does not, and on one that speaks nothing else.

use std::net::Ipv4Addr;
use std::sync::Arc;

use kafka_protocol::messages::ApiVersionsRequest;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::pki_types::{PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::access::login;
use super::client::{Client, admin, options, start};
use crate::{Encryption, Handle, Security};

/// Server and client settings with one certificate for 127.0.0.1.
fn certificate() -> (Arc<ServerConfig>, Arc<ClientConfig>) {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
    let server = ServerConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(cert.der().clone()).unwrap();
    let client = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    (Arc::new(server), Arc::new(client))
}

async fn encrypted(handle: &Handle, config: Arc<ClientConfig>) -> std::io::Result<Client> {
    let stream = TcpStream::connect(handle.addresses()[0]).await?;
    let name = ServerName::from(std::net::IpAddr::from(Ipv4Addr::LOCALHOST));
    Ok(Client::over(TlsConnector::from(config).connect(name, stream).await?))
}

/// The client logs in, which needs whole requests in both directions.
async fn logs_in(mut client: Client) {
    assert_eq!(login(&mut client, b"\0admin\0secret").await.error_code, 0);
}

#[tokio::test]
async fn one_port_serves_clients_with_and_without_tls() {
    let folder = tempfile::tempdir().unwrap();
    let (server, trusting) = certificate();
    let mut options = options(folder.path(), Security::SaslPlain);
    options.listeners[0].encryption = Encryption::Offered(server);
    let handle = start(options).await;
    logs_in(encrypted(&handle, trusting).await.unwrap()).await;
    logs_in(Client::connect(&handle).await).await;

    // A certificate of somebody else is not trusted, and the listener lives on.
    let (_, distrusting) = certificate();
    assert!(encrypted(&handle, distrusting.clone()).await.is_err());
    // Neither one that says nothing nor one that says half a handshake keeps a broker from ending.
    let silent = TcpStream::connect(handle.addresses()[0]).await.unwrap();
    let mut half = Client::connect(&handle).await;
    half.raw(&[0x16, 3, 1]).await;
    logs_in(Client::connect(&handle).await).await;
    drop(half);
    handle.shutdown().await;
    drop(silent);
}

#[tokio::test]
async fn a_listener_may_demand_tls_or_know_none() {
    let folder = tempfile::tempdir().unwrap();
    let (server, trusting) = certificate();
    let mut demanding = options(folder.path(), Security::SaslPlain);
    demanding.listeners[0].encryption = Encryption::Required(server);
    let handle = start(demanding).await;
    logs_in(encrypted(&handle, trusting.clone()).await.unwrap()).await;
    assert!(Client::connect(&handle).await.try_ask(&ApiVersionsRequest::default(), 0).await.is_none());
    handle.shutdown().await;

    let plain = tempfile::tempdir().unwrap();
    let handle = start(options(plain.path(), admin())).await;
    assert!(encrypted(&handle, trusting).await.is_err());
    assert_eq!(Client::connect(&handle).await.ask(&ApiVersionsRequest::default(), 0).await.error_code, 0);
    handle.shutdown().await;
}
