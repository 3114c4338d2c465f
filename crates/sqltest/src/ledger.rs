//! [`Ledger`]: cases that are known to fail, each with its reason. A failing case that is not listed fails the run; one that is
//! listed and passes is named, so that the list only gets shorter.

use std::collections::BTreeMap;
use std::path::Path;

use crate::case::{Case, Outcome};
use crate::error::Error;
use crate::runner::Finished;

const HEAD: &str =
    "# Cases that are known to fail: id, tab, reason. `nutkin test ... --ledger FILE --update` writes this file.\n";

/// Ids with reasons.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ledger(BTreeMap<String, String>);

impl Ledger {
    /// Reads a file; one that does not exist is empty.
    ///
    /// # Errors
    /// NUTKIN-6301.
    pub fn read(path: &Path) -> Result<Ledger, Error> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(Error::Path { path: path.to_owned(), problem: error.to_string() }),
        };
        let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
        Ok(Ledger(
            lines.map(|line| line.split_once('\t').unwrap_or((line, ""))).map(|(a, b)| (a.into(), b.into())).collect(),
        ))
    }

    /// What would have to be listed.
    pub fn of(cases: &[Case], finished: &[Finished]) -> Ledger {
        let failed = finished.iter().filter(|finished| finished.outcome.has_failed());
        let line = |finished: &Finished| {
            let reason: String = finished.outcome.reason().replace('\t', " ").chars().take(160).collect();
            (cases[finished.case].id.clone(), reason)
        };
        Ledger(failed.map(line).collect())
    }

    pub fn write(&self, path: &Path) -> Result<(), Error> {
        let lines: String = self.0.iter().map(|(id, reason)| format!("{id}\t{reason}\n")).collect();
        let failed = |error: std::io::Error| Error::Write { path: path.to_owned(), problem: error.to_string() };
        std::fs::write(path, HEAD.to_owned() + &lines).map_err(failed)
    }

    pub fn contains(&self, id: &str) -> bool {
        self.0.contains_key(id)
    }

    /// Listed cases that ran and passed.
    pub fn obsolete<'a>(&self, cases: &'a [Case], finished: &[Finished]) -> Vec<&'a str> {
        let passed = finished.iter().filter(|finished| matches!(finished.outcome, Outcome::Passed(_)));
        passed.map(|finished| cases[finished.case].id.as_str()).filter(|id| self.contains(id)).collect()
    }
}
