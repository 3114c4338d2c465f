//! JSON_VALUE: one scalar out of a JSON text.

use std::cell::RefCell;

use arrow_array::ArrayRef;
use arrow_array::types::{Float64Type, Int32Type};
use nutkin_types::LogicalType as T;
use std::sync::Arc;

use super::input::{Outcome, Paths, failure};
use crate::args::Args;
use crate::error::{EvaluationError, FunctionError, SignatureError};
use crate::json::Json;
use crate::json::find::Found;
use crate::json::path::Mode;
use crate::json::write::write_plain;
use crate::registry::{Family, Kernel, ScalarFunction, Site};
use crate::signature::{Argument, Inferred, Of, Param};

const NAME: &str = "JSON_VALUE";
const BEHAVIORS: &[&str] = &["NULL", "ERROR", "DEFAULT"];

pub(in crate::scalar) const FUNCTIONS: &[ScalarFunction] = &[ScalarFunction::new(
    NAME,
    Family::Json,
    "JSON_VALUE(json, path [RETURNING type] [{ NULL | ERROR | DEFAULT value } ON EMPTY] [{ NULL | ERROR | DEFAULT value } ON ERROR])",
    "The scalar at the path of the JSON text, as STRING, BOOLEAN, INTEGER or DOUBLE; NULL if there is none.",
    infer,
    compile,
)
    .refuses_untyped_null()
.examples(&[
    (r#"JSON_VALUE('{"a": true}', '$.a')"#, "true"),
    (r#"JSON_VALUE('{"a.b": [0.998, 0.996]}', '$.["a.b"][0]' RETURNING DOUBLE)"#, "0.998"),
    (r#"JSON_VALUE('{"a": true}', 'lax $.b' DEFAULT 'none' ON EMPTY)"#, "none"),
])];

/// `(json, path[, on empty, default, on error, default, NULL of the result type])`
fn infer(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    if args.len() != 2 && args.len() != 7 {
        return Err(of.count(args.len()));
    }
    let mut arg_types = of.check(&args[..2], &[Param::Text, Param::Text], 0)?;
    let mut result = T::STRING;
    if let [_, _, on_empty, empty, on_error, error, returning] = args {
        of.one_of(2, on_empty, BEHAVIORS)?;
        of.one_of(4, on_error, BEHAVIORS)?;
        result = returning.data_type.logical.clone();
        if !matches!(result, T::VarChar { .. } | T::Boolean | T::Int | T::Double) {
            return Err(of.reason(format!("Unsupported type '{result}' for RETURNING in JSON_VALUE()")));
        }
        let wanted = Param::Of(result.clone());
        arg_types.push(on_empty.data_type.clone());
        arg_types.push(of.accept(3, empty, &wanted)?);
        arg_types.push(on_error.data_type.clone());
        arg_types.push(of.accept(5, error, &wanted)?);
        arg_types.push(returning.data_type.clone());
    }
    Ok(Inferred { arg_types, result: result.nullable() })
}

/// What a clause says.
#[derive(Clone, Copy, PartialEq)]
enum Behavior {
    Null,
    Error,
    /// The default is this argument.
    Default(usize),
}

fn behavior(site: &Site<'_>, at: usize) -> Behavior {
    match site.keyword(at).as_deref() {
        Some("ERROR") => Behavior::Error,
        Some("DEFAULT") => Behavior::Default(at + 1),
        _ => Behavior::Null,
    }
}

/// What a row gives.
enum Answer {
    /// The text of the scalar is in the scratch.
    Value,
    Null,
    Default(usize),
}

struct Call {
    paths: Paths,
    on_empty: Behavior,
    on_error: Behavior,
}

fn compile(site: &Site<'_>) -> Result<Kernel, FunctionError> {
    let call = Call { paths: Paths::new(site, NAME)?, on_empty: behavior(site, 2), on_error: behavior(site, 4) };
    Ok(match site.result.logical.clone() {
        T::Boolean => Box::new(move |args| call.booleans(args)),
        T::Int => Box::new(move |args| {
            let number = |json: &Json<'_>| matches!(json, Json::Number(_));
            let values = call.numbers::<Int32Type>(args, number, |text| text.parse().ok())?;
            Ok(Arc::new(values))
        }),
        T::Double => Box::new(move |args| {
            let number = |json: &Json<'_>| matches!(json, Json::Number(_));
            let values = call.numbers::<Float64Type>(args, number, |text| text.parse().ok())?;
            Ok(Arc::new(values))
        }),
        T::VarChar { length } => Box::new(move |args| call.texts(args, length as usize)),
        other => return Err(FunctionError::Inconsistent(format!("JSON_VALUE of type {other}"))),
    })
}

impl Call {
    fn after(&self, behavior: Behavior, text: &str, reason: &str) -> Result<Answer, EvaluationError> {
        match behavior {
            Behavior::Null => Ok(Answer::Null),
            Behavior::Default(argument) => Ok(Answer::Default(argument)),
            Behavior::Error => Err(failure(NAME, text, reason)),
        }
    }

    /// The answer of a row. Of a result type that does not take the scalar, `fits` says no: that is an error whatever the
    /// clauses say, as in Flink.
    fn answer(
        &self,
        row: (&str, &str),
        last: &RefCell<Option<(String, Result<crate::json::path::Path, String>)>>,
        fits: impl Fn(&Json<'_>) -> bool,
        scratch: &mut String,
    ) -> Result<Answer, EvaluationError> {
        let (text, path) = row;
        scratch.clear();
        self.paths.apply(last, text, path, |outcome| match outcome {
            Outcome::Found(_, Found::Value(json)) if json.is_scalar() => {
                if !fits(json) {
                    return Err(failure(NAME, text, "the value at the path is not of the type after RETURNING"));
                }
                write_plain(json, scratch);
                Ok(Answer::Value)
            }
            Outcome::Found(_, Found::Number(number)) => {
                scratch.push_str(&number.to_string());
                Ok(Answer::Value)
            }
            Outcome::Found(Mode::Lax, _) | Outcome::Nothing => {
                self.after(self.on_empty, text, "the result is empty, which ERROR ON EMPTY does not allow")
            }
            Outcome::Found(Mode::Strict, _) => {
                self.after(self.on_error, text, "the value at the strict path is no scalar")
            }
            Outcome::Failed(reason) => self.after(self.on_error, text, &reason),
        })
    }

    fn texts(&self, args: &Args<'_>, length: usize) -> Result<ArrayRef, EvaluationError> {
        let (texts, paths) = (args.texts(0)?, args.texts(1)?);
        let last = RefCell::new(None);
        args.build_texts(|row, out| {
            let (Some(text), Some(path)) = (texts.get(row), paths.get(row)) else { return Ok(None) };
            match self.answer((text, path), &last, |_| true, out)? {
                Answer::Value => {
                    if let Some((end, _)) = out.char_indices().nth(length) {
                        out.truncate(end);
                    }
                    Ok(Some(()))
                }
                Answer::Null => Ok(None),
                Answer::Default(argument) => Ok(args.texts(argument)?.get(row).map(|default| out.push_str(default))),
            }
        })
    }

    fn booleans(&self, args: &Args<'_>) -> Result<ArrayRef, EvaluationError> {
        let (texts, paths) = (args.texts(0)?, args.texts(1)?);
        let (last, mut scratch) = (RefCell::new(None), String::new());
        args.build_booleans(|row| {
            let (Some(text), Some(path)) = (texts.get(row), paths.get(row)) else { return Ok(None) };
            match self.answer((text, path), &last, |json| matches!(json, Json::Bool(_)), &mut scratch)? {
                Answer::Value => Ok(Some(scratch == "true")),
                Answer::Null => Ok(None),
                Answer::Default(argument) => Ok(args.booleans(argument)?.get(row)),
            }
        })
    }

    fn numbers<N: arrow_array::types::ArrowPrimitiveType>(
        &self,
        args: &Args<'_>,
        fits: impl Fn(&Json<'_>) -> bool,
        read: impl Fn(&str) -> Option<N::Native>,
    ) -> Result<arrow_array::PrimitiveArray<N>, EvaluationError> {
        let (texts, paths) = (args.texts(0)?, args.texts(1)?);
        let (last, mut scratch) = (RefCell::new(None), String::new());
        args.build_numbers::<N>(|row| {
            let (Some(text), Some(path)) = (texts.get(row), paths.get(row)) else { return Ok(None) };
            match self.answer((text, path), &last, &fits, &mut scratch)? {
                Answer::Value => match read(&scratch) {
                    Some(value) => Ok(Some(value)),
                    None => Err(failure(NAME, text, format!("{scratch} is not of the type after RETURNING"))),
                },
                Answer::Null => Ok(None),
                Answer::Default(argument) => Ok(args.numbers::<N>(argument)?.get(row)),
            }
        })
    }
}
