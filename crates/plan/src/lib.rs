//! The physical plan as data.
//!
//! The planner writes it, EXPLAIN prints it, the engine runs it, the control plane stores it: one value for all, without
//! behaviour. Operators carry the names, keys and changelog modes of Flink's exec nodes so that a plan can be laid beside
//! the one that Apache Flink compiles. Operator ids come from meaning, not from position ([`ids`]), so that state is found
//! again after an upgrade or an evolution of the SQL.

pub mod changelog;
pub mod expr;
pub mod ids;
pub mod operators;
pub mod plan;
pub mod table;
pub mod window;

pub use changelog::ChangelogMode;
pub use expr::{AggregateCall, CastFailure, Expr, ExprKind};
pub use ids::OperatorId;
pub use operators::Operator;
pub use plan::{Node, PLAN_VERSION, Plan, PlanError, ScanTiming};
pub use table::{Connector, Table, TablePath};
pub use window::WindowSpec;

#[cfg(test)]
mod tests;
