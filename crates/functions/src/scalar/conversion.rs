//! TYPEOF. (CAST and TRY_CAST are expressions of their own.)

use nutkin_types::display::short_type;
use nutkin_types::{LogicalType as T, Value};

use crate::error::{FunctionError, SignatureError};
use crate::registry::{Family, Kernel, ScalarFunction, Site};
use crate::signature::{Argument, Inferred, Of, Param};

pub(super) const FUNCTIONS: &[ScalarFunction] = &[ScalarFunction::new(
    "TYPEOF",
    Family::Conversion,
    "TYPEOF(value[, force_serializable])",
    "The type of the argument as text; in the form that can be read back if force_serializable is TRUE.",
    infer,
    compile,
)
.examples(&[("TYPEOF(1)", "INT NOT NULL"), ("TYPEOF(CAST('a' AS STRING))", "STRING NOT NULL")])];

fn infer(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    let [arg, rest @ ..] = args else { return Err(of.count(args.len())) };
    let mut arg_types = vec![arg.data_type.clone()];
    match rest {
        [] => {}
        [forced] if forced.literal.is_some() => arg_types.push(of.accept(1, forced, &Param::Boolean)?),
        [forced] => return Err(of.wrong(1, forced.data_type, "a BOOLEAN literal")),
        _ => return Err(of.count(args.len())),
    }
    Ok(Inferred { arg_types, result: T::STRING.nullable() })
}

fn compile(site: &Site<'_>) -> Result<Kernel, FunctionError> {
    let forced = matches!(site.literals.get(1), Some(Some(Value::Boolean(true))));
    let name = site.args.first().map(|arg| if forced { arg.to_string() } else { short_type(arg) }).unwrap_or_default();
    Ok(Box::new(move |args| {
        args.build_texts(|_, out| {
            out.push_str(&name);
            Ok(Some(()))
        })
    }))
}
