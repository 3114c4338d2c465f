//! The scalers: a number by statistics of its column. NULL, NaN and infinite numbers come back as they are.

use std::sync::Arc;

use arrow_array::ArrayRef;
use arrow_array::types::Float64Type;
use nutkin_types::LogicalType as T;

use super::{F, invalid};
use crate::args::Args;
use crate::error::EvaluationError;
use crate::registry::{ScalarFunction, simple};
use crate::signature::{Param, nullable};

const NUMBER: Param = Param::Double;

pub(super) const MAX_ABS: ScalarFunction = ScalarFunction::new(
    "ML_MAX_ABS_SCALER",
    F,
    "ML_MAX_ABS_SCALER(value, absoluteMax)",
    "The value divided by the greatest absolute value of its column; as it is if that is 0.",
    |of, args| nullable(of, args, &[NUMBER, NUMBER], 0, T::Double),
    |_| simple(|args| scaled(args, |value, row| Ok(by_size(value, required(row, 1, ABS, false)?)))),
)
.examples(&[("ML_MAX_ABS_SCALER(1, 5)", "0.2")]);
const ABS: &str = "ML_MAX_ABS_SCALER";

pub(super) const NORMALIZER: ScalarFunction = ScalarFunction::new(
    "ML_NORMALIZER",
    F,
    "ML_NORMALIZER(value, normValue)",
    "The value divided by the norm of its column; as it is if that is 0.",
    |of, args| nullable(of, args, &[NUMBER, NUMBER], 0, T::Double),
    |_| simple(|args| scaled(args, |value, row| Ok(by_size(value, required(row, 1, NORM, false)?)))),
)
.examples(&[("ML_NORMALIZER(3.0, 5.0)", "0.6")]);
const NORM: &str = "ML_NORMALIZER";

pub(super) const MIN_MAX: ScalarFunction = ScalarFunction::new(
    "ML_MIN_MAX_SCALER",
    F,
    "ML_MIN_MAX_SCALER(value, min, max)",
    "The place of the value between min (0) and max (1).",
    |of, args| nullable(of, args, &[NUMBER, NUMBER, NUMBER], 0, T::Double),
    |_| simple(|args| scaled(args, min_max)),
)
.examples(&[("ML_MIN_MAX_SCALER(2, 1, 5)", "0.25")]);

pub(super) const STANDARD: ScalarFunction = ScalarFunction::new(
    "ML_STANDARD_SCALER",
    F,
    "ML_STANDARD_SCALER(value, mean, standardDeviation[, withCentering[, withScaling]])",
    "The distance of the value from the mean in standard deviations.",
    |of, args| nullable(of, args, &[NUMBER, NUMBER, NUMBER, Param::Boolean, Param::Boolean], 2, T::Double),
    |_| simple(|args| scaled(args, standard)),
)
.examples(&[("ML_STANDARD_SCALER(2, 1, 5, TRUE, TRUE)", "0.2")]);

pub(super) const ROBUST: ScalarFunction = ScalarFunction::new(
    "ML_ROBUST_SCALER",
    F,
    "ML_ROBUST_SCALER(value, median, firstQuartile, thirdQuartile[, withCentering[, withScaling]])",
    "The distance of the value from the median in distances between the quartiles.",
    |of, args| {
        let params = [NUMBER, NUMBER, NUMBER, NUMBER, Param::Boolean, Param::Boolean];
        nullable(of, args, &params, 2, T::Double)
    },
    |_| simple(|args| scaled(args, robust)),
)
.examples(&[("ML_ROBUST_SCALER(2, 1, 0, 3, TRUE, TRUE)", "0.3333333333333333")]);

/// One row of the arguments.
struct Row<'a> {
    args: &'a Args<'a>,
    row: usize,
}

impl Row<'_> {
    fn number(&self, index: usize) -> Result<Option<f64>, EvaluationError> {
        Ok(self.args.numbers::<Float64Type>(index)?.get(self.row))
    }

    /// A switch that may be missing.
    fn switch(&self, index: usize, function: &'static str) -> Result<bool, EvaluationError> {
        if index >= self.args.len() {
            return Ok(true);
        }
        self.args.booleans(index)?.get(self.row).ok_or_else(|| invalid(function, "NULL", "it must be TRUE or FALSE"))
    }
}

/// `scale` of the values that are numbers.
fn scaled(
    args: &Args<'_>,
    scale: impl Fn(f64, &Row<'_>) -> Result<f64, EvaluationError>,
) -> Result<ArrayRef, EvaluationError> {
    let values = args.numbers::<Float64Type>(0)?;
    Ok(Arc::new(args.build_numbers::<Float64Type>(|row| match values.get(row) {
        Some(value) if value.is_finite() => scale(value, &Row { args, row }).map(Some),
        other => Ok(other),
    })?))
}

/// A statistic: not NULL, not NaN, and with `finite` not infinite.
fn required(row: &Row<'_>, index: usize, function: &'static str, finite: bool) -> Result<f64, EvaluationError> {
    match row.number(index)? {
        Some(number) if number.is_finite() || (!finite && !number.is_nan()) => Ok(number),
        other => {
            let shown = other.map_or_else(|| "NULL".to_owned(), |number| number.to_string());
            let wanted = if finite { "neither NULL, NaN nor infinite" } else { "neither NULL nor NaN" };
            Err(invalid(function, shown, &format!("argument {} must be {wanted}", index + 1)))
        }
    }
}

fn by_size(value: f64, size: f64) -> f64 {
    if size == 0.0 {
        return value;
    }
    if size.is_infinite() { 0.0 } else { value / size }
}

fn min_max(value: f64, row: &Row<'_>) -> Result<f64, EvaluationError> {
    const NAME: &str = "ML_MIN_MAX_SCALER";
    let (min, max) = (required(row, 1, NAME, true)?, required(row, 2, NAME, true)?);
    if max < min {
        return Err(invalid(NAME, max, "the maximum must not be less than the minimum"));
    }
    let range = if max == min { 1.0 } else { max - min };
    Ok(((value - min) / range).clamp(0.0, 1.0))
}

fn standard(value: f64, row: &Row<'_>) -> Result<f64, EvaluationError> {
    const NAME: &str = "ML_STANDARD_SCALER";
    let mean = if row.switch(3, NAME)? { required(row, 1, NAME, true)? } else { 0.0 };
    if !row.switch(4, NAME)? {
        return Ok(value - mean);
    }
    let deviation = required(row, 2, NAME, false)?;
    if deviation == 0.0 {
        return Ok(value);
    }
    Ok(by_size(value - mean, deviation))
}

fn robust(value: f64, row: &Row<'_>) -> Result<f64, EvaluationError> {
    const NAME: &str = "ML_ROBUST_SCALER";
    let median = if row.switch(4, NAME)? { required(row, 1, NAME, true)? } else { 0.0 };
    if !row.switch(5, NAME)? {
        return Ok(value - median);
    }
    let (first, third) = (required(row, 2, NAME, true)?, required(row, 3, NAME, true)?);
    let range = if third == first { 1.0 } else { third - first };
    Ok((value - median) / range)
}
