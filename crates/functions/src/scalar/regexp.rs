//! REGEXP and the REGEXP_ functions. Patterns are Java's ([`crate::pattern`]); a constant one is compiled once.

mod count;
mod extract;
mod replace;

use std::cell::RefCell;

use nutkin_types::{LogicalType as T, Value};

use crate::error::FunctionError;
use crate::pattern::Pattern;
use crate::registry::{Family, Kernel, ScalarFunction, Site};
use crate::signature::{Param, nullable, strict};

const TWO: &[Param] = &[Param::Text, Param::Text];

pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    ScalarFunction::new(
        "REGEXP",
        Family::String,
        "REGEXP(string, regex)",
        "TRUE if a part of the string matches the regular expression.",
        |of, args| strict(of, args, TWO, 0, T::Boolean),
        matches,
    )
    .refuses_untyped_null()
    .examples(&[(r"REGEXP('100-200', '(\d+)')", "TRUE")]),
    ScalarFunction::new(
        "REGEXP_EXTRACT",
        Family::String,
        "REGEXP_EXTRACT(string, regex[, group])",
        "The group of the first match (group 0, the whole, by default); NULL without a match.",
        |of, args| nullable(of, args, &[Param::Text, Param::Text, Param::Int], 1, T::STRING),
        extract::first,
    )
    .refuses_untyped_null()
    .examples(&[("REGEXP_EXTRACT('foothebar', 'foo(.*?)(bar)', 2)", "bar")]),
    ScalarFunction::new(
        "REGEXP_EXTRACT_ALL",
        Family::String,
        "REGEXP_EXTRACT_ALL(string, regex[, group])",
        "The group of every match (group 1 by default); NULL if the regular expression has no such group.",
        extract::all_type,
        extract::all,
    )
    .examples(&[(r"REGEXP_EXTRACT_ALL('100-200, 300-400', '(\d+)-(\d+)', 1)", "[100, 300]")]),
    ScalarFunction::new(
        "REGEXP_SUBSTR",
        Family::String,
        "REGEXP_SUBSTR(string, regex)",
        "The first match; NULL without one.",
        |of, args| nullable(of, args, TWO, 0, T::STRING),
        extract::substring,
    )
    .examples(&[("REGEXP_SUBSTR('a.b.c', '[b-z]')", "b")]),
    ScalarFunction::new(
        "REGEXP_COUNT",
        Family::String,
        "REGEXP_COUNT(string, regex)",
        "The number of matches; NULL if the regular expression is malformed.",
        |of, args| nullable(of, args, TWO, 0, T::Int),
        count::count,
    )
    .examples(&[("REGEXP_COUNT('abcabc', 'b')", "2")]),
    ScalarFunction::new(
        "REGEXP_INSTR",
        Family::String,
        "REGEXP_INSTR(string, regex)",
        "The position of the first match, counted from 1; 0 without one, NULL if the regular expression is malformed.",
        |of, args| nullable(of, args, TWO, 0, T::Int),
        count::position,
    )
    .examples(&[(r"REGEXP_INSTR('abc123', '\d')", "4")]),
    ScalarFunction::new(
        "REGEXP_REPLACE",
        Family::String,
        "REGEXP_REPLACE(string, regex, replacement)",
        "The string with every match replaced by the replacement as it is written.",
        |of, args| strict(of, args, &[Param::Text, Param::Text, Param::Text], 0, T::STRING),
        replace::replace,
    )
    .refuses_untyped_null()
    .examples(&[("REGEXP_REPLACE('foobar', 'oo|ar', '')", "fb")]),
];

/// Gives the compiled pattern of a row: one for all rows, or the last one remembered.
struct Patterns {
    constant: Option<Option<Pattern>>,
}

/// The last pattern that was no literal.
type Last = RefCell<Option<(String, Option<Pattern>)>>;

impl Patterns {
    fn new(site: &Site<'_>) -> Patterns {
        let constant = match site.literals.get(1) {
            Some(Some(Value::String(pattern))) => Some(Pattern::new(pattern)),
            _ => None,
        };
        Patterns { constant }
    }

    /// `run` with the compiled `pattern`; None when it is malformed.
    fn with<R>(&self, last: &Last, pattern: &str, run: impl FnOnce(Option<&Pattern>) -> R) -> R {
        if let Some(constant) = &self.constant {
            return run(constant.as_ref());
        }
        let mut last = last.borrow_mut();
        if last.as_ref().is_none_or(|(known, _)| known != pattern) {
            *last = Some((pattern.to_owned(), Pattern::new(pattern)));
        }
        run(last.as_ref().and_then(|(_, compiled)| compiled.as_ref()))
    }
}

fn matches(site: &Site<'_>) -> Result<Kernel, FunctionError> {
    let patterns = Patterns::new(site);
    Ok(Box::new(move |args| {
        let (texts, sources, last) = (args.texts(0)?, args.texts(1)?, Last::default());
        args.build_booleans(|row| {
            let (Some(text), Some(source)) = (texts.get(row), sources.get(row)) else { return Ok(None) };
            if source.is_empty() {
                return Ok(Some(false));
            }
            patterns.with(&last, source, |pattern| match pattern {
                Some(pattern) => pattern.is_match(text).map(Some),
                // As in Flink, nothing matches what is no regular expression.
                None => Ok(Some(false)),
            })
        })
    }))
}
