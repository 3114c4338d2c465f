//! LIMIT without ORDER BY.

use super::Rel;

/// Passes rows `offset..offset + fetch`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Limit {
    pub input: Box<Rel>,
    pub offset: u64,
    pub fetch: u64,
}

impl Limit {
    pub(super) fn inputs(&self) -> Vec<&Rel> {
        vec![&self.input]
    }

    pub(super) fn inputs_mut(&mut self) -> Vec<&mut Rel> {
        vec![&mut self.input]
    }
}
