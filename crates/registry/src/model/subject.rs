//! Subject names and the contexts they live in.
//!
//! `:.prod:orders-value` is the subject `orders-value` of context `.prod`; a name without that
//! prefix is of the default context `.`. An empty name stands for the context itself, and of the
//! default context for the whole registry: configuration and modes use that.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::Error;

/// The context of names that do not say one.
pub const DEFAULT_CONTEXT: &str = ".";

/// A context and a name in it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Subject {
    context: String,
    name: String,
}

impl Subject {
    /// The whole registry: the root of configuration and modes.
    pub fn global() -> Self {
        Self { context: DEFAULT_CONTEXT.into(), name: String::new() }
    }

    /// A whole context, written `.prod`.
    pub fn of_context(context: &str) -> Self {
        Self { context: context.into(), name: String::new() }
    }

    /// A subject of the default context, without looking for a context prefix.
    pub fn plain(name: &str) -> Self {
        Self { context: DEFAULT_CONTEXT.into(), name: name.into() }
    }

    /// Reads a possibly qualified name; a name without a context gets `context`.
    ///
    /// [`Error::InvalidSubject`] for control characters, reserved names, wildcards and malformed prefixes.
    pub fn parse(text: &str, context: &str) -> Result<Self, Error> {
        let invalid = || Error::InvalidSubject(text.to_owned());
        if text.chars().any(char::is_control) || text.starts_with(":*:") {
            return Err(invalid());
        }
        let subject = match text.strip_prefix(':').filter(|rest| rest.starts_with('.')) {
            Some(rest) => {
                let (context, name) = rest.split_once(':').ok_or_else(invalid)?;
                Self { context: context.into(), name: name.into() }
            }
            None => Self { context: context.into(), name: text.into() },
        };
        let reserved = |part: &str| matches!(part, "__GLOBAL" | "__EMPTY");
        if reserved(&subject.name) || reserved(subject.context.trim_start_matches('.')) {
            return Err(invalid());
        }
        Ok(subject)
    }

    /// As [`Subject::parse`], and the name must not be empty.
    pub fn parse_named(text: &str, context: &str) -> Result<Self, Error> {
        let subject = Self::parse(text, context)?;
        if subject.name.trim().is_empty() { Err(Error::InvalidSubject(text.to_owned())) } else { Ok(subject) }
    }

    /// Reads a context as written in a path or a listing: `.prod`, `prod` or `:.prod:`.
    pub fn parse_context(text: &str) -> Result<String, Error> {
        let bare = text.strip_prefix(':').and_then(|rest| rest.strip_suffix(':')).unwrap_or(text);
        let bare = bare.strip_prefix('.').unwrap_or(bare);
        if bare.contains(':') || bare.contains('*') || bare.chars().any(char::is_control) || bare.starts_with("__") {
            return Err(Error::InvalidSubject(text.to_owned()));
        }
        Ok(format!(".{bare}"))
    }

    /// The context, `.` for the default one.
    pub fn context(&self) -> &str {
        &self.context
    }

    /// The name within the context; empty for the context itself.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// True for the whole registry.
    pub fn is_global(&self) -> bool {
        self.name.is_empty() && self.is_default_context()
    }

    /// True for a context rather than a subject.
    pub fn is_context(&self) -> bool {
        self.name.is_empty()
    }

    /// True in the default context.
    pub fn is_default_context(&self) -> bool {
        self.context == DEFAULT_CONTEXT
    }

    /// The prefix that qualifies names of this context: empty for the default one, else `:.prod:`.
    pub fn context_prefix(&self) -> String {
        if self.is_default_context() { String::new() } else { format!(":{}:", self.context) }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_default_context() { f.write_str(&self.name) } else { write!(f, ":{}:{}", self.context, self.name) }
    }
}
