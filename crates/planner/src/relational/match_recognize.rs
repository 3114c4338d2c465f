//! MATCH_RECOGNIZE.

use nutkin_plan::operators::SortKey;
use nutkin_plan::operators::match_recognize::{AfterMatch, Definition, Measure, Pattern};

use super::Rel;

/// Output: partition columns, then measures.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Match {
    pub input: Box<Rel>,
    pub partition: Vec<usize>,
    pub order: Vec<SortKey>,
    pub pattern: Pattern,
    pub defines: Vec<Definition>,
    pub measures: Vec<Measure>,
    pub after_match: AfterMatch,
    pub within: Option<i64>,
}

super::one_input!(Match);
