//! Whole-string functions: case, concatenation, length, search.

use arrow_array::ArrayRef;
use nutkin_types::data_type::MAX_LENGTH;
use nutkin_types::{DataType, LogicalType as T};
use std::sync::Arc;

use crate::args::Args;
use crate::error::{EvaluationError, SignatureError};
use crate::registry::{Family, ScalarFunction, simple};
use crate::signature::{Argument, Inferred, Of, Param, any_nullable, is_nullable, strict};

pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    ScalarFunction::new("UPPER", Family::String, "UPPER(string)", "The string in upper case.", same_text, |_| {
        simple(|a| map(a, upper))
    })
    .refuses_untyped_null()
    .aliases(&["UCASE"])
    .examples(&[("UPPER('Flink')", "FLINK")]),
    ScalarFunction::new("LOWER", Family::String, "LOWER(string)", "The string in lower case.", same_text, |_| {
        simple(lower)
    })
    .refuses_untyped_null()
    .aliases(&["LCASE"])
    .examples(&[("LOWER('FliNK')", "flink")]),
    ScalarFunction::new(
        "INITCAP",
        Family::String,
        "INITCAP(string)",
        "First letter of every word in upper case, the rest in lower.",
        same_text,
        |_| simple(|a| map(a, initcap)),
    )
    .refuses_untyped_null()
    .examples(&[("INITCAP('hello WORLD')", "Hello World")]),
    ScalarFunction::new(
        "REVERSE",
        Family::String,
        "REVERSE(string)",
        "The characters in opposite order.",
        text,
        |_| simple(|a| map(a, |text, out| out.extend(text.chars().rev()))),
    )
    .refuses_untyped_null()
    .examples(&[("REVERSE('abc')", "cba")]),
    ScalarFunction::new(
        "CHAR_LENGTH",
        Family::String,
        "CHAR_LENGTH(string)",
        "Number of characters.",
        int_of_text,
        |_| simple(length),
    )
    .refuses_untyped_null()
    .aliases(&["CHARACTER_LENGTH"])
    .examples(&[("CHAR_LENGTH('Thomas')", "6")]),
    ScalarFunction::new(
        "||",
        Family::String,
        "string1 || string2",
        "Both strings one after the other; NULL if one is NULL.",
        joined,
        |_| simple(concat),
    )
    .refuses_untyped_null()
    .examples(&[("'a' || 'b'", "ab")]),
    ScalarFunction::new(
        "CONCAT",
        Family::String,
        "CONCAT(string1, string2, ...)",
        "All strings one after the other; NULL if one is NULL.",
        texts,
        |_| simple(concat),
    )
    .refuses_untyped_null()
    .examples(&[("CONCAT('AA', 'BB', 'CC')", "AABBCC")]),
    ScalarFunction::new(
        "CONCAT_WS",
        Family::String,
        "CONCAT_WS(separator, string1, string2, ...)",
        "The strings that are not NULL, with the separator between; NULL if the separator is NULL.",
        with_separator,
        |_| simple(concat_ws),
    )
    .refuses_untyped_null()
    .examples(&[("CONCAT_WS('~', 'AA', CAST(NULL AS STRING), 'CC')", "AA~CC")]),
    ScalarFunction::new(
        "REPLACE",
        Family::String,
        "REPLACE(string, search, replacement)",
        "The string with every occurrence of search replaced.",
        three_texts,
        |_| simple(replace),
    )
    .refuses_untyped_null()
    .examples(&[("REPLACE('hello world', 'world', 'flink')", "hello flink")]),
    ScalarFunction::new(
        "POSITION",
        Family::String,
        "POSITION(search IN string [FROM start])",
        "Position of the first occurrence at or after start, counted from 1; 0 if there is none.",
        located,
        |_| simple(|a| find(a, 0, 1)),
    )
    .refuses_untyped_null()
    .examples(&[("POSITION('t' IN 'xtx')", "2")]),
    ScalarFunction::new(
        "LOCATE",
        Family::String,
        "LOCATE(search, string[, start])",
        "Position of the first occurrence at or after start; 0 if there is none.",
        located,
        |_| simple(|a| find(a, 0, 1)),
    )
    .refuses_untyped_null()
    .examples(&[("LOCATE('test', 'xxxtest')", "4")]),
    ScalarFunction::new(
        "INSTR",
        Family::String,
        "INSTR(string, search[, start[, nth]])",
        "Position of the nth occurrence from start on, or from the end if start is negative; 0 if there is none.",
        |of, args| strict(of, args, &[Param::Text, Param::Text, Param::Int, Param::Int], 2, T::Int),
        |_| simple(instr),
    )
    .refuses_untyped_null()
    .examples(&[("INSTR('xxxtest', 'test')", "4")]),
    ScalarFunction::new(
        "STARTSWITH",
        Family::String,
        "STARTSWITH(string, prefix)",
        "TRUE if the string starts with the prefix.",
        boolean_of_two,
        |_| simple(|a| test(a, |text, part| text.starts_with(part))),
    )
    .examples(&[("STARTSWITH('flink', 'fl')", "TRUE")]),
    ScalarFunction::new(
        "ENDSWITH",
        Family::String,
        "ENDSWITH(string, suffix)",
        "TRUE if the string ends with the suffix.",
        boolean_of_two,
        |_| simple(|a| test(a, |text, part| text.ends_with(part))),
    )
    .examples(&[("ENDSWITH('flink', 'nk')", "TRUE")]),
    ScalarFunction::new(
        "ASCII",
        Family::String,
        "ASCII(string)",
        "Code of the first character's byte; 0 for an empty string.",
        int_of_text,
        |_| simple(ascii),
    )
    .refuses_untyped_null()
    .examples(&[("ASCII('abc')", "97")]),
    ScalarFunction::new(
        "CHR",
        Family::String,
        "CHR(integer)",
        "The character of code integer modulo 256.",
        character,
        |_| simple(chr),
    )
    .refuses_untyped_null()
    .examples(&[("CHR(97)", "a")]),
];

