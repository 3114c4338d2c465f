//! Statements, and the small ones themselves.

use super::materialized_table::PartitionSpec;
use super::{List, optional_list, word};
use crate::ast::{
    Describe, DropObject, Explain, ExplainDetail, Insert, ObjectKind, Reset, Set, Statement, StatementSet, Use,
};
use std::fmt::{self, Display, Formatter};

impl Display for Statement {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let node: &dyn Display = match self {
            Statement::Query(node) => node,
            Statement::Insert(node) => node,
            Statement::StatementSet(node) => node,
            Statement::CreateTable(node) => node,
            Statement::AlterTable(node) => node,
            Statement::Drop(node) => node,
            Statement::CreateView(node) => node,
            Statement::AlterView(node) => node,
            Statement::CreateFunction(node) => node,
            Statement::CreateModel(node) => node,
            Statement::AlterModel(node) => node,
            Statement::CreateConnection(node) => node,
            Statement::AlterConnection(node) => node,
            Statement::CreateMaterializedTable(node) => node,
            Statement::AlterMaterializedTable(node) => node,
            Statement::CreateAgent(node) => node,
            Statement::AlterAgent(node) => node,
            Statement::CreateTool(node) => node,
            Statement::CreateNamespace(node) => node,
            Statement::AlterNamespace(node) => node,
            Statement::Show(node) => node,
            Statement::Describe(node) => node,
            Statement::Explain(node) => node,
            Statement::Use(node) => node,
            Statement::Set(node) => node,
            Statement::Reset(node) => node,
        };
        node.fmt(f)
    }
}

impl Display for Insert {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let into = if self.overwrite { "OVERWRITE" } else { "INTO" };
        write!(f, "INSERT {into} {}", self.table)?;
        if !self.hints.is_empty() {
            write!(f, " /*+ {} */", List(&self.hints))?;
        }
        if !self.partitions.is_empty() {
            write!(f, " PARTITION {}", PartitionSpec(&self.partitions))?;
        }
        optional_list(f, "", &self.columns)?;
        write!(f, " {}", self.query)
    }
}

impl Display for StatementSet {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("EXECUTE STATEMENT SET BEGIN")?;
        for insert in &self.inserts {
            write!(f, " {insert};")?;
        }
        f.write_str(" END")
    }
}

impl Display for DropObject {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("DROP ")?;
        word(f, self.temporary, "TEMPORARY")?;
        write!(f, "{} ", self.kind.keyword())?;
        word(f, self.if_exists, "IF EXISTS")?;
        self.name.fmt(f)
    }
}

impl Display for Describe {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("DESCRIBE ")?;
        if self.kind != ObjectKind::Table {
            write!(f, "{} ", self.kind.keyword())?;
        }
        word(f, self.extended, "EXTENDED")?;
        self.name.fmt(f)
    }
}

impl Display for Explain {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("EXPLAIN ")?;
        if !self.details.is_empty() {
            write!(f, "{} ", List(&self.details))?;
        }
        self.statement.fmt(f)
    }
}

impl Display for ExplainDetail {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ExplainDetail::EstimatedCost => "ESTIMATED_COST",
            ExplainDetail::ChangelogMode => "CHANGELOG_MODE",
            ExplainDetail::JsonExecutionPlan => "JSON_EXECUTION_PLAN",
            ExplainDetail::PlanAdvice => "PLAN_ADVICE",
        })
    }
}

impl Display for Use {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("USE ")?;
        word(f, self.catalog, "CATALOG")?;
        self.name.fmt(f)
    }
}

impl Display for Set {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("SET")?;
        match &self.entry {
            Some((key, value)) => write!(f, " {key} = {value}"),
            None => Ok(()),
        }
    }
}

impl Display for Reset {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("RESET")?;
        match &self.key {
            Some(key) => write!(f, " {key}"),
            None => Ok(()),
        }
    }
}
