//! ALTER TABLE (D-08).

use super::{ColumnDef, Distribution, Ident, ObjectName, OptionEntry, StringLiteral, TableConstraint, Watermark};
use crate::span::Span;

/// `ALTER TABLE [IF EXISTS] name action`
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AlterTable {
    /// IF EXISTS.
    pub if_exists: bool,
    /// The table.
    pub name: ObjectName,
    /// What changes.
    pub action: AlterTableAction,
    /// The whole statement.
    pub span: Span,
}

/// What changes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum AlterTableAction {
    /// `ADD column` or `ADD (columns, watermark, constraint, distribution)`
    Add(SchemaChange),
    /// `MODIFY column` or `MODIFY (…)`
    Modify(SchemaChange),
    /// `DROP column` or `DROP (columns)`
    DropColumns(Vec<ObjectName>),
    /// `DROP PRIMARY KEY`
    DropPrimaryKey,
    /// `DROP CONSTRAINT name`
    DropConstraint(Ident),
    /// `DROP WATERMARK`
    DropWatermark,
    /// `DROP DISTRIBUTION`
    DropDistribution,
    /// `RENAME TO name`
    RenameTable(ObjectName),
    /// `RENAME column TO name`
    RenameColumn {
        /// The old name.
        from: ObjectName,
        /// The new name.
        to: Ident,
    },
    /// `SET ('k' = 'v', …)`
    SetOptions(Vec<OptionEntry>),
    /// `RESET ('k', …)`
    ResetOptions(Vec<StringLiteral>),
    /// `SET LIGHTNING MODE (mode)`
    SetLightningMode(Ident),
}

/// What ADD and MODIFY hold.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct SchemaChange {
    /// Columns and where they go.
    pub columns: Vec<ColumnChange>,
    /// A watermark.
    pub watermark: Option<Watermark>,
    /// Constraints.
    pub constraints: Vec<TableConstraint>,
    /// A distribution.
    pub distribution: Option<Distribution>,
}

/// `column [FIRST | AFTER other]`
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ColumnChange {
    /// The column; nested fields are named by several parts in `path`.
    pub column: ColumnDef,
    /// Parts before the column's own name, for nested fields.
    pub parent: Vec<Ident>,
    /// Where it goes.
    pub position: Option<ColumnPosition>,
}

/// Where a column goes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ColumnPosition {
    /// `FIRST`
    First,
    /// `AFTER column`
    After(ObjectName),
}
