//! StreamCorrelate: rows that a table function makes of each input row: UNNEST, LATERAL TABLE (spec Q-09).

use nutkin_types::Schema;
use serde::{Deserialize, Serialize};

use crate::expr::Expr;

/// The call of a table function.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TableFunctionCall {
    /// Canonical upper-case name: `UNNEST`, `UNNEST_WITH_ORDINALITY`, `REPLICATE_ROWS`.
    pub function: String,
    /// Over the input columns.
    pub args: Vec<Expr>,
    /// Columns of the rows that it gives.
    pub rows: Schema,
}

/// Output: input columns, then the function's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Correlate {
    pub call: TableFunctionCall,
    /// Over input columns followed by the function's; only rows where it is TRUE count.
    pub condition: Option<Expr>,
    /// An input row without any row of the function stays, with NULLs.
    pub outer: bool,
}
