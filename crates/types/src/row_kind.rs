//! The four kinds of change in a changelog.

use std::fmt::{Display, Formatter};

use serde::{Deserialize, Serialize};

/// Kind of one change, with Flink's byte values: they are also the wire values of the `op` header and of results
/// (spec sql.md 2.3, statements.md 3.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[repr(u8)]
pub enum RowKind {
    Insert = 0,
    UpdateBefore = 1,
    UpdateAfter = 2,
    Delete = 3,
}

impl RowKind {
    /// The kind of byte value `value`, or None.
    pub fn from_byte(value: u8) -> Option<RowKind> {
        match value {
            0 => Some(RowKind::Insert),
            1 => Some(RowKind::UpdateBefore),
            2 => Some(RowKind::UpdateAfter),
            3 => Some(RowKind::Delete),
            _ => None,
        }
    }

    /// True for +I and +U: the row is part of the table after the change.
    pub fn adds(self) -> bool {
        matches!(self, RowKind::Insert | RowKind::UpdateAfter)
    }

    /// +1 for a row that comes, -1 for one that goes.
    pub fn sign(self) -> i64 {
        if self.adds() { 1 } else { -1 }
    }

    /// `+I`, `-U`, `+U`, `-D`.
    pub fn short(self) -> &'static str {
        match self {
            RowKind::Insert => "+I",
            RowKind::UpdateBefore => "-U",
            RowKind::UpdateAfter => "+U",
            RowKind::Delete => "-D",
        }
    }
}

impl Display for RowKind {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.short())
    }
}
