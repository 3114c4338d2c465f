//! `SELECT /*+ STATE_TTL('t' = '6h') */`: how long the aggregation of this query block keeps state.

use nutkin_sql::ast::{Hint, HintArgs};

use crate::analyze::scope::Scope;
use crate::error::{ErrorKind, PlannerError, Result};
use crate::relational::{Rel, RelOp};
use crate::session::duration::parse_milliseconds;

/// Every entry of STATE_TTL: table and milliseconds. Mistakes are found by [`state_ttl`].
pub(super) fn of_tables(hints: &[Hint]) -> Result<Vec<(String, i64)>> {
    let Some(hint) = hints.first() else { return Ok(Vec::new()) };
    match &hint.args {
        HintArgs::Options(entries) if hint.name.value.eq_ignore_ascii_case("STATE_TTL") => {
            let entry = |entry: &nutkin_sql::ast::OptionEntry| {
                Some((entry.key.value.clone(), parse_milliseconds(&entry.value.value).ok()?))
            };
            Ok(entries.iter().filter_map(entry).collect())
        }
        _ => Ok(Vec::new()),
    }
}

/// Milliseconds written for the tables of `scope`; None without a hint. `has_state`: the block has a regular aggregation.
pub(super) fn state_ttl(hints: &[Hint], scope: &Scope, has_state: bool, rel: &Rel) -> Result<Option<i64>> {
    let Some(hint) = hints.first() else { return Ok(None) };
    let entries = match &hint.args {
        HintArgs::Options(entries) if hint.name.value.eq_ignore_ascii_case("STATE_TTL") => entries,
        _ => return Err(PlannerError::not_built(format!("The hint {}", hint.name.value)).at(hint.span)),
    };
    if !has_state && !matches!(below_calcs(rel).op, RelOp::Join(_)) {
        return Err(PlannerError::not_built("STATE_TTL in a query block without a regular aggregation or join")
            .at(hint.span)
            .with_remedy("Set the statement property 'sql.state-ttl' instead."));
    }
    let mut ttl = None;
    for entry in entries {
        let name = &entry.key.value;
        if !scope.tables.iter().any(|table| table.name.as_deref() == Some(name)) {
            let cause = format!(
                "The options of the hint STATE_TTL cannot match the name of any input table or alias: '{name}'"
            );
            return Err(PlannerError::new(ErrorKind::Property, cause)
                .at(entry.span)
                .with_remedy("A table that has an alias is named by it."));
        }
        let millis = parse_milliseconds(&entry.value.value).map_err(|problem| {
            PlannerError::new(ErrorKind::Property, format!("Bad value of the hint STATE_TTL: {problem}")).at(entry.span)
        })?;
        // The last entry of a table wins.
        ttl = Some(millis);
    }
    Ok(ttl)
}

fn below_calcs(rel: &Rel) -> &Rel {
    match &rel.op {
        RelOp::Calc(calc) => below_calcs(&calc.input),
        _ => rel,
    }
}
