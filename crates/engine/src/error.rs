//! [`Failure`]: why a job cannot go on, whose fault it is and whether trying again can help.
//!
//! Classes follow the original's error matrix (spec S002-068): the user's data and code are never tried again, topics that
//! are gone and access that is lost are, and everything on the system's side is. One exception: a defect of Nutkin itself
//! (a panic, a broken invariant) would meet the same input again, so it ends the statement.

use std::fmt::{Display, Formatter};

use serde::{Deserialize, Serialize};

/// Whose fault a failure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum FailureClass {
    User,
    System,
}

/// Where in the data a failure happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordPosition {
    /// The table's path.
    pub table: String,
    pub partition: i32,
    pub offset: i64,
}

/// Kinds of failure, each with a page under `docs/errors`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum FailureKind {
    /// A record that cannot be decoded.
    Deserialization,
    /// An expression that failed on a row: overflow, division by zero, a cast.
    Evaluation,
    /// A topic, partition or schema that is gone, or access that was taken away.
    ResourceLost,
    /// A row that cannot be written as the table's columns or schema demand.
    Serialization,
    /// Brokers or the registry cannot be reached.
    Unreachable,
    /// A checkpoint could not be written or read.
    Checkpoint,
    /// A defect of Nutkin.
    Internal,
    /// The statement needs more memory than it may use.
    Memory,
    /// The plan asks for something that this engine does not do.
    Unsupported,
    /// The broker forgot whether the last transaction was committed.
    OutcomeUnknown,
    /// The checkpoint belongs to another plan.
    Incompatible,
    /// A newer job of the same statement has taken over.
    Superseded,
}

impl FailureKind {
    /// The page's code.
    pub fn code(self) -> &'static str {
        match self {
            FailureKind::Deserialization => "NUTKIN-5101",
            FailureKind::Evaluation => "NUTKIN-5102",
            FailureKind::ResourceLost => "NUTKIN-5103",
            FailureKind::Serialization => "NUTKIN-5104",
            FailureKind::Unreachable => "NUTKIN-5105",
            FailureKind::Checkpoint => "NUTKIN-5106",
            FailureKind::Internal => "NUTKIN-5107",
            FailureKind::Memory => "NUTKIN-5108",
            FailureKind::Unsupported => "NUTKIN-5109",
            FailureKind::OutcomeUnknown => "NUTKIN-5110",
            FailureKind::Incompatible => "NUTKIN-5111",
            FailureKind::Superseded => "NUTKIN-5112",
        }
    }

    /// Whose fault it is.
    pub fn class(self) -> FailureClass {
        match self {
            FailureKind::Deserialization
            | FailureKind::Evaluation
            | FailureKind::ResourceLost
            | FailureKind::Serialization
            | FailureKind::Memory
            | FailureKind::Unsupported
            | FailureKind::OutcomeUnknown
            | FailureKind::Incompatible => FailureClass::User,
            FailureKind::Unreachable | FailureKind::Checkpoint | FailureKind::Internal | FailureKind::Superseded => {
                FailureClass::System
            }
        }
    }

    /// True when the job restarts from its last checkpoint by itself.
    pub fn is_recoverable(self) -> bool {
        matches!(self, FailureKind::ResourceLost | FailureKind::Unreachable | FailureKind::Checkpoint)
    }
}

/// Why a job stopped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    pub kind: FailureKind,
    /// Code of the cause where it has a page of its own; more precise than the kind's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause_code: Option<String>,
    /// Cause and remedy, without any code.
    pub message: String,
    pub position: Option<RecordPosition>,
}

impl Failure {
    pub fn new(kind: FailureKind, message: impl Into<String>) -> Failure {
        Failure { kind, cause_code: None, message: message.into(), position: None }
    }

    /// A failure that another room explains. Texts of other rooms may begin with the code of their page: it becomes this
    /// failure's code, so that a message has one. `context` stands before the cause; it may be empty.
    pub(crate) fn caused(kind: FailureKind, context: &str, cause: &impl Display) -> Failure {
        let text = cause.to_string();
        let (code, cause) = split_code(&text);
        let message = if context.is_empty() { cause.to_owned() } else { format!("{context}: {cause}") };
        Failure { kind, cause_code: code.map(str::to_owned), message, position: None }
    }

    pub(crate) fn internal(message: impl Into<String>) -> Failure {
        Failure::new(FailureKind::Internal, message)
    }

    pub(crate) fn at(mut self, position: RecordPosition) -> Failure {
        self.position = Some(position);
        self
    }

    /// The code of the page that explains it best: the cause's, else the kind's.
    pub fn code(&self) -> &str {
        self.cause_code.as_deref().unwrap_or(self.kind.code())
    }

    pub fn class(&self) -> FailureClass {
        self.kind.class()
    }

    pub fn is_recoverable(&self) -> bool {
        self.kind.is_recoverable()
    }
}

impl Display for Failure {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.code(), self.message)?;
        if let Some(RecordPosition { table, partition, offset }) = &self.position {
            write!(f, " (table {table}, partition {partition}, offset {offset})")?;
        }
        Ok(())
    }
}

/// `NUTKIN-nnnn: text` in its parts.
fn split_code(text: &str) -> (Option<&str>, &str) {
    let digits = text.strip_prefix("NUTKIN-").and_then(|rest| rest.split_once(": "));
    match digits {
        Some((digits, rest)) if digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            (Some(&text[..text.len() - rest.len() - 2]), rest)
        }
        _ => (None, text),
    }
}

impl std::error::Error for Failure {}

/// Arrow refuses only what the engine put together wrongly.
impl From<arrow_schema::ArrowError> for Failure {
    fn from(error: arrow_schema::ArrowError) -> Failure {
        Failure::internal(format!("columns do not fit together: {error}"))
    }
}

impl From<nutkin_state::StateError> for Failure {
    fn from(error: nutkin_state::StateError) -> Failure {
        use nutkin_state::StateError;
        let kind = match &error {
            StateError::Storage { .. } => FailureKind::Checkpoint,
            StateError::Corrupt { .. } | StateError::Incompatible { .. } => FailureKind::Incompatible,
            StateError::Fenced { .. } => FailureKind::Superseded,
            StateError::Unsuitable { .. } | StateError::Location { .. } => FailureKind::Unsupported,
        };
        Failure::caused(kind, "", &error)
    }
}

pub(crate) type Result<T, E = Failure> = std::result::Result<T, E>;
