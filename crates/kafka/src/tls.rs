//! TLS to a broker: rustls with ring, public roots or the given certificates.
//!
//! The broker's certificate and name are always verified; there is no switch to turn it off.
//! PEM only: Java key stores are refused with that reason.

use std::sync::Arc;

use bytes::Bytes;
use rustls::{ClientConfig as TlsClientConfig, RootCertStore, pki_types::CertificateDer};
use rustls_pki_types::{PrivateKeyDer, pem::PemObject};

use crate::{
    Error, Result,
    config::{Pem, Tls},
};

/// Builds the settings that every connection of a client shares.
pub(crate) fn client_config(tls: &Tls) -> Result<Arc<TlsClientConfig>> {
    let mut roots = RootCertStore::empty();
    match &tls.trust {
        None => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
        Some(pem) => {
            let property = "ssl.truststore.location";
            for certificate in certificates(pem, property)? {
                roots.add(certificate).map_err(|e| Error::config(property, e.to_string()))?;
            }
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = TlsClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|e| Error::config("ssl.protocol", e.to_string()))?
        .with_root_certificates(roots);
    let config = match (&tls.certificate, &tls.key) {
        (Some(certificate), Some(key)) => {
            let property = "ssl.keystore.location";
            let key = PrivateKeyDer::from_pem_slice(&read(key, property)?)
                .map_err(|e| Error::config(property, format!("no unencrypted PEM private key: {e}")))?;
            builder
                .with_client_auth_cert(certificates(certificate, property)?, key)
                .map_err(|e| Error::config(property, e.to_string()))?
        }
        _ => builder.with_no_client_auth(),
    };
    Ok(Arc::new(config))
}

fn certificates(pem: &Pem, property: &str) -> Result<Vec<CertificateDer<'static>>> {
    let bytes = read(pem, property)?;
    let found: std::result::Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&bytes).collect();
    match found {
        Ok(found) if !found.is_empty() => Ok(found),
        Ok(_) => {
            Err(Error::config(property, "holds no PEM certificate (Java key stores are not read; export them as PEM)"))
        }
        Err(e) => Err(Error::config(property, format!("is not PEM: {e}"))),
    }
}

fn read(pem: &Pem, property: &str) -> Result<Bytes> {
    match pem {
        Pem::Text(text) => Ok(Bytes::copy_from_slice(text.expose().as_bytes())),
        Pem::File(path) => std::fs::read(path)
            .map(Bytes::from)
            .map_err(|e| Error::config(property, format!("{}: {e}", path.display()))),
    }
}
