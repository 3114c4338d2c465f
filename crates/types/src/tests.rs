//! Tests of the type room.

mod moments;
mod values;
mod widening;
