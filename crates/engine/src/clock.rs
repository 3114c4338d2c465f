//! Time as the engine sees it: handed in, so that a whole job can run on virtual time.

use std::fmt::Debug;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures::future::BoxFuture;

/// Wall clock and timer of a job.
pub trait Clock: Send + Sync + Debug {
    /// Milliseconds since the epoch. May jump; used for idleness, pacing and the functions of the current time.
    fn now_millis(&self) -> i64;

    /// Ends after `duration`.
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()>;
}

/// The machine's clock and the runtime's timers.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now_millis(&self) -> i64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}

/// A clock that starts at a given instant and follows the runtime's timers, which tests pause and advance.
#[derive(Debug, Clone, Copy)]
pub struct RuntimeClock {
    start: tokio::time::Instant,
    at_start: i64,
}

impl RuntimeClock {
    /// A clock that shows `at_start` (milliseconds since the epoch) now.
    pub fn starting_at(at_start: i64) -> RuntimeClock {
        RuntimeClock { start: tokio::time::Instant::now(), at_start }
    }
}

impl Clock for RuntimeClock {
    fn now_millis(&self) -> i64 {
        self.at_start + i64::try_from(self.start.elapsed().as_millis()).unwrap_or(i64::MAX)
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}
