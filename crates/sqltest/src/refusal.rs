//! [`Refusal`]: why a statement was not planned or a job did not end well, in the terms that cases expect errors in.

use nutkin_engine::{Failure, FailureKind};
use nutkin_planner::{ErrorKind, PlannerError};
use nutkin_sql::{SyntaxError, SyntaxErrorKind};

/// When an error comes: the two phases of the recorded cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// While the statement is read and planned.
    Validation,
    /// While rows are processed.
    Runtime,
}

impl Phase {
    /// The word in case files.
    pub fn name(self) -> &'static str {
        match self {
            Phase::Validation => "validation",
            Phase::Runtime => "runtime",
        }
    }
}

/// An error of the statement under test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub phase: Phase,
    /// `NUTKIN-nnnn`.
    pub code: String,
    /// Cause and remedy.
    pub message: String,
    /// True when the statement may be right and this release cannot run it yet.
    pub not_built: bool,
}

impl Refusal {
    /// A validation error of the test's own making.
    pub fn validation(code: &str, message: impl Into<String>) -> Refusal {
        Refusal { phase: Phase::Validation, code: code.to_owned(), message: message.into(), not_built: false }
    }

    /// Something that the case needs and `nutkin test` does not do yet.
    pub fn not_built(message: impl Into<String>) -> Refusal {
        Refusal { not_built: true, ..Refusal::validation(ErrorKind::NotBuilt.code(), message) }
    }

    /// A defect of ours.
    pub fn internal(message: impl Into<String>) -> Refusal {
        Refusal { phase: Phase::Runtime, ..Refusal::validation(ErrorKind::Internal.code(), message) }
    }

    /// The message's first line: the cause without remedies.
    pub fn cause(&self) -> &str {
        self.message.lines().next().unwrap_or_default()
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl From<SyntaxError> for Refusal {
    fn from(error: SyntaxError) -> Refusal {
        let not_built = matches!(error.kind, SyntaxErrorKind::Unsupported { .. });
        Refusal { not_built, ..Refusal::validation(error.code(), error.message()) }
    }
}

impl From<PlannerError> for Refusal {
    fn from(error: PlannerError) -> Refusal {
        let not_built = error.kind == ErrorKind::NotBuilt;
        Refusal { not_built, ..Refusal::validation(error.code(), error.message()) }
    }
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Refusal {
        Refusal {
            phase: Phase::Runtime,
            code: failure.code().to_owned(),
            // Another cause with a code of its own, such as a bad pattern of LIKE, is the statement's.
            not_built: failure.kind == FailureKind::Unsupported && failure.code() == FailureKind::Unsupported.code(),
            message: failure.message,
        }
    }
}
