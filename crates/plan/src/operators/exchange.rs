//! StreamExchange: sends rows to the task that owns their key.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Exchange {
    pub kind: ExchangeKind,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum ExchangeKind {
    /// By key group of these columns.
    Hash(Vec<usize>),
    /// Everything to one task.
    Single,
}
