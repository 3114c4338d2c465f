//! Rows that a table function makes of each row.

use nutkin_plan::Expr;
use nutkin_plan::operators::TableFunctionCall;

use super::Rel;

/// Output: input columns, then the function's.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Correlate {
    pub input: Box<Rel>,
    pub call: TableFunctionCall,
    /// Over input columns followed by the function's.
    pub condition: Option<Expr>,
    /// A row without any row of the function stays.
    pub outer: bool,
}

super::one_input!(Correlate);
