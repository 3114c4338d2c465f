//! SELECT, VALUES and set operations in the foreground.

use nutkin_sql::ast::Query;

use super::execution;
use crate::analyze::Analyzer;
use crate::analyze::query::query as relation;
use crate::analyzed::Action;
use crate::error::Result;
use crate::physical::Target;

pub(super) fn query(analyzer: &Analyzer<'_>, written: &Query) -> Result<Action> {
    let relation = relation(analyzer, written)?;
    let schema = relation.rel.schema.clone();
    let execution = execution::execution(analyzer, vec![(relation.rel, Target::Collect)], schema)?;
    Ok(Action::Run(execution))
}
