//! Warning 2: an operator of high state size keeps its state for ever, or a join all rows of two streams.

use nutkin_plan::{Node, Operator, Plan};

use super::{Severity, Warning};
use crate::explain::state_size::{StateSize, state_size, state_ttl};

/// What the warning is called.
pub(super) const REASON: &str = "HIGH_STATE_INTENSIVE_OPERATOR_WITHOUT_TTL";

pub(super) fn check(plan: &Plan) -> Option<Warning> {
    let is_high = |node: &Node| {
        state_size(&node.operator) == Some(StateSize::High)
            || (matches!(node.operator, Operator::Join(_)) && node.inputs.iter().all(|&input| only_grows(plan, input)))
    };
    let endless = plan.nodes.iter().any(|node| is_high(node) && state_ttl(&node.operator).is_none());
    endless.then(|| Warning {
        severity: Severity::Moderate,
        reason: REASON.to_owned(),
        message: "Your query includes one or more highly state-intensive operators but does not set a time-to-live (TTL) value, which means that the system potentially needs to store an infinite amount of state. This can result in a DEGRADED statement and higher CFU consumption. If possible, change your query to use a different operator, or set a time-to-live (TTL) value. For more information, see https://cnfl.io/high_state_intensive_operators.".to_owned(),
    })
}

/// True of rows that never go and have no key by which they could be few.
fn only_grows(plan: &Plan, node: usize) -> bool {
    plan.nodes.get(node).is_some_and(|node| {
        node.changelog_mode.is_append()
            && node.upsert_keys.is_empty()
            && !matches!(node.operator, Operator::Values(_))
            && (node.inputs.is_empty() || node.inputs.iter().any(|&input| only_grows(plan, input)))
    })
}
