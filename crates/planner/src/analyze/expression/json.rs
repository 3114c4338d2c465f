//! SQL/JSON functions in their plain form. Their clauses are refused by name.

use nutkin_plan::Expr;
use nutkin_sql::ast::{JsonFunction, JsonFunctionKind};

use super::{Context, expression};
use crate::error::{PlannerError, Result};

pub(super) fn json(context: &Context<'_>, function: &JsonFunction) -> Result<Expr> {
    let (name, args) = match &function.kind {
        JsonFunctionKind::Value { input, path, returning: None, on_empty: None, on_error: None } => {
            ("JSON_VALUE", [input, path])
        }
        JsonFunctionKind::Exists { input, path, on_error: None } => ("JSON_EXISTS", [input, path]),
        JsonFunctionKind::Query { input, path, returning: None, wrapper: None, on_empty: None, on_error: None } => {
            ("JSON_QUERY", [input, path])
        }
        other => return Err(PlannerError::not_built(described(other))),
    };
    let args = args.into_iter().map(|arg| expression(context, arg)).collect::<Result<_>>()?;
    context.call(name, args)
}

fn described(kind: &JsonFunctionKind) -> &'static str {
    match kind {
        JsonFunctionKind::Exists { .. } => "JSON_EXISTS with ON ERROR",
        JsonFunctionKind::Value { .. } => "JSON_VALUE with RETURNING, ON EMPTY or ON ERROR",
        JsonFunctionKind::Query { .. } => "JSON_QUERY with RETURNING, WRAPPER, ON EMPTY or ON ERROR",
        JsonFunctionKind::Object { .. } => "JSON_OBJECT",
        JsonFunctionKind::Array { .. } => "JSON_ARRAY",
        JsonFunctionKind::ObjectAgg { .. } => "JSON_OBJECTAGG",
        JsonFunctionKind::ArrayAgg { .. } => "JSON_ARRAYAGG",
    }
}
