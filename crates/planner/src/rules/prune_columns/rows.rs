//! Operators that pass their input's columns on and add some of their own.

use nutkin_plan::Expr;
use nutkin_plan::operators::RankRange;
use nutkin_types::Schema;

use super::joins::renamed;
use super::{Columns, Pruned, at, call_inputs, exactly, map_call, prune};
use crate::relational::{Correlate, Over, Rank, Rel, RelOp, Sort};

/// An input with the columns that are wanted of it and those that the operator reads, and where everything is.
struct Below {
    rel: Rel,
    places: Vec<Option<usize>>,
    schema: Schema,
}

fn below(input: Rel, schema: &Schema, wanted: &Columns, own: Columns) -> Below {
    let width = input.schema.len();
    let read: Columns = wanted.iter().copied().filter(|&column| column < width).chain(own).collect();
    let Pruned { rel, mut places } = prune(input, &read);
    let now = rel.schema.len();
    let added = schema.columns.get(width..).unwrap_or_default();
    places.extend((0..added.len()).map(|i| Some(now + i)));
    let columns = rel.schema.columns.iter().chain(added).cloned().collect();
    let schema = renamed(columns, &places, schema);
    Below { rel, places, schema }
}

pub(super) fn over(mut op: Over, schema: &Schema, wanted: &Columns) -> Pruned {
    let width = op.input.schema.len();
    if wanted.iter().all(|&column| column < width) {
        // Nobody reads what is computed, and every row stays.
        let Pruned { rel, mut places } = prune(*op.input, wanted);
        places.resize(schema.len(), None);
        return Pruned { rel, places };
    }
    let own = op.partition.iter().copied().chain(op.order.iter().map(|key| key.column)).chain(call_inputs(&op.calls));
    let below = below(*op.input, schema, wanted, own.collect());
    op.partition.iter_mut().for_each(|column| *column = at(&below.places, *column));
    op.order.iter_mut().for_each(|key| key.column = at(&below.places, key.column));
    op.calls.iter_mut().for_each(|call| map_call(call, &below.places));
    op.input = Box::new(below.rel);
    Pruned { rel: Rel::new(op, below.schema), places: below.places }
}

pub(super) fn rank(mut op: Rank, schema: &Schema, wanted: &Columns) -> Pruned {
    let mut own: Columns = op.partition.iter().copied().chain(op.order.iter().map(|key| key.column)).collect();
    own.extend(op.window.iter().flat_map(|(_, columns)| [columns.start, columns.end]));
    if let RankRange::Variable { end_column } = op.range {
        own.insert(end_column);
    }
    // Rows of an updated input are told apart by their key.
    own.extend(crate::relational::keys::upsert_keys(&op.input).into_iter().next().into_iter().flatten());
    let below = below(*op.input, schema, wanted, own);
    op.partition.iter_mut().for_each(|column| *column = at(&below.places, *column));
    op.order.iter_mut().for_each(|key| key.column = at(&below.places, key.column));
    if let Some((_, columns)) = &mut op.window {
        (columns.start, columns.end) = (at(&below.places, columns.start), at(&below.places, columns.end));
    }
    if let RankRange::Variable { end_column } = &mut op.range {
        *end_column = at(&below.places, *end_column);
    }
    op.input = Box::new(below.rel);
    Pruned { rel: Rel::new(op, below.schema), places: below.places }
}

pub(super) fn sort(mut op: Sort, schema: &Schema, wanted: &Columns) -> Pruned {
    let below = below(*op.input, schema, wanted, op.order.iter().map(|key| key.column).collect());
    op.order.iter_mut().for_each(|key| key.column = at(&below.places, key.column));
    op.input = Box::new(below.rel);
    Pruned { rel: Rel::new(op, below.schema), places: below.places }
}

pub(super) fn correlate(mut op: Correlate, schema: &Schema, wanted: &Columns) -> Pruned {
    let width = op.input.schema.len();
    let of_condition = op.condition.iter().flat_map(Expr::inputs).filter(|&column| column < width);
    let own = op.call.args.iter().flat_map(Expr::inputs).chain(of_condition).collect();
    let below = below(*op.input, schema, wanted, own);
    for expr in op.call.args.iter_mut().chain(&mut op.condition) {
        expr.map_inputs(&|column| at(&below.places, column));
    }
    op.input = Box::new(below.rel);
    Pruned { rel: Rel::new(op, below.schema), places: below.places }
}

/// An operator that needs every column of its inputs in place, and keeps its own.
pub(super) fn whole(op: RelOp, schema: &Schema) -> Pruned {
    let mut rel = Rel { op, schema: schema.clone() };
    for input in rel.inputs_mut() {
        let all: Columns = (0..input.schema.len()).collect();
        let taken = std::mem::replace(input, Rel::one_row());
        *input = exactly(taken, &all);
    }
    let places = (0..schema.len()).map(Some).collect();
    Pruned { rel, places }
}
