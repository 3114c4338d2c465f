//! [`Warning`]: what the statement advisor has to say (spec statements.md L-19, 3.5).

use serde::{Deserialize, Serialize};

/// How much a warning matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Severity {
    Low,
    Moderate,
    Critical,
}

/// One warning. The creation time is the control plane's to add.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    pub severity: Severity,
    /// Upper case with underscores, e.g. `MISSING_WINDOW_START_END`.
    pub reason: String,
    pub message: String,
}

impl Warning {
    /// True for warnings about state that is kept without end.
    pub(crate) fn is_about_state(&self) -> bool {
        self.reason == super::state_ttl::REASON
    }
}
