//! Trying again: exponential pauses with jitter, until a deadline.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use crate::{ClientConfig, Error, Result};

/// One operation's retries.
#[derive(Debug)]
pub(crate) struct Retry {
    operation: String,
    started: Instant,
    limit: Duration,
    pause: Duration,
    max_pause: Duration,
}

impl Retry {
    /// Retries of `operation` for at most the configured API time-out.
    pub fn new(config: &ClientConfig, operation: impl Into<String>) -> Self {
        Self::within(config, operation, config.api_timeout)
    }

    /// Retries of `operation` for at most `limit`.
    pub fn within(config: &ClientConfig, operation: impl Into<String>, limit: Duration) -> Self {
        Self {
            operation: operation.into(),
            started: Instant::now(),
            limit,
            pause: config.retry_backoff,
            max_pause: config.retry_backoff_max,
        }
    }

    /// Sleeps before the next attempt.
    ///
    /// # Errors
    /// `error` itself when trying again cannot help, [`Error::TimedOut`] when time is over.
    pub async fn after(&mut self, error: Error) -> Result<()> {
        if !error.is_retriable() {
            return Err(error);
        }
        let elapsed = self.started.elapsed();
        if elapsed >= self.limit {
            return Err(Error::TimedOut {
                operation: self.operation.clone(),
                after: elapsed,
                last: Some(Arc::new(error)),
            });
        }
        tracing::debug!(operation = %self.operation, %error, "retrying");
        let pause = jitter(self.pause).min(self.limit - elapsed);
        self.pause = (self.pause * 2).min(self.max_pause);
        tokio::time::sleep(pause).await;
        Ok(())
    }
}

/// Between 80 % and 120 %, so that clients that failed together do not come back together.
fn jitter(pause: Duration) -> Duration {
    let random = getrandom::u32().unwrap_or(u32::MAX / 2);
    pause.mul_f64(0.8 + 0.4 * f64::from(random) / f64::from(u32::MAX))
}
