//! Tests of the control room.

mod attach;
mod lifecycle;
mod seal;
mod store;
