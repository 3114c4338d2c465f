//! Committed offsets, plain and transactional: a journal, and its content in memory.
//!
//! Offsets of a transaction wait beside the committed ones until the transaction's outcome is known. They are kept until
//! they are deleted: unlike Kafka (`offsets.retention.minutes`) the broker does not forget the position of an idle group.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::journal::Journal;

/// A committed position.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Committed {
    /// Next offset to read.
    pub offset: i64,
    /// Leader epoch of the last record read; -1 without.
    pub leader_epoch: i32,
    /// The client's own words.
    pub metadata: String,
}

/// Positions by topic and partition.
pub type Positions = BTreeMap<(String, i32), Committed>;

#[derive(Serialize, Deserialize)]
struct Position {
    topic: String,
    partition: i32,
    #[serde(flatten)]
    committed: Committed,
}

#[derive(Serialize, Deserialize)]
enum Record {
    Commit { group: String, positions: Vec<Position> },
    Pending { producer_id: i64, group: String, positions: Vec<Position> },
    Resolve { producer_id: i64, commit: bool },
    Remove { group: String, partitions: Vec<(String, i32)> },
    RemoveGroup { group: String },
}

#[derive(Default)]
struct Known {
    committed: BTreeMap<String, Positions>,
    pending: HashMap<i64, BTreeMap<String, Positions>>,
}

/// All committed offsets of a cluster.
pub struct Offsets {
    journal: Mutex<Journal<Record>>,
    known: Mutex<Known>,
}

fn pack(positions: &Positions) -> Vec<Position> {
    positions
        .iter()
        .map(|((topic, partition), committed)| Position {
            topic: topic.clone(),
            partition: *partition,
            committed: committed.clone(),
        })
        .collect()
}

fn unpack(positions: Vec<Position>) -> impl Iterator<Item = ((String, i32), Committed)> {
    positions.into_iter().map(|position| ((position.topic, position.partition), position.committed))
}

impl Known {
    fn apply(&mut self, record: Record) {
        match record {
            Record::Commit { group, positions } => {
                self.committed.entry(group).or_default().extend(unpack(positions));
            }
            Record::Pending { producer_id, group, positions } => {
                let groups = self.pending.entry(producer_id).or_default();
                groups.entry(group).or_default().extend(unpack(positions));
            }
            Record::Resolve { producer_id, commit } => {
                let groups = self.pending.remove(&producer_id).unwrap_or_default();
                for (group, positions) in groups.into_iter().filter(|_| commit) {
                    self.committed.entry(group).or_default().extend(positions);
                }
            }
            Record::Remove { group, partitions } => {
                if let Some(positions) = self.committed.get_mut(&group) {
                    positions.retain(|at, _| !partitions.contains(at));
                }
            }
            Record::RemoveGroup { group } => {
                self.committed.remove(&group);
                self.pending.values_mut().for_each(|groups| {
                    groups.remove(&group);
                });
            }
        }
    }

    fn records(&self) -> Vec<Record> {
        let committed = self
            .committed
            .iter()
            .map(|(group, positions)| Record::Commit { group: group.clone(), positions: pack(positions) });
        let pending = self.pending.iter().flat_map(|(producer_id, groups)| {
            groups.iter().map(|(group, positions)| Record::Pending {
                producer_id: *producer_id,
                group: group.clone(),
                positions: pack(positions),
            })
        });
        committed.chain(pending).collect()
    }
}

impl Offsets {
    /// Opens the journal in `dir`. Blocks.
    pub fn open(dir: &Path, sync: bool) -> Result<Self, Error> {
        let mut known = Known::default();
        let journal = Journal::open(dir.join("offsets.journal"), sync, |record| known.apply(record))?;
        Ok(Self { journal: Mutex::new(journal), known: Mutex::new(known) })
    }

    fn write(&self, record: Record, durable: bool) -> std::io::Result<()> {
        let mut journal = self.journal.lock();
        let record = [record];
        if durable { journal.append(&record) } else { journal.append_unsynced(&record) }?;
        let mut known = self.known.lock();
        record.into_iter().for_each(|record| known.apply(record));
        if journal.is_long() {
            let records = known.records();
            drop(known);
            journal.rewrite(records.into_iter())?;
        }
        Ok(())
    }

    /// Commits positions. Blocks. Not synced: a consumer that goes back a little after a loss of power reads twice, which it
    /// must be able to anyway.
    pub fn commit(&self, group: &str, positions: &Positions) -> std::io::Result<()> {
        self.write(Record::Commit { group: group.to_owned(), positions: pack(positions) }, false)
    }

    /// Keeps positions until the producer's transaction ends. Blocks.
    pub fn hold(&self, producer_id: i64, group: &str, positions: &Positions) -> std::io::Result<()> {
        self.write(Record::Pending { producer_id, group: group.to_owned(), positions: pack(positions) }, true)
    }

    /// Ends the wait of a producer's positions. Blocks; may be repeated.
    pub fn resolve(&self, producer_id: i64, commit: bool) -> std::io::Result<()> {
        self.write(Record::Resolve { producer_id, commit }, true)
    }

    /// Forgets positions of a group. Blocks.
    pub fn remove(&self, group: &str, partitions: Vec<(String, i32)>) -> std::io::Result<()> {
        self.write(Record::Remove { group: group.to_owned(), partitions }, true)
    }

    /// Forgets a group. Blocks.
    pub fn remove_group(&self, group: &str) -> std::io::Result<()> {
        self.write(Record::RemoveGroup { group: group.to_owned() }, true)
    }

    /// Forgets the positions of every group in a deleted topic. Blocks.
    pub fn remove_topic(&self, topic: &str) -> std::io::Result<()> {
        let affected: Vec<(String, Vec<(String, i32)>)> = {
            let known = self.known.lock();
            let of_topic = |positions: &Positions| -> Vec<_> {
                positions.keys().filter(|(name, _)| name == topic).cloned().collect()
            };
            known.committed.iter().map(|(group, positions)| (group.clone(), of_topic(positions))).collect()
        };
        affected
            .into_iter()
            .filter(|(_, partitions)| !partitions.is_empty())
            .try_for_each(|(group, partitions)| self.remove(&group, partitions))
    }

    /// The positions of a group; `None` if it has none.
    pub fn get(&self, group: &str) -> Option<Positions> {
        self.known.lock().committed.get(group).cloned()
    }

    /// Whether a transaction holds a position of the group's partition back.
    pub fn is_pending(&self, group: &str, topic: &str, partition: i32) -> bool {
        let at = (topic.to_owned(), partition);
        let known = self.known.lock();
        known.pending.values().any(|groups| groups.get(group).is_some_and(|positions| positions.contains_key(&at)))
    }

    /// Groups with positions.
    pub fn groups(&self) -> Vec<String> {
        self.known.lock().committed.keys().cloned().collect()
    }
}
