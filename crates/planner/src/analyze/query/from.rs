//! FROM: tables, sub-queries, window functions and joins.

use nutkin_sql::ast::{Query, QueryBody, TableRef, TableRefKind};

use super::{join, match_recognize, nested, renamed, table, unnest, window_function};
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
        TableRefKind::Derived { lateral: false, query: written } => {
            let mut relation = nested(analyzer, written)?;
            relation.scope.tables[0].name = None;
            relation
        }
        TableRefKind::Derived { lateral: true, query: written } => {
            let mut relation = nested(analyzer, written)?;
            relation.scope.tables[0].name = None;
            relation
        }
        TableRefKind::Function { lateral, call } => window_function::window_function(analyzer, call, *lateral)?,
        TableRefKind::Unnest { exprs, with_ordinality } => {
            let call = unnest::Call { exprs, with_ordinality: *with_ordinality, reference };
            return unnest::alone(analyzer, &call);
        }
        TableRefKind::MatchRecognize { input, pattern } => match_recognize::match_recognize(analyzer, input, pattern)?,
        TableRefKind::Join(written) => join::join(analyzer, written)?,
    };
    aliased(relation, reference)
}

/// The relation under the alias written after it.
pub(super) fn aliased(relation: Relation, reference: &TableRef) -> Result<Relation> {
    let Some(alias) = &reference.alias else { return Ok(relation) };
    // The only column of VALUES or UNNEST takes the alias as its name too.
    let takes_alias = alias.columns.is_empty() && has_values(&reference.kind) && relation.scope.visible().count() == 1;
    let columns = if takes_alias { std::slice::from_ref(&alias.name) } else { alias.columns.as_slice() };
    let scope = relation.scope.renamed(alias.name.value.clone(), columns)?;
    Ok(Relation { rel: renamed(relation.rel, &scope), scope })
}

fn has_values(kind: &TableRefKind) -> bool {
    match kind {
        TableRefKind::Unnest { .. } => true,
        TableRefKind::Derived { query, .. } => is_values(query),
        _ => false,
    }
}

fn is_values(query: &Query) -> bool {
    let plain = query.with.is_none() && query.order_by.is_empty() && query.limit.is_none() && query.offset.is_none();
    plain
        && match &query.body {
            QueryBody::Values(_) => true,
            QueryBody::Nested(inner) => is_values(inner),
            _ => false,
        }
}
