//! JSON_QUERY: an array or object out of a JSON text.

use std::cell::RefCell;
use std::sync::Arc;

use arrow_array::ArrayRef;
use arrow_array::builder::{ListBuilder, StringBuilder};
use nutkin_types::LogicalType as T;

use super::input::{Outcome, Paths, failure};
use crate::args::Args;
use crate::error::{EvaluationError, FunctionError, SignatureError};
use crate::json::Json;
use crate::json::find::Found;
use crate::json::path::Mode;
use crate::json::write::{write, write_plain};
use crate::registry::{Family, Kernel, ScalarFunction, Site};
use crate::signature::{Argument, Inferred, Of, Param};

const NAME: &str = "JSON_QUERY";
const WRAPPERS: &[&str] = &["WITHOUT", "CONDITIONAL", "UNCONDITIONAL"];
const BEHAVIORS: &[&str] = &["NULL", "ERROR", "EMPTY ARRAY", "EMPTY OBJECT"];

pub(in crate::scalar) const FUNCTIONS: &[ScalarFunction] = &[ScalarFunction::new(
    NAME,
    Family::Json,
    "JSON_QUERY(json, path [RETURNING type] [{ WITHOUT | WITH CONDITIONAL | WITH UNCONDITIONAL } WRAPPER] [{ NULL | ERROR | EMPTY ARRAY | EMPTY OBJECT } ON EMPTY] [{ NULL | ERROR | EMPTY ARRAY | EMPTY OBJECT } ON ERROR])",
    "The array or object at the path of the JSON text, as JSON text or as ARRAY<STRING>; NULL if there is none.",
    infer,
    compile,
)
    .refuses_untyped_null()
.examples(&[
    (r#"JSON_QUERY('{"a": {"b": 1}}', '$.a')"#, r#"{"b":1}"#),
    (r#"JSON_QUERY('[1, 2]', '$')"#, "[1,2]"),
    (r#"JSON_QUERY('{"a": 1}', '$.a' WITH WRAPPER)"#, "[1]"),
    (r#"JSON_QUERY('{"a": ["b", 1]}', '$.a' RETURNING ARRAY<STRING>)"#, "[b, 1]"),
])];

/// `(json, path[, wrapper, on empty, on error, NULL of the result type])`
fn infer(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    if args.len() != 2 && args.len() != 6 {
        return Err(of.count(args.len()));
    }
    let mut arg_types = of.check(&args[..2], &[Param::Text, Param::Text], 0)?;
    let mut result = T::STRING;
    if let [_, _, wrapper, on_empty, on_error, returning] = args {
        of.one_of(2, wrapper, WRAPPERS)?;
        let behaviors = [of.one_of(3, on_empty, BEHAVIORS)?, of.one_of(4, on_error, BEHAVIORS)?];
        result = returning.data_type.logical.clone();
        match &result {
            T::VarChar { .. } => {}
            T::Array { element } if matches!(element.logical, T::VarChar { .. }) => {
                for (behavior, clause) in behaviors.iter().zip(["empty", "error"]) {
                    if behavior == "EMPTY OBJECT" {
                        let reason = format!("Illegal on {clause} behavior 'EMPTY OBJECT' for return type: {result}");
                        return Err(of.reason(reason));
                    }
                }
            }
            T::Array { element } => {
                let reason = format!("Unsupported array element type '{element}' for RETURNING ARRAY in JSON_QUERY()");
                return Err(of.reason(reason));
            }
            other => return Err(of.reason(format!("Unsupported type '{other}' for RETURNING in JSON_QUERY()"))),
        }
        arg_types.extend(args[2..].iter().map(|arg| arg.data_type.clone()));
    }
    Ok(Inferred { arg_types, result: result.nullable() })
}

struct Call {
    paths: Paths,
    wrapper: String,
    on_empty: String,
    on_error: String,
}

/// What a row gives.
enum Answer<'f, 'j, 'a> {
    Found(&'f Found<'j, 'a>),
    /// An array around it.
    Wrapped(&'f Found<'j, 'a>),
    Null,
    EmptyArray,
    EmptyObject,
}

fn compile(site: &Site<'_>) -> Result<Kernel, FunctionError> {
    let keyword = |at: usize, default: &str| site.keyword(at).unwrap_or_else(|| default.to_owned());
    let call = Call {
        paths: Paths::new(site, NAME)?,
        wrapper: keyword(2, "WITHOUT"),
        on_empty: keyword(3, "NULL"),
        on_error: keyword(4, "NULL"),
    };
    Ok(match &site.result.logical {
        T::Array { .. } => Box::new(move |args| call.lists(args)),
        T::VarChar { length } => {
            let length = *length as usize;
            Box::new(move |args| call.texts(args, length))
        }
        other => return Err(FunctionError::Inconsistent(format!("JSON_QUERY of type {other}"))),
    })
}

impl Call {
    fn after<'f, 'j, 'a>(
        &self,
        behavior: &str,
        text: &str,
        reason: &str,
    ) -> Result<Answer<'f, 'j, 'a>, EvaluationError> {
        match behavior {
            "EMPTY ARRAY" => Ok(Answer::EmptyArray),
            "EMPTY OBJECT" => Ok(Answer::EmptyObject),
            "ERROR" => Err(failure(NAME, text, reason)),
            _ => Ok(Answer::Null),
        }
    }

    /// `list` is true where only an array will do.
    fn answer<'f, 'j, 'a>(
        &self,
        text: &str,
        outcome: Outcome<'f, 'j, 'a>,
        list: bool,
    ) -> Result<Answer<'f, 'j, 'a>, EvaluationError> {
        let (mode, found) = match outcome {
            Outcome::Found(mode, found) => (mode, found),
            Outcome::Nothing => {
                return self.after(&self.on_empty, text, "the result is empty, which ERROR ON EMPTY does not allow");
            }
            Outcome::Failed(reason) => return self.after(&self.on_error, text, &reason),
        };
        let wrap = match self.wrapper.as_str() {
            "UNCONDITIONAL" => true,
            "CONDITIONAL" => found.items().is_none(),
            _ => false,
        };
        if wrap {
            return Ok(Answer::Wrapped(found));
        }
        if found.is_scalar() {
            return match mode {
                Mode::Lax => {
                    self.after(&self.on_empty, text, "the result is empty, which ERROR ON EMPTY does not allow")
                }
                Mode::Strict => self.after(&self.on_error, text, "the value at the strict path is no array or object"),
            };
        }
        if list && found.items().is_none() {
            return self.after(&self.on_error, text, "the value at the path is no array");
        }
        Ok(Answer::Found(found))
    }

    fn texts(&self, args: &Args<'_>, length: usize) -> Result<ArrayRef, EvaluationError> {
        let (texts, paths) = (args.texts(0)?, args.texts(1)?);
        let last = RefCell::new(None);
        args.build_texts(|row, out| {
            let (Some(text), Some(path)) = (texts.get(row), paths.get(row)) else { return Ok(None) };
            self.paths.apply(&last, text, path, |outcome| {
                match self.answer(text, outcome, false)? {
                    Answer::Found(found) => found.write(out),
                    Answer::Wrapped(found) => {
                        out.push('[');
                        found.write(out);
                        out.push(']');
                    }
                    Answer::Null => return Ok(None),
                    Answer::EmptyArray => out.push_str("[]"),
                    Answer::EmptyObject => out.push_str("{}"),
                }
                if let Some((end, _)) = out.char_indices().nth(length) {
                    out.truncate(end);
                }
                Ok(Some(()))
            })
        })
    }

    fn lists(&self, args: &Args<'_>) -> Result<ArrayRef, EvaluationError> {
        let (texts, paths) = (args.texts(0)?, args.texts(1)?);
        let (last, mut scratch) = (RefCell::new(None), String::new());
        let field = arrow_schema::Field::new("element", arrow_schema::DataType::Utf8, true);
        let mut lists = ListBuilder::new(StringBuilder::new()).with_field(Arc::new(field));
        for row in 0..args.rows {
            let (Some(text), Some(path)) = (texts.get(row), paths.get(row)) else {
                lists.append_null();
                continue;
            };
            let valid = self.paths.apply(&last, text, path, |outcome| {
                match self.answer(text, outcome, true)? {
                    Answer::Found(found) => {
                        for item in found.items().unwrap_or_default() {
                            append(item, &mut scratch, lists.values());
                        }
                    }
                    Answer::Wrapped(found) => {
                        scratch.clear();
                        match found {
                            Found::Value(json) => write_plain(json, &mut scratch),
                            other => other.write(&mut scratch),
                        }
                        lists.values().append_value(&scratch);
                    }
                    Answer::Null | Answer::EmptyObject => return Ok(false),
                    Answer::EmptyArray => {}
                }
                Ok(true)
            })?;
            lists.append(valid);
        }
        Ok(Arc::new(lists.finish()))
    }
}

fn append(item: &Json<'_>, scratch: &mut String, values: &mut StringBuilder) {
    scratch.clear();
    match item {
        Json::Null => return values.append_null(),
        Json::Text(text) => return values.append_value(text),
        other => write(other, scratch),
    }
    values.append_value(&scratch);
}
