//! The table of aggregate functions. A new one is a new file plus a line here.

use super::AggregateFunction;

pub(super) const AGGREGATES: &[&AggregateFunction] = &[];
