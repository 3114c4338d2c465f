//! What ends the process with a message.

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{0}")]
    Control(#[from] nutkin_control::ControlError),
    #[error("{0}")]
    State(#[from] nutkin_state::StateError),
    #[error("{0}")]
    Listen(#[from] nutkin_server::service::Error),
    #[error("{0}")]
    Tls(#[from] nutkin_server::tls::TlsError),
    #[error("{0}")]
    Pool(#[from] nutkin_pool::PoolError),
    #[error("{0}")]
    Client(#[from] nutkin_cli::Error),
    #[error("{0}")]
    Kafka(#[from] nutkin_kafka::Error),
    #[error("{context}: {source}")]
    Io { context: String, source: std::io::Error },
    #[error("{0}")]
    Message(String),
}

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Names what was tried when an operation of the system failed.
pub trait Context<T> {
    fn context(self, context: impl Into<String>) -> Result<T>;
}

impl<T> Context<T> for std::io::Result<T> {
    fn context(self, context: impl Into<String>) -> Result<T> {
        self.map_err(|source| Error::Io { context: context.into(), source })
    }
}
