//! UNION ALL.

use super::Rel;

/// All rows of all inputs, which have the same column types.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Union {
    pub inputs: Vec<Rel>,
}

impl Union {
    pub(super) fn inputs(&self) -> Vec<&Rel> {
        self.inputs.iter().collect()
    }

    pub(super) fn inputs_mut(&mut self) -> Vec<&mut Rel> {
        self.inputs.iter_mut().collect()
    }
}
