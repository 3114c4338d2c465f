//! Column sets that identify a row of a relation.

use nutkin_plan::operators::{RankFunction, RankRange, WindowProperty};
use nutkin_plan::{Expr, ExprKind};
use nutkin_types::LogicalType;

use super::{GroupWindow, Join, Rank, Rel, RelOp};

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
        RelOp::Sort(sort) => upsert_keys(&sort.input),
        RelOp::Join(join) => of_join(join),
        RelOp::Over(over) => containing(upsert_keys(&over.input), &over.partition),
        RelOp::Rank(rank) => of_rank(rank),
        RelOp::GroupWindow(window) => of_group_window(window),
        RelOp::Values(_)
        | RelOp::Union(_)
        | RelOp::WindowFunction(_)
        | RelOp::Correlate(_)
        | RelOp::Expand(_)
        | RelOp::Match(_)
        | RelOp::LookupJoin(_) => Vec::new(),
    }
}

/// The keys that are still keys once rows are sent to the tasks of `columns`: those with all of them. Two changes of a row
/// could otherwise take different ways.
pub(crate) fn containing(mut keys: Vec<Vec<usize>>, columns: &[usize]) -> Vec<Vec<usize>> {
    keys.retain(|key| columns.iter().all(|column| key.contains(column)));
    keys
}

/// Joins of joins multiply the keys of their sides.
const MOST_KEYS: usize = 16;

/// Keys of both sides together; of one side where each of its rows meets at most one of the other.
fn of_join(join: &Join) -> Vec<Vec<usize>> {
    let (left, right) = (upsert_keys(&join.left), upsert_keys(&join.right));
    if !join.kind.keeps_right() {
        return containing(left, &join.left_keys);
    }
    let unique =
        |keys: &[Vec<usize>], on: &[usize]| keys.iter().any(|key| key.iter().all(|column| on.contains(column)));
    let (left_unique, right_unique) = (unique(&left, &join.left_keys), unique(&right, &join.right_keys));
    let (left, right) = (containing(left, &join.left_keys), containing(right, &join.right_keys));
    let width = join.left.schema.len();
    let moved = |key: &Vec<usize>| key.iter().map(|column| column + width).collect::<Vec<usize>>();
    let mut keys = Vec::new();
    if right_unique && !join.kind.fills_left() {
        keys.extend(left.iter().cloned());
    }
    if left_unique && !join.kind.fills_right() {
        keys.extend(right.iter().map(moved));
    }
    // More columns are a key all the same, and may be just the key that a sink has.
    let both = left.iter().flat_map(|l| right.iter().map(|r| l.iter().copied().chain(moved(r)).collect()));
    keys.extend(both);
    keys.truncate(MOST_KEYS);
    keys
}

fn of_rank(rank: &Rank) -> Vec<Vec<usize>> {
    let bounds = rank.window.iter().flat_map(|(_, columns)| [columns.start, columns.end]);
    let group: Vec<usize> = rank.partition.iter().copied().chain(bounds).collect();
    let mut keys = Vec::new();
    if rank.function == RankFunction::RowNumber {
        if rank.range == (RankRange::Constant { start: 1, end: 1 }) {
            keys.push(group.clone());
        } else if rank.outputs_rank {
            keys.push(group.iter().copied().chain([rank.input.schema.len()]).collect());
        }
    }
    keys.extend(containing(upsert_keys(&rank.input), &group));
    keys
}

fn of_group_window(window: &GroupWindow) -> Vec<Vec<usize>> {
    let first = window.grouping.len() + window.calls.len();
    let place = |wanted: WindowProperty| window.properties.iter().position(|p| *p == wanted).map(|place| first + place);
    match place(WindowProperty::Start).or(place(WindowProperty::End)) {
        Some(bound) => vec![(0..window.grouping.len()).chain([bound]).collect()],
        None => Vec::new(),
    }
}

/// The keys that survive a projection: all of their columns are passed on, bare or cast so that different values stay
/// different.
pub(crate) fn projected(keys: &[Vec<usize>], projection: &[Expr]) -> Vec<Vec<usize>> {
    let bare =
        |column: usize| projection.iter().position(|expr| matches!(expr.kind, ExprKind::Input(i) if i == column));
    let cast = |column: usize| projection.iter().position(|expr| keeps_apart(expr, column));
    let place = |column: &usize| bare(*column).or_else(|| cast(*column));
    keys.iter().filter_map(|key| key.iter().map(place).collect()).collect()
}

/// True when `expr` casts `column` without ever making two values one.
fn keeps_apart(expr: &Expr, column: usize) -> bool {
    match &expr.kind {
        ExprKind::Cast { arg, .. } => {
            matches!(arg.kind, ExprKind::Input(i) if i == column)
                && is_lossless(&arg.data_type.logical, &expr.data_type.logical)
        }
        _ => false,
    }
}

/// True when different values of `from` are different values of `to`, and each has one.
fn is_lossless(from: &LogicalType, to: &LogicalType) -> bool {
    use LogicalType as T;
    if from == to {
        return true;
    }
    match (from, to) {
        (T::VarChar { length: a }, T::VarChar { length: b })
        | (T::Char { length: a }, T::Char { length: b } | T::VarChar { length: b })
        | (T::VarBinary { length: a }, T::VarBinary { length: b })
        | (T::Binary { length: a }, T::Binary { length: b } | T::VarBinary { length: b }) => a <= b,
        (T::Decimal { precision: p, scale: s }, T::Decimal { precision: q, scale: t }) => {
            s <= t && p.saturating_sub(*s) <= q.saturating_sub(*t)
        }
        (T::Time { precision: a }, T::Time { precision: b })
        | (T::Timestamp { precision: a }, T::Timestamp { precision: b })
        | (T::TimestampLtz { precision: a }, T::TimestampLtz { precision: b }) => a <= b,
        (T::Float, T::Double) | (T::Date, T::Timestamp { .. }) => true,
        (from, to) => match (digits(from), to) {
            (Some(own), T::Decimal { precision, scale }) => own <= precision.saturating_sub(*scale),
            // Whole numbers up to 2^24 and 2^53 are floating-point numbers of their own.
            (Some(own), T::Float) => own <= 5,
            (Some(own), T::Double) => own <= 10,
            (Some(own), to) => digits(to).is_some_and(|wide| own <= wide),
            _ => false,
        },
    }
}

/// Decimal digits of a whole number.
fn digits(logical: &LogicalType) -> Option<u8> {
    match logical {
        LogicalType::TinyInt => Some(3),
        LogicalType::SmallInt => Some(5),
        LogicalType::Int => Some(10),
        LogicalType::BigInt => Some(19),
        _ => None,
    }
}
