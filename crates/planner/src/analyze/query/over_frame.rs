//! Frames of OVER windows, and what a stream allows of them (spec Q-05).

use nutkin_plan::operators::{Frame, FrameBound, FrameUnit};
use nutkin_sql::ast;
use nutkin_types::Value;

use crate::analyze::expression::{Context, evaluator_options, expression};
use crate::error::{ErrorKind, PlannerError, Result};
use crate::relational::{Over, Rel};

/// From the first row to the current one.
pub(super) fn up_to_current(unit: FrameUnit) -> Frame {
    Frame { unit, start: FrameBound::UnboundedPreceding, end: FrameBound::CurrentRow }
}

/// The frame that is written; without one everything, or everything up to the current row where there is an order.
pub(super) fn frame(context: &Context<'_>, written: Option<&ast::WindowFrame>, is_ordered: bool) -> Result<Frame> {
    let Some(written) = written else {
        let end = if is_ordered { FrameBound::CurrentRow } else { FrameBound::UnboundedFollowing };
        return Ok(Frame { unit: FrameUnit::Range, start: FrameBound::UnboundedPreceding, end });
    };
    let unit = match written.unit {
        ast::FrameUnit::Rows => FrameUnit::Rows,
        ast::FrameUnit::Range => FrameUnit::Range,
    };
    let start = bound(context, &written.start)?;
    let end = written.end.as_ref().map_or(Ok(FrameBound::CurrentRow), |end| bound(context, end))?;
    if matches!(start, FrameBound::UnboundedFollowing) || matches!(end, FrameBound::UnboundedPreceding) {
        return Err(
            PlannerError::new(ErrorKind::Query, "A frame cannot start at its end or end at its start").at(written.span)
        );
    }
    Ok(Frame { unit, start, end })
}

fn bound(context: &Context<'_>, written: &ast::FrameBound) -> Result<FrameBound> {
    Ok(match written {
        ast::FrameBound::CurrentRow => FrameBound::CurrentRow,
        ast::FrameBound::UnboundedPreceding => FrameBound::UnboundedPreceding,
        ast::FrameBound::UnboundedFollowing => FrameBound::UnboundedFollowing,
        ast::FrameBound::Preceding(distance) => FrameBound::Preceding(constant(context, distance)?),
        ast::FrameBound::Following(distance) => FrameBound::Following(constant(context, distance)?),
    })
}

fn constant(context: &Context<'_>, written: &ast::Expr) -> Result<Value> {
    let value = expression(context, written)?;
    let options = evaluator_options(&context.analyzer.session.time_zone);
    match nutkin_functions::evaluate_constant(&value, &options) {
        Ok(Some(Value::Null) | None) | Err(_) => {
            Err(PlannerError::new(ErrorKind::Query, "The distance of a frame must be constant").at(written.span))
        }
        Ok(Some(value)) => Ok(value),
    }
}

/// What can be kept right while rows come: one ascending order column, and a frame that ends at the current row.
pub(super) fn check_streaming(over: &Over, input: &Rel) -> Result<()> {
    let refused = |cause: &str, remedy: &str| Err(PlannerError::new(ErrorKind::Query, cause).with_remedy(remedy));
    let ranking = ["ROW_NUMBER", "RANK", "DENSE_RANK"];
    if over.calls.iter().all(|call| ranking.contains(&call.function.as_str())) {
        // Whether it is a Top-N is known once the conditions above are.
        return Ok(());
    }
    if let Some(call) = over.calls.iter().find(|call| matches!(call.function.as_str(), "LEAD" | "NTILE")) {
        return refused(
            &format!("{} Function is not supported in stream mode.", call.function),
            "Use LAG, which looks back.",
        );
    }
    let [key] = over.order.as_slice() else {
        return refused(
            "The window can only be ordered by a single time column.",
            "ORDER BY one time attribute, ascending.",
        );
    };
    if key.descending {
        return refused("The window can only be ordered in ASCENDING mode.", "ORDER BY the time attribute, ascending.");
    }
    let is_time = input.column(key.column).is_some_and(|column| column.time_attribute.is_some());
    if !matches!(over.frame.end, FrameBound::CurrentRow) || matches!(over.frame.start, FrameBound::Following(_)) {
        return refused("OVER RANGE FOLLOWING windows are not supported yet.", "End the frame at CURRENT ROW.");
    }
    if !is_time && over.frame.start != FrameBound::UnboundedPreceding {
        return refused(
            "OVER windows' ordering in stream mode must be defined on a time attribute.",
            "ORDER BY $rowtime or a column with a WATERMARK, or leave the frame out.",
        );
    }
    Ok(())
}
