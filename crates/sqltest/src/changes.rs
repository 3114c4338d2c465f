//! Changelogs and the tables that they leave.

use std::collections::HashMap;

use nutkin_types::{Batch, LogicalType, RowKind, Value};

use crate::refusal::Refusal;

pub type Row = Vec<Value>;

/// One change.
pub type Change = (RowKind, Row);

/// What a job wrote into one table, or gave as its result.
#[derive(Debug, Clone, Default)]
pub struct Output {
    /// Names of the columns.
    pub names: Vec<String>,
    /// Types of the columns.
    pub types: Vec<LogicalType>,
    /// Types with nullability, as Flink prints them.
    pub type_texts: Vec<String>,
    /// Positions of the primary key's columns.
    pub key: Option<Vec<usize>>,
    /// In the order of arrival.
    pub changes: Vec<Change>,
}

/// Rows of batches whose columns have these types.
///
/// # Errors
/// An array that is not of its type: a defect.
pub fn changes_of(batches: &[Batch], types: &[LogicalType]) -> Result<Vec<Change>, Refusal> {
    let mut changes = Vec::new();
    for batch in batches {
        for row in 0..batch.num_rows() {
            let cells = types.iter().enumerate();
            let cells = cells.map(|(column, logical)| Value::from_array(batch.column(column), logical, row));
            let values = cells.collect::<Result<Row, _>>().map_err(|error| Refusal::internal(error.to_string()))?;
            changes.push((batch.kind(row), values));
        }
    }
    Ok(changes)
}

/// The rows that are left when `changes` have been applied: by key, the last row of each; without a key, a bag of rows.
///
/// # Errors
/// A bag that would lose a row which it does not hold.
pub fn final_rows(changes: &[Change], key: Option<&[usize]>) -> Result<Vec<Row>, String> {
    match key {
        Some(key) => Ok(by_key(changes, key)),
        None => bag(changes),
    }
}

fn by_key(changes: &[Change], key: &[usize]) -> Vec<Row> {
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut rows: Vec<Option<Row>> = Vec::new();
    for (kind, row) in changes {
        let identity = format!("{:?}", key.iter().map(|&column| row.get(column)).collect::<Vec<_>>());
        match kind {
            // The row that replaces it may have come before.
            RowKind::UpdateBefore => {}
            RowKind::Delete => {
                if let Some(place) = places.remove(&identity) {
                    rows[place] = None;
                }
            }
            RowKind::Insert | RowKind::UpdateAfter => match places.get(&identity) {
                Some(&place) => rows[place] = Some(row.clone()),
                None => {
                    places.insert(identity, rows.len());
                    rows.push(Some(row.clone()));
                }
            },
        }
    }
    rows.into_iter().flatten().collect()
}

fn bag(changes: &[Change]) -> Result<Vec<Row>, String> {
    let mut places: HashMap<String, Vec<usize>> = HashMap::new();
    let mut rows: Vec<Option<Row>> = Vec::new();
    for (kind, row) in changes {
        let held = places.entry(format!("{row:?}")).or_default();
        if kind.adds() {
            held.push(rows.len());
            rows.push(Some(row.clone()));
            continue;
        }
        match held.pop() {
            Some(place) => rows[place] = None,
            None => return Err(format!("{kind} of a row that is not there: {row:?}")),
        }
    }
    Ok(rows.into_iter().flatten().collect())
}
