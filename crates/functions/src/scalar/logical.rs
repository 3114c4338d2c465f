//! AND, OR, NOT, IS [NOT] TRUE, IS [NOT] FALSE, IS [NOT] UNKNOWN.

use std::sync::Arc;

use arrow_array::ArrayRef;
use nutkin_types::{DataType, LogicalType};

use crate::args::Args;
use crate::error::{EvaluationError, FunctionError, SignatureError};
use crate::registry::{Evaluation, Family, Kernel, ScalarFunction, Site, simple};
use crate::signature::{Argument, Inferred, Of, Param, any_nullable, strict};

pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    ScalarFunction::new(
        "AND",
        Family::Logical,
        "boolean1 AND boolean2",
        "TRUE if both are TRUE; three-valued.",
        connective,
        lazy,
    )
    .refuses_untyped_null()
    .evaluation(Evaluation::And)
    .examples(&[("TRUE AND FALSE", "FALSE")]),
    ScalarFunction::new(
        "OR",
        Family::Logical,
        "boolean1 OR boolean2",
        "TRUE if one is TRUE; three-valued.",
        connective,
        lazy,
    )
    .refuses_untyped_null()
    .evaluation(Evaluation::Or)
    .examples(&[("TRUE OR FALSE", "TRUE")]),
    ScalarFunction::new("NOT", Family::Logical, "NOT boolean", "The opposite; NULL stays NULL.", negation, |_| {
        simple(not)
    })
    .refuses_untyped_null()
    .examples(&[("NOT TRUE", "FALSE")]),
    ScalarFunction::new("IS TRUE", Family::Logical, "boolean IS TRUE", "TRUE if the value is TRUE.", test, |_| {
        simple(|a| known(a, |v| v == Some(true)))
    })
    .refuses_untyped_null()
    .examples(&[("TRUE IS TRUE", "TRUE")]),
    ScalarFunction::new(
        "IS NOT TRUE",
        Family::Logical,
        "boolean IS NOT TRUE",
        "TRUE if the value is FALSE or NULL.",
        test,
        |_| simple(|a| known(a, |v| v != Some(true))),
    )
    .refuses_untyped_null()
    .examples(&[("TRUE IS NOT TRUE", "FALSE")]),
    ScalarFunction::new("IS FALSE", Family::Logical, "boolean IS FALSE", "TRUE if the value is FALSE.", test, |_| {
        simple(|a| known(a, |v| v == Some(false)))
    })
    .refuses_untyped_null()
    .examples(&[("TRUE IS FALSE", "FALSE")]),
    ScalarFunction::new(
        "IS NOT FALSE",
        Family::Logical,
        "boolean IS NOT FALSE",
        "TRUE if the value is TRUE or NULL.",
        test,
        |_| simple(|a| known(a, |v| v != Some(false))),
    )
    .refuses_untyped_null()
    .examples(&[("TRUE IS NOT FALSE", "TRUE")]),
    ScalarFunction::new(
        "IS UNKNOWN",
        Family::Logical,
        "boolean IS UNKNOWN",
        "TRUE if the value is NULL.",
        test,
        |_| simple(|a| known(a, |v| v.is_none())),
    )
    .refuses_untyped_null()
    .examples(&[("TRUE IS UNKNOWN", "FALSE")]),
    ScalarFunction::new(
        "IS NOT UNKNOWN",
        Family::Logical,
        "boolean IS NOT UNKNOWN",
        "TRUE if the value is not NULL.",
        test,
        |_| simple(|a| known(a, |v| v.is_some())),
    )
    .refuses_untyped_null()
    .examples(&[("TRUE IS NOT UNKNOWN", "TRUE")]),
];

fn connective(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    let arg_types = of.check_all(args, &Param::Boolean, 2)?;
    Ok(Inferred { arg_types, result: DataType::new(LogicalType::Boolean, any_nullable(args)) })
}

fn negation(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    strict(of, args, &[Param::Boolean], 0, LogicalType::Boolean)
}

fn test(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    Ok(Inferred { result: LogicalType::Boolean.not_null(), ..negation(of, args)? })
}

/// AND and OR never come here: the evaluator has its own nodes for them.
fn lazy(_: &Site<'_>) -> Result<Kernel, FunctionError> {
    Err(FunctionError::Inconsistent("a lazy operator was compiled as a kernel".to_owned()))
}

fn not(args: &Args<'_>) -> Result<ArrayRef, EvaluationError> {
    let mask = arrow_array::cast::AsArray::as_boolean_opt(args.array(0)?);
    let mask = mask.ok_or_else(|| EvaluationError::Internal("NOT of no boolean".to_owned()))?;
    Ok(Arc::new(arrow_arith::boolean::not(mask)?))
}

fn known(args: &Args<'_>, test: fn(Option<bool>) -> bool) -> Result<ArrayRef, EvaluationError> {
    let values = args.booleans(0)?;
    args.build_booleans(|row| Ok(Some(test(values.get(row)))))
}
