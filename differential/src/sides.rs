//! The two engines.

pub mod flink;
mod http;
pub mod json;
pub mod nutkin;
