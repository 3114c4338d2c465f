//! Tests of the type room.

mod values;
mod widening;
