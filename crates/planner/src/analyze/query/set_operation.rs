//! UNION, INTERSECT and EXCEPT, with and without ALL (spec Q-13).

use nutkin_plan::Expr;
use nutkin_plan::operators::JoinKind;
use nutkin_sql::ast::{QueryBody, SetOperation, SetOperator};
use nutkin_types::{Column, DataType, LogicalType, Schema};

use super::{body, nested, temporal_and as and};
use crate::analyze::Analyzer;
use crate::analyze::expression::{implicit_cast, types};
use crate::analyze::scope::{Relation, Scope};
use crate::error::{ErrorKind, PlannerError, Result};
use crate::relational::{Aggregate, Join, Rel, RelOp, Union, identity};

mod bags;

fn operand(analyzer: &Analyzer<'_>, written: &QueryBody) -> Result<Relation> {
    match written {
        QueryBody::Nested(query) => nested(analyzer, query),
        other => body(analyzer, other),
    }
}

pub(super) fn set_operation(analyzer: &Analyzer<'_>, operation: &SetOperation) -> Result<Relation> {
    let what = match operation.op {
        SetOperator::Union => "UNION",
        SetOperator::Intersect => "INTERSECT",
        SetOperator::Except => "EXCEPT",
    };
    let left = operand(analyzer, &operation.left)?;
    let right = operand(analyzer, &operation.right)?;
    let all = operation.all;
    let rel = combined(left.rel, right.rel, what)
        .and_then(|(columns, sides)| match operation.op {
            SetOperator::Union => Ok(union(columns, sides)),
            SetOperator::Intersect if all => bags::intersect(columns, sides),
            SetOperator::Except if all => bags::except(columns, sides),
            SetOperator::Intersect => matching(columns, sides, JoinKind::Semi),
            SetOperator::Except => matching(columns, sides, JoinKind::Anti),
        })
        .map_err(|error| error.at(operation.span))?;
    let rel = if all { rel } else { distinct(rel) };
    let scope = Scope::of(None, None, &rel.schema, &[]);
    Ok(Relation { rel, scope })
}

/// The columns of both relations under the left names and common types, and the relations.
fn combined(left: Rel, right: Rel, what: &str) -> Result<(Schema, [Rel; 2])> {
    if left.schema.len() != right.schema.len() {
        return Err(PlannerError::new(ErrorKind::Query, format!("Column count mismatch in {what}")));
    }
    let mut columns = Vec::with_capacity(left.schema.len());
    for (i, (a, b)) in left.schema.columns.iter().zip(right.schema.columns.iter()).enumerate() {
        let data_type = types::union_type(&a.data_type, &b.data_type).ok_or_else(|| {
            let cause = format!("Type mismatch in column {} of {what}: {} and {}", i + 1, a.data_type, b.data_type);
            PlannerError::new(ErrorKind::Type, cause).with_remedy("CAST one side to the type of the other.")
        })?;
        // Event time stays event time only where it is in every input.
        let time_attribute = a.time_attribute.filter(|_| a.time_attribute == b.time_attribute);
        columns.push(Column { name: a.name.clone(), data_type, time_attribute });
    }
    Ok((Schema::new(columns), [left, right]))
}

/// Both relations one after another.
fn union(schema: Schema, sides: [Rel; 2]) -> Rel {
    let types: Vec<DataType> = schema.columns.iter().map(|column| column.data_type.clone()).collect();
    let mut inputs = Vec::new();
    for side in sides {
        match side.op {
            // `a UNION ALL b UNION ALL c` is one operator.
            RelOp::Union(inner) if side.schema == schema => inputs.extend(inner.inputs),
            op => inputs.push(cast_to(Rel { op, schema: side.schema }, &types)),
        }
    }
    Rel::new(Union { inputs }, schema)
}

/// Left rows that have (or have not) an equal right row, NULL equal to NULL: a semi or anti join, as Flink does it.
fn matching(schema: Schema, [left, right]: [Rel; 2], kind: JoinKind) -> Result<Rel> {
    let types: Vec<DataType> = schema.columns.iter().map(|column| column.data_type.clone()).collect();
    let (left, right) = (cast_to(left, &types), cast_to(right, &types));
    let width = left.schema.len();
    let pairs = identity(&left.schema).into_iter().zip(identity(&right.schema)).map(|(a, b)| {
        let b = Expr::input(width + same(&b), b.data_type.clone());
        Expr::call("IS NOT DISTINCT FROM", vec![a, b], LogicalType::Boolean.not_null())
    });
    let condition = and(pairs.collect());
    let mut rel = Rel::join(Join::new(left, right, kind, condition));
    let plain = |column: &Column| Column::new(column.name.clone(), column.data_type.clone());
    rel.schema = Schema::new(rel.schema.columns.iter().map(plain));
    Ok(rel)
}

fn same(column: &Expr) -> usize {
    column.inputs().first().copied().unwrap_or_default()
}

pub(super) fn cast_to(rel: Rel, types: &[DataType]) -> Rel {
    let fits = |column: &Column, wanted: &DataType| column.data_type.logical == wanted.logical;
    if rel.schema.columns.iter().zip(types).all(|(column, wanted)| fits(column, wanted)) {
        return rel;
    }
    let names = rel.schema.columns.iter().map(|column| column.name.clone()).collect();
    let projection = crate::relational::identity(&rel.schema)
        .into_iter()
        .zip(types)
        .map(|(expr, wanted)| implicit_cast(expr, wanted))
        .collect();
    rel.project(projection, names)
}

/// Every different row once: a grouping over all columns, as Flink does it.
pub(super) fn distinct(rel: Rel) -> Rel {
    let schema = Schema::new(rel.schema.columns.iter().map(|c| Column::new(c.name.clone(), c.data_type.clone())));
    let grouping = (0..schema.len()).collect();
    Rel::new(Aggregate::new(rel, grouping, Vec::new()), schema)
}
