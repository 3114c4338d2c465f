//! UNION ALL and UNION; the other set operations are refused by name.

use nutkin_sql::ast::{SetOperation, SetOperator};
use nutkin_types::{Column, DataType, Schema};

use super::body;
use crate::analyze::Analyzer;
use crate::analyze::expression::{implicit_cast, types};
use crate::analyze::scope::{Relation, Scope};
use crate::error::{ErrorKind, PlannerError, Result};
use crate::relational::{Aggregate, Rel, RelOp, Union};

pub(super) fn set_operation(analyzer: &Analyzer<'_>, operation: &SetOperation) -> Result<Relation> {
    let what = match operation.op {
        SetOperator::Union => "UNION",
        SetOperator::Intersect => "INTERSECT",
        SetOperator::Except => "EXCEPT",
    };
    if operation.op != SetOperator::Union {
        return Err(PlannerError::not_built(what).at(operation.span));
    }
    let left = body(analyzer, &operation.left)?;
    let right = body(analyzer, &operation.right)?;
    let rel = union(left.rel, right.rel).map_err(|error| error.at(operation.span))?;
    let rel = if operation.all { rel } else { distinct(rel) };
    let scope = Scope::of(None, None, &rel.schema, &[]);
    Ok(Relation { rel, scope })
}

/// Both relations one after another, under the left names, cast to common types.
fn union(left: Rel, right: Rel) -> Result<Rel> {
    if left.schema.len() != right.schema.len() {
        return Err(PlannerError::new(ErrorKind::Query, "Column count mismatch in UNION"));
    }
    let mut columns = Vec::with_capacity(left.schema.len());
    for (i, (a, b)) in left.schema.columns.iter().zip(right.schema.columns.iter()).enumerate() {
        let data_type = types::union_type(&a.data_type, &b.data_type).ok_or_else(|| {
            let cause = format!("Type mismatch in column {} of UNION: {} and {}", i + 1, a.data_type, b.data_type);
            PlannerError::new(ErrorKind::Type, cause).with_remedy("CAST one side to the type of the other.")
        })?;
        // Event time stays event time only where it is in every input.
        let time_attribute = a.time_attribute.filter(|_| a.time_attribute == b.time_attribute);
        columns.push(Column { name: a.name.clone(), data_type, time_attribute });
    }
    let schema = Schema::new(columns);
    let types: Vec<DataType> = schema.columns.iter().map(|column| column.data_type.clone()).collect();
    let mut inputs = Vec::new();
    for side in [left, right] {
        match side.op {
            // `a UNION ALL b UNION ALL c` is one operator.
            RelOp::Union(inner) if side.schema == schema => inputs.extend(inner.inputs),
            op => inputs.push(cast_to(Rel { op, schema: side.schema }, &types)),
        }
    }
    Ok(Rel::new(Union { inputs }, schema))
}

fn cast_to(rel: Rel, types: &[DataType]) -> Rel {
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
    Rel::new(Aggregate { input: Box::new(rel), grouping, calls: Vec::new(), state_ttl: None }, schema)
}
