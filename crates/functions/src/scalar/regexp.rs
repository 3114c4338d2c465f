//! REGEXP, REGEXP_EXTRACT, REGEXP_REPLACE.
//!
//! Patterns are Java's. The engine here knows no look-around and no back-references in patterns; such a constant pattern is
//! refused by name at compile time instead of matching something else. A constant pattern is compiled once.

use std::cell::RefCell;

use nutkin_types::{LogicalType as T, Value};
use regex::Regex;

use crate::error::{EvaluationError, FunctionError, SignatureError};
use crate::registry::{Family, Kernel, ScalarFunction, Site};
use crate::signature::{Argument, Inferred, Of, Param, nullable, strict};

pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    ScalarFunction::new(
        "REGEXP",
        Family::String,
        "REGEXP(string, regex)",
        "TRUE if a part of the string matches the regular expression.",
        |of, args| strict(of, args, &[Param::Text, Param::Text], 0, T::Boolean),
        matches,
    )
    .examples(&[(r"REGEXP('100-200', '(\d+)')", "TRUE")]),
    ScalarFunction::new(
        "REGEXP_EXTRACT",
        Family::String,
        "REGEXP_EXTRACT(string, regex[, group])",
        "The group of the first match (group 0, the whole, by default); NULL without a match.",
        extract_type,
        extract,
    )
    .examples(&[("REGEXP_EXTRACT('foothebar', 'foo(.*?)(bar)', 2)", "bar")]),
    ScalarFunction::new(
        "REGEXP_REPLACE",
        Family::String,
        "REGEXP_REPLACE(string, regex, replacement)",
        "The string with every match replaced; $1 in the replacement is group 1.",
        |of, args| strict(of, args, &[Param::Text, Param::Text, Param::Text], 0, T::STRING),
        replace,
    )
    .examples(&[("REGEXP_REPLACE('foobar', 'oo|ar', '')", "fb")]),
];

fn extract_type(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    nullable(of, args, &[Param::Text, Param::Text, Param::Int], 1, T::STRING)
}

/// Gives the compiled pattern of a row: one for all rows, or the last one remembered.
struct Patterns {
    constant: Option<Option<Regex>>,
}

impl Patterns {
    fn new(site: &Site<'_>, function: &'static str) -> Result<Patterns, FunctionError> {
        let constant = match site.literals.get(1) {
            Some(Some(Value::String(pattern))) => Some(compile_pattern(pattern, function)?),
            _ => None,
        };
        Ok(Patterns { constant })
    }

    /// Calls `run` with a function that gives the regular expression for a pattern text; None is a malformed one.
    fn with<R>(
        &self,
        function: &'static str,
        run: impl FnOnce(&dyn Fn(&str) -> Result<Option<Regex>, EvaluationError>) -> R,
    ) -> R {
        let last: RefCell<Option<(String, Option<Regex>)>> = RefCell::new(None);
        run(&|pattern| {
            if let Some(regex) = &self.constant {
                return Ok(regex.clone());
            }
            if let Some((known, regex)) = last.borrow().as_ref()
                && known == pattern
            {
                return Ok(regex.clone());
            }
            let regex = compile_pattern(pattern, function)?;
            *last.borrow_mut() = Some((pattern.to_owned(), regex.clone()));
            Ok(regex)
        })
    }
}

/// None for a pattern that is malformed in Java too; an error for one that only Java's engine knows.
fn compile_pattern(pattern: &str, function: &'static str) -> Result<Option<Regex>, EvaluationError> {
    match Regex::new(pattern) {
        Ok(regex) => Ok(Some(regex)),
        Err(error) => {
            let text = error.to_string();
            if text.contains("look-around") || text.contains("backreference") {
                let reason = "look-around and back-references in regular expressions are not supported".to_owned();
                return Err(EvaluationError::InvalidArgument { function, value: pattern.to_owned(), reason });
            }
            Ok(None)
        }
    }
}

