//! Typing of calls: from a name and typed arguments to an expression of the plan.

pub mod json;
mod period;

use nutkin_plan::{CastFailure, Expr, ExprKind};
use nutkin_types::cast::supports_explicit_cast;
use nutkin_types::data_type::TypeFamily;
use nutkin_types::{DataType, LogicalType, Value};

use crate::aggregate::{self, AggregateFunction};
use crate::context::EvaluatorOptions;
use crate::error::SignatureError;
use crate::evaluator::evaluate_constant;
use crate::registry;
use crate::signature::{Argument, Inferred};

/// The call of `name` (or an alias, any case) on `args`: arguments wrapped in the implicit casts, result typed, the
/// canonical name written. Errors when there is no such function or it does not take these arguments.
pub fn call(name: &str, args: Vec<Expr>) -> Result<Expr, SignatureError> {
    let function = registry::lookup(name).ok_or_else(|| SignatureError::UnknownFunction { name: name.to_owned() })?;
    let inferred = function.infer(&arguments(&args))?;
    if function.name == period::OVERLAPS {
        return period::overlaps(args);
    }
    let is_order = matches!(function.name, "<" | "<=" | ">" | ">=");
    Ok(Expr::call(function.name, apply_casts(args, &inferred.arg_types, is_order), inferred.result))
}

/// CAST (or TRY_CAST) of `arg` to `target`; the result is nullable when the argument is or when failing gives NULL. The
/// precision of a TIME is not taken: expressions compute with TIME(0), as in Flink.
pub fn cast(arg: Expr, target: &DataType, on_failure: CastFailure) -> Result<Expr, SignatureError> {
    let whole_seconds = DataType::new(LogicalType::Time { precision: 0 }, target.nullable);
    let target = if matches!(target.logical, LogicalType::Time { .. }) { &whole_seconds } else { target };
    if !supports_explicit_cast(&arg.data_type.logical, &target.logical) {
        return Err(SignatureError::Cast { from: arg.data_type.to_string(), to: target.to_string() });
    }
    let nullable = arg.data_type.nullable || on_failure == CastFailure::Null;
    Ok(Expr::cast(arg, target.with_nullable(nullable), on_failure))
}

/// An aggregate function with its typing: the types its arguments must be cast to, and its result type.
pub fn aggregate(name: &str, args: &[Argument<'_>]) -> Result<(&'static AggregateFunction, Inferred), SignatureError> {
    let function = aggregate::lookup(name).ok_or_else(|| SignatureError::UnknownFunction { name: name.to_owned() })?;
    Ok((function, function.infer(args)?))
}

/// [`aggregate`] over an OVER window, which has functions of its own.
pub fn over(name: &str, args: &[Argument<'_>]) -> Result<(&'static AggregateFunction, Inferred), SignatureError> {
    match aggregate::lookup_over(name) {
        Some(function) => Ok((function, function.infer(args)?)),
        None => aggregate(name, args),
    }
}

/// The arguments as the inference of a function sees them.
pub fn arguments(args: &[Expr]) -> Vec<Argument<'_>> {
    args.iter().map(|arg| Argument { data_type: &arg.data_type, literal: literal(arg) }).collect()
}

/// A text literal as the keyword argument of a call.
pub fn keyword(word: &str) -> Expr {
    let length = u32::try_from(word.chars().count()).unwrap_or(1);
    Expr::literal(Value::String(word.to_owned()), LogicalType::Char { length }.not_null())
}

/// The value of a literal.
pub fn literal(expr: &Expr) -> Option<&Value> {
    match &expr.kind {
        ExprKind::Literal(value) => Some(value),
        _ => None,
    }
}

/// A cast literal as a literal of the target type, so that kernels see constants. What depends on the session time zone and
/// what fails stays a cast.
fn fold(cast: Expr) -> Expr {
    let ExprKind::Cast { arg, .. } = &cast.kind else { return cast };
    let zoned = |t: &DataType| t.family() == TypeFamily::TimestampLtz;
    if literal(arg).is_none() || zoned(&arg.data_type) || zoned(&cast.data_type) {
        return cast;
    }
    match evaluate_constant(&cast, &EvaluatorOptions::default()) {
        Ok(Some(value)) => Expr::literal(value, cast.data_type),
        _ => cast,
    }
}

fn apply_casts(args: Vec<Expr>, types: &[DataType], is_order: bool) -> Vec<Expr> {
    args.into_iter()
        .zip(types)
        .map(|(arg, target)| {
            if arg.data_type.logical == target.logical {
                return arg;
            }
            // A literal NULL takes the wanted type directly.
            if matches!(arg.kind, ExprKind::Literal(Value::Null)) {
                return Expr::literal(Value::Null, target.with_nullable(true));
            }
            let wanted = target.with_nullable(arg.data_type.nullable);
            // A text column that holds no time gives NULL beside one; a literal that holds none is a mistake, as is a text
            // that shall be earlier or later than a time.
            let lenient = arg.data_type.logical.is_character_string()
                && wanted.logical.is_datetime()
                && literal(&arg).is_none()
                && !is_order;
            let failure = if lenient { CastFailure::Null } else { CastFailure::Error };
            fold(Expr::cast(arg, wanted, failure))
        })
        .collect()
}
