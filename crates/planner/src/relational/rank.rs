//! Rows by their rank: Top-N and deduplication, also within windows.

use nutkin_plan::WindowSpec;
use nutkin_plan::operators::{RankFunction, RankRange, SortKey, WindowColumns};

use super::Rel;

/// Rows whose rank is in `range`. Output: input columns, then the rank where it `outputs_rank`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Rank {
    pub input: Box<Rel>,
    pub function: RankFunction,
    /// Without the bounds of `window`.
    pub partition: Vec<usize>,
    pub order: Vec<SortKey>,
    pub range: RankRange,
    pub outputs_rank: bool,
    /// Set when the rows of a partition are in the same window.
    pub window: Option<(WindowSpec, WindowColumns)>,
}

super::one_input!(Rank);

impl Rank {
    /// The time attribute that rows are deduplicated by, and whether the last row stays: ROW_NUMBER() = 1 over one time
    /// attribute.
    pub fn deduplicates(&self) -> Option<(usize, bool)> {
        let [key] = self.order.as_slice() else { return None };
        let is_first = self.range == RankRange::Constant { start: 1, end: 1 };
        let is_time = self.input.column(key.column).is_some_and(|column| column.time_attribute.is_some());
        (is_first && is_time && self.function == RankFunction::RowNumber).then_some((key.column, key.descending))
    }
}
