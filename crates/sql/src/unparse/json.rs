//! The SQL/JSON functions.

use super::{List, optional};
use crate::ast::{
    Expr, JsonExistsOnError, JsonFunction, JsonFunctionKind, JsonOnNull, JsonQueryBehavior, JsonValueBehavior,
    JsonWrapper,
};
use std::fmt::{self, Display, Formatter};

impl Display for JsonFunction {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)?;
        optional(f, "OVER ", self.over.as_ref())
    }
}

impl Display for JsonFunctionKind {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            JsonFunctionKind::Exists { input, path, on_error } => {
                write!(f, "JSON_EXISTS({input}, {path}")?;
                on(f, on_error.as_ref(), "ERROR")?;
            }
            JsonFunctionKind::Value { input, path, returning, on_empty, on_error } => {
                write!(f, "JSON_VALUE({input}, {path}")?;
                optional(f, "RETURNING ", returning.as_ref())?;
                on(f, on_empty.as_ref(), "EMPTY")?;
                on(f, on_error.as_ref(), "ERROR")?;
            }
            JsonFunctionKind::Query { input, path, returning, wrapper, on_empty, on_error } => {
                write!(f, "JSON_QUERY({input}, {path}")?;
                optional(f, "RETURNING ", returning.as_ref())?;
                optional(f, "", wrapper.as_ref())?;
                on(f, on_empty.as_ref(), "EMPTY")?;
                on(f, on_error.as_ref(), "ERROR")?;
            }
            JsonFunctionKind::Object { entries, on_null } => {
                f.write_str("JSON_OBJECT(")?;
                for (index, entry) in entries.iter().enumerate() {
                    let comma = if index > 0 { ", " } else { "" };
                    write!(f, "{comma}{}", Entry(&entry.0, &entry.1))?;
                }
                on_null_of(f, *on_null, entries.is_empty())?;
            }
            JsonFunctionKind::Array { elements, on_null } => {
                write!(f, "JSON_ARRAY({}", List(elements))?;
                on_null_of(f, *on_null, elements.is_empty())?;
            }
            JsonFunctionKind::ObjectAgg { key, value, on_null } => {
                write!(f, "JSON_OBJECTAGG({}", Entry(key, value))?;
                on_null_of(f, *on_null, false)?;
            }
            JsonFunctionKind::ArrayAgg { element, on_null } => {
                write!(f, "JSON_ARRAYAGG({element}")?;
                on_null_of(f, *on_null, false)?;
            }
        }
        f.write_str(")")
    }
}

/// `KEY key VALUE value`
struct Entry<'a>(&'a Expr, &'a Expr);

impl Display for Entry<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "KEY {} VALUE {}", self.0, self.1)
    }
}

fn on(f: &mut Formatter<'_>, behavior: Option<&impl Display>, event: &str) -> fmt::Result {
    match behavior {
        Some(behavior) => write!(f, " {behavior} ON {event}"),
        None => Ok(()),
    }
}

fn on_null_of(f: &mut Formatter<'_>, on_null: Option<JsonOnNull>, first: bool) -> fmt::Result {
    let blank = if first { "" } else { " " };
    match on_null {
        Some(JsonOnNull::Null) => write!(f, "{blank}NULL ON NULL"),
        Some(JsonOnNull::Absent) => write!(f, "{blank}ABSENT ON NULL"),
        None => Ok(()),
    }
}

impl Display for JsonExistsOnError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            JsonExistsOnError::True => "TRUE",
            JsonExistsOnError::False => "FALSE",
            JsonExistsOnError::Unknown => "UNKNOWN",
            JsonExistsOnError::Error => "ERROR",
        })
    }
}

impl Display for JsonValueBehavior {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            JsonValueBehavior::Null => f.write_str("NULL"),
            JsonValueBehavior::Error => f.write_str("ERROR"),
            JsonValueBehavior::Default(value) => write!(f, "DEFAULT {value}"),
        }
    }
}

impl Display for JsonQueryBehavior {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            JsonQueryBehavior::Null => "NULL",
            JsonQueryBehavior::Error => "ERROR",
            JsonQueryBehavior::EmptyArray => "EMPTY ARRAY",
            JsonQueryBehavior::EmptyObject => "EMPTY OBJECT",
        })
    }
}

impl Display for JsonWrapper {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            JsonWrapper::Without => "WITHOUT ARRAY WRAPPER",
            JsonWrapper::Conditional => "WITH CONDITIONAL ARRAY WRAPPER",
            JsonWrapper::Unconditional => "WITH UNCONDITIONAL ARRAY WRAPPER",
        })
    }
}
