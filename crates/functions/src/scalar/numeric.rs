//! Mathematical functions on DOUBLE, ABS and SIGN.
//!
//! The last digit is that of the JVM, as measured: its trigonometry, COSH and LOG10 agree with the relatives of fdlibm in `libm`, the
//! others with the platform's library.

use std::sync::Arc;

use arrow_array::ArrayRef;
use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
};
use nutkin_types::LogicalType as T;

use super::binary::binary;
use crate::args::Args;
use crate::decimal;
use crate::error::{EvaluationError, FunctionError, SignatureError};
use crate::registry::{Family, Kernel, ScalarFunction, Site, simple};
use crate::signature::{Argument, Inferred, Of, Param, strict};

const A: Family = Family::Arithmetic;

pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    ScalarFunction::new("ABS", A, "ABS(numeric)", "The absolute value.", same_number, abs)
        .refuses_untyped_null()
        .examples(&[("ABS(-2)", "2")]),
    ScalarFunction::new("SIGN", A, "SIGN(numeric)", "-1, 0 or 1 in the type of the argument.", same_number, sign)
        .refuses_untyped_null()
        .examples(&[("SIGN(-3)", "-1")]),
    ScalarFunction::new("SQRT", A, "SQRT(numeric)", "The square root.", one, |_| simple(|a| unary(a, f64::sqrt)))
        .refuses_untyped_null()
        .examples(&[("SQRT(9)", "3.0")]),
    ScalarFunction::new("EXP", A, "EXP(numeric)", "e to the power of the argument.", one, |_| {
        simple(|a| unary(a, f64::exp))
    })
    .refuses_untyped_null()
    .examples(&[("EXP(0)", "1.0")]),
    ScalarFunction::new("LN", A, "LN(numeric)", "The natural logarithm.", one, |_| simple(|a| unary(a, f64::ln)))
        .refuses_untyped_null()
        .examples(&[("LN(1)", "0.0")]),
    ScalarFunction::new(
        "LOG",
        A,
        "LOG([base,] numeric)",
        "The logarithm to the base, by default the natural one.",
        one_or_two,
        |_| simple(log),
    )
    .refuses_untyped_null()
    .examples(&[("LOG(1)", "0.0")]),
    ScalarFunction::new("LOG2", A, "LOG2(numeric)", "The logarithm to base 2.", one, |_| {
        simple(|a| unary(a, |x| x.ln() / std::f64::consts::LN_2))
    })
    .refuses_untyped_null()
    .examples(&[("LOG2(2)", "1.0")]),
    ScalarFunction::new("LOG10", A, "LOG10(numeric)", "The logarithm to base 10.", one, |_| {
        simple(|a| unary(a, libm::log10))
    })
    .refuses_untyped_null()
    .examples(&[("LOG10(100)", "2.0")]),
    ScalarFunction::new("POWER", A, "POWER(numeric1, numeric2)", "The first to the power of the second.", two, |_| {
        simple(|a| binary::<Float64Type>(a, f64::powf))
    })
    .refuses_untyped_null()
    .examples(&[("POWER(2, 3)", "8.0")]),
    ScalarFunction::new("SIN", A, "SIN(numeric)", "The sine.", one, |_| simple(|a| unary(a, libm::sin)))
        .refuses_untyped_null()
        .examples(&[("SIN(0)", "0.0")]),
    ScalarFunction::new("COS", A, "COS(numeric)", "The cosine.", one, |_| simple(|a| unary(a, libm::cos)))
        .refuses_untyped_null()
        .examples(&[("COS(0)", "1.0")]),
    ScalarFunction::new("TAN", A, "TAN(numeric)", "The tangent.", one, |_| simple(|a| unary(a, libm::tan)))
        .refuses_untyped_null()
        .examples(&[("TAN(0)", "0.0")]),
    ScalarFunction::new("COT", A, "COT(numeric)", "The cotangent.", one, |_| {
        simple(|a| unary(a, |x| 1.0 / libm::tan(x)))
    })
    .refuses_untyped_null()
    .examples(&[("ROUND(COT(1), 4)", "0.6421")]),
    ScalarFunction::new("ASIN", A, "ASIN(numeric)", "The arc sine.", one, |_| simple(|a| unary(a, libm::asin)))
        .refuses_untyped_null()
        .examples(&[("ASIN(0)", "0.0")]),
    ScalarFunction::new("ACOS", A, "ACOS(numeric)", "The arc cosine.", one, |_| simple(|a| unary(a, libm::acos)))
        .refuses_untyped_null()
        .examples(&[("ACOS(1)", "0.0")]),
    ScalarFunction::new("ATAN", A, "ATAN(numeric)", "The arc tangent.", one, |_| simple(|a| unary(a, libm::atan)))
        .refuses_untyped_null()
        .examples(&[("ATAN(0)", "0.0")]),
    ScalarFunction::new("ATAN2", A, "ATAN2(y, x)", "The angle of the point (x, y).", two, |_| {
        simple(|a| binary::<Float64Type>(a, libm::atan2))
    })
    .refuses_untyped_null()
    .examples(&[("ATAN2(0, 1)", "0.0")]),
    ScalarFunction::new("SINH", A, "SINH(numeric)", "The hyperbolic sine.", one, |_| simple(|a| unary(a, f64::sinh)))
        .refuses_untyped_null()
        .examples(&[("SINH(0)", "0.0")]),
    ScalarFunction::new("COSH", A, "COSH(numeric)", "The hyperbolic cosine.", one, |_| {
        simple(|a| unary(a, libm::cosh))
    })
    .refuses_untyped_null()
    .examples(&[("COSH(0)", "1.0")]),
    ScalarFunction::new("TANH", A, "TANH(numeric)", "The hyperbolic tangent.", one, |_| {
        simple(|a| unary(a, f64::tanh))
    })
    .refuses_untyped_null()
    .examples(&[("TANH(0)", "0.0")]),
    ScalarFunction::new("DEGREES", A, "DEGREES(numeric)", "Degrees of an angle in radians.", one, |_| {
        simple(|a| unary(a, |x| x * (180.0 / std::f64::consts::PI)))
    })
    .refuses_untyped_null()
    .examples(&[("DEGREES(0)", "0.0")]),
    ScalarFunction::new("RADIANS", A, "RADIANS(numeric)", "Radians of an angle in degrees.", one, |_| {
        simple(|a| unary(a, |x| x * (std::f64::consts::PI / 180.0)))
    })
    .refuses_untyped_null()
    .examples(&[("RADIANS(0)", "0.0")]),
    ScalarFunction::new("PI", A, "PI()", "The number pi.", none, |_| simple(|_| constant(std::f64::consts::PI)))
        .examples(&[("PI()", "3.141592653589793")]),
    ScalarFunction::new("E", A, "E()", "Euler's number.", none, |_| simple(|_| constant(std::f64::consts::E)))
        .examples(&[("E()", "2.718281828459045")]),
];