fn text(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    strict(of, args, &[Param::Text], 0, T::STRING)
}

/// Length is kept: VARCHAR(n) stays VARCHAR(n).
fn same_text(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    let arg_types = of.check(args, &[Param::Text], 0)?;
    let result = arg_types.first().cloned().unwrap_or_else(DataType::string);
    Ok(Inferred { arg_types, result })
}

fn texts(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    let arg_types = of.check_all(args, &Param::Text, 1)?;
    Ok(Inferred { arg_types, result: DataType::new(T::STRING, any_nullable(args)) })
}

fn with_separator(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    let arg_types = of.check_all(args, &Param::Text, 2)?;
    let nullable = args.first().is_some_and(is_nullable);
    Ok(Inferred { arg_types, result: DataType::new(T::STRING, nullable) })
}

fn joined(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    let binary = args.iter().any(|arg| arg.data_type.logical.is_binary_string());
    let param = if binary { Param::Bytes } else { Param::Text };
    let arg_types = of.check(args, &[param.clone(), param], 0)?;
    let lengths: Vec<u32> = arg_types.iter().filter_map(|t| length_of(&t.logical)).collect();
    let length = lengths.iter().fold(0u32, |sum, length| sum.saturating_add(*length)).min(MAX_LENGTH);
    let fixed = arg_types.iter().all(|t| matches!(t.logical, T::Char { .. } | T::Binary { .. }));
    let logical = match (binary, fixed) {
        (false, true) => T::Char { length },
        (false, false) => T::VarChar { length },
        (true, true) => T::Binary { length },
        (true, false) => T::VarBinary { length },
    };
    Ok(Inferred { arg_types, result: DataType::new(logical, any_nullable(args)) })
}

fn length_of(logical: &T) -> Option<u32> {
    match logical {
        T::Char { length } | T::VarChar { length } | T::Binary { length } | T::VarBinary { length } => Some(*length),
        _ => None,
    }
}

fn int_of_text(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    strict(of, args, &[Param::Text], 0, T::Int)
}

fn located(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    strict(of, args, &[Param::Text, Param::Text, Param::Int], 1, T::Int)
}

fn boolean_of_two(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    let binary = args.iter().any(|arg| arg.data_type.logical.is_binary_string());
    let param = if binary { Param::Bytes } else { Param::Text };
    strict(of, args, &[param.clone(), param], 0, T::Boolean)
}

