//! LIMIT and OFFSET.

use nutkin_sql::ast::Expr as Ast;

use crate::analyze::Analyzer;
use crate::analyze::expression::{Context, expression, literal_number};
use crate::analyze::scope::Scope;
use crate::error::{ErrorKind, PlannerError, Result};

/// Offset and number of rows; None when neither is written.
pub(super) fn bounds(analyzer: &Analyzer<'_>, fetch: Option<&Ast>, offset: Option<&Ast>) -> Result<Option<(u64, u64)>> {
    if fetch.is_none() && offset.is_none() {
        return Ok(None);
    }
    let offset = offset.map_or(Ok(0), |written| number(analyzer, written, "OFFSET"))?;
    let fetch = fetch.map_or(Ok(u64::MAX), |written| number(analyzer, written, "LIMIT"))?;
    Ok(Some((offset, fetch)))
}

fn number(analyzer: &Analyzer<'_>, written: &Ast, clause: &'static str) -> Result<u64> {
    let scope = Scope::default();
    let value = expression(&Context::new(analyzer, &scope, clause), written)?;
    literal_number(&value).ok_or_else(|| {
        PlannerError::new(ErrorKind::Query, format!("{clause} must be a whole number that is not negative"))
            .at(written.span)
    })
}
