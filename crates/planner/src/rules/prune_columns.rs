//! Columns that nobody reads are not computed, sent or decoded.
//!
//! Each relation is asked for the columns its consumer reads and answers with a narrower relation and where the columns are
//! now. The root keeps all of its columns.

use std::collections::BTreeSet;

use nutkin_plan::{AggregateCall, ChangelogMode, Expr};

use crate::relational::{Aggregate, Calc, Limit, Rel, RelOp, Scan, TemporalJoin, Union, Values, identity};
use nutkin_types::Schema;

mod joins;
mod rows;
mod windows;

/// A narrower relation; `places[i]` is where column i is now.
struct Pruned {
    rel: Rel,
    places: Vec<Option<usize>>,
}

type Columns = BTreeSet<usize>;

pub(super) fn prune_columns(rel: Rel) -> Rel {
    let all: Columns = (0..rel.schema.len()).collect();
    exactly(rel, &all)
}

/// `rel` with the columns `wanted`, in order, and no others.
fn exactly(rel: Rel, wanted: &Columns) -> Rel {
    let schema = rel.schema.project(&wanted.iter().copied().collect::<Vec<_>>());
    let Pruned { rel, places } = prune(rel, wanted);
    let now: Vec<usize> = wanted.iter().filter_map(|&column| places.get(column).copied().flatten()).collect();
    if now.len() == rel.schema.len() && now.iter().enumerate().all(|(i, &place)| i == place) {
        return rel;
    }
    let columns = identity(&rel.schema);
    let projection = now.iter().filter_map(|&place| columns.get(place).cloned()).collect();
    Rel::new(Calc { input: Box::new(rel), projection, condition: None }, schema)
}

fn prune(rel: Rel, wanted: &Columns) -> Pruned {
    let Rel { op, schema } = rel;
    match op {
        RelOp::Scan(op) => scan(op, &schema, wanted),
        RelOp::Values(op) => values(op, &schema, wanted),
        RelOp::Calc(op) => calc(op, &schema, wanted),
        RelOp::Union(op) => union(op, &schema, wanted),
        RelOp::Aggregate(op) => aggregate(op, &schema, wanted),
        RelOp::WindowAggregate(op) => windows::window_aggregate(op, &schema, wanted),
        RelOp::WindowFunction(op) => windows::window_function(op, &schema, wanted),
        RelOp::TemporalJoin(op) => temporal_join(op, &schema, wanted),
        RelOp::Limit(op) => limit(op, wanted),
        RelOp::Join(op) => joins::join(op, &schema, wanted),
        RelOp::Over(op) => rows::over(op, &schema, wanted),
        RelOp::Rank(op) => rows::rank(op, &schema, wanted),
        RelOp::Sort(op) => rows::sort(op, &schema, wanted),
        RelOp::Correlate(op) => rows::correlate(op, &schema, wanted),
        RelOp::GroupWindow(op) => windows::group_window(op, &schema, wanted),
        RelOp::LookupJoin(op) => joins::lookup(op, &schema, wanted),
        op @ (RelOp::Expand(_) | RelOp::Match(_)) => rows::whole(op, &schema),
    }
}

/// Where `kept` columns are once the others are gone.
fn places(width: usize, kept: &Columns) -> Vec<Option<usize>> {
    let mut places = vec![None; width];
    for (now, &before) in kept.iter().enumerate() {
        if let Some(place) = places.get_mut(before) {
            *place = Some(now);
        }
    }
    places
}

fn kept_schema(schema: &Schema, kept: &Columns) -> Schema {
    schema.project(&kept.iter().copied().collect::<Vec<_>>())
}

fn at(places: &[Option<usize>], column: usize) -> usize {
    places.get(column).copied().flatten().unwrap_or(column)
}

fn scan(mut op: Scan, schema: &Schema, wanted: &Columns) -> Pruned {
    let mut kept = wanted.clone();
    kept.extend(op.time.iter().flat_map(crate::relational::ScanTime::inputs));
    if op.table.changelog_mode == ChangelogMode::Upsert {
        // Changes of an upsert table mean nothing without their key.
        let key = op.table.primary_key.iter().flat_map(|key| &key.columns);
        kept.extend(key.filter_map(|name| schema.index_of(name)));
    }
    let places = places(schema.len(), &kept);
    op.columns = kept.iter().filter_map(|&column| op.columns.get(column).cloned()).collect();
    if let Some(time) = &mut op.time {
        time.exprs_mut().into_iter().for_each(|expr| expr.map_inputs(&|column| at(&places, column)));
    }
    Pruned { rel: Rel::new(op, kept_schema(schema, &kept)), places }
}

fn values(op: Values, schema: &Schema, wanted: &Columns) -> Pruned {
    let keep = |row: Vec<nutkin_types::Value>| {
        row.into_iter().enumerate().filter(|(i, _)| wanted.contains(i)).map(|(_, value)| value).collect()
    };
    let rows = op.rows.into_iter().map(keep).collect();
    Pruned { rel: Rel::new(Values { rows }, kept_schema(schema, wanted)), places: places(schema.len(), wanted) }
}

