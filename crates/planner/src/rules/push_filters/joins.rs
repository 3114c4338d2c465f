//! Conditions of joins and above joins: to the side that they speak of, and into the join.

use nutkin_plan::operators::JoinKind;
use nutkin_plan::{Expr, ExprKind};

use super::{add, is_movable};
use crate::analyze::query::{split_and, temporal_and as and};
use crate::relational::{Join, JoinBound, join_schema};

/// Which side an expression reads.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Neither,
    Left,
    Right,
    Both,
}

fn side(expr: &Expr, width: usize) -> Side {
    let inputs = expr.inputs();
    match (inputs.iter().any(|&c| c < width), inputs.iter().any(|&c| c >= width)) {
        (false, false) => Side::Neither,
        (true, false) => Side::Left,
        (false, true) => Side::Right,
        (true, true) => Side::Both,
    }
}

/// Puts a condition over the join's output into the join or below it; gives it back when it must stay above.
pub(super) fn into_join(join: &mut Join, conjunct: Expr) -> Option<Expr> {
    let width = join.left.schema.len();
    match (side(&conjunct, width), join.kind) {
        _ if join.bound != JoinBound::None => Some(conjunct),
        (Side::Left, JoinKind::Inner | JoinKind::Left | JoinKind::Semi | JoinKind::Anti) => {
            add(&mut join.left, conjunct);
            None
        }
        (Side::Right, JoinKind::Inner | JoinKind::Right) => {
            add(&mut join.right, moved(conjunct, width));
            None
        }
        (Side::Both, JoinKind::Inner) => {
            join.condition = and(join.condition.take().into_iter().chain([conjunct]).collect());
            None
        }
        _ => Some(conjunct),
    }
}

/// Puts what the join's own condition says of one side below it.
pub(super) fn settle(join: &mut Join) {
    if join.bound != JoinBound::None {
        return;
    }
    let width = join.left.schema.len();
    let mut kept = Vec::new();
    for conjunct in join.condition.take().into_iter().flat_map(split_and) {
        let movable = is_movable(&conjunct);
        match (side(&conjunct, width), join.kind) {
            (Side::Left, JoinKind::Inner | JoinKind::Right | JoinKind::Semi) if movable => {
                add(&mut join.left, conjunct)
            }
            (Side::Right, JoinKind::Inner | JoinKind::Left | JoinKind::Semi | JoinKind::Anti) if movable => {
                add(&mut join.right, moved(conjunct, width));
            }
            _ => kept.push(conjunct),
        }
    }
    join.condition = and(kept);
}

fn moved(mut conjunct: Expr, width: usize) -> Expr {
    conjunct.map_inputs(&|column| column - width);
    conjunct
}

/// An outer join whose filled rows are thrown away by the condition above is a smaller one. True when it was changed.
pub(super) fn narrow(join: &mut Join, above: &Expr) -> bool {
    let width = join.left.schema.len();
    let conjuncts = split_and(above.clone());
    let rejects = |left: bool| conjuncts.iter().any(|c| rejects_null(c, &|column| (column < width) == left));
    let kind = match join.kind {
        JoinKind::Left if rejects(false) => JoinKind::Inner,
        JoinKind::Right if rejects(true) => JoinKind::Inner,
        JoinKind::Full => match (rejects(true), rejects(false)) {
            (true, true) => JoinKind::Inner,
            // Rows without a left match are thrown away.
            (true, false) => JoinKind::Left,
            (false, true) => JoinKind::Right,
            (false, false) => return false,
        },
        _ => return false,
    };
    join.kind = kind;
    true
}

/// The columns after [`narrow`], under the names that they have.
pub(super) fn narrowed_schema(join: &Join, schema: &nutkin_types::Schema) -> nutkin_types::Schema {
    let fresh = join_schema(&join.left.schema, &join.right.schema, join.kind);
    nutkin_types::Schema::new(
        fresh
            .columns
            .iter()
            .zip(schema.columns.iter())
            .map(|(new, old)| nutkin_types::Column { name: old.name.clone(), ..new.clone() }),
    )
}

/// True when the condition is not TRUE wherever all columns of `of` are NULL.
fn rejects_null(condition: &Expr, of: &impl Fn(usize) -> bool) -> bool {
    match &condition.kind {
        ExprKind::Call { function, args } => match function.as_str() {
            "=" | "<>" | "<" | "<=" | ">" | ">=" | "LIKE" => args.iter().any(|arg| is_null_with(arg, of)),
            "IS NOT NULL" | "IS TRUE" => args.iter().any(|arg| is_null_with(arg, of) || rejects_null(arg, of)),
            "AND" => args.iter().any(|arg| rejects_null(arg, of)),
            "OR" => args.iter().all(|arg| rejects_null(arg, of)),
            _ => false,
        },
        ExprKind::Input(column) => of(*column),
        _ => false,
    }
}

/// True when the value is NULL wherever all columns of `of` are.
fn is_null_with(expr: &Expr, of: &impl Fn(usize) -> bool) -> bool {
    match &expr.kind {
        ExprKind::Input(column) => of(*column),
        ExprKind::Cast { arg, .. } | ExprKind::Field { arg, .. } => is_null_with(arg, of),
        ExprKind::Call { function, args } => match function.as_str() {
            "+" | "-" | "*" | "/" | "%" | "||" | "UPPER" | "LOWER" | "ABS" => {
                args.iter().any(|arg| is_null_with(arg, of))
            }
            _ => false,
        },
        _ => false,
    }
}
