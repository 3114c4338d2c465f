//! ML preprocessing (spec 2.8): scalers, encoders, buckets, n-grams and text splitters. What they take and give is what the
//! product's documentation says; a value that it calls an exception is an error.

mod bucketize;
mod chunks;
mod formats;
mod label;
mod ngrams;
mod one_hot;
mod scale;
mod split;
mod texts;

use nutkin_types::LogicalType as T;

use crate::error::{EvaluationError, SignatureError};
use crate::registry::{Family, ScalarFunction};
use crate::signature::{Argument, Of, Param};

const F: Family = Family::MachineLearning;

pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    bucketize::FUNCTION,
    split::CHARACTER,
    split::FILE_FORMAT,
    label::FUNCTION,
    scale::MAX_ABS,
    scale::MIN_MAX,
    ngrams::FUNCTION,
    scale::NORMALIZER,
    one_hot::FUNCTION,
    split::RECURSIVE,
    scale::ROBUST,
    scale::STANDARD,
];

/// A value that a function cannot use.
fn invalid(function: &'static str, value: impl ToString, reason: &str) -> EvaluationError {
    EvaluationError::InvalidArgument { function, value: value.to_string(), reason: reason.to_owned() }
}

/// An array of numbers as ARRAY<DOUBLE>.
fn numbers(of: Of, index: usize, arg: &Argument<'_>) -> Result<nutkin_types::DataType, SignatureError> {
    match &arg.data_type.logical {
        T::Array { element } if element.logical.is_numeric() || element.logical == T::Null => {
            Ok(nutkin_types::DataType::new(T::array(T::Double.nullable()), arg.data_type.nullable))
        }
        _ => Err(of.wrong(index, arg.data_type, "an array of numbers")),
    }
}

/// An array of character strings, taken as it is.
fn strings(of: Of, index: usize, arg: &Argument<'_>) -> Result<nutkin_types::DataType, SignatureError> {
    match &arg.data_type.logical {
        T::Array { element } if element.logical.is_character_string() => of.accept(index, arg, &Param::Array),
        _ => Err(of.wrong(index, arg.data_type, "an array of character strings")),
    }
}
