//! CREATE and ALTER of catalogs and databases. The original refuses them (D-24); the tree has them so that the refusal can name them.

use super::{ObjectKind, ObjectName, OptionEntry, StringLiteral};
use crate::span::Span;

/// `CREATE CATALOG | DATABASE [IF NOT EXISTS] name [COMMENT] [WITH (…)]`
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CreateNamespace {
    /// [`ObjectKind::Catalog`] or [`ObjectKind::Database`].
    pub kind: ObjectKind,
    /// IF NOT EXISTS.
    pub if_not_exists: bool,
    /// Its name.
    pub name: ObjectName,
    /// COMMENT.
    pub comment: Option<StringLiteral>,
    /// WITH.
    pub options: Vec<OptionEntry>,
    /// The whole statement.
    pub span: Span,
}

/// `ALTER CATALOG | DATABASE name SET (…)`
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AlterNamespace {
    /// [`ObjectKind::Catalog`] or [`ObjectKind::Database`].
    pub kind: ObjectKind,
    /// Its name.
    pub name: ObjectName,
    /// SET.
    pub options: Vec<OptionEntry>,
    /// The whole statement.
    pub span: Span,
}
