//! Constant rows.

use nutkin_types::{Schema, Value};

use super::Rel;

/// Rows written in the statement. One row without columns stands for a SELECT without FROM.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Values {
    pub rows: Vec<Vec<Value>>,
}

impl Values {
    pub(super) fn inputs(&self) -> Vec<&Rel> {
        Vec::new()
    }

    pub(super) fn inputs_mut(&mut self) -> Vec<&mut Rel> {
        Vec::new()
    }
}

impl Rel {
    /// One row without columns.
    pub fn one_row() -> Rel {
        Rel::new(Values { rows: vec![Vec::new()] }, Schema::new([]))
    }
}
