//! Queries: WITH, SELECT, VALUES, set operations, ORDER BY and LIMIT.

use super::{Expr, Ident, NamedWindow, ObjectName, OptionEntry, OrderItem, SetQuantifier, StringLiteral, TableRef};
use crate::span::Span;

/// `[WITH …] body [ORDER BY …] [LIMIT …] [OFFSET …]`
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Query {
    /// Common table expressions.
    pub with: Option<With>,
    /// SELECT, VALUES, TABLE or a set operation.
    pub body: QueryBody,
    /// ORDER BY.
    pub order_by: Vec<OrderItem>,
    /// LIMIT or FETCH FIRST; `LIMIT ALL` is absent.
    pub limit: Option<Expr>,
    /// OFFSET.
    pub offset: Option<Expr>,
    /// The whole query.
    pub span: Span,
}

impl Query {
    /// A query that is only a body.
    pub fn of(body: QueryBody, span: Span) -> Self {
        Self { with: None, body, order_by: Vec::new(), limit: None, offset: None, span }
    }

    /// Whether there is nothing around the body.
    pub fn is_plain(&self) -> bool {
        self.with.is_none() && self.order_by.is_empty() && self.limit.is_none() && self.offset.is_none()
    }
}

/// `WITH [RECURSIVE] cte, cte`
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct With {
    /// With the word RECURSIVE.
    pub recursive: bool,
    /// In order; a later one sees the earlier ones.
    pub tables: Vec<Cte>,
    /// Where it stands.
    pub span: Span,
}

/// `name [(columns)] AS (query)`
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Cte {
    /// Its name.
    pub name: Ident,
    /// New column names.
    pub columns: Vec<Ident>,
    /// The query.
    pub query: Query,
}

/// What gives the rows.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum QueryBody {
    /// SELECT
    Select(Box<Select>),
    /// VALUES
    Values(Values),
    /// `TABLE name`
    Table(ObjectName),
    /// A query in parentheses that has WITH, ORDER BY or LIMIT of its own.
    Nested(Box<Query>),
    /// UNION, INTERSECT, EXCEPT
    SetOperation(Box<SetOperation>),
}

/// `left UNION [ALL] right` and its family.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SetOperation {
    /// Which one.
    pub op: SetOperator,
    /// ALL keeps duplicates; without it they go.
    pub all: bool,
    /// Left input.
    pub left: QueryBody,
    /// Right input.
    pub right: QueryBody,
    /// Both inputs.
    pub span: Span,
}

/// Set operators; INTERSECT binds more tightly than the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SetOperator {
    /// `UNION`
    Union,
    /// `INTERSECT`
    Intersect,
    /// `EXCEPT`, `MINUS`
    Except,
}

/// `VALUES (a, b), (c, d)`
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Values {
    /// The rows; a row written without parentheses has one column.
    pub rows: Vec<ValuesRow>,
    /// Where it stands.
    pub span: Span,
}

/// One row of VALUES.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ValuesRow {
    /// The columns.
    pub exprs: Vec<Expr>,
    /// Where it stands.
    pub span: Span,
}

/// `SELECT …`
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Select {
    /// Hints after SELECT: `/*+ STATE_TTL('a' = '1d') */`.
    pub hints: Vec<Hint>,
    /// DISTINCT or ALL.
    pub quantifier: Option<SetQuantifier>,
    /// At least one item.
    pub items: Vec<SelectItem>,
    /// FROM; comma lists are joins of kind [`super::JoinKind::Comma`].
    pub from: Option<TableRef>,
    /// WHERE.
    pub selection: Option<Expr>,
    /// GROUP BY.
    pub group_by: Option<GroupBy>,
    /// HAVING.
    pub having: Option<Expr>,
    /// WINDOW.
    pub windows: Vec<NamedWindow>,
    /// QUALIFY.
    pub qualify: Option<Expr>,
    /// From SELECT to the last clause.
    pub span: Span,
}

/// One item of the select list.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum SelectItem {
    /// `expr [[AS] alias]`
    Expr {
        /// The value.
        expr: Expr,
        /// Its name.
        alias: Option<Ident>,
    },
    /// `*`
    Wildcard(Span),
    /// `t.*`, `row.*`, `t.row.*`
    QualifiedWildcard(ObjectName),
}

/// `GROUP BY [DISTINCT | ALL] elements`
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct GroupBy {
    /// DISTINCT drops equal grouping sets.
    pub quantifier: Option<SetQuantifier>,
    /// The elements.
    pub elements: Vec<GroupingElement>,
    /// Where it stands.
    pub span: Span,
}

/// An element of GROUP BY.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum GroupingElement {
    /// One expression.
    Expr(Expr),
    /// `()` or `(a, b)`
    Set(Vec<Expr>),
    /// `GROUPING SETS (…)`
    GroupingSets(Vec<GroupingElement>),
    /// `ROLLUP (…)`: each element an expression or a set.
    Rollup(Vec<GroupingElement>),
    /// `CUBE (…)`: each element an expression or a set.
    Cube(Vec<GroupingElement>),
}

/// One hint of `/*+ … */`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Hint {
    /// Its name (`OPTIONS`, `STATE_TTL`, `BROADCAST`, …), found without regard to case.
    pub name: Ident,
    /// Its arguments.
    pub args: HintArgs,
    /// Where it stands.
    pub span: Span,
}

/// A hint's arguments.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum HintArgs {
    /// No argument.
    None,
    /// `('k' = 'v', …)`
    Options(Vec<OptionEntry>),
    /// `(a, 'b', 3)`: names and literals as text.
    Items(Vec<StringLiteral>),
}
