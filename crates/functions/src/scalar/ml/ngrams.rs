//! ML_NGRAMS: neighbouring words joined.

use nutkin_types::{DataType, LogicalType as T};

use super::{F, invalid, texts};
use crate::error::FunctionError;
use crate::registry::{Kernel, ScalarFunction, Site};
use crate::signature::{Inferred, Param};

const NAME: &str = "ML_NGRAMS";

pub(super) const FUNCTION: ScalarFunction = ScalarFunction::new(
    NAME,
    F,
    "ML_NGRAMS(input[, nValue[, separator]])",
    "All runs of n (by default 2) neighbouring strings of the array, joined by the separator (by default a blank). NULLs are left out; strings of blanks are empty.",
    |of, args| {
        if !(1..=3).contains(&args.len()) {
            return Err(of.count(args.len()));
        }
        let mut arg_types: Vec<DataType> = vec![super::strings(of, 0, &args[0])?];
        if let Some(n) = args.get(1) {
            arg_types.push(of.accept(1, n, &Param::BigInt)?);
        }
        if let Some(separator) = args.get(2) {
            arg_types.push(of.accept(2, separator, &Param::Text)?);
        }
        Ok(Inferred { arg_types, result: T::array(T::STRING.nullable()).not_null() })
    },
    compile,
)
.examples(&[
    ("ML_NGRAMS(ARRAY['ab', 'cd', 'de', 'pwe'], 1, '#')", "[ab, cd, de, pwe]"),
    ("ML_NGRAMS(ARRAY['ab', 'cd', 'de', NULL], 2, '#')", "[ab#cd, cd#de]"),
]);

fn compile(site: &Site<'_>) -> Result<Kernel, FunctionError> {
    let field = texts::field(site)?;
    Ok(Box::new(move |args| {
        texts::build(args, &field, |row| {
            let n = if args.len() > 1 { args.bigints(1)?.get(row) } else { Some(2) };
            let n = n.filter(|n| *n >= 1).and_then(|n| usize::try_from(n).ok());
            let n = n.ok_or_else(|| invalid(NAME, "nValue", "it must be at least 1"))?;
            let separator = if args.len() > 2 { args.texts(2)?.get(row) } else { Some(" ") };
            let separator = separator.ok_or_else(|| invalid(NAME, "NULL", "the separator must not be NULL"))?;
            let Some(words) = texts::list(args, 0, row)? else { return Ok(Some(Vec::new())) };
            let blank = |word: &str| word.chars().all(char::is_whitespace);
            let words = texts::strings(&words)?.iter().flatten().map(|word| if blank(word) { "" } else { word });
            let words: Vec<&str> = words.collect();
            Ok(Some(words.windows(n).map(|run| run.join(separator)).collect()))
        })
    }))
}
