//! Aggregates over the rows around each row.

use nutkin_plan::AggregateCall;
use nutkin_plan::operators::{Frame, SortKey};

use super::Rel;

/// Output: input columns, then one column per call.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Over {
    pub input: Box<Rel>,
    pub partition: Vec<usize>,
    pub order: Vec<SortKey>,
    pub frame: Frame,
    pub calls: Vec<AggregateCall>,
    /// Results are put out once, when the input has ended.
    pub at_end: bool,
}

super::one_input!(Over);
