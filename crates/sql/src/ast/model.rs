//! CREATE MODEL and ALTER MODEL (D-12).

use super::{DataType, Ident, ObjectName, OptionEntry, Query, StringLiteral};
use crate::span::Span;

/// `CREATE [TEMPORARY] MODEL [IF NOT EXISTS] m [INPUT (…)] [OUTPUT (…)] [COMMENT] WITH (…) [AS query]`
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CreateModel {
    /// TEMPORARY.
    pub temporary: bool,
    /// IF NOT EXISTS.
    pub if_not_exists: bool,
    /// The model.
    pub name: ObjectName,
    /// INPUT.
    pub input: Vec<ModelColumn>,
    /// OUTPUT.
    pub output: Vec<ModelColumn>,
    /// COMMENT.
    pub comment: Option<StringLiteral>,
    /// WITH.
    pub options: Vec<OptionEntry>,
    /// AS query.
    pub query: Option<Box<Query>>,
    /// The whole statement.
    pub span: Span,
}

/// An input or output of a model.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ModelColumn {
    /// Its name.
    pub name: Ident,
    /// Its type.
    pub data_type: DataType,
    /// COMMENT.
    pub comment: Option<StringLiteral>,
}

/// `ALTER MODEL [IF EXISTS] m[$version] action`
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AlterModel {
    /// IF EXISTS.
    pub if_exists: bool,
    /// The model; the last part may end in `$<version>`.
    pub name: ObjectName,
    /// What changes.
    pub action: AlterModelAction,
    /// The whole statement.
    pub span: Span,
}

/// What changes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum AlterModelAction {
    /// `RENAME TO name`
    Rename(ObjectName),
    /// `SET ('k' = 'v')`
    SetOptions(Vec<OptionEntry>),
    /// `RESET ('k')`
    ResetOptions(Vec<StringLiteral>),
}
