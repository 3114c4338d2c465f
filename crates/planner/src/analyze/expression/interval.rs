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

/// What one of `unit` is behind INTERVAL, where Flink takes a week for an hour and a quarter for a month.
fn interval_step(unit: TimeUnit) -> Option<Step> {
    match unit {
        TimeUnit::Week => step(TimeUnit::Hour),
        TimeUnit::Quarter => step(TimeUnit::Month),
        other => step(other),
    }
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
    let first = |text: &str| first_field(qualifier, literal, sign, number(text).ok_or_else(bad)?);
    if qualifier.end == Some(TimeUnit::Month) {
        let (years, months) = text.split_once('-').ok_or_else(bad)?;
        let months = later_field(months, 11).ok_or_else(bad)?;
        return Ok(interval(sign * (first(years)? * 12 + months), YEAR_MONTH));
    }
    let fraction = qualifier.fraction_precision.unwrap_or(FRACTION_DIGITS);
    if let Some(end) = qualifier.end {
        let (own, rest) = split_first(text, qualifier.start).ok_or_else(bad)?;
        let rest = later_fields(rest, qualifier.start, end, fraction).ok_or_else(bad)?;
        let each = DAY_TIME_UNITS.iter().find(|(unit, _)| *unit == qualifier.start).ok_or_else(bad)?.1;
        return Ok(interval(sign * (first(own)? * each + rest), DAY_TIME));
    }
    match interval_step(qualifier.start).ok_or_else(bad)? {
        Step::Months(each) => Ok(interval(sign * first(text)? * each, YEAR_MONTH)),
        Step::Milliseconds(1_000) => {
            let (whole, millis) = seconds(text, fraction).ok_or_else(bad)?;
            Ok(interval(sign * (first(whole)? * 1_000 + millis), DAY_TIME))
        }
        Step::Milliseconds(1) => Ok(interval(sign * number(text).ok_or_else(bad)?, DAY_TIME)),
        Step::Milliseconds(each) => Ok(interval(sign * first(text)? * each, DAY_TIME)),
    }
}

/// Digits of the first field, and of the fraction of a second, unless the qualifier says how many.
const FIRST_DIGITS: u32 = 2;
const FRACTION_DIGITS: u32 = 6;

/// The value of the first field, which has as many digits as its precision at most.
fn first_field(qualifier: IntervalQualifier, literal: &IntervalLiteral, sign: i64, value: i64) -> Result<i64> {
    let precision = qualifier.start_precision.unwrap_or(FIRST_DIGITS);
    let unit = qualifier.start.keyword();
    if !(1..=10).contains(&precision) {
        let cause =
            format!("Interval leading field precision '{precision}' out of range for INTERVAL {unit}({precision})");
        return Err(PlannerError::new(ErrorKind::Type, cause));
    }
    if value >= 10i64.pow(precision) || value > i64::from(i32::MAX) {
        let cause = format!("Interval field value {} exceeds precision of {unit}({precision}) field", sign * value);
        let digits = value.to_string().len();
        return Err(PlannerError::new(ErrorKind::Type, cause)
            .with_remedy(format!("Say how many digits it has: INTERVAL '{}' {unit}({digits}).", literal.text)));
    }
    Ok(value)
}

/// The value of any other field: one or two digits, at most `most`.
fn later_field(text: &str, most: i64) -> Option<i64> {
    number(text).filter(|&value| text.trim().len() <= 2 && value <= most)
}

/// The first field and the others of a range that begins with `start`.
fn split_first(text: &str, start: TimeUnit) -> Option<(&str, &str)> {
    text.split_once(if start == TimeUnit::Day { ' ' } else { ':' })
}

/// Milliseconds of the fields after `start` up to `end`.
fn later_fields(text: &str, start: TimeUnit, end: TimeUnit, fraction: u32) -> Option<i64> {
    let place = |wanted: TimeUnit| DAY_TIME_UNITS.iter().position(|(unit, _)| *unit == wanted);
    let units = DAY_TIME_UNITS.get(place(start)? + 1..=place(end)?)?;
    let parts: Vec<&str> = text.trim().split(':').collect();
    if parts.len() != units.len() {
        return None;
    }
    parts.iter().zip(units).try_fold(0i64, |sum, (part, (unit, each))| {
        let most = if *unit == TimeUnit::Hour { 23 } else { 59 };
        let (part, millis) = if *unit == TimeUnit::Second { seconds(part, fraction)? } else { (*part, 0) };
        Some(sum + later_field(part, most)? * each + millis)
    })
}

/// `INTERVAL x DAY`: as many intervals of one unit.
pub(super) fn interval_of(context: &Context<'_>, value: &ast::Expr, qualifier: IntervalQualifier) -> Result<Expr> {
    let count = expression(context, value)?;
    let unsupported = || PlannerError::not_built(format!("INTERVAL of an expression in {}", name(qualifier)));
    if qualifier.end.is_some() {
        return Err(unsupported());
    }
    let one = match interval_step(qualifier.start).ok_or_else(unsupported)? {
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

/// Whole seconds and milliseconds of `12.5`, with at most `digits` after the point; those after the third are cut.
fn seconds(text: &str, digits: u32) -> Option<(&str, i64)> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if fraction.len() > usize::try_from(digits).ok()? || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let millis: String = fraction.chars().chain("000".chars()).take(3).collect();
    Some((whole, millis.parse().ok()?))
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
