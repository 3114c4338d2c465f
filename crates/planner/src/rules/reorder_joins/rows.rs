//! How many rows a relation probably has: from the statistics of its tables, else by Flink's assumptions.

use nutkin_plan::operators::JoinKind;

use crate::relational::keys::upsert_keys;
use crate::relational::{Rel, RelOp};
use crate::selectivity::selectivity;
use crate::tables::Tables;

/// Rows of a table without statistics.
const UNKNOWN: f64 = 1e8;

/// What is assumed of a relation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Estimate {
    pub rows: f64,
    /// Rows that it and all below it put out.
    pub cost: f64,
}

pub(super) fn estimate(rel: &Rel, tables: &dyn Tables) -> Estimate {
    let inputs: Vec<Estimate> = rel.inputs().into_iter().map(|input| estimate(input, tables)).collect();
    let first = inputs.first().map_or(0.0, |input| input.rows);
    let rows = match &rel.op {
        RelOp::Scan(scan) => tables.statistics(&scan.table.path).and_then(|known| known.rows).unwrap_or(UNKNOWN),
        RelOp::Values(values) => values.rows.len() as f64,
        RelOp::Calc(calc) => first * calc.condition.as_ref().map_or(1.0, selectivity),
        RelOp::Union(_) => inputs.iter().map(|input| input.rows).sum(),
        RelOp::Aggregate(aggregate) => groups(first, aggregate.grouping.len()),
        RelOp::WindowAggregate(aggregate) => (2.0 * groups(first, aggregate.grouping.len())).min(first),
        RelOp::GroupWindow(window) => (2.0 * groups(first, window.grouping.len())).min(first),
        RelOp::Limit(limit) => first.min(limit.fetch as f64),
        RelOp::Sort(sort) => sort.limit.map_or(first, |(_, fetch)| first.min(fetch as f64)),
        RelOp::Expand(expand) => first * expand.projections.len() as f64,
        RelOp::Join(join) => {
            let second = inputs.get(1).map_or(0.0, |input| input.rows);
            let passes = join.condition.as_ref().map_or(1.0, selectivity);
            let unique = [is_unique(&join.left, &join.left_keys), is_unique(&join.right, &join.right_keys)];
            let met = of_join(first, second, join.left_keys.len(), passes, unique);
            match join.kind {
                JoinKind::Inner => met,
                JoinKind::Left => met.max(first),
                JoinKind::Right => met.max(second),
                JoinKind::Full => met.max(first) + met.max(second) - met,
                JoinKind::Semi | JoinKind::Anti => first * 0.5,
            }
        }
        RelOp::WindowFunction(_)
        | RelOp::TemporalJoin(_)
        | RelOp::Over(_)
        | RelOp::Rank(_)
        | RelOp::Correlate(_)
        | RelOp::Match(_)
        | RelOp::LookupJoin(_) => first,
    };
    // Less than a row would make everything above it free.
    let rows = rows.max(1.0);
    Estimate { rows, cost: rows + inputs.iter().map(|input| input.cost).sum::<f64>() }
}

fn groups(rows: f64, columns: usize) -> f64 {
    if columns == 0 { 1.0 } else { rows * (1.0 - (-0.1 * columns as f64).exp()) }
}

/// Rows of an inner join with `keys` equalities of columns, of which `passes` of the other conditions remain. `unique`: for
/// each side whether a row of it is the only one with its key, where that is known.
pub(super) fn of_join(left: f64, right: f64, keys: usize, passes: f64, unique: [Option<bool>; 2]) -> f64 {
    if keys == 0 {
        return left * right * passes;
    }
    match unique {
        [Some(true), Some(true)] => left.min(right) * passes,
        [Some(true), Some(false)] => right * passes,
        [Some(false), Some(true)] => left * passes,
        _ => (left + right) * selectivity_of(keys) * passes,
    }
}

/// Of so many equalities.
fn selectivity_of(keys: usize) -> f64 {
    std::iter::repeat_n(0.15, keys).product()
}

/// Whether rows of `rel` differ in `columns`; None where it has no key.
pub(super) fn is_unique(rel: &Rel, columns: &[usize]) -> Option<bool> {
    let keys = upsert_keys(rel);
    let unique = keys.iter().any(|key| key.iter().all(|column| columns.contains(column)));
    (!keys.is_empty()).then_some(unique)
}
