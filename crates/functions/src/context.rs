//! What an expression may know besides its row: options at compile time, clock and watermark at run time.

use crate::time::zone::TimeZone;

/// Settings that an expression is compiled with.
#[derive(Debug, Clone, Default)]
pub struct EvaluatorOptions {
    /// Session time zone (`sql.local-time-zone`, spec 2.2).
    pub time_zone: TimeZone,
}

/// What is true while one batch is evaluated. Clocks are handed in, so that a run can be replayed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EvaluationContext {
    /// Wall clock, milliseconds since 1970-01-01 UTC. In streaming it is what CURRENT_TIMESTAMP and its kin return.
    pub now_millis: i64,
    /// Start of the query for bounded queries, where CURRENT_TIMESTAMP and its kin are fixed; None in streaming.
    pub query_start_millis: Option<i64>,
    /// Watermark of the operator's input in epoch milliseconds; None before the first one.
    pub current_watermark: Option<i64>,
}

impl EvaluationContext {
    /// Streaming evaluation at `now_millis` without a watermark yet.
    pub fn streaming(now_millis: i64) -> EvaluationContext {
        EvaluationContext { now_millis, query_start_millis: None, current_watermark: None }
    }

    /// The instant that CURRENT_TIMESTAMP and its kin return.
    pub fn statement_millis(&self) -> i64 {
        self.query_start_millis.unwrap_or(self.now_millis)
    }
}
