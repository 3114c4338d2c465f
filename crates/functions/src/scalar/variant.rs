//! PARSE_JSON, TRY_PARSE_JSON: JSON texts as values of type VARIANT.

use std::sync::Arc;

use arrow_array::builder::BinaryBuilder;
use nutkin_types::{DataType, LogicalType as T};

use crate::args::Args;
use crate::error::SignatureError;
use crate::registry::{Family, Kernel, ScalarFunction};
use crate::signature::{Argument, Inferred, Of, Param, any_nullable};
use crate::variant;

pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    ScalarFunction::new(
        "PARSE_JSON",
        Family::Json,
        "PARSE_JSON(string[, allow_duplicate_keys])",
        "The JSON text as a VARIANT; an error if it is not JSON, or if an object has a key twice. With allow_duplicate_keys TRUE \
         the last value of a key counts.",
        |of, args| infer(of, args, false),
        |_| Ok(kernel(Some("PARSE_JSON"))),
    )
    .examples(&[
        (r#"CAST(ARRAY[PARSE_JSON('{"b": 1.50, "a": null}')] AS STRING)"#, r#"[{"a":null,"b":1.5}]"#),
        (r#"CAST(ARRAY[PARSE_JSON('{"a": 1, "a": 2}', TRUE)] AS STRING)"#, r#"[{"a":2}]"#),
        ("PARSE_JSON('1') = PARSE_JSON('1.0')", "FALSE"),
    ]),
    ScalarFunction::new(
        "TRY_PARSE_JSON",
        Family::Json,
        "TRY_PARSE_JSON(string[, allow_duplicate_keys])",
        "As PARSE_JSON, but NULL where that is an error.",
        |of, args| infer(of, args, true),
        |_| Ok(kernel(None)),
    )
    .refuses_untyped_null()
    .examples(&[("TRY_PARSE_JSON('{') IS NULL", "TRUE"), ("CAST(ARRAY[TRY_PARSE_JSON('[1, 2]')] AS STRING)", "[[1,2]]")]),
];

fn infer(of: Of, args: &[Argument<'_>], tries: bool) -> Result<Inferred, SignatureError> {
    let arg_types = of.check(args, &[Param::Text, Param::Boolean], 1)?;
    Ok(Inferred { arg_types, result: DataType::new(T::Variant, tries || any_nullable(args)) })
}

/// `strict` is the function whose errors are told; without it they are NULL.
fn kernel(strict: Option<&'static str>) -> Kernel {
    Box::new(move |args: &Args<'_>| {
        let texts = args.texts(0)?;
        let duplicates = if args.len() > 1 { Some(args.booleans(1)?) } else { None };
        let mut builder = BinaryBuilder::with_capacity(args.rows, 0);
        let mut bytes = Vec::new();
        for row in 0..args.rows {
            let allowed = duplicates.map_or(Some(false), |column| column.get(row));
            let (Some(text), Some(allowed)) = (texts.get(row), allowed) else {
                builder.append_null();
                continue;
            };
            bytes.clear();
            match (variant::parse(text, allowed, &mut bytes), strict) {
                (Ok(()), _) => builder.append_value(&bytes),
                (Err(_), None) => builder.append_null(),
                (Err(refused), Some(function)) => return Err(variant::failure(function, text, refused)),
            }
        }
        Ok(Arc::new(builder.finish()))
    })
}
