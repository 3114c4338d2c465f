//! What is given to a job, and when.

use std::ops::Range;
use std::time::Duration;

use nutkin_engine::MemoryRow;
use nutkin_kafka::RawBatch;
use nutkin_plan::TablePath;

use super::job::Site;
use crate::refusal::Refusal;

/// Rows for one table, as a case has them.
#[derive(Debug, Clone)]
pub struct TableRows {
    pub path: TablePath,
    pub rows: Vec<MemoryRow>,
}

/// A part of a case's course.
#[derive(Debug, Clone)]
pub enum Step {
    /// Rows of tables; those of different tables may interleave.
    Rows(Vec<TableRows>),
    /// The wall clock moves.
    Advance(Duration),
    /// The tables are looked at; the number is the case's own.
    Check(usize),
}

/// A step with rows in the form that sources read.
#[derive(Debug)]
pub(super) enum Stage {
    Feed(Vec<Feed>),
    Advance(Duration),
    Check(usize),
}

/// Rows of one table, ready to be read.
#[derive(Debug)]
pub(super) enum Feed {
    Memory {
        path: TablePath,
        rows: Vec<MemoryRow>,
    },
    /// A record each, with its partition.
    Topic {
        topic: String,
        records: Vec<(i32, RawBatch)>,
    },
}

impl Feed {
    pub fn len(&self) -> usize {
        match self {
            Feed::Memory { rows, .. } => rows.len(),
            Feed::Topic { records, .. } => records.len(),
        }
    }

    /// Makes rows readable.
    pub fn give(&self, site: &Site, range: Range<usize>) -> Result<(), Refusal> {
        match self {
            Feed::Memory { path, rows } => {
                site.memory.input(path).append(rows.get(range).unwrap_or_default().iter().cloned());
                Ok(())
            }
            Feed::Topic { topic, records } => {
                let records = records.get(range).unwrap_or_default().iter().cloned();
                let mut records = records.map(|(partition, batch)| site.cluster.append(topic, partition, batch));
                Ok(records.try_for_each(|appended| appended)?)
            }
        }
    }
}

impl Stage {
    /// Nothing more comes for the tables of this stage. Topics end at the offsets that the plan names.
    pub fn close(&self, site: &Site) {
        let Stage::Feed(feeds) = self else { return };
        for feed in feeds {
            if let Feed::Memory { path, .. } = feed {
                site.memory.input(path).close();
            }
        }
    }
}
