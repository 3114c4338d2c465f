//! What can go wrong with a Kafka cluster, and what the caller can do about it.
//!
//! Every error has a [`ErrorKind`] that decides the caller's next step, a text that says what was
//! tried and where, and a `NUTKIN-41xx` code with a page in `docs/errors`. A broker's own error
//! keeps its Kafka name (`NOT_LEADER_OR_FOLLOWER`), because that is what people search for.

use std::{fmt, sync::Arc, time::Duration};

use kafka_protocol::error::ResponseError;

/// The outcome of everything in this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// What the caller can do about an [`Error`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The caller's own input or configuration is wrong: fix it.
    InvalidInput,
    /// The broker, or this client, cannot do what was asked.
    Unsupported,
    /// No connection: try again; the outcome of the request is unknown.
    Disconnected,
    /// No answer in time: the outcome of the request is unknown.
    TimedOut,
    /// A passing condition of the cluster: try again.
    Retriable,
    /// The topic, partition or group is not there (yet).
    NotFound,
    /// The thing to create exists already.
    AlreadyExists,
    /// Who we are was not accepted: check credentials and TLS settings.
    Authentication,
    /// Who we are may not do this: check access rules.
    Authorization,
    /// The offset is no longer, or not yet, in the log: choose another.
    OffsetOutOfRange,
    /// Stored or received bytes are damaged.
    Corrupt,
    /// A newer producer has taken over this transactional id: stop writing.
    Fenced,
    /// The transaction cannot be committed any more: abort it.
    TransactionAborted,
    /// The broker refused for another reason, named in the text.
    Refused,
}

/// A broker's error code under Kafka's own name.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ErrorCode(pub i16);

impl ErrorCode {
    /// `None` for 0, which means success.
    pub fn from_wire(code: i16) -> Option<Self> {
        (code != 0).then_some(Self(code))
    }

    /// The name in Kafka's protocol guide, such as `NOT_LEADER_OR_FOLLOWER`.
    pub fn name(self) -> String {
        match ResponseError::try_from_code(self.0) {
            None => "NONE".to_owned(),
            Some(ResponseError::Unknown(code)) => format!("UNKNOWN_ERROR_CODE_{code}"),
            Some(error) => upper_snake(&error.to_string()),
        }
    }

    /// The step this code asks for.
    pub fn kind(self) -> ErrorKind {
        use ResponseError as E;
        let Some(error) = ResponseError::try_from_code(self.0) else {
            return ErrorKind::Refused;
        };
        match error {
            E::OffsetOutOfRange => ErrorKind::OffsetOutOfRange,
            E::UnknownTopicOrPartition
            | E::UnknownTopicId
            | E::GroupIdNotFound
            | E::TransactionalIdNotFound
            | E::ResourceNotFound => ErrorKind::NotFound,
            E::TopicAlreadyExists => ErrorKind::AlreadyExists,
            E::RequestTimedOut => ErrorKind::TimedOut,
            E::ConcurrentTransactions | E::NotController => ErrorKind::Retriable,
            E::TopicAuthorizationFailed
            | E::GroupAuthorizationFailed
            | E::ClusterAuthorizationFailed
            | E::TransactionalIdAuthorizationFailed => ErrorKind::Authorization,
            E::SaslAuthenticationFailed | E::UnsupportedSaslMechanism | E::IllegalSaslState => {
                ErrorKind::Authentication
            }
            E::ProducerFenced | E::InvalidProducerEpoch | E::TransactionCoordinatorFenced => ErrorKind::Fenced,
            E::TransactionAbortable | E::InvalidTxnState | E::InvalidProducerIdMapping => ErrorKind::TransactionAborted,
            E::InvalidRecord
            | E::MessageTooLarge
            | E::RecordListTooLarge
            | E::InvalidTopicException
            | E::InvalidPartitions
            | E::InvalidReplicationFactor
            | E::InvalidConfig
            | E::InvalidTimestamp
            | E::InvalidTransactionTimeout
            | E::OffsetMetadataTooLarge
            | E::PolicyViolation => ErrorKind::InvalidInput,
            E::UnsupportedVersion | E::UnsupportedCompressionType | E::UnsupportedForMessageFormat => {
                ErrorKind::Unsupported
            }
            other if other.is_retriable() => ErrorKind::Retriable,
            _ => ErrorKind::Refused,
        }
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name())
    }
}

impl fmt::Debug for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}({})", self.name(), self.0)
    }
}

fn upper_snake(camel: &str) -> String {
    let mut name = String::with_capacity(camel.len() + 8);
    for (i, c) in camel.chars().enumerate() {
        if c.is_ascii_uppercase() && i > 0 {
            name.push('_');
        }
        name.push(c.to_ascii_uppercase());
    }
    name
}

