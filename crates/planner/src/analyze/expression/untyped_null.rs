//! `NULL` as it stands has no type. Some functions give it the type of their parameter; others, most of those that Flink has
//! from Calcite, refuse it (`refuses_untyped_null` of the registry).

use nutkin_functions::registry;
use nutkin_plan::Expr;
use nutkin_types::LogicalType;

use crate::error::{ErrorKind, PlannerError, Result};

fn is_untyped(expr: &Expr) -> bool {
    expr.data_type.logical == LogicalType::Null
}

/// Refuses an argument of `name`, a function or an operator, where it is a NULL that gets no type from it.
pub(super) fn check<'a>(name: &str, args: impl IntoIterator<Item = &'a Expr>) -> Result<()> {
    let refuses = || registry::lookup(name).is_some_and(|function| function.refuses_untyped_null);
    if args.into_iter().any(is_untyped) && refuses() { Err(illegal()) } else { Ok(()) }
}

/// Refuses a call whose value is an untyped NULL: nothing that it was given has a type.
pub(super) fn check_value(value: Expr) -> Result<Expr> {
    if is_untyped(&value) { Err(illegal()) } else { Ok(value) }
}

/// The second value of NULLIF is the condition of a CASE, the first one its only result.
pub(super) fn check_null_if(args: &[Expr]) -> Result<()> {
    match args.first().filter(|first| is_untyped(first)) {
        Some(_) => Err(PlannerError::new(ErrorKind::Type, "ELSE clause or at least one THEN clause must be non-NULL")),
        None => Ok(()),
    }
}

fn illegal() -> PlannerError {
    PlannerError::new(ErrorKind::Type, "Illegal use of 'NULL'")
        .with_remedy("Give it a type, as in CAST(NULL AS STRING).")
}
