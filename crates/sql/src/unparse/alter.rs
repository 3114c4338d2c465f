//! ALTER TABLE.

use super::create_table::DistributionBody;
use super::{List, optional, word};
use crate::ast::{AlterTable, AlterTableAction, ColumnChange, ColumnPosition, SchemaChange};
use std::fmt::{self, Display, Formatter};

impl Display for AlterTable {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("ALTER TABLE ")?;
        word(f, self.if_exists, "IF EXISTS")?;
        write!(f, "{} {}", self.name, self.action)
    }
}

impl Display for AlterTableAction {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            AlterTableAction::Add(change) => write!(f, "ADD {change}"),
            AlterTableAction::Modify(change) => write!(f, "MODIFY {change}"),
            AlterTableAction::DropColumns(columns) => write!(f, "DROP ({})", List(columns)),
            AlterTableAction::DropPrimaryKey => f.write_str("DROP PRIMARY KEY"),
            AlterTableAction::DropConstraint(name) => write!(f, "DROP CONSTRAINT {name}"),
            AlterTableAction::DropWatermark => f.write_str("DROP WATERMARK"),
            AlterTableAction::DropDistribution => f.write_str("DROP DISTRIBUTION"),
            AlterTableAction::RenameTable(name) => write!(f, "RENAME TO {name}"),
            AlterTableAction::RenameColumn { from, to } => write!(f, "RENAME {from} TO {to}"),
            AlterTableAction::SetOptions(options) => write!(f, "SET ({})", List(options)),
            AlterTableAction::ResetOptions(keys) => write!(f, "RESET ({})", List(keys)),
            AlterTableAction::SetLightningMode(mode) => write!(f, "SET LIGHTNING MODE ({mode})"),
        }
    }
}

impl Display for SchemaChange {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let columns = self.columns.iter().map(ToString::to_string);
        let watermark = self.watermark.iter().map(ToString::to_string);
        let constraints = self.constraints.iter().map(ToString::to_string);
        let distribution =
            self.distribution.iter().map(|distribution| format!("DISTRIBUTION{}", DistributionBody(distribution)));
        let elements: Vec<String> = columns.chain(watermark).chain(constraints).chain(distribution).collect();
        write!(f, "({})", elements.join(", "))
    }
}

impl Display for ColumnChange {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for part in &self.parent {
            write!(f, "{part}.")?;
        }
        self.column.fmt(f)?;
        optional(f, "", self.position.as_ref())
    }
}

impl Display for ColumnPosition {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            ColumnPosition::First => f.write_str("FIRST"),
            ColumnPosition::After(column) => write!(f, "AFTER {column}"),
        }
    }
}
