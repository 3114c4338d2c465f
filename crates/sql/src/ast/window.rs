//! OVER windows and sort orders.

use super::{Expr, Ident};
use crate::span::Span;

/// `OVER name` or `OVER (…)`
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Over {
    /// A window of the WINDOW clause.
    Name(Ident),
    /// A window written in place.
    Spec(WindowSpec),
}

/// `([base] [PARTITION BY …] [ORDER BY …] [ROWS | RANGE …])`
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct WindowSpec {
    /// A named window that this one refines.
    pub base: Option<Ident>,
    /// PARTITION BY.
    pub partition_by: Vec<Expr>,
    /// ORDER BY.
    pub order_by: Vec<OrderItem>,
    /// The frame.
    pub frame: Option<WindowFrame>,
    /// Where it stands.
    pub span: Span,
}

/// `name AS (window)` of the WINDOW clause.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct NamedWindow {
    /// The name.
    pub name: Ident,
    /// The window.
    pub spec: WindowSpec,
}

/// `ROWS | RANGE bound`, `ROWS | RANGE BETWEEN bound AND bound`
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct WindowFrame {
    /// ROWS or RANGE.
    pub unit: FrameUnit,
    /// First row.
    pub start: FrameBound,
    /// Last row; absent in the short form (CURRENT ROW).
    pub end: Option<FrameBound>,
    /// Where it stands.
    pub span: Span,
}

/// How a frame counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FrameUnit {
    /// By rows.
    Rows,
    /// By values of the order column.
    Range,
}

/// A frame's end.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum FrameBound {
    /// `CURRENT ROW`
    CurrentRow,
    /// `UNBOUNDED PRECEDING`
    UnboundedPreceding,
    /// `UNBOUNDED FOLLOWING`
    UnboundedFollowing,
    /// `n PRECEDING`
    Preceding(Box<Expr>),
    /// `n FOLLOWING`
    Following(Box<Expr>),
}

/// One item of ORDER BY.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct OrderItem {
    /// What is sorted by.
    pub expr: Expr,
    /// ASC or DESC as written; ascending when absent.
    pub direction: Option<SortDirection>,
    /// NULLS FIRST or LAST as written.
    pub nulls: Option<NullsOrder>,
}

impl OrderItem {
    /// Whether it sorts downwards.
    pub fn is_descending(&self) -> bool {
        self.direction == Some(SortDirection::Desc)
    }
}

/// Sort direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SortDirection {
    /// `ASC`
    Asc,
    /// `DESC`
    Desc,
}

/// Where NULLs go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NullsOrder {
    /// `NULLS FIRST`
    First,
    /// `NULLS LAST`
    Last,
}
