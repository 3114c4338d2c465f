//! Literals and their types, as Calcite gives them.

use nutkin_functions::{EvaluatorOptions, TimeZone, evaluate_constant};
use nutkin_plan::{CastFailure, Expr};
use nutkin_sql::ast::{Literal, NumberLiteral};
use nutkin_types::data_type::MAX_DECIMAL_PRECISION;
use nutkin_types::{DataType, LogicalType, Value};

use super::{Context, interval, keyword};
use crate::error::{ErrorKind, PlannerError, Result};

pub(super) fn literal(context: &Context<'_>, literal: &Literal) -> Result<Expr> {
    match literal {
        Literal::Null => Ok(Expr::literal(Value::Null, LogicalType::Null.nullable())),
        Literal::Unknown => Ok(Expr::literal(Value::Null, LogicalType::Boolean.nullable())),
        Literal::Boolean(value) => Ok(Expr::literal(Value::Boolean(*value), LogicalType::Boolean.not_null())),
        Literal::Number(number) => number_literal(number, false),
        Literal::String(text) => Ok(text_literal(text)),
        Literal::Binary(bytes) => {
            let data_type = LogicalType::Binary { length: length(bytes.len()) }.not_null();
            Ok(Expr::literal(Value::Bytes(bytes.clone()), data_type))
        }
        Literal::Date(text) => temporal(context, "DATE", text, LogicalType::Date),
        // The fraction is part of the value but not of the type.
        Literal::Time(text) => {
            let found = temporal(context, "TIME", text, LogicalType::Time { precision: fraction(text) })?;
            Ok(Expr { data_type: LogicalType::Time { precision: 0 }.not_null(), ..found })
        }
        Literal::Timestamp(text) => {
            temporal(context, "TIMESTAMP", text, LogicalType::Timestamp { precision: fraction(text) })
        }
        Literal::TimestampLtz(text) => temporal(
            context,
            "TIMESTAMP WITH LOCAL TIME ZONE",
            text,
            LogicalType::TimestampLtz { precision: fraction(text) },
        ),
        Literal::Interval(literal) => interval::interval_literal(literal),
        Literal::Unit(unit) => Ok(keyword(unit.keyword())),
    }
}

/// A CHAR of the text's own length.
pub(crate) fn text_literal(text: &str) -> Expr {
    let data_type = LogicalType::Char { length: length(text.encode_utf16().count()) }.not_null();
    Expr::literal(Value::String(text.to_owned()), data_type)
}

/// INT, BIGINT, DECIMAL or DOUBLE by form and size; the sign belongs to the value so that the smallest BIGINT can be
/// written.
pub(super) fn number_literal(number: &NumberLiteral, negative: bool) -> Result<Expr> {
    let sign = if negative { "-" } else { "" };
    let bad = || PlannerError::new(ErrorKind::Type, format!("Numeric literal '{sign}{}' out of range", number.text));
    if number.is_approximate() {
        let value: f64 = format!("{sign}{}", number.text).parse().map_err(|_| bad())?;
        if !value.is_finite() {
            return Err(bad());
        }
        return Ok(Expr::literal(Value::Double(value), LogicalType::Double.not_null()));
    }
    let digits: String = number.text.chars().filter(|c| *c != '.').collect();
    let unscaled: i128 = format!("{sign}{digits}").parse().map_err(|_| bad())?;
    let scale = number.scale();
    if scale == 0 {
        if let Ok(value) = i32::try_from(unscaled) {
            return Ok(Expr::literal(Value::Integer(value.into()), LogicalType::Int.not_null()));
        }
        if let Ok(value) = i64::try_from(unscaled) {
            return Ok(Expr::literal(Value::Integer(value), LogicalType::BigInt.not_null()));
        }
    }
    // Every digit written counts, also a leading zero: `0.5` is DECIMAL(2, 1).
    let precision = u8::try_from(digits.len().max(1)).map_err(|_| bad())?;
    let scale = u8::try_from(scale).map_err(|_| bad())?;
    // Its digits together must fit a BIGINT, however many a DECIMAL may have.
    if precision > MAX_DECIMAL_PRECISION || i64::try_from(unscaled).is_err() {
        return Err(bad());
    }
    Ok(Expr::literal(Value::Decimal(unscaled), LogicalType::Decimal { precision, scale }.not_null()))
}

/// A literal whose text is read as a cast from text reads it.
fn temporal(context: &Context<'_>, keyword: &str, text: &str, logical: LogicalType) -> Result<Expr> {
    let data_type = logical.not_null();
    let cast = Expr::cast(text_literal(text), data_type.clone(), CastFailure::Null);
    let illegal = || {
        PlannerError::new(ErrorKind::Type, format!("Illegal {keyword} literal '{text}'"))
            .with_remedy("Write yyyy-MM-dd for dates, HH:mm:ss[.fff] for times, and both with a blank for timestamps.")
    };
    match evaluate_constant(&cast, &options(context)) {
        Ok(Some(value)) if !value.is_null() => Ok(Expr::literal(value, data_type)),
        _ => Err(illegal()),
    }
}

/// The settings constants are evaluated with.
fn options(context: &Context<'_>) -> EvaluatorOptions {
    evaluator_options(&context.analyzer.session.time_zone)
}

/// As the session's time zone says; UTC for a name that was never checked.
pub(crate) fn evaluator_options(time_zone: &str) -> EvaluatorOptions {
    EvaluatorOptions { time_zone: TimeZone::parse(time_zone).unwrap_or_default() }
}

/// The value of a constant expression; None when it is none, or fails, or has no finite value (which a stored plan cannot
/// hold).
pub(crate) fn constant(expr: &Expr, options: &EvaluatorOptions) -> Option<Value> {
    let value = evaluate_constant(expr, options).ok().flatten()?;
    match value {
        Value::Double(number) if !number.is_finite() => None,
        value => Some(value),
    }
}

/// Digits after the point of the seconds.
fn fraction(text: &str) -> u8 {
    let digits = text.rsplit_once('.').map_or(0, |(_, rest)| rest.chars().take_while(char::is_ascii_digit).count());
    u8::try_from(digits).unwrap_or(9).min(9)
}

fn length(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(nutkin_types::data_type::MAX_LENGTH)
}

/// The value of a literal that is a whole number, e.g. of LIMIT.
pub(crate) fn whole_number(expr: &Expr) -> Option<u64> {
    match (&expr.kind, &expr.data_type) {
        (nutkin_plan::ExprKind::Literal(Value::Integer(value)), DataType { logical, .. }) if logical.is_numeric() => {
            u64::try_from(*value).ok()
        }
        _ => None,
    }
}
