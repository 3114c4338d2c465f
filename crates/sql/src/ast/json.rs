//! The SQL/JSON functions with their clauses.

use super::{DataType, Expr, Over};
use crate::span::Span;

/// A SQL/JSON function call.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct JsonFunction {
    /// Which function, with its arguments.
    pub kind: JsonFunctionKind,
    /// OVER of the aggregates. As in Flink, they take no FILTER.
    pub over: Option<Over>,
    /// The whole call.
    pub span: Span,
}

/// The functions.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum JsonFunctionKind {
    /// `JSON_EXISTS(input, path [… ON ERROR])`
    Exists {
        /// JSON text.
        input: Expr,
        /// JSON path.
        path: Expr,
        /// What an error gives.
        on_error: Option<JsonExistsOnError>,
    },
    /// `JSON_VALUE(input, path [RETURNING type] [… ON EMPTY] [… ON ERROR])`
    Value {
        /// JSON text.
        input: Expr,
        /// JSON path.
        path: Expr,
        /// Result type; STRING when absent.
        returning: Option<DataType>,
        /// When nothing is found.
        on_empty: Option<JsonValueBehavior>,
        /// When an error occurs.
        on_error: Option<JsonValueBehavior>,
    },
    /// `JSON_QUERY(input, path [RETURNING type] [wrapper] [… ON EMPTY] [… ON ERROR])`
    Query {
        /// JSON text.
        input: Expr,
        /// JSON path.
        path: Expr,
        /// Result type; STRING when absent.
        returning: Option<DataType>,
        /// Array wrapper.
        wrapper: Option<JsonWrapper>,
        /// When nothing is found.
        on_empty: Option<JsonQueryBehavior>,
        /// When an error occurs.
        on_error: Option<JsonQueryBehavior>,
    },
    /// `JSON_OBJECT([KEY] k VALUE v, … [NULL | ABSENT ON NULL])`
    Object {
        /// Keys and values.
        entries: Vec<(Expr, Expr)>,
        /// What NULL values do.
        on_null: Option<JsonOnNull>,
    },
    /// `JSON_ARRAY(v, … [NULL | ABSENT ON NULL])`
    Array {
        /// The elements.
        elements: Vec<Expr>,
        /// What NULL values do.
        on_null: Option<JsonOnNull>,
    },
    /// `JSON_OBJECTAGG([KEY] k VALUE v [NULL | ABSENT ON NULL])`
    ObjectAgg {
        /// The key.
        key: Expr,
        /// The value.
        value: Expr,
        /// What NULL values do.
        on_null: Option<JsonOnNull>,
    },
    /// `JSON_ARRAYAGG(v [NULL | ABSENT ON NULL])`
    ArrayAgg {
        /// The element.
        element: Expr,
        /// What NULL values do.
        on_null: Option<JsonOnNull>,
    },
}

/// `NULL ON NULL` or `ABSENT ON NULL`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JsonOnNull {
    /// Keep as JSON null.
    Null,
    /// Leave out.
    Absent,
}

/// `… ON ERROR` of JSON_EXISTS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JsonExistsOnError {
    /// `TRUE`
    True,
    /// `FALSE`
    False,
    /// `UNKNOWN`
    Unknown,
    /// `ERROR`
    Error,
}

/// `… ON EMPTY` and `… ON ERROR` of JSON_VALUE.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum JsonValueBehavior {
    /// `NULL`
    Null,
    /// `ERROR`
    Error,
    /// `DEFAULT value`
    Default(Box<Expr>),
}

/// `… ON EMPTY` and `… ON ERROR` of JSON_QUERY.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JsonQueryBehavior {
    /// `NULL`
    Null,
    /// `ERROR`
    Error,
    /// `EMPTY ARRAY`
    EmptyArray,
    /// `EMPTY OBJECT`
    EmptyObject,
}

/// Array wrapper of JSON_QUERY.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JsonWrapper {
    /// `WITHOUT [ARRAY] WRAPPER`
    Without,
    /// `WITH CONDITIONAL [ARRAY] WRAPPER`
    Conditional,
    /// `WITH [UNCONDITIONAL] [ARRAY] WRAPPER`
    Unconditional,
}
