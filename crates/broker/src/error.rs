//! Why a broker could not be started, or could not carry out what it was asked for in process.

use std::net::SocketAddr;
use std::path::PathBuf;

/// An error of the broker; every kind carries its code (`docs/errors/`).
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A listener's address is taken or not ours.
    #[error("NUTKIN-4001: the Kafka listener cannot bind {address}: {source}; free the port or choose another address")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// Another broker uses the directory.
    #[error(
        "NUTKIN-4002: the Kafka log directory {dir} is in use by another process; stop it or choose another directory"
    )]
    Locked {
        /// The directory.
        dir: PathBuf,
    },
    /// A file of the broker cannot be read or written.
    #[error("NUTKIN-4003: the Kafka log directory cannot be used, {path}: {source}; check permissions and free space")]
    Storage {
        /// The file or directory.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file was read and makes no sense.
    #[error("NUTKIN-4004: {path} is damaged: {reason}; restore it from a backup or remove it to lose what it held")]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The request itself is wrong; `code` is Kafka's error code.
    #[error("NUTKIN-4005: {message} (Kafka error {code})")]
    Refused {
        /// Kafka's error code.
        code: i16,
        /// What is wrong and what would be right.
        message: String,
    },
}

/// Attaches the path to an I/O error.
pub(crate) fn storage(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Error {
    let path = path.into();
    move |source| Error::Storage { path, source }
}
