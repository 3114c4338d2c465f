//! A window table function: TUMBLE, HOP, CUMULATE.

use nutkin_plan::WindowSpec;

use super::Rel;

/// Each input row once per window, with `window_start`, `window_end` and `window_time` appended.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct WindowFunction {
    pub input: Box<Rel>,
    pub window: WindowSpec,
    /// The rowtime column of the input.
    pub time_column: usize,
    /// Only of SESSION: the rows of a window agree in these columns of the input.
    pub partition: Vec<usize>,
}

impl WindowFunction {
    pub(super) fn inputs(&self) -> Vec<&Rel> {
        vec![&self.input]
    }

    pub(super) fn inputs_mut(&mut self) -> Vec<&mut Rel> {
        vec![&mut self.input]
    }
}
