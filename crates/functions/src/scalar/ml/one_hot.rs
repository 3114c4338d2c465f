//! ML_ONE_HOT_ENCODER: a vector with a 1 at the place of the category.
//!
//! The documentation calls it the default that the last category is dropped, and shows vectors of all categories by that
//! default. What is shown is built; dropLast FALSE, of which nothing is shown, is refused.

use std::sync::Arc;

use arrow_array::Int32Array;
use nutkin_types::{LogicalType as T, Value};

use super::label::{Categories, categories};
use super::texts::Kept;
use super::{F, invalid, texts};
use crate::error::FunctionError;
use crate::registry::{Kernel, ScalarFunction, Site};
use crate::signature::{Inferred, Param};

const NAME: &str = "ML_ONE_HOT_ENCODER";

pub(super) const FUNCTION: ScalarFunction = ScalarFunction::new(
    NAME,
    F,
    "ML_ONE_HOT_ENCODER(input, categories[, TRUE[, 'ERROR' | 'IGNORE' | 'KEEP']])",
    "A number for each category, 1 for that of the input and 0 for the others. Unknown input is an error, gives zeros (IGNORE, the default), or has a number of its own at the end (KEEP).",
    |of, args| {
        if !(2..=4).contains(&args.len()) {
            return Err(of.count(args.len()));
        }
        let mut arg_types = categories(of, args)?;
        if let Some(drop_last) = args.get(2) {
            arg_types.push(of.accept(2, drop_last, &Param::Boolean)?);
            if drop_last.literal != Some(&Value::Boolean(true)) {
                return Err(of.reason("dropLast is built for TRUE only, its default"));
            }
        }
        if let Some(unknown) = args.get(3) {
            of.one_of(3, unknown, &["ERROR", "IGNORE", "KEEP"])?;
            arg_types.push(of.accept(3, unknown, &Param::Text)?);
        }
        Ok(Inferred { arg_types, result: T::array(T::Int.not_null()).not_null() })
    },
    compile,
)
.examples(&[
    ("ML_ONE_HOT_ENCODER('abc', ARRAY['abc', 'def', 'efg', 'hikj'])", "[1, 0, 0, 0]"),
    ("ML_ONE_HOT_ENCODER('abcd', ARRAY['abc', 'def', 'efg', 'hik'], TRUE, 'KEEP')", "[0, 0, 0, 0, 1]"),
]);

fn compile(site: &Site<'_>) -> Result<Kernel, FunctionError> {
    let field = texts::field(site)?;
    let unknown = site.keyword(3).unwrap_or_else(|| "IGNORE".to_owned());
    Ok(Box::new(move |args| {
        let (mut numbers, mut lengths) = (Vec::new(), Vec::with_capacity(args.rows));
        let mut kept = Kept::default();
        for row in 0..args.rows {
            let categories = kept.get(args.position(1, row), || Categories::new(NAME, args, row))?;
            let count = categories.values.len();
            if count == 0 {
                return Err(invalid(NAME, "[]", "there must be a category"));
            }
            let found = categories.place(args, row)?;
            if found.is_none() && unknown == "ERROR" {
                return Err(invalid(NAME, "the input", "it is none of the categories"));
            }
            numbers.extend((0..count).map(|place| i32::from(found == Some(place))));
            if unknown == "KEEP" {
                numbers.push(i32::from(found.is_none()));
            }
            lengths.push(count + usize::from(unknown == "KEEP"));
        }
        texts::lists(&field, Arc::new(Int32Array::from(numbers)), lengths, vec![true; args.rows])
    }))
}
