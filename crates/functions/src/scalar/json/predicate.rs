//! IS JSON and its kin: never NULL; what is NULL is no JSON.

use nutkin_types::LogicalType as T;

use crate::error::{FunctionError, SignatureError};
use crate::json::parse::{Kind, kind};
use crate::registry::{Family, Kernel, ScalarFunction, Site};
use crate::signature::{Argument, Inferred, Of, Param};

macro_rules! predicate {
    ($name:literal, $signature:literal, $description:literal, $kind:expr, $wanted:literal, $example:literal) => {
        ScalarFunction::new($name, Family::Json, $signature, $description, infer, |site| compile(site, $kind, $wanted))
            .refuses_untyped_null()
            .examples(&[($example, "TRUE")])
    };
}

pub(in crate::scalar) const FUNCTIONS: &[ScalarFunction] = &[
    predicate!("IS JSON VALUE", "string IS JSON [VALUE]", "TRUE if the string is JSON.", None, true, "'1' IS JSON"),
    predicate!(
        "IS NOT JSON VALUE",
        "string IS NOT JSON [VALUE]",
        "TRUE if the string is not JSON.",
        None,
        false,
        "'a' IS NOT JSON"
    ),
    predicate!(
        "IS JSON OBJECT",
        "string IS JSON OBJECT",
        "TRUE if the string is a JSON object.",
        Some(Kind::Object),
        true,
        "'{}' IS JSON OBJECT"
    ),
    predicate!(
        "IS NOT JSON OBJECT",
        "string IS NOT JSON OBJECT",
        "TRUE if the string is no JSON object.",
        Some(Kind::Object),
        false,
        "'1' IS NOT JSON OBJECT"
    ),
    predicate!(
        "IS JSON ARRAY",
        "string IS JSON ARRAY",
        "TRUE if the string is a JSON array.",
        Some(Kind::Array),
        true,
        "'[]' IS JSON ARRAY"
    ),
    predicate!(
        "IS NOT JSON ARRAY",
        "string IS NOT JSON ARRAY",
        "TRUE if the string is no JSON array.",
        Some(Kind::Array),
        false,
        "'1' IS NOT JSON ARRAY"
    ),
    predicate!(
        "IS JSON SCALAR",
        "string IS JSON SCALAR",
        "TRUE if the string is a JSON scalar.",
        Some(Kind::Scalar),
        true,
        "'1' IS JSON SCALAR"
    ),
    predicate!(
        "IS NOT JSON SCALAR",
        "string IS NOT JSON SCALAR",
        "TRUE if the string is no JSON scalar.",
        Some(Kind::Scalar),
        false,
        "'[]' IS NOT JSON SCALAR"
    ),
];

fn infer(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    let arg_types = of.check(args, &[Param::Text], 0)?;
    Ok(Inferred { arg_types, result: T::Boolean.not_null() })
}

fn compile(_site: &Site<'_>, wanted: Option<Kind>, positive: bool) -> Result<Kernel, FunctionError> {
    Ok(Box::new(move |args| {
        let texts = args.texts(0)?;
        args.build_booleans(|row| {
            let found = texts.get(row).and_then(kind);
            let holds = found.is_some_and(|found| wanted.is_none_or(|wanted| wanted == found));
            Ok(Some(holds == positive))
        })
    }))
}
