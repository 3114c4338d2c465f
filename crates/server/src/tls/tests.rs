#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};

use super::{AUTHORITY, AUTHORITY_KEY, NAMES, SERVER, SERVER_KEY, server_config, text};

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// Whether a client that trusts `authority` takes the certificate in `directory` for `name`.
fn is_taken(directory: &Path, authority: &str, name: &str) -> bool {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(authority.as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap();
    let chain: Vec<_> =
        CertificateDer::pem_file_iter(directory.join(SERVER)).unwrap().collect::<Result<_, _>>().unwrap();
    let name = ServerName::try_from(name.to_owned()).unwrap();
    verifier.verify_server_cert(&chain[0], &chain[1..], &name, &[], UnixTime::now()).is_ok()
}

#[test]
fn other_names_get_another_certificate_of_the_same_authority() {
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path().join("tls");
    server_config(&directory, &names(&["localhost", "127.0.0.1"])).unwrap();
    let (authority, first) = (text(&directory, AUTHORITY), text(&directory, SERVER));
    assert!(is_taken(&directory, &authority, "localhost") && is_taken(&directory, &authority, "127.0.0.1"));
    assert!(!is_taken(&directory, &authority, "nutkin.example.com"));

    server_config(&directory, &names(&["localhost", "127.0.0.1"])).unwrap();
    assert_eq!(text(&directory, SERVER), first, "made once");
    server_config(&directory, &names(&["localhost", "nutkin.example.com"])).unwrap();
    assert_eq!(text(&directory, AUTHORITY), authority);
    assert!(is_taken(&directory, &authority, "nutkin.example.com") && !is_taken(&directory, &authority, "127.0.0.1"));
}

#[test]
fn keys_are_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    server_config(folder.path(), &names(&["localhost"])).unwrap();
    for key in [AUTHORITY_KEY, SERVER_KEY] {
        let mode = std::fs::metadata(folder.path().join(key)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{key}");
    }
}

/// Killed between the two files, which then do not belong together.
#[test]
fn a_half_written_certificate_is_made_again() {
    let folder = tempfile::tempdir().unwrap();
    server_config(folder.path(), &names(&["localhost"])).unwrap();
    let authority = text(folder.path(), AUTHORITY);
    std::fs::write(folder.path().join(NAMES), "").unwrap();
    std::fs::write(folder.path().join(SERVER_KEY), rcgen::KeyPair::generate().unwrap().serialize_pem()).unwrap();
    server_config(folder.path(), &names(&["localhost"])).unwrap();
    assert!(is_taken(folder.path(), &authority, "localhost"));
}

/// An operator's own files stay as they are, whatever the names.
#[test]
fn a_certificate_of_somebody_else_is_left_alone() {
    let (theirs, ours) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    server_config(theirs.path(), &names(&["company.example.com"])).unwrap();
    server_config(ours.path(), &names(&["localhost"])).unwrap();
    for name in [SERVER, SERVER_KEY] {
        std::fs::copy(theirs.path().join(name), ours.path().join(name)).unwrap();
    }
    server_config(ours.path(), &names(&["localhost", "other.example.com"])).unwrap();
    assert_eq!(text(ours.path(), SERVER), text(theirs.path(), SERVER));
    assert_eq!(text(ours.path(), NAMES), "localhost\n");
}
