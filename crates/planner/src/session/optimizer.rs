//! Settings that choose between plans of the same meaning, by Flink's names. All need `sql.flink-extensions` (decision 15).

use super::duration::parse_milliseconds;

/// How aggregations are planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptimizerSettings {
    /// `table.optimizer.agg-phase-strategy`.
    pub phases: AggregatePhases,
    /// `table.exec.mini-batch.*`: several rows are folded before results are put out.
    pub mini_batch: Option<MiniBatch>,
    /// `table.optimizer.distinct-agg.split.enabled` and `.bucket-num`: into so many buckets per group.
    pub distinct_buckets: Option<u32>,
    /// `table.optimizer.incremental-agg-enabled` is not `false`: with both, only what is new to a bucket is sent on.
    pub is_incremental: bool,
    /// `table.optimizer.join-reorder-enabled` and `.bushy-join-reorder-threshold`: joins may be made in another order than
    /// the one they are written in. Every order of at most so many tables is looked at. None keeps the order.
    pub most_reordered_joins: Option<usize>,
}

impl Default for OptimizerSettings {
    fn default() -> OptimizerSettings {
        OptimizerSettings {
            phases: AggregatePhases::default(),
            mini_batch: None,
            distinct_buckets: None,
            is_incremental: true,
            most_reordered_joins: None,
        }
    }
}

/// `table.optimizer.agg-phase-strategy`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AggregatePhases {
    /// Two phases where they help: over windows, and with mini-batches.
    #[default]
    Auto,
    One,
    /// The same as `Auto` in streaming.
    Two,
}

/// `table.exec.mini-batch.enabled`, `.allow-latency` and `.size`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MiniBatch {
    /// The longest time in milliseconds that a row may wait for others.
    pub latency: i64,
    /// The most rows that are folded together.
    pub size: u32,
}

/// What has been read of the settings.
#[derive(Default)]
pub(super) struct Reader {
    settings: OptimizerSettings,
    has_mini_batch: bool,
    latency: i64,
    size: u32,
    splits_distinct: bool,
    buckets: Option<u32>,
    reorders_joins: bool,
    most_reordered: Option<usize>,
}

/// `table.optimizer.distinct-agg.split.bucket-num` unless it is set.
const BUCKETS: u32 = 1024;

/// `table.optimizer.bushy-join-reorder-threshold` unless it is set.
const REORDERED: usize = 12;

/// The orders of so many tables can be looked at in a second.
const MOST_REORDERED: usize = 14;

type Result<T = ()> = std::result::Result<T, String>;

impl Reader {
    pub fn phases(&mut self, value: &str) -> Result {
        self.settings.phases = match value.to_ascii_uppercase().as_str() {
            "AUTO" => AggregatePhases::Auto,
            "ONE_PHASE" => AggregatePhases::One,
            "TWO_PHASE" => AggregatePhases::Two,
            _ => return Err(format!("'{value}' is none of AUTO, ONE_PHASE and TWO_PHASE")),
        };
        Ok(())
    }

    pub fn mini_batch(&mut self, enabled: bool) {
        self.has_mini_batch = enabled;
    }

    pub fn latency(&mut self, value: &str) -> Result {
        self.latency = parse_milliseconds(value)?;
        Ok(())
    }

    pub fn size(&mut self, value: &str) -> Result {
        let size: i64 = value.trim().parse().map_err(|_| format!("'{value}' is no whole number"))?;
        self.size = u32::try_from(size.max(0)).map_err(|_| format!("at most {} rows", u32::MAX))?;
        Ok(())
    }

    pub fn split_distinct(&mut self, enabled: bool) {
        self.splits_distinct = enabled;
    }

    pub fn buckets(&mut self, value: &str) -> Result {
        let buckets: u32 = value.trim().parse().map_err(|_| format!("'{value}' is no number of buckets"))?;
        self.buckets = Some(buckets).filter(|&buckets| buckets > 0);
        self.buckets.map(|_| ()).ok_or_else(|| "there must be a bucket".to_owned())
    }

    pub fn incremental(&mut self, enabled: bool) {
        self.settings.is_incremental = enabled;
    }

    pub fn reorder_joins(&mut self, enabled: bool) {
        self.reorders_joins = enabled;
    }

    pub fn most_reordered(&mut self, value: &str) -> Result {
        let most: usize = value.trim().parse().map_err(|_| format!("'{value}' is no number of tables"))?;
        if most > MOST_REORDERED {
            return Err(format!("the orders of more than {MOST_REORDERED} tables are too many to look at"));
        }
        self.most_reordered = Some(most);
        Ok(())
    }

    /// The settings, or the property that is missing and why.
    pub fn finish(self) -> std::result::Result<OptimizerSettings, (&'static str, &'static str)> {
        let mini_batch = Some(MiniBatch { latency: self.latency, size: self.size }).filter(|_| self.has_mini_batch);
        match mini_batch {
            Some(MiniBatch { latency: ..=0, .. }) => {
                Err(("table.exec.mini-batch.allow-latency", "with mini-batches it must be longer than zero"))
            }
            Some(MiniBatch { size: 0, .. }) => {
                Err(("table.exec.mini-batch.size", "with mini-batches it must be greater than zero"))
            }
            _ => Ok(OptimizerSettings {
                mini_batch,
                most_reordered_joins: self.reorders_joins.then(|| self.most_reordered.unwrap_or(REORDERED)),
                distinct_buckets: self.splits_distinct.then(|| self.buckets.unwrap_or(BUCKETS)),
                ..self.settings
            }),
        }
    }
}
