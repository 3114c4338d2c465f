//! [`Materialized`]: the rows that a changelog leaves.
//!
//! With upsert columns a row is found by those, else by all its cells. Bounded: past the limit the oldest rows are dropped,
//! and changes of dropped rows change nothing.

use std::collections::{BTreeMap, HashMap};

use nutkin_api::sql::{ResultRow, Statement};
use serde_json::Value;

/// Most rows that are kept.
const LIMIT: usize = 100_000;

const UPDATE_BEFORE: u8 = 1;
const DELETE: u8 = 3;

/// Rows in the order in which they came.
#[derive(Debug)]
pub struct Materialized {
    key: Option<Vec<usize>>,
    rows: BTreeMap<u64, ResultRow>,
    /// Where the rows of a key are, the latest last.
    places: HashMap<String, Vec<u64>>,
    next: u64,
    limit: usize,
}

impl Materialized {
    /// For the results of a statement.
    pub fn of(statement: &Statement) -> Materialized {
        let traits = statement.status.as_ref().and_then(|status| status.traits.as_ref());
        let key = traits.and_then(|traits| traits.upsert_columns.as_ref());
        Materialized::new(key.map(|columns| columns.iter().map(|&column| column as usize).collect()))
    }

    /// `key` are the columns by which a later change finds its row.
    pub fn new(key: Option<Vec<usize>>) -> Materialized {
        let key = key.filter(|columns| !columns.is_empty());
        Materialized { key, rows: BTreeMap::new(), places: HashMap::new(), next: 0, limit: LIMIT }
    }

    /// The same with another limit.
    pub fn with_limit(mut self, limit: usize) -> Materialized {
        self.limit = limit.max(1);
        self
    }

    pub fn apply(&mut self, changes: Vec<ResultRow>) {
        for change in changes {
            self.apply_one(change);
        }
    }

    fn apply_one(&mut self, mut change: ResultRow) {
        let key = self.key_of(&change);
        match change.op {
            // The row after the update, or the deletion, follows.
            UPDATE_BEFORE if self.key.is_some() => {}
            UPDATE_BEFORE | DELETE => {
                if let Some(place) = self.places.get_mut(&key).and_then(Vec::pop) {
                    self.rows.remove(&place);
                }
                self.forget_empty(&key);
            }
            _ => {
                change.op = 0;
                let held = self.key.as_ref().and_then(|_| self.places.get(&key)?.last().copied());
                let place = held.unwrap_or(self.next);
                self.rows.insert(place, change);
                if held.is_none() {
                    self.next += 1;
                    self.places.entry(key).or_default().push(place);
                    self.drop_oldest();
                }
            }
        }
    }

    fn drop_oldest(&mut self) {
        while self.rows.len() > self.limit
            && let Some((place, row)) = self.rows.pop_first()
        {
            let key = self.key_of(&row);
            if let Some(places) = self.places.get_mut(&key) {
                places.retain(|held| *held != place);
            }
            self.forget_empty(&key);
        }
    }

    fn forget_empty(&mut self, key: &str) {
        if self.places.get(key).is_some_and(Vec::is_empty) {
            self.places.remove(key);
        }
    }

    fn key_of(&self, row: &ResultRow) -> String {
        let cells: Vec<&Value> = match &self.key {
            Some(columns) => columns.iter().filter_map(|&column| row.row.get(column)).collect(),
            None => row.row.iter().collect(),
        };
        serde_json::to_string(&cells).unwrap_or_default()
    }

    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// The last rows, at most so many, in order.
    pub fn last(&self, count: usize) -> Vec<&ResultRow> {
        let mut rows: Vec<&ResultRow> = self.rows.values().rev().take(count).collect();
        rows.reverse();
        rows
    }

    pub fn into_rows(self) -> Vec<ResultRow> {
        self.rows.into_values().collect()
    }
}
