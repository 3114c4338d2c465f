//! EXPLAIN: the text of a plan (spec operations.md 4.6).
//!
//! Read from the plan alone, so that what is shown is what runs. Operators are numbered as they stand in the plan: inputs
//! before consumers, left before right.

use nutkin_plan::Plan;

use crate::error::{ErrorKind, PlannerError, Result};
use crate::warnings::Warning;
use estimate::Estimates;

mod details;
pub(crate) mod estimate;
mod json;
pub(crate) mod state_size;
mod tree;

/// The plan, the details of its operators that matter, and the warnings, as text.
pub fn explain(plan: &Plan, warnings: &[Warning]) -> String {
    let mut text = String::from("== Physical Plan ==\n");
    text.push_str(&tree::tree(plan));
    text.push_str("\n== Physical Details ==\n");
    text.push_str(&details::details(plan));
    if !warnings.is_empty() {
        text.push_str("\n== Warnings ==\n");
        for warning in warnings {
            text.push_str("\n[Warning] ");
            text.push_str(&warning.message);
            text.push('\n');
        }
    }
    text
}

/// The same as JSON, with estimates.
pub(crate) fn explain_json(plan: &Plan, warnings: &[Warning], estimates: &Estimates) -> Result<String> {
    json::json(plan, warnings, estimates).map_err(|error| PlannerError::new(ErrorKind::Internal, error.to_string()))
}

/// The section that ESTIMATED_COST adds to the text: one line per operator, then the sums and what they rest on.
pub(crate) fn estimated_cost(plan: &Plan, estimates: &Estimates) -> String {
    let mut text = String::from("\n== Estimated Cost ==\n\n");
    for (position, (node, estimate)) in plan.nodes.iter().zip(&estimates.operators).enumerate() {
        text.push_str(&format!(
            "[{}] {}: {:.0} rows/s, {:.0} bytes of state, {:.3} CFU\n",
            position + 1,
            node.operator.name(),
            estimate.rows_per_second,
            estimate.state_bytes,
            estimate.cfus
        ));
    }
    let assumed = &estimates.assumptions;
    text.push_str(&format!(
        "\nAll: {:.0} bytes of state, {:.0} CFU\nAssumed: {}{:.0} % different keys, state of {:.0} h without a time to live, {:.0} % utilization\n",
        estimates.state_bytes,
        estimates.cfus,
        if estimates.from_statistics {
            String::new()
        } else {
            format!("{:.0} rows/s of tables without statistics, ", assumed.source_rows_per_second)
        },
        assumed.distinct_share * 100.0,
        assumed.state_horizon_seconds / 3600.0,
        assumed.target_utilization * 100.0
    ));
    text
}
