//! ML_NGRAMS: neighbouring words joined.

use nutkin_types::{DataType, LogicalType as T};

use super::texts::Texts;
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
        let lists = Texts::new(args, 0)?;
        let sizes = if args.len() > 1 { Some(args.bigints(1)?) } else { None };
        let separators = if args.len() > 2 { Some(args.texts(2)?) } else { None };
        let blank = |word: &str| word.chars().all(char::is_whitespace);
        let mut words = Vec::new();
        texts::build(args, &field, |row, out| {
            let n = sizes.as_ref().map_or(Some(2), |sizes| sizes.get(row));
            let n = n.filter(|n| *n >= 1).and_then(|n| usize::try_from(n).ok());
            let n = n.ok_or_else(|| invalid(NAME, "nValue", "it must be at least 1"))?;
            let separator = separators.as_ref().map_or(Some(" "), |separators| separators.get(row));
            let separator = separator.ok_or_else(|| invalid(NAME, "NULL", "the separator must not be NULL"))?;
            words.clear();
            let given = lists.at(args.position(0, row)).into_iter().flatten().flatten();
            words.extend(given.map(|word| if blank(word) { "" } else { word }));
            words.windows(n).for_each(|run| out.push_joined(run.iter().copied(), separator));
            Ok(Some(()))
        })
    }))
}
