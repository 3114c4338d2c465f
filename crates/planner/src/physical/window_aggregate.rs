//! StreamWindowAggregate, or StreamLocalWindowAggregate and StreamGlobalWindowAggregate.

use nutkin_plan::operators::{GlobalWindowAggregate, LocalWindowAggregate, WindowAggregate as Operator, WindowInput};
use nutkin_plan::{ChangelogMode, WindowSpec};
use nutkin_types::{Column, LogicalType, Schema, TimeAttribute};

use super::Need;
use super::aggregate::check_retractable;
use super::builder::{Builder, Draft};
use super::two_phase::{Phases, all_merge};
use crate::error::Result;
use crate::relational::keys::upsert_keys;
use crate::relational::{Rel, RelOp, WindowAggregate};
use crate::session::AggregatePhases;

pub(super) fn lower(builder: &mut Builder<'_>, rel: &Rel, op: &WindowAggregate) -> Result<usize> {
    check_retractable(&op.input, &op.calls)?;
    let input = builder.lower(&op.input, Need::BeforeAndAfter)?;
    if is_two_phase(builder, op, input) {
        return two_phases(builder, rel, op, input);
    }
    let input = builder.exchange(input, &op.grouping);
    let draft = Draft {
        operator: Operator {
            grouping: op.grouping.clone(),
            calls: op.calls.clone(),
            input: op.window.clone(),
            properties: op.properties.clone(),
        }
        .into(),
        inputs: vec![input],
        schema: rel.schema.clone(),
        mode: ChangelogMode::Append,
        keys: upsert_keys(rel),
    };
    Ok(builder.push(draft))
}

/// As Flink: always, but for processing time, sessions and functions that need all rows in order.
fn is_two_phase(builder: &Builder<'_>, op: &WindowAggregate, input: usize) -> bool {
    builder.session.optimizer.phases != AggregatePhases::One
        && !matches!(window(op), WindowSpec::Session { .. })
        && !is_by_processing_time(&op.window, &op.input)
        && all_merge(&op.calls, !builder.node(input).changelog_mode.is_append())
}

fn window(op: &WindowAggregate) -> WindowSpec {
    let (WindowInput::Assign { window, .. } | WindowInput::Attached { window, .. }) = op.window;
    window
}

/// True when the windows of `input` were made by the clock.
fn is_by_processing_time(window: &WindowInput, input: &Rel) -> bool {
    let is_clock = |rel: &Rel, column: usize| {
        rel.column(column).is_some_and(|column| column.time_attribute == Some(TimeAttribute::Proctime))
    };
    match *window {
        WindowInput::Assign { time_column, .. } => is_clock(input, time_column),
        WindowInput::Attached { .. } => match &input.op {
            RelOp::WindowFunction(op) => is_clock(&op.input, op.time_column),
            RelOp::WindowAggregate(op) => is_by_processing_time(&op.window, &op.input),
            _ => input.inputs().first().is_some_and(|below| is_by_processing_time(window, below)),
        },
    }
}

fn two_phases(builder: &mut Builder<'_>, rel: &Rel, op: &WindowAggregate, input: usize) -> Result<usize> {
    let below = builder.node(input);
    let mode = below.changelog_mode;
    let Phases { mut columns, calls, state_widths, rows_column } =
        Phases::new(&op.grouping, &op.calls, &below.schema, !mode.is_append())?;
    let is_instant = is_instant(op, &below.schema);
    let end_column = columns.len();
    columns.push(Column::new("$slice_end".to_owned(), LogicalType::Timestamp { precision: 3 }.not_null()));
    let local = Draft {
        operator: LocalWindowAggregate {
            grouping: op.grouping.clone(),
            calls: op.calls.clone(),
            state_widths,
            input: op.window.clone(),
        }
        .into(),
        inputs: vec![input],
        schema: Schema::new(columns),
        // Partial results are only ever inserted, but Flink's plan has the mode of the rows.
        mode,
        keys: Vec::new(),
    };
    let local = builder.push(local);
    let grouping: Vec<usize> = (0..op.grouping.len()).collect();
    let exchange = builder.exchange(local, &grouping);
    let global = Draft {
        operator: GlobalWindowAggregate {
            grouping,
            calls,
            window: window(op),
            is_attached: matches!(op.window, WindowInput::Attached { .. }),
            is_instant,
            rows_column,
            end_column,
            retracts: !mode.is_append(),
            properties: op.properties.clone(),
        }
        .into(),
        inputs: vec![exchange],
        schema: rel.schema.clone(),
        mode: ChangelogMode::Append,
        keys: upsert_keys(rel),
    };
    Ok(builder.push(global))
}

/// True when the windows were made of TIMESTAMP_LTZ.
fn is_instant(op: &WindowAggregate, input: &Schema) -> bool {
    match op.window {
        WindowInput::Assign { time_column, .. } => input
            .columns
            .get(time_column)
            .is_some_and(|column| matches!(column.data_type.logical, LogicalType::TimestampLtz { .. })),
        WindowInput::Attached { is_instant, .. } => is_instant,
    }
}
