//! What the operators of an aggregation in two phases have in common: a local one folds the rows where they are, a global
//! one merges what the local ones send.

use nutkin_types::DataType;
use serde::{Deserialize, Serialize};

use crate::expr::AggregateCall;

/// A call whose partial results come as columns.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MergedCall {
    /// The call; its arguments are the columns of the partial state, in the order of the function's state types.
    pub call: AggregateCall,
    /// Types of the arguments that the partial results were made of.
    pub arg_types: Vec<DataType>,
}
