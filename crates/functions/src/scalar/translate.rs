//! TRANSLATE: characters exchanged one by one.

use std::collections::HashMap;

use arrow_array::ArrayRef;
use nutkin_types::{DataType, LogicalType as T};

use crate::args::Args;
use crate::error::{EvaluationError, SignatureError};
use crate::registry::{Family, ScalarFunction, simple};
use crate::signature::{Argument, Inferred, Of, Param, is_nullable};

pub(super) const FUNCTIONS: &[ScalarFunction] = &[ScalarFunction::new(
    "TRANSLATE",
    Family::String,
    "TRANSLATE(string, from, to)",
    "The string with each character of from replaced by the one at the same place of to, or removed if to is shorter.",
    infer,
    |_| simple(translate),
)
.refuses_untyped_null()
.aliases(&["TRANSLATE3"])
.examples(&[("TRANSLATE('www.apache.org', 'wapcheorg.', 'WAPCHE')", "WWWAPACHE")])];

fn infer(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    let arg_types = of.check(args, &[Param::Text, Param::Text, Param::Text], 0)?;
    let nullable = args.first().is_some_and(is_nullable);
    Ok(Inferred { arg_types, result: DataType::new(T::STRING, nullable) })
}

/// What becomes of a character; None: it is removed.
type Table = HashMap<char, Option<char>>;

fn translate(args: &Args<'_>) -> Result<ArrayRef, EvaluationError> {
    let (texts, from, to) = (args.texts(0)?, args.texts(1)?, args.texts(2)?);
    let mut known: Option<(&str, &str, Table)> = None;
    args.build_texts(|row, out| {
        let Some(text) = texts.get(row) else { return Ok(None) };
        let (from, to) = (from.get(row).unwrap_or(""), to.get(row).unwrap_or(""));
        if known.as_ref().is_none_or(|(f, t, _)| *f != from || *t != to) {
            known = Some((from, to, table(from, to)));
        }
        let Some((_, _, table)) = &known else { return Ok(None) };
        out.extend(text.chars().filter_map(|sign| table.get(&sign).copied().unwrap_or(Some(sign))));
        Ok(Some(()))
    })
}

/// Of a character that is there twice the first counts.
fn table(from: &str, to: &str) -> Table {
    let mut table = Table::new();
    let mut by = to.chars();
    for sign in from.chars() {
        let replacement = by.next();
        table.entry(sign).or_insert(replacement);
    }
    table
}
