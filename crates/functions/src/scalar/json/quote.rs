//! JSON_QUOTE and JSON_UNQUOTE.

use std::fmt::Write;

use arrow_array::ArrayRef;
use nutkin_types::LogicalType as T;

use crate::args::{Args, ignore};
use crate::error::EvaluationError;
use crate::json::parse::kind;
use crate::registry::{Family, ScalarFunction, simple};
use crate::signature::{Param, strict};

pub(in crate::scalar) const FUNCTIONS: &[ScalarFunction] = &[
    ScalarFunction::new(
        "JSON_QUOTE",
        Family::Json,
        "JSON_QUOTE(string)",
        "The string as a JSON string: between quotes, special signs and those beyond ASCII escaped.",
        |of, args| strict(of, args, &[Param::Text], 0, T::STRING),
        |_| simple(|args| each(args, quote)),
    )
    .examples(&[(r#"JSON_QUOTE('a "b"')"#, r#""a \"b\"""#)]),
    ScalarFunction::new(
        "JSON_UNQUOTE",
        Family::Json,
        "JSON_UNQUOTE(string)",
        "The text of a JSON string; anything else stays as it is.",
        |of, args| strict(of, args, &[Param::Text], 0, T::STRING),
        |_| simple(|args| each(args, unquote)),
    )
    .examples(&[(r#"JSON_UNQUOTE('"a\u0041"')"#, "aA"), ("JSON_UNQUOTE('[1]')", "[1]")]),
];

fn each(args: &Args<'_>, run: fn(&str, &mut String)) -> Result<ArrayRef, EvaluationError> {
    let texts = args.texts(0)?;
    args.build_texts(|row, out| Ok(texts.get(row).map(|text| run(text, out))))
}

fn quote(text: &str, out: &mut String) {
    out.push('"');
    for sign in text.chars() {
        match sign {
            '"' | '\\' | '/' => {
                out.push('\\');
                out.push(sign);
            }
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            other if other.is_ascii() => out.push(other),
            other => {
                // Flink writes the whole code point where the pair's first half belongs, then the second half.
                ignore(write!(out, "\\u{:04x}", u32::from(other)));
                if let [_, low] = other.encode_utf16(&mut [0; 2]) {
                    ignore(write!(out, "\\u{low:04x}"));
                }
            }
        }
    }
    out.push('"');
}

/// Only what begins with a JSON string and ends with a quote is changed.
fn unquote(text: &str, out: &mut String) {
    let quoted = text.len() >= 2 && text.starts_with('"') && text.ends_with('"') && kind(text).is_some();
    if !quoted || unescape(&text[1..text.len() - 1], out).is_none() {
        out.clear();
        out.push_str(text);
    }
}

/// None for an escape that JSON does not know.
fn unescape(text: &str, out: &mut String) -> Option<()> {
    let mut chars = text.chars();
    let mut high: Option<u32> = None;
    while let Some(sign) = chars.next() {
        if sign != '\\' {
            if high.take().is_some() {
                out.push('?');
            }
            out.push(sign);
            continue;
        }
        let escaped = match chars.next()? {
            sign @ ('"' | '\\' | '/') => sign,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let digits = chars.as_str().get(..4)?;
                let code = u32::from_str_radix(digits, 16).ok()?;
                chars.nth(3)?;
                match (high.take(), code) {
                    (Some(first), 0xdc00..0xe000) => {
                        char::from_u32(0x10000 + ((first - 0xd800) << 10) + (code - 0xdc00)).unwrap_or('?')
                    }
                    (before, 0xd800..0xdc00) => {
                        out.extend(before.map(|_| '?'));
                        high = Some(code);
                        continue;
                    }
                    (before, code) => {
                        out.extend(before.map(|_| '?'));
                        char::from_u32(code).unwrap_or('?')
                    }
                }
            }
            _ => return None,
        };
        out.push(escaped);
    }
    if high.is_some() {
        out.push('?');
    }
    Some(())
}
