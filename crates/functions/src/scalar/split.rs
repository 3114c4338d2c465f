//! STR_TO_MAP: a map out of a string of pairs.

use std::sync::Arc;

use arrow_array::ArrayRef;
use arrow_array::builder::StringBuilder;
use arrow_buffer::{NullBuffer, OffsetBuffer};
use nutkin_types::map::map_array;
use nutkin_types::{DataType, LogicalType as T};
use regex::Regex;

use crate::args::Args;
use crate::error::EvaluationError;
use crate::registry::{Family, ScalarFunction, simple};
use crate::signature::{Param, nullable};

pub(super) const FUNCTIONS: &[ScalarFunction] = &[ScalarFunction::new(
    "STR_TO_MAP",
    Family::Collection,
    "STR_TO_MAP(string[, pair_delimiter, key_value_delimiter])",
    "A map of the pairs in the string; delimiters are regular expressions, ',' and '=' by default.",
    |of, args| {
        if args.len() == 2 {
            return Err(of.count(2));
        }
        nullable(of, args, &[Param::Text, Param::Text, Param::Text], 2, map_type())
    },
    |_| simple(str_to_map),
)
.refuses_untyped_null()
.examples(&[("STR_TO_MAP('k1=v1,k2=v2')", "{k1=v1, k2=v2}")])];

fn map_type() -> T {
    T::map(DataType::string(), DataType::string())
}

fn str_to_map(args: &Args<'_>) -> Result<ArrayRef, EvaluationError> {
    let texts = args.texts(0)?;
    let delimiters = if args.len() > 2 { Some((args.texts(1)?, args.texts(2)?)) } else { None };
    let (mut keys, mut values) = (StringBuilder::new(), StringBuilder::new());
    let (mut lengths, mut valid) = (Vec::with_capacity(args.rows), Vec::with_capacity(args.rows));
    let mut known: Option<(String, String, Regex, Regex)> = None;
    for row in 0..args.rows {
        let parts = match &delimiters {
            None => texts.get(row).map(|text| (text, ",", "=")),
            Some((pairs, inner)) => match (texts.get(row), pairs.get(row), inner.get(row)) {
                (Some(text), Some(pair), Some(inner)) => Some((text, pair, inner)),
                _ => None,
            },
        };
        valid.push(parts.is_some());
        let Some((text, pair, inner)) = parts else {
            lengths.push(0);
            continue;
        };
        if known.as_ref().is_none_or(|(p, i, _, _)| p != pair || i != inner) {
            known = Some((pair.to_owned(), inner.to_owned(), delimiter(pair)?, delimiter(inner)?));
        }
        let Some((_, _, pair, inner)) = &known else { continue };
        let mut entries: Vec<(&str, Option<&str>)> = Vec::new();
        if !text.is_empty() {
            for entry in pieces(pair, text, None) {
                let halves = pieces(inner, entry, Some(2));
                let (key, value) = (halves.first().copied().unwrap_or(""), halves.get(1).copied());
                match entries.iter_mut().find(|(known, _)| *known == key) {
                    Some(slot) => slot.1 = value,
                    None => entries.push((key, value)),
                }
            }
        }
        lengths.push(entries.len());
        for (key, value) in entries {
            keys.append_value(key);
            values.append_option(value);
        }
    }
    let (keys, values) = (Arc::new(keys.finish()), Arc::new(values.finish()));
    let offsets = OffsetBuffer::from_lengths(lengths);
    Ok(map_array(&map_type(), offsets, keys, values, Some(NullBuffer::from(valid)))?)
}

/// Java's `split`: an empty match at the beginning separates nothing, and without a limit empty pieces at the end are left out.
fn pieces<'t>(delimiter: &Regex, text: &'t str, limit: Option<usize>) -> Vec<&'t str> {
    let (mut found, mut begin) = (Vec::new(), 0);
    for separator in delimiter.find_iter(text) {
        if limit.is_some_and(|limit| found.len() + 1 >= limit) {
            break;
        }
        if separator.end() > 0 {
            found.push(&text[begin..separator.start()]);
            begin = separator.end();
        }
    }
    found.push(&text[begin..]);
    while limit.is_none() && found.last().is_some_and(|last| last.is_empty()) {
        found.pop();
    }
    found
}

fn delimiter(pattern: &str) -> Result<Regex, EvaluationError> {
    Regex::new(pattern).map_err(|error| EvaluationError::InvalidArgument {
        function: "STR_TO_MAP",
        value: pattern.to_owned(),
        reason: format!("the delimiter is not a regular expression: {error}"),
    })
}