fn calc(op: Calc, schema: &Schema, wanted: &Columns) -> Pruned {
    let mut projection: Vec<Expr> = wanted.iter().filter_map(|&column| op.projection.get(column).cloned()).collect();
    let mut condition = op.condition;
    let read: Columns = projection.iter().chain(&condition).flat_map(Expr::inputs).collect();
    let below = prune(*op.input, &read);
    for expr in projection.iter_mut().chain(&mut condition) {
        expr.map_inputs(&|column| at(&below.places, column));
    }
    let calc = Calc { input: Box::new(below.rel), projection, condition };
    Pruned { rel: Rel::new(calc, kept_schema(schema, wanted)), places: places(schema.len(), wanted) }
}

fn union(op: Union, schema: &Schema, wanted: &Columns) -> Pruned {
    let inputs = op.inputs.into_iter().map(|input| exactly(input, wanted)).collect();
    Pruned { rel: Rel::new(Union { inputs }, kept_schema(schema, wanted)), places: places(schema.len(), wanted) }
}

/// The columns that calls read.
fn call_inputs(calls: &[AggregateCall]) -> impl Iterator<Item = usize> + '_ {
    calls.iter().flat_map(|call| call.args.iter().chain(&call.filter).copied())
}

fn map_call(call: &mut AggregateCall, places: &[Option<usize>]) {
    for column in call.args.iter_mut().chain(call.filter.as_mut()) {
        *column = at(places, *column);
    }
}

/// Calls whose result is read, and the output columns that stay: all keys, those calls, everything after the calls.
fn kept_calls(calls: Vec<AggregateCall>, keys: usize, width: usize, wanted: &Columns) -> (Vec<AggregateCall>, Columns) {
    let after = keys + calls.len();
    let kept: Columns =
        (0..width).filter(|column| *column < keys || *column >= after || wanted.contains(column)).collect();
    let calls =
        calls.into_iter().enumerate().filter(|(i, _)| kept.contains(&(keys + i))).map(|(_, call)| call).collect();
    (calls, kept)
}

fn aggregate(mut op: Aggregate, schema: &Schema, wanted: &Columns) -> Pruned {
    let (calls, kept) = kept_calls(op.calls, op.grouping.len(), schema.len(), wanted);
    op.calls = calls;
    let read: Columns = op.grouping.iter().copied().chain(call_inputs(&op.calls)).collect();
    let below = prune(*op.input, &read);
    op.grouping.iter_mut().for_each(|column| *column = at(&below.places, *column));
    op.calls.iter_mut().for_each(|call| map_call(call, &below.places));
    op.input = Box::new(below.rel);
    Pruned { rel: Rel::new(op, kept_schema(schema, &kept)), places: places(schema.len(), &kept) }
}

fn temporal_join(mut op: TemporalJoin, schema: &Schema, wanted: &Columns) -> Pruned {
    let width = op.left.schema.len();
    let of_condition = op.condition.iter().flat_map(Expr::inputs).collect::<Columns>();
    let read: Columns = wanted.union(&of_condition).copied().collect();
    let left: Columns =
        read.iter().copied().filter(|&c| c < width).chain(op.left_keys.iter().copied()).chain([op.left_time]).collect();
    let right: Columns = read
        .iter()
        .filter(|&&c| c >= width)
        .map(|c| c - width)
        .chain(op.right_keys.iter().copied())
        .chain([op.right_time])
        .collect();
    let left = prune(*op.left, &left);
    let right = prune(*op.right, &right);
    let now = left.rel.schema.len();
    let mut places = left.places.clone();
    places.extend(right.places.iter().map(|place| place.map(|place| place + now)));
    op.left_keys.iter_mut().for_each(|column| *column = at(&left.places, *column));
    op.right_keys.iter_mut().for_each(|column| *column = at(&right.places, *column));
    op.left_time = at(&left.places, op.left_time);
    op.right_time = at(&right.places, op.right_time);
    if let Some(condition) = &mut op.condition {
        condition.map_inputs(&|column| at(&places, column));
    }
    let mut columns: Vec<nutkin_types::Column> =
        left.rel.schema.columns.iter().chain(right.rel.schema.columns.iter()).cloned().collect();
    for (before, place) in places.iter().enumerate() {
        if let Some(place) = place {
            columns[*place] = schema.columns[before].clone();
        }
    }
    op.left = Box::new(left.rel);
    op.right = Box::new(right.rel);
    Pruned { rel: Rel::new(op, Schema::new(columns)), places }
}

fn limit(op: Limit, wanted: &Columns) -> Pruned {
    let below = prune(*op.input, wanted);
    let schema = below.rel.schema.clone();
    let limit = Limit { input: Box::new(below.rel), offset: op.offset, fetch: op.fetch };
    Pruned { rel: Rel::new(limit, schema), places: below.places }
}
