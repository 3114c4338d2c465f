//! Joins in FROM: regular ones, with LATERAL sub-queries, UNNEST and tables of another time (spec ).

use nutkin_plan::Expr;
use nutkin_plan::operators::JoinKind as Kind;
use nutkin_sql::ast::{Ident, Join, JoinCondition, JoinKind, TableRefKind};

use super::decorrelate;
use super::{from, split_and, temporal_and as and, temporal_join, unnest};
use crate::analyze::Analyzer;
use crate::analyze::expression::{Context, condition, implicit_cast, types};
use crate::analyze::scope::{Relation, Scope, ScopeColumn};
use crate::error::{ErrorKind, PlannerError, Result};
use crate::relational::{Join as RelJoin, Rel, identity};

pub(super) fn join(analyzer: &Analyzer<'_>, written: &Join) -> Result<Relation> {
    if let TableRefKind::Table { system_time: Some(time), .. } = &written.right.kind {
        return temporal_join::temporal_join(analyzer, written, time);
    }
    let left = from::from(analyzer, &written.left)?;
    match &written.right.kind {
        TableRefKind::Unnest { exprs, with_ordinality } => {
            let call = unnest::Call { exprs, with_ordinality: *with_ordinality, reference: &written.right };
            unnest::joined(analyzer, left, call, written)
        }
        TableRefKind::Derived { lateral: true, query } => lateral(analyzer, left, query, written),
        _ => {
            let right = from::from(analyzer, &written.right)?;
            regular(analyzer, left, right, written)
        }
    }
}

fn kind(written: &Join) -> Kind {
    match written.kind {
        JoinKind::Inner | JoinKind::Cross | JoinKind::Comma => Kind::Inner,
        JoinKind::Left => Kind::Left,
        JoinKind::Right => Kind::Right,
        JoinKind::Full => Kind::Full,
    }
}

fn regular(analyzer: &Analyzer<'_>, left: Relation, right: Relation, written: &Join) -> Result<Relation> {
    let kind = kind(written);
    let before = left.scope.clone().join(right.scope.clone());
    let (condition, common) = on(analyzer, written, &left, &right, &before)?;
    let ttl = |side: &Scope| match side.tables.as_slice() {
        [table] => {
            analyzer.state_ttl.iter().rev().find(|(name, _)| table.name.as_ref() == Some(name)).map(|(_, ttl)| *ttl)
        }
        _ => None,
    };
    let (left_ttl, right_ttl) = (ttl(&left.scope), ttl(&right.scope));
    let rel = Rel::join(RelJoin {
        is_written: true,
        left_ttl,
        right_ttl,
        ..RelJoin::new(left.rel, right.rel, kind, condition)
    });
    let scope = filled(before, left.scope.columns.len(), kind);
    match common {
        None => Ok(Relation { rel, scope }),
        Some(common) => merged(rel, scope, &common, kind).map_err(|error| error.at(written.span)),
    }
}

/// The scope after the join: columns of a side without a match may be NULL.
fn filled(mut scope: Scope, left_width: usize, kind: Kind) -> Scope {
    for (place, column) in scope.columns.iter_mut().enumerate() {
        let fills = if place < left_width { kind.fills_left() } else { kind.fills_right() };
        column.data_type.nullable |= fills;
    }
    scope
}

/// The table of a column that no table has alone.
const NO_TABLE: usize = usize::MAX / 2;

/// Pairs of columns of equal name, left and right.
pub(super) type Common = Vec<(usize, usize)>;

pub(super) fn on(
    analyzer: &Analyzer<'_>,
    written: &Join,
    left: &Relation,
    right: &Relation,
    scope: &Scope,
) -> Result<(Option<Expr>, Option<Common>)> {
    let names = match (&written.condition, written.natural) {
        (Some(JoinCondition::On(on)), _) => {
            let context = Context::new(analyzer, scope, "ON");
            return Ok((Some(condition(&context, on)?), None));
        }
        (Some(JoinCondition::Using(columns)), _) => columns.clone(),
        (None, true) => {
            let of_right: Vec<&str> = right.scope.visible().map(|i| right.scope.columns[i].name.as_str()).collect();
            let of_left = left.scope.visible().map(|i| left.scope.columns[i].name.clone());
            of_left.filter(|name| of_right.contains(&name.as_str())).map(Ident::new).collect()
        }
        (None, false) => return Ok((None, None)),
    };
    let mut common = Vec::with_capacity(names.len());
    let mut conditions = Vec::with_capacity(names.len());
    let width = left.scope.columns.len();
    for name in &names {
        let find = |scope: &Scope| {
            scope.columns.iter().position(|column| !column.merged && column.name == name.value).ok_or_else(|| {
                PlannerError::new(ErrorKind::NotFound, format!("Column '{}' not found in any table", name.value))
                    .at(name.span)
            })
        };
        let (l, r) = (find(&left.scope)?, find(&right.scope)?);
        let (a, b) = (scope.input(l), scope.input(width + r));
        let shared = types::union_type(&a.data_type, &b.data_type).ok_or_else(|| {
            let cause = format!("Column '{}' matched using NATURAL keyword or USING clause has incompatible types: cannot compare '{}' to '{}'", name.value, a.data_type, b.data_type);
            PlannerError::new(ErrorKind::Type, cause)
        })?;
        let context = Context::new(analyzer, scope, "USING");
        conditions.push(context.call("=", vec![implicit_cast(a, &shared), implicit_cast(b, &shared)])?);
        common.push((l, r + width));
    }
    Ok((and(conditions), Some(common)))
}

