//! Tests of the format room.
