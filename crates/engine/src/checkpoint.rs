//! What a checkpoint's manifest says: the engine's part of it.

use std::collections::BTreeMap;

use nutkin_functions::keys::{KEY_GROUPS, KEY_HASH_VERSION};
use nutkin_plan::{OperatorId, Plan};
use nutkin_state::{FileRef, Manifest};
use serde::{Deserialize, Serialize};

use crate::commit::PreparedTransaction;
use crate::error::{Failure, FailureKind, Result};

/// Version of [`CheckpointBody`] and of the state files it refers to.
const BODY_VERSION: u32 = 1;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct CheckpointBody {
    pub version: u32,
    pub key_groups: usize,
    pub key_hash_version: u32,
    /// Sources and operators by id.
    pub operators: BTreeMap<OperatorId, Vec<SubtaskState>>,
    /// Flushed transactions that must be committed.
    pub transactions: Vec<PreparedTransaction>,
    /// Highest epoch per marker group, once the transactions above are committed.
    pub markers: BTreeMap<String, u64>,
    /// True when all inputs had ended: there is nothing to go on with.
    pub finished: bool,
}

/// What one subtask keeps for one operator.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct SubtaskState {
    pub subtask: u32,
    #[serde(default, skip_serializing_if = "serde_json::Value::is_null")]
    pub meta: serde_json::Value,
    /// Files per table, oldest first.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tables: BTreeMap<String, Vec<FileRef>>,
}

impl CheckpointBody {
    pub fn new() -> CheckpointBody {
        CheckpointBody {
            version: BODY_VERSION,
            key_groups: KEY_GROUPS,
            key_hash_version: KEY_HASH_VERSION,
            operators: BTreeMap::new(),
            transactions: Vec::new(),
            markers: BTreeMap::new(),
            finished: false,
        }
    }

    /// Reads the engine's part and checks that this release and `plan` can go on from it.
    pub fn read(manifest: &Manifest, plan: &Plan) -> Result<CheckpointBody> {
        let refuse = |problem: String| Failure::new(FailureKind::Incompatible, problem);
        let body: CheckpointBody = serde_json::from_value(manifest.body.clone())
            .map_err(|error| refuse(format!("checkpoint {} cannot be read: {error}", manifest.epoch)))?;
        if (body.version, body.key_groups, body.key_hash_version) != (BODY_VERSION, KEY_GROUPS, KEY_HASH_VERSION) {
            return Err(refuse(format!("checkpoint {} was written by another release", manifest.epoch)));
        }
        // State that no operator would take up again must not be lost silently.
        let known = |id: &OperatorId| plan.nodes.iter().any(|node| node.id == *id);
        if let Some(id) = body.operators.keys().find(|id| !known(id)) {
            return Err(refuse(format!(
                "checkpoint {} holds state of operator {id}, which the plan does not have. Start a new statement, or one \
                 with the plan it was written by",
                manifest.epoch
            )));
        }
        Ok(body)
    }

    /// Every file that must be kept with this checkpoint.
    pub fn files(&self) -> Vec<FileRef> {
        let states = self.operators.values().flatten().flat_map(|state| state.tables.values().flatten());
        states.chain(self.transactions.iter().flat_map(|t| &t.batches)).cloned().collect()
    }
}
