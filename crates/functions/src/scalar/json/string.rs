//! JSON_STRING: any value as JSON text. JSON: only a marker inside of the constructors.

use nutkin_types::{DataType, LogicalType as T};

use crate::error::{FunctionError, SignatureError};
use crate::json::value::{unsupported, write_value};
use crate::registry::{Family, Kernel, ScalarFunction, Site};
use crate::signature::{Argument, Inferred, Of, is_nullable};

pub(in crate::scalar) const FUNCTIONS: &[ScalarFunction] = &[
    ScalarFunction::new(
        "JSON_STRING",
        Family::Json,
        "JSON_STRING(value)",
        "The value as JSON text; NULL of NULL.",
        infer,
        compile,
    )
    .examples(&[("JSON_STRING(ARRAY[1, 2])", "[1,2]"), ("JSON_STRING(MAP['b', 1, 'a', 2])", r#"{"a":2,"b":1}"#)]),
    ScalarFunction::new(
        "JSON",
        Family::Json,
        "JSON(string)",
        "Inside of JSON_OBJECT and JSON_ARRAY: the string is JSON already and is taken over as such.",
        |of, args| match args {
            [_] => Err(of.reason(
                "The JSON() function is currently only supported inside JSON_ARRAY() or as the VALUE param of JSON_OBJECT()",
            )),
            _ => Err(of.count(args.len())),
        },
        |_| Err(FunctionError::Inconsistent("JSON outside of a constructor".to_owned())),
    )
    .examples(&[(r#"JSON_ARRAY(JSON('{"a": 1}'))"#, r#"[{"a":1}]"#)]),
];

fn infer(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    let [arg] = args else { return Err(of.count(args.len())) };
    let given = &arg.data_type.logical;
    if *given == T::Null {
        return Ok(Inferred { arg_types: vec![DataType::string()], result: DataType::string() });
    }
    if let Some(inner) = unsupported(given) {
        return Err(of.reason(format!("Type '{inner}' is not supported for JSON conversion")));
    }
    Ok(Inferred { arg_types: vec![arg.data_type.clone()], result: DataType::new(T::STRING, is_nullable(arg)) })
}

fn compile(site: &Site<'_>) -> Result<Kernel, FunctionError> {
    let logical = site.args.first().map_or(T::Null, |arg| arg.logical.clone());
    Ok(Box::new(move |args| {
        let array = args.array(0)?;
        args.build_texts(|row, out| {
            let row = args.position(0, row);
            if array.is_null(row) {
                return Ok(None);
            }
            write_value(array.as_ref(), &logical, row, out)?;
            Ok(Some(()))
        })
    }))
}
