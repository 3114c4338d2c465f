//! Statements about the session: USE (D-19), SET and RESET (D-20).

use super::{ObjectName, StringLiteral};
use crate::span::Span;

/// `USE CATALOG c`, `USE [c.]db`
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Use {
    /// With the word CATALOG.
    pub catalog: bool,
    /// The catalog, or the database.
    pub name: ObjectName,
    /// The whole statement.
    pub span: Span,
}

/// `SET`, `SET 'key' = 'value'`
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Set {
    /// Key and value; absent lists all.
    pub entry: Option<(StringLiteral, StringLiteral)>,
    /// The whole statement.
    pub span: Span,
}

/// `RESET`, `RESET 'key'`
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Reset {
    /// The key; absent resets all.
    pub key: Option<StringLiteral>,
    /// The whole statement.
    pub span: Span,
}
