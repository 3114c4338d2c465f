//! EXPLAIN (spec D-23).

use nutkin_sql::ast::{Explain, Statement};

use super::{ctas, dispatch};
use crate::analyze::Analyzer;
use crate::analyzed::{Action, Execution};
use crate::error::{ErrorKind, PlannerError, Result};

pub(super) fn explain(analyzer: &Analyzer<'_>, written: &Explain) -> Result<Action> {
    if let Some(detail) = written.details.first() {
        return Err(PlannerError::not_built(format!("EXPLAIN {detail:?}"))
            .at(written.span)
            .with_remedy("Write EXPLAIN alone: it shows keys and changelog modes."));
    }
    let execution = of_statement(analyzer, &written.statement).map_err(|error| error.at(written.span))?;
    let warnings = analyzer.warnings();
    let text = crate::explain::explain(&execution.plan, &warnings);
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
        _ => Err(unplanned()),
    }
}

fn unplanned() -> PlannerError {
    PlannerError::new(ErrorKind::Query, "EXPLAIN takes a query, an INSERT, a statement set or CREATE TABLE AS")
}