fn three_texts(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    strict(of, args, &[Param::Text, Param::Text, Param::Text], 0, T::STRING)
}

fn character(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    strict(of, args, &[Param::BigInt], 0, T::STRING)
}

fn map(args: &Args<'_>, write: fn(&str, &mut String)) -> Result<ArrayRef, EvaluationError> {
    let texts = args.texts(0)?;
    args.build_texts(|row, out| Ok(texts.get(row).map(|text| write(text, out))))
}

fn lower(args: &Args<'_>) -> Result<ArrayRef, EvaluationError> {
    map(args, |text, out| {
        if text.is_ascii() {
            out.push_str(text);
            out.make_ascii_lowercase();
        } else {
            out.push_str(&text.to_lowercase());
        }
    })
}

fn upper(text: &str, out: &mut String) {
    if text.is_ascii() {
        out.push_str(text);
        out.make_ascii_uppercase();
    } else {
        out.push_str(&text.to_uppercase());
    }
}

/// Letters of ASCII only: to Flink all others part words and stay as they are.
fn initcap(text: &str, out: &mut String) {
    let mut in_word = false;
    for c in text.chars() {
        out.push(if in_word { c.to_ascii_lowercase() } else { c.to_ascii_uppercase() });
        in_word = c.is_ascii_alphanumeric();
    }
}

fn length(args: &Args<'_>) -> Result<ArrayRef, EvaluationError> {
    let texts = args.texts(0)?;
    let count = |text: &str| if text.is_ascii() { text.len() } else { text.chars().count() } as i32;
    let lengths: arrow_array::Int32Array = args.build_numbers(|row| Ok(texts.get(row).map(count)))?;
    Ok(Arc::new(lengths))
}

fn concat(args: &Args<'_>) -> Result<ArrayRef, EvaluationError> {
    if matches!(args.array(0)?.data_type(), arrow_schema::DataType::Binary) {
        let parts = (0..args.len()).map(|i| args.binaries(i)).collect::<Result<Vec<_>, _>>()?;
        return args.build_binaries(|row, out| {
            Ok(parts.iter().try_for_each(|part| part.get(row).map(|bytes| out.extend_from_slice(bytes))))
        });
    }
    let parts = (0..args.len()).map(|i| args.texts(i)).collect::<Result<Vec<_>, _>>()?;
    args.build_texts(|row, out| Ok(parts.iter().try_for_each(|part| part.get(row).map(|text| out.push_str(text)))))
}

fn concat_ws(args: &Args<'_>) -> Result<ArrayRef, EvaluationError> {
    let separators = args.texts(0)?;
    let parts = (1..args.len()).map(|i| args.texts(i)).collect::<Result<Vec<_>, _>>()?;
    args.build_texts(|row, out| {
        let Some(separator) = separators.get(row) else { return Ok(None) };
        let mut first = true;
        for text in parts.iter().filter_map(|part| part.get(row)) {
            if !first {
                out.push_str(separator);
            }
            first = false;
            out.push_str(text);
        }
        Ok(Some(()))
    })
}

fn replace(args: &Args<'_>) -> Result<ArrayRef, EvaluationError> {
    let (texts, searches, replacements) = (args.texts(0)?, args.texts(1)?, args.texts(2)?);
    args.build_texts(|row, out| {
        let (Some(text), Some(search), Some(by)) = (texts.get(row), searches.get(row), replacements.get(row)) else {
            return Ok(None);
        };
        let mut rest = text;
        while let Some(at) = rest.find(search).filter(|_| !search.is_empty()) {
            out.push_str(&rest[..at]);
            out.push_str(by);
            rest = &rest[at + search.len()..];
        }
        if search.is_empty() {
            // As in Java: the replacement stands before every character and at the end.
            text.chars().for_each(|c| {
                out.push_str(by);
                out.push(c);
            });
            out.push_str(by);
        } else {
            out.push_str(rest);
        }
        Ok(Some(()))
    })
}

