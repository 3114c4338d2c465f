//! EXECUTE STATEMENT SET: several INSERTs in one plan (spec D-22).

use std::sync::Arc;

use nutkin_plan::Table;
use nutkin_sql::ast::StatementSet;
use nutkin_types::Schema;

use super::{execution, insert};
use crate::analyze::Analyzer;
use crate::analyzed::Action;
use crate::error::Result;
use crate::physical::Target;
use crate::relational::Rel;

pub(super) fn statement_set(analyzer: &Analyzer<'_>, written: &StatementSet) -> Result<Action> {
    let parts: Vec<(Rel, Arc<Table>)> =
        written.inserts.iter().map(|part| insert::insertion(analyzer, part)).collect::<Result<_>>()?;
    let sinks = parts.iter().map(|(rel, table)| (rel.clone(), Target::Table(table))).collect();
    let execution = execution::execution(analyzer, sinks, Schema::new([])).map_err(|error| error.at(written.span))?;
    Ok(Action::Run(execution))
}
