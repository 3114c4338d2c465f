//! LIKE and SIMILAR TO.
//!
//! LIKE patterns that are only a prefix, suffix, infix or equality are matched without a regular expression. There is no
//! escape character unless ESCAPE names one, as in Flink.

use std::sync::Arc;

use memchr::memmem::Finder;
use nutkin_types::{LogicalType, Value};
use regex::Regex;

use crate::error::{EvaluationError, FunctionError, SignatureError};
use crate::registry::{Family, Kernel, ScalarFunction, Site};
use crate::signature::{Argument, Inferred, Of, Param, strict};

pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    ScalarFunction::new(
        "LIKE",
        Family::Comparison,
        "string LIKE pattern [ESCAPE char]",
        "TRUE if the string matches: % stands for any characters, _ for one.",
        infer,
        |site| compile(site, "LIKE", like_regex),
    )
    .refuses_untyped_null()
    .examples(&[("'hello' LIKE 'he%'", "TRUE"), ("'TE_ST' LIKE '%E#_S%' ESCAPE '#'", "TRUE")]),
    ScalarFunction::new(
        "SIMILAR TO",
        Family::Comparison,
        "string SIMILAR TO pattern [ESCAPE char]",
        "TRUE if the string matches the SQL regular expression.",
        infer,
        |site| compile(site, "SIMILAR TO", similar_regex),
    )
    .refuses_untyped_null()
    .examples(&[("'abcd' SIMILAR TO 'a(b|c)+d'", "TRUE")]),
];

fn infer(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    if let Some(Some(Value::String(escape))) = args.get(2).map(|escape| escape.literal)
        && escape == "\0"
    {
        return Err(of.reason("Invalid escape character '\\u0000'"));
    }
    strict(of, args, &[Param::Text, Param::Text, Param::Text], 1, LogicalType::Boolean)
}

/// A pattern ready to match.
enum Matcher {
    Equals(String),
    Prefix(String),
    Suffix(String),
    Infix(Box<Finder<'static>>),
    Regex(Regex),
}

impl Matcher {
    fn matches(&self, text: &str) -> bool {
        match self {
            Matcher::Equals(wanted) => text == wanted,
            Matcher::Prefix(wanted) => text.starts_with(wanted.as_str()),
            Matcher::Suffix(wanted) => text.ends_with(wanted.as_str()),
            Matcher::Infix(finder) => finder.find(text.as_bytes()).is_some(),
            Matcher::Regex(regex) => regex.is_match(text),
        }
    }
}

type ToRegex = fn(&str, Option<char>) -> Result<String, String>;

fn matcher(
    function: &'static str,
    pattern: &str,
    escape: Option<char>,
    to_regex: ToRegex,
) -> Result<Matcher, EvaluationError> {
    if function == "LIKE" && escape.is_none() && !pattern.contains('_') {
        let inner = pattern.trim_matches('%');
        if !inner.contains('%') {
            let (open, closed) = (pattern.starts_with('%'), pattern.ends_with('%'));
            return Ok(match (open, closed) {
                (false, false) => Matcher::Equals(inner.to_owned()),
                (false, true) => Matcher::Prefix(inner.to_owned()),
                (true, false) => Matcher::Suffix(inner.to_owned()),
                (true, true) => Matcher::Infix(Box::new(Finder::new(inner).into_owned())),
            });
        }
    }
    let invalid = |reason: String| EvaluationError::InvalidArgument { function, value: pattern.to_owned(), reason };
    let source = to_regex(pattern, escape).map_err(invalid)?;
    Regex::new(&source).map(Matcher::Regex).map_err(|error| invalid(error.to_string()))
}

fn compile(site: &Site<'_>, function: &'static str, to_regex: ToRegex) -> Result<Kernel, FunctionError> {
    let escape = match site.literals.get(2) {
        None => None,
        Some(Some(Value::Null)) => return Ok(Box::new(|args| args.build_booleans(|_| Ok(None)))),
        Some(Some(Value::String(text))) if text.chars().count() <= 1 => text.chars().next(),
        Some(other) => {
            let value = format!("{other:?}");
            let reason = "the escape must be one literal character".to_owned();
            return Err(EvaluationError::InvalidArgument { function, value, reason }.into());
        }
    };
    if matches!(site.literals.get(2), Some(Some(Value::String(text))) if text.is_empty()) {
        refuse_empty_escape(site, function)?;
    }
    if let Some(Some(Value::String(pattern))) = site.literals.get(1) {
        let matcher = matcher(function, pattern, escape, to_regex)?;
        return Ok(Box::new(move |args| {
            let texts = args.texts(0)?;
            args.build_booleans(|row| Ok(texts.get(row).map(|text| matcher.matches(text))))
        }));
    }
    Ok(Box::new(move |args| {
        let (texts, patterns) = (args.texts(0)?, args.texts(1)?);
        let mut last: Option<(String, Arc<Matcher>)> = None;
        args.build_booleans(|row| {
            let (Some(text), Some(pattern)) = (texts.get(row), patterns.get(row)) else { return Ok(None) };
            let known = last.as_ref().filter(|(source, _)| source == pattern).map(|(_, matcher)| matcher.clone());
            let matcher = match known {
                Some(matcher) => matcher,
                None => {
                    let fresh = Arc::new(matcher(function, pattern, escape, to_regex)?);
                    last = Some((pattern.to_owned(), fresh.clone()));
                    fresh
                }
            };
            Ok(Some(matcher.matches(text)))
        })
    }))
}

/// An empty escape is none where LIKE needs no regular expression, and is refused elsewhere, as in Flink.
fn refuse_empty_escape(site: &Site<'_>, function: &'static str) -> Result<(), EvaluationError> {
    let is_simple = matches!(site.literals.get(1), Some(Some(Value::String(pattern))) if !pattern.contains('_'));
    if function == "LIKE" && is_simple {
        return Ok(());
    }
    let reason = "the escape must be one character".to_owned();
    Err(EvaluationError::InvalidArgument { function, value: String::new(), reason })
}

fn like_regex(pattern: &str, escape: Option<char>) -> Result<String, String> {
    let mut source = String::from("(?s)^");
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        if Some(c) == escape {
            match chars.next() {
                Some(next) if next == '%' || next == '_' || Some(next) == escape => {
                    source.push_str(&regex::escape(&next.to_string()))
                }
                _ => return Err("the escape character must stand before %, _ or itself".to_owned()),
            }
        } else if c == '%' {
            source.push_str(".*");
        } else if c == '_' {
            source.push('.');
        } else {
            source.push_str(&regex::escape(&c.to_string()));
        }
    }
    source.push('$');
    Ok(source)
}

fn similar_regex(pattern: &str, escape: Option<char>) -> Result<String, String> {
    let mut source = String::from("(?s)^(?:");
    let mut chars = pattern.chars();
    let mut in_class = false;
    while let Some(c) = chars.next() {
        if Some(c) == escape {
            let next = chars.next().ok_or("nothing follows the escape character")?;
            source.push_str(&regex::escape(&next.to_string()));
            continue;
        }
        match c {
            '[' => {
                in_class = true;
                source.push('[');
            }
            ']' => {
                in_class = false;
                source.push(']');
            }
            '%' if !in_class => source.push_str(".*"),
            '_' if !in_class => source.push('.'),
            '.' | '|' | '*' | '+' | '?' | '(' | ')' | '{' | '}' | '^' | '-' | ',' | ':' => source.push(c),
            other => source.push_str(&regex::escape(&other.to_string())),
        }
    }
    source.push_str(")$");
    Ok(source)
}
