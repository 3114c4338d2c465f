//! `l [LEFT] JOIN t FOR SYSTEM_TIME AS OF l.time ON ...` (spec Q-08, S002-080).

use nutkin_plan::operators::{JoinKind as Kind, TemporalJoinKind};
use nutkin_plan::{Expr, ExprKind};
use nutkin_sql::ast::{self, Join, JoinKind, TableRefKind};
use nutkin_types::{Column, Schema, TimeAttribute};

use super::join::{Common, merged, on};
use super::{from, lookup_join, table};
use crate::analyze::Analyzer;
use crate::analyze::expression::{Context, expression};
use crate::analyze::scope::Relation;
use crate::error::{ErrorKind, PlannerError, Result};
use crate::relational::keys::upsert_keys;
use crate::relational::{Rel, TemporalJoin, identity};

pub(super) fn temporal_join(analyzer: &Analyzer<'_>, join: &Join, time: &ast::Expr) -> Result<Relation> {
    let kind = match join.kind {
        JoinKind::Inner => TemporalJoinKind::Inner,
        JoinKind::Left => TemporalJoinKind::Left,
        other => {
            let cause =
                format!("Temporal table join currently only supports INNER JOIN and LEFT JOIN, but was {other:?} JOIN");
            return Err(PlannerError::new(ErrorKind::Query, cause).at(join.span));
        }
    };
    let left = from::from(analyzer, &join.left)?;
    let right = right_side(analyzer, &join.right)?;
    let left_time = left_time(analyzer, &left, time)?;
    if left.rel.column(left_time).and_then(|column| column.time_attribute) == Some(TimeAttribute::Proctime) {
        let (conjuncts, common) = conjuncts(analyzer, join, &left, &right)?;
        let joined = lookup_join::lookup_join(left, right, kind, conjuncts).map_err(|error| error.at(join.span))?;
        return with_common(joined, common);
    }
    let right_time = right_time(&right).map_err(|error| error.at(join.right.span))?;
    let mut scope = left.scope.clone().join(right.scope.clone());
    if kind == TemporalJoinKind::Left {
        for column in scope.columns.iter_mut().skip(left.scope.columns.len()) {
            column.data_type.nullable = true;
        }
    }
    let (conjuncts, common) = conjuncts(analyzer, join, &left, &right)?;
    let sides = Sides::split(conjuncts, left.scope.columns.len());
    check_primary_key(&right, &sides).map_err(|error| error.at(join.span))?;
    let rel = build(left.rel, right.rel, kind, (left_time, right_time), sides);
    with_common(Relation { rel, scope }, common)
}

fn right_side(analyzer: &Analyzer<'_>, reference: &ast::TableRef) -> Result<Relation> {
    match &reference.kind {
        TableRefKind::Table { name, hints, .. } => from::aliased(table::named(analyzer, name, hints)?, reference),
        _ => Err(PlannerError::new(ErrorKind::Query, "FOR SYSTEM_TIME AS OF needs a table").at(reference.span)),
    }
}

fn left_time(analyzer: &Analyzer<'_>, left: &Relation, time: &ast::Expr) -> Result<usize> {
    let found = expression(&Context::new(analyzer, &left.scope, "FOR SYSTEM_TIME AS OF"), time)?;
    match found.kind {
        ExprKind::Input(index) if left.rel.column(index).is_some_and(|c| c.time_attribute.is_some()) => Ok(index),
        _ => Err(PlannerError::new(
            ErrorKind::Query,
            format!(
                "Temporal table join currently only supports 'FOR SYSTEM_TIME AS OF' left table's time attribute field, but is of type {}",
                found.data_type
            ),
        )
        .at(time.span)
        .with_remedy("Use the left table's $rowtime, or its column with a WATERMARK, without an expression around it.")),
    }
}

fn right_time(right: &Relation) -> Result<usize> {
    if upsert_keys(&right.rel).is_empty() {
        return Err(PlannerError::new(
            ErrorKind::Query,
            "Temporal Table Join requires primary key in versioned table, but no primary key can be found.",
        )
        .with_remedy("Declare a PRIMARY KEY (...) NOT ENFORCED on the table on the right."));
    }
    right.rel.schema.columns.iter().position(Column::is_rowtime).ok_or_else(|| {
        PlannerError::new(
            ErrorKind::Query,
            "Event-Time Temporal Table Join requires both primary key and row time attribute in versioned table, but no row time attribute can be found.",
        )
        .with_remedy("Give the table on the right a WATERMARK.")
    })
}

/// Common columns once, where USING named them.
fn with_common(joined: Relation, common: Option<Common>) -> Result<Relation> {
    match common {
        None => Ok(joined),
        Some(common) => merged(joined.rel, joined.scope, &common, Kind::Left),
    }
}

/// The parts of the ON condition, or of USING with its columns, over left columns followed by right columns: as those are
/// before missing rows are filled with NULL.
fn conjuncts(
    analyzer: &Analyzer<'_>,
    join: &Join,
    left: &Relation,
    right: &Relation,
) -> Result<(Vec<Expr>, Option<Common>)> {
    let before = left.scope.clone().join(right.scope.clone());
    let (condition, common) = on(analyzer, join, left, right, &before)?;
    match condition {
        Some(condition) => Ok((split_and(condition), common)),
        None => Err(PlannerError::new(
            ErrorKind::Query,
            "Temporal join requires a condition that holds the primary key of the versioned table",
        )
        .at(join.span)),
    }
}

/// The parts of a conjunction.
pub(crate) fn split_and(expr: Expr) -> Vec<Expr> {
    match expr.kind {
        ExprKind::Call { function, args } if function == "AND" => args.into_iter().flat_map(split_and).collect(),
        _ => vec![expr],
    }
}

