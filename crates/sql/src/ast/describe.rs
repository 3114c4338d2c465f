//! DESCRIBE (D-16, D-17) and EXPLAIN (D-23).

use super::{ObjectKind, ObjectName, Statement};
use crate::span::Span;

/// `DESCRIBE | DESC [CATALOG | DATABASE | FUNCTION | MODEL | CONNECTION …] [EXTENDED] name`
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Describe {
    /// What is described; `DESCRIBE t` is a table (or a view).
    pub kind: ObjectKind,
    /// EXTENDED.
    pub extended: bool,
    /// Its name.
    pub name: ObjectName,
    /// The whole statement.
    pub span: Span,
}

/// `EXPLAIN [PLAN FOR | details] statement`
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Explain {
    /// Extra parts of the plan, comma separated.
    pub details: Vec<ExplainDetail>,
    /// A query, INSERT, statement set or CTAS.
    pub statement: Box<Statement>,
    /// The whole statement.
    pub span: Span,
}

/// Extra parts of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ExplainDetail {
    /// `ESTIMATED_COST`
    EstimatedCost,
    /// `CHANGELOG_MODE`
    ChangelogMode,
    /// `JSON_EXECUTION_PLAN`
    JsonExecutionPlan,
    /// `PLAN_ADVICE`
    PlanAdvice,
}