/// Common columns once and first, as USING and NATURAL have it.
pub(super) fn merged(rel: Rel, scope: Scope, common: &Common, kind: Kind) -> Result<Relation> {
    if kind == Kind::Full {
        return of_either(rel, scope, common);
    }
    let mut order: Vec<usize> = Vec::with_capacity(scope.columns.len());
    let mut gone: Vec<usize> = Vec::with_capacity(common.len());
    for &(left, right) in common {
        let (kept, dropped) = match kind {
            Kind::Right => (right, left),
            _ => (left, right),
        };
        order.push(kept);
        gone.push(dropped);
    }
    let firsts = order.clone();
    order.extend((0..scope.columns.len()).filter(|column| !firsts.contains(column)));
    let all = identity(&rel.schema);
    let projection = order.iter().map(|&i| all[i].clone()).collect();
    let names = order.iter().map(|&i| rel.schema.columns[i].name.clone()).collect();
    let columns = order.iter().map(|&i| {
        let mut column = scope.columns[i].clone();
        column.merged = gone.contains(&i);
        column.hidden |= column.merged;
        column
    });
    let scope = Scope { columns: columns.collect(), tables: scope.tables };
    Ok(Relation { rel: rel.project(projection, names), scope })
}

/// Of FULL JOIN a common column is that of the side that has a row; both sides' own are found by their full names.
fn of_either(rel: Rel, scope: Scope, common: &Common) -> Result<Relation> {
    let all = identity(&rel.schema);
    let mut projection = Vec::with_capacity(all.len() + common.len());
    let mut names = Vec::with_capacity(all.len() + common.len());
    let mut columns = Vec::with_capacity(all.len() + common.len());
    for &(left, right) in common {
        let value = nutkin_functions::resolve::call("COALESCE", vec![all[left].clone(), all[right].clone()])
            .map_err(|error| PlannerError::new(ErrorKind::Type, error.to_string()))?;
        let name = scope.columns[left].name.clone();
        let data_type = value.data_type.clone();
        columns.push(ScopeColumn { name: name.clone(), table: NO_TABLE, data_type, hidden: false, merged: false });
        names.push(name);
        projection.push(value);
    }
    for (place, column) in scope.columns.iter().enumerate() {
        let is_common = common.iter().any(|&(left, right)| left == place || right == place);
        columns.push(ScopeColumn {
            hidden: column.hidden || is_common,
            merged: column.merged || is_common,
            ..column.clone()
        });
        names.push(rel.schema.columns[place].name.clone());
        projection.push(all[place].clone());
    }
    let scope = Scope { columns, tables: scope.tables };
    Ok(Relation { rel: rel.project(projection, names), scope })
}

/// `LATERAL (query)`: the query sees the tables to its left.
fn lateral(
    analyzer: &Analyzer<'_>,
    left: Relation,
    query: &nutkin_sql::ast::Query,
    written: &Join,
) -> Result<Relation> {
    let kind = kind(written);
    if !matches!(kind, Kind::Inner | Kind::Left) {
        return Err(PlannerError::new(
            ErrorKind::Query,
            "LATERAL is not allowed on the right side of RIGHT or FULL JOIN",
        )
        .at(written.span));
    }
    let mut inner = analyzer.clone();
    inner.outer.push(left.scope.clone());
    let mut right = super::nested(&inner, query)?;
    right.scope.tables[0].name = None;
    let right = from::aliased(right, &written.right)?;
    let width = left.rel.schema.len();
    let decorrelate::Pulled { rel: inner, conditions, .. } = decorrelate::pull(right.rel.clone())?;
    let visible = right.scope.columns.len();
    let before = left.scope.clone().join(right.scope.clone());
    if left.scope.columns.len() != width {
        return Err(PlannerError::new(ErrorKind::Internal, "a lateral join over hidden columns"));
    }
    let (own, _) = on(analyzer, written, &left, &right, &before)?;
    let conditions = conditions.into_iter().map(|condition| decorrelate::joined(condition, width));
    let all = conditions.chain(own.into_iter().flat_map(split_and)).collect();
    let joined = Rel::join(RelJoin::new(left.rel, inner, kind, and(all)));
    let kept = width + visible;
    let names = joined.schema.columns.iter().take(kept).map(|column| column.name.clone()).collect();
    let projection = identity(&joined.schema).into_iter().take(kept).collect();
    Ok(Relation { rel: joined.project(projection, names), scope: filled(before, width, kind) })
}
