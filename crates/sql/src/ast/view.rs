//! CREATE VIEW and ALTER VIEW (D-10).

use super::{Ident, ObjectName, Query, StringLiteral};
use crate::span::Span;

/// `CREATE [TEMPORARY] VIEW [IF NOT EXISTS] name [(columns)] [COMMENT] AS query`
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CreateView {
    /// OR REPLACE.
    pub or_replace: bool,
    /// TEMPORARY.
    pub temporary: bool,
    /// IF NOT EXISTS.
    pub if_not_exists: bool,
    /// The view.
    pub name: ObjectName,
    /// Column names and their comments.
    pub columns: Vec<ViewColumn>,
    /// COMMENT.
    pub comment: Option<StringLiteral>,
    /// The query.
    pub query: Box<Query>,
    /// The whole statement.
    pub span: Span,
}

/// A view's column.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ViewColumn {
    /// Its name.
    pub name: Ident,
    /// COMMENT.
    pub comment: Option<StringLiteral>,
}

/// `ALTER VIEW [IF EXISTS] name action`
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AlterView {
    /// IF EXISTS.
    pub if_exists: bool,
    /// The view.
    pub name: ObjectName,
    /// What changes.
    pub action: AlterViewAction,
    /// The whole statement.
    pub span: Span,
}

/// What changes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum AlterViewAction {
    /// `RENAME TO name`
    Rename(ObjectName),
    /// `AS query`
    As(Box<Query>),
}