/// The condition taken apart: equal pairs of left and right expressions, and the rest.
pub(super) struct Sides {
    /// Each over its own side's columns.
    pub pairs: Vec<(Expr, Expr)>,
    /// Over left columns followed by right columns.
    pub rest: Vec<Expr>,
}

impl Sides {
    pub fn split(conjuncts: Vec<Expr>, left_width: usize) -> Sides {
        let mut sides = Sides { pairs: Vec::new(), rest: Vec::new() };
        for conjunct in conjuncts {
            match pair(&conjunct, left_width) {
                Some(found) => sides.pairs.push(found),
                None => sides.rest.push(conjunct),
            }
        }
        sides
    }
}

fn pair(conjunct: &Expr, left_width: usize) -> Option<(Expr, Expr)> {
    let ExprKind::Call { function, args } = &conjunct.kind else { return None };
    let [a, b] = args.as_slice() else { return None };
    if function != "=" || a.data_type.logical != b.data_type.logical {
        return None;
    }
    let is_left = |expr: &Expr| expr.inputs().last().is_some_and(|&last| last < left_width);
    let is_right = |expr: &Expr| expr.inputs().first().is_some_and(|&first| first >= left_width);
    let (left, right) = match (is_left(a), is_right(b), is_left(b), is_right(a)) {
        (true, true, _, _) => (a, b),
        (_, _, true, true) => (b, a),
        _ => return None,
    };
    let mut right = right.clone();
    right.map_inputs(&|index| index - left_width);
    Some((left.clone(), right))
}

/// The whole primary key must be compared; a widening cast around a key column is as good as the column.
fn check_primary_key(right: &Relation, sides: &Sides) -> Result<()> {
    let bare = |expr: &Expr| match &expr.kind {
        ExprKind::Input(index) => Some(*index),
        ExprKind::Cast { arg, .. } => match arg.kind {
            ExprKind::Input(index) => Some(index),
            _ => None,
        },
        _ => None,
    };
    let compared: Vec<usize> = sides.pairs.iter().filter_map(|(_, right)| bare(right)).collect();
    let keys = upsert_keys(&right.rel);
    if keys.iter().any(|key| key.iter().all(|column| compared.contains(column))) {
        return Ok(());
    }
    let name = |index: &usize| right.rel.column(*index).map_or("", |column| column.name.as_str()).to_owned();
    let key: Vec<String> = keys.first().into_iter().flatten().map(name).collect();
    let given: Vec<String> = compared.iter().map(name).collect();
    Err(PlannerError::new(
        ErrorKind::Query,
        format!(
            "Temporal table's primary key [{}] must be included in the equivalence condition of temporal join, but current temporal join condition is [{}].",
            key.join(", "),
            given.join(", ")
        ),
    ))
}

fn build(left: Rel, right: Rel, kind: TemporalJoinKind, (left_time, right_time): (usize, usize), sides: Sides) -> Rel {
    let (left_exprs, right_exprs): (Vec<Expr>, Vec<Expr>) = sides.pairs.into_iter().unzip();
    let (left_width, right_width) = (left.schema.len(), right.schema.len());
    let (left, left_keys) = with_keys(left, left_exprs);
    let (right, right_keys) = with_keys(right, right_exprs);
    let shift = left.schema.len() - left_width;
    let outer = kind == TemporalJoinKind::Left;
    let right_columns = right.schema.columns.iter().map(|column| Column {
        // The version's own time is an ordinary timestamp in the result.
        time_attribute: None,
        data_type: column.data_type.with_nullable(column.data_type.nullable || outer),
        name: column.name.clone(),
    });
    let schema = Schema::new(left.schema.columns.iter().cloned().chain(right_columns));
    let mut rest = sides.rest;
    for expr in &mut rest {
        expr.map_inputs(&|index| if index < left_width { index } else { index + shift });
    }
    let first_right = left.schema.len();
    let wanted: Vec<usize> = (0..left_width).chain(first_right..first_right + right_width).collect();
    let projection = wanted.iter().map(|&i| Expr::input(i, schema.columns[i].data_type.clone())).collect();
    let names = wanted.iter().map(|&i| schema.columns[i].name.clone()).collect();
    let condition = and(rest);
    let op = TemporalJoin {
        left: Box::new(left),
        right: Box::new(right),
        kind,
        left_keys,
        right_keys,
        left_time,
        right_time,
        condition,
    };
    Rel::new(op, schema).project(projection, names)
}

/// `rel` with a column for every key that is not a bare column, and the keys' positions.
fn with_keys(rel: Rel, exprs: Vec<Expr>) -> (Rel, Vec<usize>) {
    let mut projection = identity(&rel.schema);
    let mut names: Vec<String> = rel.schema.columns.iter().map(|column| column.name.clone()).collect();
    let mut keys = Vec::with_capacity(exprs.len());
    for expr in exprs {
        match expr.kind {
            ExprKind::Input(index) => keys.push(index),
            _ => {
                keys.push(projection.len());
                names.push(format!("$f{}", projection.len()));
                projection.push(expr);
            }
        }
    }
    if projection.len() == rel.schema.len() { (rel, keys) } else { (rel.project(projection, names), keys) }
}

/// The conjunction of `parts`.
pub(crate) fn and(mut parts: Vec<Expr>) -> Option<Expr> {
    match parts.len() {
        0 => None,
        1 => parts.pop(),
        _ => {
            let nullable = parts.iter().any(|part| part.data_type.nullable);
            let data_type = nutkin_types::DataType::new(nutkin_types::LogicalType::Boolean, nullable);
            Some(Expr::call("AND", parts, data_type))
        }
    }
}
