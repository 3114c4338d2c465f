//! SUBSTRING, LEFT, RIGHT, OVERLAY, SPLIT_INDEX: parts of strings by position.

use arrow_array::ArrayRef;
use nutkin_types::data_type::MAX_LENGTH;
use nutkin_types::{DataType, LogicalType as T};

use crate::args::Args;
use crate::error::{EvaluationError, SignatureError};
use crate::registry::{Family, ScalarFunction, simple};
use crate::signature::{Argument, Inferred, Of, Param, any_nullable, nullable};

pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    ScalarFunction::new(
        "SUBSTRING",
        Family::String,
        "SUBSTRING(string, start[, length]) or SUBSTRING(string FROM start [FOR length])",
        "Part of the string from position start (from 1; negative counts from the end).",
        substring_type,
        |_| simple(substring),
    )
    .refuses_untyped_null()
    .aliases(&["SUBSTR"])
    .examples(&[("SUBSTRING('This is a test' FROM 6 FOR 2)", "is"), ("SUBSTRING('Flink', 2)", "link")]),
    ScalarFunction::new(
        "LEFT",
        Family::String,
        "LEFT(string, length)",
        "The first characters; empty if length is negative.",
        counted,
        |_| simple(|a| edge(a, true)),
    )
    .refuses_untyped_null()
    .examples(&[("`LEFT`('flink', 2)", "fl")]),
    ScalarFunction::new(
        "RIGHT",
        Family::String,
        "RIGHT(string, length)",
        "The last characters; empty if length is negative.",
        counted,
        |_| simple(|a| edge(a, false)),
    )
    .refuses_untyped_null()
    .examples(&[("`RIGHT`('flink', 2)", "nk")]),
    ScalarFunction::new(
        "OVERLAY",
        Family::String,
        "OVERLAY(string PLACING replacement FROM start [FOR length])",
        "The string with length characters from start on replaced; without length as many as the replacement has.",
        overlay_type,
        |_| simple(overlay),
    )
    .refuses_untyped_null()
    .examples(&[("OVERLAY('This is an old string' PLACING ' new' FROM 10 FOR 5)", "This is a new string")]),
    ScalarFunction::new(
        "SPLIT_INDEX",
        Family::String,
        "SPLIT_INDEX(string, delimiter, index)",
        "Part number index (from 0) of the string split at the delimiter; NULL if there are fewer.",
        |of, args| match args.get(1).map(|arg| arg.data_type.logical.is_numeric()) {
            Some(true) => nullable(of, args, &[Param::Text, Param::Int, Param::Int], 0, T::STRING),
            _ => nullable(of, args, &[Param::Text, Param::Text, Param::Int], 0, T::STRING),
        },
        |_| simple(split_index),
    )
    .refuses_untyped_null()
    .examples(&[("SPLIT_INDEX('a/b/c', '/', 1)", "b")]),
];

fn substring_type(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    let arg_types = of.check(args, &[Param::Text, Param::Int, Param::Int], 1)?;
    let length = match arg_types.first().map(|t| &t.logical) {
        Some(T::Char { length } | T::VarChar { length }) => *length,
        _ => MAX_LENGTH,
    };
    Ok(Inferred { arg_types, result: DataType::new(T::VarChar { length }, any_nullable(args)) })
}

fn counted(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    let inferred = substring_type(of, args)?;
    let arg_types = of.check(args, &[Param::Text, Param::Int], 0)?;
    Ok(Inferred { arg_types, result: inferred.result.with_nullable(true) })
}

fn overlay_type(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    let arg_types = of.check(args, &[Param::Text, Param::Text, Param::Int, Param::Int], 1)?;
    let length = arg_types.iter().take(2).fold(0u32, |sum, t| match &t.logical {
        T::Char { length } | T::VarChar { length } => sum.saturating_add(*length),
        _ => sum,
    });
    let logical = T::VarChar { length: length.min(MAX_LENGTH) };
    Ok(Inferred { arg_types, result: DataType::new(logical, any_nullable(args)) })
}

/// The characters from number `skip` on, at most `take` of them, as a slice.
fn slice(text: &str, skip: usize, take: usize) -> &str {
    if text.is_ascii() {
        let start = skip.min(text.len());
        let end = start.saturating_add(take).min(text.len());
        return text.get(start..end).unwrap_or("");
    }
    let start = text.char_indices().nth(skip).map_or(text.len(), |(at, _)| at);
    let rest = text.get(start..).unwrap_or("");
    let end = rest.char_indices().nth(take).map_or(rest.len(), |(at, _)| at);
    rest.get(..end).unwrap_or("")
}

