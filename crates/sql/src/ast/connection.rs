//! CREATE CONNECTION and ALTER CONNECTION (D-13).

use super::{ObjectName, OptionEntry, StringLiteral};
use crate::span::Span;

/// `CREATE [OR REPLACE] CONNECTION [IF NOT EXISTS] c [COMMENT] WITH (…)`
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CreateConnection {
    /// OR REPLACE.
    pub or_replace: bool,
    /// IF NOT EXISTS.
    pub if_not_exists: bool,
    /// The connection.
    pub name: ObjectName,
    /// COMMENT.
    pub comment: Option<StringLiteral>,
    /// WITH; may hold secrets.
    pub options: Vec<OptionEntry>,
    /// The whole statement.
    pub span: Span,
}

/// `ALTER CONNECTION [IF EXISTS] c SET (…)`
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AlterConnection {
    /// IF EXISTS.
    pub if_exists: bool,
    /// The connection.
    pub name: ObjectName,
    /// What changes; may hold secrets.
    pub options: Vec<OptionEntry>,
    /// The whole statement.
    pub span: Span,
}
