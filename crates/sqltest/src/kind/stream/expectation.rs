//! What a sink must hold. The table that is left must be right; the changes that lead to it should be Flink's, and are noted
//! where they are not.

use nutkin_types::{LogicalType, RowKind};
use sha2::{Digest, Sha256};

use crate::changes::{Change, Output, final_rows};
use crate::compare::{self, Difference};
use crate::kind::recorded::{WrittenChange, typed_changes};
use crate::value::change_text;
use crate::world::Way;

pub struct Expectation {
    pub table: String,
    pub held: Held,
    /// The changes are not recorded, or vary from run to run.
    pub only_table: bool,
}

/// The recorded form.
pub enum Held {
    Changes {
        changes: Vec<WrittenChange>,
        /// Flink left out -U although the sink has no key: no table can be made of them.
        without_update_before: bool,
    },
    /// Rows in Flink's printing, sorted, joined by newlines.
    Digest {
        rows: usize,
        sha256: String,
    },
    TableText(Vec<String>),
    ChangesText(Vec<String>),
    Anything,
}

impl Expectation {
    /// What is wrong with the table that `output` leaves.
    pub fn check(&self, output: &Output, way: Way) -> Option<Difference> {
        let what = format!("{}, {}", self.table, way.name());
        let wrong = |problem: String| Some(Difference::of(&what, "the recorded changes", problem));
        match &self.held {
            Held::Anything => None,
            Held::Changes { changes, without_update_before } => match typed_changes(changes, &output.types) {
                Err(_) if output.types.is_empty() && changes.is_empty() => None,
                Err(problem) => wrong(problem),
                Ok(expected) if *without_update_before => match way {
                    Way::Straight => compare::changes(
                        &what,
                        &without_before(expected),
                        &without_before(output.changes.clone()),
                        &output.types,
                    ),
                    // Which updates come depends on the batches.
                    Way::Parallel | Way::Restored => None,
                },
                Ok(expected) => match (table(&expected, output), table(&output.changes, output)) {
                    (Ok(expected), Ok(found)) => compare::rows(&what, &expected, &found, &output.types, false),
                    (_, Err(problem)) => wrong(problem),
                    // The recorded changes make no table: they are all there is to compare.
                    (Err(_), Ok(_)) => compare::changes(&what, &expected, &output.changes, &output.types),
                },
            },
            Held::Digest { rows, sha256 } => match table(&output.changes, output) {
                Ok(found) => digest(&what, *rows, sha256, found, &output.types),
                Err(problem) => wrong(problem),
            },
            Held::TableText(lines) => match table(&output.changes, output) {
                Ok(found) => texts(&what, lines, printed(inserts(found), &output.types)),
                Err(problem) => wrong(problem),
            },
            Held::ChangesText(lines) => match way {
                Way::Straight => texts(&what, lines, printed(output.changes.clone(), &output.types)),
                Way::Parallel | Way::Restored => None,
            },
        }
    }

    /// True when the table is reached by other changes than the recorded ones.
    pub fn has_other_changes(&self, output: &Output) -> bool {
        let Held::Changes { changes, without_update_before: false } = &self.held else { return false };
        let Ok(expected) = typed_changes(changes, &output.types) else { return false };
        !self.only_table && compare::changes("", &expected, &output.changes, &output.types).is_some()
    }
}

fn table(changes: &[Change], output: &Output) -> Result<Vec<Vec<nutkin_types::Value>>, String> {
    final_rows(changes, output.key.as_deref())
}

fn without_before(mut changes: Vec<Change>) -> Vec<Change> {
    changes.retain(|(kind, _)| *kind != RowKind::UpdateBefore);
    changes
}

fn inserts(rows: Vec<Vec<nutkin_types::Value>>) -> Vec<Change> {
    rows.into_iter().map(|row| (RowKind::Insert, row)).collect()
}

fn printed(changes: Vec<Change>, types: &[LogicalType]) -> Vec<String> {
    let mut lines: Vec<String> = changes.iter().map(|(kind, row)| change_text(*kind, row, types)).collect();
    lines.sort();
    lines
}

fn texts(what: &str, expected: &[String], found: Vec<String>) -> Option<Difference> {
    let mut expected = expected.to_vec();
    expected.sort();
    (expected != found).then(|| Difference { what: what.to_owned(), expected, found })
}

fn digest(
    what: &str,
    rows: usize,
    sha256: &str,
    found: Vec<Vec<nutkin_types::Value>>,
    types: &[LogicalType],
) -> Option<Difference> {
    if found.len() != rows {
        return Some(Difference::of(what, format!("{rows} rows"), format!("{} rows", found.len())));
    }
    let text = printed(inserts(found), types).join("\n");
    let given = hex::encode(Sha256::digest(text.as_bytes()));
    (given != sha256).then(|| Difference::of(what, format!("rows with the hash {sha256}"), given))
}
