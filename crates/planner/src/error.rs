//! [`PlannerError`]: what is wrong with a statement beyond its syntax, worded as Flink words it.
//!
//! An error carries its kind (which decides the code and the page in `docs/errors`), the text, the place in the
//! statement when one is known, and a remedy when one can be told. Places are kept as spans while the statement is
//! analysed and become lines and columns once, at the public rim ([`PlannerError::locate`]).

use nutkin_sql::{Position, Span};

pub type Result<T> = std::result::Result<T, PlannerError>;

/// What is wrong, where, and what the writer can do.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{}", self.message())]
pub struct PlannerError {
    pub kind: ErrorKind,
    /// The cause, without place and remedy.
    pub cause: String,
    /// Line and column of the first and the last character of the part that is wrong.
    pub place: Option<(Position, Position)>,
    pub remedy: Option<String>,
    span: Option<Span>,
}

/// Declares [`ErrorKind`] from one table: variant, code, meaning.
macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident = $code:literal;)*) => {
        /// Kinds of problems; each has a page `docs/errors/<code>.md`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum ErrorKind { $($(#[$doc])* $variant,)* }

        impl ErrorKind {
            /// Every kind.
            pub const ALL: &'static [ErrorKind] = &[$(ErrorKind::$variant,)*];

            /// `NUTKIN-2xxx`.
            pub fn code(self) -> &'static str {
                match self { $(ErrorKind::$variant => $code,)* }
            }
        }
    };
}

kinds! {
    /// A catalog, database, table, column, field or function that does not exist.
    NotFound = "NUTKIN-2001";
    /// Valid Flink SQL that this release cannot run yet.
    NotBuilt = "NUTKIN-2002";
    /// An expression whose types do not fit.
    Type = "NUTKIN-2003";
    /// A query whose parts do not fit together (grouping, windows, time attributes, joins).
    Query = "NUTKIN-2004";
    /// A query that does not fit the table it is written to.
    Sink = "NUTKIN-2005";
    /// A statement property, hint or option that is unknown or has a bad value.
    Property = "NUTKIN-2006";
    /// Something that the service refuses for good, with another way to do it.
    Refused = "NUTKIN-2007";
    /// A table definition that contradicts itself.
    Definition = "NUTKIN-2008";
    /// The planner contradicts itself: a defect of ours.
    Internal = "NUTKIN-2009";
}

impl PlannerError {
    pub fn new(kind: ErrorKind, cause: impl Into<String>) -> PlannerError {
        PlannerError { kind, cause: cause.into(), place: None, remedy: None, span: None }
    }

    /// Flink SQL that is not built: `what` is its name, e.g. `OVER aggregation`.
    pub fn not_built(what: impl std::fmt::Display) -> PlannerError {
        PlannerError::new(ErrorKind::NotBuilt, format!("{what} is not built yet"))
            .with_remedy("Rewrite the statement without it, or run it in a compute pool of a later release.")
    }

    /// The error at `span`, unless a place inside is known already.
    pub fn at(mut self, span: Span) -> PlannerError {
        if self.span.is_none() && span.end > span.start {
            self.span = Some(span);
        }
        self
    }

    pub fn with_remedy(mut self, remedy: impl Into<String>) -> PlannerError {
        self.remedy = Some(remedy.into());
        self
    }

    /// The error with its span as lines and columns of `text`.
    pub fn locate(mut self, text: &str) -> PlannerError {
        if let Some(span) = self.span.take() {
            let last = Span::new(span.end.saturating_sub(1), span.end);
            self.place = Some((span.position(text), last.position(text)));
        }
        self
    }

    /// The error without a place: what it speaks of is not in the statement's text.
    pub fn without_place(mut self) -> PlannerError {
        self.span = None;
        self.place = None;
        self
    }

    /// The code of the error's page in `docs/errors`.
    pub fn code(&self) -> &'static str {
        self.kind.code()
    }

    /// Cause, place and remedy, without the code; the place is written as Flink writes it.
    pub fn message(&self) -> String {
        let mut message = match self.place {
            None => self.cause.clone(),
            Some((from, to)) if from == to => {
                format!("SQL validation failed. At line {}, column {}: {}", from.line, from.column, self.cause)
            }
            Some((from, to)) => format!(
                "SQL validation failed. From line {}, column {} to line {}, column {}: {}",
                from.line, from.column, to.line, to.column, self.cause
            ),
        };
        if let Some(remedy) = &self.remedy {
            message.push('\n');
            message.push_str(remedy);
        }
        message
    }
}
