//! Tests of the plan room.

mod ids;
mod window;
