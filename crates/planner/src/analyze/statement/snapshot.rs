//! Snapshot queries (spec Q-18): every table as it is now, and the result once.
//!
//! The operators are those of streaming, over sources that end. Aggregations and tables that are updated by a key wait for the
//! end, and no watermark makes a row late, so that plans of these give what a batch gives. The others would send updates
//! where one final row is due; they are refused by name.

use nutkin_functions::{Determinism, registry};
use nutkin_plan::{Connector, Expr, ExprKind, Node, Operator, Plan};

use crate::error::{PlannerError, Result};

const REMEDY: &str = "Built so far in snapshot mode: filter, projection, GROUP BY, windows by TUMBLE, HOP and CUMULATE, OVER, ORDER BY, UNION ALL and LIMIT. Leave \
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
        Operator::GroupAggregate(aggregate) if aggregate.at_end => {}
        Operator::ChangelogNormalize(normalize) if normalize.at_end => return None,
        Operator::OverAggregate(over) if over.at_end => {}
        Operator::Values(_)
        | Operator::WindowAggregate(_)
        | Operator::LocalWindowAggregate(_)
        | Operator::GlobalWindowAggregate(_)
        | Operator::Expand(_)
        | Operator::Sort(_)
        | Operator::Calc(_)
        | Operator::Exchange(_)
        | Operator::Union(_)
        | Operator::Limit(_)
        | Operator::WindowTableFunction(_)
        | Operator::Sink(_) => {}
        _ => return Some(name.to_owned()),
    }
    // What a table sends is put in order by the operator that waits for its end.
    let is_completed = |position: usize| {
        plan.consumers(position).all(|consumer| match &plan.nodes[consumer].operator {
            Operator::ChangelogNormalize(normalize) => normalize.at_end,
            Operator::GroupAggregate(aggregate) => aggregate.at_end,
            Operator::Sort(_) => true,
            _ => !plan.nodes[consumer].changelog_mode.is_append(),
        })
    };
    let position = plan.nodes.iter().position(|other| other.id == node.id);
    if position.is_some_and(is_completed) && !matches!(node.operator, Operator::Sink(_)) {
        return None;
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