fn matches(site: &Site<'_>) -> Result<Kernel, FunctionError> {
    let patterns = Patterns::new(site, "REGEXP")?;
    Ok(Box::new(move |args| {
        let (texts, sources) = (args.texts(0)?, args.texts(1)?);
        patterns.with("REGEXP", |find| {
            args.build_booleans(|row| {
                let (Some(text), Some(source)) = (texts.get(row), sources.get(row)) else { return Ok(None) };
                if source.is_empty() {
                    return Ok(Some(false));
                }
                match find(source)? {
                    Some(regex) => Ok(Some(regex.is_match(text))),
                    None => Err(malformed("REGEXP", source)),
                }
            })
        })
    }))
}

fn extract(site: &Site<'_>) -> Result<Kernel, FunctionError> {
    let patterns = Patterns::new(site, "REGEXP_EXTRACT")?;
    Ok(Box::new(move |args| {
        let (texts, sources) = (args.texts(0)?, args.texts(1)?);
        let groups = if args.len() > 2 { Some(args.ints(2)?) } else { None };
        patterns.with("REGEXP_EXTRACT", |find| {
            args.build_slices(|row| {
                let (Some(text), Some(source)) = (texts.get(row), sources.get(row)) else { return Ok(None) };
                let group = match &groups {
                    None => 0,
                    Some(groups) => match groups.get(row) {
                        None => return Ok(None),
                        Some(group) => group,
                    },
                };
                let (Some(regex), Ok(group)) = (find(source)?, usize::try_from(group)) else { return Ok(None) };
                if group == 0 {
                    return Ok(regex.find(text).map(|found| found.as_str()));
                }
                Ok(regex.captures(text).and_then(|found| found.get(group)).map(|found| found.as_str()))
            })
        })
    }))
}

fn replace(site: &Site<'_>) -> Result<Kernel, FunctionError> {
    let patterns = Patterns::new(site, "REGEXP_REPLACE")?;
    Ok(Box::new(move |args| {
        let (texts, sources, replacements) = (args.texts(0)?, args.texts(1)?, args.texts(2)?);
        patterns.with("REGEXP_REPLACE", |find| {
            args.build_texts(|row, out| {
                let (Some(text), Some(source), Some(by)) = (texts.get(row), sources.get(row), replacements.get(row))
                else {
                    return Ok(None);
                };
                let Some(regex) = find(source)? else { return Ok(None) };
                let mut end = 0;
                for found in regex.captures_iter(text) {
                    let Some(whole) = found.get(0) else { continue };
                    out.push_str(&text[end..whole.start()]);
                    end = whole.end();
                    if !expand(by, &found, out) {
                        return Ok(None);
                    }
                }
                out.push_str(&text[end..]);
                Ok(Some(()))
            })
        })
    }))
}

/// Java's replacement text: `$n` is a group, a backslash takes the next character as it is. False when it is malformed.
fn expand(replacement: &str, found: &regex::Captures<'_>, out: &mut String) -> bool {
    let mut chars = replacement.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some(next) => out.push(next),
                None => return false,
            },
            '$' => {
                let Some(mut group) = chars.next().and_then(|d| d.to_digit(10)) else { return false };
                // Further digits belong to the number as long as such a group exists.
                while let Some(digit) = chars.peek().and_then(|d| d.to_digit(10)) {
                    let longer = group * 10 + digit;
                    if longer as usize >= found.len() {
                        break;
                    }
                    group = longer;
                    chars.next();
                }
                if group as usize >= found.len() {
                    return false;
                }
                out.push_str(found.get(group as usize).map_or("", |part| part.as_str()));
            }
            other => out.push(other),
        }
    }
    true
}

fn malformed(function: &'static str, pattern: &str) -> EvaluationError {
    EvaluationError::InvalidArgument {
        function,
        value: pattern.to_owned(),
        reason: "it is not a regular expression".to_owned(),
    }
}
