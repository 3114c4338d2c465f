//! TYPEOF. (CAST and TRY_CAST are expressions of their own.)

use nutkin_types::{DataType, LogicalType as T};

use crate::error::{FunctionError, SignatureError};
use crate::registry::{Family, Kernel, ScalarFunction, Site};
use crate::signature::{Argument, Inferred, Of, is_nullable};

pub(super) const FUNCTIONS: &[ScalarFunction] = &[ScalarFunction::new(
    "TYPEOF",
    Family::Conversion,
    "TYPEOF(value)",
    "The type of the argument as text.",
    infer,
    compile,
)
.examples(&[("TYPEOF(1)", "INT NOT NULL")])];

fn infer(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    let [arg] = args else { return Err(of.count(args.len())) };
    Ok(Inferred { arg_types: vec![arg.data_type.clone()], result: DataType::new(T::STRING, is_nullable(arg)) })
}

fn compile(site: &Site<'_>) -> Result<Kernel, FunctionError> {
    let name = site.args.first().map(ToString::to_string).unwrap_or_default();
    Ok(Box::new(move |args| {
        args.build_texts(|_, out| {
            out.push_str(&name);
            Ok(Some(()))
        })
    }))
}
