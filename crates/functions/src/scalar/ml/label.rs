//! ML_LABEL_ENCODER: the number of a category.

use std::cmp::Ordering;
use std::sync::Arc;

use arrow_array::types::{Float32Type, Float64Type, Int32Type};
use arrow_array::{Array, ArrayRef};
use arrow_ord::ord::{DynComparator, make_comparator};
use arrow_schema::SortOptions;
use nutkin_types::{DataType, LogicalType as T};

use super::texts::Kept;
use super::{F, invalid, texts};
use crate::args::Args;
use crate::error::{EvaluationError, SignatureError};
use crate::registry::{ScalarFunction, simple};
use crate::signature::{Argument, Inferred, Of, Param};

const NAME: &str = "ML_LABEL_ENCODER";

pub(super) const FUNCTION: ScalarFunction = ScalarFunction::new(
    NAME,
    F,
    "ML_LABEL_ENCODER(input, categories[, includeZeroLabel])",
    "The number of the category from 1 and 0 for an unknown one; with includeZeroLabel from 0, and -1.",
    |of, args| {
        if !matches!(args.len(), 2 | 3) {
            return Err(of.count(args.len()));
        }
        let mut arg_types = categories(of, args)?;
        if let Some(zero) = args.get(2) {
            arg_types.push(of.accept(2, zero, &Param::Boolean)?);
        }
        Ok(Inferred { arg_types, result: T::Int.not_null() })
    },
    |_| simple(encode),
)
.examples(&[
    ("ML_LABEL_ENCODER('abc', ARRAY['abc', 'def', 'efg', 'hikj'])", "1"),
    ("ML_LABEL_ENCODER('abc', ARRAY['abc', 'def', 'efg', 'hikj'], TRUE)", "0"),
]);

/// The input and its categories, both of the categories' type.
pub(super) fn categories(of: Of, args: &[Argument<'_>]) -> Result<Vec<DataType>, SignatureError> {
    let [input, categories, ..] = args else { return Err(of.count(args.len())) };
    let T::Array { element } = &categories.data_type.logical else {
        return Err(of.wrong(1, categories.data_type, "an array of categories"));
    };
    let (given, wanted) = (&input.data_type.logical, &element.logical);
    let texts = given.is_character_string() && wanted.is_character_string();
    let numbers = given.is_numeric() && wanted.is_numeric();
    if *given != T::Null && given != wanted && !texts && !numbers {
        return Err(of.wrong(0, input.data_type, format!("a value of the categories' type {element}")));
    }
    let common = if texts { T::STRING } else { wanted.clone() };
    let list = T::array(DataType::new(common.clone(), true));
    Ok(vec![DataType::new(common, true), DataType::new(list, categories.data_type.nullable)])
}

/// Categories that an input is looked for in.
pub(super) struct Categories {
    pub values: ArrayRef,
    order: DynComparator,
}

impl Categories {
    /// Those of a row, which must be there and without NULL.
    pub fn new(function: &'static str, args: &Args<'_>, row: usize) -> Result<Categories, EvaluationError> {
        let values = texts::list(args, 1, row)?;
        let values = values.ok_or_else(|| invalid(function, "NULL", "the categories must not be NULL"))?;
        if values.null_count() > 0 {
            return Err(invalid(function, "NULL", "no category may be NULL"));
        }
        let order = make_comparator(args.array(0)?.as_ref(), values.as_ref(), SortOptions::default())?;
        Ok(Categories { values, order })
    }

    fn ascend(&self) -> Result<bool, EvaluationError> {
        let order = make_comparator(self.values.as_ref(), self.values.as_ref(), SortOptions::default())?;
        Ok((1..self.values.len()).all(|i| order(i - 1, i) == Ordering::Less))
    }

    /// The place of the row's input.
    pub fn place(&self, args: &Args<'_>, row: usize) -> Result<Option<usize>, EvaluationError> {
        let (inputs, row) = (args.array(0)?, args.position(0, row));
        if inputs.is_null(row) || !is_number(inputs, row) {
            return Ok(None);
        }
        Ok((0..self.values.len()).find(|&place| (self.order)(row, place) == Ordering::Equal))
    }
}

/// False for NaN and infinities.
fn is_number(array: &ArrayRef, row: usize) -> bool {
    use arrow_array::cast::AsArray;
    let double = array.as_primitive_opt::<Float64Type>().is_none_or(|numbers| numbers.value(row).is_finite());
    double && array.as_primitive_opt::<Float32Type>().is_none_or(|numbers| numbers.value(row).is_finite())
}

fn encode(args: &Args<'_>) -> Result<ArrayRef, EvaluationError> {
    let mut kept = Kept::default();
    Ok(Arc::new(args.build_numbers::<Int32Type>(|row| {
        let categories = kept.get(args.position(1, row), || {
            let categories = Categories::new(NAME, args, row)?;
            if !categories.ascend()? {
                let given = format!("{:?}", categories.values);
                return Err(invalid(NAME, given, "the categories must be ascending, each once"));
            }
            Ok(categories)
        })?;
        let from_zero = if args.len() > 2 { args.booleans(2)?.get(row).unwrap_or(false) } else { false };
        let label = categories.place(args, row)?.map_or(0, |place| place as i32 + 1);
        Ok(Some(if from_zero { label - 1 } else { label }))
    })?))
}
