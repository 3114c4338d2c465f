//! EXPLAIN: the text of a plan (spec operations.md 4.6).

use nutkin_plan::Plan;

use crate::warning::Warning;

/// The plan as text.
pub fn explain(_plan: &Plan, _warnings: &[Warning]) -> String {
    String::from("== Physical Plan ==\n")
}
