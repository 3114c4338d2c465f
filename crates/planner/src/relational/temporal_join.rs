//! Event-time temporal join (spec Q-08).

use nutkin_plan::Expr;
use nutkin_plan::operators::TemporalJoinKind;

use super::Rel;

/// Output: left columns, then right columns.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TemporalJoin {
    pub left: Box<Rel>,
    pub right: Box<Rel>,
    pub kind: TemporalJoinKind,
    pub left_keys: Vec<usize>,
    pub right_keys: Vec<usize>,
    pub left_time: usize,
    pub right_time: usize,
    /// Over left columns followed by right columns.
    pub condition: Option<Expr>,
}

impl TemporalJoin {
    pub(super) fn inputs(&self) -> Vec<&Rel> {
        vec![&self.left, &self.right]
    }

    pub(super) fn inputs_mut(&mut self) -> Vec<&mut Rel> {
        vec![&mut self.left, &mut self.right]
    }
}
