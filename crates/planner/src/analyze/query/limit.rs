//! LIMIT and OFFSET without ORDER BY.

use nutkin_sql::ast::Expr as Ast;

use crate::analyze::Analyzer;
use crate::analyze::expression::{Context, expression, literal_number};
use crate::analyze::scope::{Relation, Scope};
use crate::error::{ErrorKind, PlannerError, Result};
use crate::relational::{Limit, Rel};

pub(super) fn limit(
    analyzer: &Analyzer<'_>,
    relation: Relation,
    fetch: Option<&Ast>,
    offset: Option<&Ast>,
) -> Result<Relation> {
    if fetch.is_none() && offset.is_none() {
        return Ok(relation);
    }
    let offset = offset.map_or(Ok(0), |written| number(analyzer, written, "OFFSET"))?;
    let fetch = fetch.map_or(Ok(u64::MAX), |written| number(analyzer, written, "LIMIT"))?;
    let Relation { rel, scope } = relation;
    let schema = rel.schema.clone();
    Ok(Relation { rel: Rel::new(Limit { input: Box::new(rel), offset, fetch }, schema), scope })
}

fn number(analyzer: &Analyzer<'_>, written: &Ast, clause: &'static str) -> Result<u64> {
    let scope = Scope::default();
    let value = expression(&Context::new(analyzer, &scope, clause), written)?;
    literal_number(&value).ok_or_else(|| {
        PlannerError::new(ErrorKind::Query, format!("{clause} must be a whole number that is not negative"))
            .at(written.span)
    })
}