fn none(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    strict(of, args, &[], 0, T::Double)
}

fn one(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    strict(of, args, &[Param::Double], 0, T::Double)
}

fn two(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    strict(of, args, &[Param::Double, Param::Double], 0, T::Double)
}

fn one_or_two(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    strict(of, args, &[Param::Double, Param::Double], 1, T::Double)
}

fn same_number(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    let arg_types = of.check(args, &[Param::Numeric], 0)?;
    let result = arg_types.first().cloned().ok_or_else(|| of.count(0))?;
    Ok(Inferred { arg_types, result })
}

fn constant(value: f64) -> Result<ArrayRef, EvaluationError> {
    Ok(Arc::new(arrow_array::Float64Array::from(vec![value])))
}

fn unary(args: &Args<'_>, op: fn(f64) -> f64) -> Result<ArrayRef, EvaluationError> {
    typed::<Float64Type>(args, op)
}

fn typed<P: ArrowPrimitiveType>(
    args: &Args<'_>,
    op: impl Fn(P::Native) -> P::Native,
) -> Result<ArrayRef, EvaluationError> {
    let array = args.array(0)?.as_primitive_opt::<P>();
    let array = array.ok_or_else(|| EvaluationError::Internal("a number of another type".to_owned()))?;
    let result = array.unary::<_, P>(op);
    Ok(Arc::new(result.with_data_type(arrow_array::Array::data_type(array).clone())))
}

fn log(args: &Args<'_>) -> Result<ArrayRef, EvaluationError> {
    if args.len() == 1 { unary(args, f64::ln) } else { binary::<Float64Type>(args, |base, x| x.ln() / base.ln()) }
}

fn number(site: &Site<'_>) -> Result<T, FunctionError> {
    let first = site.args.first().map(|t| t.logical.clone());
    first.ok_or_else(|| FunctionError::Inconsistent("a function without its argument".to_owned()))
}

fn abs(site: &Site<'_>) -> Result<Kernel, FunctionError> {
    match number(site)? {
        T::TinyInt => simple(|a| typed::<Int8Type>(a, i8::wrapping_abs)),
        T::SmallInt => simple(|a| typed::<Int16Type>(a, i16::wrapping_abs)),
        T::Int => simple(|a| typed::<Int32Type>(a, i32::wrapping_abs)),
        T::BigInt => simple(|a| typed::<Int64Type>(a, i64::wrapping_abs)),
        T::Float => simple(|a| typed::<Float32Type>(a, f32::abs)),
        T::Double => simple(|a| typed::<Float64Type>(a, f64::abs)),
        _ => simple(|a| typed::<Decimal128Type>(a, i128::wrapping_abs)),
    }
}

fn sign(site: &Site<'_>) -> Result<Kernel, FunctionError> {
    fn float(x: f64) -> f64 {
        if x == 0.0 || x.is_nan() { x } else { x.signum() }
    }
    match number(site)? {
        T::TinyInt => simple(|a| typed::<Int8Type>(a, i8::signum)),
        T::SmallInt => simple(|a| typed::<Int16Type>(a, i16::signum)),
        T::Int => simple(|a| typed::<Int32Type>(a, i32::signum)),
        T::BigInt => simple(|a| typed::<Int64Type>(a, i64::signum)),
        T::Float => simple(|a| typed::<Float32Type>(a, |x| float(x.into()) as f32)),
        T::Double => simple(|a| typed::<Float64Type>(a, float)),
        T::Decimal { scale, .. } => {
            let one = decimal::power_of_ten(scale);
            Ok(Box::new(move |a| typed::<Decimal128Type>(a, |x| x.signum() * one)))
        }
        other => Err(FunctionError::Inconsistent(format!("SIGN of {other}"))),
    }
}
