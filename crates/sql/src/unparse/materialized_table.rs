//! Materialized tables.

use super::{List, optional, optional_list, word};
use crate::ast::{
    AlterMaterializedTable, AlterMaterializedTableAction, CreateMaterializedTable, Expr, Ident, RefreshMode, StartMode,
};
use std::fmt::{self, Display, Formatter};

impl Display for CreateMaterializedTable {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("CREATE ")?;
        word(f, self.or_alter, "OR ALTER")?;
        f.write_str("MATERIALIZED TABLE ")?;
        word(f, self.if_not_exists, "IF NOT EXISTS")?;
        write!(f, "{}{}", self.name, self.schema)?;
        optional(f, "COMMENT ", self.comment.as_ref())?;
        optional(f, "", self.distribution.as_ref())?;
        optional_list(f, "PARTITIONED BY ", &self.partitioned_by)?;
        optional_list(f, "WITH ", &self.options)?;
        optional(f, "START_MODE = ", self.start_mode.as_ref())?;
        optional(f, "FRESHNESS = ", self.freshness.as_ref())?;
        optional(f, "REFRESH_MODE = ", self.refresh_mode.as_ref())?;
        write!(f, " AS {}", self.query)
    }
}

impl Display for StartMode {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            StartMode::FromBeginning => f.write_str("FROM_BEGINNING"),
            StartMode::FromNow(interval) => with_argument(f, "FROM_NOW", interval.as_ref()),
            StartMode::FromTimestamp(time) => write!(f, "FROM_TIMESTAMP({time})"),
            StartMode::ResumeOrFromBeginning => f.write_str("RESUME_OR_FROM_BEGINNING"),
            StartMode::ResumeOrFromNow(interval) => with_argument(f, "RESUME_OR_FROM_NOW", interval.as_ref()),
            StartMode::ResumeOrFromTimestamp(time) => {
                write!(f, "RESUME_OR_FROM_TIMESTAMP({time})")
            }
        }
    }
}

fn with_argument(f: &mut Formatter<'_>, name: &str, argument: Option<&Expr>) -> fmt::Result {
    match argument {
        Some(argument) => write!(f, "{name}({argument})"),
        None => f.write_str(name),
    }
}

impl Display for RefreshMode {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            RefreshMode::Continuous => "CONTINUOUS",
            RefreshMode::Full => "FULL",
        })
    }
}

impl Display for AlterMaterializedTable {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("ALTER MATERIALIZED TABLE ")?;
        word(f, self.if_exists, "IF EXISTS")?;
        write!(f, "{} {}", self.name, self.action)
    }
}

impl Display for AlterMaterializedTableAction {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            AlterMaterializedTableAction::Table(action) => action.fmt(f),
            AlterMaterializedTableAction::As { start_mode: Some(mode), query } => {
                write!(f, "START_MODE = {mode} AS {query}")
            }
            AlterMaterializedTableAction::As { start_mode: None, query } => write!(f, "AS {query}"),
            AlterMaterializedTableAction::Suspend => f.write_str("SUSPEND"),
            AlterMaterializedTableAction::Resume(options) if options.is_empty() => f.write_str("RESUME"),
            AlterMaterializedTableAction::Resume(options) => {
                write!(f, "RESUME WITH ({})", List(options))
            }
            AlterMaterializedTableAction::Refresh(spec) if spec.is_empty() => f.write_str("REFRESH"),
            AlterMaterializedTableAction::Refresh(spec) => {
                write!(f, "REFRESH PARTITION {}", PartitionSpec(spec))
            }
        }
    }
}

/// `(k = v, …)`
pub(super) struct PartitionSpec<'a>(pub(super) &'a [(Ident, Expr)]);

impl Display for PartitionSpec<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let entries: Vec<String> = self.0.iter().map(|(key, value)| format!("{key} = {value}")).collect();
        write!(f, "({})", entries.join(", "))
    }
}
