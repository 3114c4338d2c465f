//! The certificate of the TLS listeners: the API's, and the Kafka clusters'.
//!
//! Some clients refuse plain connections, so the service makes a certificate authority of its own at the first start, and with
//! it a server certificate for the names it is reached by. `ca.pem` is what a client must trust; keys are readable by their
//! owner only. When the names change, the same authority signs another server certificate, so that clients need not be told.
//! A certificate that somebody else put there is served as it is.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

#[cfg(test)]
mod tests;

/// The authority, which clients trust.
const AUTHORITY: &str = "ca.pem";
const AUTHORITY_KEY: &str = "ca.key";
/// The server's certificate with the authority's behind it.
const SERVER: &str = "server.pem";
const SERVER_KEY: &str = "server.key";
/// The names that the server's certificate was made for, one a line.
const NAMES: &str = "server.names";

/// What went wrong with the certificate.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("NUTKIN-6101: {path}: {source}")]
    File { path: PathBuf, source: std::io::Error },
    #[error("NUTKIN-6102: the certificate could not be made or read: {0}")]
    Certificate(String),
}

/// Server configuration with the certificate in `directory`, made for `names` when there is none or ours is for others.
pub fn server_config(directory: &Path, names: &[String]) -> Result<Arc<rustls::ServerConfig>, TlsError> {
    let (certificate, key) = (directory.join(SERVER), directory.join(SERVER_KEY));
    if !certificate.exists() || !key.exists() {
        make_all(directory, names)?;
    } else if is_ours(directory) && text(directory, NAMES) != lines(names) {
        let bad = |e: rcgen::Error| TlsError::Certificate(e.to_string());
        let authority_key = KeyPair::from_pem(&read(&directory.join(AUTHORITY_KEY))?).map_err(bad)?;
        let authority = read(&directory.join(AUTHORITY))?;
        make_server(directory, names, &Issuer::new(authority_parameters()?, authority_key), &authority)?;
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

/// Whether the server certificate was signed here and can be made again.
fn is_ours(directory: &Path) -> bool {
    let authority = text(directory, AUTHORITY);
    directory.join(AUTHORITY_KEY).exists() && !authority.is_empty() && text(directory, SERVER).ends_with(&authority)
}

/// Empty where there is no such file.
fn text(directory: &Path, name: &str) -> String {
    std::fs::read_to_string(directory.join(name)).unwrap_or_default()
}

fn make_all(directory: &Path, names: &[String]) -> Result<(), TlsError> {
    let bad = |e: rcgen::Error| TlsError::Certificate(e.to_string());
    std::fs::create_dir_all(directory).map_err(|source| TlsError::File { path: directory.to_owned(), source })?;
    let parameters = authority_parameters()?;
    let key = KeyPair::generate().map_err(bad)?;
    let authority = parameters.self_signed(&key).map_err(bad)?.pem();
    write(&directory.join(AUTHORITY_KEY), &key.serialize_pem(), 0o600)?;
    write(&directory.join(AUTHORITY), &authority, 0o644)?;
    make_server(directory, names, &Issuer::new(parameters, key), &authority)
}

fn authority_parameters() -> Result<CertificateParams, TlsError> {
    let mut parameters = CertificateParams::new(Vec::new()).map_err(|e| TlsError::Certificate(e.to_string()))?;
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    parameters.distinguished_name.push(DnType::CommonName, "Nutkin certificate authority");
    Ok(parameters)
}

fn make_server(
    directory: &Path,
    names: &[String],
    issuer: &Issuer<'_, KeyPair>,
    authority: &str,
) -> Result<(), TlsError> {
    let bad = |e: rcgen::Error| TlsError::Certificate(e.to_string());
    let mut parameters = CertificateParams::new(names.to_vec()).map_err(bad)?;
    parameters.distinguished_name.push(DnType::CommonName, names.first().map_or("localhost", String::as_str));
    let key = KeyPair::generate().map_err(bad)?;
    let certificate = parameters.signed_by(&key, issuer).map_err(bad)?;
    // Key and certificate belong together: until both are written there are no names, and the next start makes them again.
    write(&directory.join(NAMES), "", 0o644)?;
    write(&directory.join(SERVER_KEY), &key.serialize_pem(), 0o600)?;
    write(&directory.join(SERVER), &format!("{}{authority}", certificate.pem()), 0o644)?;
    write(&directory.join(NAMES), &lines(names), 0o644)
}

fn lines(names: &[String]) -> String {
    names.iter().map(|name| format!("{name}\n")).collect()
}

fn read(path: &Path) -> Result<String, TlsError> {
    std::fs::read_to_string(path).map_err(|source| TlsError::File { path: path.to_owned(), source })
}

fn write(path: &Path, content: &str, mode: u32) -> Result<(), TlsError> {
    let failed = |source| TlsError::File { path: path.to_owned(), source };
    let file = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(mode).open(path);
    file.and_then(|mut file| file.write_all(content.as_bytes())).map_err(failed)
}
