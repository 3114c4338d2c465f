//! Tests of the control room.

mod lifecycle;
mod store;
