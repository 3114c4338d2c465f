//! Watermarks of a source: one generator per partition, and the default strategy (spec sql.md 2.6).
//!
//! Default: largest event time minus the 95 % quantile of how late the last 5000 events were, between 50 ms and 7 days,
//! minus a margin while few events are known. Pure: event times in, watermark out.

use serde::{Deserialize, Serialize};

/// Events in the moving histogram.
const HISTORY: usize = 5000;
const SECOND: i64 = 1000;
const DAY: i64 = 24 * 3600 * SECOND;
const SMALLEST_DELAY: i64 = 50;
const LARGEST_DELAY: i64 = 7 * DAY;
/// Events after which the margin of seven days ends.
pub(crate) const WARM_UP_EVENTS: u64 = 251;

/// The watermark of one partition.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum PartitionWatermark {
    Default(DefaultWatermark),
    /// The largest value seen: of the event time, or of the table's watermark expression.
    Largest(Option<i64>),
}

impl PartitionWatermark {
    /// None before the first event.
    pub fn current(&self) -> Option<i64> {
        match self {
            PartitionWatermark::Default(default) => default.current(),
            PartitionWatermark::Largest(largest) => *largest,
        }
    }

    /// The largest value seen; None before the first event.
    pub fn largest(&self) -> Option<i64> {
        match self {
            PartitionWatermark::Default(default) => default.largest,
            PartitionWatermark::Largest(largest) => *largest,
        }
    }

    pub fn observe(&mut self, value: i64) {
        match self {
            PartitionWatermark::Default(default) => default.observe(value),
            PartitionWatermark::Largest(largest) => *largest = Some(largest.map_or(value, |l| l.max(value))),
        }
    }
}

/// `SOURCE_WATERMARK()`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct DefaultWatermark {
    largest: Option<i64>,
    events: u64,
    /// Delays of the last events in milliseconds, oldest first from `next` on.
    #[serde(with = "runs")]
    delays: Vec<i64>,
    next: usize,
    /// Never goes back, whatever the histogram does.
    emitted: Option<i64>,
}

impl DefaultWatermark {
    pub fn observe(&mut self, event_time: i64) {
        let largest = self.largest.map_or(event_time, |largest| largest.max(event_time));
        self.largest = Some(largest);
        self.events += 1;
        let delay = largest.saturating_sub(event_time);
        if self.delays.len() < HISTORY {
            self.delays.push(delay);
        } else {
            self.delays[self.next] = delay;
            self.next = (self.next + 1) % HISTORY;
        }
    }

    pub fn events(&self) -> u64 {
        self.events
    }

    /// The watermark that the events so far allow.
    pub fn current(&self) -> Option<i64> {
        let largest = self.largest?;
        let delay = self.quantile().clamp(SMALLEST_DELAY, LARGEST_DELAY);
        let now = largest.saturating_sub(delay).saturating_sub(margin(self.events));
        Some(self.emitted.map_or(now, |emitted| emitted.max(now)))
    }

    /// Remembers that `watermark` was sent.
    pub fn emitted(&mut self, watermark: i64) {
        self.emitted = Some(self.emitted.map_or(watermark, |emitted| emitted.max(watermark)));
    }

    /// The 95 % quantile by nearest rank: the smallest delay that at least 95 % of the events do not exceed.
    fn quantile(&self) -> i64 {
        let mut delays = self.delays.clone();
        let rank = (delays.len() * 95).div_ceil(100).saturating_sub(1);
        match delays.len() {
            0 => 0,
            _ => *delays.select_nth_unstable(rank).1,
        }
    }
}

/// Safety margin by the number of events seen in the partition.
fn margin(events: u64) -> i64 {
    match events {
        0..=250 => 7 * DAY,
        251..=500 => 30 * SECOND,
        501..=750 => 10 * SECOND,
        751..=1000 => SECOND,
        _ => 0,
    }
}

/// Delays as runs of equal values: most are zero.
mod runs {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub fn serialize<S: Serializer>(delays: &[i64], serializer: S) -> Result<S::Ok, S::Error> {
        let runs: Vec<(i64, usize)> = delays.chunk_by(|a, b| a == b).map(|run| (run[0], run.len())).collect();
        runs.serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<i64>, D::Error> {
        let runs = Vec::<(i64, usize)>::deserialize(deserializer)?;
        let total: usize = runs.iter().map(|run| run.1).sum();
        if total > super::HISTORY {
            return Err(serde::de::Error::custom("a watermark histogram of too many events"));
        }
        Ok(runs.into_iter().flat_map(|(delay, count)| std::iter::repeat_n(delay, count)).collect())
    }
}

/// When a partition without events counts as idle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Idleness {
    Never,
    /// Milliseconds.
    After(i64),
    /// 15 s, growing linearly with the statement's age to 5 min.
    Progressive {
        created_at: i64,
    },
}

/// Age at which progressive idleness reaches its end. The original does not document the slope; an hour keeps fresh
/// statements quick and old ones calm.
const FULL_AGE: i64 = 3600 * SECOND;
const FIRST_TIMEOUT: i64 = 15 * SECOND;
const LAST_TIMEOUT: i64 = 300 * SECOND;

impl Idleness {
    /// Milliseconds without events after which a partition is idle at wall-clock time `now`; None for never.
    pub fn timeout(&self, now: i64) -> Option<i64> {
        match *self {
            Idleness::Never => None,
            Idleness::After(millis) => Some(millis),
            Idleness::Progressive { created_at } => {
                let age = now.saturating_sub(created_at).clamp(0, FULL_AGE);
                Some(FIRST_TIMEOUT + (LAST_TIMEOUT - FIRST_TIMEOUT) * age / FULL_AGE)
            }
        }
    }
}
