//! EXPLAIN (spec D-23): the planner's text.

use crate::outcome::Outcome;
use crate::result::{row, table};

pub(crate) fn explain(sql_kind: String, text: String) -> Outcome {
    table(sql_kind, &["Plan"], vec![row([text])])
}
