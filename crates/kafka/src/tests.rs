//! Tests: pure parts, and live clusters where `NUTKIN_TEST_KAFKA` and `NUTKIN_TEST_KAFKA_SECURED` name them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod buffers;
mod live;
mod live_faults;
mod live_secured;
mod live_transaction;
mod lz4;
mod pure;
mod rate;
mod round_trip;

/// What the environment says about an outside part; None, after saying so, without it. In CI nothing is skipped.
fn setting(name: &str, what: &str) -> Option<String> {
    use std::io::Write as _;
    let value = std::env::var(name).ok();
    if value.is_none() {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "{name} names no {what}, and in CI nothing is skipped");
        // Unlike what is printed, this is seen of a test that passes.
        let case = std::thread::current().name().unwrap_or("a test").to_owned();
        let _ = writeln!(std::io::stderr(), "skipped: {case}: {name} names no {what}");
    }
    value
}
