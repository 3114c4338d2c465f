//! GROUP BY over both bounds of a window.

use nutkin_plan::AggregateCall;
use nutkin_plan::operators::{WindowInput, WindowProperty};

use super::Rel;

/// Output: grouping columns, calls, window properties.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct WindowAggregate {
    pub input: Box<Rel>,
    /// Columns of the input besides the window's own.
    pub grouping: Vec<usize>,
    pub calls: Vec<AggregateCall>,
    pub window: WindowInput,
    pub properties: Vec<WindowProperty>,
}

impl WindowAggregate {
    pub(super) fn inputs(&self) -> Vec<&Rel> {
        vec![&self.input]
    }

    pub(super) fn inputs_mut(&mut self) -> Vec<&mut Rel> {
        vec![&mut self.input]
    }

    /// The input columns that say which window a row is in.
    pub fn window_columns(&self) -> Vec<usize> {
        match self.window {
            WindowInput::Assign { time_column, .. } => vec![time_column],
            WindowInput::Attached { start_column, end_column, .. } => vec![start_column, end_column],
        }
    }
}
