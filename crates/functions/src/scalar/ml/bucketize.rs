//! ML_BUCKETIZE: the bucket that a number falls into. A bucket holds its lower bound.

use std::fmt::Write;

use arrow_array::types::Float64Type;
use nutkin_types::{DataType, LogicalType as T};

use super::texts::{Kept, Texts};
use super::{F, invalid, texts};
use crate::args::{Args, ignore};
use crate::error::EvaluationError;
use crate::registry::{ScalarFunction, simple};
use crate::signature::{Inferred, Param};

const NAME: &str = "ML_BUCKETIZE";

pub(super) const FUNCTION: ScalarFunction = ScalarFunction::new(
    NAME,
    F,
    "ML_BUCKETIZE(value, splitBucketPoints[, bucketNames])",
    "The name of the bucket between two split points that holds the value: bin_1, bin_2, ... or the given names, of which the first is that of NULL and NaN (bin_NULL).",
    |of, args| {
        if !matches!(args.len(), 2 | 3) {
            return Err(of.count(args.len()));
        }
        let mut arg_types: Vec<DataType> = vec![of.accept(0, &args[0], &Param::Double)?, super::numbers(of, 1, &args[1])?];
        if let Some(names) = args.get(2) {
            arg_types.push(super::strings(of, 2, names)?);
        }
        Ok(Inferred { arg_types, result: T::STRING.nullable() })
    },
    |_| simple(bucketize),
)
.examples(&[
    ("ML_BUCKETIZE(2, ARRAY[1, 4, 7])", "bin_2"),
    ("ML_BUCKETIZE(2, ARRAY[1, 4, 7], ARRAY['b_null', 'b1', 'b2', 'b3', 'b4'])", "b2"),
]);

fn bucketize(args: &Args<'_>) -> Result<arrow_array::ArrayRef, EvaluationError> {
    let values = args.numbers::<Float64Type>(0)?;
    let names = if args.len() > 2 { Some(Texts::new(args, 2)?) } else { None };
    let mut kept = Kept::default();
    args.build_texts(|row, out| {
        let bounds = kept.get(args.position(1, row), || bounds(args, row))?;
        let bucket = values.get(row).filter(|value| !value.is_nan());
        let bucket = bucket.map(|value| bounds.partition_point(|bound| *bound <= value) + 1);
        let Some(names) = &names else {
            match bucket {
                None => out.push_str("bin_NULL"),
                Some(number) => ignore(write!(out, "bin_{number}")),
            }
            return Ok(Some(()));
        };
        let names = names.at(args.position(2, row));
        let mut names = names.ok_or_else(|| invalid(NAME, "NULL", "the names must not be NULL"))?;
        if names.len() != bounds.len() + 2 {
            let reason = format!("{} names are needed, that of NULL included", bounds.len() + 2);
            return Err(invalid(NAME, format!("{} names", names.len()), &reason));
        }
        Ok(names.nth(bucket.unwrap_or(0)).flatten().map(|name| out.push_str(name)))
    })
}

/// The split points without NULL, NaN and repetitions.
fn bounds(args: &Args<'_>, row: usize) -> Result<Vec<f64>, EvaluationError> {
    let points =
        texts::list(args, 1, row)?.ok_or_else(|| invalid(NAME, "NULL", "the split points must not be NULL"))?;
    let mut bounds: Vec<f64> =
        texts::numbers::<Float64Type>(&points)?.iter().flatten().filter(|p| !p.is_nan()).collect();
    if bounds.is_empty() {
        return Err(invalid(NAME, "[]", "there must be a split point"));
    }
    if !bounds.is_sorted() {
        return Err(invalid(NAME, format!("{bounds:?}"), "the split points must be in ascending order"));
    }
    bounds.dedup();
    Ok(bounds)
}
