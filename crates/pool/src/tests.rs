//! Tests of the pool room.

mod cells;
mod json;
