//! Column sets that identify a row of a relation.

use nutkin_plan::{Expr, ExprKind};

use super::{Rel, RelOp};

/// The upsert keys of `rel`; empty when none is known. The empty set as a key means that there is at most one row.
pub(crate) fn upsert_keys(rel: &Rel) -> Vec<Vec<usize>> {
    match &rel.op {
        RelOp::Scan(scan) => {
            let Some(key) = &scan.table.primary_key else { return Vec::new() };
            let place = |name: &String| rel.schema.index_of(name);
            key.columns.iter().map(place).collect::<Option<Vec<usize>>>().into_iter().collect()
        }
        RelOp::Calc(calc) => projected(&upsert_keys(&calc.input), &calc.projection),
        RelOp::Aggregate(aggregate) => vec![(0..aggregate.grouping.len()).collect()],
        RelOp::WindowAggregate(aggregate) => {
            let first = aggregate.grouping.len() + aggregate.calls.len();
            vec![(0..aggregate.grouping.len()).chain([first, first + 1]).collect()]
        }
        RelOp::TemporalJoin(join) => upsert_keys(&join.left),
        RelOp::Limit(limit) => upsert_keys(&limit.input),
        RelOp::Values(_) | RelOp::Union(_) | RelOp::WindowFunction(_) => Vec::new(),
    }
}

/// The keys that survive a projection: all of their columns are passed on bare.
pub(crate) fn projected(keys: &[Vec<usize>], projection: &[Expr]) -> Vec<Vec<usize>> {
    let place =
        |column: &usize| projection.iter().position(|expr| matches!(expr.kind, ExprKind::Input(i) if i == *column));
    keys.iter().filter_map(|key| key.iter().map(place).collect()).collect()
}
