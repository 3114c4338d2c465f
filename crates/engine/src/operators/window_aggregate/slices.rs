//! [`Slices`]: in which slice a row falls, and which windows are put together from which slices.
//!
//! Rows that carry their window are in a slice that is the window itself. All times are local (see [`WindowZone`]).

use arrow_array::cast::AsArray;
use arrow_array::types::TimestampMillisecondType;
use nutkin_plan::WindowSpec;
use nutkin_plan::operators::{GlobalWindowAggregate, WindowInput};
use nutkin_types::{Batch, LogicalType, Schema};

use crate::error::{Failure, Result};
use crate::operators::time::{WindowZone, event_times};

/// A window in local milliseconds, ordered by end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::operators) struct Window {
    pub end: i64,
    pub start: i64,
}

/// The column that says where a row is.
#[derive(Debug, Clone, Copy)]
enum Place {
    Time(usize),
    End(usize),
}

#[derive(Debug, Clone, Copy)]
pub(in crate::operators) struct Slices {
    window: WindowSpec,
    place: Place,
    is_attached: bool,
    pub zone: WindowZone,
}

impl Slices {
    /// Of rows as they are.
    pub fn of_rows(input: &WindowInput, zone: WindowZone) -> Slices {
        match *input {
            WindowInput::Assign { window, time_column } => {
                Slices { window, place: Place::Time(time_column), is_attached: false, zone }
            }
            WindowInput::Attached { window, end_column, .. } => {
                Slices { window, place: Place::End(end_column), is_attached: true, zone }
            }
        }
    }

    /// Of what a first phase sends.
    pub fn of_partials(plan: &GlobalWindowAggregate, zone: WindowZone) -> Slices {
        Slices { window: plan.window, place: Place::End(plan.end_column), is_attached: plan.is_attached, zone }
    }

    /// End of the slice of each row.
    pub fn ends(&self, batch: &Batch) -> Result<Vec<i64>> {
        match self.place {
            Place::Time(column) => {
                let times = event_times(batch.column(column))?;
                Ok(times.values().iter().map(|&time| self.window.slice_end(self.zone.local(time))).collect())
            }
            Place::End(column) => {
                let ends = batch.column(column).as_primitive_opt::<TimestampMillisecondType>();
                let ends = ends.ok_or_else(|| Failure::internal("the end of a window is not TIMESTAMP(3)"))?;
                Ok(ends.values().to_vec())
            }
        }
    }

    /// Windows that the slice ending at `end` belongs to, earliest end first.
    pub fn windows_of(&self, end: i64) -> Vec<Window> {
        if !self.is_attached {
            let windows = self.window.windows_of_slice(end).into_iter();
            return windows.map(|(start, end)| Window { end, start }).collect();
        }
        // The start follows from the kind of window.
        let start = match self.window {
            WindowSpec::Tumble { size, .. } | WindowSpec::Hop { size, .. } => end - size,
            WindowSpec::Session { gap } => end - gap,
            WindowSpec::Cumulate { step, max, offset } => end - step - (end - step - offset).rem_euclid(max),
        };
        vec![Window { end, start }]
    }

    /// Ends of the slices that make up a window.
    pub fn slices_of(&self, window: Window) -> Vec<i64> {
        match self.is_attached {
            false => self.window.slices_of_window(window.start, window.end).collect(),
            true => vec![window.end],
        }
    }
}

/// True when the windows of `input` are made of TIMESTAMP_LTZ.
pub(in crate::operators) fn is_instant(input: &WindowInput, schema: &Schema) -> Result<bool> {
    let time_column = match *input {
        WindowInput::Assign { time_column, .. } => time_column,
        WindowInput::Attached { is_instant, .. } => return Ok(is_instant),
    };
    let column = schema.columns.get(time_column);
    let column = column.ok_or_else(|| Failure::internal("a window over a column that is not there"))?;
    Ok(matches!(column.data_type.logical, LogicalType::TimestampLtz { .. }))
}
