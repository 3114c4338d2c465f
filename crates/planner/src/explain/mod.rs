//! EXPLAIN: the text of a plan (spec operations.md 4.6).
//!
//! Read from the plan alone, so that what is shown is what runs. Operators are numbered as they stand in the plan: inputs
//! before consumers, left before right.

use nutkin_plan::Plan;

use crate::warnings::Warning;

mod details;
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
