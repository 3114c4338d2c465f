//! SQL/JSON functions: their clauses become arguments.

use nutkin_functions::resolve::json::{self, Item, OnMissing};
use nutkin_functions::{SignatureError, resolve};
use nutkin_plan::Expr;
use nutkin_sql::ast::{
    self, ArgValue, ExprKind as Ast, JsonExistsOnError, JsonFunction, JsonFunctionKind, JsonOnNull, JsonQueryBehavior,
    JsonValueBehavior, JsonWrapper,
};
use nutkin_types::DataType;

use super::{Context, expression, keyword, kind_of, types, untyped_null};
use crate::error::{ErrorKind, PlannerError, Result};

pub(super) fn json(context: &Context<'_>, function: &JsonFunction) -> Result<Expr> {
    let typed = |result: std::result::Result<Expr, SignatureError>| {
        result.map_err(|error| PlannerError::new(kind_of(&error), error.to_string()))
    };
    match &function.kind {
        JsonFunctionKind::Exists { input, path, on_error } => {
            let mut args = text_and_path(context, "JSON_EXISTS", input, path)?.to_vec();
            args.extend(on_error.map(|behavior| {
                keyword(match behavior {
                    JsonExistsOnError::True => "TRUE",
                    JsonExistsOnError::False => "FALSE",
                    JsonExistsOnError::Unknown => "UNKNOWN",
                    JsonExistsOnError::Error => "ERROR",
                })
            }));
            typed(resolve::call("JSON_EXISTS", args))
        }
        JsonFunctionKind::Value { input, path, returning, on_empty, on_error } => {
            let [input, path] = text_and_path(context, "JSON_VALUE", input, path)?;
            let on_empty = on_missing(context, on_empty.as_ref())?;
            let on_error = on_missing(context, on_error.as_ref())?;
            typed(json::value(input, path, returned(returning.as_ref())?, on_empty, on_error))
        }
        JsonFunctionKind::Query { input, path, returning, wrapper, on_empty, on_error } => {
            let [input, path] = text_and_path(context, "JSON_QUERY", input, path)?;
            let wrapper = match wrapper {
                None | Some(JsonWrapper::Without) => "WITHOUT",
                Some(JsonWrapper::Conditional) => "CONDITIONAL",
                Some(JsonWrapper::Unconditional) => "UNCONDITIONAL",
            };
            let returning = returned(returning.as_ref())?;
            typed(json::query(input, path, returning, wrapper, on_nothing(*on_empty), on_nothing(*on_error)))
        }
        JsonFunctionKind::Object { entries, on_null } => {
            let entries = entries
                .iter()
                .map(|(key, value)| Ok((expression(context, key)?, item(context, value)?)))
                .collect::<Result<_>>()?;
            typed(json::object(entries, *on_null == Some(JsonOnNull::Absent)))
        }
        JsonFunctionKind::Array { elements, on_null } => {
            let items = elements.iter().map(|element| item(context, element)).collect::<Result<_>>()?;
            typed(json::array(items, *on_null != Some(JsonOnNull::Null)))
        }
        JsonFunctionKind::ObjectAgg { .. } | JsonFunctionKind::ArrayAgg { .. } => Err(PlannerError::new(
            ErrorKind::Query,
            format!("Aggregate expression is illegal in {} clause", context.clause),
        )),
    }
}

fn text_and_path(context: &Context<'_>, name: &str, text: &ast::Expr, path: &ast::Expr) -> Result<[Expr; 2]> {
    let args = [expression(context, text)?, expression(context, path)?];
    untyped_null::check(name, &args)?;
    Ok(args)
}

/// Name and arguments of JSON_OBJECTAGG and JSON_ARRAYAGG; None of another function. Values become JSON text, and NULL
/// becomes `null` where it is kept.
pub(crate) fn aggregate(context: &Context<'_>, function: &JsonFunction) -> Result<Option<(&'static str, Vec<Expr>)>> {
    let (name, key, value, keeps_null) = match &function.kind {
        JsonFunctionKind::ObjectAgg { key, value, on_null } => {
            ("JSON_OBJECTAGG", Some(key), value, *on_null != Some(JsonOnNull::Absent))
        }
        JsonFunctionKind::ArrayAgg { element, on_null } => {
            ("JSON_ARRAYAGG", None, element, *on_null == Some(JsonOnNull::Null))
        }
        _ => return Ok(None),
    };
    if function.over.is_some() {
        return Err(PlannerError::not_built(format!("{name} over an OVER window")));
    }
    let mut args = key.map(|key| expression(context, key)).transpose()?.into_iter().collect::<Vec<_>>();
    let mut text = json::text(expression(context, value)?)
        .map_err(|error| PlannerError::new(kind_of(&error), error.to_string()))?;
    if keeps_null && text.data_type.nullable {
        text = context.call("COALESCE", vec![text, keyword("null")])?;
    }
    args.push(text);
    Ok(Some((name, args)))
}

/// A value of a constructor; `JSON(text)` is one only here.
fn item(context: &Context<'_>, value: &ast::Expr) -> Result<Item> {
    if let Ast::Function(call) = &value.kind
        && call.name.as_simple().is_some_and(|name| name.value.eq_ignore_ascii_case("JSON"))
        && let [arg] = call.args.as_slice()
        && let ArgValue::Expr(text) = &arg.value
    {
        return Ok(Item::Json(expression(context, text)?));
    }
    Ok(Item::Value(expression(context, value)?))
}

fn returned(written: Option<&ast::DataType>) -> Result<Option<DataType>> {
    written.map(types::data_type).transpose()
}

fn on_missing(context: &Context<'_>, behavior: Option<&JsonValueBehavior>) -> Result<OnMissing> {
    Ok(match behavior {
        None | Some(JsonValueBehavior::Null) => OnMissing::Null,
        Some(JsonValueBehavior::Error) => OnMissing::Error,
        Some(JsonValueBehavior::Default(value)) => OnMissing::Default(expression(context, value)?),
    })
}

fn on_nothing(behavior: Option<JsonQueryBehavior>) -> &'static str {
    match behavior {
        None | Some(JsonQueryBehavior::Null) => "NULL",
        Some(JsonQueryBehavior::Error) => "ERROR",
        Some(JsonQueryBehavior::EmptyArray) => "EMPTY ARRAY",
        Some(JsonQueryBehavior::EmptyObject) => "EMPTY OBJECT",
    }
}
