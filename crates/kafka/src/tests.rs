//! Tests: pure parts, and a live cluster where `NUTKIN_TEST_KAFKA` names one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod live;
mod live_faults;
mod live_secured;
mod live_transaction;
mod pure;
mod rate;
mod round_trip;
