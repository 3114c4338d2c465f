//! From a parsed statement to a physical plan: analysis, relational plan, optimizer rules, streaming plan, EXPLAIN and
//! warnings. Pure: tables come through [`Tables`], nothing is read or written.
//!
//! The way of a statement: [`analyze`] resolves names and types and gives a relational tree; rules move filters and
//! columns towards the scans; the physical planner chooses exchanges, changelog modes and keys; the result is one
//! [`nutkin_plan::Plan`] that [`explain`] prints and the engine runs.

mod analyze;
pub mod analyzed;
mod error;
mod explain;
mod physical;
mod relational;
mod rules;
mod selectivity;
pub mod session;
mod tables;
mod warnings;

pub use analyze::{
    AnalyzedExpression, analyze, analyze_expression, function_references, plan_create_table_as, table_schema,
};
pub use analyzed::{
    Action, Analyzed, AsQuery, CreateFunction, CreateTable, CreateView, Distribution, Execution, Show, TableChange,
    Use, ViewChange,
};
pub use error::{ErrorKind, PlannerError, Result};
pub use explain::explain;
pub use session::Session;
pub use tables::{
    TableStatistics, Tables, ViewDefinition, resolve_catalog, resolve_database, resolve_path, resolve_table,
};
pub use warnings::{Severity, Warning};

#[cfg(test)]
mod tests;
