//! Function calls: scalar, aggregate, window and table functions share one node.

use super::{Expr, Ident, ObjectName, OrderItem, Over, Query};
use crate::span::Span;

/// `name([DISTINCT] arguments [ORDER BY …]) [IGNORE NULLS] [WITHIN GROUP (…)] [FILTER (…)] [OVER …]`
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FunctionCall {
    /// Function name, 1 to 3 parts. Names of built-in functions are found without regard to case.
    pub name: ObjectName,
    /// DISTINCT or ALL before the arguments.
    pub quantifier: Option<SetQuantifier>,
    /// The arguments.
    pub args: Vec<FunctionArg>,
    /// Written without parentheses (`CURRENT_DATE`).
    pub bare: bool,
    /// ORDER BY inside the parentheses.
    pub order_by: Vec<OrderItem>,
    /// RESPECT or IGNORE NULLS.
    pub nulls: Option<NullTreatment>,
    /// WITHIN GROUP (ORDER BY …).
    pub within_group: Vec<OrderItem>,
    /// FILTER (WHERE …).
    pub filter: Option<Box<Expr>>,
    /// OVER.
    pub over: Option<Over>,
    /// The whole call.
    pub span: Span,
}

impl FunctionCall {
    /// A plain call with positional arguments.
    pub fn new(name: ObjectName, args: Vec<FunctionArg>, span: Span) -> Self {
        Self {
            name,
            quantifier: None,
            args,
            bare: false,
            order_by: Vec::new(),
            nulls: None,
            within_group: Vec::new(),
            filter: None,
            over: None,
            span,
        }
    }
}

/// `DISTINCT` or `ALL`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SetQuantifier {
    /// `ALL`
    All,
    /// `DISTINCT`
    Distinct,
}

/// What window functions do with NULLs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NullTreatment {
    /// `RESPECT NULLS`
    Respect,
    /// `IGNORE NULLS`
    Ignore,
}

/// One argument, by position or by name (`name => value`).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FunctionArg {
    /// The name before `=>`.
    pub name: Option<Ident>,
    /// The value.
    pub value: ArgValue,
    /// Name and value.
    pub span: Span,
}

impl FunctionArg {
    /// The plain expression of the argument, if it is one.
    pub fn as_expr(&self) -> Option<&Expr> {
        match &self.value {
            ArgValue::Expr(expr) => Some(expr),
            _ => None,
        }
    }
}

/// What can be an argument.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ArgValue {
    /// An expression (also DESCRIPTOR and DEFAULT).
    Expr(Expr),
    /// `*` of `COUNT(*)`
    Wildcard,
    /// `TABLE t [PARTITION BY …] [ORDER BY …]`
    Table(Box<TableArg>),
    /// `MODEL m`
    Model(ObjectName),
}

/// A table argument.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TableArg {
    /// The table.
    pub input: TableArgInput,
    /// PARTITION BY.
    pub partition_by: Vec<Expr>,
    /// ORDER BY.
    pub order_by: Vec<OrderItem>,
    /// Where it stands.
    pub span: Span,
}

/// Where a table argument's rows come from.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum TableArgInput {
    /// `TABLE name`
    Table(ObjectName),
    /// `TABLE (query)` or `(query)`
    Query(Box<Query>),
}
