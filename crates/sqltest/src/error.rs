//! [`Error`]: why cases could not be run at all. What a case finds wrong is an [`Outcome`](crate::case::Outcome).

use std::path::PathBuf;

/// Each has a page in `docs/errors`.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("NUTKIN-6301: {}: {problem}", path.display())]
    Path { path: PathBuf, problem: String },
    #[error("NUTKIN-6304: bad --filter: {0}")]
    Filter(#[from] regex::Error),
    #[error("NUTKIN-6305: {} cannot be written: {problem}", path.display())]
    Write { path: PathBuf, problem: String },
    #[error("NUTKIN-6304: {0}")]
    Usage(String),
}

impl Error {
    /// `NUTKIN-63nn`.
    pub fn code(&self) -> &'static str {
        match self {
            Error::Path { .. } => "NUTKIN-6301",
            Error::Filter(_) | Error::Usage(_) => "NUTKIN-6304",
            Error::Write { .. } => "NUTKIN-6305",
        }
    }
}
