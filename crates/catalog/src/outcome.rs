//! What becomes of a statement that was handed to the catalog.

use std::collections::BTreeMap;

use nutkin_plan::Plan;
use nutkin_planner::Warning;
use nutkin_types::Schema;

/// A statement to carry out.
#[derive(Debug, Clone)]
pub struct StatementRequest {
    /// The same on every try: what a first try that crashed already made (the table of a CTAS) is recognised by it.
    pub uid: String,
    pub name: String,
    pub sql: String,
    pub properties: BTreeMap<String, String>,
    /// The one that the statement belongs to: `env-...`
    pub environment: String,
    pub sees: Sees,
}

/// Which environments are there for the principal of a statement: others are neither found nor listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sees {
    Everything,
    /// `env-...`
    Environment(String),
}

impl Sees {
    pub(crate) fn environment(&self, id: &str) -> bool {
        match self {
            Sees::Everything => true,
            Sees::Environment(only) => only == id,
        }
    }
}

/// `traits` of the statement resource (spec L-06).
#[derive(Debug, Clone, PartialEq)]
pub struct Traits {
    /// `SELECT`, `CREATE_TABLE`, ...
    pub sql_kind: String,
    pub is_bounded: bool,
    pub is_append_only: bool,
    pub upsert_columns: Option<Vec<usize>>,
    /// Columns of the result; None for a statement without one.
    pub schema: Option<Schema>,
}

/// A small result that is complete: every cell is text or NULL.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ResultTable {
    pub rows: Vec<Vec<Option<String>>>,
}

#[derive(Debug)]
pub enum Outcome {
    /// Done. `detail` is what `status.detail` says, such as `Table 'orders' created`.
    Executed { traits: Traits, result: ResultTable, detail: String, warnings: Vec<Warning> },
    /// A data plane must run this.
    Job { traits: Traits, plan: Box<Plan>, warnings: Vec<Warning> },
}
