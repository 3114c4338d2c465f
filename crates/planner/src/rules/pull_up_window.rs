//! A window function right below its aggregation is merged into it: rows are then put into slices instead of being copied
//! into every window.

use nutkin_plan::operators::WindowInput;
use nutkin_plan::{Expr, ExprKind};
use nutkin_types::{Column, Schema};

use super::bottom_up;
use crate::relational::{Calc, Rel, RelOp, WindowAggregate};

pub(super) fn pull_up_window(rel: Rel) -> Rel {
    bottom_up(rel, &|mut rel| {
        if let RelOp::WindowAggregate(aggregate) = &mut rel.op {
            pull_up(aggregate);
        }
        rel
    })
}

fn pull_up(aggregate: &mut WindowAggregate) {
    let WindowInput::Attached { window, .. } = aggregate.window else { return };
    let Some(stripped) = strip(&aggregate.input) else { return };
    let place = |column: usize| stripped.places.get(column).copied().flatten();
    let read =
        aggregate.grouping.iter().chain(aggregate.calls.iter().flat_map(|call| call.args.iter().chain(&call.filter)));
    if read.into_iter().any(|&column| place(column).is_none()) {
        return;
    }
    let map = |column: &mut usize| *column = place(*column).unwrap_or(*column);
    aggregate.grouping.iter_mut().for_each(map);
    for call in &mut aggregate.calls {
        call.args.iter_mut().chain(call.filter.as_mut()).for_each(map);
    }
    aggregate.window = WindowInput::Assign { window, time_column: stripped.time };
    *aggregate.input = stripped.rel;
}

/// A relation without its window columns.
struct Stripped {
    rel: Rel,
    /// Where each former column is; None for window columns.
    places: Vec<Option<usize>>,
    /// The event time that decides about windows.
    time: usize,
}

/// `rel` without the window function it is made of; None when an expression uses a window column.
fn strip(rel: &Rel) -> Option<Stripped> {
    match &rel.op {
        RelOp::WindowFunction(op) => {
            let width = op.input.schema.len();
            let places = (0..width).map(Some).chain([None; 3]).collect();
            Some(Stripped { rel: (*op.input).clone(), places, time: op.time_column })
        }
        RelOp::Calc(calc) => strip_calc(calc, &rel.schema),
        _ => None,
    }
}

fn strip_calc(calc: &Calc, schema: &Schema) -> Option<Stripped> {
    let below = strip(&calc.input)?;
    let place = |column: usize| below.places.get(column).copied().flatten();
    let moved = |expr: &Expr| {
        let mut expr = expr.clone();
        expr.inputs().iter().all(|&column| place(column).is_some()).then(|| {
            expr.map_inputs(&|column| place(column).unwrap_or(column));
            expr
        })
    };
    let condition = match &calc.condition {
        None => None,
        Some(condition) => Some(moved(condition)?),
    };
    let mut projection = Vec::with_capacity(calc.projection.len() + 1);
    let mut columns: Vec<Column> = Vec::with_capacity(calc.projection.len() + 1);
    let mut places = Vec::with_capacity(calc.projection.len());
    for (expr, column) in calc.projection.iter().zip(schema.columns.iter()) {
        match (&expr.kind, moved(expr)) {
            (_, Some(expr)) => {
                places.push(Some(projection.len()));
                projection.push(expr);
                columns.push(column.clone());
            }
            (ExprKind::Input(_), None) => places.push(None),
            (_, None) => return None,
        }
    }
    let time_column = below.rel.column(below.time)?.clone();
    let is_time = |expr: &Expr| matches!(expr.kind, ExprKind::Input(column) if column == below.time);
    let time = match projection.iter().position(is_time) {
        Some(time) => {
            columns[time].time_attribute = time_column.time_attribute;
            time
        }
        None => {
            projection.push(Expr::input(below.time, time_column.data_type.clone()));
            columns.push(time_column);
            projection.len() - 1
        }
    };
    let calc = Calc { input: Box::new(below.rel), projection, condition };
    Some(Stripped { rel: Rel::new(calc, Schema::new(columns)), places, time })
}
