//! The statement advisor: warnings about statements that run, but not well (spec statements.md 3.5). One file per warning.

mod non_deterministic;
mod primary_key;
mod session_partition;
mod state_ttl;
mod warning;
mod window_bounds;

pub use warning::{Severity, Warning};
pub(crate) use window_bounds::window_bounds;

use nutkin_plan::Plan;

/// The warnings that a finished plan gives rise to.
pub(crate) fn of_plan(plan: &Plan) -> Vec<Warning> {
    let of_keys = primary_key::check(plan).into_iter();
    let of_operators = [state_ttl::check(plan), session_partition::check(plan), non_deterministic::check(plan)];
    of_keys.chain(of_operators.into_iter().flatten()).collect()
}
