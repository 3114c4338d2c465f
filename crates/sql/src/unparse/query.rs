//! Queries.

use super::{List, optional, word};
use crate::ast::{
    Cte, GroupBy, GroupingElement, Hint, HintArgs, Query, QueryBody, Select, SelectItem, SetOperation, SetOperator,
    Values, ValuesRow, With,
};
use std::fmt::{self, Display, Formatter};

impl Display for Query {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if let Some(with) = &self.with {
            write!(f, "{with} ")?;
        }
        self.body.fmt(f)?;
        if !self.order_by.is_empty() {
            write!(f, " ORDER BY {}", List(&self.order_by))?;
        }
        optional(f, "LIMIT ", self.limit.as_ref())?;
        optional(f, "OFFSET ", self.offset.as_ref())
    }
}

impl Display for With {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("WITH ")?;
        word(f, self.recursive, "RECURSIVE")?;
        List(&self.tables).fmt(f)
    }
}

impl Display for Cte {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.name.fmt(f)?;
        super::optional_list(f, "", &self.columns)?;
        write!(f, " AS ({})", self.query)
    }
}

impl Display for QueryBody {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            QueryBody::Select(select) => select.fmt(f),
            QueryBody::Values(values) => values.fmt(f),
            QueryBody::Table(name) => write!(f, "TABLE {name}"),
            QueryBody::Nested(query) => write!(f, "({query})"),
            QueryBody::SetOperation(operation) => operation.fmt(f),
        }
    }
}

/// How tightly a set operator binds.
fn tightness(op: SetOperator) -> u8 {
    match op {
        SetOperator::Union | SetOperator::Except => 1,
        SetOperator::Intersect => 2,
    }
}

/// An input of a set operation: in parentheses when it is a looser one.
struct Input<'a>(&'a QueryBody, u8);

impl Display for Input<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            QueryBody::SetOperation(inner) if tightness(inner.op) < self.1 => write!(f, "({inner})"),
            body => body.fmt(f),
        }
    }
}

impl Display for SetOperation {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let own = tightness(self.op);
        let op = match self.op {
            SetOperator::Union => "UNION",
            SetOperator::Intersect => "INTERSECT",
            SetOperator::Except => "EXCEPT",
        };
        let all = if self.all { " ALL" } else { "" };
        let (left, right) = (Input(&self.left, own), Input(&self.right, own + 1));
        write!(f, "{left} {op}{all} {right}")
    }
}

impl Display for Values {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "VALUES {}", List(&self.rows))
    }
}

impl Display for ValuesRow {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.exprs.as_slice() {
            // A row in the only column must not be taken for the columns.
            [only] if matches!(only.kind, crate::ast::ExprKind::Row { .. }) => {
                write!(f, "ROW({only})")
            }
            [] => f.write_str("ROW()"),
            exprs => write!(f, "({})", List(exprs)),
        }
    }
}

impl Display for Select {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("SELECT ")?;
        if !self.hints.is_empty() {
            write!(f, "/*+ {} */ ", List(&self.hints))?;
        }
        if let Some(quantifier) = self.quantifier {
            write!(f, "{quantifier} ")?;
        }
        List(&self.items).fmt(f)?;
        optional(f, "FROM ", self.from.as_ref())?;
        optional(f, "WHERE ", self.selection.as_ref())?;
        optional(f, "", self.group_by.as_ref())?;
        optional(f, "HAVING ", self.having.as_ref())?;
        if !self.windows.is_empty() {
            write!(f, " WINDOW {}", List(&self.windows))?;
        }
        optional(f, "QUALIFY ", self.qualify.as_ref())
    }
}

impl Display for SelectItem {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            SelectItem::Wildcard(_) => f.write_str("*"),
            SelectItem::QualifiedWildcard(name) => write!(f, "{name}.*"),
            SelectItem::Expr { expr, alias } => {
                expr.fmt(f)?;
                optional(f, "AS ", alias.as_ref())
            }
        }
    }
}

impl Display for GroupBy {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("GROUP BY ")?;
        if let Some(quantifier) = self.quantifier {
            write!(f, "{quantifier} ")?;
        }
        List(&self.elements).fmt(f)
    }
}

impl Display for GroupingElement {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            GroupingElement::Expr(expr) => expr.fmt(f),
            GroupingElement::Set(exprs) => write!(f, "({})", List(exprs)),
            GroupingElement::GroupingSets(sets) => write!(f, "GROUPING SETS ({})", List(sets)),
            GroupingElement::Rollup(sets) => write!(f, "ROLLUP ({})", List(sets)),
            GroupingElement::Cube(sets) => write!(f, "CUBE ({})", List(sets)),
        }
    }
}

impl Display for Hint {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.name.fmt(f)?;
        match &self.args {
            HintArgs::None => Ok(()),
            HintArgs::Options(entries) => write!(f, "({})", List(entries)),
            HintArgs::Items(items) => write!(f, "({})", List(items)),
        }
    }
}
