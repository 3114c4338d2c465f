//! CREATE TABLE in all its forms (D-01 to D-07) and DROP TABLE (D-09).

use super::{DataType, Expr, Ident, ObjectName, OptionEntry, Query, StringLiteral};
use crate::span::Span;

/// `CREATE [OR REPLACE] [TEMPORARY] TABLE [IF NOT EXISTS] name (…) … [LIKE … | AS query]`
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CreateTable {
    /// OR REPLACE.
    pub or_replace: bool,
    /// TEMPORARY.
    pub temporary: bool,
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
    /// PARTITIONED BY (deprecated).
    pub partitioned_by: Vec<Ident>,
    /// WITH.
    pub options: Vec<OptionEntry>,
    /// LIKE.
    pub like: Option<LikeTable>,
    /// AS query (CTAS).
    pub query: Option<Box<Query>>,
    /// The whole statement.
    pub span: Span,
}

/// What stands in the parentheses after the name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct TableSchema {
    /// In order.
    pub columns: Vec<ColumnDef>,
    /// `WATERMARK FOR …`
    pub watermark: Option<Watermark>,
    /// Table constraints.
    pub constraints: Vec<TableConstraint>,
}

impl TableSchema {
    /// Whether nothing was written.
    pub fn is_empty(&self) -> bool {
        self.columns.is_empty() && self.watermark.is_none() && self.constraints.is_empty()
    }

    /// The columns of every PRIMARY KEY written, as column or as table constraint.
    pub fn primary_keys(&self) -> Vec<Vec<&Ident>> {
        let of_columns = self.columns.iter().filter_map(|column| {
            let constraint = column.constraint.as_ref()?;
            (constraint.kind == ConstraintKind::PrimaryKey).then(|| vec![&column.name])
        });
        let of_table = self
            .constraints
            .iter()
            .filter(|constraint| constraint.kind == ConstraintKind::PrimaryKey)
            .map(|constraint| constraint.columns.iter().collect());
        of_columns.chain(of_table).collect()
    }
}

/// A column (D-02).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ColumnDef {
    /// Its name.
    pub name: Ident,
    /// Physical, metadata, computed, or (CTAS) only a name.
    pub kind: ColumnKind,
    /// `PRIMARY KEY NOT ENFORCED` after the type.
    pub constraint: Option<ColumnConstraint>,
    /// COMMENT.
    pub comment: Option<StringLiteral>,
    /// The whole definition.
    pub span: Span,
}

/// The kinds of columns.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ColumnKind {
    /// `name type`
    Physical(DataType),
    /// `name type METADATA [FROM 'key'] [VIRTUAL]`
    Metadata {
        /// The type.
        data_type: DataType,
        /// The metadata key; the column's name when absent.
        from: Option<StringLiteral>,
        /// Not written on INSERT.
        is_virtual: bool,
    },
    /// `name AS expr`
    Computed(Expr),
    /// `name`: the order of columns in CTAS.
    Reference,
}

/// `[CONSTRAINT name] PRIMARY KEY | UNIQUE [[NOT] ENFORCED]` of one column.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ColumnConstraint {
    /// CONSTRAINT name.
    pub name: Option<Ident>,
    /// What it says.
    pub kind: ConstraintKind,
    /// `ENFORCED` (true), `NOT ENFORCED` (false), or nothing.
    pub enforced: Option<bool>,
    /// Where it stands.
    pub span: Span,
}

/// `[CONSTRAINT name] PRIMARY KEY | UNIQUE (columns) [[NOT] ENFORCED]`
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TableConstraint {
    /// CONSTRAINT name.
    pub name: Option<Ident>,
    /// What it says.
    pub kind: ConstraintKind,
    /// Of which columns.
    pub columns: Vec<Ident>,
    /// `ENFORCED` (true), `NOT ENFORCED` (false), or nothing.
    pub enforced: Option<bool>,
    /// Where it stands.
    pub span: Span,
}

/// Kinds of constraints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ConstraintKind {
    /// `PRIMARY KEY`
    PrimaryKey,
    /// `UNIQUE`
    Unique,
}

/// `WATERMARK FOR column AS expr` (D-05)
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Watermark {
    /// The time column (a nested field has several parts).
    pub column: ObjectName,
    /// The strategy.
    pub strategy: Expr,
    /// Where it stands.
    pub span: Span,
}

/// `DISTRIBUTED [BY [HASH | RANGE] (columns)] [INTO n BUCKETS]`
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Distribution {
    /// HASH or RANGE as written.
    pub algorithm: Option<DistributionAlgorithm>,
    /// BY; empty in `DISTRIBUTED INTO n BUCKETS`.
    pub columns: Vec<Ident>,
    /// INTO n BUCKETS.
    pub buckets: Option<u32>,
    /// Where it stands.
    pub span: Span,
}

/// How rows find their bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DistributionAlgorithm {
    /// `HASH`
    Hash,
    /// `RANGE`
    Range,
}

/// `LIKE source (INCLUDING ALL …)` (D-07)
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct LikeTable {
    /// The table that is copied.
    pub source: ObjectName,
    /// What is copied, in order.
    pub options: Vec<LikeOption>,
    /// Where it stands.
    pub span: Span,
}

/// `INCLUDING | EXCLUDING | OVERWRITING feature`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LikeOption {
    /// What happens.
    pub strategy: LikeStrategy,
    /// To what.
    pub feature: LikeFeature,
}

/// How a feature is merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LikeStrategy {
    /// `INCLUDING`: copy, fail on a clash.
    Including,
    /// `EXCLUDING`: leave out.
    Excluding,
    /// `OVERWRITING`: copy, the new table wins a clash.
    Overwriting,
}

/// What can be copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the keywords say it")]
pub enum LikeFeature {
    All,
    Constraints,
    Distribution,
    Generated,
    Metadata,
    Options,
    Partitions,
    Watermarks,
}

/// `DROP [TEMPORARY] TABLE [IF EXISTS] name` and the other DROP statements of named objects.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DropObject {
    /// What is dropped.
    pub kind: ObjectKind,
    /// TEMPORARY.
    pub temporary: bool,
    /// IF EXISTS.
    pub if_exists: bool,
    /// Its name. For models the last part may end in `$<version>` or `$all`.
    pub name: ObjectName,
    /// The whole statement.
    pub span: Span,
}

/// Kinds of named objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the keywords say it")]
pub enum ObjectKind {
    Catalog,
    Database,
    Table,
    MaterializedTable,
    View,
    Function,
    Model,
    Connection,
    Agent,
    Tool,
}

impl ObjectKind {
    /// The keywords in SQL.
    pub fn keyword(self) -> &'static str {
        match self {
            ObjectKind::Catalog => "CATALOG",
            ObjectKind::Database => "DATABASE",
            ObjectKind::Table => "TABLE",
            ObjectKind::MaterializedTable => "MATERIALIZED TABLE",
            ObjectKind::View => "VIEW",
            ObjectKind::Function => "FUNCTION",
            ObjectKind::Model => "MODEL",
            ObjectKind::Connection => "CONNECTION",
            ObjectKind::Agent => "AGENT",
            ObjectKind::Tool => "TOOL",
        }
    }
}
