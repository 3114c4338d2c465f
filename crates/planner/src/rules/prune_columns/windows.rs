//! Windows read their time or their bounds.

use nutkin_plan::operators::{WindowInput, WindowProperty};
use nutkin_types::Schema;

use super::{Columns, Pruned, at, call_inputs, kept_calls, kept_schema, map_call, places, prune};
use crate::relational::{GroupWindow, Rel, WindowAggregate, WindowFunction};

pub(super) fn window_aggregate(mut op: WindowAggregate, schema: &Schema, wanted: &Columns) -> Pruned {
    let (calls, kept) = kept_calls(op.calls, op.grouping.len(), schema.len(), wanted);
    op.calls = calls;
    let window = op.window_columns();
    let read: Columns = op.grouping.iter().copied().chain(call_inputs(&op.calls)).chain(window).collect();
    let below = prune(*op.input, &read);
    op.grouping.iter_mut().for_each(|column| *column = at(&below.places, *column));
    op.calls.iter_mut().for_each(|call| map_call(call, &below.places));
    match &mut op.window {
        WindowInput::Assign { time_column, .. } => *time_column = at(&below.places, *time_column),
        WindowInput::Attached { start_column, end_column, .. } => {
            *start_column = at(&below.places, *start_column);
            *end_column = at(&below.places, *end_column);
        }
    }
    op.input = Box::new(below.rel);
    Pruned { rel: Rel::new(op, kept_schema(schema, &kept)), places: places(schema.len(), &kept) }
}

pub(super) fn window_function(op: WindowFunction, schema: &Schema, wanted: &Columns) -> Pruned {
    let width = op.input.schema.len();
    let read: Columns = wanted
        .iter()
        .copied()
        .filter(|&column| column < width)
        .chain([op.time_column])
        .chain(op.partition.iter().copied())
        .collect();
    let below = prune(*op.input, &read);
    // What is below may keep more than asked; all of it passes through.
    let mut places = below.places.clone();
    let now = below.rel.schema.len();
    places.extend((0..3).map(|i| Some(now + i)));
    let mut columns: Vec<nutkin_types::Column> = below.rel.schema.columns.to_vec();
    for (before, place) in below.places.iter().enumerate() {
        if let Some(place) = place {
            columns[*place] = schema.columns[before].clone();
        }
    }
    columns.extend(schema.columns[width..].iter().cloned());
    let time_column = at(&below.places, op.time_column);
    let partition = op.partition.iter().map(|&column| at(&below.places, column)).collect();
    let op = WindowFunction { input: Box::new(below.rel), window: op.window, time_column, partition };
    Pruned { rel: Rel::new(op, Schema::new(columns)), places }
}

/// Of a window only what is read is computed; its start stays as part of the key.
pub(super) fn group_window(mut op: GroupWindow, schema: &Schema, wanted: &Columns) -> Pruned {
    let first = op.grouping.len() + op.calls.len();
    let (calls, mut kept) = kept_calls(op.calls, op.grouping.len(), schema.len(), wanted);
    op.calls = calls;
    let unread = |place: usize| op.properties[place] != WindowProperty::Start && !wanted.contains(&(first + place));
    let gone: Vec<usize> = (0..op.properties.len()).filter(|&place| unread(place)).collect();
    kept.retain(|column| column.checked_sub(first).is_none_or(|place| !gone.contains(&place)));
    op.properties = (0..op.properties.len()).filter(|place| !gone.contains(place)).map(|i| op.properties[i]).collect();
    let read: Columns = op.grouping.iter().copied().chain(call_inputs(&op.calls)).chain([op.time_column]).collect();
    let below = prune(*op.input, &read);
    op.grouping.iter_mut().for_each(|column| *column = at(&below.places, *column));
    op.calls.iter_mut().for_each(|call| map_call(call, &below.places));
    op.time_column = at(&below.places, op.time_column);
    op.input = Box::new(below.rel);
    Pruned { rel: Rel::new(op, kept_schema(schema, &kept)), places: places(schema.len(), &kept) }
}