/// 1-based position of argument `search` in argument `text`, from an optional third argument on.
fn find(args: &Args<'_>, search: usize, text: usize) -> Result<ArrayRef, EvaluationError> {
    let (searches, texts) = (args.texts(search)?, args.texts(text)?);
    let starts = if args.len() > 2 { Some(args.ints(2)?) } else { None };
    let found: arrow_array::Int32Array = args.build_numbers(|row| {
        let (Some(search), Some(text)) = (searches.get(row), texts.get(row)) else { return Ok(None) };
        let start = match &starts {
            None => 1,
            Some(starts) => match starts.get(row) {
                None => return Ok(None),
                Some(start) => start,
            },
        };
        // A text begins with the empty one wherever the search does.
        if search.is_empty() {
            return Ok(Some(1));
        }
        let skip = usize::try_from(start).unwrap_or(0).saturating_sub(1);
        let Some(offset) = text.char_indices().map(|(at, _)| at).chain([text.len()]).nth(skip) else {
            return Ok(Some(0));
        };
        let position = text[offset..].find(search).map_or(0, |at| skip + text[offset..offset + at].chars().count() + 1);
        Ok(Some(position as i32))
    })?;
    Ok(Arc::new(found))
}

fn instr(args: &Args<'_>) -> Result<ArrayRef, EvaluationError> {
    if args.len() == 2 {
        return find(args, 1, 0);
    }
    let (texts, searches, starts) = (args.texts(0)?, args.texts(1)?, args.ints(2)?);
    let ordinals = if args.len() > 3 { Some(args.ints(3)?) } else { None };
    let found: arrow_array::Int32Array = args.build_numbers(|row| {
        let (Some(text), Some(search), Some(start)) = (texts.get(row), searches.get(row), starts.get(row)) else {
            return Ok(None);
        };
        let nth = match &ordinals {
            None => 1,
            Some(ordinals) => match ordinals.get(row) {
                None => return Ok(None),
                Some(nth) => nth,
            },
        };
        let Some(nth) = usize::try_from(nth).ok().and_then(|nth| nth.checked_sub(1)) else {
            return Err(EvaluationError::InvalidArgument {
                function: "INSTR",
                value: nth.to_string(),
                reason: "the number of the appearance must be positive".to_owned(),
            });
        };
        if search.is_empty() && start != 0 {
            return Ok(Some(1));
        }
        let matches = text.char_indices().enumerate().filter(|(_, (at, _))| text[*at..].starts_with(search));
        let mut places = matches.map(|(character, _)| character as i32);
        let place = if start > 0 {
            places.filter(|place| *place >= start - 1).nth(nth)
        } else if start < 0 {
            let last = (text.chars().count() as i32).saturating_add(start);
            let mut before: Vec<i32> = places.by_ref().take_while(|place| *place <= last).collect();
            before.reverse();
            before.get(nth).copied()
        } else {
            None
        };
        Ok(Some(place.map_or(0, |place| place + 1)))
    })?;
    Ok(Arc::new(found))
}

fn test(args: &Args<'_>, holds: fn(&[u8], &[u8]) -> bool) -> Result<ArrayRef, EvaluationError> {
    if matches!(args.array(0)?.data_type(), arrow_schema::DataType::Binary) {
        let (values, parts) = (args.binaries(0)?, args.binaries(1)?);
        return args
            .build_booleans(|row| Ok(values.get(row).zip(parts.get(row)).map(|(value, part)| holds(value, part))));
    }
    let (texts, parts) = (args.texts(0)?, args.texts(1)?);
    args.build_booleans(|row| {
        Ok(texts.get(row).zip(parts.get(row)).map(|(text, part)| holds(text.as_bytes(), part.as_bytes())))
    })
}

fn ascii(args: &Args<'_>) -> Result<ArrayRef, EvaluationError> {
    let texts = args.texts(0)?;
    let codes: arrow_array::Int32Array = args.build_numbers(|row| {
        Ok(texts.get(row).map(|text| text.bytes().next().map_or(0, |byte| i32::from(byte as i8))))
    })?;
    Ok(Arc::new(codes))
}

fn chr(args: &Args<'_>) -> Result<ArrayRef, EvaluationError> {
    let codes = args.bigints(0)?;
    args.build_texts(|row, out| {
        Ok(codes.get(row).map(|code| {
            if code >= 0 {
                out.push(char::from((code & 0xFF) as u8));
            }
        }))
    })
}
