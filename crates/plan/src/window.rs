//! Time windows of the window table functions (spec Q-03).

use serde::{Deserialize, Serialize};

/// How rows are put into windows. All times are milliseconds; `offset` shifts the windows' alignment to the epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum WindowSpec {
    Tumble {
        size: i64,
        offset: i64,
    },
    Hop {
        slide: i64,
        size: i64,
        offset: i64,
    },
    /// Windows that grow by `step` up to `max` and then start again.
    Cumulate {
        step: i64,
        max: i64,
        offset: i64,
    },
    /// Windows that end when `gap` has passed without a row. Unlike the others they depend on the rows: there are no
    /// slices, and the window that a row opens by itself is `[time, time + gap)`.
    Session {
        gap: i64,
    },
}

impl WindowSpec {
    /// Length of the slices that every window of this kind is put together from.
    pub fn slice_size(&self) -> i64 {
        match *self {
            WindowSpec::Tumble { size, .. } => size,
            WindowSpec::Hop { slide, size, .. } => gcd(slide, size),
            WindowSpec::Cumulate { step, .. } => step,
            WindowSpec::Session { gap } => gap,
        }
    }

    pub fn offset(&self) -> i64 {
        match *self {
            WindowSpec::Tumble { offset, .. }
            | WindowSpec::Hop { offset, .. }
            | WindowSpec::Cumulate { offset, .. } => offset,
            WindowSpec::Session { .. } => 0,
        }
    }

    /// End (exclusive) of the slice that holds `timestamp`.
    pub fn slice_end(&self, timestamp: i64) -> i64 {
        if let WindowSpec::Session { gap } = *self {
            return timestamp + gap;
        }
        let size = self.slice_size();
        let start = timestamp - (timestamp - self.offset()).rem_euclid(size);
        start + size
    }

    /// `(start, end)` of every window that holds the slice ending at `slice_end`, earliest end first.
    pub fn windows_of_slice(&self, slice_end: i64) -> Vec<(i64, i64)> {
        match *self {
            WindowSpec::Tumble { size, .. } => vec![(slice_end - size, slice_end)],
            WindowSpec::Session { gap } => vec![(slice_end - gap, slice_end)],
            WindowSpec::Hop { slide, size, offset } => {
                // Ends lie at offset + k * slide + size; the window must cover the slice.
                let remainder = (slice_end - offset - size).rem_euclid(slide);
                let first = if remainder == 0 { slice_end } else { slice_end + slide - remainder };
                let last = slice_end - self.slice_size() + size;
                (0..).map(|k| first + k * slide).take_while(|&end| end <= last).map(|end| (end - size, end)).collect()
            }
            WindowSpec::Cumulate { step, max, offset } => {
                let start = slice_end - step - (slice_end - step - offset).rem_euclid(max);
                (1..=max / step)
                    .map(|k| start + k * step)
                    .filter(|&end| end >= slice_end)
                    .map(|end| (start, end))
                    .collect()
            }
        }
    }

    /// The last slice end that still belongs to the window ending at `window_end`, and the first: slices in `(first, last]`
    /// steps of [`WindowSpec::slice_size`] make up the window.
    pub fn slices_of_window(&self, start: i64, end: i64) -> impl Iterator<Item = i64> + use<> {
        let size = self.slice_size();
        (0..(end - start) / size).map(move |k| start + (k + 1) * size)
    }

    /// `TUMBLE`, `HOP`, `CUMULATE` or `SESSION`.
    pub fn function(&self) -> &'static str {
        match self {
            WindowSpec::Tumble { .. } => "TUMBLE",
            WindowSpec::Hop { .. } => "HOP",
            WindowSpec::Cumulate { .. } => "CUMULATE",
            WindowSpec::Session { .. } => "SESSION",
        }
    }
}

fn gcd(a: i64, b: i64) -> i64 {
    if b == 0 { a.abs() } else { gcd(b, a % b) }
}
