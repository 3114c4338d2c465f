//! FROM: tables, sub-queries, window functions and joins.

use nutkin_sql::ast::{Join, JoinKind, TableRef, TableRefKind};

use super::{query, renamed, table, temporal_join, window_function};
use crate::analyze::Analyzer;
use crate::analyze::scope::Relation;
use crate::error::{PlannerError, Result};

/// The relation of a table reference, under its alias.
pub(super) fn from(analyzer: &Analyzer<'_>, reference: &TableRef) -> Result<Relation> {
    let relation = match &reference.kind {
        TableRefKind::Table { name, hints, system_time } => {
            if system_time.is_some() {
                return Err(PlannerError::not_built("FOR SYSTEM_TIME AS OF outside of a temporal join")
                    .at(reference.span)
                    .with_remedy(
                        "Write it on the right side of JOIN or LEFT JOIN, with a time column of the left side.",
                    ));
            }
            table::named(analyzer, name, hints)?
        }
        TableRefKind::Derived { lateral: false, query: nested } => {
            let mut relation = query(analyzer, nested)?;
            relation.scope.tables[0].name = None;
            relation
        }
        TableRefKind::Derived { lateral: true, .. } => {
            return Err(PlannerError::not_built("A LATERAL sub-query").at(reference.span));
        }
        TableRefKind::Function { lateral, call } => window_function::window_function(analyzer, call, *lateral)?,
        TableRefKind::Unnest { .. } => return Err(PlannerError::not_built("UNNEST").at(reference.span)),
        TableRefKind::MatchRecognize { .. } => {
            return Err(PlannerError::not_built("MATCH_RECOGNIZE").at(reference.span));
        }
        TableRefKind::Join(written) => join(analyzer, written)?,
    };
    aliased(relation, reference)
}

/// The relation under the alias written after it.
pub(super) fn aliased(relation: Relation, reference: &TableRef) -> Result<Relation> {
    let Some(alias) = &reference.alias else { return Ok(relation) };
    let scope = relation.scope.renamed(alias.name.value.clone(), &alias.columns)?;
    Ok(Relation { rel: renamed(relation.rel, &scope), scope })
}

fn join(analyzer: &Analyzer<'_>, join: &Join) -> Result<Relation> {
    if let TableRefKind::Table { system_time: Some(time), .. } = &join.right.kind {
        return temporal_join::temporal_join(analyzer, join, time);
    }
    let what = match (&join.right.kind, join.kind) {
        (TableRefKind::Unnest { .. }, _) => "UNNEST",
        (TableRefKind::Function { .. }, _) => "A join with a table function",
        (TableRefKind::Derived { lateral: true, .. }, _) => "A LATERAL join",
        (_, _) if join.natural => "NATURAL JOIN",
        (_, JoinKind::Inner) => "A regular, interval or window join (INNER JOIN)",
        (_, JoinKind::Left) => "A regular, interval or window join (LEFT JOIN)",
        (_, JoinKind::Right) => "A regular, interval or window join (RIGHT JOIN)",
        (_, JoinKind::Full) => "A regular, interval or window join (FULL JOIN)",
        (_, JoinKind::Cross | JoinKind::Comma) => "CROSS JOIN",
    };
    Err(PlannerError::not_built(what)
        .at(join.span)
        .with_remedy("Built so far: event-time temporal joins, JOIN t FOR SYSTEM_TIME AS OF l.`$rowtime`."))
}
