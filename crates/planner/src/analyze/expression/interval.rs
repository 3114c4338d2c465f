//! Intervals: literals by their qualifier, and `INTERVAL expression unit`.
//!
//! Flink's two interval types keep no fields: day-time intervals are milliseconds (`INTERVAL SECOND(3)`), year-month
//! intervals months.

use nutkin_plan::Expr;
use nutkin_sql::ast::{self, IntervalLiteral, IntervalQualifier, TimeUnit};
use nutkin_types::data_type::{DayTimeResolution, YearMonthResolution};
use nutkin_types::{LogicalType, Value};

use super::{Context, expression};
use crate::error::{ErrorKind, PlannerError, Result};

/// Milliseconds.
pub(crate) const DAY_TIME: LogicalType =
    LogicalType::IntervalDayTime { resolution: DayTimeResolution::Second, day_precision: 2, fractional_precision: 3 };

/// Months.
pub(crate) const YEAR_MONTH: LogicalType =
    LogicalType::IntervalYearMonth { resolution: YearMonthResolution::Month, precision: 2 };

/// Day-time units from the largest, with their milliseconds.
const DAY_TIME_UNITS: [(TimeUnit, i64); 4] =
    [(TimeUnit::Day, 86_400_000), (TimeUnit::Hour, 3_600_000), (TimeUnit::Minute, 60_000), (TimeUnit::Second, 1_000)];

/// What one of `unit` is.
enum Step {
    Months(i64),
    Milliseconds(i64),
}

fn step(unit: TimeUnit) -> Option<Step> {
    Some(match unit {
        TimeUnit::Millennium => Step::Months(12_000),
        TimeUnit::Century => Step::Months(1_200),
        TimeUnit::Decade => Step::Months(120),
        TimeUnit::Year => Step::Months(12),
        TimeUnit::Quarter => Step::Months(3),
        TimeUnit::Month => Step::Months(1),
        TimeUnit::Week => Step::Milliseconds(7 * 86_400_000),
        TimeUnit::Millisecond => Step::Milliseconds(1),
        other => Step::Milliseconds(DAY_TIME_UNITS.iter().find(|(unit, _)| *unit == other)?.1),
    })
}

/// `INTERVAL '1 12:30' DAY TO MINUTE`
pub(super) fn interval_literal(literal: &IntervalLiteral) -> Result<Expr> {
    let text = literal.text.trim();
    let (inner_negative, text) = match text.strip_prefix(['-', '+']) {
        Some(rest) => (text.starts_with('-'), rest),
        None => (false, text),
    };
    let sign = if literal.negative != inner_negative { -1 } else { 1 };
    let bad = || {
        PlannerError::new(
            ErrorKind::Type,
            format!("Illegal interval literal format '{}' for INTERVAL {}", literal.text, name(literal.qualifier)),
        )
    };
    let qualifier = literal.qualifier;
    if qualifier.end == Some(TimeUnit::Month) {
        let (years, months) = text.split_once('-').ok_or_else(bad)?;
        let months = number(years).zip(number(months)).map(|(years, months)| years * 12 + months).ok_or_else(bad)?;
        return Ok(interval(sign * months, YEAR_MONTH));
    }
    if let Some(end) = qualifier.end {
        return Ok(interval(sign * day_time_range(text, qualifier.start, end).ok_or_else(bad)?, DAY_TIME));
    }
    match step(qualifier.start).ok_or_else(bad)? {
        Step::Months(each) => {
            let count = number(text).ok_or_else(bad)?;
            Ok(interval(sign * count.checked_mul(each).ok_or_else(bad)?, YEAR_MONTH))
        }
        Step::Milliseconds(1_000) => Ok(interval(sign * seconds(text).ok_or_else(bad)?, DAY_TIME)),
        Step::Milliseconds(each) => {
            let count = number(text).ok_or_else(bad)?;
            Ok(interval(sign * count.checked_mul(each).ok_or_else(bad)?, DAY_TIME))
        }
    }
}

/// `INTERVAL x DAY`: as many intervals of one unit.
pub(super) fn interval_of(context: &Context<'_>, value: &ast::Expr, qualifier: IntervalQualifier) -> Result<Expr> {
    let count = expression(context, value)?;
    let unsupported = || PlannerError::not_built(format!("INTERVAL of an expression in {}", name(qualifier)));
    if qualifier.end.is_some() {
        return Err(unsupported());
    }
    let one = match step(qualifier.start).ok_or_else(unsupported)? {
        Step::Months(each) => interval(each, YEAR_MONTH),
        Step::Milliseconds(each) => interval(each, DAY_TIME),
    };
    context.call("*", vec![count, one])
}

/// `CAST(5 AS INTERVAL DAY)` of a number as written, which counts the unit; of any other integer it counts milliseconds or
/// months, and this is None.
pub(super) fn of_number(operand: &ast::Expr, target: &ast::DataType) -> Option<Expr> {
    let (negative, literal) = match &operand.kind {
        ast::ExprKind::Unary { op: ast::UnaryOp::Minus, operand } => (true, &operand.kind),
        kind => (false, kind),
    };
    let ast::ExprKind::Literal(ast::Literal::Number(count)) = literal else { return None };
    let ast::DataTypeKind::Interval(qualifier) = target.kind else { return None };
    if count.is_approximate() || qualifier.end.is_some() {
        return None;
    }
    let (whole, fraction) = count.text.split_once('.').unwrap_or((&count.text, ""));
    let digits: i128 = format!("0{whole}{fraction}").parse().ok()?;
    let unit = 10i128.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    let counted =
        |each: i64| i64::try_from(digits.checked_mul(i128::from(if negative { -each } else { each }))? / unit).ok();
    Some(match step(qualifier.start)? {
        Step::Months(each) => interval(counted(each)?, YEAR_MONTH),
        Step::Milliseconds(each) => interval(counted(each)?, DAY_TIME),
    })
}

fn interval(value: i64, logical: LogicalType) -> Expr {
    Expr::literal(Value::Integer(value), logical.not_null())
}

/// `1 12:30:00.5`, from unit `start` to unit `end`.
fn day_time_range(text: &str, start: TimeUnit, end: TimeUnit) -> Option<i64> {
    let first = DAY_TIME_UNITS.iter().position(|(unit, _)| *unit == start)?;
    let last = DAY_TIME_UNITS.iter().position(|(unit, _)| *unit == end)?;
    let units = DAY_TIME_UNITS.get(first..=last)?;
    let parts: Vec<&str> = match text.split_once(' ') {
        Some((days, rest)) if start == TimeUnit::Day => std::iter::once(days).chain(rest.trim().split(':')).collect(),
        _ => text.split(':').collect(),
    };
    if parts.len() != units.len() {
        return None;
    }
    parts.iter().zip(units).try_fold(0i64, |sum, (part, (unit, each))| {
        let millis = if *unit == TimeUnit::Second { seconds(part)? } else { number(part)?.checked_mul(*each)? };
        sum.checked_add(millis)
    })
}

/// Milliseconds of `12.5` seconds; digits after the third are cut.
fn seconds(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let millis: String = fraction.chars().chain("000".chars()).take(3).collect();
    number(whole)?.checked_mul(1_000)?.checked_add(millis.parse().ok()?)
}

fn number(text: &str) -> Option<i64> {
    let text = text.trim();
    (!text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

fn name(qualifier: IntervalQualifier) -> String {
    match qualifier.end {
        Some(end) => format!("{} TO {}", qualifier.start.keyword(), end.keyword()),
        None => qualifier.start.keyword().to_owned(),
    }
}
