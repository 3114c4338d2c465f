//! How large a plan may become where names stand for queries: tables of WITH and views.
//!
//! The parser bounds what is written; a name that stands for a query multiplies it, so that thirty lines could make a billion
//! operators, or a tree that is too high to be walked.

use nutkin_sql::Span;

use crate::analyze::Analyzer;
use crate::error::{ErrorKind, PlannerError, Result};
use crate::relational::Rel;

/// Operators that names may stand for, all together.
const MOST: usize = 200_000;
/// Operators above each other.
const HIGHEST: usize = 2_000;

/// Counts `rel`, which the name at `span` stands for.
pub(super) fn take(analyzer: &Analyzer<'_>, rel: &Rel, span: Span) -> Result<()> {
    let mut height = 0;
    let mut open = vec![(rel, 1)];
    while let Some((rel, level)) = open.pop() {
        height = height.max(level);
        let taken = analyzer.taken.get() + 1;
        analyzer.taken.set(taken);
        if taken > MOST || height > HIGHEST {
            let cause = format!(
                "The query is too large: its views and tables of WITH stand for more than {MOST} operators, or for more than \
                 {HIGHEST} above each other"
            );
            return Err(PlannerError::new(ErrorKind::Query, cause)
                .with_remedy("Write an inner part to a table with INSERT or CREATE TABLE AS, and read that.")
                .at(span));
        }
        open.extend(rel.inputs().into_iter().map(|input| (input, level + 1)));
    }
    Ok(())
}
