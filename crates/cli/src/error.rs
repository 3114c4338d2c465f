//! What ends a command, with the exit code it becomes.

/// Why a command ended. The text is for the person at the terminal.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No connection could be made, or it broke.
    #[error(
        "NUTKIN-6201: cannot reach {url}: {reason}. Start the service with 'nutkin serve', or name another with --url."
    )]
    Unreachable { url: String, reason: String },
    /// The service to talk to, or the key for it, is not known or not usable.
    #[error("NUTKIN-6202: {0}")]
    Configuration(String),
    /// Something answered that is not this API.
    #[error("NUTKIN-6203: {url} gave an answer that is not of this API: {reason}. Check --url.")]
    Answer { url: String, reason: String },
    /// The service refused; `detail` is its own text.
    #[error("{detail}")]
    Refused { status: u16, code: String, detail: String },
    /// A statement ended in FAILED; `detail` is its `status.detail`.
    #[error("{detail}")]
    StatementFailed { name: String, detail: String },
    /// Something was waited for in vain.
    #[error("{0}")]
    TimedOut(String),
    /// The command itself cannot be understood.
    #[error("{0}")]
    Usage(String),
    /// Ctrl-C.
    #[error("interrupted")]
    Interrupted,
    /// A file or the terminal.
    #[error("{context}: {source}")]
    Io { context: String, source: std::io::Error },
}

/// Result of everything here.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// Exit code for scripts: 1 a failed statement or a refused request, 2 wrong usage, 3 not reachable, 4 not allowed,
    /// 5 not found, 6 timed out, 130 interrupted.
    pub fn exit_code(&self) -> u8 {
        match self {
            Error::Usage(_) | Error::Configuration(_) => 2,
            Error::Unreachable { .. } | Error::Answer { .. } => 3,
            Error::Refused { status: 401 | 403, .. } => 4,
            Error::Refused { status: 404, .. } => 5,
            Error::TimedOut(_) => 6,
            Error::Interrupted => 130,
            Error::Refused { .. } | Error::StatementFailed { .. } | Error::Io { .. } => 1,
        }
    }

    /// HTTP status, where the service refused.
    pub fn status(&self) -> Option<u16> {
        match self {
            Error::Refused { status, .. } => Some(*status),
            _ => None,
        }
    }
}

/// Names what was tried when an operation of the system failed.
pub(crate) trait Context<T> {
    fn context(self, context: impl Into<String>) -> Result<T>;
}

impl<T> Context<T> for std::io::Result<T> {
    fn context(self, context: impl Into<String>) -> Result<T> {
        self.map_err(|source| Error::Io { context: context.into(), source })
    }
}
