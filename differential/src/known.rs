//! Differences that are there for a reason: `known/*.tsv`, a line each.
//!
//! A line holds what differs (`type`, `value`, `digits`, `only Nutkin`, `only Flink`), a regular expression that the SQL of the smallest
//! case must match, one that both answers joined by ` / ` must match, and the reason. A run names the lines that it did not meet; the number of
//! lines may only become less.

use std::collections::BTreeSet;

use regex::Regex;

use crate::compare::{Difference, Kind};

/// A list, and how many lines it has. The number may only become less.
pub struct List {
    file: &'static str,
    pub most: usize,
}

pub const EXPRESSIONS: List = List { file: concat!(env!("CARGO_MANIFEST_DIR"), "/known/expressions.tsv"), most: 22 };
pub const QUERIES: List = List { file: concat!(env!("CARGO_MANIFEST_DIR"), "/known/queries.tsv"), most: 6 };

impl List {
    pub fn read(&self) -> Known {
        Known::of(&std::fs::read_to_string(self.file).unwrap_or_else(|error| panic!("{}: {error}", self.file)))
    }
}

pub struct Known {
    rules: Vec<Rule>,
    met: BTreeSet<usize>,
}

struct Rule {
    kind: Kind,
    sql: Regex,
    answers: Regex,
    text: String,
}

impl Known {
    /// Of the lines of a list; `#` begins a line of comment.
    pub fn of(text: &str) -> Known {
        let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        Known { rules: lines.map(rule).collect(), met: BTreeSet::new() }
    }

    pub fn len(&self) -> usize {
        self.rules.len()
    }

    /// Whether a line speaks of this difference.
    pub fn holds(&mut self, sql: &str, difference: &Difference) -> bool {
        let answers = format!("{} / {}", difference.nutkin, difference.flink);
        let fits =
            |rule: &Rule| rule.kind == difference.kind && rule.sql.is_match(sql) && rule.answers.is_match(&answers);
        let found = self.rules.iter().position(fits);
        found.map(|index| self.met.insert(index)).is_some()
    }

    /// The lines that spoke of nothing.
    pub fn unmet(&self) -> Vec<&str> {
        let unmet = self.rules.iter().enumerate().filter(|(index, _)| !self.met.contains(index));
        unmet.map(|(_, rule)| rule.text.as_str()).collect()
    }
}

fn rule(line: &str) -> Rule {
    let [kind, sql, answers, reason] =
        line.split('\t').collect::<Vec<_>>().try_into().unwrap_or_else(|_| panic!("{line}"));
    assert!(!reason.trim().is_empty(), "no reason: {line}");
    let kind = Kind::ALL.iter().find(|(_, name)| *name == kind).unwrap_or_else(|| panic!("'{kind}' is no kind")).0;
    let pattern = |text: &str| Regex::new(text).unwrap_or_else(|error| panic!("{line}: {error}"));
    Rule { kind, sql: pattern(sql), answers: pattern(answers), text: line.to_owned() }
}
