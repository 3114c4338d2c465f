//! [`Obstacle`]: why a statement has no output yet. Derived from metrics, so it costs nothing while nobody asks.

use std::fmt::{Display, Formatter};

use serde::{Deserialize, Serialize};

use crate::job::metrics::{JobMetrics, NO_WATERMARK};

/// One reason, for `status.detail`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Obstacle {
    /// No record of the table was read yet.
    NoInput { table: String },
    /// The default watermark still keeps its safety margin of seven days (spec sql.md 2.6).
    WatermarkWarmUp { table: String, partition: i32, events_seen: u64, events_needed: u64 },
    /// A partition without events holds the watermark back until it counts as idle.
    WaitingForPartition { table: String, partition: i32 },
}

impl Display for Obstacle {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        match self {
            Obstacle::NoInput { table } => write!(f, "no record of {table} has been read yet"),
            Obstacle::WatermarkWarmUp { table, partition, events_seen, events_needed } => write!(
                f,
                "the default watermark of {table} waits: partition {partition} has seen {events_seen} of the \
                 {events_needed} events it needs before its margin of 7 days ends; declare a WATERMARK to have results \
                 sooner"
            ),
            Obstacle::WaitingForPartition { table, partition } => write!(
                f,
                "partition {partition} of {table} has no events and holds the watermark back until it counts as idle"
            ),
        }
    }
}

/// The reasons why nothing is put out, for a job that has put nothing out. Empty when it has, or when event time is not
/// what it waits for.
pub fn why_no_output(metrics: &JobMetrics) -> Vec<Obstacle> {
    let any_output = metrics.outputs.iter().any(|output| output.records > 0);
    if any_output {
        return Vec::new();
    }
    let mut found = Vec::new();
    for input in &metrics.inputs {
        if input.records == 0 && input.partitions.iter().all(|partition| partition.events_seen == 0) {
            found.push(Obstacle::NoInput { table: input.table.clone() });
            continue;
        }
        for partition in &input.partitions {
            let Some(events_needed) = partition.events_needed else { continue };
            let (table, events_seen) = (input.table.clone(), partition.events_seen);
            if events_seen == 0 && !partition.idle && partition.watermark == NO_WATERMARK {
                found.push(Obstacle::WaitingForPartition { table, partition: partition.partition });
            } else if events_seen > 0 && events_seen < events_needed {
                let partition = partition.partition;
                found.push(Obstacle::WatermarkWarmUp { table, partition, events_seen, events_needed });
            }
        }
    }
    found
}
