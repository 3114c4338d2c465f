//! Syntax errors, worded as Flink words them, with a remedy where we know one.

use crate::span::{Position, Span};
use std::fmt::Write as _;

/// What is wrong with a statement's text, and where.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{}", self.message())]
pub struct SyntaxError {
    /// What is wrong.
    pub kind: SyntaxErrorKind,
    /// The offending part of the text.
    pub span: Span,
    /// Line and column of its start.
    pub position: Position,
    /// What the writer can do, where we can tell.
    pub remedy: Option<String>,
}

/// Kinds of syntax errors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SyntaxErrorKind {
    /// A token that cannot stand where it stands.
    Unexpected {
        /// The token as written; `<EOF>` at the end.
        found: String,
        /// What could stand there: keywords and symbols, or classes like `<IDENTIFIER>`.
        expected: Vec<&'static str>,
    },
    /// Text that is no token.
    Lexical {
        /// What it is.
        message: String,
    },
    /// Well-formed tokens with an impossible meaning.
    Invalid {
        /// Why.
        message: String,
    },
    /// Nested more deeply than allowed.
    TooDeep {
        /// The limit.
        limit: usize,
    },
    /// A statement, clause or type that Flink has and this dialect does not.
    Unsupported {
        /// What it is, e.g. `The statement TRUNCATE`.
        feature: String,
    },
}

impl SyntaxError {
    /// The error at `span` of `text`.
    pub(crate) fn new(kind: SyntaxErrorKind, span: Span, text: &str) -> Self {
        Self { kind, span, position: span.position(text), remedy: None }
    }

    /// The error with a remedy.
    pub(crate) fn with_remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }

    /// The code of the error's page in `docs/errors`.
    pub fn code(&self) -> &'static str {
        match self.kind {
            SyntaxErrorKind::Unexpected { .. } | SyntaxErrorKind::Lexical { .. } | SyntaxErrorKind::Invalid { .. } => {
                "NUTKIN-1001"
            }
            SyntaxErrorKind::TooDeep { .. } => "NUTKIN-1002",
            SyntaxErrorKind::Unsupported { .. } => "NUTKIN-1003",
        }
    }

    /// Cause, place and remedy, without the code.
    pub fn message(&self) -> String {
        let Position { line, column } = self.position;
        let mut message = match &self.kind {
            SyntaxErrorKind::Unexpected { found, expected } => {
                let found = found.replace('"', "\\\"");
                let mut message = format!("SQL parse failed. Encountered \"{found}\" at line {line}, column {column}.");
                list_expected(&mut message, expected);
                message
            }
            SyntaxErrorKind::Lexical { message } => {
                format!("SQL parse failed. Lexical error at line {line}, column {column}. {message}")
            }
            SyntaxErrorKind::Invalid { message } => {
                format!("SQL parse failed. {message} (line {line}, column {column})")
            }
            SyntaxErrorKind::TooDeep { limit } => format!(
                "SQL parse failed. The statement is nested more than {limit} levels deep at line {line}, column {column}."
            ),
            SyntaxErrorKind::Unsupported { feature } => {
                format!("SQL parse failed. {feature} is not supported (line {line}, column {column}).")
            }
        };
        if let Some(remedy) = &self.remedy {
            message.push('\n');
            message.push_str(remedy);
        }
        message
    }
}

/// Flink's list of what could have stood there: one item a line, sorted.
fn list_expected(message: &mut String, expected: &[&'static str]) {
    let heading = match expected {
        [] => return,
        [_] => "Was expecting:",
        _ => "Was expecting one of:",
    };
    message.push('\n');
    message.push_str(heading);
    for item in expected {
        let is_class = item.len() > 2 && item.starts_with('<') && item.ends_with('>');
        // Writing to a String cannot fail.
        let _ = if *item == "<EOF>" {
            write!(message, "\n    <EOF>")
        } else if is_class {
            write!(message, "\n    {item} ...")
        } else {
            write!(message, "\n    \"{item}\" ...")
        };
    }
}
