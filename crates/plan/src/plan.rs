//! [`Plan`]: a graph of operators over frozen tables.

use nutkin_types::Schema;
use serde::{Deserialize, Serialize};

use crate::changelog::ChangelogMode;
use crate::ids::OperatorId;
use crate::operators::Operator;
use crate::table::Table;

/// Version of the serialised form. A plan of another version is made again from the statement's text.
pub const PLAN_VERSION: u32 = 1;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    pub version: u32,
    /// Tables that scans and sinks name by position.
    pub tables: Vec<Table>,
    /// Operators, inputs before consumers. An operator with several consumers is computed once.
    pub nodes: Vec<Node>,
    /// The session time zone (IANA name or offset) that time functions use.
    pub time_zone: String,
    /// How all sources treat time.
    #[serde(default, skip_serializing_if = "ScanTiming::is_default")]
    pub scan: ScanTiming,
    /// `table.exec.mini-batch.size` where mini-batches are on: the most rows that are folded before aggregations without
    /// windows put out results. None leaves it to the engine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mini_batch_rows: Option<u32>,
}

/// Settings of event time that hold for all sources of a statement (spec sql.md 2.2 and 2.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ScanTiming {
    /// `sql.tables.scan.idle-timeout` in milliseconds: None is progressive (15 s growing to 5 min), zero never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idle_timeout: Option<i64>,
    /// `sql.tables.scan.watermark-alignment.max-allowed-drift` in milliseconds: None is [`ScanTiming::DEFAULT_DRIFT`],
    /// zero switches alignment off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowed_drift: Option<i64>,
}

impl ScanTiming {
    /// Five minutes.
    pub const DEFAULT_DRIFT: i64 = 300_000;

    /// Milliseconds that a source may be ahead of the slowest; None when it need not wait.
    pub fn max_drift(&self) -> Option<i64> {
        Some(self.allowed_drift.unwrap_or(Self::DEFAULT_DRIFT)).filter(|&drift| drift > 0)
    }

    fn is_default(&self) -> bool {
        *self == ScanTiming::default()
    }
}

/// One operator in its place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Node {
    pub id: OperatorId,
    pub operator: Operator,
    /// Positions of the inputs in [`Plan::nodes`]; always smaller than this node's own.
    pub inputs: Vec<usize>,
    /// Columns of the output; of the input for a sink.
    pub schema: Schema,
    /// Changes that the output may hold.
    pub changelog_mode: ChangelogMode,
    /// Column sets that identify a row of the output; empty when unknown. The first is the one EXPLAIN prints.
    pub upsert_keys: Vec<Vec<usize>>,
}

#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    #[error("the stored plan cannot be read: {0}")]
    Unreadable(#[from] serde_json::Error),
    #[error("the stored plan has version {found}, this release writes {PLAN_VERSION}")]
    Version { found: u32 },
    #[error("the plan is inconsistent at operator {operator}: {problem}")]
    Inconsistent { operator: OperatorId, problem: String },
}

impl Plan {
    pub fn new(time_zone: impl Into<String>) -> Plan {
        Plan {
            version: PLAN_VERSION,
            tables: Vec::new(),
            nodes: Vec::new(),
            time_zone: time_zone.into(),
            scan: ScanTiming::default(),
            mini_batch_rows: None,
        }
    }

    pub fn to_json(&self) -> Result<String, PlanError> {
        Ok(serde_json::to_string(self)?)
    }

    /// Reads a stored plan and checks that it is whole.
    pub fn from_json(text: &str) -> Result<Plan, PlanError> {
        #[derive(Deserialize)]
        struct Head {
            version: u32,
        }
        let head: Head = serde_json::from_str(text)?;
        if head.version != PLAN_VERSION {
            return Err(PlanError::Version { found: head.version });
        }
        let plan: Plan = serde_json::from_str(text)?;
        plan.check()?;
        Ok(plan)
    }

    /// Checks what every reader relies on: inputs come first, arity fits, tables exist, ids are unique.
    pub fn check(&self) -> Result<(), PlanError> {
        let mut ids = std::collections::HashSet::new();
        for (position, node) in self.nodes.iter().enumerate() {
            let fail = |problem: String| PlanError::Inconsistent { operator: node.id.clone(), problem };
            if !ids.insert(&node.id) {
                return Err(fail("the id is used twice".to_owned()));
            }
            if let Some(input) = node.inputs.iter().find(|&&input| input >= position) {
                return Err(fail(format!("input {input} does not come before node {position}")));
            }
            if !node.operator.accepts_inputs(node.inputs.len()) {
                return Err(fail(format!("{} with {} inputs", node.operator.name(), node.inputs.len())));
            }
            if let Some(table) = node.operator.table().filter(|&table| table >= self.tables.len()) {
                return Err(fail(format!("table {table} of {}", self.tables.len())));
            }
        }
        Ok(())
    }

    /// Positions of the nodes that read node `position`.
    pub fn consumers(&self, position: usize) -> impl Iterator<Item = usize> + '_ {
        let reads = move |(i, node): (usize, &Node)| node.inputs.contains(&position).then_some(i);
        self.nodes.iter().enumerate().filter_map(reads)
    }

    /// Positions of the sinks.
    pub fn sinks(&self) -> impl Iterator<Item = usize> + '_ {
        self.nodes.iter().enumerate().filter_map(|(i, node)| matches!(node.operator, Operator::Sink(_)).then_some(i))
    }
}
