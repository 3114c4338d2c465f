//! Scans make watermarks only where something above needs event time, and only of tables without end: where all rows are there
//! time stands still until the last, so that none is late.

use nutkin_plan::{Expr, ExprKind};

use crate::relational::{JoinBound, Rel, RelOp};

pub(super) fn drop_unused_time(mut rel: Rel, ends: bool) -> Rel {
    walk(&mut rel, false, ends);
    rel
}

fn walk(rel: &mut Rel, needed: bool, ends: bool) {
    let needed = needed
        || match &rel.op {
            RelOp::WindowFunction(_)
            | RelOp::WindowAggregate(_)
            | RelOp::TemporalJoin(_)
            | RelOp::GroupWindow(_)
            | RelOp::Match(_) => true,
            RelOp::Join(join) => join.bound != JoinBound::None,
            RelOp::Over(over) => over.order.first().is_some_and(|key| is_time(&over.input, key.column)),
            RelOp::Rank(rank) => rank.window.is_some() || rank.deduplicates().is_some(),
            RelOp::Sort(sort) => sort.is_temporal(),
            RelOp::Calc(calc) => calc.projection.iter().chain(&calc.condition).any(reads_watermark),
            _ => false,
        };
    if let RelOp::Scan(scan) = &mut rel.op
        && (!needed || ends)
    {
        scan.time = None;
    }
    for input in rel.inputs_mut() {
        walk(input, needed, ends);
    }
}

fn reads_watermark(expr: &Expr) -> bool {
    let mut found = false;
    expr.walk(&mut |part| {
        found |= matches!(&part.kind, ExprKind::Call { function, .. } if function == "CURRENT_WATERMARK");
    });
    found
}

fn is_time(input: &Rel, column: usize) -> bool {
    input.column(column).is_some_and(nutkin_types::Column::is_rowtime)
}
