//! CAST among BOOLEAN and the numbers. Integers wrap, floats saturate, decimals round half up and overflow to NULL.

use std::sync::Arc;

use arrow_array::ArrayRef;
use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
};
use nutkin_types::LogicalType as T;

use super::Plan;
use crate::args::Args;
use crate::decimal;
use crate::error::EvaluationError;
use crate::registry::Kernel;

pub(super) fn kernel(plan: &Plan) -> Option<Kernel> {
    match (&plan.from.logical, &plan.to.logical) {
        (T::Boolean, to) => from_boolean(to),
        (from, T::Boolean) => to_boolean(from),
        (T::Decimal { scale, .. }, to) => from_decimal(*scale, to),
        (from, T::Decimal { precision, scale }) => to_decimal(from, *precision, *scale),
        (from, to) => plain(from, to),
    }
}

fn from_boolean(to: &T) -> Option<Kernel> {
    fn run<P: ArrowPrimitiveType>(one: P::Native) -> Kernel {
        Box::new(move |args| {
            let values = args.booleans(0)?;
            let zero = P::Native::default();
            let array = args.build_numbers::<P>(|row| Ok(values.get(row).map(|v| if v { one } else { zero })))?;
            Ok(Arc::new(array))
        })
    }
    Some(match to {
        T::TinyInt => run::<Int8Type>(1),
        T::SmallInt => run::<Int16Type>(1),
        T::Int => run::<Int32Type>(1),
        T::BigInt => run::<Int64Type>(1),
        T::Float => run::<Float32Type>(1.0),
        T::Double => run::<Float64Type>(1.0),
        T::Decimal { precision, scale } => {
            let (precision, scale) = (*precision, *scale);
            let one = decimal::fit(decimal::power_of_ten(scale), precision);
            Box::new(move |args| {
                let values = args.booleans(0)?;
                let array = args.build_numbers::<Decimal128Type>(|row| {
                    Ok(values.get(row).and_then(|v| if v { one } else { Some(0) }))
                })?;
                Ok(Arc::new(array.with_precision_and_scale(precision, scale as i8)?))
            })
        }
        _ => return None,
    })
}

fn to_boolean(from: &T) -> Option<Kernel> {
    fn run<P: ArrowPrimitiveType>(args: &Args<'_>) -> Result<ArrayRef, EvaluationError> {
        let values = args.numbers::<P>(0)?;
        args.build_booleans(|row| Ok(values.get(row).map(|v| v != P::Native::default())))
    }
    Some(match from {
        T::TinyInt => Box::new(run::<Int8Type>),
        T::SmallInt => Box::new(run::<Int16Type>),
        T::Int => Box::new(run::<Int32Type>),
        T::BigInt => Box::new(run::<Int64Type>),
        T::Float => Box::new(run::<Float32Type>),
        T::Double => Box::new(run::<Float64Type>),
        T::Decimal { .. } => Box::new(run::<Decimal128Type>),
        _ => return None,
    })
}

/// One vectorised pass from `A` to `B`.
fn map<A: ArrowPrimitiveType, B: ArrowPrimitiveType>(convert: fn(A::Native) -> B::Native) -> Kernel {
    Box::new(move |args| {
        let array = args.array(0)?.as_primitive_opt::<A>();
        let array = array.ok_or_else(|| EvaluationError::Internal("CAST of another type".to_owned()))?;
        Ok(Arc::new(array.unary::<_, B>(convert)))
    })
}

fn plain(from: &T, to: &T) -> Option<Kernel> {
    // Java narrows a float to a short by way of int; of integers only the last bits count either way.
    macro_rules! to {
        ($source:ty, $native:ty) => {
            match to {
                T::TinyInt => map::<$source, Int8Type>(|v: $native| v as i32 as i8),
                T::SmallInt => map::<$source, Int16Type>(|v: $native| v as i32 as i16),
                T::Int => map::<$source, Int32Type>(|v: $native| v as i32),
                T::BigInt => map::<$source, Int64Type>(|v: $native| v as i64),
                T::Float => map::<$source, Float32Type>(|v: $native| v as f32),
                T::Double => map::<$source, Float64Type>(|v: $native| v as f64),
                _ => return None,
            }
        };
    }
    Some(match from {
        T::TinyInt => to!(Int8Type, i8),
        T::SmallInt => to!(Int16Type, i16),
        T::Int => to!(Int32Type, i32),
        T::BigInt => to!(Int64Type, i64),
        T::Float => to!(Float32Type, f32),
        T::Double => to!(Float64Type, f64),
        _ => return None,
    })
}

fn from_decimal(scale: u8, to: &T) -> Option<Kernel> {
    fn run<P: ArrowPrimitiveType>(convert: impl Fn(i128) -> P::Native + Send + Sync + 'static) -> Kernel {
        Box::new(move |args| {
            let array = args.array(0)?.as_primitive_opt::<Decimal128Type>();
            let array = array.ok_or_else(|| EvaluationError::Internal("CAST of another type".to_owned()))?;
            Ok(Arc::new(array.unary::<_, P>(&convert)))
        })
    }
    let power = decimal::power_of_ten(scale);
    Some(match to {
        T::TinyInt => run::<Int8Type>(move |v| (v / power) as i8),
        T::SmallInt => run::<Int16Type>(move |v| (v / power) as i16),
        T::Int => run::<Int32Type>(move |v| (v / power) as i32),
        T::BigInt => run::<Int64Type>(move |v| (v / power) as i64),
        T::Float => run::<Float32Type>(move |v| decimal::to_double(v, scale) as f32),
        T::Double => run::<Float64Type>(move |v| decimal::to_double(v, scale)),
        T::Decimal { precision, scale: target } => {
            let (precision, target) = (*precision, *target);
            Box::new(move |args| {
                let values = args.numbers::<Decimal128Type>(0)?;
                let array = args.build_numbers::<Decimal128Type>(|row| {
                    Ok(values.get(row).and_then(|v| decimal::rescale(v, scale, target, precision)))
                })?;
                Ok(Arc::new(array.with_precision_and_scale(precision, target as i8)?))
            })
        }
        _ => return None,
    })
}

fn to_decimal(from: &T, precision: u8, scale: u8) -> Option<Kernel> {
    fn run<P: ArrowPrimitiveType>(
        precision: u8,
        scale: u8,
        convert: impl Fn(P::Native) -> Option<i128> + Send + Sync + 'static,
    ) -> Kernel {
        Box::new(move |args| {
            let values = args.numbers::<P>(0)?;
            let array = args.build_numbers::<Decimal128Type>(|row| Ok(values.get(row).and_then(&convert)))?;
            Ok(Arc::new(array.with_precision_and_scale(precision, scale as i8)?))
        })
    }
    let whole = move |v: i128| decimal::rescale(v, 0, scale, precision);
    Some(match from {
        T::TinyInt => run::<Int8Type>(precision, scale, move |v| whole(v.into())),
        T::SmallInt => run::<Int16Type>(precision, scale, move |v| whole(v.into())),
        T::Int => run::<Int32Type>(precision, scale, move |v| whole(v.into())),
        T::BigInt => run::<Int64Type>(precision, scale, move |v| whole(v.into())),
        T::Float => run::<Float32Type>(precision, scale, move |v| decimal::from_double(v.into(), precision, scale)),
        T::Double => run::<Float64Type>(precision, scale, move |v| decimal::from_double(v, precision, scale)),
        _ => return None,
    })
}
