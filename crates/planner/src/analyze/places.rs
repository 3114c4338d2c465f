//! Columns that are not there yet.
//!
//! While an expression is analysed, some of its values come from relations that are put together later: columns of an
//! outer query, results of sub-queries, aggregates over windows. Such a value is an input column of a number beyond every
//! real one, in a range of its own, until the relation that gives it is built.

use nutkin_plan::{Expr, ExprKind};
use nutkin_types::DataType;

/// Columns of the query around a sub-query: `OUTER * depth + column`, depth 1 for the next one.
pub(crate) const OUTER: usize = 1 << 24;
/// Results of sub-queries by number.
pub(crate) const SUBQUERY: usize = 1 << 48;
/// Aggregates over OVER windows by number.
pub(crate) const OVER: usize = 1 << 49;
/// The column that tells grouping sets apart.
pub(crate) const GROUPING_SET: usize = 1 << 50;
/// What is known of a group's window: its start and so on, by number.
pub(crate) const GROUP_WINDOW: usize = 1 << 51;

/// True for a column of an outer query.
pub(crate) fn is_outer(column: usize) -> bool {
    (OUTER..SUBQUERY).contains(&column)
}

/// True for anything that is not a column of the relation at hand.
pub(crate) fn is_elsewhere(column: usize) -> bool {
    column >= OUTER
}

/// True when `expr` reads a column of an outer query.
pub(crate) fn reads_outer(expr: &Expr) -> bool {
    any_input(expr, is_outer)
}

/// True when `test` holds for a column that `expr` reads.
pub(crate) fn any_input(expr: &Expr, test: impl Fn(usize) -> bool) -> bool {
    let mut found = false;
    expr.walk(&mut |part| {
        if let ExprKind::Input(column) = part.kind {
            found |= test(column);
        }
    });
    found
}

/// Replaces the placeholders `first..first + by.len()`.
pub(crate) fn fill(expr: &mut Expr, first: usize, by: &[Expr]) {
    if let ExprKind::Input(column) = expr.kind {
        if let Some(value) = column.checked_sub(first).and_then(|number| by.get(number)) {
            let data_type = expr.data_type.clone();
            *expr = value.clone();
            retype(expr, data_type);
        }
        return;
    }
    expr.children_mut().into_iter().for_each(|child| fill(child, first, by));
}

/// A value that may be NULL where its placeholder was said not to be, or the other way round, keeps the placeholder's type.
fn retype(expr: &mut Expr, data_type: DataType) {
    if expr.data_type.logical == data_type.logical {
        expr.data_type.nullable |= data_type.nullable;
    }
}
