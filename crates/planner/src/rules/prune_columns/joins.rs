//! Joins read their keys, their times and what conditions read.

use nutkin_plan::Expr;
use nutkin_types::{Column, Schema};

use super::{Columns, Pruned, at, prune};
use crate::relational::{Join, JoinBound, LookupJoin, Rel};

pub(super) fn join(mut op: Join, schema: &Schema, wanted: &Columns) -> Pruned {
    let width = op.left.schema.len();
    let keeps_right = op.kind.keeps_right();
    let of_condition = op.condition.iter().flat_map(Expr::inputs).collect::<Columns>();
    let read: Columns = wanted.union(&of_condition).copied().collect();
    let (of_left, of_right) = bound_columns(&op.bound);
    let left: Columns =
        read.iter().copied().filter(|&c| c < width).chain(op.left_keys.iter().copied()).chain(of_left).collect();
    let right: Columns = read
        .iter()
        .filter(|&&c| c >= width)
        .map(|c| c - width)
        .chain(op.right_keys.iter().copied())
        .chain(of_right)
        .collect();
    let (left, right) = (prune(*op.left, &left), prune(*op.right, &right));
    let now = left.rel.schema.len();
    let both: Vec<Option<usize>> =
        left.places.iter().copied().chain(right.places.iter().map(|place| place.map(|place| place + now))).collect();
    op.left_keys.iter_mut().for_each(|column| *column = at(&left.places, *column));
    op.right_keys.iter_mut().for_each(|column| *column = at(&right.places, *column));
    if let Some(condition) = &mut op.condition {
        condition.map_inputs(&|column| at(&both, column));
    }
    match &mut op.bound {
        JoinBound::None => {}
        JoinBound::Interval { left_time, right_time, .. } => {
            *left_time = at(&left.places, *left_time);
            *right_time = at(&right.places, *right_time);
        }
        JoinBound::Window { left: of_left, right: of_right, .. } => {
            (of_left.start, of_left.end) = (at(&left.places, of_left.start), at(&left.places, of_left.end));
            (of_right.start, of_right.end) = (at(&right.places, of_right.start), at(&right.places, of_right.end));
        }
    }
    let places = if keeps_right { both } else { left.places.clone() };
    let right_columns = right.rel.schema.columns.iter().filter(|_| keeps_right);
    let columns = left.rel.schema.columns.iter().chain(right_columns).cloned().collect();
    op.left = Box::new(left.rel);
    op.right = Box::new(right.rel);
    Pruned { rel: Rel::new(op, renamed(columns, &places, schema)), places }
}

/// Of the table that is asked only what is read is fetched.
pub(super) fn lookup(mut op: LookupJoin, schema: &Schema, wanted: &Columns) -> Pruned {
    let width = op.input.schema.len();
    let of_condition = op.condition.iter().flat_map(Expr::inputs).collect::<Columns>();
    let read: Columns = wanted.union(&of_condition).copied().collect();
    let of_keys = op.keys.iter().flat_map(|(_, given)| given.inputs());
    let left: Columns = read.iter().copied().filter(|&column| column < width).chain(of_keys).collect();
    let asked = op.keys.iter().map(|(column, _)| *column);
    let kept: Columns = read.iter().filter(|&&c| c >= width).map(|c| c - width).chain(asked).collect();
    let below = prune(*op.input, &left);
    let now = below.rel.schema.len();
    let table = super::places(op.columns.len(), &kept);
    let places: Vec<Option<usize>> =
        below.places.iter().copied().chain(table.iter().map(|place| place.map(|place| place + now))).collect();
    op.columns = kept.iter().filter_map(|&column| op.columns.get(column).cloned()).collect();
    for (column, given) in &mut op.keys {
        *column = at(&table, *column);
        given.map_inputs(&|column| at(&below.places, column));
    }
    if let Some(condition) = &mut op.condition {
        condition.map_inputs(&|column| at(&places, column));
    }
    let of_table = kept.iter().map(|column| schema.columns[width + column].clone());
    let columns = below.rel.schema.columns.iter().cloned().chain(of_table).collect();
    op.input = Box::new(below.rel);
    Pruned { rel: Rel::new(op, renamed(columns, &places, schema)), places }
}

fn bound_columns(bound: &JoinBound) -> (Vec<usize>, Vec<usize>) {
    match bound {
        JoinBound::None => (Vec::new(), Vec::new()),
        JoinBound::Interval { left_time, right_time, .. } => (vec![*left_time], vec![*right_time]),
        JoinBound::Window { left, right, .. } => (vec![left.start, left.end], vec![right.start, right.end]),
    }
}

/// The columns below under the names and types that they had.
pub(super) fn renamed(mut columns: Vec<Column>, places: &[Option<usize>], schema: &Schema) -> Schema {
    for (column, place) in schema.columns.iter().zip(places) {
        if let Some(slot) = place.and_then(|place| columns.get_mut(place)) {
            *slot = column.clone();
        }
    }
    Schema::new(columns)
}