fn substring(args: &Args<'_>) -> Result<ArrayRef, EvaluationError> {
    let (texts, starts) = (args.texts(0)?, args.ints(1)?);
    let lengths = if args.len() > 2 { Some(args.ints(2)?) } else { None };
    args.build_slices(|row| {
        let (Some(text), Some(start)) = (texts.get(row), starts.get(row)) else { return Ok(None) };
        let length = match &lengths {
            None => i64::MAX / 2,
            Some(lengths) => match lengths.get(row) {
                None => return Ok(None),
                Some(length) => i64::from(length),
            },
        };
        if length < 0 {
            return Ok(None);
        }
        let start = i64::from(start);
        let (skip, take) = match start {
            1.. => (start - 1, length),
            0 => (0, length),
            _ => {
                let skip = text.chars().count() as i64 + start;
                if skip < 0 {
                    return Ok(Some(""));
                }
                (skip, length)
            }
        };
        Ok(Some(slice(text, skip as usize, take as usize)))
    })
}

fn edge(args: &Args<'_>, left: bool) -> Result<ArrayRef, EvaluationError> {
    let (texts, lengths) = (args.texts(0)?, args.ints(1)?);
    args.build_slices(|row| {
        let (Some(text), Some(length)) = (texts.get(row), lengths.get(row)) else { return Ok(None) };
        let length = usize::try_from(length).unwrap_or(0);
        let skip = if left { 0 } else { text.chars().count().saturating_sub(length) };
        Ok(Some(slice(text, skip, length)))
    })
}

fn overlay(args: &Args<'_>) -> Result<ArrayRef, EvaluationError> {
    let (texts, replacements, starts) = (args.texts(0)?, args.texts(1)?, args.ints(2)?);
    let lengths = if args.len() > 3 { Some(args.ints(3)?) } else { None };
    args.build_texts(|row, out| {
        let (Some(text), Some(by), Some(start)) = (texts.get(row), replacements.get(row), starts.get(row)) else {
            return Ok(None);
        };
        let length = match &lengths {
            None => by.chars().count() as i64,
            Some(lengths) => match lengths.get(row) {
                None => return Ok(None),
                Some(length) => i64::from(length),
            },
        };
        let count = text.chars().count() as i64;
        let start = i64::from(start);
        if start <= 0 || start > count {
            out.push_str(text);
            return Ok(Some(()));
        }
        out.push_str(slice(text, 0, (start - 1) as usize));
        out.push_str(by);
        let end = start - 1 + length;
        // With nothing to replace nothing follows, as in Flink.
        if end < count && length > 0 {
            out.push_str(slice(text, end as usize, usize::MAX));
        }
        Ok(Some(()))
    })
}

/// Java's `Character.isWhitespace`: without the spaces that no line is broken at, with the separators of information.
fn is_java_whitespace(c: char) -> bool {
    let is_separator = ('\u{1c}'..='\u{1f}').contains(&c);
    is_separator || (c.is_whitespace() && !matches!(c, '\u{85}' | '\u{a0}' | '\u{2007}' | '\u{202f}'))
}

fn split_index(args: &Args<'_>) -> Result<ArrayRef, EvaluationError> {
    let (texts, indices) = (args.texts(0)?, args.ints(2)?);
    let by_code = *args.array(1)?.data_type() == arrow_schema::DataType::Int32;
    let (mut text_delimiters, mut codes) = (None, None);
    if by_code {
        codes = Some(args.ints(1)?);
    } else {
        text_delimiters = Some(args.texts(1)?);
    }
    args.build_slices(|row| {
        let (Some(text), Some(index)) = (texts.get(row), indices.get(row)) else { return Ok(None) };
        let Ok(index) = usize::try_from(index) else { return Ok(None) };
        if text.is_empty() {
            return Ok(None);
        }
        if let Some(codes) = &codes {
            let delimiter = codes.get(row).and_then(|code| u8::try_from(code).ok()).filter(|code| *code > 0);
            return Ok(delimiter.and_then(|code| text.split(char::from(code)).nth(index)));
        }
        let Some(delimiter) = text_delimiters.as_ref().and_then(|d| d.get(row)) else { return Ok(None) };
        if delimiter.is_empty() {
            return Ok(text.split(is_java_whitespace).nth(index));
        }
        Ok(text.split(delimiter).nth(index))
    })
}
