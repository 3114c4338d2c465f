//! Frames of OVER windows, and what a stream allows of them (spec Q-05).

use nutkin_functions::aggregate;
use nutkin_plan::Expr;
use nutkin_plan::operators::{Frame, FrameBound, FrameUnit, SortKey};
use nutkin_sql::ast;
use nutkin_types::data_type::TypeFamily;
use nutkin_types::{DataType, LogicalType, Value};

use crate::analyze::expression::{Context, evaluator_options, expression};
use crate::error::{ErrorKind, PlannerError, Result};
use crate::relational::{Over, Rel};

/// From the first row to the current one.
pub(super) fn up_to_current(unit: FrameUnit) -> Frame {
    Frame { unit, start: FrameBound::UnboundedPreceding, end: FrameBound::CurrentRow }
}

/// Functions that cannot take rows back need all rows up to the current one.
pub(super) fn check_whole(function: &str, distinct: bool, frame: &Frame) -> Result<()> {
    let fixed = aggregate::lookup_over(function).filter(|known| !known.retractable && known.name != "LAG");
    let is_whole = frame.start == FrameBound::UnboundedPreceding && frame.end == FrameBound::CurrentRow;
    match fixed {
        Some(_) if distinct => {
            Err(PlannerError::new(ErrorKind::Query, format!("DISTINCT is not supported for {function}")))
        }
        Some(_) if !is_whole => {
            let cause = format!("{function} needs the rows from UNBOUNDED PRECEDING to CURRENT ROW");
            Err(PlannerError::new(ErrorKind::Query, cause)
                .with_remedy("ORDER BY a time attribute RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW."))
        }
        _ => Ok(()),
    }
}

/// The frame that is written; without one everything, or everything up to the current row where there is an order.
pub(super) fn frame(
    context: &Context<'_>,
    written: Option<&ast::WindowFrame>,
    order: &[(Expr, SortKey)],
) -> Result<Frame> {
    let Some(written) = written else {
        let end = if !order.is_empty() { FrameBound::CurrentRow } else { FrameBound::UnboundedFollowing };
        return Ok(Frame { unit: FrameUnit::Range, start: FrameBound::UnboundedPreceding, end });
    };
    let unit = match written.unit {
        ast::FrameUnit::Rows => FrameUnit::Rows,
        ast::FrameUnit::Range => FrameUnit::Range,
    };
    let by = order.first().filter(|_| unit == FrameUnit::Range).map(|(expr, _)| &expr.data_type);
    let start = bound(context, &written.start, by)?;
    let end = written.end.as_ref().map_or(Ok(FrameBound::CurrentRow), |end| bound(context, end, by))?;
    if matches!(start, FrameBound::UnboundedFollowing) || matches!(end, FrameBound::UnboundedPreceding) {
        return Err(
            PlannerError::new(ErrorKind::Query, "A frame cannot start at its end or end at its start").at(written.span)
        );
    }
    Ok(Frame { unit, start, end })
}

/// One end of a frame; the distance of a range is in terms of the type that it is ordered by.
fn bound(context: &Context<'_>, written: &ast::FrameBound, by: Option<&DataType>) -> Result<FrameBound> {
    Ok(match written {
        ast::FrameBound::CurrentRow => FrameBound::CurrentRow,
        ast::FrameBound::UnboundedPreceding => FrameBound::UnboundedPreceding,
        ast::FrameBound::UnboundedFollowing => FrameBound::UnboundedFollowing,
        ast::FrameBound::Preceding(distance) => FrameBound::Preceding(constant(context, distance, by)?),
        ast::FrameBound::Following(distance) => FrameBound::Following(constant(context, distance, by)?),
    })
}

fn constant(context: &Context<'_>, written: &ast::Expr, by: Option<&DataType>) -> Result<Value> {
    let value = expression(context, written)?;
    let data_type = value.data_type.clone();
    if data_type.family() == TypeFamily::IntervalYearMonth {
        return Err(PlannerError::not_built("A distance of months in an OVER window")
            .at(written.span)
            .with_remedy("Use an interval of days."));
    }
    let options = evaluator_options(&context.analyzer.session.time_zone);
    let value = match nutkin_functions::evaluate_constant(&value, &options) {
        Ok(Some(value)) if !value.is_null() => value,
        _ => {
            let cause = "The distance of a frame must be constant";
            return Err(PlannerError::new(ErrorKind::Query, cause).at(written.span));
        }
    };
    in_terms_of(value, &data_type, by.map(|by| &by.logical)).ok_or_else(|| {
        let cause = format!("A distance of type {data_type} does not fit the ORDER BY of its window");
        PlannerError::new(ErrorKind::Type, cause).at(written.span)
    })
}

/// A distance as values of type `by` have it; without one, as a number of rows.
fn in_terms_of(value: Value, data_type: &DataType, by: Option<&LogicalType>) -> Option<Value> {
    let is_time = by.is_some_and(LogicalType::is_datetime);
    if data_type.family() == TypeFamily::IntervalDayTime {
        return is_time.then_some(value);
    }
    let scale = |logical: &LogicalType| logical.as_decimal().map_or(0, |(_, scale)| u32::from(scale));
    let unscaled = match value {
        Value::Integer(number) => i128::from(number),
        Value::Decimal(unscaled) => unscaled,
        Value::Double(number) => {
            return matches!(by, Some(LogicalType::Float | LogicalType::Double)).then_some(Value::Double(number));
        }
        _ => return None,
    };
    let digits = scale(&data_type.logical);
    match by {
        Some(LogicalType::Float | LogicalType::Double) => {
            Some(Value::Double(unscaled as f64 / 10f64.powi(i32::try_from(digits).ok()?)))
        }
        Some(decimal @ LogicalType::Decimal { .. }) => {
            let wanted = unscaled.checked_mul(10i128.checked_pow(scale(decimal))?)?;
            Some(Value::Decimal(wanted.div_euclid(10i128.checked_pow(digits)?)))
        }
        // Between whole numbers a part of one makes no difference.
        _ if !is_time => i64::try_from(unscaled.div_euclid(10i128.checked_pow(digits)?)).ok().map(Value::Integer),
        _ => None,
    }
}

/// What can be kept right while rows come: one ascending order column, and a frame that ends at the current row.
pub(crate) fn check_streaming(over: &Over, input: &Rel) -> Result<()> {
    let refused = |cause: &str, remedy: &str| Err(PlannerError::new(ErrorKind::Query, cause).with_remedy(remedy));
    let ranking = ["ROW_NUMBER", "RANK", "DENSE_RANK"];
    if over.calls.iter().all(|call| ranking.contains(&call.function.as_str())) {
        // Whether it is a Top-N is known once the conditions above are.
        return Ok(());
    }
    if let Some(call) = over.calls.iter().find(|call| matches!(call.function.as_str(), "LEAD" | "NTILE")) {
        let remedy = match call.function.as_str() {
            "LEAD" => "Use LAG, which looks back.",
            _ => "How many rows there are is known in a snapshot query: SET 'sql.snapshot.mode' = 'now'.",
        };
        return refused(&format!("{} Function is not supported in stream mode.", call.function), remedy);
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
