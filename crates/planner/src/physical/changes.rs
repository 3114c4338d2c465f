//! Which kinds of change a relation can hold besides inserts.

use nutkin_plan::ChangelogMode;

use crate::relational::{Rel, RelOp};

/// Kinds of change besides +I.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Changes {
    pub update: bool,
    pub delete: bool,
}

impl Changes {
    pub const NONE: Changes = Changes { update: false, delete: false };
    const ALL: Changes = Changes { update: true, delete: true };

    pub fn is_append(self) -> bool {
        !self.update && !self.delete
    }

    fn or(self, other: Changes) -> Changes {
        Changes { update: self.update || other.update, delete: self.delete || other.delete }
    }

    /// `update`, `delete` or `update and delete`, for errors.
    pub fn name(self) -> &'static str {
        match (self.update, self.delete) {
            (true, true) => "update and delete",
            (false, true) => "delete",
            _ => "update",
        }
    }
}

/// The changes that `rel` can hold.
pub(crate) fn changes(rel: &Rel) -> Changes {
    match &rel.op {
        RelOp::Scan(scan) if scan.table.changelog_mode == ChangelogMode::Append => Changes::NONE,
        RelOp::Scan(_) => Changes::ALL,
        RelOp::Values(_) | RelOp::WindowAggregate(_) => Changes::NONE,
        RelOp::Aggregate(op) if changes(&op.input).is_append() => Changes { update: true, delete: false },
        RelOp::Aggregate(_) => Changes::ALL,
        RelOp::TemporalJoin(op) => changes(&op.left),
        // A filter can turn an update into a delete.
        RelOp::Calc(op) if op.condition.is_some() && !changes(&op.input).is_append() => Changes::ALL,
        RelOp::Calc(_) | RelOp::Union(_) | RelOp::WindowFunction(_) | RelOp::Limit(_) => {
            rel.inputs().into_iter().map(changes).fold(Changes::NONE, Changes::or)
        }
    }
}
