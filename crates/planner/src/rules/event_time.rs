//! Scans make watermarks only where something above needs event time.

use nutkin_plan::{Expr, ExprKind};

use crate::relational::{Rel, RelOp};

pub(super) fn drop_unused_time(mut rel: Rel) -> Rel {
    walk(&mut rel, false);
    rel
}

fn walk(rel: &mut Rel, needed: bool) {
    let needed = needed
        || match &rel.op {
            RelOp::WindowFunction(_) | RelOp::WindowAggregate(_) | RelOp::TemporalJoin(_) => true,
            RelOp::Calc(calc) => calc.projection.iter().chain(&calc.condition).any(reads_watermark),
            _ => false,
        };
    if let RelOp::Scan(scan) = &mut rel.op
        && !needed
    {
        scan.time = None;
    }
    for input in rel.inputs_mut() {
        walk(input, needed);
    }
}

fn reads_watermark(expr: &Expr) -> bool {
    let mut found = false;
    expr.walk(&mut |part| {
        found |= matches!(&part.kind, ExprKind::Call { function, .. } if function == "CURRENT_WATERMARK");
    });
    found
}
