//! ROUND and TRUNCATE. (FLOOR and CEIL, of numbers and of times, are in `datetime/round.rs`.)

use std::sync::Arc;

use arrow_array::types::{
    ArrowPrimitiveType, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
};
use nutkin_types::{DataType, LogicalType as T, Value};

use crate::decimal::{self, derive};
use crate::error::{FunctionError, SignatureError};
use crate::registry::{Family, Kernel, ScalarFunction, Site};
use crate::signature::{Argument, Inferred, Of, Param, any_nullable};

pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    ScalarFunction::new(
        "ROUND",
        Family::Arithmetic,
        "ROUND(numeric[, digits])",
        "The number rounded half away from zero to digits after the point (before it, if negative).",
        infer,
        |site| compile(site, true),
    )
    .refuses_untyped_null()
    .examples(&[("ROUND(125.315, 2)", "125.32"), ("ROUND(-125.315, 2)", "-125.32")]),
    ScalarFunction::new(
        "TRUNCATE",
        Family::Arithmetic,
        "TRUNCATE(numeric[, digits])",
        "The number cut to digits after the point (before it, if negative).",
        infer,
        |site| compile(site, false),
    )
    .refuses_untyped_null()
    .examples(&[("TRUNCATE(42.345, 2)", "42.34")]),
];

fn infer(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    let arg_types = of.check(args, &[Param::Numeric, Param::Int], 1)?;
    let first = arg_types.first().cloned().ok_or_else(|| of.count(0))?;
    let logical = match &first.logical {
        T::Decimal { precision, scale } => {
            let digits = match args.get(1) {
                None => Some(0),
                Some(Argument { literal: Some(Value::Integer(digits)), .. }) => Some(*digits),
                Some(_) => None,
            };
            let (precision, scale) = digits.map_or((*precision, *scale), |d| derive::round((*precision, *scale), d));
            T::Decimal { precision, scale }
        }
        other => other.clone(),
    };
    Ok(Inferred { arg_types, result: DataType::new(logical, any_nullable(args)) })
}

fn compile(site: &Site<'_>, half_up: bool) -> Result<Kernel, FunctionError> {
    let from = site.args.first().map(|t| t.logical.clone());
    Ok(match (from, &site.result.logical) {
        (Some(T::TinyInt), _) => integers::<Int8Type>(half_up, |v| v.into(), |v| v as i8),
        (Some(T::SmallInt), _) => integers::<Int16Type>(half_up, |v| v.into(), |v| v as i16),
        (Some(T::Int), _) => integers::<Int32Type>(half_up, |v| v.into(), |v| v as i32),
        (Some(T::BigInt), _) => integers::<Int64Type>(half_up, |v| v.into(), |v| v as i64),
        (Some(T::Float), _) => run::<Float32Type>(None, move |v, digits| {
            // The shortest text of a float decides, not its exact value as a double.
            let exact: f64 = v.to_string().parse().unwrap_or(f64::from(v));
            Some(round_double(exact, digits, half_up) as f32)
        }),
        (Some(T::Double), _) => run::<Float64Type>(None, move |v, digits| Some(round_double(v, digits, half_up))),
        (Some(T::Decimal { scale: from, .. }), T::Decimal { precision, scale }) => {
            let (precision, scale) = (*precision, *scale);
            run::<Decimal128Type>(Some((precision, scale)), move |v, digits| {
                let rounded = if digits >= i32::from(from) {
                    v
                } else {
                    // Digits may be as low as an INT goes.
                    let dropped = i32::from(from).saturating_sub(digits);
                    if dropped > 38 {
                        0
                    } else {
                        let power = decimal::power_of_ten(dropped as u8);
                        let kept = if half_up { decimal::divide_half_up_128(v, power) } else { v / power };
                        kept.checked_mul(power)?
                    }
                };
                decimal::rescale(rounded, from, scale, precision)
            })
        }
        (from, to) => return Err(FunctionError::Inconsistent(format!("rounding {from:?} to {to}"))),
    })
}

fn run<P: ArrowPrimitiveType>(
    decimal: Option<(u8, u8)>,
    round: impl Fn(P::Native, i32) -> Option<P::Native> + Send + Sync + 'static,
) -> Kernel {
    Box::new(move |args| {
        let values = args.numbers::<P>(0)?;
        let digits = if args.len() > 1 { Some(args.ints(1)?) } else { None };
        let array = args.build_numbers::<P>(|row| {
            let digits = match &digits {
                None => Some(0),
                Some(digits) => digits.get(row),
            };
            Ok(values.get(row).zip(digits).and_then(|(value, digits)| round(value, digits)))
        })?;
        Ok(match decimal {
            None => Arc::new(array),
            Some((precision, scale)) => {
                let data = arrow_array::Array::to_data(&array).into_builder();
                let target = arrow_schema::DataType::Decimal128(precision, scale as i8);
                arrow_array::make_array(data.data_type(target).build()?)
            }
        })
    })
}

fn integers<P: ArrowPrimitiveType>(
    half_up: bool,
    widen: fn(P::Native) -> i128,
    narrow: fn(i128) -> P::Native,
) -> Kernel {
    run::<P>(None, move |value, digits| {
        if digits >= 0 {
            return Some(value);
        }
        let dropped = digits.unsigned_abs();
        if dropped > 19 {
            return Some(narrow(0));
        }
        let power = decimal::power_of_ten(dropped as u8);
        let value = widen(value);
        let kept = if half_up { decimal::divide_half_up_128(value, power) } else { value / power };
        Some(narrow(kept * power))
    })
}

/// By way of the decimal text, as `BigDecimal.valueOf(x).setScale(digits)`, which has no negative zero.
fn round_double(value: f64, digits: i32, half_up: bool) -> f64 {
    if value.is_finite() { round_finite(value, digits, half_up) + 0.0 } else { value }
}

fn round_finite(value: f64, digits: i32, half_up: bool) -> f64 {
    let text = format!("{value:e}");
    let Some((mantissa, exponent)) = text.split_once('e') else { return value };
    let Ok(exponent) = exponent.parse::<i32>() else { return value };
    let negative = mantissa.starts_with('-');
    let all: Vec<u8> = mantissa.bytes().filter(u8::is_ascii_digit).collect();
    // Number of digits kept of `all`, whose first stands for 10^exponent.
    let keep = i64::from(exponent) + 1 + i64::from(digits);
    if keep >= all.len() as i64 {
        return value;
    }
    let up = half_up && keep >= 0 && all.get(keep as usize).is_some_and(|&digit| digit >= b'5');
    let kept = all.iter().take(keep.max(0) as usize).fold(0u128, |sum, digit| sum * 10 + u128::from(digit - b'0'));
    let kept = kept + u128::from(up);
    let text = format!("{}{kept}e{}", if negative { "-" } else { "" }, -i64::from(digits));
    text.parse().unwrap_or(value)
}
