//! [`Partition`]: what a source knows about one partition.

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::TimestampMillisecondType;
use nutkin_functions::{EvaluationContext, Evaluator};
use nutkin_types::Batch;
use serde::{Deserialize, Serialize};

use crate::error::{Failure, FailureKind, Result};
use crate::source::alignment::{HOLDS_NOBODY, NOT_BEGUN};
use crate::source::watermark::{DefaultWatermark, PartitionWatermark};

/// How a scan makes watermarks.
pub(crate) enum WatermarkRule {
    /// `SOURCE_WATERMARK()` over an event time.
    Default(Evaluator),
    /// The largest value: of the event time, or of the declared expression.
    Largest(Evaluator),
}

/// A partition in a checkpoint.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct PartitionState {
    pub partition: i32,
    /// Next offset to read.
    pub offset: i64,
    /// First offset that is not read, for bounded tables.
    pub stop: Option<i64>,
    pub default_watermark: Option<DefaultWatermark>,
    pub largest: Option<i64>,
    pub idle: bool,
}

pub(super) struct Partition {
    pub offset: i64,
    pub stop: Option<i64>,
    pub watermark: PartitionWatermark,
    /// Last watermark that was counted; never goes back.
    pub current: Option<i64>,
    pub events: u64,
    pub last_event_at: i64,
    pub idle: bool,
    /// Too far ahead of others in event time: not read for now.
    pub blocked: bool,
    /// End of the log as far as known; -1 before anything is.
    pub end_offset: i64,
}

impl Partition {
    pub fn new(state: PartitionState, rule: Option<&WatermarkRule>, now: i64) -> Partition {
        let watermark = match rule {
            Some(WatermarkRule::Default(_)) => PartitionWatermark::Default(state.default_watermark.unwrap_or_default()),
            _ => PartitionWatermark::Largest(state.largest),
        };
        let events = match &watermark {
            PartitionWatermark::Default(default) => default.events(),
            PartitionWatermark::Largest(_) => 0,
        };
        Partition {
            offset: state.offset,
            stop: state.stop,
            current: watermark.current(),
            watermark,
            events,
            last_event_at: now,
            idle: state.idle,
            blocked: false,
            end_offset: -1,
        }
    }

    pub fn state(&self, partition: i32) -> PartitionState {
        let (default_watermark, largest) = match &self.watermark {
            PartitionWatermark::Default(default) => (Some(default.clone()), None),
            PartitionWatermark::Largest(largest) => (None, *largest),
        };
        let (offset, stop, idle) = (self.offset, self.stop, self.idle);
        PartitionState { partition, offset, stop, default_watermark, largest, idle }
    }

    pub fn is_done(&self) -> bool {
        self.stop.is_some_and(|stop| self.offset >= stop)
    }

    /// True also while it is not known.
    pub fn has_unread(&self) -> bool {
        self.end_offset < 0 || self.offset < self.end_offset
    }

    /// Notes whether it counts as idle. Records that wait to be read, or that alignment holds back, keep it active: their
    /// event times are still to come.
    pub fn check_idle(&mut self, timeout: Option<i64>, now: i64) {
        if self.blocked || (self.end_offset >= 0 && self.has_unread()) {
            self.last_event_at = now;
        } else if timeout.is_some_and(|timeout| now - self.last_event_at >= timeout) {
            self.idle = true;
        }
    }

    /// How far it is in event time, for alignment; `idles` when it may become idle. One that cannot, and has nothing to
    /// read, must not hold others back, because nothing would ever end that.
    pub fn position(&self, idles: bool) -> i64 {
        if self.is_done() || self.idle {
            return HOLDS_NOBODY;
        }
        match self.watermark.largest() {
            Some(largest) if idles || self.has_unread() => largest,
            None if self.has_unread() => NOT_BEGUN,
            _ => HOLDS_NOBODY,
        }
    }

    /// Counts what its watermark is now.
    pub fn update_watermark(&mut self) {
        if let (PartitionWatermark::Default(default), Some(watermark)) = (&mut self.watermark, self.current) {
            default.emitted(watermark);
        }
        self.current = self.current.max(self.watermark.current());
    }

    /// Lets the watermark see the event times (or watermark values) of a batch; `emitted` is the source's watermark.
    pub fn observe(&mut self, rule: Option<&WatermarkRule>, batch: &Batch, now: i64, emitted: i64) -> Result<()> {
        let (Some(WatermarkRule::Default(evaluator)) | Some(WatermarkRule::Largest(evaluator))) = rule else {
            return Ok(());
        };
        let context = EvaluationContext {
            now_millis: now,
            query_start_millis: None,
            current_watermark: (emitted > i64::MIN).then_some(emitted),
        };
        let values = evaluator.evaluate(batch.rows(), &context)?;
        let Some(times) = values.as_primitive_opt::<TimestampMillisecondType>() else {
            let problem = format!("a watermark of type {}", values.data_type());
            return Err(Failure::new(FailureKind::Unsupported, problem));
        };
        times.iter().flatten().for_each(|time| self.watermark.observe(time));
        Ok(())
    }
}
