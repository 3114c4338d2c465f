//! Which columns of a relation are the bounds of a window that its rows are in.
//!
//! A GROUP BY over both bounds of the same window is a window aggregation (spec Q-03); the bounds keep their meaning
//! through bare columns of projections, through filters and through window aggregations.

use nutkin_plan::operators::{WindowInput, WindowProperty};
use nutkin_plan::{ExprKind, WindowSpec};
use nutkin_types::LogicalType;

use super::{Join, JoinBound, Rel, RelOp};

/// The window of a relation's rows.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct WindowProperties {
    pub window: WindowSpec,
    /// The event time is TIMESTAMP_LTZ.
    pub is_instant: bool,
    pub start: Vec<usize>,
    pub end: Vec<usize>,
    pub time: Vec<usize>,
}

/// The columns that the sessions of `rel` are kept apart by; None when its rows are in no sessions.
pub(crate) fn session_partition(rel: &Rel) -> Option<Vec<usize>> {
    match &rel.op {
        RelOp::WindowFunction(op) => matches!(op.window, WindowSpec::Session { .. }).then(|| op.partition.clone()),
        RelOp::Calc(calc) => {
            let below = session_partition(&calc.input)?;
            let above = |column: &usize| {
                let is_same = |expr: &nutkin_plan::Expr| matches!(expr.kind, ExprKind::Input(i) if i == *column);
                calc.projection.iter().position(is_same)
            };
            below.iter().map(above).collect()
        }
        _ => None,
    }
}

fn is_instant(rel: &Rel, column: usize) -> bool {
    rel.column(column).is_some_and(|column| matches!(column.data_type.logical, LogicalType::TimestampLtz { .. }))
}

/// The window of `rel`, when its rows are in one.
pub(crate) fn window_properties(rel: &Rel) -> Option<WindowProperties> {
    match &rel.op {
        RelOp::WindowFunction(op) => {
            let first = op.input.schema.len();
            Some(WindowProperties {
                window: op.window,
                is_instant: is_instant(&op.input, op.time_column),
                start: vec![first],
                end: vec![first + 1],
                time: vec![first + 2],
            })
        }
        RelOp::Calc(calc) => {
            let below = window_properties(&calc.input)?;
            let above = |columns: &[usize]| -> Vec<usize> {
                let passes = |expr: &nutkin_plan::Expr| matches!(expr.kind, ExprKind::Input(i) if columns.contains(&i));
                calc.projection.iter().enumerate().filter(|(_, expr)| passes(expr)).map(|(i, _)| i).collect()
            };
            Some(WindowProperties {
                window: below.window,
                is_instant: below.is_instant,
                start: above(&below.start),
                end: above(&below.end),
                time: above(&below.time),
            })
        }
        RelOp::WindowAggregate(op) => {
            let (window, is_instant) = match op.window {
                WindowInput::Assign { window, time_column } => (window, is_instant(&op.input, time_column)),
                WindowInput::Attached { window, is_instant, .. } => (window, is_instant),
            };
            let first = op.grouping.len() + op.calls.len();
            let places = |wanted: WindowProperty| {
                op.properties.iter().enumerate().filter(|(_, p)| **p == wanted).map(|(i, _)| first + i).collect()
            };
            Some(WindowProperties {
                window,
                is_instant,
                start: places(WindowProperty::Start),
                end: places(WindowProperty::End),
                time: places(WindowProperty::Time),
            })
        }
        RelOp::Rank(op) => window_properties(&op.input),
        RelOp::Join(Join { bound: JoinBound::Window { window, left, right }, left: input, kind, .. }) => {
            let width = input.schema.len();
            let both = |left: usize, right: usize| match kind.keeps_right() {
                true => vec![left, right + width],
                false => vec![left],
            };
            Some(WindowProperties {
                window: *window,
                is_instant: window_properties(input)?.is_instant,
                start: both(left.start, right.start),
                end: both(left.end, right.end),
                time: Vec::new(),
            })
        }
        _ => None,
    }
}
