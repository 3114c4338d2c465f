//! Which columns are still time attributes once it is known which joins are bounded.
//!
//! While a query is analysed a join may yet turn out to be one over an interval or a window, so it passes time attributes
//! on. A regular join keeps rows for as long as it likes: its times are ordinary timestamps, and whoever needs event time
//! above it is refused as Flink refuses it.

use nutkin_plan::ExprKind;
use nutkin_plan::operators::{SortKey, WindowInput};
use nutkin_types::{Column, Schema, TimeAttribute};

use crate::error::{ErrorKind, PlannerError, Result};
use crate::relational::{JoinBound, Rel, RelOp};

/// `any_time`: windows are over any timestamp, for nothing is late where all rows are there.
pub(super) fn settle_time(mut rel: Rel, any_time: bool) -> Result<Rel> {
    walk(&mut rel, any_time)?;
    Ok(rel)
}

fn walk(rel: &mut Rel, any_time: bool) -> Result<()> {
    for input in rel.inputs_mut() {
        walk(input, any_time)?;
    }
    let marks: Vec<Option<TimeAttribute>> = (0..rel.schema.len()).map(|column| mark(rel, column)).collect();
    let columns = rel.schema.columns.iter().zip(marks);
    rel.schema = Schema::new(columns.map(|(column, time_attribute)| Column { time_attribute, ..column.clone() }));
    check(rel, any_time)
}

/// The role of column `column` of the output.
fn mark(rel: &Rel, column: usize) -> Option<TimeAttribute> {
    let own = rel.column(column).and_then(|column| column.time_attribute);
    let below = |input: &Rel, column: usize| input.column(column).and_then(|column| column.time_attribute);
    match &rel.op {
        RelOp::Scan(_) | RelOp::Values(_) => own,
        // The roles of a table's columns are given above its scan.
        RelOp::Calc(op) if matches!(op.input.op, RelOp::Scan(_)) => own,
        RelOp::Calc(op) => match op.projection.get(column).map(|expr| &expr.kind) {
            Some(ExprKind::Input(input)) => below(&op.input, *input),
            _ => own,
        },
        RelOp::Union(op) => own.filter(|_| op.inputs.iter().all(|input| below(input, column) == own)),
        RelOp::Join(op) if op.bound == JoinBound::None => None,
        RelOp::Join(op) => match column.checked_sub(op.left.schema.len()) {
            None => below(&op.left, column).filter(|_| !op.kind.fills_left()),
            Some(right) => below(&op.right, right).filter(|_| !op.kind.fills_right()),
        },
        RelOp::TemporalJoin(op) => below(&op.left, column),
        RelOp::LookupJoin(_)
        | RelOp::Correlate(_)
        | RelOp::Over(_)
        | RelOp::Rank(_)
        | RelOp::Sort(_)
        | RelOp::Limit(_) => rel.inputs().first().and_then(|input| below(input, column)),
        RelOp::WindowFunction(op) => match column < op.input.schema.len() {
            true => below(&op.input, column),
            false => own,
        },
        RelOp::WindowAggregate(_) | RelOp::GroupWindow(_) | RelOp::Match(_) => own,
        RelOp::Aggregate(_) | RelOp::Expand(_) => None,
    }
}

fn check(rel: &Rel, any_time: bool) -> Result<()> {
    let is_time = |input: &Rel, column: usize| {
        any_time || input.column(column).is_some_and(|column| column.time_attribute.is_some())
    };
    match &rel.op {
        RelOp::WindowFunction(op) if !is_time(&op.input, op.time_column) => Err(no_window(&op.input, op.time_column)),
        RelOp::WindowAggregate(op) => match op.window {
            WindowInput::Assign { time_column, .. } if !is_time(&op.input, time_column) => {
                Err(no_window(&op.input, time_column))
            }
            _ => Ok(()),
        },
        RelOp::TemporalJoin(op) if !is_time(&op.left, op.left_time) => Err(lost(
            "Temporal table join currently only supports 'FOR SYSTEM_TIME AS OF' left table's time attribute field"
                .to_owned(),
        )),
        RelOp::GroupWindow(op) if !is_time(&op.input, op.time_column) => {
            Err(lost("Window aggregate can only be defined over a time attribute column".to_owned()))
        }
        RelOp::Match(op) if !first_is_time(&op.input, &op.order) => {
            Err(lost("You must specify either rowtime or proctime for order by as the first one.".to_owned()))
        }
        _ => Ok(()),
    }
}

fn no_window(input: &Rel, column: usize) -> PlannerError {
    let found = input.column(column).map(|column| column.data_type.to_string()).unwrap_or_default();
    lost(format!("The window function requires the timecol is a time attribute type, but is {found}."))
}

fn first_is_time(input: &Rel, order: &[SortKey]) -> bool {
    order.first().and_then(|key| input.column(key.column)).is_some_and(|column| column.time_attribute.is_some())
}

fn lost(cause: String) -> PlannerError {
    PlannerError::new(ErrorKind::Query, cause).with_remedy(
        "A regular join or an aggregation below has made an ordinary timestamp of the time attribute: bound the join by \
         time or by windows, or aggregate over windows.",
    )
}
