//! The stored statement.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::lifecycle::State;
use crate::resources::Resource;

/// Its id in the store is the statement's uid.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Statement {
    pub environment: String,
    pub name: String,
    pub sql: String,
    pub properties: BTreeMap<String, String>,
    pub compute_pool: String,
    pub principal: String,
    pub labels: BTreeMap<String, String>,
    pub state: State,
    /// Set when the statement was analysed.
    #[serde(default)]
    pub traits: Option<nutkin_api::sql::StatementTraits>,
    #[serde(default)]
    pub warnings: Vec<nutkin_api::sql::StatementWarning>,
    /// The physical plan of a statement with a job: a versioned cache of the text and the frozen tables in it.
    #[serde(default)]
    pub plan: Option<serde_json::Value>,
    /// CFUs that its job needs.
    #[serde(default = "one")]
    pub cfus: u32,
    /// Topic to offsets; only while stopped (spec E-03).
    #[serde(default)]
    pub latest_offsets: BTreeMap<String, String>,
    #[serde(default)]
    pub latest_offsets_at: Option<i64>,
    /// The most recent ones first, at most ten (spec L-18).
    #[serde(default)]
    pub exceptions: Vec<StatementException>,
    /// When it reached a terminal phase.
    #[serde(default)]
    pub ended_at: Option<i64>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StatementException {
    pub name: String,
    pub message: String,
    pub at: i64,
}

fn one() -> u32 {
    1
}

impl Statement {
    /// Puts `exception` before the earlier ones and forgets the eleventh.
    pub fn add_exception(&mut self, exception: StatementException) {
        self.exceptions.insert(0, exception);
        self.exceptions.truncate(10);
    }
}

impl Resource for Statement {
    const KIND: &'static str = "statement";
    const TITLE: &'static str = "Statement";
    const PREFIX: &'static str = "st";

    fn parent(&self) -> &str {
        &self.environment
    }

    fn unique_name(&self) -> Option<&str> {
        Some(&self.name)
    }
}
