//! `+`, `-`, `*`, `/`, `MOD` (`%`) on numbers, intervals and times.
//!
//! Integers wrap around on overflow and divide towards zero, as in Java; a division of integers or decimals by zero is an
//! error, of floats an infinity or NaN. DECIMAL results have the precision that Flink derives and are NULL on overflow.

mod numeric;
mod temporal;

use nutkin_types::cast::common_numeric;
use nutkin_types::{DataType, LogicalType};

use crate::decimal::derive;
use crate::error::{FunctionError, SignatureError};
use crate::registry::{Family, Kernel, ScalarFunction, Site};
use crate::signature::{Argument, Inferred, Of, Param, any_nullable};

pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    ScalarFunction::new(
        "+",
        Family::Arithmetic,
        "value1 + value2",
        "Sum of numbers or intervals; a date or time moved by an interval. With one argument the argument itself.",
        |of, args| if args.len() == 1 { sign(of, args) } else { additive(of, args) },
        |site| compile(site, Operator::Plus),
    )
    .refuses_untyped_null()
    .examples(&[("1 + 2", "3"), ("DATE '2020-01-31' + INTERVAL '1' DAY", "2020-02-01")]),
    ScalarFunction::new(
        "-",
        Family::Arithmetic,
        "value1 - value2",
        "Difference of numbers or intervals; a date or time moved back by an interval. With one argument its negative.",
        |of, args| if args.len() == 1 { sign(of, args) } else { additive(of, args) },
        |site| compile(site, Operator::Minus),
    )
    .refuses_untyped_null()
    .examples(&[("3 - 2", "1"), ("-(2)", "-2")]),
    ScalarFunction::new(
        "*",
        Family::Arithmetic,
        "numeric1 * numeric2",
        "Product of numbers, or of an interval and a number.",
        multiplicative,
        |site| compile(site, Operator::Times),
    )
    .refuses_untyped_null()
    .examples(&[("3 * 4", "12")]),
    ScalarFunction::new(
        "/",
        Family::Arithmetic,
        "numeric1 / numeric2",
        "Quotient; of two integers an integer, cut towards zero.",
        multiplicative,
        |site| compile(site, Operator::Divide),
    )
    .refuses_untyped_null()
    .examples(&[("7 / 2", "3"), ("7.0 / 2", "3.500000000000")]),
    ScalarFunction::new(
        "MOD",
        Family::Arithmetic,
        "MOD(numeric1, numeric2) or numeric1 % numeric2",
        "Remainder, with the sign of the first number.",
        remainder,
        |site| compile(site, Operator::Mod),
    )
    .refuses_untyped_null()
    .aliases(&["%"])
    .examples(&[("MOD(-26, 5)", "-1")]),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Plus,
    Minus,
    Times,
    Divide,
    Mod,
}

fn sign(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    let [arg] = args else { return Err(of.count(args.len())) };
    let logical = &arg.data_type.logical;
    if !(logical.is_numeric() || logical.is_interval()) {
        return Err(of.wrong(0, arg.data_type, "a number or an interval"));
    }
    Ok(Inferred { arg_types: vec![arg.data_type.clone()], result: arg.data_type.clone() })
}

fn pair<'a>(of: Of, args: &'a [Argument<'a>]) -> Result<(&'a LogicalType, &'a LogicalType), SignatureError> {
    match args {
        [a, b] => Ok((&a.data_type.logical, &b.data_type.logical)),
        _ => Err(of.count(args.len())),
    }
}

