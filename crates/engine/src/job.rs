//! Jobs: what they are started with, how they are talked to, what they report.

pub mod context;
pub mod event;
pub mod handle;
pub mod metrics;
pub mod obstacle;
pub mod results;
pub mod spec;
