//! JSON_OBJECT and JSON_ARRAY.
//!
//! Their calls are `JSON_OBJECT('NULL' | 'ABSENT', key, kind, value, ...)` and `JSON_ARRAY('NULL' | 'ABSENT', kind, value,
//! ...)`. The kind says what a value is: `VALUE` any SQL value, `RAW` JSON text that another constructor made, `JSON` text
//! that must be JSON and is taken over.

use nutkin_types::{LogicalType as T, Value};

use crate::args::Args;
use crate::error::{EvaluationError, FunctionError, SignatureError};
use crate::json::parse::parse;
use crate::json::value::{unsupported, write_value};
use crate::json::write::{by_utf16, separate, write, write_text};
use crate::registry::{Family, Kernel, ScalarFunction, Site};
use crate::signature::{Argument, Inferred, Of};

pub(in crate::scalar) const FUNCTIONS: &[ScalarFunction] = &[
    ScalarFunction::new(
        "JSON_OBJECT",
        Family::Json,
        "JSON_OBJECT([[KEY] key VALUE value, ...] [{ NULL | ABSENT } ON NULL])",
        "A JSON object; keys are literals and come out sorted. NULL values are kept as null unless ABSENT ON NULL.",
        |of, args| infer(of, args, 3),
        |site| compile(site, 3),
    )
    .examples(&[
        ("JSON_OBJECT('b' VALUE 1, 'a' VALUE 'x')", r#"{"a":"x","b":1}"#),
        ("JSON_OBJECT(KEY 'a' VALUE CAST(NULL AS STRING) ABSENT ON NULL)", "{}"),
    ]),
    ScalarFunction::new(
        "JSON_ARRAY",
        Family::Json,
        "JSON_ARRAY([value, ...] [{ NULL | ABSENT } ON NULL])",
        "A JSON array. NULL values are left out unless NULL ON NULL.",
        |of, args| infer(of, args, 2),
        |site| compile(site, 2),
    )
    .examples(&[
        ("JSON_ARRAY(1, '2', JSON_ARRAY(TRUE))", r#"[1,"2",[true]]"#),
        ("JSON_ARRAY(CAST(NULL AS INT) NULL ON NULL)", "[null]"),
    ]),
];

const KINDS: &[&str] = &["VALUE", "RAW", "JSON"];

fn infer(of: Of, args: &[Argument<'_>], width: usize) -> Result<Inferred, SignatureError> {
    let [on_null, rest @ ..] = args else { return Err(of.count(args.len())) };
    of.one_of(0, on_null, &["NULL", "ABSENT"])?;
    for (i, entry) in rest.chunks(width).enumerate() {
        let at = 1 + i * width;
        let [key @ .., kind, value] = entry else { return Err(of.count(args.len())) };
        if let [key] = key
            && !matches!(key.literal, Some(Value::String(_)))
        {
            return Err(of.wrong(at, key.data_type, "a literal text as key"));
        }
        let kind = of.one_of(at + width - 2, kind, KINDS)?;
        let logical = &value.data_type.logical;
        if kind != "VALUE" && !logical.is_character_string() && *logical != T::Null {
            return Err(of.wrong(at + width - 1, value.data_type, "a JSON text"));
        }
        if *logical == T::Null {
            return Err(of.reason("the type of a value is not known; CAST a NULL"));
        }
        if let Some(inner) = unsupported(logical) {
            return Err(of.reason(format!("Type '{inner}' is not scalar or cannot be converted into JSON")));
        }
    }
    let arg_types = args.iter().map(|arg| arg.data_type.clone()).collect();
    Ok(Inferred { arg_types, result: T::STRING.not_null() })
}

/// How an entry is written.
struct Entry {
    /// The key with its quotes and colon; empty in arrays.
    key: String,
    kind: String,
    /// Position and type of the value.
    value: usize,
    logical: T,
}

fn compile(site: &Site<'_>, width: usize) -> Result<Kernel, FunctionError> {
    let absent = site.keyword(0).as_deref() == Some("ABSENT");
    let mut entries: Vec<(String, Entry)> = Vec::new();
    for first in (1..site.args.len()).step_by(width) {
        let value = first + width - 1;
        let name = if width == 3 { site.text(first).unwrap_or_default() } else { String::new() };
        let mut key = String::new();
        if width == 3 {
            write_text(&name, &mut key);
            key.push(':');
        }
        let logical = site.args.get(value).map_or(T::Null, |arg| arg.logical.clone());
        let kind = site.keyword(value - 1).unwrap_or_default();
        // Of equal keys the last one counts.
        entries.retain(|(known, _)| width == 2 || *known != name);
        entries.push((name, Entry { key, kind, value, logical }));
    }
    if width == 3 {
        entries.sort_by(|(a, _), (b, _)| by_utf16(a, b));
    }
    let (open, close) = if width == 3 { ('{', '}') } else { ('[', ']') };
    Ok(Box::new(move |args| {
        args.build_texts(|row, out| {
            out.push(open);
            let mut written = 0;
            let mut item = String::new();
            for (_, entry) in &entries {
                item.clear();
                if !entry.write(args, row, &mut item)? {
                    if absent {
                        continue;
                    }
                    item.push_str("null");
                }
                separate(written, out);
                out.push_str(&entry.key);
                out.push_str(&item);
                written += 1;
            }
            out.push(close);
            Ok(Some(()))
        })
    }))
}

impl Entry {
    /// False when the value is NULL; nothing is written then.
    fn write(&self, args: &Args<'_>, row: usize, out: &mut String) -> Result<bool, EvaluationError> {
        let (array, place) = (args.array(self.value)?, args.position(self.value, row));
        if array.is_null(place) {
            return Ok(false);
        }
        match self.kind.as_str() {
            "VALUE" => write_value(array.as_ref(), &self.logical, place, out)?,
            "RAW" => out.push_str(args.texts(self.value)?.get(row).unwrap_or("null")),
            _ => {
                let text = args.texts(self.value)?.get(row).unwrap_or("").trim();
                if text.is_empty() {
                    return Ok(false);
                }
                let json = parse(text).map_err(|malformed| EvaluationError::InvalidArgument {
                    function: "JSON",
                    value: text.to_owned(),
                    reason: format!("it is not JSON (line: 1, column: {})", malformed.at + 1),
                })?;
                write(&json, out);
            }
        }
        Ok(true)
    }
}