/// What went wrong, where.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A client property is unknown, missing or has a value that cannot be used.
    #[error("client property '{property}': {problem}")]
    Config {
        /// The property's name.
        property: String,
        /// Why it is refused and what to write instead. Never holds a secret value.
        problem: String,
    },
    /// An argument that no broker would accept.
    #[error("{problem}")]
    InvalidInput {
        /// What is wrong with it.
        problem: String,
    },
    /// The broker answered with an error code.
    #[error("{operation}: the broker answered {code}{}", message.as_deref().map(|m| format!(" ({m})")).unwrap_or_default())]
    Broker {
        /// What was tried, with its object.
        operation: String,
        /// Kafka's error code.
        code: ErrorCode,
        /// The broker's own words, if it said any.
        message: Option<String>,
    },
    /// A connection could not be made, or ended before the answer.
    #[error("no connection to {address}: {problem}")]
    Disconnected {
        /// `host:port`.
        address: String,
        /// What the system said.
        problem: String,
    },
    /// No answer in time.
    #[error("{operation}: no success within {} ms{}", after.as_millis(), last.as_ref().map(|e| format!("; last: {e}")).unwrap_or_default())]
    TimedOut {
        /// What was tried.
        operation: String,
        /// How long it was tried.
        after: Duration,
        /// The last attempt's error.
        last: Option<Arc<Error>>,
    },
    /// SASL or TLS did not accept the other side.
    #[error("authentication at {address} failed: {problem}")]
    Authentication {
        /// `host:port`.
        address: String,
        /// Why, without secrets.
        problem: String,
    },
    /// A fetch position outside the log.
    #[error("offset {offset} of {topic}-{partition} is outside the log, which holds {log_start} up to {log_end}")]
    OffsetOutOfRange {
        /// Topic.
        topic: Arc<str>,
        /// Partition.
        partition: i32,
        /// The offset that was asked for.
        offset: i64,
        /// First offset in the log.
        log_start: i64,
        /// Offset after the last readable record.
        log_end: i64,
    },
    /// A batch in the log that cannot be decoded.
    #[error("the record batch at {topic}-{partition} offset {offset} cannot be read: {problem}")]
    Corrupt {
        /// Topic.
        topic: Arc<str>,
        /// Partition.
        partition: i32,
        /// Base offset of the damaged batch (or the position before it).
        offset: i64,
        /// What is wrong with the bytes.
        problem: String,
    },
    /// An answer that is not Kafka's protocol.
    #[error("{operation}: the answer of {address} cannot be read: {problem}")]
    Malformed {
        /// Which request.
        operation: String,
        /// `host:port`.
        address: String,
        /// What is wrong with the bytes.
        problem: String,
    },
    /// The broker does not offer what is needed.
    #[error("{address} does not support {feature}")]
    Unsupported {
        /// `host:port`.
        address: String,
        /// API, version or feature.
        feature: String,
    },
}

impl Error {
    pub(crate) fn invalid(problem: impl Into<String>) -> Self {
        Self::InvalidInput { problem: problem.into() }
    }

    pub(crate) fn config(property: impl Into<String>, problem: impl Into<String>) -> Self {
        Self::Config { property: property.into(), problem: problem.into() }
    }

    pub(crate) fn broker(operation: impl Into<String>, code: ErrorCode) -> Self {
        Self::Broker { operation: operation.into(), code, message: None }
    }

    /// The step this error asks for.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Config { .. } | Self::InvalidInput { .. } => ErrorKind::InvalidInput,
            Self::Broker { code, .. } => code.kind(),
            Self::Disconnected { .. } => ErrorKind::Disconnected,
            Self::TimedOut { .. } => ErrorKind::TimedOut,
            Self::Authentication { .. } => ErrorKind::Authentication,
            Self::OffsetOutOfRange { .. } => ErrorKind::OffsetOutOfRange,
            Self::Corrupt { .. } | Self::Malformed { .. } => ErrorKind::Corrupt,
            Self::Unsupported { .. } => ErrorKind::Unsupported,
        }
    }

    /// Kafka's error code, where a broker gave one.
    pub fn broker_code(&self) -> Option<ErrorCode> {
        match self {
            Self::Broker { code, .. } => Some(*code),
            Self::TimedOut { last, .. } => last.as_ref().and_then(|e| e.broker_code()),
            _ => None,
        }
    }

    /// Whether the same call may succeed later without anybody changing anything.
    pub fn is_retriable(&self) -> bool {
        matches!(
            self.kind(),
            ErrorKind::Retriable | ErrorKind::Disconnected | ErrorKind::TimedOut | ErrorKind::NotFound
        )
    }

    /// The code under which `docs/errors` explains this error.
    pub fn code(&self) -> &'static str {
        match self.kind() {
            ErrorKind::InvalidInput => "NUTKIN-4101",
            ErrorKind::Disconnected | ErrorKind::TimedOut => "NUTKIN-4102",
            ErrorKind::Authentication => "NUTKIN-4103",
            ErrorKind::Authorization => "NUTKIN-4104",
            ErrorKind::NotFound | ErrorKind::AlreadyExists => "NUTKIN-4105",
            ErrorKind::OffsetOutOfRange => "NUTKIN-4106",
            ErrorKind::Corrupt => "NUTKIN-4107",
            ErrorKind::Fenced | ErrorKind::TransactionAborted => "NUTKIN-4108",
            ErrorKind::Unsupported => "NUTKIN-4109",
            ErrorKind::Retriable | ErrorKind::Refused => "NUTKIN-4110",
        }
    }
}

/// Turns a wire code into an error that names the operation.
pub(crate) fn check(code: i16, operation: impl FnOnce() -> String) -> Result<()> {
    match ErrorCode::from_wire(code) {
        None => Ok(()),
        Some(code) => Err(Error::broker(operation(), code)),
    }
}

/// The same with the broker's own words.
pub(crate) fn check_with(code: i16, message: Option<&str>, operation: impl FnOnce() -> String) -> Result<()> {
    match ErrorCode::from_wire(code) {
        None => Ok(()),
        Some(code) => Err(Error::Broker {
            operation: operation(),
            code,
            message: message.filter(|m| !m.is_empty()).map(str::to_owned),
        }),
    }
}
