//! PARSE_URL, URL_ENCODE and URL_DECODE, as Java's `URL`, `URLEncoder` and `URLDecoder` read and write.

mod parts;

use std::fmt::Write;

use arrow_array::ArrayRef;
use nutkin_types::LogicalType as T;

use crate::args::{Args, ignore};
use crate::error::EvaluationError;
use crate::registry::{Family, ScalarFunction, simple};
use crate::signature::{Param, nullable};
use crate::utf8;
use parts::Url;

pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    ScalarFunction::new(
        "PARSE_URL",
        Family::String,
        "PARSE_URL(url, part[, key])",
        "A part of the URL: PROTOCOL, AUTHORITY, USERINFO, HOST, PATH, QUERY, FILE or REF; with key the value of it in the QUERY. NULL if there is none or the URL is malformed.",
        |of, args| nullable(of, args, &[Param::Text, Param::Text, Param::Text], 1, T::STRING),
        |_| simple(parse),
    )
    .refuses_untyped_null()
    .examples(&[
        ("PARSE_URL('http://facebook.com/path/p1.php?query=1', 'HOST')", "facebook.com"),
        ("PARSE_URL('http://facebook.com/path/p1.php?query=1', 'QUERY', 'query')", "1"),
    ]),
    ScalarFunction::new(
        "URL_ENCODE",
        Family::String,
        "URL_ENCODE(string)",
        "The string in the form of a query parameter: UTF-8 bytes as %XX, a blank as +.",
        |of, args| nullable(of, args, &[Param::Text], 0, T::STRING),
        |_| simple(|args| each(args, encode)),
    )
    .examples(&[("URL_ENCODE('a b&c')", "a+b%26c")]),
    ScalarFunction::new(
        "URL_DECODE",
        Family::String,
        "URL_DECODE(string)",
        "The string that URL_ENCODE made this of; NULL if a % is not followed by two hexadecimal digits.",
        |of, args| nullable(of, args, &[Param::Text], 0, T::STRING),
        |_| simple(|args| each(args, decode)),
    )
    .examples(&[("URL_DECODE('a+b%26c')", "a b&c")]),
];

fn each(args: &Args<'_>, run: fn(&str, &mut String) -> Option<()>) -> Result<ArrayRef, EvaluationError> {
    let texts = args.texts(0)?;
    args.build_texts(|row, out| Ok(texts.get(row).and_then(|text| run(text, out))))
}

fn encode(text: &str, out: &mut String) -> Option<()> {
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'*' | b'_' => out.push(byte.into()),
            b' ' => out.push('+'),
            other => ignore(write!(out, "%{other:02X}")),
        }
    }
    Some(())
}

fn decode(text: &str, out: &mut String) -> Option<()> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(sign) = rest.chars().next() {
        rest = &rest[sign.len_utf8()..];
        match sign {
            '+' => bytes.push(b' '),
            '%' => {
                bytes.push(u8::from_str_radix(rest.get(..2)?, 16).ok()?);
                rest = &rest[2..];
            }
            other => bytes.extend(other.encode_utf8(&mut [0; 4]).bytes()),
        }
    }
    out.push_str(&utf8::lossy(&bytes));
    Some(())
}

fn parse(args: &Args<'_>) -> Result<ArrayRef, EvaluationError> {
    let (texts, parts) = (args.texts(0)?, args.texts(1)?);
    let keys = if args.len() > 2 { Some(args.texts(2)?) } else { None };
    args.build_slices(|row| {
        let (Some(text), Some(part)) = (texts.get(row), parts.get(row)) else { return Ok(None) };
        let key = match &keys {
            None => None,
            Some(keys) => match keys.get(row) {
                None => return Ok(None),
                key => key,
            },
        };
        let Some(url) = Url::parse(text) else { return Ok(None) };
        Ok(match (part, key) {
            ("QUERY", Some(key)) => url.query.and_then(|query| parameter(query, key)),
            (_, Some(_)) => None,
            ("PROTOCOL", None) => Some(url.protocol),
            ("AUTHORITY", None) => url.authority,
            ("USERINFO", None) => url.user_info,
            ("HOST", None) => Some(url.host),
            ("PATH", None) => Some(url.path),
            ("QUERY", None) => url.query,
            ("FILE", None) => Some(url.file),
            ("REF", None) => url.reference,
            _ => None,
        })
    })
}

fn parameter<'a>(query: &'a str, key: &str) -> Option<&'a str> {
    query.split('&').find_map(|pair| pair.strip_prefix(key)?.strip_prefix('='))
}
