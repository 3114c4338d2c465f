//! ORDER BY, with or without LIMIT.

use nutkin_plan::operators::SortKey;

use super::Rel;

/// All rows in order, or rows `offset..offset + fetch` of it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Sort {
    pub input: Box<Rel>,
    pub order: Vec<SortKey>,
    /// Offset and number of rows.
    pub limit: Option<(u64, u64)>,
}

super::one_input!(Sort);

impl Sort {
    /// True when the first key is a time attribute, ascending: rows can be sorted as time passes.
    pub fn is_temporal(&self) -> bool {
        let is_time = |key: &SortKey| self.input.column(key.column).is_some_and(|c| c.time_attribute.is_some());
        self.order.first().is_some_and(|key| !key.descending && is_time(key))
    }
}
