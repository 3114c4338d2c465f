//! Warning 5: a row that is taken back may not be the row that was sent.
//!
//! An update takes the old row back by sending it again. A value that is computed anew each time (RAND, UUID, the time of day)
//! is then another one, and whoever keeps rows by their values does not find the row.

use nutkin_functions::{Determinism, registry};
use nutkin_plan::operators::ExchangeKind;
use nutkin_plan::{Expr, ExprKind, Node, Operator, Plan};

use super::{Severity, Warning};

pub(super) fn check(plan: &Plan) -> Option<Warning> {
    let (column, function) =
        plan.nodes.iter().enumerate().find_map(|(position, node)| changing(plan, position, node))?;
    Some(Warning {
        severity: Severity::Critical,
        reason: "NON_DETERMINISTIC_UPDATES".to_owned(),
        message: format!(
            "The column \"{column}\" calls {function}, which gives another value each time, on rows that are updated. The old row of an update cannot be found again by its values, so that the result can be wrong. If possible, compute the column on append-only rows, keep a key of the rows in the query, or leave the function out."
        ),
    })
}

/// A column of the projection that changes from one evaluation to the next where that matters, and the function.
fn changing(plan: &Plan, position: usize, node: &Node) -> Option<(String, String)> {
    let Operator::Calc(calc) = &node.operator else { return None };
    if node.changelog_mode.is_append() {
        return None;
    }
    let found =
        calc.projection.iter().zip(node.schema.columns.iter()).enumerate().find_map(|(place, (expr, column))| {
            let function = function(expr)?;
            // With a key the row is found by that, unless the value decides where the row goes.
            let matters = node.upsert_keys.is_empty() || sends_by(plan, position, place);
            matters.then(|| (column.name.clone(), function))
        });
    found.or_else(|| calc.condition.as_ref().and_then(function).map(|function| ("WHERE".to_owned(), function)))
}

fn sends_by(plan: &Plan, position: usize, column: usize) -> bool {
    plan.consumers(position).any(|consumer| match &plan.nodes[consumer].operator {
        Operator::Exchange(exchange) => matches!(&exchange.kind, ExchangeKind::Hash(keys) if keys.contains(&column)),
        _ => false,
    })
}

/// A function in the expression whose value is another one when a row is sent again.
fn function(expr: &Expr) -> Option<String> {
    let mut found = None;
    expr.walk(&mut |part| {
        if let ExprKind::Call { function, .. } = &part.kind
            && registry::lookup(function).is_none_or(|known| known.determinism != Determinism::Deterministic)
        {
            found = Some(function.clone());
        }
    });
    found
}
