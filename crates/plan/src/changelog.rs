//! Which kinds of change a stream or table may hold.

use std::fmt::{Display, Formatter};

use serde::{Deserialize, Serialize};

/// The three modes of Confluent's `changelog.mode` option and of Flink's plans (spec S002-010).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChangelogMode {
    /// Only +I.
    Append,
    /// +I, +U and -D by key; no -U.
    Upsert,
    /// +I, -U, +U and -D: a row that goes is sent in full.
    Retract,
}

impl ChangelogMode {
    /// The word used in options and EXPLAIN.
    pub fn name(self) -> &'static str {
        match self {
            ChangelogMode::Append => "append",
            ChangelogMode::Upsert => "upsert",
            ChangelogMode::Retract => "retract",
        }
    }

    /// The mode of that name, or None.
    pub fn from_name(name: &str) -> Option<ChangelogMode> {
        match name {
            "append" => Some(ChangelogMode::Append),
            "upsert" => Some(ChangelogMode::Upsert),
            "retract" => Some(ChangelogMode::Retract),
            _ => None,
        }
    }

    pub fn is_append(self) -> bool {
        self == ChangelogMode::Append
    }
}

impl Display for ChangelogMode {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
