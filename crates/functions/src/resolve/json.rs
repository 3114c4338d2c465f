//! Calls of the SQL/JSON functions: their clauses become arguments.

use nutkin_plan::{CastFailure, Expr, ExprKind};
use nutkin_types::{DataType, LogicalType as T, Value};

use super::{call, cast, keyword};
use crate::error::SignatureError;

/// What ON EMPTY and ON ERROR of JSON_VALUE say.
#[derive(Debug, Clone, PartialEq)]
pub enum OnMissing {
    Null,
    Error,
    Default(Expr),
}

/// A value of JSON_OBJECT or JSON_ARRAY.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    /// An SQL value; what another constructor made is taken over as JSON.
    Value(Expr),
    /// The argument of `JSON(...)`.
    Json(Expr),
}

/// JSON_VALUE; `returning` is STRING when absent.
pub fn value(
    input: Expr,
    path: Expr,
    returning: Option<DataType>,
    on_empty: OnMissing,
    on_error: OnMissing,
) -> Result<Expr, SignatureError> {
    let as_text = returning.as_ref().is_none_or(|returning| returning.logical.is_character_string());
    let returning = null(returning);
    let mut args = vec![input, path];
    for behavior in [on_empty, on_error] {
        let (word, default) = match behavior {
            OnMissing::Null => ("NULL", returning.clone()),
            OnMissing::Error => ("ERROR", returning.clone()),
            OnMissing::Default(default) if as_text => ("DEFAULT", written(default)?),
            OnMissing::Default(default) => ("DEFAULT", default),
        };
        args.extend([keyword(word), default]);
    }
    args.push(returning);
    call("JSON_VALUE", args)
}

/// A default that is a literal of another type as Java writes its value.
fn written(default: Expr) -> Result<Expr, SignatureError> {
    match (&default.kind, &default.data_type.logical) {
        (ExprKind::Literal(Value::Boolean(truth)), _) => Ok(text_of(truth.to_string())),
        (ExprKind::Literal(Value::Integer(number)), _) => Ok(text_of(number.to_string())),
        (ExprKind::Literal(_), number) if number.is_numeric() => {
            cast(default, &T::STRING.not_null(), CastFailure::Error)
        }
        _ => Ok(default),
    }
}

fn text_of(value: String) -> Expr {
    Expr::literal(Value::String(value), T::STRING.not_null())
}

/// JSON_QUERY; `wrapper` is `WITHOUT`, `CONDITIONAL` or `UNCONDITIONAL`, the others `NULL`, `ERROR`, `EMPTY ARRAY` or
/// `EMPTY OBJECT`.
pub fn query(
    input: Expr,
    path: Expr,
    returning: Option<DataType>,
    wrapper: &str,
    on_empty: &str,
    on_error: &str,
) -> Result<Expr, SignatureError> {
    call("JSON_QUERY", vec![input, path, keyword(wrapper), keyword(on_empty), keyword(on_error), null(returning)])
}

/// JSON_OBJECT of pairs of key and value.
pub fn object(entries: Vec<(Expr, Item)>, absent_on_null: bool) -> Result<Expr, SignatureError> {
    let mut args = vec![on_null(absent_on_null)];
    for (key, item) in entries {
        args.push(key);
        args.extend(described(item));
    }
    call("JSON_OBJECT", args)
}

/// JSON_ARRAY of values.
pub fn array(items: Vec<Item>, absent_on_null: bool) -> Result<Expr, SignatureError> {
    let mut args = vec![on_null(absent_on_null)];
    args.extend(items.into_iter().flat_map(described));
    call("JSON_ARRAY", args)
}

/// `value` as JSON text, for the JSON aggregates; what a constructor made is JSON already.
pub fn text(value: Expr) -> Result<Expr, SignatureError> {
    if is_json(&value) { Ok(value) } else { call("JSON_STRING", vec![value]) }
}

fn is_json(value: &Expr) -> bool {
    matches!(&value.kind, ExprKind::Call { function, .. } if matches!(function.as_str(), "JSON_OBJECT" | "JSON_ARRAY"))
}

fn on_null(absent: bool) -> Expr {
    keyword(if absent { "ABSENT" } else { "NULL" })
}

/// The kind of an item and its value.
fn described(item: Item) -> [Expr; 2] {
    match item {
        Item::Json(text) => [keyword("JSON"), text],
        Item::Value(value) => {
            let raw = is_json(&value);
            [keyword(if raw { "RAW" } else { "VALUE" }), value]
        }
    }
}

fn null(returning: Option<DataType>) -> Expr {
    let data_type = returning.unwrap_or_else(|| T::STRING.nullable());
    Expr::literal(Value::Null, data_type.with_nullable(true))
}
