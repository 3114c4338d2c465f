//! TRIM, LTRIM, RTRIM, BTRIM.

use arrow_array::ArrayRef;
use nutkin_types::data_type::MAX_LENGTH;
use nutkin_types::{DataType, LogicalType as T, Value};

use crate::args::Args;
use crate::error::{EvaluationError, FunctionError, SignatureError};
use crate::registry::{Family, Kernel, ScalarFunction, Site, simple};
use crate::signature::{Argument, Inferred, Of, Param, any_nullable};

pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    ScalarFunction::new(
        "TRIM",
        Family::String,
        "TRIM([BOTH | LEADING | TRAILING] [chars FROM] string)",
        "The string without leading or trailing characters of chars; blanks by default.",
        trim_type,
        compile,
    )
    .refuses_untyped_null()
    .examples(&[("TRIM('  flink ')", "flink"), ("TRIM(LEADING 'x' FROM 'xxaxx')", "axx")]),
    ScalarFunction::new(
        "LTRIM",
        Family::String,
        "LTRIM(string[, chars])",
        "The string without leading characters of chars.",
        sided,
        |_| simple(|a| run(a, 0, 1, true, false)),
    )
    .refuses_untyped_null()
    .examples(&[("LTRIM('  a ')", "a ")]),
    ScalarFunction::new(
        "RTRIM",
        Family::String,
        "RTRIM(string[, chars])",
        "The string without trailing characters of chars.",
        sided,
        |_| simple(|a| run(a, 0, 1, false, true)),
    )
    .refuses_untyped_null()
    .examples(&[("RTRIM('a  ')", "a")]),
    ScalarFunction::new(
        "BTRIM",
        Family::String,
        "BTRIM(string[, chars])",
        "The string without leading and trailing characters of chars.",
        sided,
        |_| simple(|a| run(a, 0, 1, true, true)),
    )
    .examples(&[("BTRIM('  a ')", "a")]),
];

fn trim_type(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    let arg_types = match args.len() {
        1 => of.check(args, &[Param::Text], 0)?,
        _ => of.check(args, &[Param::Text, Param::Text, Param::Text], 0)?,
    };
    if args.len() == 3 {
        let mode = of.keyword(0, &args[0])?;
        if !matches!(mode.as_str(), "BOTH" | "LEADING" | "TRAILING") {
            return Err(of.reason(format!("{mode} is not BOTH, LEADING or TRAILING")));
        }
    }
    let length = match arg_types.last().map(|t| &t.logical) {
        Some(T::Char { length } | T::VarChar { length }) => *length,
        _ => MAX_LENGTH,
    };
    Ok(Inferred { arg_types, result: DataType::new(T::VarChar { length }, any_nullable(args)) })
}

fn sided(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    let arg_types = of.check(args, &[Param::Text, Param::Text], 1)?;
    // BTRIM is the youngest of the three and forgets the length.
    let length = match arg_types.first().map(|t| &t.logical) {
        Some(T::Char { length } | T::VarChar { length }) if of.function != "BTRIM" => *length,
        _ => MAX_LENGTH,
    };
    Ok(Inferred { arg_types, result: DataType::new(T::VarChar { length }, any_nullable(args)) })
}

fn compile(site: &Site<'_>) -> Result<Kernel, FunctionError> {
    if site.args.len() == 1 {
        return simple(|args| run(args, 0, 1, true, true));
    }
    let (leading, trailing) = match site.literals.first() {
        Some(Some(Value::String(mode))) => match mode.to_uppercase().as_str() {
            "LEADING" => (true, false),
            "TRAILING" => (false, true),
            _ => (true, true),
        },
        _ => return Err(FunctionError::Inconsistent("TRIM without its mode".to_owned())),
    };
    Ok(Box::new(move |args| run(args, 2, 1, leading, trailing)))
}

fn run(args: &Args<'_>, text: usize, chars: usize, leading: bool, trailing: bool) -> Result<ArrayRef, EvaluationError> {
    let texts = args.texts(text)?;
    let sets = if args.len() > chars { Some(args.texts(chars)?) } else { None };
    args.build_slices(|row| {
        let Some(text) = texts.get(row) else { return Ok(None) };
        let set = match &sets {
            None => " ",
            Some(sets) => match sets.get(row) {
                None => return Ok(None),
                Some(set) => set,
            },
        };
        let within = |c: char| set.contains(c);
        let text = if leading { text.trim_start_matches(within) } else { text };
        Ok(Some(if trailing { text.trim_end_matches(within) } else { text }))
    })
}
