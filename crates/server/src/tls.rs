//! The certificate of the TLS listener.
//!
//! Some clients refuse plain HTTP, so the service makes a certificate authority of its own at the first start, and with it a
//! server certificate for the names it is reached by. `ca.pem` is what a client must trust; keys are readable by their owner
//! only.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// What went wrong with the certificate.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("NUTKIN-6101: {path}: {source}")]
    File { path: PathBuf, source: std::io::Error },
    #[error("NUTKIN-6102: the certificate could not be made or read: {0}")]
    Certificate(String),
}

/// Server configuration with the certificate in `directory`, made for `names` when there is none.
pub fn server_config(directory: &Path, names: &[String]) -> Result<Arc<rustls::ServerConfig>, TlsError> {
    let (certificate, key) = (directory.join("server.pem"), directory.join("server.key"));
    if !certificate.exists() || !key.exists() {
        make(directory, names)?;
    }
    let bad = |e: rustls::pki_types::pem::Error| TlsError::Certificate(e.to_string());
    let chain =
        CertificateDer::pem_file_iter(&certificate).map_err(bad)?.collect::<Result<Vec<_>, _>>().map_err(bad)?;
    let key = PrivateKeyDer::from_pem_file(&key).map_err(bad)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let wrong = |e: rustls::Error| TlsError::Certificate(e.to_string());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(wrong)?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(wrong)?;
    Ok(Arc::new(config))
}

fn make(directory: &Path, names: &[String]) -> Result<(), TlsError> {
    let bad = |e: rcgen::Error| TlsError::Certificate(e.to_string());
    std::fs::create_dir_all(directory).map_err(|source| TlsError::File { path: directory.to_owned(), source })?;
    let mut authority = CertificateParams::new(Vec::new()).map_err(bad)?;
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    authority.distinguished_name.push(DnType::CommonName, "Nutkin certificate authority");
    let authority_key = KeyPair::generate().map_err(bad)?;
    let authority_certificate = authority.self_signed(&authority_key).map_err(bad)?;
    let issuer = Issuer::new(authority, authority_key);

    let mut server = CertificateParams::new(names.to_vec()).map_err(bad)?;
    server.distinguished_name.push(DnType::CommonName, names.first().map_or("localhost", String::as_str));
    let server_key = KeyPair::generate().map_err(bad)?;
    let server_certificate = server.signed_by(&server_key, &issuer).map_err(bad)?;

    write(&directory.join("ca.pem"), &authority_certificate.pem(), 0o644)?;
    write(&directory.join("server.key"), &server_key.serialize_pem(), 0o600)?;
    write(&directory.join("server.pem"), &format!("{}{}", server_certificate.pem(), authority_certificate.pem()), 0o644)
}

fn write(path: &Path, content: &str, mode: u32) -> Result<(), TlsError> {
    let failed = |source| TlsError::File { path: path.to_owned(), source };
    let file = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(mode).open(path);
    file.and_then(|mut file| file.write_all(content.as_bytes())).map_err(failed)
}