fn both(args: &[Argument<'_>], arg_types: [LogicalType; 2], result: LogicalType) -> Inferred {
    let arg_types = arg_types.into_iter().zip(args).map(|(t, arg)| t.clone_with(arg)).collect();
    Inferred { arg_types, result: DataType::new(result, any_nullable(args)) }
}

trait CloneWith {
    fn clone_with(self, arg: &Argument<'_>) -> DataType;
}

impl CloneWith for LogicalType {
    fn clone_with(self, arg: &Argument<'_>) -> DataType {
        DataType::new(self, arg.data_type.nullable)
    }
}

fn additive(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    let (a, b) = pair(of, args)?;
    if a.is_datetime() && b.is_interval() {
        return Ok(both(args, [a.clone(), b.clone()], a.clone()));
    }
    if of.function == "+" && a.is_interval() && b.is_datetime() {
        return Ok(both(args, [a.clone(), b.clone()], b.clone()));
    }
    if a.is_interval() && b.is_interval() {
        if a.family() != b.family() {
            return Err(of.reason("an interval of months and one of seconds do not add up"));
        }
        return Ok(both(args, [a.clone(), b.clone()], a.clone()));
    }
    numeric(of, args, derive::plus)
}

fn multiplicative(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    let (a, b) = pair(of, args)?;
    if of.function == "*" {
        if a.is_interval() && b.is_numeric() {
            let factor = of.accept(1, &args[1], &Param::BigInt)?;
            return Ok(both(args, [a.clone(), factor.logical], a.clone()));
        }
        if a.is_numeric() && b.is_interval() {
            let factor = of.accept(0, &args[0], &Param::BigInt)?;
            return Ok(both(args, [factor.logical, b.clone()], b.clone()));
        }
        return numeric(of, args, derive::times);
    }
    numeric(of, args, derive::divide)
}

fn remainder(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    let (a, b) = pair(of, args)?;
    for (i, logical) in [a, b].into_iter().enumerate() {
        if matches!(logical, LogicalType::Float | LogicalType::Double) {
            return Err(of.wrong(i, args[i].data_type, "an integer or a DECIMAL"));
        }
    }
    let inferred = numeric(of, args, derive::modulo)?;
    // A remainder is less than the divisor, so the divisor's type holds it.
    let whole = |t: &LogicalType| t.as_decimal().is_some_and(|(_, scale)| scale == 0);
    if whole(a) && whole(b) {
        return Ok(Inferred { result: DataType::new(b.clone(), inferred.result.nullable), ..inferred });
    }
    Ok(inferred)
}

/// Precision and scale of a result from those of the operands.
type Derive = fn((u8, u8), (u8, u8)) -> (u8, u8);

/// Operands of an arithmetic operator: decimals keep their own scale, everything else meets in the common type.
fn numeric(of: Of, args: &[Argument<'_>], decimal: Derive) -> Result<Inferred, SignatureError> {
    let (a, b) = pair(of, args)?;
    let (a, b) = match (a, b) {
        (LogicalType::Null, LogicalType::Null) => (&LogicalType::Int, &LogicalType::Int),
        (LogicalType::Null, other) | (other, LogicalType::Null) => (other, other),
        other => other,
    };
    for (i, logical) in [a, b].into_iter().enumerate() {
        if !logical.is_numeric() {
            return Err(of.wrong(i, args[i].data_type, "a number"));
        }
    }
    let is_decimal = |t: &LogicalType| matches!(t, LogicalType::Decimal { .. });
    if (is_decimal(a) || is_decimal(b))
        && let (Some(left), Some(right)) = (a.as_decimal(), b.as_decimal())
    {
        let of_decimal = |(precision, scale)| LogicalType::Decimal { precision, scale };
        return Ok(both(args, [of_decimal(left), of_decimal(right)], of_decimal(decimal(left, right))));
    }
    // Of two approximate types the first one counts.
    let first = matches!((a, b), (LogicalType::Float, LogicalType::Double)).then_some(LogicalType::Float);
    let common = first.or_else(|| common_numeric(a, b)).ok_or_else(|| of.reason("the numbers have no common type"))?;
    Ok(both(args, [common.clone(), common.clone()], common))
}

fn compile(site: &Site<'_>, operator: Operator) -> Result<Kernel, FunctionError> {
    let temporal = |t: &DataType| t.logical.is_datetime() || t.logical.is_interval();
    if site.args.iter().any(temporal) { temporal::compile(site, operator) } else { numeric::compile(site, operator) }
}
