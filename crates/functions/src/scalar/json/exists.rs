//! JSON_EXISTS.

use std::cell::RefCell;

use nutkin_types::LogicalType as T;

use super::input::{Outcome, Paths, failure};
use crate::error::{FunctionError, SignatureError};
use crate::registry::{Family, Kernel, ScalarFunction, Site};
use crate::signature::{Argument, Inferred, Of, Param, nullable};

const NAME: &str = "JSON_EXISTS";

pub(in crate::scalar) const FUNCTIONS: &[ScalarFunction] = &[ScalarFunction::new(
    NAME,
    Family::Json,
    "JSON_EXISTS(json, path [{ TRUE | FALSE | UNKNOWN | ERROR } ON ERROR])",
    "TRUE if the path finds a value other than null in the JSON text. An error is FALSE unless ON ERROR says otherwise.",
    infer,
    compile,
)
    .refuses_untyped_null()
.examples(&[
    (r#"JSON_EXISTS('{"a": true}', '$.a')"#, "TRUE"),
    (r#"JSON_EXISTS('{"a": true}', 'strict $.b' TRUE ON ERROR)"#, "TRUE"),
])];

fn infer(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    if let Some(behavior) = args.get(2) {
        of.one_of(2, behavior, &["TRUE", "FALSE", "UNKNOWN", "ERROR"])?;
    }
    nullable(of, args, &[Param::Text, Param::Text, Param::Text], 1, T::Boolean)
}

fn compile(site: &Site<'_>) -> Result<Kernel, FunctionError> {
    let paths = Paths::new(site, NAME)?;
    let on_error = site.keyword(2).unwrap_or_else(|| "FALSE".to_owned());
    Ok(Box::new(move |args| {
        let (texts, sources) = (args.texts(0)?, args.texts(1)?);
        let last = RefCell::new(None);
        args.build_booleans(|row| {
            let (Some(text), Some(path)) = (texts.get(row), sources.get(row)) else { return Ok(None) };
            paths.apply(&last, text, path, |outcome| match outcome {
                Outcome::Found(..) => Ok(Some(true)),
                Outcome::Nothing => Ok(Some(false)),
                Outcome::Failed(reason) => match on_error.as_str() {
                    "TRUE" => Ok(Some(true)),
                    "UNKNOWN" => Ok(None),
                    "ERROR" => Err(failure(NAME, text, reason)),
                    _ => Ok(Some(false)),
                },
            })
        })
    }))
}
