//! HASH_CODE: what Java's `hashCode` gives for the value, of texts without its sign.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    Time32MillisecondType,
};
use arrow_array::{Array, ArrayRef};
use nutkin_types::{DataType, LogicalType as T, Moment};

use crate::error::{EvaluationError, FunctionError, SignatureError};
use crate::keys::{canonical_f32, canonical_f64};
use crate::registry::{Family, Kernel, ScalarFunction, Site};
use crate::signature::{Argument, Inferred, Of, is_nullable};

pub(super) const FUNCTIONS: &[ScalarFunction] = &[ScalarFunction::new(
    "HASH_CODE",
    Family::Hash,
    "HASH_CODE(value)",
    "An INT that is equal for equal values, as Java computes it.",
    infer,
    compile,
)
.refuses_untyped_null()
.examples(&[("HASH_CODE('abc')", "96354"), ("HASH_CODE('Hello World')", "862545276")])];

fn infer(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    let [arg] = args else { return Err(of.count(args.len())) };
    match &arg.data_type.logical {
        logical if logical.is_nested() || matches!(logical, T::Null | T::Variant) => {
            Err(of.wrong(0, arg.data_type, "a value that is not nested"))
        }
        T::Binary { .. } | T::VarBinary { .. } => Err(of.wrong(0, arg.data_type, "a value that is no binary string")),
        _ => Ok(Inferred { arg_types: vec![arg.data_type.clone()], result: DataType::new(T::Int, is_nullable(arg)) }),
    }
}

fn compile(site: &Site<'_>) -> Result<Kernel, FunctionError> {
    let logical = site.args.first().map_or(T::Null, |arg| arg.logical.clone());
    let is_text = logical.is_character_string();
    Ok(Box::new(move |args| {
        let array: &ArrayRef = args.array(0)?;
        Ok(Arc::new(args.build_numbers::<Int32Type>(|row| {
            let row = args.position(0, row);
            if array.is_null(row) {
                return Ok(None);
            }
            let hash = hash(array.as_ref(), &logical, row)?;
            Ok(Some(if is_text { hash.wrapping_abs() } else { hash }))
        })?))
    }))
}

/// What Java's `hashCode` gives for the value at `row`, which is not NULL.
pub(super) fn hash(array: &dyn Array, logical: &T, row: usize) -> Result<i32, EvaluationError> {
    Ok(match logical {
        T::Boolean if array.as_boolean().value(row) => 1231,
        T::Boolean => 1237,
        T::TinyInt => array.as_primitive::<Int8Type>().value(row).into(),
        T::SmallInt => array.as_primitive::<Int16Type>().value(row).into(),
        T::Int => array.as_primitive::<Int32Type>().value(row),
        T::BigInt => long(array.as_primitive::<Int64Type>().value(row)),
        T::Float => canonical_f32(array.as_primitive::<Float32Type>().value(row)) as i32,
        T::Double => long(canonical_f64(array.as_primitive::<Float64Type>().value(row)) as i64),
        T::Decimal { scale, .. } => decimal(array.as_primitive::<Decimal128Type>().value(row), *scale),
        T::Date => array.as_primitive::<Date32Type>().value(row),
        T::Time { .. } => array.as_primitive::<Time32MillisecondType>().value(row),
        T::Timestamp { precision } | T::TimestampLtz { precision } => {
            let moment = Moment::of_array(array, *precision, row);
            long(moment.millis()).wrapping_mul(31).wrapping_add(moment.below_millis() as i32)
        }
        T::Char { .. } | T::VarChar { .. } => {
            let units = array.as_string::<i32>().value(row).encode_utf16();
            units.fold(0_i32, |hash, unit| hash.wrapping_mul(31).wrapping_add(unit.into()))
        }
        other => return Err(EvaluationError::Internal(format!("HASH_CODE of {other}"))),
    })
}

fn long(value: i64) -> i32 {
    (value ^ ((value as u64) >> 32) as i64) as i32
}

/// `BigDecimal.hashCode`: of the magnitude in words of 32 bits, the sign and the scale.
fn decimal(unscaled: i128, scale: u8) -> i32 {
    let magnitude = unscaled.unsigned_abs();
    let words = (0..4).rev().map(|word| (magnitude >> (32 * word)) as u32);
    let hash = words.fold(0_i32, |hash, word| hash.wrapping_mul(31).wrapping_add(word as i32));
    let hash = if unscaled < 0 { hash.wrapping_neg() } else { hash };
    hash.wrapping_mul(31).wrapping_add(scale.into())
}
