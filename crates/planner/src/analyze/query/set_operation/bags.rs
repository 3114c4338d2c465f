//! INTERSECT ALL and EXCEPT ALL: rows are counted on both sides and put out as often as it takes, as Flink does it.

use nutkin_plan::operators::TableFunctionCall;
use nutkin_plan::{AggregateCall, Expr, ExprKind};
use nutkin_types::{Column, DataType, LogicalType, Schema, Value};

use super::cast_to;
use crate::error::{ErrorKind, PlannerError, Result};
use crate::relational::{Aggregate, Correlate, Rel, Union, identity};

fn bigint() -> DataType {
    LogicalType::BigInt.not_null()
}

fn literal(value: i64) -> Expr {
    Expr::literal(Value::Integer(value), bigint())
}

fn call(name: &str, args: Vec<Expr>) -> Result<Expr> {
    nutkin_functions::resolve::call(name, args)
        .map_err(|error| PlannerError::new(ErrorKind::Internal, error.to_string()))
}

/// A row stays as often as it is on both sides.
pub(super) fn intersect(schema: Schema, sides: [Rel; 2]) -> Result<Rel> {
    let counted = counted(&schema, sides, [[1, 0], [0, 1]]);
    let width = schema.len();
    let counts = |i: usize| Expr::input(width + i, LogicalType::BigInt.nullable());
    let smaller = call("<", vec![counts(0), counts(1)])?;
    let times = Expr {
        kind: ExprKind::Case { branches: vec![(smaller, counts(0))], otherwise: Box::new(counts(1)) },
        data_type: LogicalType::BigInt.nullable(),
    };
    let there = call("AND", vec![call(">", vec![counts(0), literal(0)])?, call(">", vec![counts(1), literal(0)])?])?;
    replicated(counted.filter(there), &schema, times)
}

/// A row stays as often as it is on the left more than on the right.
pub(super) fn except(schema: Schema, sides: [Rel; 2]) -> Result<Rel> {
    let counted = counted(&schema, sides, [[1], [-1]]);
    let times = Expr::input(schema.len(), LogicalType::BigInt.nullable());
    let more = call(">", vec![times.clone(), literal(0)])?;
    replicated(counted.filter(more), &schema, times)
}

/// Different rows of both sides with sums of what each side's rows count.
fn counted<const N: usize>(schema: &Schema, sides: [Rel; 2], counts: [[i64; N]; 2]) -> Rel {
    let types: Vec<DataType> = schema.columns.iter().map(|column| column.data_type.clone()).collect();
    let names = |rel: &Rel| -> Vec<String> {
        let own = rel.schema.columns.iter().map(|column| column.name.clone());
        own.chain((0..N).map(|i| format!("vcol_{i}"))).collect()
    };
    let inputs: Vec<Rel> = sides
        .into_iter()
        .zip(counts)
        .map(|(side, counts)| {
            let side = cast_to(side, &types);
            let projection = identity(&side.schema).into_iter().chain(counts.map(literal)).collect();
            let names = names(&side);
            side.project(projection, names)
        })
        .collect();
    let width = schema.len();
    let plain = schema.columns.iter().map(|column| Column::new(column.name.clone(), column.data_type.clone()));
    let values = (0..N).map(|i| Column::new(format!("vcol_{i}"), bigint()));
    let union = Rel::new(Union { inputs }, Schema::new(plain.clone().chain(values)));
    let sum = |i: usize| AggregateCall {
        name: format!("sum_{i}"),
        function: "SUM".to_owned(),
        args: vec![width + i],
        literals: Vec::new(),
        distinct: false,
        filter: None,
        data_type: LogicalType::BigInt.nullable(),
    };
    let calls: Vec<AggregateCall> = (0..N).map(sum).collect();
    let sums = calls.iter().map(|call| Column::new(call.name.clone(), call.data_type.clone()));
    let schema = Schema::new(plain.chain(sums));
    Rel::new(Aggregate::new(union, (0..width).collect(), calls), schema)
}

fn replicated(rel: Rel, schema: &Schema, times: Expr) -> Result<Rel> {
    let width = schema.len();
    let columns: Vec<Expr> = identity(&rel.schema).into_iter().take(width).collect();
    let rows = Schema::new(schema.columns.iter().map(|c| Column::new(c.name.clone(), c.data_type.clone())));
    let args = std::iter::once(times).chain(columns).collect();
    let function = TableFunctionCall { function: "REPLICATE_ROWS".to_owned(), args, rows: rows.clone() };
    let all = Schema::new(rel.schema.columns.iter().chain(rows.columns.iter()).cloned());
    let first = rel.schema.len();
    let correlate = Rel::new(Correlate { input: Box::new(rel), call: function, condition: None, outer: false }, all);
    let projection = identity(&correlate.schema).into_iter().skip(first).collect();
    let names = rows.columns.iter().map(|column| column.name.clone()).collect();
    Ok(correlate.project(projection, names))
}
