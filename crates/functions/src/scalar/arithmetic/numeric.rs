//! Arithmetic kernels on numbers.

use std::sync::Arc;

use arrow_array::types::{
    ArrowPrimitiveType, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
};
use arrow_array::{ArrayRef, ArrowNativeTypeOp};
use nutkin_types::LogicalType as T;

use super::Operator;
use crate::args::Args;
use crate::decimal::{self, Decimal};
use crate::error::{EvaluationError, FunctionError};
use crate::registry::{Kernel, Site};
use crate::scalar::binary::{binary, try_binary};

pub(super) fn compile(site: &Site<'_>, operator: Operator) -> Result<Kernel, FunctionError> {
    let inconsistent = || FunctionError::Inconsistent(format!("{operator:?} on {:?}", site.args));
    let first = &site.args.first().ok_or_else(inconsistent)?.logical;
    if site.args.len() == 1 {
        return unary(first, operator).ok_or_else(inconsistent);
    }
    let kernel: Kernel = match first {
        T::TinyInt => integers::<Int8Type>(operator),
        T::SmallInt => integers::<Int16Type>(operator),
        T::Int => integers::<Int32Type>(operator),
        T::BigInt => integers::<Int64Type>(operator),
        T::Float => floats::<Float32Type>(operator),
        T::Double => floats::<Float64Type>(operator),
        T::Decimal { .. } => return decimals(site, operator).ok_or_else(inconsistent),
        _ => return Err(inconsistent()),
    };
    // MOD of integers has the type of the divisor.
    if site.result.logical != *first && operator == Operator::Mod {
        return narrowed(kernel, site);
    }
    Ok(kernel)
}

fn narrowed(kernel: Kernel, site: &Site<'_>) -> Result<Kernel, FunctionError> {
    let target = nutkin_types::arrow::arrow_type(&site.result.logical);
    Ok(Box::new(move |args| Ok(arrow_cast::cast(&kernel(args)?, &target)?)))
}

fn unary(logical: &T, operator: Operator) -> Option<Kernel> {
    if operator == Operator::Plus {
        return Some(Box::new(|args| Ok(args.array(0)?.clone())));
    }
    fn negate<P: ArrowPrimitiveType>(args: &Args<'_>) -> Result<ArrayRef, EvaluationError> {
        let array = arrow_array::cast::AsArray::as_primitive_opt::<P>(args.array(0)?)
            .ok_or_else(|| EvaluationError::Internal("the negated value has another type".to_owned()))?;
        let negated = array.unary::<_, P>(ArrowNativeTypeOp::neg_wrapping);
        Ok(Arc::new(negated.with_data_type(array.data_type().clone())))
    }
    use arrow_array::Array;
    Some(match logical {
        T::TinyInt => Box::new(negate::<Int8Type>),
        T::SmallInt => Box::new(negate::<Int16Type>),
        T::Int => Box::new(negate::<Int32Type>),
        T::BigInt => Box::new(negate::<Int64Type>),
        T::Float => Box::new(negate::<Float32Type>),
        T::Double => Box::new(negate::<Float64Type>),
        T::Decimal { .. } => Box::new(negate::<Decimal128Type>),
        _ => return None,
    })
}

fn zero(function: &'static str, value: impl ToString) -> EvaluationError {
    EvaluationError::DivisionByZero { function, value: value.to_string() }
}

fn integers<P: ArrowPrimitiveType>(operator: Operator) -> Kernel
where
    P::Native: ToString,
{
    match operator {
        Operator::Plus => Box::new(|args| binary::<P>(args, ArrowNativeTypeOp::add_wrapping)),
        Operator::Minus => Box::new(|args| binary::<P>(args, ArrowNativeTypeOp::sub_wrapping)),
        Operator::Times => Box::new(|args| binary::<P>(args, ArrowNativeTypeOp::mul_wrapping)),
        Operator::Divide => {
            Box::new(|args| {
                let quotient = try_binary::<P, P>(args, |a, b| {
                    if b.is_zero() { Err(zero("/", a)) } else { Ok(Some(a.div_wrapping(b))) }
                })?;
                Ok(Arc::new(quotient))
            })
        }
        Operator::Mod => {
            Box::new(|args| {
                let remainder = try_binary::<P, P>(args, |a, b| {
                    if b.is_zero() { Err(zero("MOD", a)) } else { Ok(Some(a.mod_wrapping(b))) }
                })?;
                Ok(Arc::new(remainder))
            })
        }
    }
}

fn floats<P: ArrowPrimitiveType>(operator: Operator) -> Kernel {
    match operator {
        Operator::Plus => Box::new(|args| binary::<P>(args, ArrowNativeTypeOp::add_wrapping)),
        Operator::Minus => Box::new(|args| binary::<P>(args, ArrowNativeTypeOp::sub_wrapping)),
        Operator::Times => Box::new(|args| binary::<P>(args, ArrowNativeTypeOp::mul_wrapping)),
        Operator::Divide => Box::new(|args| binary::<P>(args, ArrowNativeTypeOp::div_wrapping)),
        Operator::Mod => Box::new(|args| binary::<P>(args, ArrowNativeTypeOp::mod_wrapping)),
    }
}

fn decimals(site: &Site<'_>, operator: Operator) -> Option<Kernel> {
    let [a, b] = site.args else { return None };
    let (T::Decimal { scale: s1, .. }, T::Decimal { scale: s2, .. }) = (&a.logical, &b.logical) else { return None };
    let (s1, s2) = (*s1, *s2);
    // MOD of whole decimals may have an integer type.
    let (precision, scale) = site.result.logical.as_decimal()?;
    let compute = match operator {
        Operator::Plus => decimal::add,
        Operator::Minus => {
            |a, b: Decimal, p, s| decimal::add(a, Decimal { unscaled: -b.unscaled, scale: b.scale }, p, s)
        }
        Operator::Times => decimal::multiply,
        Operator::Divide => decimal::divide,
        Operator::Mod => decimal::remainder,
    };
    let divides = matches!(operator, Operator::Divide | Operator::Mod);
    let name = if operator == Operator::Mod { "MOD" } else { "/" };
    // Sums of equal scale in few digits need no detour.
    let plain = s1 == s2 && scale == s1 && precision < 38;
    let target = nutkin_types::arrow::arrow_type(&site.result.logical);
    let is_decimal = matches!(site.result.logical, T::Decimal { .. });
    Some(Box::new(move |args| {
        let result = match operator {
            Operator::Plus if plain => binary::<Decimal128Type>(args, |a, b| a + b)?,
            Operator::Minus if plain => binary::<Decimal128Type>(args, |a, b| a - b)?,
            _ => Arc::new(try_binary::<Decimal128Type, Decimal128Type>(args, |a, b| {
                if divides && b == 0 {
                    let mut text = String::new();
                    decimal::write(a, s1, &mut text);
                    return Err(zero(name, text));
                }
                let (a, b) = (Decimal { unscaled: a, scale: s1 }, Decimal { unscaled: b, scale: s2 });
                Ok(compute(a, b, precision, scale))
            })?),
        };
        let typed = arrow_array::cast::AsArray::as_primitive::<Decimal128Type>(&result)
            .clone()
            .with_precision_and_scale(precision, scale as i8)?;
        if is_decimal { Ok(Arc::new(typed)) } else { Ok(arrow_cast::cast(&typed, &target)?) }
    }))
}
