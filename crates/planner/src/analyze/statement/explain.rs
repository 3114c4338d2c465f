//! EXPLAIN (spec D-23).

use nutkin_sql::ast::{Explain, ExplainDetail, Statement};

use super::{ctas, dispatch};
use crate::analyze::Analyzer;
use crate::analyzed::{Action, Execution};
use crate::error::{ErrorKind, PlannerError, Result};
use crate::explain::estimate::estimate;

pub(super) fn explain(analyzer: &Analyzer<'_>, written: &Explain) -> Result<Action> {
    let execution = of_statement(analyzer, &written.statement).map_err(|error| error.at(written.span))?;
    let (plan, warnings) = (&execution.plan, analyzer.warnings());
    // Changelog modes and advice are part of every plan's text.
    let has = |detail: ExplainDetail| written.details.contains(&detail);
    let estimates = || estimate(plan, |path| analyzer.tables.statistics(path));
    if has(ExplainDetail::JsonExecutionPlan) {
        return crate::explain::explain_json(plan, &warnings, &estimates()).map(Action::Explain);
    }
    let mut text = crate::explain::explain(plan, &warnings);
    if has(ExplainDetail::EstimatedCost) {
        text.push_str(&crate::explain::estimated_cost(plan, &estimates()));
    }
    Ok(Action::Explain(text))
}

fn of_statement(analyzer: &Analyzer<'_>, statement: &Statement) -> Result<Execution> {
    match statement {
        Statement::CreateTable(written) => match &written.query {
            Some(query) => ctas::explained(analyzer, written, query),
            None => Err(unplanned()),
        },
        Statement::Query(_) | Statement::Insert(_) | Statement::StatementSet(_) => {
            match dispatch(analyzer, statement)? {
                Action::Run(execution) => Ok(execution),
                _ => Err(unplanned()),
            }
        }
        Statement::CreateMaterializedTable(_) => Err(super::refused::refused(statement)),
        _ => Err(unplanned()),
    }
}

fn unplanned() -> PlannerError {
    PlannerError::new(ErrorKind::Query, "EXPLAIN takes a query, an INSERT, a statement set or CREATE TABLE AS")
}
