//! Tests: pure parts, and a live cluster where `NUTKIN_TEST_KAFKA` names one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod live;
mod live_transaction;
mod pure;
mod round_trip;
