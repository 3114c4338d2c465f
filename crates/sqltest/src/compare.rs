//! What was expected beside what came: a [`Difference`] that can be printed, or none.

use nutkin_types::{LogicalType, RowKind, Value};
use serde_json::Value as Json;
use similar::{ChangeTag, TextDiff};

use crate::changes::{Change, Row};
use crate::value::{equal, write};

/// Lines of both sides, in an order in which they can be laid side by side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What differs: `rows of k`.
    pub what: String,
    pub expected: Vec<String>,
    pub found: Vec<String>,
}

impl Difference {
    /// A difference of two single values.
    pub fn of(what: impl Into<String>, expected: impl Into<String>, found: impl Into<String>) -> Difference {
        Difference { what: what.into(), expected: vec![expected.into()], found: vec![found.into()] }
    }

    /// The first line that differs on each side.
    pub fn summary(&self) -> String {
        let missing = self.expected.iter().find(|line| !self.found.contains(line));
        let surplus = self.found.iter().find(|line| !self.expected.contains(line));
        match (missing, surplus) {
            (Some(missing), Some(surplus)) => format!("{}: {surplus} instead of {missing}", self.what),
            (Some(missing), None) => format!("{}: {missing} is missing", self.what),
            (None, Some(surplus)) => format!("{}: {surplus} is not expected", self.what),
            (None, None) => format!("{}: another order or number of rows", self.what),
        }
    }

    /// Lines with `-` (expected), `+` (found) or a blank before them.
    pub fn lines(&self) -> Vec<(char, String)> {
        let (expected, found) = (self.expected.join("\n"), self.found.join("\n"));
        let diff = TextDiff::from_lines(&expected, &found);
        let tagged = diff.iter_all_changes().map(|change| {
            let tag = match change.tag() {
                ChangeTag::Delete => '-',
                ChangeTag::Insert => '+',
                ChangeTag::Equal => ' ',
            };
            (tag, change.value().trim_end_matches('\n').to_owned())
        });
        tagged.collect()
    }
}

/// `[1, "a"]`, on one line.
pub fn row_line(row: &[Value], types: &[LogicalType]) -> String {
    let cells: Vec<Json> = row.iter().zip(types).map(|(value, logical)| write(value, logical)).collect();
    json_line(&Json::Array(cells))
}

/// JSON on one line with a blank after commas, as people write it.
pub fn json_line(json: &Json) -> String {
    match json {
        Json::Array(items) => format!("[{}]", items.iter().map(json_line).collect::<Vec<_>>().join(", ")),
        other => other.to_string(),
    }
}

/// `+I [1, "a"]`.
pub fn change_line((kind, row): &Change, types: &[LogicalType]) -> String {
    format!("{kind} {}", row_line(row, types))
}

/// Compares rows as a list, or as a bag.
pub fn rows(what: &str, expected: &[Row], found: &[Row], types: &[LogicalType], ordered: bool) -> Option<Difference> {
    let inserts = |rows: &[Row]| rows.iter().map(|row| (RowKind::Insert, row.clone())).collect::<Vec<Change>>();
    let (expected, found) = (inserts(expected), inserts(found));
    if same(&expected, &found, ordered) {
        return None;
    }
    let lines = |changes: &[Change]| {
        let mut lines: Vec<String> = changes.iter().map(|(_, row)| row_line(row, types)).collect();
        if !ordered {
            lines.sort();
        }
        lines
    };
    Some(Difference { what: what.to_owned(), expected: lines(&expected), found: lines(&found) })
}

/// Compares changes as bags: the order across keys is free.
pub fn changes(what: &str, expected: &[Change], found: &[Change], types: &[LogicalType]) -> Option<Difference> {
    if same(expected, found, false) {
        return None;
    }
    let lines = |changes: &[Change]| {
        let mut lines: Vec<String> = changes.iter().map(|change| change_line(change, types)).collect();
        lines.sort_by(|a, b| a[2..].cmp(&b[2..]).then(a.cmp(b)));
        lines
    };
    Some(Difference { what: what.to_owned(), expected: lines(expected), found: lines(found) })
}

fn same(expected: &[Change], found: &[Change], ordered: bool) -> bool {
    let equal_rows =
        |a: &Change, b: &Change| a.0 == b.0 && a.1.len() == b.1.len() && a.1.iter().zip(&b.1).all(|(a, b)| equal(a, b));
    if expected.len() != found.len() {
        return false;
    }
    if ordered {
        return expected.iter().zip(found).all(|(a, b)| equal_rows(a, b));
    }
    // Nearly all rows agree to the letter; what is left is compared with tolerance.
    let mut counts = std::collections::HashMap::<String, Vec<usize>>::new();
    for (index, change) in expected.iter().enumerate() {
        counts.entry(format!("{change:?}")).or_default().push(index);
    }
    let mut open = vec![true; expected.len()];
    let mut rest = Vec::new();
    for change in found {
        match counts.get_mut(&format!("{change:?}")).and_then(Vec::pop) {
            Some(index) => open[index] = false,
            None => rest.push(change),
        }
    }
    rest.into_iter().all(|change| {
        let place = (0..expected.len()).find(|&index| open[index] && equal_rows(&expected[index], change));
        place.is_some_and(|index| std::mem::replace(&mut open[index], false))
    })
}
