//! Conditions move towards the scans as far as their meaning stays the same.

use nutkin_plan::Expr;

use super::determinism::{is_cheap, is_movable};
use crate::analyze::query::scan::substitute;
use crate::analyze::query::{split_and, temporal_and as and};
use crate::relational::{Calc, Rel, RelOp};

mod joins;

/// The tree with every condition as low as it may be.
pub(super) fn push_filters(mut rel: Rel) -> Rel {
    if let RelOp::Join(join) = &mut rel.op {
        joins::settle(join);
    }
    if let RelOp::Calc(Calc { input, condition: Some(condition), .. }) = &mut rel.op
        && let RelOp::Join(join) = &mut input.op
        && joins::narrow(join, condition)
    {
        input.schema = joins::narrowed_schema(join, &input.schema);
    }
    if let RelOp::Calc(calc) = &mut rel.op
        && let Some(condition) = calc.condition.take()
    {
        let mut kept = Vec::new();
        for conjunct in split_and(condition) {
            if let Some(back) = push(&mut calc.input, conjunct) {
                kept.push(back);
            }
        }
        calc.condition = and(kept);
    }
    for input in rel.inputs_mut() {
        let taken = std::mem::replace(input, Rel::one_row());
        *input = push_filters(taken);
    }
    rel
}

/// Puts `conjunct` (over the output of `rel`) into `rel`; gives it back when it cannot go there.
fn push(rel: &mut Rel, conjunct: Expr) -> Option<Expr> {
    if !is_movable(&conjunct) {
        return Some(conjunct);
    }
    match &mut rel.op {
        RelOp::Calc(calc) => into_calc(calc, conjunct),
        RelOp::Union(union) => {
            for input in &mut union.inputs {
                add(input, conjunct.clone());
            }
            None
        }
        RelOp::WindowFunction(op) => {
            let width = op.input.schema.len();
            below(&mut op.input, conjunct, |column| (column < width).then_some(column))
        }
        RelOp::Aggregate(op) => {
            let grouping = op.grouping.clone();
            below(&mut op.input, conjunct, |column| grouping.get(column).copied())
        }
        RelOp::WindowAggregate(op) => {
            let grouping = op.grouping.clone();
            below(&mut op.input, conjunct, |column| grouping.get(column).copied())
        }
        RelOp::TemporalJoin(op) => {
            // Versions must stay complete: a filter on the right would bring older versions back.
            let width = op.left.schema.len();
            below(&mut op.left, conjunct, |column| (column < width).then_some(column))
        }
        RelOp::Join(op) => joins::into_join(op, conjunct),
        RelOp::Correlate(op) => {
            let width = op.input.schema.len();
            below(&mut op.input, conjunct, |column| (column < width).then_some(column))
        }
        RelOp::Scan(_)
        | RelOp::Values(_)
        | RelOp::Limit(_)
        | RelOp::Over(_)
        | RelOp::Rank(_)
        | RelOp::Sort(_)
        | RelOp::Expand(_)
        | RelOp::GroupWindow(_)
        | RelOp::Match(_)
        | RelOp::LookupJoin(_) => Some(conjunct),
    }
}

/// Adds `conjunct` below an operator when all of its columns come from there unchanged. A condition without columns stays.
fn below(input: &mut Rel, conjunct: Expr, place: impl Fn(usize) -> Option<usize>) -> Option<Expr> {
    let columns = conjunct.inputs();
    if columns.is_empty() || columns.iter().any(|&column| place(column).is_none()) {
        return Some(conjunct);
    }
    let mut conjunct = conjunct;
    conjunct.map_inputs(&|column| place(column).unwrap_or(column));
    add(input, conjunct);
    None
}

/// Through a projection when the columns it reads are cheap there, so that nothing is computed twice.
fn into_calc(calc: &mut Calc, conjunct: Expr) -> Option<Expr> {
    let cheap = conjunct.inputs().iter().all(|&column| calc.projection.get(column).is_some_and(is_cheap));
    if !cheap {
        return Some(conjunct);
    }
    let mut conjunct = conjunct;
    substitute(&mut conjunct, &calc.projection);
    calc.condition = and(calc.condition.take().into_iter().chain([conjunct]).collect());
    None
}

/// A filter on top of `rel`, joined to one that is there.
fn add(rel: &mut Rel, conjunct: Expr) {
    if let RelOp::Calc(calc) = &mut rel.op {
        match into_calc(calc, conjunct) {
            None => return,
            Some(back) => {
                let taken = std::mem::replace(rel, Rel::one_row());
                *rel = taken.filter(back);
                return;
            }
        }
    }
    let taken = std::mem::replace(rel, Rel::one_row());
    *rel = taken.filter(conjunct);
}
