//! A key that is the same for all rows makes no groups: it is left out of the aggregation and added behind it.

use nutkin_plan::{Expr, ExprKind};
use nutkin_types::Schema;

use super::bottom_up;
use crate::relational::{Aggregate, Calc, Rel, RelOp};

pub(super) fn drop_constant_keys(rel: Rel) -> Rel {
    bottom_up(rel, &|rel| match rel.op {
        RelOp::Aggregate(aggregate) => without_constants(aggregate, rel.schema),
        op => Rel { op, schema: rel.schema },
    })
}

/// The value of column `column` of every row of `input`.
fn constant(input: &Rel, column: usize) -> Option<&Expr> {
    match &input.op {
        RelOp::Calc(calc) => calc.projection.get(column).filter(|expr| matches!(expr.kind, ExprKind::Literal(_))),
        _ => None,
    }
}

fn without_constants(mut aggregate: Aggregate, schema: Schema) -> Rel {
    let values: Vec<Option<Expr>> =
        aggregate.grouping.iter().map(|&column| constant(&aggregate.input, column).cloned()).collect();
    // Without any key there would be a row for no rows.
    let kept: Vec<usize> = match (0..values.len()).filter(|&place| values[place].is_none()).collect::<Vec<usize>>() {
        kept if kept.is_empty() => values.first().map(|_| 0).into_iter().collect(),
        kept => kept,
    };
    let keys = values.len();
    if kept.len() == keys {
        return Rel::new(aggregate, schema);
    }
    aggregate.grouping = kept.iter().map(|&place| aggregate.grouping[place]).collect();
    let below: Vec<usize> = kept.iter().copied().chain(keys..schema.len()).collect();
    let inner = schema.project(&below);
    let value = |place: usize| {
        let data_type = schema.columns[place].data_type.clone();
        match below.iter().position(|&other| other == place) {
            Some(input) => Expr::input(input, data_type),
            None => values.get(place).cloned().flatten().unwrap_or_else(|| Expr::input(place, data_type)),
        }
    };
    let projection = (0..schema.len()).map(value).collect();
    let input = Box::new(Rel::new(aggregate, inner));
    Rel::new(Calc { input, projection, condition: None }, schema)
}
