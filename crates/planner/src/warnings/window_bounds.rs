//! Warning 3: GROUP BY holds only one bound of a window.

use super::{Severity, Warning};

/// `start`, `end`: whether `window_start` and `window_end` are grouping keys.
pub(crate) fn window_bounds(start: bool, end: bool) -> Warning {
    let (present, missing) = match (start, end) {
        (true, _) => ("window_start", "window_end"),
        (false, _) => ("window_end", "window_start"),
    };
    Warning {
        severity: Severity::Moderate,
        reason: "MISSING_WINDOW_START_END".to_owned(),
        message: format!(
            "Your query contains only \"{present}\" in the GROUP BY clause, with no corresponding \"{missing}\". This means that the query is considered a regular aggregation query and not a windowed aggregation, which can result in unexpected, continuously updating output and higher CFU consumption. if you want a windowed aggregation in your query, ensure that you include both \"window_start\" and \"window_end\" in the GROUP BY clause. For more information, see https://cnfl.io/regular_vs_window_aggregation."
        ),
    }
}
