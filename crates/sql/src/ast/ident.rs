//! Identifiers and dotted names. Names are case-sensitive; quoting is kept but is no part of identity.

use crate::span::Span;
use std::hash::{Hash, Hasher};

/// One identifier: `name` or `` `name` `` (the value without back-ticks, doubled ones undone).
#[derive(Debug, Clone, Default)]
pub struct Ident {
    /// The name itself.
    pub value: String,
    /// Written in back-ticks.
    pub quoted: bool,
    /// Where it stands.
    pub span: Span,
}

impl Ident {
    /// An identifier without a place in a text; the unparser quotes it where it must be quoted.
    pub fn new(value: impl Into<String>) -> Self {
        Self { value: value.into(), quoted: false, span: Span::default() }
    }
}

impl PartialEq for Ident {
    fn eq(&self, other: &Ident) -> bool {
        self.value == other.value
    }
}

impl Eq for Ident {}

impl Hash for Ident {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.value.hash(state);
    }
}

/// A dotted name: `[catalog.][database.]object`, or a column path. At least one part.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct ObjectName {
    /// The parts from left to right.
    pub parts: Vec<Ident>,
    /// From the first part to the last.
    pub span: Span,
}

impl ObjectName {
    /// A name of the given parts, without a place in a text.
    pub fn new<S: Into<String>>(parts: impl IntoIterator<Item = S>) -> Self {
        Self { parts: parts.into_iter().map(Ident::new).collect(), span: Span::default() }
    }

    /// The values of the parts.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.parts.iter().map(|part| part.value.as_str())
    }

    /// The last part's value (the object's own name).
    pub fn last(&self) -> &str {
        self.parts.last().map_or("", |part| part.value.as_str())
    }

    /// The only part, when there is exactly one.
    pub fn as_simple(&self) -> Option<&Ident> {
        match self.parts.as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }
}

/// A character string literal where the grammar wants one (comments, option keys and values).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct StringLiteral {
    /// The text without quotes.
    pub value: String,
    /// Where it stands, quotes included.
    pub span: Span,
}

impl StringLiteral {
    /// A literal without a place in a text.
    pub fn new(value: impl Into<String>) -> Self {
        Self { value: value.into(), span: Span::default() }
    }
}

/// `'key' = 'value'` of WITH, SET and hint lists.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct OptionEntry {
    /// The key.
    pub key: StringLiteral,
    /// The value.
    pub value: StringLiteral,
    /// Both.
    pub span: Span,
}
