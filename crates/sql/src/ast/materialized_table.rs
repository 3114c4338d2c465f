//! Materialized tables (D-14).

use super::{Distribution, Expr, Ident, ObjectName, OptionEntry, Query, StringLiteral, TableSchema};
use crate::span::Span;

/// `CREATE [OR ALTER] MATERIALIZED TABLE [IF NOT EXISTS] t … AS query`
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CreateMaterializedTable {
    /// OR ALTER.
    pub or_alter: bool,
    /// IF NOT EXISTS.
    pub if_not_exists: bool,
    /// The table.
    pub name: ObjectName,
    /// Columns, watermark and constraints.
    pub schema: TableSchema,
    /// COMMENT.
    pub comment: Option<StringLiteral>,
    /// DISTRIBUTED.
    pub distribution: Option<Distribution>,
    /// PARTITIONED BY.
    pub partitioned_by: Vec<Ident>,
    /// WITH.
    pub options: Vec<OptionEntry>,
    /// START_MODE.
    pub start_mode: Option<StartMode>,
    /// FRESHNESS: an interval.
    pub freshness: Option<Expr>,
    /// REFRESH_MODE.
    pub refresh_mode: Option<RefreshMode>,
    /// The query.
    pub query: Box<Query>,
    /// The whole statement.
    pub span: Span,
}

/// Where the query starts to read.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum StartMode {
    /// `FROM_BEGINNING`
    FromBeginning,
    /// `FROM_NOW[(interval)]`
    FromNow(Option<Expr>),
    /// `FROM_TIMESTAMP(timestamp)`
    FromTimestamp(Expr),
    /// `RESUME_OR_FROM_BEGINNING`
    ResumeOrFromBeginning,
    /// `RESUME_OR_FROM_NOW[(interval)]`
    ResumeOrFromNow(Option<Expr>),
    /// `RESUME_OR_FROM_TIMESTAMP(timestamp)`
    ResumeOrFromTimestamp(Expr),
}

/// How a materialized table is kept fresh.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RefreshMode {
    /// `CONTINUOUS`
    Continuous,
    /// `FULL`
    Full,
}

/// `ALTER MATERIALIZED TABLE t action`
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AlterMaterializedTable {
    /// IF EXISTS.
    pub if_exists: bool,
    /// The table.
    pub name: ObjectName,
    /// What changes.
    pub action: AlterMaterializedTableAction,
    /// The whole statement.
    pub span: Span,
}

/// What changes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum AlterMaterializedTableAction {
    /// The actions that tables have too.
    Table(super::AlterTableAction),
    /// `[START_MODE = …] AS query`
    As {
        /// START_MODE.
        start_mode: Option<StartMode>,
        /// The query.
        query: Box<Query>,
    },
    /// `SUSPEND`
    Suspend,
    /// `RESUME [WITH (…)]`
    Resume(Vec<OptionEntry>),
    /// `REFRESH [PARTITION (…)]`
    Refresh(Vec<(Ident, Expr)>),
}
