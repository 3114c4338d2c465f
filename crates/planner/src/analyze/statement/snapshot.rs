//! Snapshot queries (spec Q-18): every table as it is now, and the result once.
//!
//! The operators are those of streaming, over sources that end. That is the same as a batch where rows only pass through:
//! no row is ever taken back, and no time decides what counts. Such plans are let in. The others would send updates where one
//! final row is due, drop late rows that a batch counts, or give no row for an empty table where a batch gives one; they are
//! refused by name.

use nutkin_functions::{Determinism, registry};
use nutkin_plan::{Connector, Expr, ExprKind, Node, Operator, Plan};

use crate::error::{PlannerError, Result};

const REMEDY: &str = "Built so far in snapshot mode: filter, projection, UNION ALL and LIMIT over append-only tables. Leave \
    'sql.snapshot.mode' out, or set it to 'off': the hint /*+ OPTIONS('scan.bounded.mode' = 'latest-offset') */ after each \
    table makes a streaming query end too, with updates in its result.";

/// Refuses a plan whose result would not be that of a batch.
pub(super) fn check(plan: &Plan) -> Result<()> {
    let reads = plan.nodes.iter().any(|node| matches!(node.operator, Operator::TableSourceScan(_)));
    plan.nodes.iter().try_for_each(|node| match obstacle(plan, node, reads) {
        None => Ok(()),
        Some(what) => Err(PlannerError::not_built(format!("{what} in a snapshot query")).with_remedy(REMEDY)),
    })
}

/// What about the node is not built in snapshot mode.
fn obstacle(plan: &Plan, node: &Node, reads: bool) -> Option<String> {
    let name = node.operator.name();
    match &node.operator {
        Operator::TableSourceScan(scan) => {
            let table = plan.tables.get(scan.table)?;
            let bounded = matches!(table.connector, Connector::Kafka(_) | Connector::Memory);
            if !bounded {
                return Some(format!("Reading {}, which never ends,", table.path));
            }
        }
        Operator::Calc(calc) if reads => {
            let mut expressions = calc.projection.iter().chain(&calc.condition);
            if let Some(function) = expressions.find_map(dynamic_function) {
                return Some(format!("The function {function}, which is the same for all rows there,"));
            }
        }
        Operator::Values(_)
        | Operator::Calc(_)
        | Operator::Exchange(_)
        | Operator::Union(_)
        | Operator::Limit(_)
        | Operator::WindowTableFunction(_)
        | Operator::Sink(_) => {}
        _ => return Some(name.to_owned()),
    }
    (!node.changelog_mode.is_append()).then(|| format!("{name} of a table that is updated"))
}

/// A function that a batch evaluates once, at its start, and streaming for each row.
fn dynamic_function(expression: &Expr) -> Option<String> {
    let mut found = None;
    expression.walk(&mut |part| {
        if let ExprKind::Call { function, .. } = &part.kind
            && registry::lookup(function).is_some_and(|known| known.determinism == Determinism::Dynamic)
        {
            found = Some(function.clone());
        }
    });
    found
}
