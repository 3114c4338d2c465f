//! [`Overview`]: what is asked about all statements at once, in memory.
//!
//! Metrics are read every few seconds and old statements looked for every hour; neither should read every record with its
//! text and plan from the store. An entry follows each write of its statement's actor, the only writer.

use std::collections::HashMap;

use parking_lot::RwLock;

use super::lifecycle::Phase;
use super::record::Statement;
use crate::resources::Stored;

/// A statement in a few words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub uid: String,
    pub environment: String,
    pub name: String,
    pub compute_pool: String,
    pub phase: Phase,
    /// CFUs that its job needs.
    pub cfus: u32,
    /// When it reached a terminal phase.
    pub ended_at: Option<i64>,
}

impl Entry {
    fn of(stored: &Stored<Statement>) -> Entry {
        let statement = &stored.resource;
        Entry {
            uid: stored.id.clone(),
            environment: statement.environment.clone(),
            name: statement.name.clone(),
            compute_pool: statement.compute_pool.clone(),
            phase: statement.state.phase,
            cfus: statement.cfus,
            ended_at: statement.ended_at,
        }
    }
}

/// All statements of the store, by uid.
#[derive(Default)]
pub struct Overview {
    entries: RwLock<HashMap<String, Entry>>,
}

impl Overview {
    /// Takes over what was written.
    pub fn put(&self, stored: &Stored<Statement>) {
        self.entries.write().insert(stored.id.clone(), Entry::of(stored));
    }

    pub fn remove(&self, uid: &str) {
        self.entries.write().remove(uid);
    }

    /// Those that fit, in the order of their names.
    pub fn select(&self, fits: impl Fn(&Entry) -> bool) -> Vec<Entry> {
        let mut found: Vec<Entry> = self.entries.read().values().filter(|entry| fits(entry)).cloned().collect();
        found.sort_unstable_by(|a, b| (&a.environment, &a.name).cmp(&(&b.environment, &b.name)));
        found
    }
}
