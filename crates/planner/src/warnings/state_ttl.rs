//! Warning 2: an operator of high state size keeps its state for ever.

use nutkin_plan::Plan;

use super::{Severity, Warning};
use crate::explain::state_size::{StateSize, state_size, state_ttl};

/// What the warning is called.
pub(super) const REASON: &str = "HIGH_STATE_INTENSIVE_OPERATOR_WITHOUT_TTL";

pub(super) fn check(plan: &Plan) -> Option<Warning> {
    let endless = plan
        .nodes
        .iter()
        .any(|node| state_size(&node.operator) == Some(StateSize::High) && state_ttl(&node.operator).is_none());
    endless.then(|| Warning {
        severity: Severity::Moderate,
        reason: REASON.to_owned(),
        message: "Your query includes one or more highly state-intensive operators but does not set a time-to-live (TTL) value, which means that the system potentially needs to store an infinite amount of state. This can result in a DEGRADED statement and higher CFU consumption. If possible, change your query to use a different operator, or set a time-to-live (TTL) value. For more information, see https://cnfl.io/high_state_intensive_operators.".to_owned(),
    })
}
